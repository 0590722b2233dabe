package contactrule_test

import (
	"fmt"
	"testing"

	"dunwell/internal/contactrule"
	"dunwell/internal/customer"
	"dunwell/internal/dbtest"
	"dunwell/internal/tenant"
)

// Asked for several at once, each customer is answered as asked for alone.
func TestManyAnswersAsOne(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme := dbtest.Tenant(t, db, "acme")
	var ids []int64
	err := db.Write(t.Context(), acme.System(), func(tx *tenant.Tx) error {
		for i := range 6 {
			id, _ := dbtest.Customer(t, tx, fmt.Sprint("C-", i))
			ids = append(ids, id)
		}
		for _, sql := range []string{
			`INSERT INTO contact_points (customer_id, kind, value, role) SELECT id, 'phone', '+472241093' || right(number, 1), 'debtor' FROM customers`,
			`INSERT INTO contact_points (customer_id, kind, value, role) SELECT id, 'email', 'pay@zulu.example', 'debtor' FROM customers WHERE number <> 'C-3'`,
			`INSERT INTO contact_rules (name, channel, weekdays, from_time, to_time, holidays, source, as_of) VALUES ('Calls', 'call', 31, '08:00', '17:00', false, 'ours', '2026-01-01')`,
			`INSERT INTO contact_rules (name, channel, quiet_days, source, as_of) VALUES ('Quiet', 'call', 7, 'ours', '2026-01-01')`,
			`INSERT INTO stops (customer_id, kind, reason, since, review_on) SELECT id, 'hardship', 'wrote', '2026-01-05', '2026-06-01' FROM customers WHERE number = 'C-1'`,
			`INSERT INTO contact_times (customer_id, kind, weekdays, from_time, to_time) SELECT id, 'forbidden', 1, '09:00', '12:00' FROM customers WHERE number = 'C-2'`,
			`INSERT INTO permissions (customer_id, contact_point_id, channel, state, given_on, source, review_on)
				SELECT customer_id, id, 'email', 'opt_out', '2026-01-05', 'said so', '2026-09-01' FROM contact_points WHERE kind = 'email' AND customer_id = (SELECT id FROM customers WHERE number = 'C-0')`,
			`UPDATE customers SET archived_at = now() WHERE number = 'C-4'`,
			`UPDATE customers SET archived_at = now(), merged_at = now(), merged_into = (SELECT id FROM customers WHERE number = 'C-3') WHERE number = 'C-5'`,
			`INSERT INTO holidays (day, name) VALUES ('2026-03-17', 'Parade')`,
		} {
			if _, err := tx.Exec(t.Context(), sql); err != nil {
				return fmt.Errorf("%s: %w", sql, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	answers := map[string]bool{}
	err = db.Read(t.Context(), acme.Collector, func(tx *tenant.Tx) error {
		var cares map[int64]customer.Care
		var many map[int64]contactrule.Rulings
		b := tx.Batch()
		customer.QueueCares(b, ids, &cares)
		contactrule.QueueMany(b, ids, &cares, &many)
		if err := b.Send(t.Context()); err != nil {
			return err
		}
		for _, id := range ids {
			one, err := contactrule.Of(t.Context(), tx, id)
			if err != nil {
				return err
			}
			care, err := customer.CareOf(t.Context(), tx, id)
			if err != nil {
				return err
			}
			for _, p := range append(care.Points, customer.ContactPoint{Kind: "post"}) {
				channels := p.Kind.Channels()
				if p.ID == 0 {
					channels = []customer.Channel{customer.Letter}
				}
				for _, ch := range channels {
					got, want := many[id].For(p.ID, ch), one.For(p.ID, ch)
					if got != want {
						t.Errorf("customer %d, %s: %v of many, %v of one", id, ch, got, want)
					}
					answers[got.Reason] = true
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(answers) < 5 {
		t.Errorf("only %d different answers were compared: %v", len(answers), answers)
	}
	for _, said := range []string{"No letters: the customer is archived. A manager can take it back", "No letters: the customer was merged into another one. Work with that one"} {
		if !answers[said] {
			t.Errorf("nobody is told: %s", said)
		}
	}
}
