package agenda_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"dunwell/internal/dbtest"
	"dunwell/internal/dunning"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
	"dunwell/web/webtest"
)

// desk is a site whose collector has customers to remind; it is Monday 16 March
// 2026, 10:30 in Oslo, and the run of the day was made.
type desk struct {
	*webtest.Site
	acme      *dbtest.Company
	customers map[string]int64 // by number
	entries   map[string]int64
}

// newDesk has three customers of the collector's, at the first level, and one of
// nobody's.
func newDesk(t *testing.T) *desk {
	t.Helper()
	s := webtest.New(t)
	d := &desk{Site: s, acme: dbtest.Tenant(t, s.Database, "acme"), customers: map[string]int64{}}
	d.must(t, d.acme.Admin, func(tx *tenant.Tx) error { return dunning.SwitchOn(t.Context(), tx, 6) })
	d.must(t, d.acme.System(), func(tx *tenant.Tx) error {
		for i, c := range []struct {
			number, due string
			amount      int64
		}{{"C-1", "2026-02-02", 120_000}, {"C-2", "2026-03-01", 55_100}, {"C-3", "2026-03-08", 9_900}, {"C-9", "2026-03-04", 4_321}} {
			id, account := dbtest.Customer(t, tx, c.number)
			dbtest.Item(t, tx, account, "INV-"+c.number[2:], c.due, c.amount, "EUR")
			d.customers[c.number] = id
			if c.number == "C-9" {
				continue
			}
			_, err := tx.Exec(t.Context(), `
				WITH mail AS (
					INSERT INTO contact_points (customer_id, kind, value, person, role)
					SELECT id, 'email', 'pay' || $3::int || '@debtors.example', 'Berit', 'debtor' FROM customers WHERE id = $1 AND number <> 'C-3')
				UPDATE customers SET owner_id = $2, street = 'Kirkegata 1', city = 'Oslo', country = 'NO' WHERE id = $1`, id, d.acme.CollectorID, i)
			if err != nil {
				return err
			}
		}
		return nil
	})
	d.must(t, d.acme.Manager, func(tx *tenant.Tx) error {
		_, err := dunning.RunOnly(t.Context(), tx, tx.Today())
		return err
	})
	d.load(t)
	return d
}

func (d *desk) must(t *testing.T, who tenant.Who, f func(*tenant.Tx) error) {
	t.Helper()
	if err := d.Write(t.Context(), who, f); err != nil {
		t.Fatal(err)
	}
}

// load finds the open entries.
func (d *desk) load(t *testing.T) {
	t.Helper()
	d.entries = map[string]int64{}
	for number, id := range d.customers {
		d.must(t, d.acme.System(), func(tx *tenant.Tx) error {
			e, open, err := dunning.OpenEntry(t.Context(), tx, id)
			if open {
				d.entries[number] = e.ID
			}
			return err
		})
	}
}

func (d *desk) version(t *testing.T, number string) string {
	t.Helper()
	var v int
	if err := d.Owner(t).QueryRow(t.Context(), `SELECT version FROM agenda_entries WHERE id = $1`, d.entries[number]).Scan(&v); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(v)
}

func (d *desk) at(number, path string) string {
	return fmt.Sprintf("/agenda/%d%s", d.entries[number], path)
}

func form(pairs ...string) url.Values {
	f := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		f.Add(pairs[i], pairs[i+1])
	}
	return f
}

var rows = regexp.MustCompile(`<tbody id="entry-(\d+)"`)

// listed are the customers of the page in their order, by number.
func (d *desk) listed(page webtest.Page) string {
	var numbers []string
	for _, m := range rows.FindAllStringSubmatch(page.Body, -1) {
		for number, id := range d.entries {
			if fmt.Sprint(id) == m[1] {
				numbers = append(numbers, number)
			}
		}
	}
	return strings.Join(numbers, " ")
}

const mine = "/agenda?whose=mine"

func TestList(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	c := d.As(t, d.acme.Collector)
	c.Get("/agenda").Leads(t, mine)
	page := c.Get(mine)
	if got := d.listed(page); got != "C-1 C-2 C-3" {
		t.Errorf("the list is %s", got)
	}
	page.Has(t, http.StatusOK, "Mine 3", "L1 3", "Start (3)", "INV-1 is 42 days late", "EUR 1,200.00", "never", "1–3 of 3", "Send e-mail", "no e-mail address",
		`aria-current="page"`, "The run of", "looked at 4 items", `hx-get="/agenda/loose?whose=mine"`)
	page.Lacks(t, "Team", "Run now", "Preview", "With the ticked", "Customer C-9")
	c.Get(mine+"&sort=amount").Has(t, http.StatusOK, `aria-sort="descending"`)
	if got := d.listed(c.Get(mine + "&sort=days&q=INV-2")); got != "C-2" {
		t.Errorf("filtered: %s", got)
	}
	c.Get(mine+"&level=4").Has(t, http.StatusOK, "Nobody fits")
	c.Get(mine+"&level=many").Has(t, http.StatusUnprocessableEntity, "damaged")
	c.Get("/agenda?whose=team").Has(t, http.StatusForbidden, "somebody else’s agenda")
	m := d.As(t, d.acme.Manager).Get("/agenda?whose=team")
	if got := d.listed(m); got != "C-1 C-2 C-9 C-3" {
		t.Errorf("the team's list is %s", got)
	}
	m.Has(t, http.StatusOK, "Mine 0", "Team 4", "Unassigned 1", "Run now", "Preview…", "With the ticked", "all 4", "C-9 · nobody")
}

