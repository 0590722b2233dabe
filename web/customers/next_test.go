package customers_test

import (
	"fmt"
	"net/http"
	"testing"

	"dunwell/internal/cases"
	"dunwell/internal/dbtest"
	"dunwell/internal/dunning"
	"dunwell/internal/money"
	"dunwell/internal/promise"
	"dunwell/internal/tenant"
)

// owing is an item, and what of it may not be asked for now.
type owing struct {
	due      string
	minor    int64
	currency money.Currency
	status   string // another family's than ongoing
	asked    int64  // in a case
	paused   bool
	promised int64
}

// What comes next names the amounts that are held back, and only those: a part of them,
// in several currencies, and under several reasons.
func TestNextNamesTheMoney(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.BeforeCommit = dunning.Refresh
	acme := dbtest.Tenant(t, s.Database, "acme")
	c := s.As(t, acme.Collector)
	const days90, days10 = "2025-12-16", "2026-03-06"
	for n, x := range []struct {
		kind      string
		items     []owing
		what, why string
	}{
		{"business", []owing{{due: days90, minor: 101_00, currency: "EUR", promised: 40_00}}, "ask for EUR 61.00.", "The oldest overdue item is 90 days late."},
		{"business", []owing{{due: days90, minor: 102_00, currency: "EUR", promised: 102_00}}, "wait for the money.", "Overdue, and promised: EUR 102.00."},
		{"consumer", []owing{{due: days90, minor: 103_00, currency: "EUR", promised: 41_00}}, "wait for the money.", "Overdue, and held back by a promise: EUR 103.00."},
		{"consumer", []owing{{due: days90, minor: 104_00, currency: "EUR", promised: 42_00}, {due: days10, minor: 13_00, currency: "EUR", status: "dispute"}},
			"wait for the money.", "Overdue, and held back by a promise: EUR 104.00."},
		{"business", []owing{{due: days90, minor: 105_00, currency: "EUR", promised: 105_00}, {due: days10, minor: 14_00, currency: "USD", promised: 14_00}},
			"wait for the money.", "Overdue, and promised: EUR 105.00 and USD 14.00."},
		{"business", []owing{{due: days90, minor: 106_00, currency: "EUR", status: "dispute"}, {due: days10, minor: 15_00, currency: "USD", promised: 15_00}},
			"wait for the money.", "Overdue, and promised: USD 15.00."},
		{"business", []owing{{due: days90, minor: 107_00, currency: "EUR", asked: 30_00}}, "ask for EUR 77.00.", "The oldest overdue item is 90 days late."},
		{"business", []owing{{due: days90, minor: 108_00, currency: "EUR", asked: 31_00, promised: 77_00}}, "wait for the money.", "Overdue, and promised: EUR 77.00."},
		{"business", []owing{{due: days90, minor: 109_00, currency: "EUR", status: "dispute"}, {due: days10, minor: 16_00, currency: "EUR"}},
			"ask for EUR 16.00.", "The oldest overdue item is 90 days late."},
		{"business", []owing{{due: days90, minor: 110_00, currency: "USD", status: "dispute"}, {due: days10, minor: 17_00, currency: "EUR"}},
			"ask for EUR 17.00.", "The oldest overdue item is 90 days late."},
		{"business", []owing{{due: days90, minor: 111_00, currency: "EUR", status: "dispute"}, {due: days10, minor: 18_00, currency: "EUR", paused: true}},
			"settle the dispute about EUR 111.00.", "Nothing else is to be collected."},
		{"business", []owing{{due: days90, minor: 112_00, currency: "EUR", paused: true}, {due: days10, minor: 19_00, currency: "USD", paused: true}},
			"Nothing is to be collected.", "Overdue, and paused: EUR 112.00 and USD 19.00."},
		{"business", []owing{{due: days90, minor: 113_00, currency: "EUR"}, {due: days10, minor: -120_00, currency: "EUR"}}, "apply the credit.", "Overdue, and covered by it: EUR 113.00."},
		{"business", []owing{{due: days90, minor: 114_00, currency: "EUR", promised: 60_00}, {due: days10, minor: -20_00, currency: "EUR"}}, "ask for EUR 34.00.", "90 days late"},
		{"business", []owing{{due: "2026-03-16", minor: 115_00, currency: "EUR"}}, "Nothing is to be collected.", "The next item falls due on Mon 16 Mar 2026."},
		{"business", []owing{{minor: 116_00, currency: "EUR"}}, "Nothing is to be collected.", "Nothing is open that falls due."},
	} {
		t.Run(fmt.Sprint(n, " ", x.what), func(t *testing.T) {
			var id, account int64
			number := fmt.Sprintf("N-%d", n)
			write(t, s, acme.Manager, func(tx *tenant.Tx) error {
				id, account = dbtest.Customer(t, tx, number)
				_, err := tx.Exec(t.Context(), `UPDATE customers SET kind = $2, owner_id = $3 WHERE id = $1`, id, x.kind, acme.CollectorID)
				for i, o := range x.items {
					if err == nil {
						err = o.write(t, tx, id, account, fmt.Sprintf("%s-%d", number, i))
					}
				}
				return err
			})
			c.Get(fmt.Sprintf("/customers/%d", id)).Has(t, http.StatusOK, x.what, x.why)
		})
	}
}

func (o owing) write(t *testing.T, tx *tenant.Tx, customer, account int64, number string) error {
	t.Helper()
	id := dbtest.Item(t, tx, account, number, o.due, o.minor, o.currency)
	var err error
	if o.status != "" {
		_, err = tx.Exec(t.Context(), `UPDATE items SET status_id = (SELECT id FROM item_statuses WHERE family = $2) WHERE id = $1`, id, o.status)
	}
	if err == nil && o.asked > 0 {
		_, err = cases.Open(t.Context(), tx, customer, cases.Opening{Title: "Price", OwnerID: tx.Actor.MemberID, NextOn: tx.Today()}, []cases.Ticked{{ID: id, Version: 1, Asked: o.asked}})
	}
	if err == nil && o.paused {
		_, err = tx.Exec(t.Context(), `UPDATE items SET paused_until = $2, pause_reason = 'x' WHERE id = $1`, id, tx.Today())
	}
	if err == nil && o.promised > 0 {
		_, err = promise.Make(t.Context(), tx, customer, promise.Plan{AccountID: account, Amount: money.New(o.promised, o.currency),
			AssigneeID: tx.Actor.MemberID, DueOn: tx.Today(), Items: []int64{id}, Confirmed: true})
	}
	return err
}
