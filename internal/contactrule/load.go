package contactrule

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/customer"
	"dunwell/internal/day"
	"dunwell/internal/tenant"
)

// limits are the rules in force and what they are counted by.
type limits struct {
	rules    []Rule
	holidays map[day.Day]string // the company's, by name
	calls    []call             // as far back as a rule looks, the newest first
	wishes   []wish             // that have not ended
}

// call is a call that was tried or taken.
type call struct {
	CustomerID   int64
	PointID      *int64 // nil: a number that is not on file
	Number       string
	Incoming     bool
	AskedFor     bool // by the debtor: no attempt of ours
	Conversation bool // with the debtor
	At           time.Time
	Accounts     []int64 // none: about all of them
	Names        []string
}

// wish is the debtor's own, to be contacted.
type wish struct {
	CustomerID int64
	PointID    int64
	Channel    customer.Channel
	At, Until  time.Time // between which it counts
	Wrote      bool      // by writing through the point: what follows is an answer
}

// queue asks for the limits in a batch; done is called when they are there.
func (f *facts) queue(b *tenant.Batch, customerID int64, done func()) {
	const ofAll = ` AND c.customer_id = ANY(@customer::bigint || ARRAY(SELECT d.id FROM customers d WHERE d.tenant_id = @tenant AND d.merged_into = @customer))`
	args := pgx.NamedArgs{"tenant": b.Tx.Actor.TenantID, "customer": customerID, "now": f.now, "from": day.Of(f.now).Add(-2)}
	queueRules(b, args, &f.limits)
	b.Seldom("list calls", tenant.Calls, []int64{customerID}, callsSQL+ofAll+orderCalls, args, tenant.Into(&f.calls))
	b.Seldom("list what the debtor asked for", tenant.Requests, []int64{customerID}, wishesSQL+` AND w.customer_id = @customer
		ORDER BY w.until DESC`, args, tenant.Into(&f.wishes))
	b.Lastly(done)
}

// What the limits are read by; both name the customer that a row is of. The calls to one
// who turned out to be another count for that one.
const (
	callsSQL = `
		SELECT coalesce(d.merged_into, c.customer_id) AS customer_id,
			CASE WHEN d.merged_into IS NULL THEN c.contact_point_id ELSE (
				SELECT s.id
				FROM contact_points o
				JOIN contact_points s ON s.tenant_id = @tenant AND s.customer_id = d.merged_into AND s.kind = o.kind AND s.value = o.value AND lower(s.person) = lower(o.person)
				WHERE o.tenant_id = @tenant AND o.id = c.contact_point_id
				ORDER BY s.retired_at IS NOT NULL, s.id
				LIMIT 1) END AS point_id, c.number, c.direction = 'in' AS incoming, c.asked_for, c.at, a.accounts, a.names,
			EXISTS (
				SELECT FROM call_events e
				WHERE e.tenant_id = @tenant AND e.customer_id = c.customer_id AND e.call_attempt_id = c.id AND e.conversation) AS conversation
		FROM call_attempts c
		LEFT JOIN customers d ON d.tenant_id = @tenant AND d.id = c.customer_id AND d.merged_into IS NOT NULL
		CROSS JOIN LATERAL (
			SELECT coalesce(array_agg(x.account_id), '{}') AS accounts, coalesce(array_agg(n.number), '{}') AS names
			FROM call_attempt_accounts x
			JOIN accounts n ON n.tenant_id = @tenant AND n.id = x.account_id
			WHERE x.tenant_id = @tenant AND x.call_attempt_id = c.id) a
		WHERE c.tenant_id = @tenant AND c.at > @now::timestamptz - make_interval(days => 2 + (
			SELECT coalesce(max(greatest(r.attempt_days, r.quiet_days, 1)), 0)
			FROM contact_rules r
			WHERE r.tenant_id = @tenant AND r.retired_at IS NULL))`
	orderCalls = `
		ORDER BY c.at DESC, c.id DESC`
	wishesSQL = `
		SELECT w.customer_id, w.contact_point_id AS point_id, w.channel, coalesce(w.not_before, w.at) AS at, w.until, w.source = '` + theirOwn + `' AS wrote
		FROM contact_requests w
		WHERE w.tenant_id = @tenant AND w.until > @now`
)

// queueRules asks for the rules in force and the holidays, on which some of them are
// closed: these come with each rule, so that they take no question of their own.
func queueRules(b *tenant.Batch, args pgx.NamedArgs, into *limits) {
	b.Queue("list contact rules", selectRules+`, (
			SELECT json_object_agg(h.day, h.name)::text
			FROM holidays h
			WHERE h.tenant_id = @tenant AND h.day >= @from) AS off`+fromRules+` AND r.retired_at IS NULL
		ORDER BY r.id`, args, func(rows pgx.Rows) error {
		list, err := tenant.Collect(rows, pgx.RowToAddrOfStructByName[struct {
			Rule
			Off *string
		}])
		if err != nil {
			return err
		}
		for _, r := range list {
			into.rules = append(into.rules, r.Rule)
		}
		if len(list) == 0 || list[0].Off == nil {
			return nil
		}
		return json.Unmarshal([]byte(*list[0].Off), &into.holidays)
	})
}

// wished is what the debtor asked of this contact; zero: nothing.
func (f facts) wished(a Ask) wish {
	for _, w := range f.wishes {
		if w.PointID == a.PointID && w.Channel == a.Channel && !f.now.Before(w.At) && f.now.Before(w.Until) {
			return w
		}
	}
	return wish{}
}

// concerns tells that the call counts for who is behind the point: the same
// person, the same telephone, or a number of which nobody knows whose it is.
func (f facts) concerns(c call, p customer.ContactPoint) bool {
	if c.Number == p.Value || c.PointID == nil {
		return true
	}
	called := f.point(*c.PointID)
	return called != nil && f.person(*called) == f.person(p)
}

// person tells people apart: by name, and where none is given by role. A limit is not
// lifted by the spelling of a name. Who owes is one person therefore, however the points
// call them, and whoever else goes by one of those names is taken for them. Several work
// at a business, with names that differ.
func (f facts) person(p customer.ContactPoint) string {
	if f.customer.Kind == customer.Consumer && (owes(p) || slices.ContainsFunc(f.care.Points, func(o customer.ContactPoint) bool {
		return owes(o) && !o.Retired && f.calledAs(o) == f.calledAs(p)
	})) {
		return "\nwho owes"
	}
	return f.calledAs(p)
}

// owes tells that the person behind the point is the debtor: a second one on an account
// has a role of their own.
func owes(p customer.ContactPoint) bool {
	return p.Role == customer.Debtor || p.Role == customer.Borrower
}

// calledAs is the name of who is behind the point, whatever its spaces and capitals.
// Who owes goes by the customer's where none is given, and others by their role.
func (f facts) calledAs(p customer.ContactPoint) string {
	name := p.Person
	if name == "" && owes(p) {
		name = f.customer.Name
	}
	if name == "" {
		return "\n" + string(p.Role)
	}
	return strings.ToLower(strings.Join(strings.Fields(name), " "))
}

// about tells that the call counts for the account; 0 stands for those that no
// call names.
func (c call) about(account int64) bool {
	return len(c.Accounts) == 0 || slices.Contains(c.Accounts, account)
}
