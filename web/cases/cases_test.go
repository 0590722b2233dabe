package cases_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"dunwell/internal/cases"
	"dunwell/internal/dbtest"
	"dunwell/internal/ledger"
	"dunwell/internal/tenant"
	"dunwell/web/webtest"
)

// desk is a company whose customer owes 600.01 (A) and 250.02 (B), and a colleague who
// settles prices. It is Monday 16 March 2026, 10:30 in Oslo.
type desk struct {
	*webtest.Site
	*dbtest.Company
	customer, a, b, jo int64
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	s := webtest.New(t)
	d := &desk{Site: s, Company: dbtest.Tenant(t, s.Database, "acme")}
	d.write(t, d.Admin, func(tx *tenant.Tx) (err error) {
		id, account := dbtest.Customer(t, tx, "C-1")
		d.customer = id
		d.a = dbtest.Item(t, tx, account, "A", "2026-01-10", 600_01, "EUR")
		d.b = dbtest.Item(t, tx, account, "B", "2026-02-10", 250_02, "EUR")
		d.jo, err = cases.SaveResolver(t.Context(), tx, cases.Resolver{Name: "Jo Sales", Email: "jo@acme.example"})
		return err
	})
	return d
}

func (d *desk) write(t *testing.T, who tenant.Who, f func(*tenant.Tx) error) {
	t.Helper()
	if err := d.Write(t.Context(), who, f); err != nil {
		t.Fatal(err)
	}
}

func (d *desk) at(path string) string { return fmt.Sprintf("/customers/%d%s", d.customer, path) }

// status is the company's status of that family.
func (d *desk) status(t *testing.T, family string) (id string) {
	t.Helper()
	if err := d.Owner(t).QueryRow(t.Context(), `SELECT min(id)::text FROM item_statuses WHERE family = $1`, family).Scan(&id); err != nil {
		t.Fatal(err)
	}
	return id
}

// open opens a case with A by one form.
func (d *desk) open(t *testing.T, c *webtest.Client, more ...string) {
	t.Helper()
	form := url.Values{"item": {fmt.Sprint(d.a)}, "action": {"case"}, "title": {"Price of March"}, "comment": {"Too dear."}}
	for i := 0; i < len(more); i += 2 {
		form.Set(more[i], more[i+1])
	}
	if page := c.Post(d.at("/statuschange"), form); page.Code != http.StatusSeeOther {
		t.Fatalf("status %d: %.800s", page.Code, page.Body)
	}
}

var (
	hiddenInput = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)"`)
	linkIn      = regexp.MustCompile(`/resolve/[\w.-]+`)
)

// carried are the hidden fields of the form.
func carried(page webtest.Page) url.Values {
	form := url.Values{}
	_, body, _ := strings.Cut(page.Body, `<form class="wizard"`)
	for _, m := range hiddenInput.FindAllStringSubmatch(body, -1) {
		form.Add(m[1], m[2])
	}
	form.Del("form_id")
	return form
}

// S4.8, S4.9, S4.12, S4.14: from the customer, tick, three pages, the last one set to
// follow-up; the case stands on the customer's page then. Back and forth loses nothing.
func TestThreePagesWithoutScriptOpenACase(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	c := d.As(t, d.Collector)
	c.Get(d.at("/items")).Has(t, http.StatusOK, "Change status")
	first := c.Get(fmt.Sprintf("%s?item=%d", d.at("/statuschange"), d.a))
	first.Has(t, http.StatusOK, "Step 1 of 3", "Resolution manager", "Jo Sales", "EUR 600.01")
	form := carried(first)
	form.Set("item", fmt.Sprint(d.a))
	form.Set("status", d.status(t, ledger.Disputed))
	form.Set("comment", "They never got it.")
	form.Set(fmt.Sprintf("asked_%d", d.a), "100.00")
	form.Set("resolver", fmt.Sprint(d.jo))
	form.Set("go", "2")
	second := c.Post(d.at("/statuschange"), form)
	second.Has(t, http.StatusOK, "Step 2 of 3", "No e-mail address of this customer is known", "To Jo Sales, with a link to answer by", "- A, EUR 600.01 open, EUR 100.00 of it in question", "They never got it.")
	form = carried(second)
	form.Set("go", "3")
	third := c.Post(d.at("/statuschange"), form)
	third.Has(t, http.StatusOK, "Step 3 of 3", "Next dunning step", "Follow-up: a new case")
	form = carried(third)
	form.Set("go", "1")
	back := c.Post(d.at("/statuschange"), form)
	back.Has(t, http.StatusOK, "Step 1 of 3", "They never got it.", `value="100.00"`, "checked")
	form = carried(third)
	form.Set("action", "case")
	form.Set("title", "Lost delivery")
	done := c.Post(d.at("/statuschange"), form)
	if done.Code != http.StatusSeeOther || done.Location != d.at("/items") {
		t.Fatalf("status %d to %q: %.800s", done.Code, done.Location, done.Body)
	}
	c.Get(done.Location).Has(t, http.StatusOK, "The case is open. 1 item is changed.", "Open the case", "in case Lost delivery: 100.00 in question", "Disputed")
	c.Get(d.at("/cases")).Has(t, http.StatusOK, "Lost delivery", "with Jo Sales", "EUR 100.00 in question")
	c.Get("/cases/1").Has(t, http.StatusOK, "Lost delivery", "They never got it.", "left to dunning", "500.01", "0 days open")
	c.Get("/cases").Has(t, http.StatusOK, "Lost delivery", "1 case", "500.01")
}

