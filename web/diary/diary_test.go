package diary_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/dbtest"
	"dunwell/internal/tenant"
	"dunwell/web/webtest"
)

// desk is a site whose collector has customers to work; it is Monday 16 March 2026,
// 10:30 in Oslo.
type desk struct {
	*webtest.Site
	acme *dbtest.Company
	ids  map[string]int64 // of the customers, by number
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	s := webtest.New(t)
	return &desk{Site: s, acme: dbtest.Tenant(t, s.Database, "acme"), ids: map[string]int64{}}
}

// due gives the collector follow-ups with a customer, each a day and maybe an hour.
func (d *desk) due(t *testing.T, number string, when ...string) {
	t.Helper()
	d.write(t, func(tx *tenant.Tx) error {
		id := d.ids[number]
		if id == 0 {
			id, _ = dbtest.Customer(t, tx, number)
			d.ids[number] = id
		}
		for _, w := range when {
			on, at, _ := strings.Cut(w, " ")
			_, err := tx.Exec(t.Context(), `
				INSERT INTO follow_ups (customer_id, assignee_id, due_on, due_at, text, author_id)
				VALUES (@customer, @member, @on::text::date, nullif(@at, '')::time, 'Ask for the goods note of ' || @number, @member)`,
				pgx.NamedArgs{"customer": id, "member": d.acme.CollectorID, "on": on, "at": at, "number": number})
			if err != nil {
				return err
			}
		}
		_, err := tx.Exec(t.Context(), `UPDATE customers SET owner_id = $2 WHERE id = $1`, id, d.acme.CollectorID)
		return err
	})
}

func (d *desk) write(t *testing.T, f func(*tenant.Tx) error) {
	t.Helper()
	if err := d.Write(t.Context(), d.acme.System(), f); err != nil {
		t.Fatal(err)
	}
}

func (d *desk) exec(t *testing.T, sql string, args ...any) {
	t.Helper()
	if _, err := d.Owner(t).Exec(t.Context(), sql, args...); err != nil {
		t.Fatal(err)
	}
}

var entries = regexp.MustCompile(`<tbody id="entry-(\d+)"`)

// listed are the customers of the page in their order, by number.
func (d *desk) listed(page webtest.Page) string {
	var numbers []string
	for _, m := range entries.FindAllStringSubmatch(page.Body, -1) {
		for number, id := range d.ids {
			if fmt.Sprint(id) == m[1] {
				numbers = append(numbers, number)
			}
		}
	}
	return strings.Join(numbers, ", ")
}

func TestDay(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.due(t, "C-today", "2026-03-16")
	d.due(t, "C-late", "2026-03-13", "2026-03-16 15:00")
	d.due(t, "C-passed", "2026-03-16 09:15")
	d.due(t, "C-longest", "2026-02-16")
	d.due(t, "C-later", "2026-03-17")
	d.write(t, func(tx *tenant.Tx) error {
		_, err := tx.Exec(t.Context(), `
			WITH s AS (INSERT INTO stops (customer_id, kind, reason, since, review_on) VALUES ($1, 'cease_contact', 'wrote', '2026-01-05', '2026-03-15'))
			INSERT INTO customer_totals (customer_id, currency, to_collect) VALUES ($1, 'NOK', 123456)`, d.ids["C-today"])
		return err
	})
	c := d.As(t, d.acme.Collector)
	page := c.Get("/")
	if got := d.listed(page); got != "C-passed, C-late, C-longest, C-today" {
		t.Errorf("the list is %s", got)
	}
	page.Has(t, http.StatusOK, "Monday 16 March", "late 3", "today 1", "reviews among them 1", "1–4 of 4", "since 09:15", "15:00", "3 days late", "28 days late",
		"Review the stop: cease contact", "1 day late", "NOK 1,234.56", "nothing said yet", "Start with the first", "Why this order?", `aria-current="page"`,
		`hx-get="/day/since"`, "since 09:15")
	page.Lacks(t, "C-later", "Give the ticked", "Whose day")
	if n := strings.Count(page.Body, `<li class="">`) + strings.Count(page.Body, `<li class="now">`); n < 10 {
		t.Errorf("%d hours stand there, want 08 to 17", n)
	}
	open := c.Get(fmt.Sprintf("/?open=%d", d.ids["C-late"]))
	open.Has(t, http.StatusOK, `aria-expanded="true"`, "/completion", "/deletion", "/date", "End of month",
		fmt.Sprintf(`name="back" value="/?open=%d"`, d.ids["C-late"]))
	if n := strings.Count(open.Body, `/completion"`); n != 2 {
		t.Errorf("%d follow-ups can be ticked, want 2", n)
	}
	c.Get(fmt.Sprintf("/?open=%d", d.ids["C-today"])).Has(t, http.StatusOK, fmt.Sprintf("/customers/%d/stops/", d.ids["C-today"]), "Look at it")
	for _, stray := range []int64{d.ids["C-later"], 999999} {
		c.Get(fmt.Sprintf("/?open=%d", stray)).Lacks(t, `aria-expanded="true"`)
	}
}