// The filter is there again when one comes back, but for what was typed.
func TestFilterIsRemembered(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	c := d.As(t, d.acme.Manager)
	c.Get("/agenda?whose=team&level=1&q=INV")
	c.Get("/agenda").Leads(t, "/agenda?level=1&whose=team")
	c.Get("/agenda?whose=team")
	c.Get("/agenda").Leads(t, "/agenda?whose=team")
}

// The navigation counts what waits, as the list does.
func TestNavigationCounts(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	c := d.As(t, d.acme.Collector)
	c.Get(mine)
	c.Get("/customers").Has(t, http.StatusOK, `<span class="count">3</span>`)
}

// A row is worked where it stands: opened, sent, done, put away, brought back.
func TestWorkInPlace(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.MailServer(t)
	d.StartJobs(t)
	c := d.As(t, d.acme.Collector)
	open := fmt.Sprintf("%s&open=%d", mine, d.entries["C-1"])
	at := strings.Replace(open, "/agenda?whose=mine&", "/agenda?", 1) + "&whose=mine"
	c.Get(at).Has(t, http.StatusOK, `aria-expanded="true"`, "What to do", "Do it later", "Nothing was done about it yet", `aria-disabled="true"`, "Log call", "to Berit")
	c.Post(d.at("C-1", "/email"), form("version", d.version(t, "C-1"), "back", mine)).Leads(t, mine)
	c.Get(mine).Has(t, http.StatusOK, "The e-mail is on its way.")
	d.Wait(t, `SELECT count(*) = 1 FROM messages WHERE state = 'sent'`)
	page := c.Get(mine)
	page.Has(t, http.StatusOK, d.at("C-1", "/completion"))
	// S2.28: once more is the same message
	c.Post(d.at("C-1", "/email"), form("version", d.version(t, "C-1"), "back", mine)).Leads(t, mine)
	d.Wait(t, `SELECT count(*) = 1 FROM messages`)
	c.Post(d.at("C-1", "/completion"), form("version", d.version(t, "C-1"), "back", mine)).Leads(t, mine)
	page = c.Get(mine)
	page.Has(t, http.StatusOK, "Customer C-1 is done.", "Mine 2")
	if got := d.listed(page); got != "C-2 C-3" {
		t.Errorf("after Done the list is %s", got)
	}
	c.Post(d.at("C-2", "/later"), form("version", d.version(t, "C-2"), "back", mine, "quick", "2026-03-23")).Leads(t, mine)
	page = c.Get(mine)
	page.Has(t, http.StatusOK, "Customer C-2 is put away until Mon 23 Mar.", "Undo", "later 1")
	if got := d.listed(page); got != "C-3" {
		t.Errorf("after later the list is %s", got)
	}
	if got := d.listed(c.Get(mine + "&show=later")); got != "C-2" {
		t.Errorf("put away are %s", got)
	}
	c.Post(d.at("C-2", "/later/end"), form("back", mine)).Leads(t, mine)
	if got := d.listed(c.Get(mine)); got != "C-2 C-3" {
		t.Errorf("brought back: %s", got)
	}
}

// The row says how far what was done last got: what is held is not offered again, and
// what counts is to be said to be done.
func TestRowSaysWhatWasDone(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	c := d.As(t, d.acme.Collector)
	send := fmt.Sprintf(`action="%s"`, d.at("C-1", "/email"))
	page := c.Get(mine)
	page.Has(t, http.StatusOK, send)
	page.Lacks(t, "e-mail held")
	c.Post(d.at("C-1", "/email"), form("version", d.version(t, "C-1"), "back", mine)).Leads(t, mine)
	page = c.Get(mine)
	page.Has(t, http.StatusOK, `<span class="chip chip-warn">e-mail held</span>`)
	page.Lacks(t, send)
	c.Post(d.at("C-1", "/letter"), form("version", d.version(t, "C-1"), "back", mine)).Leads(t, mine)
	page = c.Get(mine)
	page.Has(t, http.StatusOK, `<span class="chip chip-ok">letter printed</span>`, d.at("C-1", "/completion"))
	page.Lacks(t, "e-mail held")
}