// S4.13, S4.32: Submit completes it from the first page; the case is what the status proposes.
func TestSubmitIsUsableFromTheFirstPage(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	disputed := d.status(t, ledger.Disputed)
	d.write(t, d.Admin, func(tx *tenant.Tx) error {
		var id int64
		_, _ = fmt.Sscan(disputed, &id)
		s, err := ledger.FindStatus(t.Context(), tx, id)
		if err != nil {
			return err
		}
		s.CaseRule, s.CaseTitle = ledger.CaseSuggest, "Dispute"
		_, err = ledger.SaveStatus(t.Context(), tx, s)
		return err
	})
	c := d.As(t, d.Collector)
	page := c.Post(d.at("/statuschange"), url.Values{"step": {"1"}, "item": {fmt.Sprint(d.a), fmt.Sprint(d.b)}, "status": {disputed}, "comment": {"Both."}})
	if page.Code != http.StatusSeeOther {
		t.Fatalf("status %d: %.800s", page.Code, page.Body)
	}
	c.Get("/cases/1").Has(t, http.StatusOK, "Dispute", "850.03")
}

func TestARefusedChangeKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	c := d.As(t, d.Collector)
	page := c.Post(d.at("/statuschange"), url.Values{"step": {"3"}, "item": {fmt.Sprint(d.a)}, fmt.Sprintf("asked_%d", d.a): {"9999"}, "comment": {"kept words"}, "action": {"case"}, "title": {"kept title"}})
	page.Has(t, http.StatusUnprocessableEntity, "Step 1 of 3", "EUR 600.01 is open", "kept words", "kept title", "9999",
		fmt.Sprintf(`aria-invalid="true" aria-describedby="wizard-asked_%d-error"`, d.a))
	page = c.Post(d.at("/statuschange"), url.Values{"step": {"1"}, "item": {fmt.Sprint(d.a)}, "version_" + fmt.Sprint(d.a): {"7"}, "comment": {"kept words"}, "action": {"case"}})
	page.Has(t, http.StatusConflict, "Item A was changed meanwhile", "kept words")
	page = c.Post(d.at("/statuschange"), url.Values{"step": {"3"}, "item": {fmt.Sprint(d.a)}, "action": {"case"}, "title": {"kept title"}, "deadline_on": {"2026-03-30"}})
	page.Has(t, http.StatusUnprocessableEntity, "Only a complaint is to be answered by a day.", `value="2026-03-30"`)
	c.Get("/cases").Has(t, http.StatusOK, "No case here")
	d.As(t, d.Collector).Get("/customers/999/statuschange").Has(t, http.StatusNotFound)
	for _, typed := range []string{"-1", "x", "00"} {
		c.Post(d.at("/statuschange"), url.Values{"step": {"3"}, "item": {fmt.Sprint(d.a)}, "action": {"dunning"}, "level": {typed}, "comment": {"kept words"}}).
			Has(t, http.StatusUnprocessableEntity, "This is no level of the policy", "kept words")
	}
}

