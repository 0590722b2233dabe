package customers_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"dunwell/internal/day"
	"dunwell/internal/dbtest"
	"dunwell/internal/ledger"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
	"dunwell/web/webtest"
)

// idOf is the id of the row with that number.
func idOf(t testing.TB, s *webtest.Site, table, number string) (id int64) {
	t.Helper()
	if err := s.Owner(t).QueryRow(t.Context(), `SELECT id FROM `+table+` WHERE number = $1`, number).Scan(&id); err != nil {
		t.Fatal(err)
	}
	return id
}

func count(t testing.TB, s *webtest.Site, sql string, args ...any) (n int) {
	t.Helper()
	if err := s.Owner(t).QueryRow(t.Context(), sql, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// table is the rows of the list, without the figures around it.
func table(p webtest.Page) string {
	_, after, _ := strings.Cut(p.Body, `aria-label="Items">`)
	rows, _, _ := strings.Cut(after, "</main>")
	return rows
}

func TestItems(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	acme, beta := dbtest.Tenant(t, s.Database, "acme"), dbtest.Tenant(t, s.Database, "beta")
	id := halden(t, s, acme)
	at := fmt.Sprintf("/customers/%d/items", id)
	c := s.As(t, acme.Collector)
	page := c.Get(at)
	page.Has(t, http.StatusOK, "90046", "90039", "Disputed", "EUR 22,110.50", "00428-B", "credit note", `>38</span>`, `>10</span>`, "credit to apply")
	page.Has(t, http.StatusOK, "5 rows, EUR 84,187.50 owed, 76,410.50 of it overdue, 1,560.00 credit", "1 row, USD 999.00 owed, 999.00 of it overdue")
	page.Lacks(t, "First page")
	for show, want := range map[string]string{
		"overdue": "90039 90046 90081", "disputed": "90039", "paused": "", "credits": "C-5 C-6", "open": "C-5 C-6 90039 90046 90081 90077",
		"overdue&currency=USD": "90081", "all": "90081 90077 90046 90039 C-5 C-6",
	} {
		rows := table(c.Get(at + "?show=" + show))
		for _, number := range []string{"C-5", "C-6", "90039", "90046", "90081", "90077"} {
			if has := strings.Contains(rows, " "+number+"<") || strings.Contains(rows, "\n"+number) || strings.Contains(rows, number+"</a>"); has != strings.Contains(want, number) {
				t.Errorf("show=%s: %s is there: %v", show, number, has)
			}
		}
	}
	c.Get(at+"?show=paused").Has(t, http.StatusOK, "Nothing of this kind", "Show what is open")
	page = c.Get(at + "?as_of=2026-02-10")
	page.Has(t, http.StatusOK, `>4</span>`, `value="2026-02-10"`, "90039", "Statuses and pauses are as they are today")
	page.Lacks(t, "90077") // issued later
	c.Get(at+"?as_of=2020-01-01").Has(t, http.StatusOK, "Nothing was open on that day", "show=all")
	c.Get(at+"?as_of=2020-01-01&show=all").Has(t, http.StatusOK, "Nothing was issued to this customer")
	c.Get(at+"?as_of=10.2.2026").Has(t, http.StatusUnprocessableEntity, "Give a day such as 2026-03-16.", `value="10.2.2026"`)
	for _, bad := range []string{"show=some", "currency=EURO", "after=x", "after=1.item", "after=1.item.x", "after=x.item.1"} {
		c.Get(at+"?"+bad).Has(t, http.StatusUnprocessableEntity, "damaged")
	}
	s.As(t, beta.Admin).Get(at).Has(t, http.StatusNotFound)
}

func TestItemsOfAnAccount(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	id := halden(t, s, acme)
	other := idOf(t, s, "accounts", "00428-B")
	rows := table(s.As(t, acme.Collector).Get(fmt.Sprintf("/customers/%d/items?account=%d", id, other)))
	if !strings.Contains(rows, "C-6") || strings.Contains(rows, "90046") {
		t.Errorf("the rows of the account: %s", rows)
	}
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
	for _, show := range []string{"open", "all"} {
		seen := map[string]bool{}
		var counts []int
		for at := fmt.Sprintf("/customers/%d/items?show=%s", id, show); at != ""; {
			page := s.As(t, acme.Collector).Get(at)
			page.Has(t, http.StatusOK)
			n := 0
			for i := range 405 {
				if number := fmt.Sprintf("L-%03d</a>", i); strings.Contains(strings.Join(strings.Fields(page.Body), " "), strings.Replace(number, "<", " <", 1)) || strings.Contains(page.Body, number) {
					n, seen[number] = n+1, true
				}
			}
			counts, at = append(counts, n), nextPage(page)
		}
		if fmt.Sprint(counts) != "[200 200 5]" || len(seen) != 405 {
			t.Errorf("%s: pages of %v, %d in all", show, counts, len(seen))
		}
	}
}

// A page asks as many questions for five thousand items as for five, and a row
// that is open a fixed number more.
func TestQueriesOfTheItems(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	small := halden(t, s, acme)
	var large, paid int64
	write(t, s, acme.Manager, func(tx *tenant.Tx) error {
		var account int64
		large, account = dbtest.Customer(t, tx, "large")
		_, err := tx.Exec(t.Context(), `
			INSERT INTO items (customer_id, account_id, kind, number, issued_on, due_on, currency, amount, status_id)
			SELECT $1, $2, 'invoice', 'L-' || n, DATE '2025-06-01' + n / 20, DATE '2025-07-01' + n / 20, 'EUR', 1000 + n, (SELECT id FROM item_statuses WHERE family = 'ongoing')
			FROM generate_series(1, 5000) n`, large, account)
		if err != nil {
			return err
		}
		var lines []ledger.Line
		list, err := ledger.Payables(t.Context(), tx, large, account, "EUR", 150)
		for _, i := range list {
			lines = append(lines, ledger.Line{ItemID: i.ID, Minor: i.Open - 1})
		}
		if err != nil {
			return err
		}
		r, err := ledger.Record(t.Context(), tx, ledger.Payment{CustomerID: large, AccountID: account, Number: "P-1", ValueOn: day.New(2026, 3, 2),
			Amount: money.New(10_000_000, "EUR"), Lines: lines})
		paid = r.ID
		return err
	})
	c := s.As(t, acme.Collector)
	questions := func(at string) int64 {
		s.Queries.Take()
		c.Get(at).Has(t, http.StatusOK)
		return s.Queries.Take()
	}
	small0 := questions(fmt.Sprintf("/customers/%d/items", small))
	const sums = 1 // of what is more than a page
	if got := questions(fmt.Sprintf("/customers/%d/items", large)); got != small0+sums {
		t.Errorf("%d questions for 5,000 items, %d for six", got, small0)
	}
	for path, more := range map[string]int64{
		fmt.Sprintf("/customers/%d/items?item=%d", small, idOf(t, s, "items", "90046")): 5,
		fmt.Sprintf("/customers/%d/items?item=%d", large, idOf(t, s, "items", "L-7")):   5 + sums,
		fmt.Sprintf("/customers/%d/items?item=%d", small, idOf(t, s, "items", "C-5")):   4,
		fmt.Sprintf("/customers/%d/items?show=all&payment=%d", large, paid):             4 + sums,
		fmt.Sprintf("/customers/%d/items?show=all&after=-9000.item.1", large):           0,
		fmt.Sprintf("/customers/%d/items?show=overdue&as_of=2025-08-01", large):         1 + sums,
	} {
		if got := questions(path); got != small0+more {
			t.Errorf("%s asks %d questions, want %d", path, got, small0+more)
		}
	}
}

// form makes a form of pairs of name and value.
func form(pairs ...string) url.Values {
	f := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		f.Add(pairs[i], pairs[i+1])
	}
	return f
}

func TestPauseAnItem(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	id := halden(t, s, acme)
	item := idOf(t, s, "items", "90046")
	c := s.As(t, acme.Collector)
	at := fmt.Sprintf("/customers/%d/items", id)
	row := fmt.Sprintf("%s/%d", at, item)
	c.Get(fmt.Sprintf("%s?item=%d", at, item)).Has(t, http.StatusOK, "Not to be chased until", `value="2026-03-30"`, `name="version" value="1"`, "Pause it")
	page := c.Post(row+"/pause?show=overdue&evil=1", form("until", "2026-03-15", "pause_reason", " waits <b> ", "version", "1"))
	page.Has(t, http.StatusUnprocessableEntity, "This day has passed.", `value="waits &lt;b&gt;"`, `value="2026-03-15"`, "show=overdue")
	page.Lacks(t, "evil")
	c.Post(row+"/pause", form("until", "soon", "version", "1")).Has(t, http.StatusUnprocessableEntity, "Give the last day of the pause.", "Say why")
	c.Post(row+"/pause?show=overdue&after=9.item.1", form("until", "2026-03-20", "pause_reason", "waits for a copy", "version", "1")).
		Leads(t, fmt.Sprintf("%s?after=9.item.1&item=%d&show=overdue#item-%d", at, item, item))
	page = c.Get(fmt.Sprintf("%s?show=paused&item=%d", at, item))
	page.Has(t, http.StatusOK, "paused until", "Paused by acme collector until and including <time", "waits for a copy", "1 row, EUR 54,300.00 owed, 54,300.00 of it overdue", "End the pause now",
		"paused <a", ">54,300.00</a>")
	c.Post(row+"/pause", form("until", "2026-03-21", "pause_reason", "mine", "version", "1")).Has(t, http.StatusConflict, "paused until Fri 20 Mar 2026")
	c.Post(row+"/pause/end?show=paused", form("version", "2")).Leads(t, fmt.Sprintf("%s?item=%d&show=paused#item-%d", at, item, item))
	// the row stays in sight though it is no longer one of those that are listed
	c.Get(fmt.Sprintf("%s?item=%d&show=paused", at, item)).Has(t, http.StatusOK, "The pause is ended.", "90046", "Pause it")
	c.Post(row+"/pause/end", form("version", "3")).Has(t, http.StatusConflict, "not paused")
}

func TestSetAStatus(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	id := halden(t, s, acme)
	item := idOf(t, s, "items", "90046")
	c := s.As(t, acme.Collector)
	row := fmt.Sprintf("/customers/%d/items/%d/status", id, item)
	court := fmt.Sprint(count(t, s, `SELECT id FROM item_statuses WHERE family = 'litigation'`))
	ongoing := fmt.Sprint(count(t, s, `SELECT id FROM item_statuses WHERE family = 'ongoing'`))
	c.Post(row, form("status", court, "version", "1")).Has(t, http.StatusUnprocessableEntity, "Say why", fmt.Sprintf(`value="%s" selected`, court))
	c.Post(row, form("status", ongoing, "status_reason", "x", "version", "1")).Has(t, http.StatusUnprocessableEntity, "The item has the status Ongoing already.")
	c.Post(row, form("status", "x", "status_reason", "kept", "version", "1")).Has(t, http.StatusUnprocessableEntity, "Choose a status from the list.", `value="kept"`)
	c.Post(row, form("status", court, "status_reason", "sued", "version", "1")).Leads(t, fmt.Sprintf("/customers/%d/items?item=%d#item-%d", id, item, item))
	c.Post(row, form("status", ongoing, "status_reason", "mine", "version", "1")).Has(t, http.StatusConflict, "its status is Litigation")
	c.Get(fmt.Sprintf("/customers/%d/notes", id)).Has(t, http.StatusOK, "Item 90046: Ongoing becomes Litigation. sued")
}

func TestApplyCredit(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	id := halden(t, s, acme)
	note, item, late := idOf(t, s, "items", "C-5"), idOf(t, s, "items", "90039"), idOf(t, s, "items", "90046")
	c := s.As(t, acme.Collector)
	at := fmt.Sprintf("/customers/%d/items", id)
	page := c.Get(fmt.Sprintf("%s?item=%d", at, note))
	page.Has(t, http.StatusOK, "Set EUR 1,250.00 against items", fmt.Sprintf(`name="pay" value="%d" checked`, late), `value="1250.00"`, fmt.Sprintf(`name="pay" value="%d">`, item), `value="22110.50"`)
	to := fmt.Sprintf("%s/%d/applications", at, note)
	line := func(id int64) string { return fmt.Sprint("line-", id) }
	c.Post(to, form()).Has(t, http.StatusUnprocessableEntity, "Tick the items that the credit pays.")
	page = c.Post(to, form("pay", fmt.Sprint(item), line(item), "1,000", "pay", fmt.Sprint(late), line(late), "x"))
	page.Has(t, http.StatusUnprocessableEntity, "can be read in two ways. Write 1000.00", "is not an amount", `value="1,000"`, `value="x"`, fmt.Sprintf(`href="#field-line-%d"`, item))
	c.Post(to, form("pay", fmt.Sprint(item), line(item), "1 250,01")).Has(t, http.StatusUnprocessableEntity, "EUR 1,250.00 of credit note C-5 is left", `value="1 250,01"`)
	c.Post(to, form("pay", fmt.Sprint(item), line(item), "0")).Has(t, http.StatusUnprocessableEntity, "Give an amount above zero")
	c.Post(to+"?show=credits", form("pay", fmt.Sprint(item), line(item), "1.000,25", "pay", fmt.Sprint(late), line(late), "200")).
		Leads(t, fmt.Sprintf("%s?item=%d&show=credits#item-%d", at, note, note))
	c.Get(fmt.Sprintf("%s?item=%d", at, note)).Has(t, http.StatusOK, "Credit of credit note C-5 pays 90039 with EUR 1,000.25 and 90046 with EUR 200.00; EUR 49.75 stays credit.",
		"Set EUR 49.75 against items", "acme collector")
	page = c.Get(fmt.Sprintf("%s?item=%d", at, item))
	page.Has(t, http.StatusOK, "credit note C-5", "EUR 1,000.25")
	page.Lacks(t, "/reversal") // which a collector may not
	s.As(t, acme.Manager).Get(fmt.Sprintf("%s?item=%d", at, item)).Has(t, http.StatusOK, "/reversal")
	s.As(t, acme.Manager).Get(fmt.Sprintf("%s?item=%d&as_of=2026-03-15", at, item)).Lacks(t, "/reversal", "Set the status", "Pause it")
}

// What belongs to another customer of the company is not found, and neither is
// another company's: with ids in the path and in the form.
func TestOthersItemsAreNotFound(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	acme, beta := dbtest.Tenant(t, s.Database, "acme"), dbtest.Tenant(t, s.Database, "beta")
	id := halden(t, s, acme)
	item, credit, account := idOf(t, s, "items", "90046"), idOf(t, s, "items", "C-5"), idOf(t, s, "accounts", "00428")
	var stranger, strangers, paid int64
	write(t, s, acme.Manager, func(tx *tenant.Tx) error {
		var own int64
		stranger, own = dbtest.Customer(t, tx, "stranger")
		strangers = dbtest.Item(t, tx, own, "S-1", "2026-03-01", 4_321, "EUR")
		r, err := ledger.Record(t.Context(), tx, ledger.Payment{CustomerID: id, AccountID: account, Number: "P-1", ValueOn: day.New(2026, 3, 2),
			Amount: money.New(900, "EUR"), Lines: []ledger.Line{{ItemID: item, Minor: 800}}})
		paid = r.ID
		return err
	})
	application := count(t, s, `SELECT id FROM applications`)
	before := count(t, s, `SELECT count(*) FROM notes`)
	good := form("version", "1", "until", "2026-03-20", "pause_reason", "x", "status", "1", "status_reason", "x", "on", "2026-03-10", "reason", "x",
		"pay", fmt.Sprint(strangers), fmt.Sprint("line-", strangers), "1")
	for _, whose := range []struct {
		who      tenant.Who
		customer int64
	}{{acme.Manager, stranger}, {beta.Admin, id}} {
		c := s.As(t, whose.who)
		at := fmt.Sprintf("/customers/%d", whose.customer)
		for _, path := range []string{"/items/%d/pause", "/items/%d/pause/end", "/items/%d/status"} {
			c.Post(at+fmt.Sprintf(path, item), good).Has(t, http.StatusNotFound)
		}
		c.Post(at+fmt.Sprintf("/items/%d/applications", credit), good).Has(t, http.StatusNotFound)
		c.Post(at+fmt.Sprintf("/payments/%d/applications", paid), good).Has(t, http.StatusNotFound)
		c.Post(at+fmt.Sprintf("/payments/%d/return", paid), good).Has(t, http.StatusNotFound)
		c.Post(at+fmt.Sprintf("/applications/%d/reversal", application), good).Has(t, http.StatusNotFound)
		for _, path := range []string{"/items?item=%d", "/items?payment=%d", "/payments/%d/return", "/applications/%d/reversal"} {
			n := paid
			if strings.Contains(path, "item=") {
				n = item
			} else if strings.Contains(path, "applications") {
				n = int64(application)
			}
			c.Get(at+fmt.Sprintf(path, n)).Has(t, http.StatusNotFound)
		}
	}
	c := s.As(t, acme.Manager)
	c.Post(fmt.Sprintf("/customers/%d/items/%d/applications", id, credit), good).Has(t, http.StatusUnprocessableEntity, "Choose items of that account.")
	c.Post(fmt.Sprintf("/customers/%d/payments", stranger), form("account", fmt.Sprint(account), "currency", "EUR", "number", "P-9", "value_on", "2026-03-10", "amount", "1")).
		Has(t, http.StatusUnprocessableEntity, "Choose an account of this customer.")
	if after := count(t, s, `SELECT count(*) FROM notes`); after != before {
		t.Errorf("%d notes were written", after-before)
	}
}
