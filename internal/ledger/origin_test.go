package ledger_test

import (
	"strings"
	"testing"

	"dunwell/internal/day"
	"dunwell/internal/ledger"
	"dunwell/internal/tenant"
)

// What was paid before its item was taken over is nobody's last payment where nobody
// knows the day, and is called what it is wherever people read of it.
func TestOriginOfPayments(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.pay(t, "P-1", "2026-03-02", 1_001)
	ids := map[string]int64{}
	for i, p := range []struct {
		number, on string
		origin     ledger.Origin
	}{{"settled:S1", "2026-03-03", ledger.SettledBefore}, {"settled:S2", "2026-03-04", ledger.Reported}, {"open:6:R2", "2026-03-10", ledger.Carried}} {
		b.do(t, b.Manager, func(tx *tenant.Tx) error {
			var id int64
			err := tx.QueryRow(t.Context(), `INSERT INTO payments (customer_id, account_id, number, value_on, currency, amount, origin) VALUES ($1, $2, $3, $4, 'EUR', $5, $6) RETURNING id`,
				b.customer, b.account, p.number, p.on, 2_002+i, p.origin).Scan(&id)
			ids[p.number] = id
			return err
		})
	}
	b.do(t, b.Manager, func(tx *tenant.Tx) error {
		s, err := ledger.StandingOf(t.Context(), tx, b.customer)
		if s.LastPayment == nil || s.LastPayment.ValueOn != day.New(2026, 3, 4) || s.LastPayment.Amount != 2_003 {
			t.Errorf("the last payment is %+v", s.LastPayment)
		}
		return err
	})
	names := map[string]string{}
	b.do(t, b.Manager, func(tx *tenant.Tx) error {
		rows, err := ledger.Postings(t.Context(), tx, ledger.PostingFilter{CustomerID: b.customer, AsOf: tx.Today(), Show: ledger.ShowAll, Limit: 99})
		for _, r := range rows {
			names[r.Number] = r.Name()
		}
		return err
	})
	for number, want := range map[string]string{"P-1": "P-1", "settled:S1": "Paid before it was taken over", "settled:S2": "Payment without a reference", "open:6:R2": "Paid before it was taken over"} {
		if names[number] != want {
			t.Errorf("%s is called %q, want %q", number, names[number], want)
		}
	}
	b.do(t, b.Manager, func(tx *tenant.Tx) error {
		return ledger.Return(t.Context(), tx, b.customer, ids["open:6:R2"], ledger.Reversal{On: tx.Today(), Reason: "Of another invoice"})
	})
	var said string
	b.do(t, b.Manager, func(tx *tenant.Tx) error {
		return tx.QueryRow(t.Context(), `SELECT text FROM notes WHERE customer_id = $1 AND kind = 'reversal'`, b.customer).Scan(&said)
	})
	if !strings.HasPrefix(said, "Payment before it was taken over of EUR 20.04 was returned, value ") {
		t.Errorf("the journal says %q", said)
	}
}
