package agenda_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"dunwell/internal/dbtest"
	"dunwell/internal/dunning"
	"dunwell/internal/message"
	"dunwell/internal/tenant"
)

// sql changes the company past its rules.
func (d *desk) sql(t *testing.T, sql string, args ...any) {
	t.Helper()
	if _, err := d.Owner(t).Exec(t.Context(), sql, args...); err != nil {
		t.Fatal(err)
	}
}

// What levels sent by themselves stands on the agenda of who works many at once, with
// the way to who was left out and why; and all that was done in bulk is found again.
func TestDoneInBulkLately(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.MailServer(t)
	d.StartJobs(t)
	m, c := d.As(t, d.acme.Manager), d.As(t, d.acme.Collector)
	m.Get("/agenda/batches").Has(t, http.StatusOK, "Nothing was done in bulk yet")
	page := m.Get("/agenda?whose=team")
	page.Has(t, http.StatusOK, `href="/agenda/batches">Done in bulk lately`)
	page.Lacks(t, "By themselves today")

	own := m.Post("/agenda/bulk", form("do", "later", "entry", fmt.Sprint(d.entries["C-9"]), "quick", "2026-03-23")).Location
	d.Wait(t, `SELECT bool_and(finished_at IS NOT NULL) FROM batches`)
	m.Get("/agenda?whose=team").Lacks(t, "By themselves today")
	m.Get("/agenda/batches").Has(t, http.StatusOK, `href="`+own+`">Put away`, "acme manager", "1 of 1 done")

	d.sql(t, `UPDATE levels SET mode = 'automatic'`)
	d.sql(t, `UPDATE tenants SET payments_loaded_to = now() + interval '10 years'`)
	desk := dunning.Desk{Box: d.Outbox}
	send := func() {
		t.Helper()
		if err := desk.SendAutomatic(t.Context()); err != nil {
			t.Fatal(err)
		}
		d.Wait(t, `SELECT bool_and(finished_at IS NOT NULL) FROM batches`)
	}
	send()
	page = m.Get("/agenda?whose=team")
	link := regexp.MustCompile(`By themselves today: <a href="(/agenda/batches/\d+)">2 written to</a>`).FindStringSubmatch(page.Body)
	if link == nil {
		t.Fatalf("the agenda does not say what went out: %s", regexp.MustCompile(`(?s)By them.{300}|flash.{300}`).FindAllString(page.Body, -1))
	}
	m.Get(link[1]).Has(t, http.StatusOK, "2 of 2 done", "Dunwell")
	page = c.Get(mine)
	page.Lacks(t, "By themselves today", "Done in bulk lately")
	c.Get("/agenda/batches").Has(t, http.StatusForbidden, "Only managers and administrators work many entries at once.")

	// A second batch, which leaves its customer out.
	d.sql(t, `INSERT INTO contact_points (tenant_id, customer_id, kind, value, person, role) SELECT tenant_id, id, 'email', 'nobody@debtors.example', 'Berit', 'debtor' FROM customers WHERE number = 'C-3'`)
	d.sql(t, `CREATE FUNCTION left_out() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.state := 'left'; NEW.why := 'Meanwhile'; NEW.at := now(); RETURN NEW; END $$`)
	d.sql(t, `CREATE TRIGGER left_out BEFORE INSERT ON batch_entries FOR EACH ROW EXECUTE FUNCTION left_out()`)
	send()
	m.Get("/agenda?whose=team").Has(t, http.StatusOK, `By themselves today: <a href="/agenda/batches">2 written to, 1 left out</a>`)
	m.Get("/agenda/batches").Has(t, http.StatusOK, "Dunwell, by itself", "0 of 1 done, 1 left out", "2 of 2 done", "Put away")
	m.Get("/agenda/bulk?do=later&whose=team&all=1").Has(t, http.StatusOK, `href="/agenda/batches"`)
	// One of the two comes back.
	d.sql(t, `UPDATE messages SET state = 'bounced' WHERE id = (SELECT max(message_id) FROM batch_entries)`)
	m.Get("/agenda?whose=team").Has(t, http.StatusOK, `By themselves today: <a href="/agenda/batches">1 written to, 1 did not arrive, 1 left out</a>`)
	m.Get("/agenda/batches").Has(t, http.StatusOK, "1 of 2 done, 1 not sent in the end")
	d.sql(t, `UPDATE messages SET state = 'unknown' WHERE state = 'bounced'`)
	m.Get("/agenda?whose=team").Has(t, http.StatusOK, ">1 written to, of 1 nobody knows whether it was sent, 1 left out</a>")
	d.sql(t, `UPDATE batches SET on_day = on_day - 1`)
	page = m.Get("/agenda?whose=team")
	page.Has(t, http.StatusOK, "Done in bulk lately")
	page.Lacks(t, "By themselves today")
	d.As(t, dbtest.Tenant(t, d.Database, "beta").Admin).Get("/agenda/batches").Has(t, http.StatusOK, "Nothing was done in bulk yet")
}

