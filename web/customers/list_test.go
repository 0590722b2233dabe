package customers_test

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"dunwell/internal/dbtest"
	"dunwell/internal/tenant"
	"dunwell/web/webtest"
)

// branches puts the customer into North and makes a second one, "S-1", in South,
// with an item of its own; it returns their ids.
func branches(t *testing.T, s *webtest.Site, c *dbtest.Company, customer int64) (north, south, other int64) {
	t.Helper()
	write(t, s, c.Manager, func(tx *tenant.Tx) error {
		var account int64
		other, account = dbtest.Customer(t, tx, "S-1")
		dbtest.Item(t, tx, account, "S-INV-7", "2026-01-02", 66_700, "EUR")
		return tx.QueryRow(t.Context(), `
			WITH b AS (INSERT INTO branches (name) VALUES ('North'), ('South') RETURNING id, name),
				c AS (UPDATE customers SET branch_id = b.id FROM b WHERE b.name = CASE customers.id WHEN $1 THEN 'North' ELSE 'South' END)
			SELECT min(id) FILTER (WHERE name = 'North'), min(id) FILTER (WHERE name = 'South') FROM b`, customer).Scan(&north, &south)
	})
	return north, south, other
}

func TestListFilters(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	id := halden(t, s, acme)
	north, south, other := branches(t, s, acme, id)
	write(t, s, acme.Manager, func(tx *tenant.Tx) error {
		_, err := tx.Exec(t.Context(), `
			WITH stopped AS (INSERT INTO stops (customer_id, kind, reason, since, review_on) VALUES ($1, 'cease_contact', 'wrote', '2026-01-01', '2026-06-01'))
			UPDATE customers SET watch_reason = 'careful', watch_until = '2026-03-16' WHERE id = $1`, id)
		return err
	})
	c := s.As(t, acme.Collector)
	c.Get("/customers").Has(t, http.StatusOK, "Halden", "Customer S-1", "cease contact", "watch", "North", "South", "All branches")
	for query, halden := range map[string]bool{
		fmt.Sprintf("branch=%d", north): true, fmt.Sprintf("branch=%d", south): false, "stopped=on": true, "watched=on": true, "owner=0": false,
		"q=90039": true, "q=s-inv-7": false, "q=s%C3%B8nn+hal": true,
	} {
		page := c.Get("/customers?sort=number&" + query)
		page.Has(t, http.StatusOK, map[bool]string{true: "Halden &amp; Sønn", false: "Customer S-1"}[halden], "Clear", `name="sort" value="number"`)
		page.Lacks(t, map[bool]string{false: "Halden &amp; Sønn", true: "Customer S-1"}[halden])
	}
	c.Get("/customers?archived=on").Has(t, http.StatusOK, "No customer fits")
	blank := c.Get("/customers?q=%20")
	blank.Has(t, http.StatusOK, "Halden", "Customer S-1")
	blank.Lacks(t, "Clear", "q=+")
	for _, short := range []string{"a", "+h+", "-9"} {
		page := c.Get("/customers?q=" + short)
		page.Has(t, http.StatusOK, "Type at least two letters or digits", "Show all customers")
		page.Lacks(t, "No customer fits")
	}
	c.Get("/customers?q=zz").Has(t, http.StatusOK, "No customer fits")
	c.Get("/customers?branch=x").Has(t, http.StatusUnprocessableEntity, "damaged")
	c.Get("/customers").Lacks(t, "Assign", `type="checkbox" name="customer"`)
	page := s.As(t, acme.Manager).Get(fmt.Sprintf("/customers?branch=%d", south))
	page.Has(t, http.StatusOK, "Assign or tag all that fit (1)", fmt.Sprintf(`name="customer" value="%d"`, other), fmt.Sprintf(`name="branch" value="%d"`, south),
		fmt.Sprintf(`href="/customers/export.csv?branch=%d"`, south))
}