// S2.23: the row proposes the next working day for what is done later.
func TestLaterProposesADay(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.Now = func() time.Time { return dbtest.Monday.AddDate(0, 0, 4) }
	c := d.As(t, d.acme.Collector)
	until := regexp.MustCompile(`name="until"\s+value="2026-03-23"`)
	for _, at := range []string{fmt.Sprintf("%s&open=%d&do=later", mine, d.entries["C-1"]), d.at("C-1", "")} {
		if page := c.Get(at); !until.MatchString(page.Body) {
			t.Errorf("%s does not propose Monday", at)
		}
	}
}

// What is held back names its currency where there are several.
func TestHeldBackNamesTheCurrency(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	pause := func() {
		d.must(t, d.acme.System(), func(tx *tenant.Tx) error {
			_, err := tx.Exec(t.Context(), `UPDATE items SET paused_until = '2026-06-01', pause_reason = 'They asked' WHERE customer_id = $1 AND number LIKE 'HELD%'`, d.customers["C-1"])
			tx.Touch(d.customers["C-1"])
			return err
		})
	}
	item := func(number string, minor int64, currency money.Currency) {
		d.must(t, d.acme.System(), func(tx *tenant.Tx) error {
			var account int64
			err := tx.QueryRow(t.Context(), `SELECT id FROM accounts WHERE customer_id = $1`, d.customers["C-1"]).Scan(&account)
			if err == nil {
				dbtest.Item(t, tx, account, number, "2026-02-01", minor, currency)
			}
			return err
		})
		pause()
	}
	item("HELD-1", 66_668, "EUR")
	c := d.As(t, d.acme.Collector)
	c.Get(mine).Has(t, http.StatusOK, "<div>paused 666.68</div>")
	item("HELD-2", 50_000, "GBP")
	c.Get(mine).Has(t, http.StatusOK, "<div>paused EUR 666.68</div>", "<div>paused GBP 500.00</div>")
}

func TestPreviewAndRun(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	m := d.As(t, d.acme.Manager)
	page := m.Get("/agenda/preview?on=2026-03-17")
	page.Has(t, http.StatusOK, "Tomorrow 0 customers move", "Who moves (0)")
	d.must(t, d.acme.System(), func(tx *tenant.Tx) error {
		_, account := dbtest.Customer(t, tx, "C-10")
		dbtest.Item(t, tx, account, "INV-10", "2026-03-12", 777, "EUR")
		return nil
	})
	m.Get("/agenda/preview?on=2026-03-17").Has(t, http.StatusOK, "Tomorrow 1 customer moves", "Customer C-10", "EUR 7.77", "new")
	m.Get("/agenda/preview?on=2026-03-01").Has(t, http.StatusUnprocessableEntity, "Give today or a later day")
	m.Get("/agenda/preview?on=soon").Has(t, http.StatusUnprocessableEntity, "Give a day such as")
	m.Post("/agenda/run", form("back", "/agenda?whose=team")).Leads(t, "/agenda?whose=team")
	m.Get("/agenda?whose=team").Has(t, http.StatusOK, "The run looked at")
	// After the time zone was moved the last run may lie after today.
	zone := d.Now
	d.Now = func() time.Time { return dbtest.Monday.AddDate(0, 0, -1) }
	const ahead = "The last run was as of Mon 16 Mar 2026, and a run as of Sun 15 Mar 2026 would turn it back. The next can be made as of that day or a later one."
	page = m.Get("/agenda?whose=team")
	page.Has(t, http.StatusOK, ahead)
	page.Lacks(t, "Run now")
	page = m.Post("/agenda/run", form("back", "/agenda?whose=team"))
	page.Has(t, http.StatusConflict, ahead)
	page.Lacks(t, "as_of")
	d.Now = zone
	c := d.As(t, d.acme.Collector)
	c.Get("/agenda/preview").Has(t, http.StatusForbidden, "Only managers")
	c.Post("/agenda/run", nil).Has(t, http.StatusForbidden)
}

