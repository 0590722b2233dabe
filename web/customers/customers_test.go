package customers_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"dunwell/internal/customer"
	"dunwell/internal/dbtest"
	"dunwell/internal/ledger"
	"dunwell/internal/tenant"
	"dunwell/web/webtest"
)

// newSite serves the site with totals kept as the program keeps them.
func newSite(t testing.TB) *webtest.Site {
	t.Helper()
	s := webtest.New(t)
	s.BeforeCommit = ledger.Refresh
	return s
}

func write(t testing.TB, s *webtest.Site, who tenant.Who, f func(*tenant.Tx) error) {
	t.Helper()
	if err := s.Write(t.Context(), who, f); err != nil {
		t.Fatal(err)
	}
}

// halden owes EUR on two accounts, one item of it disputed, one credited; USD
// too. It is worked by the collector.
func halden(t testing.TB, s *webtest.Site, c *dbtest.Company) (id int64) {
	t.Helper()
	write(t, s, c.Manager, func(tx *tenant.Tx) (err error) {
		id, err = customer.Create(t.Context(), tx, customer.New{Number: "00428", Name: "Halden & Sønn AS", Kind: customer.Business,
			Street: "Kaigata 4", PostalCode: "1767", City: "Halden", Country: "NO", OwnerID: c.CollectorID})
		if err != nil {
			return err
		}
		var trade int64
		if err := tx.QueryRow(t.Context(), `SELECT id FROM accounts WHERE customer_id = $1`, id).Scan(&trade); err != nil {
			return err
		}
		other := dbtest.Account(t, tx, id, "00428-B")
		dbtest.Item(t, tx, trade, "90046", "2026-03-06", 5_430_000, "EUR") // 10 days late
		dbtest.Item(t, tx, trade, "90039", "2026-02-06", 2_211_050, "EUR") // 38 days late, disputed
		dbtest.Item(t, tx, trade, "90077", "2026-04-01", 777_700, "EUR")   // not due
		dbtest.Item(t, tx, trade, "C-5", "", -125_000, "EUR")
		dbtest.Item(t, tx, other, "C-6", "", -31_000, "EUR") // has nothing to take it from
		dbtest.Item(t, tx, trade, "90081", "2026-03-15", 99_900, "USD")
		_, err = tx.Exec(t.Context(), `
			UPDATE items SET status_id = (SELECT id FROM item_statuses WHERE family = 'dispute')
			WHERE number = '90039'`)
		return err
	})
	return id
}

func TestEmptyListTeaches(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	page := s.As(t, acme.Manager).Get("/customers")
	page.Has(t, http.StatusOK, "No customers yet", `href="/imports/new"`, `href="/customers/new"`)
	page = s.As(t, acme.Collector).Get("/customers")
	page.Has(t, http.StatusOK, "A manager brings them in")
	page.Lacks(t, "/imports/new", "/customers/new")
	s.As(t, acme.Collector).Get("/customers?q=xy").Has(t, http.StatusOK, "No customer fits", "Show all customers")
}

func TestList(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	acme, beta := dbtest.Tenant(t, s.Database, "acme"), dbtest.Tenant(t, s.Database, "beta")
	id := halden(t, s, acme)
	write(t, s, acme.Manager, func(tx *tenant.Tx) error {
		dbtest.Customer(t, tx, "quiet")
		return nil
	})
	c := s.As(t, acme.Collector)
	page := c.Get("/customers")
	page.Has(t, http.StatusOK, fmt.Sprintf(`href="/customers/%d"`, id), "Halden &amp; Sønn AS", "00428", "acme collector", "Customer quiet", "nobody",
		"EUR 76,410.50", "EUR 53,050.00", "USD 999.00", "38 days", "1 day<", "owes nothing", "2 customers", `aria-sort="descending"`)
	if strings.Index(page.Body, "Halden") > strings.Index(page.Body, "Customer quiet") {
		t.Error("who owes nothing stands first")
	}
	page = c.Get("/customers?overdue=on&kind=business&q=SØNN&currency=USD&sort=number&owner=" + fmt.Sprint(acme.CollectorID))
	page.Has(t, http.StatusOK, "Halden &amp; Sønn AS", `value="SØNN"`, "Clear", `name="sort" value="number"`)
	page.Lacks(t, "Customer quiet")
	c.Get("/customers?owner=0").Lacks(t, "Halden")
	c.Get("/customers?overdue=on").Lacks(t, "Customer quiet")
	for _, bad := range []string{"sort=height", "owner=x", "kind=friend", "currency=XXX", "after=x&after_id=1", "after=1&after_id=x", "sort=oldest&after=2026-02-30"} {
		c.Get("/customers?"+bad).Has(t, http.StatusUnprocessableEntity, "damaged")
	}
	s.As(t, beta.Admin).Get("/customers").Lacks(t, "Halden", "quiet")
}