func TestListQueries(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	write(t, s, acme.Manager, func(tx *tenant.Tx) error {
		for i := range 60 {
			dbtest.Customer(t, tx, fmt.Sprint("no-", i))
		}
		return nil
	})
	for _, p := range []struct {
		who  tenant.Who
		path string
		want int64
	}{
		{acme.Collector, "/customers", 10}, {acme.Manager, "/customers", 11}, {acme.Manager, "/customers?q=no&kind=business&stopped=on", 9},
		{acme.Collector, "/customers/search?q=no", 7},
	} {
		c := s.As(t, p.who).With("HX-Request", "true")
		for range 2 {
			s.Queries.Take()
			c.Get(p.path)
		}
		if got := s.Queries.Take(); got != p.want {
			t.Errorf("%s takes %d statements, want %d", p.path, got, p.want)
		}
	}
}

// S3.1, S3.3: what is typed into the find field finds customers, each with enough to
// tell two people apart: number, kind, place, what is overdue, and what it was found by.
func TestSearch(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	acme, beta := dbtest.Tenant(t, s.Database, "acme"), dbtest.Tenant(t, s.Database, "beta")
	id := halden(t, s, acme)
	c := s.As(t, acme.Collector).With("HX-Request", "true")
	page := c.Get("/customers/search?q=90039")
	page.Has(t, http.StatusOK, `role="listbox"`, `role="option"`, fmt.Sprintf(`href="/customers/%d"`, id), "Halden &amp; Sønn AS", "00428 · business", "Halden",
		"Item 90039", "EUR 76,410.50", "USD 999.00", "1 customer found", `href="/customers?q=90039"`)
	page.Lacks(t, "<html", "acme collector")
	c.Get("/customers/search?q=halden").Lacks(t, "Item")
	c.Get("/customers/search?q=%3Cb%3Ezebra").Has(t, http.StatusOK, "No customer fits")
	for _, nothing := range []string{"", "?q=", "?q=h", "?q=%20%20"} {
		if page := c.Get("/customers/search" + nothing); page.Code != http.StatusOK || strings.TrimSpace(page.Body) != "" {
			t.Errorf("%q: status %d: %s", nothing, page.Code, page.Body)
		}
	}
	c.Get("/customers/search?q="+strings.Repeat("h", 5_000)).Has(t, http.StatusOK, "No customer fits")
	c.Get("/customers/search?q=%00").Has(t, http.StatusBadRequest, "not text")
	s.As(t, beta.Admin).With("HX-Request", "true").Get("/customers/search?q=90039").Has(t, http.StatusOK, "No customer fits")
	s.As(t, acme.Collector).Get("/customers/search?q=halden+%26").Leads(t, "/customers?q=halden+%26")
	s.Nobody(t).With("HX-Request", "true").Get("/customers/search?q=halden").Has(t, http.StatusUnauthorized)
}

