package diary_test

import (
	"fmt"
	"testing"
	"time"

	"dunwell/internal/diary"
	"dunwell/internal/tenant"
)

func (d *desk) news(t *testing.T, member int64) (n diary.News) {
	t.Helper()
	err := d.Read(t.Context(), d.acme.Manager, func(tx *tenant.Tx) (err error) {
		n, err = diary.Since(t.Context(), tx, member)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// paid records a payment of the customer at a moment by the company's clock.
func (d *desk) paid(t *testing.T, number, at, currency string, minor int64) {
	t.Helper()
	d.owner(t, `
		INSERT INTO payments (tenant_id, customer_id, account_id, number, value_on, currency, amount, created_at)
		SELECT tenant_id, customer_id, id, $2::text || ' ' || $3::text || $4::text, DATE '2026-01-05', $3, $4::text::bigint, $2::text::timestamp AT TIME ZONE 'Europe/Oslo'
		FROM accounts WHERE customer_id = $1`, d.customer(t, number), at, currency, fmt.Sprint(minor))
}

// What came in since the last working day began: on a Monday since Friday.
func TestSince(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.paid(t, "a", "2026-03-12 23:59", "EUR", 1) // too early
	d.paid(t, "a", "2026-03-13 00:00", "EUR", 1250)
	d.paid(t, "a", "2026-03-16 09:00", "NOK", 7700)
	d.paid(t, "b", "2026-03-15 12:00", "EUR", 40)
	d.paid(t, "returned", "2026-03-16 09:00", "EUR", 9000)
	d.exec(t, `UPDATE payments SET returned_on = '2026-03-16' WHERE customer_id = $1`, d.ids["returned"])
	for i, origin := range []string{"carried", "settled_before"} { // came with the items, long before
		d.paid(t, "a", "2026-03-16 09:00", "EUR", int64(600+i))
		d.owner(t, `UPDATE payments SET origin = $1 WHERE amount = $2`, origin, 600+i)
	}
	d.paid(t, "nobody's", "2026-03-16 09:00", "JPY", 500)
	d.exec(t, `UPDATE customers SET owner_id = NULL WHERE number = 'nobody''s'`)
	d.due(t, "a", "2026-03-20", "2026-03-21", "2026-03-22", "2026-03-23", "2026-03-24")
	for due, sql := range map[string]string{
		"2026-03-20": `author_id = %d`, "2026-03-21": `author_id = %d, created_at = '2026-03-13 00:00 Europe/Oslo'`,
		"2026-03-22": `author_id = %d, created_at = '2026-03-12 23:59 Europe/Oslo'`, "2026-03-23": `author_id = %d, ended = 'done', ended_at = now()`,
	} {
		d.owner(t, fmt.Sprintf(`UPDATE follow_ups SET `+sql+` WHERE due_on = '%s'`, d.acme.ManagerID, due))
	}
	n := d.news(t, d.acme.CollectorID)
	if got, want := fmt.Sprint(n), "{2026-03-13 2 [EUR 12.90 NOK 77.00] false 2}"; got != want {
		t.Errorf("the news are %s, want %s", got, want)
	}
	if got := fmt.Sprint(d.news(t, d.acme.AdminID)); got != "{2026-03-13 0 [] false 0}" {
		t.Errorf("the admin's news are %s", got)
	}
	if got := fmt.Sprint(d.news(t, diary.NoOwner)); got != "{2026-03-13 1 [JPY 500] false 0}" {
		t.Errorf("nobody's news are %s", got)
	}
	d.Now = func() time.Time { return time.Date(2026, 3, 17, 9, 0, 0, 0, time.UTC) }
	if got := fmt.Sprint(d.news(t, d.acme.CollectorID)); got != "{2026-03-16 1 [NOK 77.00] false 1}" {
		t.Errorf("on Tuesday they are %s", got)
	}
}

// Where very much came in, only the latest is looked at, and said to be.
func TestSinceVeryMuch(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.customer(t, "a")
	d.owner(t, `
		INSERT INTO payments (tenant_id, customer_id, account_id, number, value_on, currency, amount, created_at)
		SELECT tenant_id, customer_id, id, 'P' || n, DATE '2026-01-05', 'EUR', 1, TIMESTAMPTZ '2026-03-16 08:00Z' - n * interval '1 second'
		FROM accounts, generate_series(1, 20001) n WHERE customer_id = $1`, d.ids["a"])
	if got := fmt.Sprint(d.news(t, d.acme.CollectorID)); got != "{2026-03-13 1 [EUR 200.00] true 0}" {
		t.Errorf("the news are %s", got)
	}
}
