package customers_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"dunwell/internal/dbtest"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

func TestProfile(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	acme, beta := dbtest.Tenant(t, s.Database, "acme"), dbtest.Tenant(t, s.Database, "beta")
	id := halden(t, s, acme)
	at := fmt.Sprintf("/customers/%d", id)
	page := s.As(t, acme.Collector).Get(at)
	page.Has(t, http.StatusOK, "Halden &amp; Sønn AS", "00428 · business", "Owner acme collector", "Kaigata 4, 1767 Halden, NO", "Created as business customer",
		// overdue 76,410.50 less disputed 22,110.50 less credit 1,250.00 of that account; 310.00 is credit of the other one
		">76,410.50</a>", "disputed 22,110.50", "credit 1,250.00", ">53,050.00</span>", "balance 82,627.50", "oldest 38 days", "1-30: 54,300.00", "31-60: 22,110.50",
		"credit in all 1,560.00", ">999.00</a>", `aria-current="page"`)
	if !strings.Contains(strings.Join(strings.Fields(page.Body), " "), "Items 4<") {
		t.Error("the tab does not count the items that are owed")
	}
	for path, who := range map[string]tenant.Who{at: beta.Admin, "/customers/999": acme.Admin, "/customers/0": acme.Admin, "/customers/x": acme.Admin} {
		page := s.As(t, who).Get(path)
		page.Has(t, http.StatusNotFound)
		page.Lacks(t, "Halden")
	}
	var opened int
	err := s.Owner(t).QueryRow(t.Context(), `
		SELECT count(*) FROM audit_events
		WHERE kind = 'customer.opened' AND subject_id = $1 AND member_id = $2`, id, acme.CollectorID).Scan(&opened)
	if err != nil || opened != 1 {
		t.Errorf("%d looks are on record, want 1 (%v)", opened, err)
	}
}

// A page asks a fixed number of questions, however much there is to show.
func TestQueriesAPage(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	small := halden(t, s, acme)
	var large int64
	write(t, s, acme.Manager, func(tx *tenant.Tx) error {
		var account int64
		large, account = dbtest.Customer(t, tx, "large")
		var notes []note.New
		for i := range 120 {
			dbtest.Item(t, tx, account, fmt.Sprintf("L-%d", i), "2026-03-01", int64(1_000+i), "EUR")
			dbtest.Customer(t, tx, fmt.Sprintf("crowd %d", i))
			notes = append(notes, note.New{CustomerID: large, Kind: note.Typed, Text: fmt.Sprint("Called, ", i)})
		}
		return note.AddMany(t.Context(), tx, notes)
	})
	c := s.As(t, acme.Collector)
	// Each page: the session, begin, whose tenant and who acts, commit; a profile
	// also puts on record, in a transaction of its own, that it was opened.
	for _, p := range []struct {
		path string
		want int64
	}{
		{"/customers", 9}, {"/customers?q=crowd", 9},
		{"/customers/%d", 12}, {"/customers/%d/items", 12}, {"/customers/%d/notes", 14},
	} {
		for _, id := range []int64{small, large} {
			at := p.path
			if strings.Contains(at, "%d") {
				at = fmt.Sprintf(p.path, id)
			}
			s.Queries.Take()
			c.Get(at).Has(t, http.StatusOK)
			if got := s.Queries.Take(); got != p.want {
				t.Errorf("%s asks %d questions, want %d", at, got, p.want)
			}
		}
	}
}

func TestItems(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	acme, beta := dbtest.Tenant(t, s.Database, "acme"), dbtest.Tenant(t, s.Database, "beta")
	id := halden(t, s, acme)
	at := fmt.Sprintf("/customers/%d/items", id)
	c := s.As(t, acme.Collector)
	page := c.Get(at)
	page.Has(t, http.StatusOK, "90046", "90039", "Disputed", "EUR 22,110.50", "no date", "00428-B", "credit note", `>38</span>`, `>10</span>`)
	page.Lacks(t, "First page")
	page = c.Get(at + "?as_of=2026-02-10")
	page.Has(t, http.StatusOK, `>4</span>`, `value="2026-02-10"`, "90039")
	page.Lacks(t, "90077") // issued later
	c.Get(at+"?as_of=2020-01-01").Has(t, http.StatusOK, "Nothing was open on that day", "all=1")
	c.Get(at+"?as_of=2020-01-01&all=1").Has(t, http.StatusOK, "Nothing was issued to this customer")
	c.Get(at+"?as_of=10.2.2026").Has(t, http.StatusUnprocessableEntity, "Give a day such as 2026-03-16.", `value="10.2.2026"`)
	c.Get(at+"?after=x").Has(t, http.StatusUnprocessableEntity, "damaged")
	c.Get(at+"?after=1&due=x").Has(t, http.StatusUnprocessableEntity, "damaged")
	s.As(t, beta.Admin).Get(at).Has(t, http.StatusNotFound)
}

func TestItemsPages(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	var id int64
	write(t, s, acme.Manager, func(tx *tenant.Tx) error {
		var account int64
		id, account = dbtest.Customer(t, tx, "large")
		for i := range 405 {
			due := "2026-03-01"
			if i%3 == 0 {
				due = ""
			}
			dbtest.Item(t, tx, account, fmt.Sprintf("L-%03d", i), due, int64(1_000+i), "EUR")
		}
		return nil
	})
	seen := map[string]bool{}
	var counts []int
	for at := fmt.Sprintf("/customers/%d/items?all=1", id); at != ""; {
		page := s.As(t, acme.Collector).Get(at)
		page.Has(t, http.StatusOK)
		n := 0
		for i := range 405 {
			if number := fmt.Sprintf(">L-%03d<", i); strings.Contains(page.Body, number) {
				n, seen[number] = n+1, true
			}
		}
		counts, at = append(counts, n), nextPage(page)
	}
	if fmt.Sprint(counts) != "[200 200 5]" || len(seen) != 405 {
		t.Errorf("pages of %v, %d in all", counts, len(seen))
	}
}