// S4.18, S4.19, S4.20, S4.21, S4.23, S4.24, S4.35: one form, one Save; who comes second is told what
// the first one did; beside each item stands that removed it returns to dunning.
func TestACaseIsSavedInOneFormAndTheSecondIsTold(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	c, other := d.As(t, d.Collector), d.As(t, d.Manager)
	d.open(t, c)
	form := url.Values{"version": {"1"}, "title": {"Price of spring"}, "status": {"in_work"}, "owner": {fmt.Sprint(d.ManagerID)}, "resolver": {""}, "on": {"2026-03-27"},
		fmt.Sprintf("asked_%d", d.a): {"50"}, "comment": {"More words."}}
	if page := c.Post("/cases/1", form); page.Code != http.StatusSeeOther {
		t.Fatalf("status %d: %.800s", page.Code, page.Body)
	}
	c.Get("/cases/1").Has(t, http.StatusOK, "The case is saved.", "Price of spring", "acme manager", "More words.", "550.01")
	form.Set("title", "Mine")
	other.Post("/cases/1", form).Has(t, http.StatusConflict, "acme collector changed this case meanwhile", `value="Mine"`, "More words.")
	form.Set("version", "2")
	form.Set("title", "Mi\u202ene")
	other.Post("/cases/1", form).Has(t, http.StatusUnprocessableEntity, `id="field-title-error"`, "U+202E", "More words.")
	form.Set("title", "Mine")
	form.Set("deadline_on", "2026-03-30")
	other.Post("/cases/1", form).Has(t, http.StatusUnprocessableEntity, "Only a complaint is to be answered by a day.", `value="2026-03-30"`)
	form.Del("deadline_on")
	form.Set("on", "2026-03-01")
	form.Set(fmt.Sprintf("asked_%d", d.a), "9999")
	other.Post("/cases/1", form).Has(t, http.StatusUnprocessableEntity, "This day is past", `value="Mine"`,
		fmt.Sprintf(`aria-invalid="true" aria-describedby="field-asked_%d-error"`, d.a))
	c.Get("/cases/1").Has(t, http.StatusOK, "Price of spring", "remove: returns to dunning", "returns to dunning when this is saved")
	form = url.Values{"version": {"2"}, "title": {"Price of spring"}, "status": {"in_work"}, "owner": {fmt.Sprint(d.ManagerID)}, "on": {"2026-03-27"}, "remove": {fmt.Sprint(d.a)}}
	if page := c.Post("/cases/1", form); page.Code != http.StatusSeeOther {
		t.Fatalf("status %d: %.800s", page.Code, page.Body)
	}
	c.Get("/cases/1").Has(t, http.StatusOK, "No item is left in this case", "removed by acme collector, back in dunning")
	c.Upload("/cases/1/documents", url.Values{}, "proof.txt", "signed").Has(t, http.StatusSeeOther)
	c.Get("/cases/1").Has(t, http.StatusOK, "proof.txt", "1 file is attached.")
	c.Upload("/cases/1/documents", url.Values{}, "the %22goods%22 note.txt", "as browsers name it").Has(t, http.StatusSeeOther)
	c.Get("/cases/1").Has(t, http.StatusOK, "the _goods_ note.txt")
}

// S4.28, S4.30, S4.37: closing asks where each item goes, nothing preselected, and is confirmed.
func TestClosingAsksAndConfirms(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	c := d.As(t, d.Collector)
	d.open(t, c)
	page := c.Get("/cases/1/closure")
	page.Has(t, http.StatusOK, "A, EUR 600.01, goes", "choose…", "back to dunning, at the level it had", "status Litigation (not chased)")
	c.Post("/cases/1/closure", url.Values{"version": {"1"}, "note": {"kept words"}}).Has(t, http.StatusUnprocessableEntity, "Say where A with EUR 600.01 goes.", "Confirm that the case is to be closed", "kept words")
	form := url.Values{"version": {"1"}, "note": {"Agreed."}, "confirmed": {"on"}}
	for nowhere, why := range map[string]string{"dunning -1": "This is no level of the policy", "dunning ": "This is no level", "dunning x": "This is no level", "dunning 999": "This is no level",
		"status -1": "Say where A with EUR 600.01 goes.", "status": "Say where A", "elsewhere 1": "Say where A"} {
		form.Set(fmt.Sprintf("go_%d", d.a), nowhere)
		c.Post("/cases/1/closure", form).Has(t, http.StatusUnprocessableEntity, why, "Agreed.")
	}
	form.Set(fmt.Sprintf("go_%d", d.a), "dunning")
	if page := c.Post("/cases/1/closure", form); page.Code != http.StatusSeeOther {
		t.Fatalf("status %d: %.800s", page.Code, page.Body)
	}
	closed := c.Get("/cases/1")
	closed.Has(t, http.StatusOK, "The case is closed.", "Case closed: Agreed. Back in dunning: A.", "closed by acme collector")
	closed.Lacks(t, "Close the case", ">Save<")
	c.Get("/cases?show=closed").Has(t, http.StatusOK, "Price of March")
	c.Get("/cases/1/closure").Has(t, http.StatusConflict)

	// who typed a comment meanwhile gets it back, to be kept as a note
	closed.Lacks(t, "What you typed")
	late := c.Post("/cases/1", url.Values{"version": {"1"}, "title": {"Price of March"}, "status": {"in_work"}, "on": {"2026-03-20"}, "comment": {"They <agreed> on the telephone."}})
	late.Has(t, http.StatusConflict, "This case was closed on", "What you typed", "They &lt;agreed&gt; on the telephone.", `action="`+d.at("/notes")+`"`)
	c.Post("/cases/1", url.Values{"version": {"1"}, "on": {"soon"}, "comment": {"A day besides."}}).Has(t, http.StatusUnprocessableEntity, "A day besides.")
	c.Post("/cases/1", url.Values{"version": {"1"}, "title": {"Another title"}, "on": {"2026-03-20"}}).Lacks(t, "What you typed")
}
