package cases

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/day"
	"dunwell/internal/errs"
	"dunwell/internal/ledger"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
)

// Item is an item in a case, with what is owed on it now.
type Item struct {
	ID       int64 // the item's
	Number   string
	IssuedOn day.Day
	DueOn    day.Day
	Currency money.Currency
	Open     int64 // now
	Asked    int64 // the amount in question, as somebody gave it; 0: the whole item
	Credited int64 // by credit notes since Asked was given; whether they were for that, nobody has said yet
	StatusID int64
	Status   string
	Family   string
	Colour   string
	Version  int // the item's
	JoinedAt time.Time
	LeftAt   *time.Time // nil: it is in the case
	LeftWhy  string     // removed, paid, resolved, closed
	LeftBy   string
}

// In tells that the item is in the case.
func (i Item) In() bool { return i.LeftAt == nil }

// InQuestion is what of the open amount the case holds back.
func (i Item) InQuestion() int64 {
	if i.Asked == 0 {
		return max(i.Open, 0)
	}
	return min(i.Asked, max(i.Open, 0))
}

// Chased is what the case leaves to dunning.
func (i Item) Chased() int64 { return max(i.Open, 0) - i.InQuestion() }

// ItemsOf lists the items of a case in the order of their due dates: those that are
// in it, then those that left.
func ItemsOf(ctx context.Context, tx *tenant.Tx, id int64) ([]Item, error) {
	rows, _ := tx.Query(ctx, `
		SELECT i.id, i.number, i.issued_on, i.due_on, i.currency, i.open_amount AS open, coalesce(q.amount, 0) AS asked, `+credited+` AS credited,
			s.id AS status_id, s.name AS status, s.family, s.colour, i.version, q.joined_at, q.left_at, coalesce(q.left_why, '') AS left_why,
			CASE WHEN q.left_at IS NULL THEN '' ELSE coalesce(u.name, 'Dunwell') END AS left_by
		FROM case_items q
		JOIN items i ON i.tenant_id = @tenant AND i.id = q.item_id
		JOIN item_statuses s ON s.tenant_id = @tenant AND s.id = i.status_id
		LEFT JOIN members m ON m.tenant_id = @tenant AND m.id = q.left_by
		LEFT JOIN users u ON u.id = m.user_id
		WHERE q.tenant_id = @tenant AND q.case_id = @case
		ORDER BY q.left_at IS NOT NULL, i.due_on, i.id, q.id`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "case": id})
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Item])
	if err != nil {
		return nil, fmt.Errorf("list the items of a case: %w", err)
	}
	return list, nil
}

// Figure is what a case, or a list of cases, holds of one currency, in minor units.
type Figure struct {
	Currency   money.Currency
	Items      int
	Open       int64 // of its items now
	InQuestion int64
}

// Chased is what is left to dunning.
func (f Figure) Chased() int64 { return f.Open - f.InQuestion }

// Figures adds up the items that are in a case, the company's own currency first.
func Figures(items []Item, own money.Currency) []Figure {
	var list []Figure
	for _, i := range items {
		if !i.In() {
			continue
		}
		at := slices.IndexFunc(list, func(f Figure) bool { return f.Currency == i.Currency })
		if at < 0 {
			at, list = len(list), append(list, Figure{Currency: i.Currency})
		}
		list[at].Items++
		list[at].Open += max(i.Open, 0)
		list[at].InQuestion += i.InQuestion()
	}
	slices.SortFunc(list, func(a, b Figure) int {
		switch {
		case a.Currency == own:
			return -1
		case b.Currency == own:
			return 1
		}
		return strings.Compare(string(a.Currency), string(b.Currency))
	})
	return list
}

// Ticked is an item that somebody chose, as it was shown.
type Ticked struct {
	ID      int64
	Version int
	Asked   int64 // the amount in question in minor units; 0: the whole item
}

