package customers_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"dunwell/internal/customer"
	"dunwell/internal/dbtest"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
	"dunwell/web/webtest"
)

// S3.5: the record shows who the customer is, and how it stands.
// S1.33.
func TestProfile(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	acme, beta := dbtest.Tenant(t, s.Database, "acme"), dbtest.Tenant(t, s.Database, "beta")
	id := halden(t, s, acme)
	at := fmt.Sprintf("/customers/%d", id)
	page := s.As(t, acme.Collector).Get(at)
	page.Has(t, http.StatusOK, "Halden &amp; Sønn AS", "00428 · business", "Owner acme collector", "Kaigata 4, 1767 Halden, NO", "Created as business customer",
		// overdue 76,410.50 less disputed 22,110.50 less credit 1,250.00 of that account; 310.00 is credit of the other one
		">76,410.50</a>", "show=disputed\">22,110.50</a>", "show=credits\">1,250.00</a>", ">53,050.00</span>", ">82,627.50</a>", "oldest 38 days", "1-30: 54,300.00", "31-60: 22,110.50",
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

// A page asks a fixed number of questions, however much there is to show; the
// summary of who has a loan asks two more, for the account, and the items ask for
// their sums where they are more than a page.
func TestQueriesAPage(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	small := halden(t, s, acme)
	var large, borrower int64
	write(t, s, acme.Manager, func(tx *tenant.Tx) error {
		for i := range 120 {
			dbtest.Customer(t, tx, fmt.Sprintf("crowd %d", i))
		}
		large = crowded(t, tx, "large")
		borrower, _ = dbtest.Customer(t, tx, "small loan")
		lend(t, tx, dbtest.Account(t, tx, borrower, "L-1"))
		return nil
	})
	talkative(t, s, acme.Manager, large)
	laden := laden(t, s, acme)
	// Each page: the session, begin, the tenant, who acts, commit; a profile
	// also says how to plan, and puts on record, in a transaction of its own, that
	// it was opened.
	// Session, begin, commit and record take a round trip each; so does the page,
	// but for the list's figures, the loan's summary, and what few customers have: a
	// question for each of these that there is, all in one trip more. The large one's
	// are permissions.
	for _, p := range []struct {
		path        string
		want, trips int64
		of          []int64
	}{
		{"/customers", 10, 5, nil}, {"/customers?q=crowd", 10, 5, nil},
		{"/customers/%d", 20, 5, []int64{small, borrower}}, {"/customers/%d", 21, 6, []int64{large}}, {"/customers/%d", 24, 6, []int64{laden}},
		{"/customers/%d/collections?show=calls", 20, 5, []int64{small}}, {"/customers/%d/collections?show=calls", 21, 6, []int64{large}},
		{"/customers/%d/summary", 21, 5, []int64{small}}, {"/customers/%d/summary", 23, 6, []int64{borrower}}, {"/customers/%d/summary", 24, 7, []int64{large}},
		{"/customers/%d/items", 19, 5, []int64{small, borrower}}, {"/customers/%d/items", 21, 6, []int64{large}},
		{"/customers/%d/notes", 20, 5, []int64{small, borrower}}, {"/customers/%d/notes", 21, 6, []int64{large}},
		{"/customers/%d/account", 22, 5, []int64{small, borrower}}, {"/customers/%d/account", 23, 6, []int64{large}},
	} {
		paths := []string{p.path}
		if p.of != nil {
			paths = nil
		}
		for _, id := range p.of {
			paths = append(paths, fmt.Sprintf(p.path, id))
		}
		c := s.As(t, acme.Collector)
		for _, at := range paths {
			s.Queries.Take()
			s.Queries.TakeTrips()
			c.Get(at).Has(t, http.StatusOK)
			if got, trips := s.Queries.Take(), s.Queries.TakeTrips(); got != p.want || trips != p.trips {
				t.Errorf("%s asks %d questions in %d round trips, want %d in %d", at, got, trips, p.want, p.trips)
			}
		}
	}
}

// laden has what few have: a stop, two follow-ups, a consent, and a note that is
// pinned, which stands twice.
func laden(t *testing.T, s *webtest.Site, acme *dbtest.Company) (id int64) {
	t.Helper()
	write(t, s, acme.Manager, func(tx *tenant.Tx) error {
		id, _ = dbtest.Customer(t, tx, "laden")
		point, err := customer.AddPoint(t.Context(), tx, id, customer.Point{Kind: customer.Phone, Value: "+47 22 41 09 33", Role: customer.Debtor})
		if err != nil {
			return err
		}
		err = customer.Permit(t.Context(), tx, id, point, 0, customer.Permission{Channel: customer.Call, State: customer.Consent, GivenOn: tx.Today(), Source: "form"})
		if err != nil {
			return err
		}
		_, err = customer.PlaceStop(t.Context(), tx, id, customer.Stop{Kind: "hardship", Reason: "Wrote", Since: tx.Today(), ReviewOn: tx.Today().Add(9)})
		if err != nil {
			return err
		}
		return note.Pin(t.Context(), tx, id, 1)
	})
	remind(t, s, acme, id, 2)
	return id
}

// lend makes a loan of the account.
func lend(t *testing.T, tx *tenant.Tx, account int64) {
	t.Helper()
	if _, err := tx.Exec(t.Context(), `UPDATE accounts SET kind = 'loan' WHERE id = $1`, account); err != nil {
		t.Fatal(err)
	}
}

// talkative writes 20,000 notes, a thousand at a time: within one transaction each
// note of the same customer waits longer than the one before.
func talkative(t *testing.T, s *webtest.Site, who tenant.Who, id int64) {
	t.Helper()
	for range 20 {
		write(t, s, who, func(tx *tenant.Tx) error {
			return note.AddMany(t.Context(), tx, slices.Repeat([]note.New{{CustomerID: id, Kind: note.Typed, Text: "Called."}}, 1_000))
		})
	}
}

// crowded has 5,000 items in three currencies, a dozen contact points and two
// loans.
func crowded(t *testing.T, tx *tenant.Tx, number string) (id int64) {
	t.Helper()
	id, account := dbtest.Customer(t, tx, number)
	loans := []int64{account, dbtest.Account(t, tx, id, number+"-1"), dbtest.Account(t, tx, id, number+"-2")}
	lend(t, tx, loans[1])
	lend(t, tx, loans[2])
	_, err := tx.Exec(t.Context(), `
		INSERT INTO items (customer_id, account_id, kind, number, issued_on, due_on, currency, amount, status_id)
		SELECT $1, ($2::bigint[])[1 + n % 3], 'invoice', $3::text || '/' || n, DATE '2026-01-01', DATE '2026-01-31' + n % 90,
			('{EUR,JPY,USD}'::text[])[1 + n % 3], 1000 + n, (SELECT id FROM item_statuses WHERE family = 'ongoing')
		FROM generate_series(1, 5000) n`, id, loans, number)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 12 {
		point, err := customer.AddPoint(t.Context(), tx, id, customer.Point{Kind: customer.Email, Value: fmt.Sprintf("p%d@large.example", i), Role: customer.Debtor})
		if err != nil {
			t.Fatal(err)
		}
		err = customer.Permit(t.Context(), tx, id, point, 0, customer.Permission{Channel: customer.Mail, State: customer.Consent, GivenOn: tx.Today(), Source: "form"})
		if err != nil {
			t.Fatal(err)
		}
	}
	return id
}