// What is to be looked at leads to where it is decided, and leaves the list with
// that.
func TestReviews(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.due(t, "C-1")
	id := d.ids["C-1"]
	d.write(t, func(tx *tenant.Tx) error {
		_, err := tx.Exec(t.Context(), `
			WITH p AS (INSERT INTO contact_points (customer_id, kind, value, role) VALUES ($1, 'phone', '+4722410933', 'debtor') RETURNING id, customer_id),
				said AS (INSERT INTO permissions (customer_id, contact_point_id, channel, state, given_on, source, review_on)
					SELECT customer_id, id, 'sms', 'opt_out', '2026-01-05', 'said so', '2026-03-16' FROM p)
			UPDATE customers SET watch_reason = 'Be kind', watch_until = '2026-03-15' WHERE id = $1`, id)
		return err
	})
	c := d.As(t, d.acme.Collector)
	c.Get("/").Has(t, http.StatusOK, "ended 1 day ago", "Watch flag: Be kind", "Review the opt-out: +47 22 41 09 33", "late 1", "today 0", "reviews among them 1")
	at := fmt.Sprintf("/customers/%d", id)
	c.Get(fmt.Sprintf("/?open=%d", id)).Has(t, http.StatusOK, at+"/contactpoints/", at+"/watch", "Look at it")
	c.Get(at+"/watch").Has(t, http.StatusOK, "That day has passed.", `name="flag" value="2026-03-15"`)
	c.Post(at+"/watch/end", form("flag", "2026-03-15", "reason", "Over")).Leads(t, at)
	page := c.Get("/")
	page.Has(t, http.StatusOK, "Review the opt-out", "today 1")
	page.Lacks(t, "Be kind")
}

// Who has nothing to do is told what stands here, and led on.
func TestNothingToDo(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	page := d.As(t, d.acme.Collector).Get("/")
	page.Has(t, http.StatusOK, "Nothing is to be done today", fmt.Sprintf("/customers?owner=%d&amp;overdue=on", d.acme.CollectorID))
	page.Lacks(t, "Start with the first", "Why this order?")
	c := d.As(t, d.acme.Manager)
	c.Get("/?member=none").Has(t, http.StatusOK, "Nothing lies about")
	c.Get(fmt.Sprintf("/?member=%d", d.acme.CollectorID)).Has(t, http.StatusOK, "acme collector has nothing to do today")
	c.Post("/walk", nil).Leads(t, "/")
	c.Get("/").Has(t, http.StatusOK, "Nothing is left to be done today")
}

func TestPages(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.exec(t, `
		WITH c AS (
			INSERT INTO customers (tenant_id, number, name, kind) SELECT $1, 'N' || n, 'Name ' || lpad(n::text, 3, '0'), 'business' FROM generate_series(1, 60) n
			RETURNING id)
		INSERT INTO follow_ups (tenant_id, customer_id, assignee_id, due_on, text) SELECT $1, id, $2, '2026-03-16', 'x' FROM c`, d.acme.ID, d.acme.CollectorID)
	c := d.As(t, d.acme.Collector)
	first := c.Get("/")
	first.Has(t, http.StatusOK, "1–20 of 60", "Name 001", "Name 020", `href="/?from=20"`)
	first.Lacks(t, "Name 021", "First page")
	c.Get("/?from=20").Has(t, http.StatusOK, "21–40 of 60", "Name 021", "Name 040", "First page", `href="/?from=40"`)
	last := c.Get("/?from=40")
	last.Has(t, http.StatusOK, "41–60 of 60", "Name 041", "Name 060", "First page")
	last.Lacks(t, "Name 040", "Next page")
	c.Get("/?from=60").Leads(t, "/")
	c.Get("/?from=-1").Has(t, http.StatusOK, "1–20 of 60")
	c.Get("/?from=99999999999").Leads(t, "/")
}

