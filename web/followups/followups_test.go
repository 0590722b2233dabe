package followups_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"dunwell/internal/day"
	"dunwell/internal/dbtest"
	"dunwell/internal/followup"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
	"dunwell/web/webtest"
)

// desk is a company with one customer. Its clock stands at 10:30 on Monday
// 16 March 2026, in Oslo.
type desk struct {
	*webtest.Site
	acme    *dbtest.Company
	id      int64
	profile string // the customer's path
	window  string
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{Site: webtest.New(t)}
	d.acme = dbtest.Tenant(t, d.Database, "acme")
	d.write(t, func(tx *tenant.Tx) (err error) {
		d.id, _ = dbtest.Customer(t, tx, "C-10428")
		return nil
	})
	d.profile = fmt.Sprintf("/customers/%d", d.id)
	d.window = d.profile + "/followups"
	return d
}

func (d *desk) write(t *testing.T, f func(*tenant.Tx) error) {
	t.Helper()
	if err := d.Write(t.Context(), d.acme.Collector, f); err != nil {
		t.Fatal(err)
	}
}

// planned are follow-ups of the collector for that day, their ids.
func (d *desk) planned(t *testing.T, on day.Day, texts ...string) (ids []int64) {
	t.Helper()
	d.write(t, func(tx *tenant.Tx) error {
		for _, text := range texts {
			id, err := followup.Schedule(t.Context(), tx, d.id, followup.Plan{AssigneeID: d.acme.CollectorID, DueOn: on, Text: text})
			if err != nil {
				return err
			}
			ids = append(ids, id)
		}
		return nil
	})
	return ids
}

// at is the path of a follow-up or of what is done to it.
func (d *desk) at(id int64, path string) string { return fmt.Sprintf("%s/%d%s", d.window, id, path) }

// here is the address of the window as its forms come back to it.
func (d *desk) here() string { return d.window + "?back=" + url.QueryEscape(d.profile) }

// said are the newest notes of the customer, in a line each.
func (d *desk) said(t *testing.T) string {
	t.Helper()
	var lines []string
	d.write(t, func(tx *tenant.Tx) error {
		notes, err := dbtest.Ask(t, tx, func(b *tenant.Batch, into *[]note.Note) {
			note.QueueList(b, note.Filter{CustomerID: d.id, Limit: 20}, into)
		})
		for _, n := range notes {
			lines = append(lines, n.Text)
		}
		return err
	})
	return strings.Join(lines, "\n")
}

var march23 = day.New(2026, 3, 23)

// values makes a form of names and values.
func values(pairs ...string) url.Values {
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return form
}

func plain(page webtest.Page) string {
	text := regexp.MustCompile(`<[^>]*>`).ReplaceAllString(page.Body, " ")
	return strings.Join(strings.Fields(text), " ")
}

// S1.2, S1.9, S1.11, S1.12, S1.19, S1.20.
func TestPlan(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	c := d.As(t, d.acme.Collector)
	c.Get(d.profile).Has(t, http.StatusOK, "No follow-up is planned.", `data-window`, d.window+"?back="+url.QueryEscape(d.profile))
	c.Get(d.window).Has(t, http.StatusOK, "A new follow-up", "Nothing is to be followed up", fmt.Sprintf(`<option value="%d" selected>acme collector`, d.acme.CollectorID))
	me := fmt.Sprint(d.acme.CollectorID)
	c.Post(d.window, values("assignee", me, "due_on", "2026-03-23", "due_at", "09:15", "text", "Ask for the goods note", "then", "stay")).Leads(t, d.here())
	page := c.Get(d.here())
	page.Has(t, http.StatusOK, "Follow-up planned for Mon 23 Mar 2026.", "Ask for the goods note")
	if strings.Contains(page.Body, `>Ask for the goods note</textarea>`) {
		t.Error("the form is not a fresh one")
	}
	back := d.profile + "/notes?kind=note"
	c.Post(d.window, values("assignee", fmt.Sprint(d.acme.ManagerID), "timed", "on", "due_on", "2026-03-20", "due_at", "14:05", "text", "Wants the <b>plan</b>", "in_notes", "on",
		"then", "close", "back", back)).Leads(t, back)
	page = c.Get(back)
	page.Has(t, http.StatusOK, "Follow-up planned for Fri 20 Mar 2026, 14:05.", "Wants the &lt;b&gt;plan&lt;/b&gt;")
	text := plain(page)
	if first, second := strings.Index(text, "Fri 20 Mar 14:05"), strings.Index(text, "Mon 23 Mar"); first < 0 || second < first {
		t.Errorf("the panel is not in order: %s", text)
	}
	if !strings.Contains(text, "Ask for the goods note · You") || !strings.Contains(text, "plan&lt;/b&gt; · acme manager") {
		t.Errorf("the panel does not say whose they are: %s", text)
	}
	said := d.said(t)
	if !strings.Contains(said, "Follow-up for Fri 20 Mar 2026, 14:05, acme manager: Wants the <b>plan</b>") || strings.Contains(said, "Ask for the goods note") {
		t.Errorf("the journal says %s", said)
	}
}

