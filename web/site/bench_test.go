package site_test

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/a-h/templ"

	"dunwell/internal/dbtest"
	"dunwell/internal/dunning"
	"dunwell/internal/ledger"
	"dunwell/internal/tenant"
	"dunwell/web"
	"dunwell/web/site"
	"dunwell/web/ui"
	"dunwell/web/webtest"
)

const (
	benchCustomers   = 100_000
	benchItems       = 10      // each
	benchDay         = 2_000   // follow-ups that one member has to do today
	benchFollowups   = 500     // that one customer has
	benchJournal     = 100_000 // notes that another one has
	benchContacts    = 1_000_000
	benchConnections = 16
	benchRequests    = 4_000 // a page
)

// BenchmarkPages measures the pages that a collector lives in, on a company of
// 100,000 customers and 1,000,000 items, at 16 connections: the 99th percentile,
// and the requests per second as a share of those of the floor, a page with one
// query through the same adapter and session, just before and just after.
func BenchmarkPages(b *testing.B) {
	site.TuneMemory()
	s := webtest.New(b)
	c := dbtest.Tenant(b, s.Database, "large")
	planner := load(b, s, c)
	floor(s)
	first := firstCustomer(b, s, c)
	pages := []struct {
		name string
		path func() string
		who  tenant.Who
	}{
		{"floor", floorPath, c.Collector},
		{"my day", func() string { return "/" }, c.Collector},
		{"diary", func() string { return "/diary" }, planner},
		{"agenda", func() string { return "/agenda?whose=mine" }, c.Collector},
		{"customers", func() string { return "/customers?sort=overdue" }, c.Collector},
		{"profile", func() string { return fmt.Sprintf("/customers/%d", first+rand.Int64N(benchCustomers)) }, c.Collector},
		{"profile with 500 follow-ups", func() string { return fmt.Sprintf("/customers/%d", first) }, c.Collector},
		{"items", func() string { return fmt.Sprintf("/customers/%d/items", first+rand.Int64N(benchCustomers)) }, c.Collector},
		{"notes", func() string { return fmt.Sprintf("/customers/%d/notes", first+rand.Int64N(benchCustomers)) }, c.Collector},
		{"journal of 100,000 notes", func() string { return fmt.Sprintf("/customers/%d/notes", first+1) }, c.Collector},
		{"activities of 100,000 notes", func() string { return fmt.Sprintf("/customers/%d/collections", first+1) }, c.Collector},
		{"heavy customer", func() string { return fmt.Sprintf("/customers/%d", first+2) }, c.Collector},
		{"5,000 items", func() string { return fmt.Sprintf("/customers/%d/items", first+2) }, c.Collector},
		{"calls of 100,000 notes", func() string { return fmt.Sprintf("/customers/%d/collections?show=calls&before=50000", first+1) }, c.Collector},
		{"three promises of 100,000 notes", func() string { return fmt.Sprintf("/customers/%d/collections?show=promises", first+1) }, c.Collector},
	}
	owner := s.Owner(b)
	for _, page := range pages {
		b.Run(page.name, func(b *testing.B) {
			for b.Loop() {
				drive(b, s, page.who, 20, page.path) // warm
				least, _ := drive(b, s, page.who, 100, floorPath)
				before := spent(b, owner)
				rps, p99 := drive(b, s, page.who, benchRequests/benchConnections, page.path)
				spent(b, owner).report(b, before, benchRequests)
				again, _ := drive(b, s, page.who, 100, floorPath)
				b.ReportMetric(rps, "req/s")
				b.ReportMetric(float64(p99.Microseconds())/1000, "p99-ms")
				b.ReportMetric(200*rps/(least+again), "%-of-floor")
			}
		})
	}
}

func floorPath() string { return "/floor" }

// floor adds the page that the others are measured against.
func floor(s *webtest.Site) {
	app := s.App
	s.Router.With(app.Sessions.LoadAndSave).Get("/floor", app.In(func(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
		var name string
		if err := tx.QueryRow(r.Context(), `SELECT name FROM tenants WHERE id = $1`, tx.Actor.TenantID).Scan(&name); err != nil {
			return err
		}
		found := templ.WithChildren(r.Context(), ui.Empty("search", name, "One query."))
		return web.Render(w, r.WithContext(found), http.StatusOK, ui.Layout("Floor"))
	}))
}

