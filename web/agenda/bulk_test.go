package agenda_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"dunwell/internal/customer"
	"dunwell/internal/dbtest"
	"dunwell/internal/inbox"
	"dunwell/internal/tenant"
)

// Many at once: the page before says whom, and who is left out and why.
func TestBulk(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	m := d.As(t, d.acme.Manager)
	one := fmt.Sprint(d.entries["C-1"])
	m.Get("/agenda/bulk?do=send&whose=team&all=1&back=/agenda?whose%3Dteam").Has(t, http.StatusOK, "Left out", "Customer C-3", "Included", "Customer C-1", "Cancel")
	m.Get("/agenda/bulk?do=send&whose=team&back=/agenda?whose%3Dteam").Leads(t, "/agenda?whose=team")
	m.Get("/agenda/bulk?do=dance&entry="+one).Has(t, http.StatusUnprocessableEntity, "damaged")
	m.Get("/agenda/bulk?do=assign&entry="+one).Has(t, http.StatusOK, "Who gets the customers", "acme admin")
	m.Post("/agenda/bulk", form("do", "assign", "entry", one, "to", "x")).Has(t, http.StatusUnprocessableEntity, "Choose who gets them.")
	m.Post("/agenda/bulk", form("do", "assign", "entry", one, "to", fmt.Sprint(d.acme.ManagerID), "back", mine)).Leads(t, mine)
	page := m.Get(mine)
	page.Has(t, http.StatusOK, "1 customer has another owner now.")
	if got := d.listed(page); got != "C-1" {
		t.Errorf("the manager has %s", got)
	}
	m.Get("/agenda/bulk?do=later&entry="+one).Has(t, http.StatusOK, "Until")
	m.Post("/agenda/bulk", form("do", "later", "entry", one, "until", "")).Has(t, http.StatusUnprocessableEntity)
	d.StartJobs(t)
	page = m.Post("/agenda/bulk", form("do", "later", "entry", one+" "+fmt.Sprint(d.entries["C-2"]), "except", one, "quick", "2026-03-23"))
	if page.Code != http.StatusSeeOther || !strings.HasPrefix(page.Location, "/agenda/batches/") {
		t.Fatalf("status %d to %s: %.600s", page.Code, page.Location, page.Body)
	}
	d.Wait(t, `SELECT count(*) = 1 FROM agenda_entries WHERE later_on = '2026-03-23'`)
	d.Wait(t, `SELECT bool_and(finished_at IS NOT NULL) FROM batches`)
	m.Get(page.Location).Has(t, http.StatusOK, "1 of 1 done", "It is finished.")
	page = m.Post("/agenda/bulk", form("do", "print", "entry", one+" "+fmt.Sprint(d.entries["C-3"])))
	d.Wait(t, `SELECT bool_and(finished_at IS NOT NULL) FROM batches`)
	m.Get(page.Location).Has(t, http.StatusOK, "Print")
	if pdf := m.Get(page.Location + "/letters.pdf"); !strings.HasPrefix(pdf.Body, "%PDF") {
		t.Errorf("the letters are %.200s", pdf.Body)
	}
	c := d.As(t, d.acme.Collector)
	c.Get("/agenda/bulk?do=send&all=1").Has(t, http.StatusForbidden)
	c.Post("/agenda/bulk", form("do", "assign", "entry", one, "to", "1")).Has(t, http.StatusForbidden)
}

// Who sends to many is told who of them wrote and waits for an answer.
func TestBulkNamesWhoWaitsForAnAnswer(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	m := d.As(t, d.acme.Manager)
	one, two := d.entries["C-1"], d.entries["C-2"]
	at := fmt.Sprintf("&entry=%d&entry=%d", one, two)
	m.Get("/agenda/bulk?do=approve"+at).Lacks(t, "no answer yet")
	d.must(t, d.acme.System(), func(tx *tenant.Tx) error {
		_, _, err := inbox.Take(t.Context(), tx, inbox.In{Channel: customer.Mail, ProviderID: "r1", Kind: inbox.Reply, From: "c-1@debtors.example", Subject: "Re", Body: "I paid it.", CustomerID: d.customers["C-1"]})
		return err
	})
	const waits = "1 customer wrote and has no answer yet: Customer C-1 (C-1). Answer first in the inbox, or tick below whom to leave out."
	for _, do := range []string{"approve", "send", "print"} {
		m.Get("/agenda/bulk?do="+do+at).Has(t, http.StatusOK, waits)
	}
	for _, do := range []string{"later", "assign"} {
		m.Get("/agenda/bulk?do="+do+at).Lacks(t, waits)
	}
	m.Get("/agenda/bulk?do=approve&entry="+fmt.Sprint(two)).Lacks(t, "no answer yet:")
}