// S1.13, S1.14, S1.34.
func TestPlanRefused(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	c := d.As(t, d.acme.Collector)
	long := strings.Repeat("å", 2000)
	for name, x := range map[string]struct {
		change  url.Values
		message string
		field   string
	}{
		"no date":       {values("due_on", ""), "Give the day on which it is due.", "due_on"},
		"no day":        {values("due_on", "23.3."), "This is no day. Write it as 2027-03-31.", "due_on"},
		"past":          {values("due_on", "2026-03-15"), "This day is past.", "due_on"},
		"no time":       {values("timed", "on"), "Give the hour, such as 14:30, or choose a date without an hour.", "due_at"},
		"past hour":     {values("timed", "on", "due_on", "2026-03-16", "due_at", "10:29"), "This hour is past today.", "due_at"},
		"no words":      {values("text", " "), "Say what is to be done, or pick a standard follow-up.", "text"},
		"too long":      {values("text", long+"x"), "This has 2001 characters and a follow-up holds 2000.", "text"},
		"nobody":        {values("assignee", "999999"), "This person does not work here", "assignee"},
		"no standard":   {values("standard", "999999"), "There is no such standard follow-up.", "standard"},
		"a card number": {values("text", "4111 1111 1111 1111"), "payment card number", "text"},
	} {
		form := values("assignee", fmt.Sprint(d.acme.ManagerID), "due_on", "2026-03-23", "text", "Ask <again>", "in_notes", "on")
		for k, v := range x.change {
			form[k] = v
		}
		page := c.Post(d.window, form)
		page.Has(t, http.StatusUnprocessableEntity, x.message, "data-typed", `name="in_notes" type="checkbox" value="on" checked`)
		if name != "no standard" && !strings.Contains(page.Body, `id="followup-`+x.field+`-error"`) {
			t.Errorf("%s: the message does not stand beside the field", name)
		}
		if form.Get("text") == "Ask <again>" {
			page.Has(t, http.StatusUnprocessableEntity, "Ask &lt;again&gt;</textarea>")
		}
	}
	c.Get(d.window+"?state=active").Has(t, http.StatusOK, "Nothing is to be followed up")
	c.Post(d.window, values("assignee", fmt.Sprint(d.acme.ManagerID), "due_on", "2026-03-23", "text", long)).Leads(t, d.here())
}