func TestLooseLists(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.must(t, d.acme.System(), func(tx *tenant.Tx) error {
		id, account := dbtest.Customer(t, tx, "C-5")
		dbtest.Item(t, tx, account, "INV-5", "2026-02-02", 5_550, "EUR")
		dbtest.Item(t, tx, account, "CN-5", "2026-02-02", -8_880, "EUR")
		_, err := tx.Exec(t.Context(), `UPDATE customers SET owner_id = $2 WHERE id = $1`, id, d.acme.CollectorID)
		return err
	})
	c := d.As(t, d.acme.Collector)
	c.Get("/agenda/loose?whose=mine").Has(t, http.StatusOK, "cash to apply 1")
	c.Get("/agenda/cash").Has(t, http.StatusOK, "Customer C-5", "EUR 88.80", "Apply")
	c.Get("/agenda/stranded").Has(t, http.StatusForbidden)
	m := d.As(t, d.acme.Manager)
	m.Get("/agenda/loose?whose=team").Has(t, http.StatusOK, "cash to apply 1", "no owner / no next step 1")
	m.Get("/agenda/cash?whose=mine").Has(t, http.StatusOK, "Nobody stands here")
	page := m.Get("/agenda/stranded")
	page.Has(t, http.StatusOK, "Customer C-9", "Nobody works this customer.", `action="/customers/assignment"`)
	ticked := regexp.MustCompile(`form="give-owner" name="customer" value="(\d+)"`).FindStringSubmatch(page.Body)
	if ticked == nil {
		t.Fatal("nobody can be ticked")
	}
	m.Get("/customers/assignment?back=/agenda/stranded&customer="+ticked[1]).Has(t, http.StatusOK, "Assign or tag 1 customer", `href="/agenda/stranded"`)
	m.Post("/customers/assignment", form("back", "/agenda/stranded", "customer", ticked[1], "to", fmt.Sprint(d.acme.CollectorID))).Leads(t, "/agenda/stranded")
	m.Get("/agenda/stranded").Has(t, http.StatusOK, "1 customer goes to acme collector.", "Nobody stands here")
}

// S2.1: switched off, the agenda says so, and who switches it on.
func TestSwitchedOff(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	page := s.As(t, acme.Manager).Get(mine)
	page.Has(t, http.StatusOK, "Dunning is switched off", "Once an administrator switches it on")
	page.Lacks(t, "Run now", "/admin/dunning")
	s.As(t, acme.Admin).Get(mine).Has(t, http.StatusOK, `href="/admin/dunning"`)
}

// Levels that send by themselves wait for the payments; the agenda says so to all,
// and a manager lets them go out for the day, in the own company.
func TestWaiver(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.MailServer(t)
	zulu := dbtest.Tenant(t, d.Database, "zulu")
	c, m := d.As(t, d.acme.Collector), d.As(t, d.acme.Manager)
	m.Get(mine).Lacks(t, "Automatic reminders")
	d.must(t, d.acme.System(), func(tx *tenant.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE levels SET mode = 'automatic' WHERE after_days = 5`)
		return err
	})
	m.Get(mine).Has(t, http.StatusOK, "no payments were ever loaded")
	d.loaded(t, "2026-03-12")
	page := c.Get(mine)
	page.Has(t, http.StatusOK, "payments are loaded to Thu 12 Mar only. Load them up to Fri 13 Mar, or have a manager let them go out for today.")
	page.Lacks(t, "/agenda/waiver")
	c.Post("/agenda/waiver", nil).Has(t, http.StatusForbidden, "Only managers and administrators let reminders go out before the payments are loaded. Ask yours.")
	d.As(t, zulu.Manager).Post("/agenda/waiver", nil).Leads(t, "/agenda")
	m.Get("/agenda?whose=team").Has(t, http.StatusOK, "Let them go out today", "until midnight", `action="/agenda/waiver"`, `name="back" value="/agenda?whose=team"`)
	for range 2 {
		m.Post("/agenda/waiver", form("back", "/agenda?whose=team")).Leads(t, "/agenda?whose=team")
	}
	page = m.Get("/agenda?whose=team")
	page.Has(t, http.StatusOK, "Automatic reminders go out today, whatever payments are loaded.", "although payments are loaded to Thu 12 Mar only: a manager let them.")
	page.Lacks(t, "/agenda/waiver")
	d.Now = func() time.Time { return dbtest.Monday.AddDate(0, 0, 1) }
	m.Get(mine).Has(t, http.StatusOK, "Load them up to Mon 16 Mar, or let them go out today")
	d.loaded(t, "2026-03-16")
	m.Get(mine).Lacks(t, "Automatic reminders")
	m.Post("/agenda/waiver", nil).Has(t, http.StatusConflict, "no longer wait for them")
	d.As(t, d.acme.Admin).Get("/admin/audit").Has(t, http.StatusOK, "let automatic reminders go out without the payments")
}

// loaded says that the payments are loaded up to the day.
func (d *desk) loaded(t *testing.T, on string) {
	t.Helper()
	if _, err := d.Owner(t).Exec(t.Context(), `UPDATE tenants SET payments_loaded_to = $2::timestamptz WHERE id = $1`, d.acme.ID, on+" 17:00+01"); err != nil {
		t.Fatal(err)
	}
}
