package contacts_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"dunwell/internal/contact"
	"dunwell/internal/customer"
	"dunwell/internal/merge"
	"dunwell/internal/tenant"
)

// S3.36 to S3.38: a contact is opened, followed up with its fields carried over, and
// the chain stands as one thread.
func TestFollowUpAContact(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.added(t)
	m := d.As(t, d.acme.Manager)
	m.Get(d.at(id, "")).Has(t, http.StatusOK, "CALL Payment call", "Says the transfer went out", "Call again where no day of payment was agreed.", d.at(id, "/next"), "Close it")
	page := m.Get(d.at(id, "/next"))
	page.Has(t, http.StatusOK, "Follow up CALL Payment call", fmt.Sprintf(`<option value="%d" selected>CHECK`, d.types["CHECK"]), fmt.Sprintf(`<option value="%d" selected>AB 12345`, d.vehicle),
		fmt.Sprintf(`<option value="%d" selected>acme manager`, d.acme.ManagerID), `value="2026-03-17"`, "See whether the money came")
	form := d.filled("version", "1", "type", fmt.Sprint(d.types["CHECK"]), "proposed_for", fmt.Sprint(d.types["CHECK"]), "description", "The money is there in part")
	m.Post(d.at(id, "/next"), form)
	text := plain(m.Get(d.summary))
	_, text, _ = strings.Cut(text, "New contact")
	if !strings.Contains(text, "The money is there in part") || strings.Index(text, "The money is there in part") > strings.Index(text, "CALL Payment call followed up") || strings.Count(m.Get(d.summary).Body, `<ol class="thread">`) != 1 {
		t.Errorf("the thread: %.3000s", text)
	}
	// who comes second is told, and keeps what was typed
	page = d.As(t, d.acme.Collector).Post(d.at(id, "/next"), d.filled("version", "1", "description", "Mine was second"))
	page.Has(t, http.StatusConflict, "was followed up by acme manager", "Mine was second")
	d.As(t, d.acme.Collector).Get(d.at(id, "/next")).Has(t, http.StatusOK, "no longer open")
	d.As(t, d.acme.Collector).Get(d.at(id, "")).Has(t, http.StatusOK, "The next contact", "The whole chain")
}

// S3.39 to S3.42: closed with a description, it stays in the summary and leaves the
// diary.
func TestCloseAContact(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.added(t)
	m := d.As(t, d.acme.Manager)
	m.Post(d.at(id, "/closure"), values("version", "1", "closing", " ")).Has(t, http.StatusUnprocessableEntity, "Write what came of it: a contact is not closed without.")
	m.Post(d.at(id, "/closure"), values("version", "9", "closing", "Paid")).Has(t, http.StatusConflict, "Somebody else changed this contact", "\nPaid")
	m.Post(d.at(id, "/closure"), values("version", "1", "closing", "Paid in full")).Leads(t, fmt.Sprintf("%s#contact-%d", d.summary, id))
	m.Post(d.at(id, "/closure"), values("version", "1", "closing", "I was second")).Has(t, http.StatusConflict, "What you typed", "\nI was second")
	if text := plain(m.Get(d.summary)); !strings.Contains(text, "CALL Payment call closed") || !strings.Contains(text, "Paid in full · acme manager") {
		t.Errorf("the summary says %.2000s", text)
	}
	m.Get(d.at(id, "")).Lacks(t, "Close it", "Log a failed attempt")
	d.Now = func() time.Time { return time.Date(2026, 3, 18, 8, 0, 0, 0, time.UTC) }
	m.Get("/").Lacks(t, "Says the transfer went out")
}

// A failed attempt is logged from the summary and from the contact; after five of them
// somebody has to decide.
func TestFailedAttempts(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.added(t)
	m := d.As(t, d.acme.Manager)
	m.Get(d.at(id, "")).Has(t, http.StatusOK, "logged as attempt 1 of 5")
	for n := 1; n <= contact.MaxAttempts; n++ {
		m.Post(d.at(id, "/attempts"), values("version", fmt.Sprint(n), "attempt", "Engaged", "back", d.path)).Leads(t, d.path)
	}
	m.Get(d.path).Has(t, http.StatusOK, "Failed attempt 5 of 5 is logged. Again on Wed 18 Mar 2026, 14:15.")
	page := m.Get(d.summary)
	page.Has(t, http.StatusOK, "5 attempts in a row have failed. Decide", "5 failed attempts")
	page.Lacks(t, d.at(id, "/attempts"))
	m.Post(d.at(id, "/attempts"), values("version", "6")).Has(t, http.StatusConflict, "5 attempts in a row have failed. Decide")
	m.Post(d.at(id, "/date"), values("version", "6", "due_on", "2026-03-30")).Leads(t, fmt.Sprintf("%s#contact-%d", d.summary, id))
	m.Get(d.summary).Has(t, http.StatusOK, "The contact is moved to Mon 30 Mar 2026.", d.at(id, "/attempts"))
	m.Post(d.at(id, "/date"), values("version", "7", "due_on", "soon")).Has(t, http.StatusUnprocessableEntity, "This is no day.")
	m.Post(d.at(id, "/date"), values("version", "7", "due_on", "2026-03-01")).Has(t, http.StatusUnprocessableEntity, "This day is past.")
}