func TestListPages(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	write(t, s, acme.Manager, func(tx *tenant.Tx) error {
		for i := range 103 {
			dbtest.Customer(t, tx, fmt.Sprintf("no-%03d", i))
		}
		return nil
	})
	c := s.As(t, acme.Collector)
	for _, sort := range []string{"overdue", "oldest", "name", "number"} {
		seen := map[string]bool{}
		var counts []int
		for at := "/customers?kind=business&sort=" + sort; at != ""; {
			page := c.Get(at)
			page.Has(t, http.StatusOK, "kind=business")
			n := 0
			for i := range 103 {
				if name := fmt.Sprintf("Customer no-%03d<", i); strings.Contains(page.Body, name) {
					n, seen[name] = n+1, true
				}
			}
			counts, at = append(counts, n), nextPage(page)
		}
		if fmt.Sprint(counts) != "[50 50 3]" || len(seen) != 103 {
			t.Errorf("by %s: pages of %v, %d in all", sort, counts, len(seen))
		}
	}
}

// nextPage is where the page's "Next page" leads, empty on the last one.
func nextPage(p webtest.Page) string {
	before, _, found := strings.Cut(p.Body, `" rel="next"`)
	if !found {
		return ""
	}
	href := before[strings.LastIndex(before, `href="`)+len(`href="`):]
	return strings.ReplaceAll(href, "&amp;", "&")
}

func TestCreate(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	acme, beta := dbtest.Tenant(t, s.Database, "acme"), dbtest.Tenant(t, s.Database, "beta")
	c := s.As(t, acme.Manager)
	c.Get("/customers/new").Has(t, http.StatusOK, "Add customer", "acme collector")
	good := url.Values{"number": {"7"}, "name": {"Vestby <b>Kran</b>"}, "kind": {"business"}, "country": {"no"}, "owner": {fmt.Sprint(acme.CollectorID)},
		"form_id": {"0b2e43a0-5a0e-4f0a-9d8c-0d1e7f1d0001"}}
	page := c.Post("/customers", good)
	if page.Code != http.StatusSeeOther {
		t.Fatalf("status %d: %.500s", page.Code, page.Body)
	}
	c.Get(page.Location).Has(t, http.StatusOK, "Vestby &lt;b&gt;Kran&lt;/b&gt;", "Owes nothing today", "Created as business customer 7", "The customer is there.")
	c.Post("/customers", good).Leads(t, page.Location) // the same form again
	good.Del("form_id")
	c.Post("/customers", good).Has(t, http.StatusUnprocessableEntity, "There is a customer with this number already.", "Vestby &lt;b&gt;Kran&lt;/b&gt;")
	c.Post("/customers", url.Values{"number": {"8"}, "name": {strings.Repeat("x", 100_000)}, "kind": {"friend"}, "country": {"Norway"}}).
		Has(t, http.StatusUnprocessableEntity, "200 characters at most", "Choose business or consumer.", "two letters")
	c.Post("/customers", url.Values{"number": {"8"}, "name": {"Ac\u202eme"}, "kind": {"business"}, "city": {"Mo\u2069ss"}}).
		Has(t, http.StatusUnprocessableEntity, `id="field-name-error"`, "may turn the text round (U+202E). Type it anew instead of pasting it.", `id="field-city-error"`, "U+2069")
	for _, owner := range []string{"x", fmt.Sprint(beta.CollectorID)} {
		c.Post("/customers", url.Values{"number": {"8"}, "name": {"x"}, "kind": {"consumer"}, "owner": {owner}}).
			Has(t, http.StatusUnprocessableEntity, "There is no such member.")
	}
	c.Post("/customers", url.Values{"number": {"8\x00"}, "name": {"x"}, "kind": {"consumer"}}).Has(t, http.StatusBadRequest, "characters that are not text")
	s.As(t, acme.Collector).Get("/customers/new").Has(t, http.StatusForbidden, "Only managers and admins")
	s.As(t, acme.Collector).Post("/customers", url.Values{"number": {"9"}, "name": {"x"}, "kind": {"consumer"}}).Has(t, http.StatusForbidden, "Only managers and admins")
}