// drive asks for n pages on each of 16 connections and returns the requests per
// second and the time within which 99 of 100 were answered.
func drive(b *testing.B, s *webtest.Site, who tenant.Who, n int, path func() string) (rps float64, p99 time.Duration) {
	b.Helper()
	var wg sync.WaitGroup
	times := make([]time.Duration, benchConnections*n)
	began := time.Now()
	for i := range benchConnections {
		browser := s.As(b, who)
		wg.Go(func() {
			connection := &http.Transport{}
			defer connection.CloseIdleConnections()
			for j := range n {
				asked := time.Now()
				if err := fetch(connection, browser, s.URL+path()); err != nil {
					b.Error(err)
					return
				}
				times[i*n+j] = time.Since(asked)
			}
		})
	}
	wg.Wait()
	took := time.Since(began)
	slices.Sort(times)
	return float64(len(times)) / took.Seconds(), times[len(times)*99/100]
}

// fetch reads a page and throws it away: the client shares the processors with the
// server that is measured.
func fetch(connection *http.Transport, browser *webtest.Client, address string) error {
	r, err := http.NewRequest(http.MethodGet, address, http.NoBody)
	if err != nil {
		return err
	}
	browser.Cookies(r)
	res, err := connection.RoundTrip(r)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, res.Body)
	if res.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: status %d", address, res.StatusCode)
	}
	return errors.Join(err, res.Body.Close())
}

func firstCustomer(b *testing.B, s *webtest.Site, c *dbtest.Company) (id int64) {
	b.Helper()
	if err := s.Owner(b).QueryRow(b.Context(), `SELECT min(id) FROM customers WHERE tenant_id = $1`, c.ID).Scan(&id); err != nil {
		b.Fatal(err)
	}
	return id
}