func TestWhoseDay(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	beta := dbtest.Tenant(t, d.Database, "beta")
	d.due(t, "C-1", "2026-03-16 14:00")
	d.due(t, "C-2", "2026-03-15")
	at := fmt.Sprintf("/?member=%d", d.acme.CollectorID)
	c, m := d.As(t, d.acme.Collector), d.As(t, d.acme.Manager)
	c.Get(at).Has(t, http.StatusOK, "C-1")
	for _, path := range []string{fmt.Sprintf("/?member=%d", d.acme.ManagerID), "/?member=none", "/day/since?member=none"} {
		page := c.Get(path)
		page.Has(t, http.StatusForbidden, "This is somebody else’s day")
	}
	page := m.Get(at)
	page.Has(t, http.StatusOK, "· acme collector", "C-1", "C-2", "acme collector · 2 tasks due", "My own · 0 tasks due", "No owner · 0 tasks due", "Give the ticked",
		fmt.Sprintf(`hx-get="/day/since?member=%d"`, d.acme.CollectorID), fmt.Sprintf(`name="member" value="%d"`, d.acme.CollectorID))
	for _, member := range []string{fmt.Sprint(beta.CollectorID), "0", "x", "-3", "99999999"} {
		page := m.Get("/?member=" + member)
		page.Has(t, http.StatusNotFound)
	}
	d.exec(t, `UPDATE members SET active = false WHERE id = $1`, d.acme.CollectorID)
	m.Get(at).Has(t, http.StatusNotFound)
	m.Get("/?member=none").Has(t, http.StatusOK, "No owner", "C-1", "C-2", "No owner · 2 tasks due", "1–2 of 2")
}

func TestSince(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.due(t, "C-1", "2026-03-20")
	d.exec(t, `UPDATE follow_ups SET author_id = $1, created_at = '2026-03-16 08:00Z'`, d.acme.ManagerID)
	d.exec(t, `
		INSERT INTO payments (tenant_id, customer_id, account_id, number, value_on, currency, amount, created_at)
		SELECT tenant_id, customer_id, id, 'P', '2026-03-13', 'NOK', 7750, '2026-03-13 08:00Z' FROM accounts`)
	c := d.As(t, d.acme.Collector)
	page := c.Get("/day/since")
	page.Has(t, http.StatusOK, "<html", "Since Friday 13 March", "Payments: 1 customer, NOK 77.50", "1 follow-up planned by others", "Back to the day")
	part := c.With("HX-Request", "true").Get("/day/since")
	part.Has(t, http.StatusOK, "Since Friday 13 March", "NOK 77.50")
	part.Lacks(t, "<html", "hx-trigger")
	d.As(t, d.acme.Manager).Get(fmt.Sprintf("/day/since?member=%d", d.acme.AdminID)).
		Has(t, http.StatusOK, "No payments of the customers of acme admin", "No follow-ups planned by others")
}

// The page asks a fixed number of questions, for two customers and for 2,000.
func TestQuestionsAPage(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.due(t, "C-1", "2026-03-16 14:00")
	d.due(t, "C-2", "2026-03-15")
	ask := func(path string, who tenant.Who, want int64) {
		t.Helper()
		c := d.As(t, who)
		c.Get(path).Has(t, http.StatusOK) // every connection knows the statements then
		d.Queries.Take()
		c.Get(path).Has(t, http.StatusOK)
		if got := d.Queries.Take(); got != want {
			t.Errorf("%s asks %d questions, want %d", path, got, want)
		}
	}
	// The session, begin, the tenant named, who acts, commit; of the day: how to plan, places, rank,
	// reasons, amounts with what was said. A manager also: the people. Opened: its reasons, follow-ups, dates.
	both := func() {
		t.Helper()
		ask("/", d.acme.Collector, 10)
		ask(fmt.Sprintf("/?member=%d", d.acme.CollectorID), d.acme.Manager, 11)
		ask(fmt.Sprintf("/?open=%d", d.ids["C-1"]), d.acme.Collector, 13)
	}
	both()
	d.exec(t, `
		WITH c AS (
			INSERT INTO customers (tenant_id, number, name, kind) SELECT $1, 'N' || n, 'Name', 'business' FROM generate_series(1, 2000) n
			RETURNING id)
		INSERT INTO follow_ups (tenant_id, customer_id, assignee_id, due_on, due_at, text)
		SELECT $1, id, $2, DATE '2026-03-16' - (id % 3)::int, CASE id % 7 WHEN 0 THEN TIME '16:00' END, 'x' FROM c`, d.acme.ID, d.acme.CollectorID)
	both()
}

func form(pairs ...string) url.Values {
	f := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		f.Add(pairs[i], pairs[i+1])
	}
	return f
}