// Who is chosen and not in the agenda any more is counted by itself, and given to nobody;
// who was taken out stays out when the form is refused.
func TestBulkOfWhoIsNotThere(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	m := d.As(t, d.acme.Manager)
	one, two, three := d.entries["C-1"], d.entries["C-2"], d.entries["C-3"]
	d.must(t, d.acme.System(), func(tx *tenant.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE agenda_entries SET state = 'withdrawn', closed_at = now() WHERE id = $1`, two)
		return err
	})
	some := fmt.Sprintf("/agenda/bulk?do=assign&entry=%d&entry=%d&entry=987654&entry=%d", one, two, one)
	page := m.Get(some)
	page.Has(t, http.StatusOK, ">1 customer · 2 are not in the agenda any more<", `data-rest="1"`, "Customer C-1", fmt.Sprintf(`name="entry" value="%d"`, one))
	page.Lacks(t, "Customer C-2")
	page = m.Get(fmt.Sprintf("/agenda/bulk?do=assign&entry=%d&entry=987654", two))
	page.Has(t, http.StatusOK, ">0 customers · 2 are not in the agenda any more<")
	page.Lacks(t, "data-rest")
	page = m.Get("/agenda/bulk?do=send&entry=987654")
	page.Has(t, http.StatusOK, ">0 customers · 1 is not in the agenda any more<")
	m.Post("/agenda/bulk", form("do", "assign", "entry", fmt.Sprint(two), "to", fmt.Sprint(d.acme.ManagerID))).
		Has(t, http.StatusUnprocessableEntity, "none of them is in the agenda any more. Go back to the list and tick others.")
	m.Post("/agenda/bulk", form("do", "assign", "entry", fmt.Sprint(one, two), "to", fmt.Sprint(d.acme.ManagerID), "back", mine)).Leads(t, mine)
	page = m.Get(mine)
	page.Has(t, http.StatusOK, "1 customer has another owner now.")
	m.Post("/agenda/bulk", form("do", "assign", "entry", fmt.Sprint(one, " ", three), "except", fmt.Sprint(three), "to", "")).
		Has(t, http.StatusUnprocessableEntity, `>1 customer<`, `data-rest="1"`, fmt.Sprintf(`name="entry" value="%d"`, one))
}

// Who stood under Left out stays left out, although something can be sent to them by
// the time the button is pressed.
func TestLeftOutStaysOut(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	m := d.As(t, d.acme.Manager)
	page := m.Get("/agenda/bulk?do=send&whose=team&all=1")
	page.Has(t, http.StatusOK, "Customer C-3", "No e-mail address of this customer is on file.")
	chosen := regexp.MustCompile(`name="entry" value="([0-9 ]+)"`).FindStringSubmatch(page.Body)
	if chosen == nil {
		t.Fatal("the page has not who was chosen")
	}
	d.must(t, d.acme.System(), func(tx *tenant.Tx) error {
		_, err := tx.Exec(t.Context(), `INSERT INTO contact_points (customer_id, kind, value, person, role) VALUES ($1, 'email', 'late@debtors.example', 'Berit', 'debtor')`, d.customers["C-3"])
		return err
	})
	m.Get("/agenda/bulk?do=send&entry="+fmt.Sprint(d.entries["C-3"])).Has(t, http.StatusOK, "1 e-mail")
	d.StartJobs(t)
	batch := m.Post("/agenda/bulk", form("do", "send", "entry", chosen[1])).Location
	d.Wait(t, `SELECT bool_and(finished_at IS NOT NULL) FROM batches`)
	m.Get(batch).Has(t, http.StatusOK, "0 of 2 done, 2 held: they count once they are sent. It is finished.")
	d.Wait(t, fmt.Sprintf(`SELECT count(*) = 0 FROM messages WHERE customer_id = %d`, d.customers["C-3"]))
	d.must(t, d.acme.System(), func(tx *tenant.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE messages SET state = CASE customer_id WHEN $1 THEN 'discarded' ELSE 'unknown' END`, d.customers["C-1"])
		return err
	})
	m.Get(batch).Has(t, http.StatusOK, "0 of 2 done, 1 not sent in the end, of 1 nobody knows whether it was sent. It is finished.", `href="/outbox"`)
}

// What was put away at once comes back at once, but for who was touched since; the
// page says until when, and how many came back.
func TestBulkLaterIsTakenBack(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	m, c := d.As(t, d.acme.Manager), d.As(t, d.acme.Collector)
	d.StartJobs(t)
	at := m.Post("/agenda/bulk", form("do", "later", "entry", fmt.Sprint(d.entries["C-1"], d.entries["C-2"], d.entries["C-3"]), "quick", "2026-03-23")).Location
	d.Wait(t, `SELECT bool_and(finished_at IS NOT NULL) FROM batches`)
	m.Get(at).Has(t, http.StatusOK, "3 of 3 done. It is finished.", "Put away until Mon 23 Mar 2026.", "Undo: bring 3 customers back")
	c.Post(at+"/end", nil).Has(t, http.StatusForbidden, "Only managers and administrators work many entries at once.")
	d.As(t, dbtest.Tenant(t, d.Database, "beta").Admin).Post(at+"/end", nil).Has(t, http.StatusNotFound)
	c.Post(fmt.Sprintf("/agenda/%d/later/end", d.entries["C-2"]), nil).Leads(t, fmt.Sprintf("/agenda/%d", d.entries["C-2"]))
	m.Get(at).Has(t, http.StatusOK, "Of them 2 still are", "Undo: bring 2 customers back")
	m.Post(at+"/end", nil).Leads(t, at)
	page := m.Get(at)
	page.Has(t, http.StatusOK, "2 customers are back in the agenda. 1 other is left as it is: back already, or worked or put away anew since.", "They were put away until Mon 23 Mar 2026.")
	page.Lacks(t, "Undo: bring")
	m.Post(at+"/end", nil).Has(t, http.StatusConflict, "Nobody is put away by this any more", "3 of 3 done")
	if got := d.listed(c.Get(mine)); got != "C-1 C-2 C-3" {
		t.Errorf("the collector has %s", got)
	}
}
