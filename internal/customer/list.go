package customer

import (
	"context"
	"strconv"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/day"
	"dunwell/internal/errs"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
)

// Sort is an order of the customer list.
type Sort string

// The orders of the customer list.
const (
	ByOverdue Sort = "overdue" // the most overdue in the list's currency first
	ByOldest  Sort = "oldest"  // the longest overdue in the list's currency first
	ByName    Sort = "name"
	ByNumber  Sort = "number"
)

// Filter chooses customers for the list, for an export and for a bulk change.
// What is zero does not filter, but for Archived: the list has either those who
// are archived or the others.
type Filter struct {
	Text     string // as typed into the search
	OwnerID  *int64 // nil: all; 0: nobody works them
	BranchID *int64 // nil: all; 0: those without one
	Kind     Kind   // empty: both
	Tag      string // only who has it
	Overdue  bool   // only who is overdue, in whatever currency
	Stopped  bool   // only who has a stop in force
	Watched  bool   // only who has a watch flag today
	Archived bool
	Sort     Sort
	// Currency is the one that Overdue and Oldest go by. Everybody has figures in
	// the tenant's own; another one leaves out who never had any in it.
	Currency money.Currency
	After    Key
	Limit    int
}

// Key is where a page of the list ends, so that the next one goes on from there.
type Key struct {
	Value string // of what the list is sorted by; empty: from the start
	ID    int64
}

// Row is a customer in the list.
type Row struct {
	ID       int64
	Number   string
	Name     string
	Kind     Kind
	City     string
	OwnerID  *int64
	BranchID *int64
	Stops    []string // the kinds of stops in force
	Watched  bool
	Merged   bool // into another one: it is not worked
	Key      Key
}

// from names the list's tables and who of them is chosen. Each condition stands
// there only where it is asked for, so that the planner can begin with the rarest.
// The currency is hidden from it: to whoever sees it the planner promises more
// than to who does not, and would plan the list anew each time.
func (f Filter) from() string {
	const tables = `
		FROM customer_totals t
		JOIN customers c ON c.tenant_id = @tenant AND c.id = t.customer_id`
	sql := tables
	if f.Text != "" {
		sql += `
		JOIN (
			SELECT DISTINCT coalesce(d.merged_into, s.customer_id) AS customer_id
			FROM search_customers(@text, NULL) s
			JOIN customers d ON d.tenant_id = @tenant AND d.id = s.customer_id) w ON w.customer_id = c.id`
	}
	if f.Tag != "" {
		sql += `
		JOIN tagged_customers(@tag) g (id) ON g.id = c.id`
	}
	sql += `
		WHERE t.tenant_id = @tenant AND t.currency = (SELECT @currency::bpchar)`
	for _, condition := range []struct {
		asked bool
		sql   string
	}{
		{f.Archived, `c.archived_at IS NOT NULL`},
		{!f.Archived, `c.archived_at IS NULL`},
		{f.OwnerID != nil && *f.OwnerID != 0, `c.owner_id = @owner`},
		{f.OwnerID != nil && *f.OwnerID == 0, `c.owner_id IS NULL`},
		{f.BranchID != nil && *f.BranchID != 0, `c.branch_id = @branch`},
		{f.BranchID != nil && *f.BranchID == 0, `c.branch_id IS NULL`},
		{f.Kind != "", `c.kind = @kind`},
		{f.Overdue, `EXISTS (SELECT FROM customer_totals x WHERE x.tenant_id = @tenant AND x.customer_id = c.id AND x.overdue > 0)`},
		{f.Stopped, `EXISTS (SELECT FROM stops s WHERE s.tenant_id = @tenant AND s.customer_id = c.id AND s.lifted_at IS NULL)`},
		{f.Watched, `c.watch_until >= @today`},
	} {
		if condition.asked {
			sql += `
			AND ` + condition.sql
		}
	}
	return sql
}

// facts is what the filter asks for, for the record.
func (f Filter) facts() map[string]any {
	facts := map[string]any{}
	for name, v := range map[string]any{"text": cut(f.Text), "kind": string(f.Kind), "tag": TidyTag(f.Tag), "overdue": f.Overdue, "stopped": f.Stopped,
		"watched": f.Watched, "archived": f.Archived} {
		if v != "" && v != false {
			facts[name] = v
		}
	}
	if f.OwnerID != nil {
		facts["owner"] = *f.OwnerID
	}
	if f.BranchID != nil {
		facts["branch"] = *f.BranchID
	}
	return facts
}

func (f Filter) args(tx *tenant.Tx) pgx.NamedArgs {
	return pgx.NamedArgs{"tenant": tx.Actor.TenantID, "today": tx.Today(), "currency": f.Currency, "text": cut(f.Text), "owner": f.OwnerID,
		"branch": f.BranchID, "kind": f.Kind, "tag": TidyTag(f.Tag)}
}

// order is how a Sort is written: what it goes by, and which rows come after a key,
// whose value is of type of.
type order struct{ by, after, sort, of string }

