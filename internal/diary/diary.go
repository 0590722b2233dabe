// Package diary says what a member has to do: one list over what other packages
// keep by day and person, each customer once, with every reason. It changes none
// of what it lists; only the walk through a day's list is its own.
package diary

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/customer"
	"dunwell/internal/errs"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
)

// NoOwner stands for a member where nobody is left to do what is to be done: the
// assignee has left, or nobody who still works here owns the customer.
const NoOwner int64 = 0

// PageSize is how many customers Read returns.
const PageSize = 50

// Day is a page of what a member has to do today, and how much it is in all.
type Day struct {
	Of      int64 // the member, or NoOwner
	Total   int   // customers; those of whom something is late are Late
	Late    int
	Reviews int // of the Total, where a stop, an opt-out or a watch flag is to be looked at
	From    int // how many stand before the first entry
	Entries []Entry
	Timed   []Timed // what has its hour today, by the hour; TimedShown at most
}

// Entry is a customer of whom something is to be done today.
type Entry struct {
	Rank       int // from 1
	CustomerID int64
	Number     string
	Name       string
	Reasons    []Reason // the first of them; More is how many follow
	More       int
	ToCollect  []money.Amount // a currency each, the company's own first
	Said       *Said          // nil: nobody has written anything yet

	review bool // one of the reasons is no follow-up
}

// Said is the newest thing that a person wrote of a customer.
type Said struct {
	At     time.Time
	Author string
	Text   string // its beginning
}

// Timed is a reason with its hour, and whose it is.
type Timed struct {
	CustomerID int64
	Customer   string
	Reason
}

// TimedShown is how many of today's hours Read returns at most.
const TimedShown = 60

// reasonsShown is how many reasons an entry carries at most.
const reasonsShown = 3

// CanSee tells who may look at the day of a member, or of NoOwner: oneself, and
// managers.
func CanSee(a tenant.Actor, member int64) bool {
	return a.Is(tenant.Manager) || member != NoOwner && member == a.MemberID
}

// ErrNotYours refuses the day of somebody else.
const ErrNotYours = errs.Forbidden("This is somebody else’s day. Managers see everybody’s; your own is under My day.")

// Read reads a page of the member's day, the customers after the first from. It
// is a fixed number of queries in two round trips, however much there is to do.
func Read(ctx context.Context, tx *tenant.Tx, member int64, from int) (Day, error) {
	d := Day{Of: member, From: from}
	if !CanSee(tx.Actor, member) {
		return d, ErrNotYours
	}
	args := arguments(tx, member)
	args["from"], args["size"], args["most"] = from, PageSize, TimedShown
	b := &pgx.Batch{}
	b.Queue(planOnce)
	b.Queue(queries(member).rank, args).Query(d.collect)
	b.Queue(queries(member).timed, args).Query(func(rows pgx.Rows) (err error) {
		d.Timed, err = pgx.CollectRows(rows, pgx.RowToStructByName[Timed])
		return err
	})
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return d, fmt.Errorf("rank the day: %w", err)
	}
	if len(d.Entries) == 0 {
		return d, nil
	}
	return d, d.fill(ctx, tx, args)
}

func arguments(tx *tenant.Tx, member int64) pgx.NamedArgs {
	return pgx.NamedArgs{"tenant": tx.Actor.TenantID, "today": tx.Today(), "member": member, "own": tx.Actor.Tenant.Currency}
}

// fill reads what is shown of the customers on the page.
func (d *Day) fill(ctx context.Context, tx *tenant.Tx, args pgx.NamedArgs) error {
	at := map[int64]*Entry{}
	shown, reviewed := make([]int64, len(d.Entries)), []int64{}
	for i := range d.Entries {
		e := &d.Entries[i]
		shown[i], at[e.CustomerID] = e.CustomerID, e
		if e.review {
			reviewed = append(reviewed, e.CustomerID)
		}
	}
	args["shown"], args["reviewed"], args["most"] = shown, reviewed, reasonsShown
	b := &pgx.Batch{}
	b.Queue(queries(d.Of).reasons, args).Query(func(rows pgx.Rows) error {
		return eachReason(rows, func(of int64, r Reason, total int) {
			e := at[of]
			e.Reasons = append(e.Reasons, r)
			e.More = total - len(e.Reasons)
		})
	})
	b.Queue(toCollectSQL, args).Query(func(rows pgx.Rows) error {
		var of int64
		var a money.Amount
		_, err := pgx.ForEachRow(rows, []any{&of, &a.Currency, &a.Minor}, func() error {
			at[of].ToCollect = append(at[of].ToCollect, a)
			return nil
		})
		return err
	})
	b.Queue(saidSQL, args).Query(func(rows pgx.Rows) error {
		var of int64
		var s Said
		_, err := pgx.ForEachRow(rows, []any{&of, &s.At, &s.Author, &s.Text}, func() error {
			said := s
			at[of].Said = &said
			return nil
		})
		return err
	})
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("read the day's customers: %w", err)
	}
	return nil
}

const toCollectSQL = `
	SELECT t.customer_id, t.currency, t.to_collect
	FROM customer_totals t
	WHERE t.tenant_id = @tenant AND t.customer_id = ANY(@shown) AND t.to_collect > 0
	ORDER BY t.customer_id, t.currency <> @own, t.currency`

const saidSQL = `
	SELECT s.id, n.at, n.author, left(n.text, 200)
	FROM unnest(@shown::bigint[]) s (id)
	CROSS JOIN LATERAL (
		SELECT n.at, n.author, n.text
		FROM notes n
		WHERE n.tenant_id = @tenant AND n.customer_id = s.id AND ` + customer.Said + `
		ORDER BY n.seq DESC
		LIMIT 1) n`
