package contacts_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"dunwell/internal/contact"
	"dunwell/internal/customer"
	"dunwell/internal/dbtest"
	"dunwell/internal/tenant"
	"dunwell/web/webtest"
)

// desk is a company with a customer who has a lorry and a best time, and another
// customer with another lorry. Its clock stands at 10:30 on Monday 16 March 2026, in
// Oslo.
type desk struct {
	*webtest.Site
	acme          *dbtest.Company
	id, other     int64
	vehicle       int64
	path, summary string
	types         map[string]int64 // by their codes
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{Site: webtest.New(t), types: map[string]int64{}}
	d.acme = dbtest.Tenant(t, d.Database, "acme")
	d.write(t, d.acme.Admin, func(tx *tenant.Tx) (err error) {
		d.id, _ = dbtest.Customer(t, tx, "C-10428")
		d.other, _ = dbtest.Customer(t, tx, "C-20000")
		if d.vehicle, err = customer.AddVehicle(t.Context(), tx, d.id, customer.Vehicle{Registration: "AB 12345"}); err != nil {
			return err
		}
		if _, err = customer.AddVehicle(t.Context(), tx, d.other, customer.Vehicle{Registration: "ZZ 99999"}); err != nil {
			return err
		}
		if err = customer.AddTime(t.Context(), tx, d.id, customer.ContactTime{Kind: customer.Best, Weekdays: customer.Workdays, From: "09:00", To: "11:00"}); err != nil {
			return err
		}
		if err = customer.AddTime(t.Context(), tx, d.id, customer.ContactTime{Kind: customer.Forbidden, Weekdays: customer.Everyday, From: "12:00", To: "13:00"}); err != nil {
			return err
		}
		if err = contact.Seed(t.Context(), tx); err != nil {
			return err
		}
		all, err := contact.AllTypes(t.Context(), tx)
		for _, c := range all {
			d.types[c.Code] = c.ID
		}
		return err
	})
	_, err := d.Owner(t).Exec(t.Context(), `
		WITH b AS (INSERT INTO branches (tenant_id, name) VALUES ($1, 'Bergen') RETURNING id),
			d AS (INSERT INTO departments (tenant_id, name) VALUES ($1, 'Workshop') RETURNING id)
		UPDATE members SET branch_id = b.id, department_id = d.id FROM b, d WHERE members.id = $2`, d.acme.ID, d.acme.CollectorID)
	if err != nil {
		t.Fatal(err)
	}
	d.path = fmt.Sprintf("/customers/%d", d.id)
	d.summary = d.path + "/summary"
	return d
}

func (d *desk) write(t *testing.T, who tenant.Who, f func(*tenant.Tx) error) {
	t.Helper()
	if err := d.Write(t.Context(), who, f); err != nil {
		t.Fatal(err)
	}
}

// filled is the form of a contact that the manager is to follow up on 18 March.
func (d *desk) filled(pairs ...string) url.Values {
	form := values("type", fmt.Sprint(d.types["CALL"]), "proposed_for", fmt.Sprint(d.types["CALL"]), "description", "Says the transfer went out",
		"executive", fmt.Sprint(d.acme.CollectorID), "vehicle", fmt.Sprint(d.vehicle), "assignee", fmt.Sprint(d.acme.ManagerID), "due_on", "2026-03-18", "due_at", "14:15",
		"next_type", fmt.Sprint(d.types["CHECK"]))
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return form
}

// added is a contact that was written down over the form, its id.
func (d *desk) added(t *testing.T) int64 {
	t.Helper()
	page := d.As(t, d.acme.Collector).Post(d.path+"/contacts", d.filled())
	var id int64
	if _, err := fmt.Sscanf(page.Location, d.summary+"#contact-%d", &id); err != nil {
		t.Fatalf("the form led to %q, status %d: %.2000s", page.Location, page.Code, page.Body)
	}
	return id
}

func (d *desk) at(id int64, path string) string {
	return fmt.Sprintf("%s/contacts/%d%s", d.path, id, path)
}

// values makes a form of names and values.
func values(pairs ...string) url.Values {
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return form
}

func plain(page webtest.Page) string {
	text := regexp.MustCompile(`<[^>]*>`).ReplaceAllString(page.Body, " ")
	return strings.Join(strings.Fields(text), " ")
}

