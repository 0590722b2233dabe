package admin_test

import (
	"fmt"
	"testing"

	"dunwell/internal/dunning"
	"dunwell/internal/tenant"
)

// A level that is to send by itself says first whom it writes to of those who are in
// the agenda already, and again once it is saved; and that is whom it writes to.
func TestLevelByItself(t *testing.T) {
	t.Parallel()
	s, acme := dunningSite(t)
	s.MailServer(t)
	for i, n := range []string{"C-71", "C-72", "C-73"} {
		owing(t, s, acme, n, int64(710_00+10_01*i))
	}
	exec(t, s, `INSERT INTO contact_points (tenant_id, customer_id, kind, value, person, role) SELECT tenant_id, id, 'email', lower(number) || '@debtors.example', 'Berit', 'debtor' FROM customers WHERE number < 'C-73'`)
	if err := s.Write(t.Context(), acme.System(), func(tx *tenant.Tx) error {
		_, err := dunning.RunOnly(t.Context(), tx, tx.Today())
		return err
	}); err != nil {
		t.Fatal(err)
	}
	exec(t, s, `UPDATE tenants SET payments_loaded_to = now() + interval '10 years'`)
	c, at := s.As(t, acme.Admin), levelAt(t, s, "First reminder")
	policy := policyAt(t, s, "Standard")
	mail := fmt.Sprint(count(t, s, `SELECT id FROM templates WHERE name = 'First reminder' AND channel = 'email'`))
	typed := level("version", "1", "mode", "automatic", "after_days", "5", "email", mail, "first", "email")
	page := c.Post(at, typed)
	page.Has(t, 200, "2 customers who stand in the agenda now are written to by the level itself: nobody looks first.", "That is 2 e-mails.", "EUR 1,430.01",
		"All of it leaves within 10 minutes of saving.", "Whoever a run brings to the level later is written to in the same way.", "In the run nobody comes up who would not have come up")
	if n := count(t, s, `SELECT count(*) FROM levels WHERE mode = 'automatic'`); n != 0 {
		t.Error("it is saved before it was confirmed")
	}
	exec(t, s, `UPDATE tenants SET payments_loaded_to = NULL`)
	c.Post(at, typed).Has(t, 200, "Not at once. Automatic reminders wait: no payments were ever loaded.")
	exec(t, s, `UPDATE tenants SET payments_loaded_to = now() + interval '10 years'`)
	confirm(t, c, at, page).Leads(t, policy)
	c.Get(policy).Has(t, 200, "The level is saved.", "2 customers who stand in the agenda now are written to by the level itself: nobody looks first. All of it leaves within 10 minutes.")
	typed.Set("version", "2")
	typed.Set("wait_days", "6")
	typed.Set("mode", "confirm")
	c.Post(at, typed).Has(t, 200, "This changes what leaves by itself.", "2 customers who stand in the agenda are no longer written to by a level itself.")
	desk := dunning.Desk{Box: s.Outbox}
	if err := desk.SendAutomatic(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := count(t, s, `SELECT count(*) FROM batch_entries`); n != 2 {
		t.Errorf("%d are written to, want 2", n)
	}
	// they are still to be written to, and no longer once their turn has come
	c.Post(at, typed).Has(t, 200, "2 customers who stand in the agenda are no longer written to by a level itself.")
	s.StartJobs(t)
	s.Wait(t, `SELECT bool_and(finished_at IS NOT NULL) FROM batches`)
	page = c.Post(at, typed)
	page.Lacks(t, "no longer written to")
	if n := count(t, s, `SELECT count(*) FROM batch_entries WHERE state = 'done'`); n != 2 {
		t.Errorf("%d were written to, want 2", n)
	}
}
