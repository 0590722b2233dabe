package customer

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/day"
	"dunwell/internal/tenant"
)

// Care is what to know before anybody contacts a customer: whom, when, and what
// stands in the way.
type Care struct {
	Points []ContactPoint // those out of use last
	Times  []ContactTime
	Stops  []Stop // in force, the oldest first
	// LastContact is the newest note that a person typed, or of a call, or of a message
	// that came in or was sent; nil where there is none.
	LastContact *Contact
}

// Contact is when somebody last wrote of the customer, and what.
type Contact struct {
	CustomerID int64 // whose journal it stands in: that of a merged one too
	Seq        int64
	At         time.Time
	Author     string
	Incoming   bool // the customer wrote: the author only took it in, or said whose it is
	Text       string
}

// said is the condition that a row n of notes tells of a contact: somebody typed
// it, or it is of a conversation, or of a message that was sent or came in and is not
// taken back as another's. @tenant is named in it.
const said = `n.kind IN ('note', 'call', 'activity', 'contact', 'email', 'letter', 'sms') AND (n.kind IN ('note', 'call', 'activity', 'contact') OR n.subject = 'received' AND NOT EXISTS (
	SELECT FROM notes k
	WHERE k.tenant_id = @tenant AND k.customer_id = n.customer_id AND k.corrects = n.seq) OR EXISTS (
	SELECT FROM messages m
	WHERE m.tenant_id = @tenant AND m.id = n.subject_id AND m.state IN ('sent', 'delivered')))`

// orderPoints puts first the point to try first.
const orderPoints = `
		ORDER BY p.retired_at IS NOT NULL, p.kind = 'email' AND p.bad_at IS NOT NULL, p.preferred DESC,
			array_position(ARRAY['debtor', 'borrower', 'co_borrower', 'guarantor', 'representative', 'third_party'], p.role), p.person, p.id`

// CareOf reads it in one round trip.
func CareOf(ctx context.Context, tx *tenant.Tx, customer int64) (care Care, err error) {
	b := tx.Batch()
	QueueCare(b, customer, &care)
	err = b.Send(ctx)
	return care, err
}

// QueueCare is CareOf in a batch.
func QueueCare(b *tenant.Batch, customer int64, into *Care) {
	args := pgx.NamedArgs{"tenant": b.Tx.Actor.TenantID, "customer": customer}
	queuePoints(b, []int64{customer}, `= @customer`, "", args, &into.Points)
	b.Seldom("list contact times", tenant.Times, []int64{customer}, selectTimes+`
		ORDER BY t.kind, t.weekdays, t.from_time, t.id`, args, tenant.Into(&into.Times))
	b.Seldom("list stops", tenant.Stops, []int64{customer}, selectStops+` AND s.lifted_at IS NULL
		ORDER BY s.placed_at, s.id`, args, tenant.Into(&into.Stops))
	b.Queue("find the last contact", `
		SELECT l.customer_id, l.seq, l.at, l.author, l.incoming, l.text
		FROM (`+LastContact(`@customer`)+`) l`, args, tenant.First(&into.LastContact))
	var of *Contact
	b.Seldom("find the last contact of those who were merged into it", tenant.Merged, []int64{customer}, `
		SELECT l.customer_id, l.seq, l.at, l.author, l.incoming, l.text
		FROM (SELECT d.id FROM customers d WHERE d.tenant_id = @tenant AND d.merged_into = @customer) d
		CROSS JOIN LATERAL (`+LastContact(`d.id`)+`) l
		ORDER BY l.at DESC
		LIMIT 1`, args, func(rows pgx.Rows) error {
		err := tenant.First(&of)(rows)
		if of != nil && (into.LastContact == nil || of.At.After(into.LastContact.At)) {
			into.LastContact = of
		}
		return err
	})
}