// The words of a person and those of a standard follow-up stand together, with
// JavaScript and without.
// S1.15, S1.16, S1.17, S1.18.
func TestStandardIsJoined(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	var ask, remind int64
	if err := d.Write(t.Context(), d.acme.Admin, func(tx *tenant.Tx) (err error) {
		if ask, err = followup.AddStandard(t.Context(), tx, followup.Wording{Name: "Ask for a date", Text: "Ask {{ customer.name }} for a date."}); err != nil {
			return err
		}
		remind, err = followup.AddStandard(t.Context(), tx, followup.Wording{Name: "Second letter", Text: "Send the second letter."})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	c := d.As(t, d.acme.Collector)
	name := "Ask Customer C-10428"
	form := values("standard", fmt.Sprint(ask), "fill", "on", "text", "Is away till noon.\r\n", "due_on", "2026-03-19")
	page := c.Post(d.window, form)
	page.Has(t, http.StatusOK, "Is away till noon.\n"+name, " for a date.</textarea>", `value="2026-03-19"`, fmt.Sprintf(`value="%d" selected>Ask for a date`, ask))
	filled := regexp.MustCompile(`name="filled" value="([^"]*)"`).FindStringSubmatch(page.Body)[1]

	form = values("standard", fmt.Sprint(remind), "fill", "on", "text", "Is away till noon.\n"+filled+" Politely.", "filled", filled, "filled_from", fmt.Sprint(ask))
	c.Post(d.window, form).Has(t, http.StatusOK, "Is away till noon.\nSend the second letter. Politely.</textarea>")
	form.Set("text", "Is away. I changed the rest.") // the standard text does not stand there any more
	c.Post(d.window, form).Has(t, http.StatusOK, "Is away. I changed the rest.\nSend the second letter.</textarea>")

	form = values("standard", fmt.Sprint(remind), "text", "By registered post.", "due_on", "2026-03-19", "assignee", fmt.Sprint(d.acme.CollectorID))
	c.Post(d.window, form).Leads(t, d.here()) // nobody pressed Fill in
	form.Set("filled_from", fmt.Sprint(remind))
	form.Set("text", "It was taken out.")
	c.Post(d.window, form).Leads(t, d.here())
	page = c.Get(d.here())
	page.Has(t, http.StatusOK, "By registered post.\nSend the second letter.</span>", "It was taken out.</span>")
	var kept int
	if err := d.Owner(t).QueryRow(t.Context(), `SELECT count(*) FROM follow_ups WHERE standard_id = $1`, remind).Scan(&kept); err != nil || kept != 2 {
		t.Errorf("%d keep the standard follow-up, want 2 (%v)", kept, err)
	}
}

// The buttons that save nothing keep what was typed.
func TestQuickDatesAndTheDay(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.planned(t, march23, "Call the harbour")
	c := d.As(t, d.acme.Collector)
	me := fmt.Sprint(d.acme.CollectorID)
	c.Get(d.window).Has(t, http.StatusOK, `name="quick" value="2026-03-17"`, `value="2026-03-19"`, `value="2026-03-23"`, `value="2026-03-31"`, "Choose a day")
	form := values("assignee", me, "quick", "2026-03-23", "due_on", "2026-03-18", "text", "Half a sentence", "in_notes", "on", "timed", "on", "due_at", "15:45")
	page := c.Post(d.window, form)
	page.Has(t, http.StatusOK, "Half a sentence</textarea>", `name="due_on" type="date" value="2026-03-23"`, `value="15:45"`, "acme collector, ", "any time", "Call the harbour")
	page.Lacks(t, "field-error")
	form.Del("quick")
	form.Set("look", "on")
	form.Set("due_on", "2026-03-21")
	c.Post(d.window, form).Has(t, http.StatusOK, "Sat 21 Mar 2026 is a Saturday; nobody may be there to do it.", "Nothing else is planned on this day.")
	c.Get(d.window+"?due_on=2026-03-23&assignee="+me).Has(t, http.StatusOK, "Call the harbour", `value="2026-03-23"`)
	form.Del("look")
	c.Post(d.window, form).Leads(t, d.here())
	c.Get(d.here()).Has(t, http.StatusOK, "planned for Sat 21 Mar 2026, 15:45. Sat 21 Mar 2026 is a Saturday")
}

// S1.34.
func TestTextIsEscaped(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	const nasty = `"><script>alert(1)</script>{{ 7 | times: 7 }}`
	ids := d.planned(t, march23, nasty)
	c := d.As(t, d.acme.Collector)
	c.Post(d.at(ids[0], "/completion"), values("outcome", nasty)).Leads(t, d.profile)
	d.planned(t, march23, nasty)
	for _, at := range []string{d.profile, d.profile + "/notes", d.window, d.window + "?state=done", d.window + "?due_on=2026-03-23", d.at(ids[0], ""), d.at(ids[0]+1, "")} {
		page := c.Get(at)
		page.Has(t, http.StatusOK)
		page.Lacks(t, "<script>alert", "onerror=")
		if at != d.profile+"/notes" && !strings.Contains(page.Body, "&lt;script&gt;alert(1)&lt;/script&gt;{{ 7 | times: 7 }}") {
			t.Errorf("%s does not show the text", at)
		}
	}
}

// A window of 500 follow-ups is paged, and asks no more than a small one.
// S1.8, S1.27.
func TestLongList(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	c := d.As(t, d.acme.Collector)
	count := func(at string) int64 {
		d.Queries.Take()
		c.Get(at).Has(t, http.StatusOK)
		return d.Queries.Take()
	}
	d.planned(t, march23, "one")
	small, day := count(d.window), count(d.window+"?due_on=2026-03-23")
	if _, err := d.Owner(t).Exec(t.Context(), `
		INSERT INTO follow_ups (tenant_id, customer_id, assignee_id, due_on, due_at, text)
		SELECT $1, $2, $3, DATE '2026-03-01' + n % 40, CASE WHEN n % 3 = 0 THEN TIME '08:00' + n * INTERVAL '1 minute' END, 'task ' || n
		FROM generate_series(1, 499) n`, d.acme.ID, d.id, d.acme.CollectorID); err != nil {
		t.Fatal(err)
	}
	if got := count(d.window); got != small {
		t.Errorf("500 follow-ups ask %d questions, one asks %d", got, small)
	}
	if got := count(d.window + "?due_on=2026-03-23"); got != day {
		t.Errorf("500 follow-ups and a day ask %d questions, one asks %d", got, day)
	}
	seen := map[string]bool{}
	next := regexp.MustCompile(`href="([^"]*)" rel="next"`)
	at := d.window
	for range 10 {
		page := c.Get(at)
		page.Has(t, http.StatusOK, "Active 500")
		for _, m := range regexp.MustCompile(`name="follow_up" value="(\d+)"`).FindAllStringSubmatch(page.Body, -1) {
			seen[m[1]] = true
		}
		if m := next.FindStringSubmatch(page.Body); m != nil {
			at = strings.ReplaceAll(m[1], "&amp;", "&")
		}
	}
	if len(seen) != 500 || next.MatchString(c.Get(at).Body) {
		t.Errorf("ten pages show %d of 500", len(seen))
	}
	c.Get(d.window+"?after=999999").Has(t, http.StatusNotFound)
	c.Get(d.window+"?state=lost").Has(t, http.StatusUnprocessableEntity)
}

// What the forms say of where to go back to cannot lead to another site.
func TestBackIsOurs(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	c := d.As(t, d.acme.Collector)
	for _, to := range []string{"https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", ""} {
		ids := d.planned(t, march23, "x")
		c.Post(d.at(ids[0], "/completion"), values("back", to)).Leads(t, d.profile)
		c.Get(d.profile) // takes the flash
		c.Get(d.window+"?back="+url.QueryEscape(to)).Lacks(t, "evil.example", "javascript:")
	}
}

// An archived customer has its follow-ups shown and none changed.
func TestArchived(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ids := d.planned(t, march23, "Call the harbour")
	d.As(t, d.acme.Manager).Post(d.profile+"/archive", values("reason", "Gone.")).Leads(t, d.profile)
	c := d.As(t, d.acme.Collector)
	for _, at := range []string{d.profile, d.window, d.at(ids[0], "")} {
		page := c.Get(at)
		page.Has(t, http.StatusOK, "Call the harbour")
		page.Lacks(t, d.at(ids[0], "/completion"), d.at(ids[0], "/deletion"), `name="text"`)
	}
	c.Post(d.window, values("assignee", fmt.Sprint(d.acme.CollectorID), "due_on", "2026-03-23", "text", "Too late")).Has(t, http.StatusConflict, "This customer is archived", "Too late</textarea>")
	c.Post(d.at(ids[0], "/completion"), nil).Has(t, http.StatusConflict, "This customer is archived")
	c.Post(d.at(ids[0], ""), values("version", "1", "text", "Other")).Has(t, http.StatusConflict, "can no longer be saved", "Other")
}

// later moves the site's clock on.
func (d *desk) later(by time.Duration) {
	now := d.Now()
	d.DB.Now = func() time.Time { return now.Add(by) }
}