// load fills the company by a few statements of the owner's, and returns whose diary is
// full.
func load(b *testing.B, s *webtest.Site, c *dbtest.Company) (planner tenant.Who) {
	b.Helper()
	owner := s.Owner(b)
	for _, sql := range strings.Split(fmt.Sprintf(`
		SELECT set_config('app.tenant_id', '%[1]d', false);
		INSERT INTO customers (number, name, kind, city, country, owner_id)
		SELECT 'C-' || n, 'Customer ' || md5(n::text), CASE n %% 3 WHEN 0 THEN 'consumer' ELSE 'business' END, 'Oslo', 'NO', %[2]d
		FROM generate_series(1, %[3]d) n;
		INSERT INTO accounts (customer_id, kind, number) SELECT id, 'trade', number FROM customers ORDER BY id;
		INSERT INTO items (customer_id, account_id, kind, number, issued_on, due_on, currency, amount, status_id)
		SELECT a.customer_id, a.id, 'invoice', a.number || '-' || n, DATE '2025-09-01' + ((a.id * 7 + n * 31) %% 30)::int, DATE '2025-10-01' + ((a.id * 7 + n * 31) %% 190)::int,
			CASE a.id %% 9 WHEN 0 THEN 'NOK' ELSE 'EUR' END, 1000 + (a.id * 13 + n * 977) %% 500000, (SELECT min(id) FROM item_statuses)
		FROM accounts a, generate_series(1, %[4]d) n;
		INSERT INTO notes (customer_id, author, kind, text)
		SELECT id, 'Dunwell', 'note', 'Called about invoice ' || n FROM customers, generate_series(1, 2) n ORDER BY id;
		INSERT INTO follow_ups (customer_id, assignee_id, due_on, due_at, text)
		SELECT (SELECT min(id) FROM customers) + (n * 7919) %% %[3]d, %[2]d, DATE '2026-03-16' - CASE n %% 2 WHEN 0 THEN n %% 60 ELSE 0 END,
			CASE WHEN n %% 50 = 1 THEN TIME '08:00' + n %% 36 * interval '15 minutes' END, 'Ask for the signed goods note of invoice ' || n
		FROM generate_series(1, %[5]d) n;
		INSERT INTO follow_ups (customer_id, assignee_id, due_on, due_at, text)
		SELECT (SELECT min(id) FROM customers), %[6]d, DATE '2026-03-10' + n %% 90, CASE n %% 3 WHEN 0 THEN TIME '08:00' + n * interval '1 minute' END, 'Ask about invoice ' || n
		FROM generate_series(1, %[7]d) n;
		INSERT INTO stops (customer_id, kind, reason, since, review_on)
		SELECT id, 'hardship', 'Wrote', DATE '2026-01-02', DATE '2026-03-10' + (id / 100)::int %% 300 FROM customers WHERE id %% 100 = 0;
		VACUUM ANALYZE`, c.ID, c.CollectorID, benchCustomers, benchItems, benchDay, c.ManagerID, benchFollowups), ";\n") {
		if _, err := owner.Exec(b.Context(), sql); err != nil {
			b.Fatal(err)
		}
	}
	journal(b, s, c)
	heavy(b, s, c)
	planner = spoken(b, s, c)
	if err := s.Write(b.Context(), c.System(), func(tx *tenant.Tx) error { return ledger.RefreshAll(b.Context(), tx) }); err != nil {
		b.Fatal(err)
	}
	if err := s.Write(b.Context(), c.Admin, func(tx *tenant.Tx) error { return dunning.SwitchOn(b.Context(), tx, 6) }); err != nil {
		b.Fatal(err)
	}
	err := s.Write(b.Context(), c.System(), func(tx *tenant.Tx) error {
		_, err := dunning.RunOnly(b.Context(), tx, tx.Today())
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	if _, err := owner.Exec(b.Context(), `VACUUM ANALYZE customer_totals, agenda_entries`); err != nil {
		b.Fatal(err)
	}
	return planner
}

// journal gives the second customer a long one: every tenth note is a call, three of
// all are promises. It is written without the chain, which a page does not read and
// which takes half a minute.
func journal(b *testing.B, s *webtest.Site, c *dbtest.Company) {
	b.Helper()
	_, err := s.Owner(b).Exec(b.Context(), fmt.Sprintf(`
		SELECT set_config('app.tenant_id', '%[1]d', false);
		ALTER TABLE notes DISABLE TRIGGER chain;
		INSERT INTO notes (customer_id, seq, author_id, author, kind, text)
		SELECT (SELECT min(id) + 1 FROM customers), n, CASE n %% 4 WHEN 0 THEN %[2]d END, 'Somebody',
			CASE WHEN n %% 30000 = 1 THEN 'promise' WHEN n %% 10 = 0 THEN 'call' ELSE 'changed' END, 'Spoke about invoice ' || n
		FROM generate_series(3, %[3]d) n;
		ALTER TABLE notes ENABLE ALWAYS TRIGGER chain;
		ANALYZE notes`, c.ID, c.CollectorID, benchJournal))
	if err != nil {
		b.Fatal(err)
	}
}

// heavy makes of the third customer one with more of everything: 5,000 items in three
// currencies, 20,000 notes, 12 contact points, two loans.
func heavy(b *testing.B, s *webtest.Site, c *dbtest.Company) {
	b.Helper()
	_, err := s.Owner(b).Exec(b.Context(), fmt.Sprintf(`
		SELECT set_config('app.tenant_id', '%[1]d', false);
		INSERT INTO accounts (customer_id, kind, number, opened_on)
		SELECT (SELECT min(id) + 2 FROM customers), 'loan', 'L-' || n, DATE '2025-01-15' FROM generate_series(1, 2) n;
		INSERT INTO items (customer_id, account_id, kind, number, issued_on, due_on, currency, amount, status_id)
		SELECT a.customer_id, a.id, CASE a.kind WHEN 'loan' THEN 'instalment' ELSE 'invoice' END, a.number || '/' || n, DATE '2025-02-01' + n %% 400,
			DATE '2025-03-01' + n %% 400, (ARRAY['EUR', 'NOK', 'SEK'])[1 + n %% 3], 1000 + (n * 977) %% 500000, (SELECT min(id) FROM item_statuses)
		FROM accounts a, generate_series(1, 2500) n
		WHERE a.customer_id = (SELECT min(id) + 2 FROM customers) AND (a.kind = 'trade' OR n <= 1250);
		INSERT INTO contact_points (customer_id, kind, value, person, role)
		SELECT (SELECT min(id) + 2 FROM customers), CASE n %% 2 WHEN 0 THEN 'phone' ELSE 'email' END,
			CASE n %% 2 WHEN 0 THEN '+4722000' || 100 + n ELSE 'person' || n || '@heavy.example' END, 'Person ' || n,
			(ARRAY['debtor', 'borrower', 'co_borrower', 'guarantor', 'representative', 'third_party'])[1 + n %% 6]
		FROM generate_series(1, 12) n;
		ALTER TABLE notes DISABLE TRIGGER chain;
		INSERT INTO notes (customer_id, seq, author_id, author, kind, text)
		SELECT (SELECT min(id) + 2 FROM customers), n, CASE n %% 4 WHEN 0 THEN %[2]d END, 'Somebody', CASE n %% 5 WHEN 0 THEN 'call' ELSE 'changed' END, 'Spoke about invoice ' || n
		FROM generate_series(3, 20000) n;
		ALTER TABLE notes ENABLE ALWAYS TRIGGER chain;
		ANALYZE notes, items, accounts, contact_points`, c.ID, c.CollectorID))
	if err != nil {
		b.Fatal(err)
	}
}

// spoken gives the company its contacts, 10 a customer, and a diary of 2,000 entries to
// one more collector, who has nothing else to do: half of them contacts of three weeks
// to come, half follow-ups of the week before and two more.
func spoken(b *testing.B, s *webtest.Site, c *dbtest.Company) (planner tenant.Who) {
	b.Helper()
	var id int64
	err := s.Write(b.Context(), c.System(), func(tx *tenant.Tx) error {
		id, planner = dbtest.Member(b, tx, "planner", tenant.Collector)
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	_, err = s.Owner(b).Exec(b.Context(), fmt.Sprintf(`
		SELECT set_config('app.tenant_id', '%[1]d', false);
		INSERT INTO contact_groups (name) VALUES ('Calls');
		INSERT INTO contact_types (group_id, code, name) SELECT id, 'CALL', 'Call' FROM contact_groups;
		INSERT INTO contacts (customer_id, type_id, code, type_name, action, description, executive_id, assignee_id, due_on, due_at, ended, ended_at, closing)
		SELECT (SELECT min(id) FROM customers) + n %% %[5]d, (SELECT min(id) FROM contact_types), 'CALL', 'Call', '', 'Spoke about invoice ' || n, %[2]d,
			CASE n %% 1000 WHEN 0 THEN %[2]d ELSE %[3]d END, DATE '2026-03-16' + (n / 1000)::int %% 21, CASE n %% 3 WHEN 0 THEN TIME '08:00' + (n / 1000)::int %% 36 * interval '15 minutes' END,
			CASE WHEN n %% 50 > 0 THEN 'closed' END, CASE WHEN n %% 50 > 0 THEN now() END, CASE WHEN n %% 50 > 0 THEN 'Paid' ELSE '' END
		FROM generate_series(1, %[4]d) n;
		INSERT INTO follow_ups (customer_id, assignee_id, due_on, due_at, text)
		SELECT (SELECT min(id) FROM customers) + (n * 7919) %% %[5]d, %[2]d, DATE '2026-03-09' + n %% 21, CASE n %% 3 WHEN 0 THEN TIME '08:00' + n %% 36 * interval '15 minutes' END,
			'Ask for the signed goods note of invoice ' || n
		FROM generate_series(1, 1000) n;
		ANALYZE contacts, follow_ups`, c.ID, id, c.ManagerID, benchContacts, benchCustomers))
	if err == nil {
		_, err = s.Owner(b).Exec(b.Context(), `VACUUM contacts, follow_ups`)
	}
	if err != nil {
		b.Fatal(err)
	}
	return planner
}