// LastContact is a query for the last contact in the journal of a customer, who is
// named by an expression: of the newest notes of such the one that is of the latest
// moment, with customer_id, seq, at, author, incoming, kind and text. What came in is of
// the moment at which it was sent, which may be long before somebody says whose it is.
// @tenant is named in it.
func LastContact(customer string) string {
	return `
		SELECT c.customer_id, c.seq, c.at, c.author, c.incoming, c.kind, c.text
		FROM (
			SELECT n.customer_id, n.seq, coalesce(CASE n.subject WHEN 'received' THEN (
				SELECT r.at FROM received r WHERE r.tenant_id = @tenant AND r.id = n.subject_id) END, n.at) AS at,
				n.author, n.subject = 'received' AS incoming, n.kind, n.text
			FROM notes n
			WHERE n.tenant_id = @tenant AND n.customer_id = ` + customer + ` AND ` + said + `
			ORDER BY n.seq DESC
			LIMIT 5) c
		ORDER BY c.at DESC, c.seq DESC
		LIMIT 1`
}

// Security is what stands beside the accounts: vehicles, and every stop there
// ever was.
type Security struct {
	Vehicles []Vehicle // those out of use last
	Stops    []Stop    // the newest first
}

// QueueSecurity asks for it in a batch.
func QueueSecurity(b *tenant.Batch, customer int64, into *Security) {
	args := pgx.NamedArgs{"tenant": b.Tx.Actor.TenantID, "customer": customer}
	b.Queue("list vehicles", selectVehicles+` ORDER BY v.retired_at IS NOT NULL, v.id`, args, tenant.Into(&into.Vehicles))
	b.Queue("list all stops", selectStops+` ORDER BY s.placed_at DESC, s.id DESC`, args, tenant.Into(&into.Stops))
}

// InUse are the contact points that are not retired.
func (c Care) InUse() []ContactPoint {
	return slices.DeleteFunc(slices.Clone(c.Points), func(p ContactPoint) bool { return p.Retired })
}

// First is the point of the kind to try first: the preferred one, else the one
// nearest to the debt; never a third party's, and no address that does not work. While a stop stands only the
// representative's is left. nil where there is none.
func (c Care) First(k PointKind) *ContactPoint {
	for i, p := range c.Points {
		if p.Kind == k && p.usable() && p.Role != ThirdParty && (len(c.Stops) == 0 || p.Role == Representative) {
			return &c.Points[i]
		}
	}
	return nil
}

// TimesOf are the times of a kind: Best or Forbidden.
func (c Care) TimesOf(kind string) []ContactTime {
	return slices.DeleteFunc(slices.Clone(c.Times), func(t ContactTime) bool { return t.Kind != kind })
}

// Dated is something of a customer that somebody has to look at by a day.
type Dated struct {
	On   day.Day
	Kind string // the noun of what it is about: stop, watch, contact_point
	ID   int64  // 0 for the watch flag
	What string
}

// Dates lists what comes up with the customer, the earliest first: stops and
// opt-outs to be reviewed, and the last day of the watch flag, until somebody puts
// it away or sets another.
func (c Care) Dates(of Customer) []Dated {
	var all []Dated
	for _, s := range c.Stops {
		all = append(all, Dated{On: s.ReviewOn, Kind: "stop", ID: s.ID, What: "Review the stop: " + s.Kind.Name()})
	}
	for _, p := range c.InUse() {
		for _, said := range p.Permissions {
			if said.State == OptOut {
				all = append(all, Dated{On: said.ReviewOn, Kind: "contact_point", ID: p.ID,
					What: fmt.Sprintf("Review the opt-out from %s: %s", said.Channel.Name(), p.Shown())})
			}
		}
	}
	if of.WatchReason != "" {
		all = append(all, Dated{On: of.WatchUntil, Kind: "watch", What: "The watch flag ends: " + of.WatchReason})
	}
	slices.SortStableFunc(all, func(a, b Dated) int { return cmp.Compare(a.On.Sub(b.On), 0) })
	return all
}
