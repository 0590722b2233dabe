package dunning

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/customer"
	"dunwell/internal/day"
	"dunwell/internal/errs"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
)

// Whose says whose customers the agenda has.
type Whose string

// Whose it can be. Unassigned are the customers whom nobody owns who still works
// here; Team are all.
const (
	Mine       Whose = "mine"
	Team       Whose = "team"
	Unassigned Whose = "unassigned"
)

// Sort is an order of the agenda.
type Sort string

// The orders of the agenda. ByAmount goes by one currency after the other, the
// company's own first: two currencies are never compared.
const (
	ByRank   Sort = "rank" // the highest level first, in it the longest overdue
	ByDays   Sort = "days"
	ByAmount Sort = "amount"
)

// Filter chooses entries of the agenda, for the list, for a walk and for a bulk.
// What is zero does not filter, but for Later: the list has either those who are
// put away until a later day or the others.
type Filter struct {
	Whose    Whose
	Member   int64 // whose Mine means; 0: the actor's
	Later    bool
	Level    *int // its number; nil: all
	Why      Why
	BranchID int64
	Kind     customer.Kind
	Text     string // as typed into the search
	Sort     Sort
	After    Key
	Limit    int
}

// Key is where a page of the agenda ends, so that the next one goes on from there.
type Key struct {
	Level    int
	DueOn    day.Day
	Currency money.Currency
	Amount   int64
	ID       int64 // of the entry; 0: from the start
}

// ErrOthersAgenda refuses the agenda of somebody else.
const ErrOthersAgenda = errs.Forbidden("This is somebody else’s agenda. Managers see everybody’s; your own stands under Agenda.")

// CanSee tells who may look at what the filter chooses: at one’s own everybody,
// at all else managers.
func (f Filter) CanSee(a tenant.Actor) bool {
	return a.Is(tenant.Manager) || f.Whose == Mine && (f.Member == 0 || f.Member == a.MemberID)
}

// ownersSQL are the conditions of whose customer the entry e is.
var ownersSQL = map[Whose]string{
	Mine:       ` AND e.owner_id = @owner`,
	Team:       ``,
	Unassigned: ` AND (e.owner_id IS NULL OR e.owner_id = ANY(ARRAY(SELECT m.id FROM members m WHERE m.tenant_id = @tenant AND NOT m.active)))`,
}

// laterSQL tells the entries that are put away from those to be worked.
var laterSQL = map[bool]string{
	true:  ` AND e.later_on > @today`,
	false: ` AND (e.later_on IS NULL OR e.later_on <= @today)`,
}

// from names the entries that are chosen as e, without their order and page. Each
// table and condition stands there only where it is asked for, so that the plain
// list is read from its index.
func (f Filter) from() string {
	sql := `
		FROM agenda_entries e`
	if f.BranchID != 0 || f.Kind != "" {
		sql += `
		JOIN customers c ON c.tenant_id = @tenant AND c.id = e.customer_id`
	}
	if f.Text != "" {
		sql += `
		JOIN (SELECT DISTINCT s.customer_id FROM search_customers(@text, NULL) s) w ON w.customer_id = e.customer_id`
	}
	sql += `
		WHERE e.tenant_id = @tenant AND e.state = 'open'` + ownersSQL[f.Whose] + laterSQL[f.Later]
	for _, condition := range []struct {
		asked bool
		sql   string
	}{
		{f.Level != nil, `e.level_number = @level`},
		{f.Why != "", `e.why = @why`},
		{f.Why != "" && !slices.Contains(plain, f.Why), urgent},
		{f.BranchID != 0, `c.branch_id = @branch`},
		{f.Kind != "", `c.kind = @kind`},
	} {
		if condition.asked {
			sql += ` AND ` + condition.sql
		}
	}
	return sql
}

// plain are the reasons that come by themselves. The others have an index of their
// own, for which the condition has to be repeated.
var plain = []Why{WhyLevel, WhyRepeat, WhyChosenDay}

const urgent = `e.why NOT IN ('level', 'repeat', 'chosen_day')`

func (f Filter) args(tx *tenant.Tx) pgx.NamedArgs {
	owner := f.Member
	if owner == 0 {
		owner = tx.Actor.MemberID
	}
	a := f.After
	return pgx.NamedArgs{"tenant": tx.Actor.TenantID, "today": tx.Today(), "own": tx.Actor.Tenant.Currency, "owner": owner, "level": f.Level, "why": f.Why,
		"branch": f.BranchID, "kind": f.Kind, "text": strings.TrimSpace(f.Text),
		"at_level": a.Level, "at_due": a.DueOn, "at_currency": a.Currency, "at_amount": a.Amount, "at_id": a.ID}
}

// agendaOrder is how a Sort is written: the order, and which entries come after a
// key.
type agendaOrder struct{ by, after string }