// chosen is a ticked item as it stands now.
type chosen struct {
	Asked     int64 `db:"-"` // what somebody gave as the amount in question
	ItemID    int64
	Number    string
	AccountID int64
	Currency  money.Currency
	Open      int64
	StatusID  int64
	Status    string
	Family    string
	Now       int   // its version
	CaseID    int64 // the open case that it is in; 0: none
	CaseAsked int64
	Credited  int64 // as of Item
}

// ticked reads what was ticked, in the order of the ids, and refuses what has changed
// since it was shown. The customer is held.
func ticked(ctx context.Context, tx *tenant.Tx, customerID int64, items []Ticked) ([]chosen, error) {
	ids := make([]int64, len(items))
	for n, i := range items {
		ids[n] = i.ID
	}
	rows, _ := tx.Query(ctx, `
		SELECT i.id AS item_id, i.number, i.account_id, i.currency, i.open_amount AS open, i.status_id, s.name AS status, s.family, i.version AS now,
			coalesce(q.case_id, 0) AS case_id, coalesce(q.amount, 0) AS case_asked, `+credited+` AS credited
		FROM items i
		JOIN item_statuses s ON s.tenant_id = @tenant AND s.id = i.status_id
		LEFT JOIN case_items q ON q.tenant_id = @tenant AND q.item_id = i.id AND q.open
		WHERE i.tenant_id = @tenant AND i.customer_id = @customer AND i.id = ANY(@ids)
		ORDER BY i.id`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customer": customerID, "ids": ids})
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[chosen])
	if err != nil {
		return nil, fmt.Errorf("read the ticked items: %w", err)
	}
	for _, t := range items {
		at := slices.IndexFunc(list, func(c chosen) bool { return c.ItemID == t.ID })
		if at < 0 {
			return nil, fmt.Errorf("item %d: %w", t.ID, errs.NotFound)
		}
		if list[at].Now != t.Version {
			return nil, errs.Conflict(fmt.Sprintf("Item %s was changed meanwhile: its status is %s now. Nothing of yours was saved. Look at the items again and decide anew.",
				list[at].Number, list[at].Status))
		}
		list[at].Asked = t.Asked
	}
	return list, nil
}

// check refuses items of which nothing is owed, and amounts that do not fit.
func check(inv *errs.Invalid, items []chosen) {
	for _, i := range items {
		inv.Check(i.Open > 0, "items", fmt.Sprintf("Nothing of %s is owed. Take its tick away.", i.Number))
		inv.Check(i.Asked >= 0 && i.Asked <= max(i.Open, 0), fmt.Sprintf("asked_%d", i.ItemID),
			fmt.Sprintf("Of %s %s is open: give no more than that, or leave it empty for the whole item.", i.Number, money.New(i.Open, i.Currency)))
	}
}

// words names the items, with what is in question of each.
func words(items []chosen) string {
	return listed(items, func(i chosen) string {
		if i.Asked == 0 {
			return i.Number + " with " + money.New(i.Open, i.Currency).String()
		}
		return fmt.Sprintf("%s with %s of %s", i.Number, money.New(i.Asked, i.Currency), money.New(i.Open, i.Currency))
	})
}

// listed names the first of a list.
func listed[T any](list []T, name func(T) string) string {
	const named = 12
	var parts []string
	for _, one := range list[:min(len(list), named)] {
		parts = append(parts, name(one))
	}
	if more := len(list) - named; more > 0 {
		parts = append(parts, fmt.Sprintf("%d more", more))
	}
	return strings.Join(parts, ", ")
}

func itemIDs(items []chosen) []int64 {
	ids := make([]int64, len(items))
	for n, i := range items {
		ids[n] = i.ItemID
	}
	return ids
}

func seen(items []chosen) []ledger.Seen {
	list := make([]ledger.Seen, len(items))
	for n, i := range items {
		list[n] = ledger.Seen{ID: i.ItemID, Version: i.Now}
	}
	return list
}