// S3.7, S3.25 to S3.27: the form is reached from the summary, Save writes the contact
// and returns to the summary, where it stands.
func TestNewContact(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	c := d.As(t, d.acme.Collector)
	c.Get(d.summary).Has(t, http.StatusOK, "Nobody has written down a contact yet", d.path+"/contacts/new")
	page := c.Get(d.path + "/contacts/new")
	// S3.8, S3.12, S3.13: oneself, with one's department and branch
	page.Has(t, http.StatusOK, "New contact", "Workshop</option>", ">Bergen</output>", fmt.Sprintf(`<option value="%d" selected>acme collector`, d.acme.CollectorID),
		`<optgroup label="Collection">`, "Follow-up details")
	// S3.16: this customer's vehicles only
	page.Has(t, http.StatusOK, "AB 12345")
	page.Lacks(t, "ZZ 99999")
	// S3.21, S3.22: the best time stands there to be opened, with another icon where none is known
	page.Has(t, http.StatusOK, "Best: weekdays 09:00–11:00", "#clock-check")
	c.Get(fmt.Sprintf("/customers/%d/contacts/new", d.other)).Has(t, http.StatusOK, "Best time not known", "#clock\"")

	id := d.added(t)
	if text := plain(c.Get(d.summary)); !strings.Contains(text, "CALL Payment call open") || !strings.Contains(text, "Wed 18 Mar 14:15 · acme manager · CHECK Payment check") {
		t.Errorf("the summary says %.3000s", text)
	}
	// S3.26, S3.35: in the other executive's diary on its day, leading to the summary
	d.Now = func() time.Time { return time.Date(2026, 3, 18, 8, 0, 0, 0, time.UTC) }
	d.As(t, d.acme.Manager).Get("/").Has(t, http.StatusOK, "Payment check: Says the transfer went out", fmt.Sprintf("%s#contact-%d", d.summary, id))
	d.As(t, d.acme.Collector).Get("/").Lacks(t, "Says the transfer went out")
}

// What is refused comes back with what was typed and a message beside each field.
func TestNewContactRefused(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	c := d.As(t, d.acme.Collector)
	page := c.Post(d.path+"/contacts", d.filled("description", "", "due_on", "2026-03-13", "type", ""))
	page.Has(t, http.StatusUnprocessableEntity, "Say what it was about.", "Choose the code", "This day is past.", `value="14:15"`, `aria-invalid="true"`)
	c.Post(d.path+"/contacts", d.filled("due_on", "soon")).Has(t, http.StatusUnprocessableEntity, "This is no day. Write it as 2027-03-31", "Says the transfer went out")
	c.Get(d.summary).Has(t, http.StatusOK, "Nobody has written down a contact yet")
	// twice: the second answers the first's
	form := d.filled("form_id", "0b5e8a30-7c1d-4c58-9a53-1d0f1f9f2a11")
	first, second := c.Post(d.path+"/contacts", form), c.Post(d.path+"/contacts", form)
	second.Leads(t, first.Location)
	if n := strings.Count(c.Get(d.summary).Body, `id="contact-`); n != 1 {
		t.Errorf("posted twice it stands there %d times", n)
	}
}

