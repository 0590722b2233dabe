// Package diary says what a member has to do: one list over what other packages
// keep by day and person, each customer once, with every reason. It changes none
// of what it lists; only the walk through a day's list is its own.
package diary

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/customer"
	"dunwell/internal/errs"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
)

// NoOwner stands for a member where nobody is left to do what is to be done: the
// assignee has left or does not see the customer, or nobody who still works here and
// sees the customer owns it.
const NoOwner int64 = 0

// PageSize is how many customers Read returns.
const PageSize = 20

// Day is a page of what a member has to do today, and how much it is in all.
type Day struct {
	Of int64 // the member, or NoOwner
	Counts
	From    int // how many stand before the first entry
	Entries []Entry
	Timed   []Timed // what has its hour today, by the hour; TimedShown at most
}

// Counts are how much there is to do in a day.
type Counts struct {
	Total   int // customers; those of whom something is late are Late
	Late    int
	Reviews int // of the Total, where a stop, an opt-out or a watch flag is to be looked at
}

// Long tells that to count all of it takes longer than to read a page of it.
func (c Counts) Long() bool { return c.Total > 200 }

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

	all    []Reason // those, and more of them with an hour today
	others bool     // not all of the reasons are follow-ups
}

// Said is the newest thing that a person wrote of a customer.
type Said struct {
	At     time.Time
	Author string
	Text   string // its beginning
}

// reasonsShown is how many reasons an entry carries at most.
const reasonsShown = 3

// ErrNotYours refuses the day of somebody else.
const ErrNotYours = errs.Forbidden("This is somebody else’s day. Managers see everybody’s, and who covers an absence sees that one’s; your own is under My day.")

// Read reads a page of the member's day, the customers after the first from. It
// is a fixed number of queries in three round trips at most, however much there is to do.
//
// Where the day was counted lately and is Long, it is not counted again: what is read is
// no more than the page takes, and the counts stay as they were. Zero: it is counted.
func Read(ctx context.Context, tx *tenant.Tx, member int64, from int, lately Counts) (Day, error) {
	d := Day{Of: member, From: from, Counts: lately}
	if err := May(ctx, tx, member); err != nil {
		return d, err
	}
	b := tx.Batch()
	b.PlanOnce()
	d.queueRank(b, PageSize, !lately.Long(), func(among []Entry) { d.queueEntries(b, among) })
	if from > 0 { // else who has their hour today stands on the page
		args := arguments(tx, member)
		args["hours"] = TimedShown
		b.Queue("read the day's hours", queries(member).timed, args, tenant.Into(&d.Timed))
	}
	return d, b.Send(ctx)
}

func arguments(tx *tenant.Tx, member int64) pgx.NamedArgs {
	return pgx.NamedArgs{"tenant": tx.Actor.TenantID, "today": tx.Today(), "now": tx.Now, "zone": tx.Actor.Tenant.Zone.String(), "member": member,
		"own": tx.Actor.Tenant.Currency}
}

// queueEntries asks for what is shown of the customers on the page, who are among some.
func (d *Day) queueEntries(b *tenant.Batch, among []Entry) {
	shown, others := make([]int64, len(among)), []int64{}
	for i, e := range among {
		shown[i] = e.CustomerID
		if e.others {
			others = append(others, e.CustomerID)
		}
	}
	at := make(map[int64]*Entry, len(d.Entries))
	args := arguments(b.Tx, d.Of)
	args["shown"], args["others"], args["most"], args["hours"] = shown, others, reasonsShown, 0
	if d.From == 0 {
		args["hours"] = TimedShown
	}
	sql := queries(d.Of).reasons
	if len(others) == 0 {
		sql = queries(d.Of).followUps
	}
	b.Queue("read the reasons", sql, args, func(rows pgx.Rows) error {
		for i := range d.Entries {
			at[d.Entries[i].CustomerID] = &d.Entries[i]
		}
		err := eachReason(rows, func(of int64, r Reason, total int) {
			e := at[of]
			if e == nil {
				return
			}
			e.all = append(e.all, r)
			e.Reasons = e.all[:min(len(e.all), reasonsShown)]
			e.More = total - len(e.Reasons)
		})
		if d.From == 0 {
			d.Timed = d.timed(b.Tx.Today())
		}
		return err
	})
	b.Queue("read what is owed and was said", aboutSQL, args, func(rows pgx.Rows) error {
		var of int64
		var currency *money.Currency
		var minor *int64
		var when *time.Time
		var author, text *string
		_, err := pgx.ForEachRow(rows, []any{&of, &currency, &minor, &when, &author, &text}, func() error {
			e := at[of]
			if e == nil {
				return nil
			}
			if currency != nil {
				e.ToCollect = append(e.ToCollect, money.New(*minor, *currency))
			}
			if when != nil {
				e.Said = &Said{*when, *author, *text}
			}
			return nil
		})
		return err
	})
}

// aboutSQL reads a row a currency in which there is something to collect, at least
// one a customer, each with what was said last.
var aboutSQL = `
	SELECT s.id, t.currency, t.to_collect, l.at, l.author, left(l.text, 200)
	FROM unnest(@shown::bigint[]) s (id)
	LEFT JOIN LATERAL (` + customer.LastContact(`s.id`) + `) l ON true
	LEFT JOIN customer_totals t ON t.tenant_id = @tenant AND t.customer_id = s.id AND t.to_collect > 0
	ORDER BY s.id, t.currency <> @own, t.currency`