// An open contact is changed; where two do so at once, both are told apart.
func TestChangeAContact(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.added(t)
	m, c := d.As(t, d.acme.Manager), d.As(t, d.acme.Collector)
	m.Get(d.at(id, "/edit")).Has(t, http.StatusOK, "Edit CALL Payment call", "Says the transfer went out", `value="14:15"`)
	seen := d.filled("version", "1", "seen_description", "Says the transfer went out", "seen_due_at", "14:15", "seen_due_on", "2026-03-18")
	hers := url.Values{}
	for name, v := range seen {
		hers[name] = v
	}
	hers.Set("due_at", "15:30")
	m.Post(d.at(id, ""), hers).Leads(t, fmt.Sprintf("%s#contact-%d", d.summary, id))
	seen.Set("description", "Says it went out on Friday")
	page := c.Post(d.at(id, ""), seen)
	page.Has(t, http.StatusConflict, "this contact was changed while you were writing", "Changed meanwhile from “14:15”, and taken over.", "Says it went out on Friday", `value="15:30"`,
		"follow-up Wed 18 Mar 2026, 15:30 instead of Wed 18 Mar 2026, 14:15")
	c.Post(d.at(id, ""), d.filled("version", "2", "due_on", "2026-03-13")).Has(t, http.StatusUnprocessableEntity, "This day is past.")
	c.Post(d.at(id, ""), d.filled("version", "2", "hour", "11:00")).Has(t, http.StatusOK, `name="due_at" type="time" value="11:00"`)
	if _, err := d.Owner(t).Exec(t.Context(), `UPDATE customers SET archived_at = now() WHERE id = $1`, d.id); err != nil {
		t.Fatal(err)
	}
	c.Get(d.at(id, "/edit")).Has(t, http.StatusOK, "archived")
	c.Get(d.summary).Lacks(t, "New contact", d.at(id, "/next"))
}

// An old address of what moved with a merging leads to where it stands now, and of a form
// that was open meanwhile the words stay. Who does not see the other one learns nothing.
func TestContactOfADuplicate(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.added(t)
	d.write(t, d.acme.Manager, func(tx *tenant.Tx) error {
		from, err := customer.Find(t.Context(), tx, d.id)
		if err != nil {
			return err
		}
		into, err := customer.Find(t.Context(), tx, d.other)
		if err != nil {
			return err
		}
		return merge.Merge(t.Context(), tx, merge.Plan{From: d.id, Into: d.other, FromVersion: from.Version, IntoVersion: into.Version, Reason: "Same tax number"})
	})
	c, now := d.As(t, d.acme.Collector), fmt.Sprintf("/customers/%d", d.other)
	for _, path := range []string{"", "/edit", "/next", "/next?back=%2Fdiary"} {
		moved := fmt.Sprintf("%s/contacts/%d%s", now, id, path)
		c.Get(d.at(id, path)).Leads(t, moved)
		c.Get(moved).Has(t, http.StatusOK, "C-10428, Customer C-10428, was merged into this customer.", "CALL Payment call")
	}
	vehicle := fmt.Sprintf("/vehicles/%d", d.vehicle)
	c.Get(d.path+vehicle).Leads(t, now+vehicle)
	c.Get(now+vehicle).Has(t, http.StatusOK, "AB 12345")
	c.Get(d.path+"/vehicles/999999").Leads(t, now+"/vehicles/999999")
	c.Get(now+"/vehicles/999999").Has(t, http.StatusNotFound)

	forms := map[string]url.Values{
		d.at(id, "/closure"):  values("version", "1", "closing", "They <typed>\r\nit"),
		d.at(id, "/attempts"): values("version", "1", "attempt", "They <typed>\nit"),
		d.at(id, "/next"):     d.filled("version", "1", "description", "They <typed>\nit"),
		d.at(id, ""):          d.filled("version", "1", "description", "They <typed>\nit"),
		d.path + vehicle:      values("version", "1", "make", "They <typed>", "model", "it"),
	}
	for path, form := range forms {
		page := c.Post(path, form)
		page.Has(t, http.StatusConflict, "This customer was merged into another one", "Nothing was saved.", "Open the other one", fmt.Sprintf(`href="%s"`, now),
			"They &lt;typed&gt;\nit</textarea>", fmt.Sprintf(`action="%s/notes"`, now))
	}
	page := c.Post(d.at(id, "/date"), values("version", "1", "due_on", "2026-03-30"))
	page.Has(t, http.StatusConflict, "Open the other one")
	page.Lacks(t, "<textarea")
	c.Get(fmt.Sprintf("%s/contacts/%d", now, id)).Has(t, http.StatusOK, "Close it")
	c.Post(fmt.Sprintf("/customers/%d/contacts/%d/closure", 999999, id), values("closing", "Paid")).Has(t, http.StatusNotFound)

	for _, sql := range []string{`UPDATE tenants SET branch_limited = true`, `UPDATE customers SET branch_id = (SELECT branch_id FROM members WHERE branch_id IS NOT NULL) WHERE merged_into IS NOT NULL`} {
		if _, err := d.Owner(t).Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	c.Get(d.path+"/notes").Has(t, http.StatusOK) // sees the duplicate, and not the one who stayed
	c.Get(d.at(id, "")).Has(t, http.StatusNotFound)
	for path, form := range forms {
		page := c.Post(path, form)
		page.Has(t, http.StatusNotFound)
		page.Lacks(t, "merged", now)
	}
}
