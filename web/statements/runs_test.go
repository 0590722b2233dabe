package statements_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"dunwell/internal/dbtest"
	"dunwell/internal/pdftest"
	"dunwell/internal/tenant"
	"dunwell/web/webtest"
)

// many adds two customers to the one who reads French: one has an address, one none.
func many(t *testing.T) *desk {
	t.Helper()
	d := open(t)
	err := d.Write(t.Context(), d.Admin, func(tx *tenant.Tx) error {
		with, account := dbtest.Customer(t, tx, "A-1")
		dbtest.Item(t, tx, account, "I-1", "2026-03-10", 30_303, "EUR")
		_, account = dbtest.Customer(t, tx, "B-1")
		dbtest.Item(t, tx, account, "I-2", "2026-03-10", 40_404, "EUR")
		_, err := tx.Exec(t.Context(), `UPDATE customers SET street = 'Road 1', city = 'Oslo', tags = '{vip}' WHERE id = $1`, with)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func form(pairs ...string) url.Values {
	f := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		f.Set(pairs[i], pairs[i+1])
	}
	return f
}

// A run from the empty list to the file that is printed.
func TestRun(t *testing.T) {
	t.Parallel()
	d := many(t)
	m := d.As(t, d.Manager)
	m.Get("/statements").Has(t, http.StatusOK, "No statement run yet", `href="/statements/new"`, `aria-current="page"`)
	page := m.Get("/statements/new")
	page.Has(t, http.StatusOK, "2 customers get a statement as of Mon 16 Mar 2026", "Make 2 statements", "1 more fits, and is left out: see below.",
		"1,303.04", "123.43", "777,777", "Left out (1)", "Open as of Mon 16 Mar 2026", "EUR 404.04", "Customer B-1", "No postal address of this customer is known.", `value="2026-03-16"`)
	m.Get("/statements/new?whom=overdue&as_of=2026-03-11&tag=vip").Has(t, http.StatusOK, "1 customer gets a statement as of Wed 11 Mar 2026", "303.03",
		`name="tag" value="vip"`, `<option value="overdue" selected>`, "All who fit get one.")
	page.Has(t, http.StatusOK, `list="field-tag-known"`, `<datalist id="field-tag-known"><option value="vip"></option></datalist>`)
	m.Get("/statements/new?tag=%20No%20Body").Has(t, http.StatusOK, "Nobody gets a statement as of Mon 16 Mar 2026", "Nobody has the tag “no body”.")
	m.Get("/statements/new?tag=vip&as_of=2020-01-01").Lacks(t, "Nobody has the tag")
	if n := ask(t, d.Site, `SELECT count(*) FROM statement_runs`); n != "0" {
		t.Errorf("%s runs by looking", n)
	}

	id := regexp.MustCompile(`name="form_id" value="([^"]+)"`).FindStringSubmatch(page.Body)
	chosen := form("as_of", "2026-03-16", "whom", "open", "form_id", id[1])
	at := m.Post("/statements", chosen).Location
	if !strings.HasPrefix(at, "/statements/") {
		t.Fatalf("it leads to %s", at)
	}
	m.Post("/statements", chosen).Leads(t, at) // pressed twice
	m.Get(at).Has(t, http.StatusOK, "Statements as of Mon 16 Mar 2026", "0 of 3 customers have a statement, 1 is left out. You may leave this page: the work goes on.", "<progress", "hx-trigger")
	m.Get(at+"/print.pdf").Has(t, http.StatusConflict, "The statements are still being made.")
	m.Get("/statements").Has(t, http.StatusOK, "being made", "customers with anything open")
	m.Post("/statements", form("as_of", "2026-03-16", "whom", "overdue")).Has(t, http.StatusConflict,
		"A statement run that acme manager started at 10:30 still goes on.", `<option value="overdue" selected>`, "Make 2 statements",
		"A run as of this day goes on, started by acme manager", `href="`+at+`"`)

	d.StartJobs(t)
	d.Wait(t, `SELECT bool_and(finished_at IS NOT NULL) FROM statement_runs`)
	m.Get(at).Has(t, http.StatusOK, "2 of 3 customers have a statement, 1 is left out. It is finished.", "Print 2 statements", "Open as of Mon 16 Mar 2026", "EUR 404.04", "Customer B-1", "Give it under Edit.")
	m.Get("/statements").Has(t, http.StatusOK, "finished", "acme manager")
	m.Get("/statements/new").Has(t, http.StatusOK, "2 statements as of this day, for customers with anything open, were made by acme manager already")
	m.Get("/statements/new?as_of=2026-03-15").Lacks(t, "as of this day")
	file := m.Get(at + "/print.pdf")
	if got := file.Header.Get("Content-Disposition"); got != fmt.Sprintf(`attachment; filename="statements-2026-03-16-%s.pdf"`, strings.TrimPrefix(at, "/statements/")) {
		t.Errorf("it is sent as %s", got)
	}
	if pages := pdftest.Pages(t, []byte(file.Body)); len(pages) != 2 || !strings.Contains(pages[0], "Customer A-1") || !strings.Contains(pages[1], "Relevé de compte") {
		t.Errorf("the file has %d pages: %q", len(pages), pages)
	}
	c := d.As(t, d.Collector)
	customer := strings.TrimSuffix(d.at, "/statement")
	c.Get(customer+"/documents").Has(t, http.StatusOK, "releve-C-1-2026-03-16.pdf", "Statement made for print", "acme manager")
	c.Get(customer+"/documents").Lacks(t, "Remove releve")
	c.Get(customer).Has(t, http.StatusOK, "Statement as of Mon 16 Mar 2026 made for print by acme manager.")
	d.As(t, d.Admin).Get("/admin/audit?group=statement_run").Has(t, http.StatusOK, "started a statement run", "printed the statements of a run")
}

func TestRunRefuses(t *testing.T) {
	t.Parallel()
	d := many(t)
	m, c := d.As(t, d.Manager), d.As(t, d.Collector)
	m.Get("/statements/new?as_of=2026-02-30&tag=x").Has(t, http.StatusUnprocessableEntity, "This is no day.", `value="2026-02-30"`, `value="x"`)
	m.Get("/statements/new?as_of=2027-01-01").Has(t, http.StatusUnprocessableEntity, "Give a day up to a month ahead")
	m.Get("/statements/new?whom=all").Has(t, http.StatusUnprocessableEntity, "Choose who gets a statement.")
	m.Get("/statements/new?owner=x").Has(t, http.StatusNotFound)
	m.Post("/statements", form("as_of", "2026-03-16")).Has(t, http.StatusUnprocessableEntity, "Choose who gets a statement.")
	m.Post("/statements", form("as_of", "2020-01-01", "whom", "open")).Has(t, http.StatusUnprocessableEntity, "Nobody would get a statement.", "Not started")
	m.Get("/statements/99").Has(t, http.StatusNotFound)
	for _, path := range []string{"/statements", "/statements/new", "/statements/1", "/statements/1/print.pdf"} {
		c.Get(path).Has(t, http.StatusForbidden, "Only managers and administrators make statements for many customers")
	}
	c.Post("/statements", form("as_of", "2026-03-16", "whom", "open")).Has(t, http.StatusForbidden)
	beta := dbtest.Tenant(t, d.Database, "beta")
	d.StartJobs(t)
	at := m.Post("/statements", form("as_of", "2026-03-16", "whom", "open")).Location
	d.Wait(t, `SELECT bool_and(finished_at IS NOT NULL) FROM statement_runs`)
	b := d.As(t, beta.Admin)
	b.Get(at).Has(t, http.StatusNotFound)
	b.Get(at+"/print.pdf").Has(t, http.StatusNotFound)
	b.Get("/statements").Has(t, http.StatusOK, "No statement run yet")
	b.Get(fmt.Sprintf("/statements/new?owner=%d", d.ManagerID)).Has(t, http.StatusNotFound)
}

// The list goes on by the last run's id.
func TestListOfRuns(t *testing.T) {
	t.Parallel()
	d := open(t)
	_, err := d.Owner(t).Exec(t.Context(), `
		INSERT INTO statement_runs (tenant_id, as_of, whom, member_id, finished_at)
		SELECT $1, DATE '2024-01-01' + n, 'open', $2, now() FROM generate_series(1, 31) n`, d.ID, d.ManagerID)
	if err != nil {
		t.Fatal(err)
	}
	m := d.As(t, d.Manager)
	page := m.Get("/statements")
	page.Has(t, http.StatusOK, "Thu 1 Feb 2024", "Wed 3 Jan 2024", `href="/statements?before=2"`)
	page.Lacks(t, "Tue 2 Jan 2024", "First page")
	page = m.Get("/statements?before=2")
	page.Has(t, http.StatusOK, "Tue 2 Jan 2024", "First page")
	page.Lacks(t, "Wed 3 Jan 2024", "Next page")
}

func ask(t *testing.T, s *webtest.Site, sql string) (answer string) {
	t.Helper()
	if err := s.Owner(t).QueryRow(t.Context(), `SELECT (`+sql+`)::text`).Scan(&answer); err != nil {
		t.Fatal(err)
	}
	return answer
}