// S3.11, S3.20, S3.23, S3.24: what depends on a choice comes with it: action, branch,
// proposals and the diary of the day; without a script by a button.
func TestFormFollowsWhatIsChosen(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.added(t) // the manager has 14:15 taken on Wednesday
	c := d.As(t, d.acme.Collector)
	look := func(pairs ...string) webtest.Page {
		form := values("look", "on", "executive", fmt.Sprint(d.acme.CollectorID), "assignee", fmt.Sprint(d.acme.ManagerID))
		for i := 0; i < len(pairs); i += 2 {
			form.Set(pairs[i], pairs[i+1])
		}
		return c.Post(d.path+"/contacts", form)
	}
	call, docs := fmt.Sprint(d.types["CALL"]), fmt.Sprint(d.types["DOCS"])
	page := look("type", call)
	page.Has(t, http.StatusOK, "Call again where no day of payment was agreed.", `value="2026-03-19"`, fmt.Sprintf(`<option value="%d" selected>CHECK`, d.types["CHECK"]),
		"acme manager, ", `name="proposed_for" value="`+call+`"`)
	// another code brings its own day, as long as nobody typed one
	look("type", docs, "proposed_for", call, "proposed_on", "2026-03-19", "due_on", "2026-03-19", "proposed_type", fmt.Sprint(d.types["CHECK"]), "next_type", fmt.Sprint(d.types["CHECK"])).
		Has(t, http.StatusOK, `value="2026-03-18"`, fmt.Sprintf(`<option value="%d" selected>CALL`, d.types["CALL"]), "14:15", "Payment check: Says the transfer")
	page = look("type", docs, "proposed_for", call, "proposed_on", "2026-03-19", "due_on", "2026-04-02")
	page.Has(t, http.StatusOK, `id="contact-due_on" name="due_on" type="date" value="2026-04-02"`)
	// S3.23: hours that are free, taken, best and forbidden
	text := plain(look("type", call, "proposed_for", call, "due_on", "2026-03-18"))
	for _, want := range []string{"09:00 free best time", "10:00 free best time", "11:00 free 12:00", "12:00 free not to be tried", "14:00 14:15 Customer C-10428 Payment check: Says"} {
		if !strings.Contains(text, want) {
			t.Errorf("the day lacks %q: %s", want, text)
		}
	}
	// S3.24: another executive, another diary
	page = look("type", call, "proposed_for", call, "due_on", "2026-03-18", "assignee", fmt.Sprint(d.acme.AdminID), "executive", fmt.Sprint(d.acme.AdminID))
	page.Has(t, http.StatusOK, "acme admin, ", "No branch")
	page.Lacks(t, "Says the transfer")
	// an hour that is pressed goes into the field
	form := d.filled("hour", "10:00")
	c.Post(d.path+"/contacts", form).Has(t, http.StatusOK, `name="due_at" type="time" value="10:00"`)
	// a day off is said
	look("type", call, "proposed_for", call, "due_on", "2026-03-21").Has(t, http.StatusOK, "is a Saturday; nobody may be there")
	// and that the executive is away, with who covers
	if _, err := d.Owner(t).Exec(t.Context(), `INSERT INTO absences (tenant_id, member_id, cover_id, from_on, until_on) VALUES ($1, $2, $3, '2026-03-19', '2026-03-20')`,
		d.acme.ID, d.acme.ManagerID, d.acme.AdminID); err != nil {
		t.Fatal(err)
	}
	look("type", call, "proposed_for", call, "due_on", "2026-03-20").Has(t, http.StatusOK, "acme manager is away until Fri 20 Mar 2026")
	look("type", call, "proposed_for", call, "due_on", "2026-03-18").Lacks(t, "is away")
	// saved without a look, the proposals come in
	form = d.filled()
	for _, name := range []string{"proposed_for", "due_on", "due_at", "next_type"} {
		form.Del(name)
	}
	c.Post(d.path+"/contacts", form)
	if text := plain(c.Get(d.summary)); !strings.Contains(text, "Thu 19 Mar · acme manager · CHECK Payment check") {
		t.Errorf("saved without a look: %.2000s", text)
	}
}

// The best times are the customer's own clock.
func TestBestTimesByTheCustomersClock(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	if _, err := d.Owner(t).Exec(t.Context(), `UPDATE customers SET time_zone = 'Europe/London' WHERE id = $1`, d.id); err != nil {
		t.Fatal(err)
	}
	text := plain(d.As(t, d.acme.Collector).Post(d.path+"/contacts", d.filled("look", "on")))
	if !strings.Contains(text, "09:00 free 10:00 free best time 11:00 free best time 12:00 free 13:00 free not to be tried") {
		t.Errorf("the day in London: %s", text)
	}
}

// S3.6: the summary is filtered, and goes on by pages.
func TestSummaryOfContacts(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	c := d.As(t, d.acme.Collector)
	for n := range 12 {
		c.Post(d.path+"/contacts", d.filled("description", fmt.Sprintf("Number %d.", n+1)))
	}
	page := c.Get(d.summary)
	page.Has(t, http.StatusOK, "Number 12.", "Number 3.", "All departments", "All groups", "All branches", "All executives", "Open and closed")
	page.Lacks(t, "Number 2.")
	next := regexp.MustCompile(`/summary\?before=\d+#contacts`).FindString(page.Body)
	c.Get(strings.TrimSuffix(d.path+next, "#contacts")).Has(t, http.StatusOK, "Number 2.", "Number 1.")
	c.Get(d.summary+"?state=closed").Has(t, http.StatusOK, "No contact fits.")
	c.Get(fmt.Sprintf("%s?executive=%d", d.summary, d.acme.AdminID)).Has(t, http.StatusOK, "No contact fits.")
	c.Get(fmt.Sprintf("%s?executive=%d&state=open", d.summary, d.acme.ManagerID)).Has(t, http.StatusOK, "Number 12.", "state=open")
}

// A company without codes is told where they are made.
func TestNoCodes(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	if _, err := d.Owner(t).Exec(t.Context(), `UPDATE contact_types SET next_type_id = NULL; DELETE FROM contact_types`); err != nil {
		t.Fatal(err)
	}
	d.As(t, d.acme.Collector).Get(d.path+"/contacts/new").Has(t, http.StatusOK, "No codes yet")
}