var orders = map[Sort]order{
	ByOverdue: {by: "t.overdue", of: "bigint",
		after: "t.overdue <= @value::bigint AND (t.overdue < @value::bigint OR t.customer_id > @id)",
		sort:  "t.overdue DESC, t.customer_id"},
	ByOldest: {by: "coalesce(t.oldest_due_on, 'infinity')", of: "date",
		after: "(coalesce(t.oldest_due_on, 'infinity'), t.customer_id) > (@value::date, @id)",
		sort:  "coalesce(t.oldest_due_on, 'infinity'), t.customer_id"},
	ByName:   {by: "c.name_key", of: "text", after: "(c.name_key, c.id) > (@value::text, @id)", sort: "c.name_key, c.id"},
	ByNumber: {by: "c.number", of: "text", after: "(c.number, c.id) > (@value::text, @id)", sort: "c.number, c.id"},
}

// valid tells whether the key's value can be one of the order's, so that a
// damaged address is refused before the database sees it.
func (o order) valid(k Key) bool {
	switch {
	case k.Value == "" || k.Value == "infinity" && o.of == "date":
		return true
	case o.of == "bigint":
		_, err := strconv.ParseInt(k.Value, 10, 64)
		return err == nil
	case o.of == "date":
		_, err := day.Parse(k.Value)
		return err == nil
	}
	return true
}

// errDamaged answers what no form or link of ours asks for.
var errDamaged = errs.Invalid{"": "This address of the list is damaged. Start again from its first page."}

// List reads one page of the customers that fit the filter.
func List(ctx context.Context, tx *tenant.Tx, f Filter) (list []Row, err error) {
	b := tx.Batch()
	if err := QueueList(b, f, &list); err != nil {
		return nil, err
	}
	err = b.Send(ctx)
	return list, err
}

// QueueList is List in a batch. A filter that no link of ours makes is refused
// before anything is asked.
func QueueList(b *tenant.Batch, f Filter, into *[]Row) error {
	o, known := orders[f.Sort]
	if !known || !o.valid(f.After) {
		return errDamaged
	}
	after := ""
	if f.After.Value != "" {
		after = " AND " + o.after
	}
	args := f.args(b.Tx)
	args["value"], args["id"] = f.After.Value, f.After.ID
	b.Queue("list customers", `
		SELECT c.id, c.number, c.name, c.kind, c.city, c.owner_id, c.branch_id,
			ARRAY(
				SELECT s.kind FROM stops s
				WHERE s.tenant_id = @tenant AND s.customer_id = c.id AND s.lifted_at IS NULL
				ORDER BY s.kind),
			coalesce(c.watch_until >= @today, false), c.merged_into IS NOT NULL, `+o.by+`::text`+f.from()+after+`
		ORDER BY `+o.sort+`
		LIMIT `+strconv.Itoa(f.Limit), args, func(rows pgx.Rows) (err error) {
		*into, err = pgx.CollectRows(rows, scanRow)
		return err
	})
	return nil
}

func scanRow(row pgx.CollectableRow) (r Row, err error) {
	err = row.Scan(&r.ID, &r.Number, &r.Name, &r.Kind, &r.City, &r.OwnerID, &r.BranchID, &r.Stops, &r.Watched, &r.Merged, &r.Key.Value)
	r.Key.ID = r.ID
	return r, err
}

// QueueCount asks in a batch how many customers a bulk change of all that fit the filter
// is of, looking no further than most; 0: all of them.
func QueueCount(b *tenant.Batch, f Filter, most int, into *int) {
	args := f.args(b.Tx)
	args["most"] = most
	from := f.from()
	if f.Archived { // of the others none was merged
		from += " AND " + unmerged
	}
	b.Queue("count customers", `SELECT count(*) FROM (SELECT `+from+` LIMIT nullif(@most, 0)) c`, args, func(rows pgx.Rows) (err error) {
		*into, err = pgx.CollectExactlyOneRow(rows, pgx.RowTo[int])
		return err
	})
}

// QueueCurrencies asks in a batch in which currencies anybody has figures, the
// tenant's own first. It jumps from one to the next along the index: there may be
// a million rows, and there are few currencies.
func QueueCurrencies(b *tenant.Batch, into *[]money.Currency) {
	own := b.Tx.Actor.Tenant.Currency
	b.Queue("list currencies", `
		WITH RECURSIVE used AS (
			(SELECT t.currency FROM customer_totals t WHERE t.tenant_id = @tenant ORDER BY t.currency LIMIT 1)
			UNION ALL
			SELECT (SELECT t.currency FROM customer_totals t
				WHERE t.tenant_id = @tenant AND t.currency > u.currency
				ORDER BY t.currency LIMIT 1)
			FROM used u
			WHERE u.currency IS NOT NULL)
		SELECT currency FROM used WHERE currency IS NOT NULL AND currency <> @own`,
		pgx.NamedArgs{"tenant": b.Tx.Actor.TenantID, "own": own}, func(rows pgx.Rows) error {
			others, err := pgx.CollectRows(rows, pgx.RowTo[money.Currency])
			*into = append([]money.Currency{own}, others...)
			return err
		})
}

// Owner is a member who works customers, or did.
type Owner struct {
	ID     int64
	Name   string
	Active bool
}

// QueueOwners asks in a batch for all members by name, for the list's owners and
// its filter: those who left may still own customers.
func QueueOwners(b *tenant.Batch, into *[]Owner) {
	b.Queue("list owners", `
		SELECT m.id, u.name, m.active
		FROM members m
		JOIN users u ON u.id = m.user_id
		WHERE m.tenant_id = @tenant
		ORDER BY lower(u.name), m.id`,
		pgx.NamedArgs{"tenant": b.Tx.Actor.TenantID}, tenant.Into(into))
}