// Without a mail server the agenda does not say that automatic reminders go out.
func TestAgendaNamesTheWayOut(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	m, c := d.As(t, d.acme.Manager), d.As(t, d.acme.Collector)
	const no = "No mail server is set up here: the e-mails of automatic levels wait until there is one."
	m.Get("/agenda").Lacks(t, no)
	d.sql(t, `UPDATE levels SET mode = 'automatic'`)
	c.Get(mine).Has(t, http.StatusOK, no, "Automatic reminders wait: no payments were ever loaded.")
	m.Post("/agenda/waiver", form("back", "/agenda?whose=team")).Leads(t, "/agenda?whose=team")
	page := m.Get("/agenda?whose=team")
	page.Has(t, http.StatusOK, "Automatic reminders no longer wait for the payments today. Something else keeps them: "+no,
		"Automatic reminders do not wait for payments today, although no payments were ever loaded: a manager let them go.")
	page.Lacks(t, "go out today")
	d.MailServer(t)
	page = c.Get(mine)
	page.Has(t, http.StatusOK, "Automatic reminders go out today although no payments were ever loaded")
	page.Lacks(t, no)
	d.sql(t, `UPDATE tenants SET dunning_on = false`)
	d.Outbox.Server = nil
	c.Get(mine).Lacks(t, no)
}

// Where one of two ways out is set up, who lets automatic reminders go is told what
// waits all the same, as the agenda beside it says.
func TestWaiverNamesTheWayThatIsShut(t *testing.T) {
	t.Parallel()
	const noMail, rest = "No mail server is set up here: the e-mails of automatic levels wait until there is one.",
		" Other automatic reminders go out today, whatever payments are loaded. Tomorrow they wait again."
	for name, c := range map[string]struct {
		set  func(*desk)
		shut string // empty: nothing is
	}{
		"a mail server alone": {func(d *desk) { d.MailServer(t) }, "The SMS of automatic levels wait. "},
		"a provider alone":    {func(d *desk) { d.Telephone(t, d.acme) }, noMail},
		"both":                {func(d *desk) { d.MailServer(t); d.Telephone(t, d.acme) }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			d.must(t, d.acme.Admin, func(tx *tenant.Tx) error { return message.SeedTemplates(t.Context(), tx) })
			d.sql(t, `
				INSERT INTO level_actions (tenant_id, level_id, position, kind, template_id)
				SELECT l.tenant_id, l.id, 9, 'sms', (SELECT min(x.id) FROM templates x WHERE x.channel = 'sms' AND x.demands) FROM levels l WHERE l.after_days = 5`)
			d.sql(t, `UPDATE levels SET mode = 'automatic' WHERE after_days = 5`)
			c.set(d)
			m := d.As(t, d.acme.Manager)
			m.Post("/agenda/waiver", form("back", mine)).Leads(t, mine)
			page := m.Get(mine)
			if c.shut == "" {
				page.Has(t, http.StatusOK, "Automatic reminders go out today, whatever payments are loaded. Tomorrow they wait again.")
				page.Lacks(t, "of automatic levels wait", "Other automatic reminders")
				return
			}
			page.Has(t, http.StatusOK, c.shut, rest, "Automatic reminders do not wait for payments today, although no payments were ever loaded")
			page.Lacks(t, "Automatic reminders go out today", "Something else keeps them")
			if n := strings.Count(page.Body, c.shut); n != 2 { // in the answer, and on the agenda
				t.Errorf("%q stands there %d times", c.shut, n)
			}
		})
	}
}