var agendaOrders = map[Sort]agendaOrder{
	ByRank: {by: `e.level_number DESC, e.due_on, e.id`,
		after: ` AND e.level_number <= @at_level AND (e.level_number < @at_level OR (e.due_on, e.id) > (@at_due::date, @at_id::bigint))`},
	ByDays: {by: `e.due_on, e.id`, after: ` AND (e.due_on, e.id) > (@at_due::date, @at_id::bigint)`},
	ByAmount: {by: `e.currency <> @own, e.currency, e.to_collect DESC, e.id`,
		after: ` AND (e.currency <> @own, e.currency::text, -e.to_collect, e.id) > (@at_currency::text <> @own, @at_currency::text, -(@at_amount::bigint), @at_id::bigint)`},
}

// chosen are the ids of the entries that the filter chooses, in their order: its
// page, or all where it has no limit.
func (f Filter) chosen() (string, error) {
	o, known := agendaOrders[f.Sort]
	if _, ok := ownersSQL[f.Whose]; !known || !ok {
		return "", errs.Invalid{"": "This address of the agenda is damaged. Start again from the agenda itself."}
	}
	sql := `SELECT e.id, row_number() OVER (ORDER BY ` + o.by + `) AS nth` + f.from()
	if f.After.ID != 0 {
		sql += o.after
	}
	sql += `
		ORDER BY ` + o.by
	if f.Limit > 0 { // as it stands: with a place for it, the database plans for a tenth of all
		sql += `
		LIMIT ` + strconv.Itoa(f.Limit)
	}
	return sql, nil
}

// IDs lists the entries that the filter chooses in their order, of its page or all.
func (f Filter) IDs(ctx context.Context, tx *tenant.Tx) ([]int64, error) {
	if !f.CanSee(tx.Actor) {
		return nil, ErrOthersAgenda
	}
	sql, err := f.chosen()
	if err != nil {
		return nil, err
	}
	rows, _ := tx.Query(ctx, `SELECT k.id FROM (`+sql+`) k ORDER BY k.nth`, f.args(tx))
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return nil, fmt.Errorf("choose agenda entries: %w", err)
	}
	return ids, nil
}

// String writes the key for an address.
func (k Key) String() string {
	if k.ID == 0 {
		return ""
	}
	return fmt.Sprintf("%d~%s~%s~%d~%d", k.Level, k.DueOn, k.Currency, k.Amount, k.ID)
}

// ParseKey reads what String wrote; what is damaged is the start.
func ParseKey(s string) (k Key) {
	parts := strings.Split(s, "~")
	if len(parts) != 5 {
		return Key{}
	}
	var err [4]error
	k.Level, err[0] = strconv.Atoi(parts[0])
	k.DueOn, err[1] = day.Parse(parts[1])
	k.Amount, err[2] = strconv.ParseInt(parts[3], 10, 64)
	k.ID, err[3] = strconv.ParseInt(parts[4], 10, 64)
	k.Currency = money.Currency(parts[2])
	for _, e := range err {
		if e != nil {
			return Key{}
		}
	}
	return k
}

// CanBulk tells who does something with many entries at once.
func CanBulk(a tenant.Actor) bool { return a.Is(tenant.Manager) }

// ErrBulk refuses who may not.
const ErrBulk = errs.Forbidden("Only managers and administrators work many entries at once. Ask one of yours.")

// NotOpen are those of the entries that are closed, or not there for who asks.
func NotOpen(ctx context.Context, tx *tenant.Tx, ids []int64) ([]int64, error) {
	rows, _ := tx.Query(ctx, `
		SELECT k.id
		FROM unnest(@ids::bigint[]) WITH ORDINALITY k (id, nth)
		LEFT JOIN agenda_entries e ON e.tenant_id = @tenant AND e.id = k.id AND e.state = 'open'
		WHERE e.id IS NULL
		ORDER BY k.nth`, pgx.NamedArgs{"tenant": tx.Actor.TenantID, "ids": ids})
	gone, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return nil, fmt.Errorf("find the entries that are closed: %w", err)
	}
	return gone, nil
}

// FindEntries reads entries in the order given; those that are not there are
// left out.
func FindEntries(ctx context.Context, tx *tenant.Tx, ids []int64) ([]Entry, error) {
	rows, _ := tx.Query(ctx, `
		SELECT `+entryColumns+`
		FROM unnest(@ids::bigint[]) WITH ORDINALITY k (id, nth)
		CROSS JOIN `+entrySource+`
		WHERE e.tenant_id = @tenant AND e.id = k.id
		ORDER BY k.nth`, pgx.NamedArgs{"tenant": tx.Actor.TenantID, "ids": ids})
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Entry])
	if err != nil {
		return nil, fmt.Errorf("find agenda entries: %w", err)
	}
	return list, nil
}
