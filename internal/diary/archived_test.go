package diary_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"dunwell/internal/diary"
	"dunwell/internal/tenant"
)

// What is to be done sleeps while its customer is archived, and says so in its own
// row: whenever it came, and with every way in which a customer comes or goes.
func TestWorkSleepsWithItsCustomer(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.due(t, "here", "2026-03-13", "2026-03-16 08:00")
	d.contact(t, "here", d.acme.CollectorID, "2026-03-16")
	d.contact(t, "here", d.acme.CollectorID, "")
	asleep := func() (n, of int) {
		err := d.Read(t.Context(), d.acme.Collector, func(tx *tenant.Tx) error {
			return tx.QueryRow(t.Context(), `
				SELECT count(*) FILTER (WHERE w.archived), count(*)
				FROM (SELECT archived FROM follow_ups UNION ALL SELECT archived FROM contacts) w`).Scan(&n, &of)
		})
		if err != nil {
			t.Fatal(err)
		}
		return n, of
	}
	look := func(when string, customers, late, sleeping, of int) {
		t.Helper()
		if total := d.read(t).Total; total != customers {
			t.Errorf("%s: %d customers in the day, want %d", when, total, customers)
		}
		if got := d.sheet(t, week); got.Overdue.Total != late || got.NoDate.Total != customers {
			t.Errorf("%s: %d late and %d without a day, want %d and %d", when, got.Overdue.Total, got.NoDate.Total, late, customers)
		}
		if n, all := asleep(); n != sleeping || all != of {
			t.Errorf("%s: %d of %d sleep, want %d of %d", when, n, all, sleeping, of)
		}
	}
	look("at first", 1, 1, 0, 4)
	d.exec(t, `UPDATE customers SET archived_at = now() WHERE number = 'here'`)
	look("archived", 0, 0, 4, 4)
	d.due(t, "here", "2026-03-12")
	look("planned while archived", 0, 0, 5, 5)
	d.exec(t, `UPDATE customers SET archived_at = NULL WHERE number = 'here'`)
	look("taken back", 1, 2, 0, 5)
}

// No row can say otherwise than its customer.
func TestWorkSaysWhatItsCustomerIs(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.due(t, "here", "2026-03-13")
	d.contact(t, "here", d.acme.CollectorID, "2026-03-16")
	for _, table := range []string{"follow_ups", "contacts"} {
		_, err := d.Owner(t).Exec(t.Context(), `UPDATE `+table+` SET archived = true`)
		var pg *pgconn.PgError
		if !errors.As(err, &pg) || !strings.Contains(pg.ConstraintName, "archived") {
			t.Errorf("%s: a row sleeps although its customer is worked: %v", table, err)
		}
	}
	if d.read(t).Total != 1 || d.sheet(t, diary.Look{Member: d.acme.CollectorID, From: today, Until: today}).Overdue.Total != 1 {
		t.Error("what is late is gone")
	}
}
