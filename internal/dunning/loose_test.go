package dunning_test

import (
	"strings"
	"testing"

	"dunwell/internal/dbtest"
	"dunwell/internal/dunning"
	"dunwell/internal/tenant"
)

// Whose owner does not see the customer is told to managers, whichever way it came
// about: the limit was set, or the owner is of another branch now.
func TestOwnersWhoDoNotSee(t *testing.T) {
	t.Parallel()
	b := newBoard(t)
	owner := b.Owner(t)
	exec := func(sql string) {
		t.Helper()
		if _, err := owner.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	b.write(t, func(tx *tenant.Tx) error {
		if _, err := tx.Exec(t.Context(), `INSERT INTO branches (name) VALUES ('North'), ('South')`); err != nil {
			return err
		}
		for i, c := range []struct {
			number, branch string
			owner          int64
		}{{"A", "North", b.acme.CollectorID}, {"B", "South", b.acme.CollectorID}, {"C", "", b.acme.CollectorID}, {"D", "South", b.acme.ManagerID}, {"E", "South", b.acme.CollectorID}} {
			id, account := dbtest.Customer(t, tx, c.number)
			if c.number != "E" { // who owes nothing
				dbtest.Item(t, tx, account, "INV-"+c.number, "2026-02-01", int64(601+i*11), "EUR")
			}
			if _, err := tx.Exec(t.Context(), `UPDATE customers SET owner_id = $2, branch_id = (SELECT id FROM branches WHERE name = $3) WHERE id = $1`, id, c.owner, c.branch); err != nil {
				return err
			}
		}
		return nil
	})
	beta := dbtest.Tenant(t, b.Database, "beta")
	const south = "Its owner, acme collector, sees the customers of South only."
	for _, c := range []struct{ name, how, want string }{
		{"collectors see all", ``, ""},
		{"the limit is set", `UPDATE tenants SET branch_limited = true; UPDATE members SET branch_id = b.id FROM branches b WHERE b.name = 'South' AND members.tenant_id = b.tenant_id`, "A: " + south + "|C: " + south},
		{"the owner is of no branch", `UPDATE members SET branch_id = NULL`, strings.ReplaceAll("A: X|B: X|C: X", "X", "Its owner, acme collector, is of no branch and sees no customers.")},
		{"the owner has left", `UPDATE members SET active = false WHERE role = 'collector'`, strings.ReplaceAll("A: X|B: X|C: X", "X", "Who works this customer has left.")},
		{"the owner is a manager", `UPDATE members SET active = true, role = 'manager' WHERE role = 'collector'`, ""},
	} {
		exec(c.how)
		for _, who := range []tenant.Who{b.acme.Manager, beta.Manager} {
			want := c.want
			if who == beta.Manager {
				want = ""
			}
			if err := b.read(t, who, func(tx *tenant.Tx) error {
				list, err := dunning.NoNextStep(t.Context(), tx)
				var got []string
				for _, l := range list {
					got = append(got, l.Number+": "+l.Why)
				}
				if strings.Join(got, "|") != want {
					t.Errorf("%s: %q, want %q", c.name, strings.Join(got, "|"), want)
				}
				return err
			}); err != nil {
				t.Fatal(err)
			}
		}
	}
}
