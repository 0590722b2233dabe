package merge_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/merge"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// limited has collectors see their branch only: keep is of North, as the collector is,
// and gone of South, as another collector is, whose id it returns.
func (d *desk) limited(t *testing.T) (south int64) {
	t.Helper()
	d.sql(t, `INSERT INTO branches (tenant_id, name) VALUES (@tenant, 'North'), (@tenant, 'South')`)
	d.sql(t, `UPDATE tenants SET branch_limited = true WHERE id = @tenant`)
	d.sql(t, `UPDATE members SET branch_id = (SELECT id FROM branches WHERE name = 'North') WHERE id = @member`)
	d.sql(t, `UPDATE customers SET branch_id = (SELECT id FROM branches WHERE name = CASE customers.id WHEN @keep THEN 'North' ELSE 'South' END) WHERE tenant_id = @tenant`)
	if err := d.owner.QueryRow(t.Context(), `
		WITH person AS (INSERT INTO users (email, name) VALUES ('south@acme.example', 'Sør') RETURNING id)
		INSERT INTO members (tenant_id, user_id, role, branch_id)
		SELECT @tenant, person.id, 'collector', b.id FROM person, branches b WHERE b.name = 'South'
		RETURNING id`, d.args()).Scan(&south); err != nil {
		t.Fatal(err)
	}
	return south
}

// Who sees the one who stays sees what was said to the duplicate, and to those that
// were merged into it before.
func TestTheJournalsAreOfOneBranch(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.limited(t)
	d.sql(t, `INSERT INTO customers (tenant_id, number, name, kind, branch_id, merged_into, merged_at, archived_at)
		SELECT tenant_id, 'C-0', 'Before', kind, branch_id, id, now(), now() FROM customers WHERE id = @gone`)
	d.must(t, d.acme.Manager, func(tx *tenant.Tx) error {
		_, err := note.Add(t.Context(), tx, note.New{CustomerID: d.gone, Kind: note.Typed, Text: "They will pay"})
		return err
	})
	d.merged(t)
	var seen, said int
	d.must(t, d.acme.Collector, func(tx *tenant.Tx) error {
		return tx.QueryRow(t.Context(), `
			SELECT (SELECT count(*) FROM customers c WHERE c.tenant_id = $1), (SELECT count(*) FROM notes n WHERE n.tenant_id = $1 AND n.text = 'They will pay')`,
			d.acme.ID).Scan(&seen, &said)
	})
	if seen != 3 || said != 1 {
		t.Errorf("the collector of the branch sees %d of three customers and %d of one note", seen, said)
	}
}

// What is with people who do not see the one who stays is said before, and such an
// owner does not become its owner.
func TestWorkOfAnotherBranch(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, undo  string // undo: what makes the other collector see all
		owner, said string
	}{
		{"limited", ``, "", "2 open follow-ups and 1 open case are with people of another branch, who will not see them: hand them over."},
		{"not limited", `UPDATE tenants SET branch_limited = false WHERE id = @tenant`, "Sør", ""},
		{"a manager", `UPDATE members SET role = 'manager' WHERE branch_id = (SELECT id FROM branches WHERE name = 'South')`, "Sør", ""},
		{"of no branch", `UPDATE members SET branch_id = NULL WHERE branch_id = (SELECT id FROM branches WHERE name = 'South')`, "", "2 open follow-ups and 1 open case are"},
		{"one thing", `DELETE FROM follow_ups`, "", "1 open case is with somebody of another branch, who will not see it: hand it over."},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			south := d.limited(t)
			for _, sql := range []string{
				`INSERT INTO follow_ups (tenant_id, customer_id, assignee_id, due_on, text) VALUES (@tenant, @gone, @south, '2026-03-20', 'a'), (@tenant, @gone, @south, '2026-03-21', 'b'), (@tenant, @gone, @member, '2026-03-22', 'c')`,
				`INSERT INTO cases (tenant_id, customer_id, title, status, owner_id, next_on, opened_on, opened_at) VALUES (@tenant, @gone, 'Price', 'in_work', @south, '2026-03-20', '2026-03-16', now())`,
				`UPDATE customers SET owner_id = @south WHERE id = @gone`,
				c.undo,
			} {
				args := d.args()
				args["south"] = south
				if _, err := d.owner.Exec(t.Context(), sql, args); err != nil {
					t.Fatal(err)
				}
			}
			var v merge.Preview
			d.must(t, d.acme.Manager, func(tx *tenant.Tx) (err error) {
				v, err = merge.Look(t.Context(), tx, d.gone, d.keep)
				return err
			})
			has := func(part string) bool {
				return slices.ContainsFunc(v.Keeps, func(s string) bool { return strings.Contains(s, part) })
			}
			if c.said == "" && has("another branch") || !has(c.said) || has("Sør becomes the owner.") != (c.owner != "") {
				t.Errorf("it says %q", v.Keeps)
			}
			d.merged(t)
			if got := d.find(t, d.keep).Owner; got != c.owner {
				t.Errorf("the owner is %q, want %q", got, c.owner)
			}
		})
	}
}

// A number that only the duplicate has is preferred afterwards as it was before.
func TestThePreferredNumberStaysPreferred(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.sql(t, `INSERT INTO contact_points (tenant_id, customer_id, kind, value, person, role, preferred) VALUES
		(@tenant, @gone, 'phone', '+4722000001', 'Kari', 'debtor', true), (@tenant, @gone, 'phone', '+4722000002', 'Kari', 'debtor', false),
		(@tenant, @gone, 'email', 'gone@debtor.example', 'Kari', 'debtor', true), (@tenant, @keep, 'email', 'keep@debtor.example', 'Kari', 'debtor', true)`)
	d.merged(t)
	d.is(t, "preferred", `SELECT value FROM contact_points WHERE customer_id = @keep AND preferred ORDER BY value`, "+4722000001; keep@debtor.example")
}

// Who holds an account and then its customer, as all do who move money, is waited for.
func TestAccountsAreHeldFirst(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	p := merge.Plan{From: d.gone, Into: d.keep, FromVersion: 1, IntoVersion: 1, Reason: "Seen"}
	done := make(chan error, 1)
	if err := pgx.BeginFunc(t.Context(), d.owner, func(tx pgx.Tx) error {
		if _, err := tx.Exec(t.Context(), `SELECT id FROM accounts WHERE id = $1 FOR NO KEY UPDATE`, d.of); err != nil {
			return err
		}
		go func() {
			done <- d.Write(t.Context(), d.acme.Manager, func(tx *tenant.Tx) error { return merge.Merge(t.Context(), tx, p) })
		}()
		for waits := false; !waits; time.Sleep(5 * time.Millisecond) {
			// The view is a snapshot of the transaction's first look.
			if err := tx.QueryRow(t.Context(), `
				SELECT EXISTS (SELECT FROM pg_stat_clear_snapshot(), pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')`).Scan(&waits); err != nil {
				return err
			}
		}
		_, err := tx.Exec(t.Context(), `SELECT id FROM customers WHERE id = $1 FOR NO KEY UPDATE NOWAIT`, d.gone)
		return err
	}); err != nil {
		t.Error(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}