func TestExport(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	acme, beta := dbtest.Tenant(t, s.Database, "acme"), dbtest.Tenant(t, s.Database, "beta")
	id := halden(t, s, acme)
	north, _, _ := branches(t, s, acme, id)
	c := s.As(t, acme.Collector)
	page := c.Get("/customers/export.csv?sort=number")
	page.Has(t, http.StatusOK, "00428,Halden & Sønn AS,business,Kaigata 4", "EUR,3,84187.50,76410.50,22110.50", "USD,1,999.00", "S-1,Customer S-1", "667.00")
	if got := page.Header.Get("Content-Disposition"); got != `attachment; filename="customers-2026-03-16.csv"` {
		t.Errorf("the file is %s", got)
	}
	c.Get("/customers/export.csv?q=s-inv-7").Lacks(t, "Halden")
	for _, bad := range []string{"export.csv?sort=height", "export.csv?owner=x", "export.xlsx?kind=friend", "export.xlsx?sort=height"} {
		page := c.Get("/customers/" + bad)
		page.Has(t, http.StatusUnprocessableEntity, "damaged", "<html")
		if page.Header.Get("Content-Disposition") != "" {
			t.Errorf("%s: the page is sent as a file", bad)
		}
	}
	c.Get("/customers/export.csv?q=%00").Has(t, http.StatusBadRequest, "not text")
	s.As(t, beta.Admin).Get("/customers/export.csv").Lacks(t, "Halden", "S-1")
	if rows := workbook(t, c.Get("/customers/export.xlsx?sort=number")); len(rows) != 4 || rows[1][0] != "00428" || rows[1][16] != "76,410.50" || rows[3][0] != "S-1" {
		t.Errorf("the workbook has %q", rows)
	}
	owner := s.Owner(t)
	for _, sql := range []string{`UPDATE tenants SET branch_limited = true`, fmt.Sprintf(`UPDATE members SET branch_id = %d WHERE tenant_id = %d`, north, acme.ID)} {
		if _, err := owner.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	if rows := workbook(t, c.Get("/customers/export.xlsx?sort=number")); len(rows) != 3 || rows[2][0] != "00428" {
		t.Errorf("a limited collector's workbook has %q", rows)
	}
	c.Get("/customers/export.csv").Lacks(t, "S-1")
	s.As(t, acme.Admin).Get("/admin/audit?group=customers").Has(t, http.StatusOK, "acme collector", "XLSX", "CSV")
}

func workbook(t *testing.T, page webtest.Page) [][]string {
	t.Helper()
	page.Has(t, http.StatusOK)
	file, err := excelize.OpenReader(bytes.NewReader([]byte(page.Body)))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	rows, err := file.GetRows("Customers")
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestAssignment(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	acme, beta := dbtest.Tenant(t, s.Database, "acme"), dbtest.Tenant(t, s.Database, "beta")
	id := halden(t, s, acme)
	_, south, other := branches(t, s, acme, id)
	c := s.As(t, acme.Manager)
	page := c.Get(fmt.Sprintf("/customers/assignment?all=1&branch=%d&customer=%d&sort=name", south, id))
	page.Has(t, http.StatusOK, "1 customer", "who fits the filter", fmt.Sprintf(`name="branch" value="%d"`, south), `name="sort" value="name"`, "acme collector")
	page.Lacks(t, `name="customer"`)
	form := url.Values{"all": {"1"}, "branch": {fmt.Sprint(south)}, "sort": {"name"}, "form_id": {"0b2e43a0-5a0e-4f0a-9d8c-0d1e7f1d0002"}}
	for _, to := range []string{"", "x", fmt.Sprint(beta.CollectorID)} {
		form.Set("to", to)
		c.Post("/customers/assignment", form).Has(t, http.StatusUnprocessableEntity, `id="field-owner-error"`, fmt.Sprintf(`name="branch" value="%d"`, south))
	}
	form.Set("to", fmt.Sprint(acme.AdminID))
	back := fmt.Sprintf("/customers?branch=%d&sort=name", south)
	c.Post("/customers/assignment", form).Leads(t, back)
	c.Get(back).Has(t, http.StatusOK, "1 customer goes to acme admin.")
	c.Post("/customers/assignment", form).Leads(t, back) // the same form again
	c.Get(fmt.Sprintf("/customers/%d/notes", other)).Has(t, http.StatusOK, "Changed owner from nobody to acme admin.")
	c.Get(fmt.Sprintf("/customers/%d/notes", id)).Lacks(t, "Changed owner")

	ticked := url.Values{"customer": {fmt.Sprint(id), fmt.Sprint(other)}}
	c.Get("/customers/assignment?"+ticked.Encode()).Has(t, http.StatusOK, "The 2 customers you ticked.", fmt.Sprintf(`name="customer" value="%d"`, other))
	ticked.Set("to", fmt.Sprint(acme.AdminID))
	c.Post("/customers/assignment", ticked).Leads(t, "/customers")
	c.Get("/customers").Has(t, http.StatusOK, "1 customer goes to acme admin; 1 was there already.")
	c.Get("/customers/assignment").Has(t, http.StatusUnprocessableEntity, "No customer is chosen.")
	c.Get("/customers/assignment?customer=x").Has(t, http.StatusUnprocessableEntity, "damaged")
	tagged := url.Values{"customer": ticked["customer"], "give": {" Forwarder,  key ACCOUNT"}}
	c.Post("/customers/assignment", tagged).Leads(t, "/customers")
	c.Get("/customers").Has(t, http.StatusOK, "2 customers have other tags now.")
	c.Get(fmt.Sprintf("/customers/%d/notes", other)).Has(t, http.StatusOK, "Changed tags from “” to “forwarder, key account”.")
	tagged.Set("take", "Key account")
	c.Post("/customers/assignment", tagged).Has(t, http.StatusUnprocessableEntity, `id="field-take-error"`, `value="Key account"`, " Forwarder,  key ACCOUNT")
	tagged.Set("give", "")
	tagged.Set("to", fmt.Sprint(acme.ManagerID))
	c.Post("/customers/assignment", tagged).Leads(t, "/customers")
	c.Get("/customers").Has(t, http.StatusOK, "2 customers go to acme manager. 2 customers have other tags now.")
	filtered := url.Values{"all": {"1"}, "tag": {"forwarder"}, "take": {"forwarder"}, "to": {fmt.Sprint(acme.CollectorID)}}
	c.Post("/customers/assignment", filtered).Leads(t, "/customers?tag=forwarder")
	c.Get("/customers").Has(t, http.StatusOK, "2 customers go to acme collector. 2 customers have other tags now.")
	ticked.Set("to", "0")
	s.As(t, beta.Admin).Get("/customers/assignment?"+ticked.Encode()).Has(t, http.StatusNotFound)
	s.As(t, beta.Admin).Post("/customers/assignment", ticked).Has(t, http.StatusNotFound)
	s.As(t, acme.Collector).Get("/customers/assignment?"+ticked.Encode()).Has(t, http.StatusForbidden, "Only managers")
	s.As(t, acme.Collector).Post("/customers/assignment", ticked).Has(t, http.StatusForbidden, "Only managers")
}

// A duplicate that was merged into another customer stands in the list of the archived,
// and there is nothing to tick.
func TestMergedIsNotAssigned(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	keep := halden(t, s, acme)
	var gone, put int64
	exec := func(tx *tenant.Tx, sql string, args ...any) error {
		_, err := tx.Exec(t.Context(), sql, args...)
		return err
	}
	if err := s.Write(t.Context(), acme.System(), func(tx *tenant.Tx) error {
		gone, _ = dbtest.Customer(t, tx, "gone")
		put, _ = dbtest.Customer(t, tx, "put away")
		return errors.Join(exec(tx, `UPDATE customers SET merged_into = $1, merged_at = now(), archived_at = now() WHERE id = $2`, keep, gone),
			exec(tx, `UPDATE customers SET archived_at = now() WHERE id = $1`, put))
	}); err != nil {
		t.Fatal(err)
	}
	c := s.As(t, acme.Manager)
	page := c.Get("/customers?archived=1")
	page.Has(t, http.StatusOK, "all that fit (1)", "merged into another customer", fmt.Sprintf(`name="customer" value="%d"`, put), fmt.Sprintf(`href="/customers/%d"`, gone))
	page.Lacks(t, fmt.Sprintf(`name="customer" value="%d"`, gone))
	form := url.Values{"customer": {fmt.Sprint(keep), fmt.Sprint(gone)}, "to": {fmt.Sprint(acme.AdminID)}}
	c.Get("/customers/assignment?"+form.Encode()).Has(t, http.StatusOK, "1 customer")
	c.Post("/customers/assignment", form).Leads(t, "/customers")
	said := c.Get("/customers")
	said.Has(t, http.StatusOK, "1 customer goes to acme admin.")
	said.Lacks(t, "there already")
	form["customer"] = form["customer"][1:]
	c.Get("/customers/assignment?"+form.Encode()).Has(t, http.StatusUnprocessableEntity, "was merged into another customer")
}
