package admin_test

import (
	"fmt"
	"html"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"dunwell/internal/dbtest"
	"dunwell/internal/dunning"
	"dunwell/internal/tenant"
	"dunwell/web/webtest"
)

// dunningSite is a company that has what it begins to dun with, and dunning on.
func dunningSite(t *testing.T) (*webtest.Site, *dbtest.Company) {
	t.Helper()
	s := webtest.New(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	if err := s.Write(t.Context(), acme.Admin, func(tx *tenant.Tx) error { return dunning.SwitchOn(t.Context(), tx, 6) }); err != nil {
		t.Fatal(err)
	}
	return s, acme
}

func policyAt(t *testing.T, s *webtest.Site, name string) string {
	t.Helper()
	return fmt.Sprintf("/admin/dunning/policies/%d", count(t, s, `SELECT id FROM policies WHERE name = $1`, name))
}

func levelAt(t *testing.T, s *webtest.Site, name string) string {
	t.Helper()
	return fmt.Sprintf("/admin/dunning/levels/%d", count(t, s, `SELECT id FROM levels WHERE name = $1`, name))
}

var hidden = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)"`)

// carried are the fields that the page with the effect holds.
func carried(t *testing.T, page webtest.Page) url.Values {
	t.Helper()
	page.Has(t, 200, "This is what it would do", "Nothing is saved yet.")
	_, body, _ := strings.Cut(page.Body, "<main")
	f := url.Values{}
	for _, m := range hidden.FindAllStringSubmatch(body, -1) {
		f.Add(html.UnescapeString(m[1]), html.UnescapeString(m[2]))
	}
	return f
}

// goBack sends what the page with the effect holds, as its button Back does: with an
// empty form_id before the other.
func goBack(t *testing.T, c *webtest.Client, at string, page webtest.Page) webtest.Page {
	t.Helper()
	f := carried(t, page)
	f["form_id"] = append([]string{""}, f["form_id"]...)
	return c.Post(at+"?back=yes", f)
}

// confirm sends what the page with the effect holds, as its button Save does.
func confirm(t *testing.T, c *webtest.Client, at string, page webtest.Page) webtest.Page {
	t.Helper()
	f := carried(t, page)
	f.Set("confirmed", "yes")
	return c.Post(at, f)
}

func TestSwitchDunning(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	c := s.As(t, acme.Admin)
	c.Get("/admin/dunning").Has(t, 200, "Nobody is put into the agenda", "Switch dunning on", "No policy yet")
	c.Post("/admin/dunning/switch", form("on", "on", "hour", "25")).Has(t, 422, "Choose an hour")
	c.Post("/admin/dunning/switch", form("on", "on", "hour", "5")).Leads(t, "/admin/dunning")
	c.Get("/admin").Has(t, 200, `<a href="/admin/dunning">on</a>`)
	c.Get("/admin/dunning").Has(t, 200, "Each day at 05:00", "Switch dunning off", "Standard", "5, 15, 30 and 45 days", "no levels: by hand")
	c.Post("/admin/dunning/switch", form("on", "on", "hour", "22")).Leads(t, "/admin/dunning")
	c.Get("/admin/dunning").Has(t, 200, "Each day at 22:00")
	m := s.As(t, acme.Manager)
	page := m.Get("/admin/dunning")
	page.Has(t, 200, "Each day at 22:00", "Standard")
	page.Lacks(t, "Switch dunning off", "New policy")
	m.Post("/admin/dunning/switch", form()).Has(t, 403)
	c.Post("/admin/dunning/switch", form()).Leads(t, "/admin/dunning")
	c.Get("/admin/dunning").Has(t, 200, "Switch dunning on")
	c.Get("/admin/audit?group=dunning").Has(t, 200, "switched dunning on", "changed the hour of the dunning run", "hour: 5 → 22", "switched dunning off")
}

// S2.2, S2.30.
func TestPolicyScreen(t *testing.T) {
	t.Parallel()
	s, acme := dunningSite(t)
	owing(t, s, acme, "C-71", 710_00)
	c := s.As(t, acme.Admin)
	at := policyAt(t, s, "Standard")
	c.Get(at).Has(t, 200, "Used by", "1 customer", `role="img"`, "1 First reminder at 5 days late", "4 Final notice at 45 days late", "Decide with your manager", "It is the default", "Items there now")
	page := c.Get(at + "?open=terms")
	page.Has(t, 200, `name="min_gap_days" type="number" value="7"`, "Minimum in EUR", "A case opens as the last level is done")
	typed := form("version", "1", "name", "Standard <b>", "climb", "highest", "min_gap_days", "9", "after_last", "repeat", "repeat_days", "14", "min_EUR", "25,50")
	typed.Del("form_id")
	page = c.Post(at, typed)
	if n := count(t, s, `SELECT count(*) FROM policies WHERE version > 1`); n != 0 {
		t.Error("it is saved before it was confirmed")
	}
	goBack(t, c, at, page).Has(t, 200, `value="Standard &lt;b&gt;"`, `value="25,50"`, `value="14"`, "Look at what it would do")
	confirm(t, c, at, page).Leads(t, at)
	confirm(t, c, at, page).Leads(t, at) // sent twice
	c.Get(at).Has(t, 200, "Standard &lt;b&gt;", "at once to the highest", "EUR 25.50", "it repeats every 14 days")
	c.Post(at, typed).Has(t, 409, "Not saved yet: this policy was changed while you were writing.", `name="version" value="2"`)
	typed.Set("version", "2")
	typed.Set("min_EUR", "lots")
	typed.Set("repeat_days", "never")
	c.Post(at, typed).Has(t, 422, "“lots” is not an amount", `value="lots"`, `value="never"`)
	typed.Set("min_EUR", "")
	c.Post(at, typed).Has(t, 422, "Give a whole number of days from 1 to 365.")

	c.Post("/admin/dunning/policies", form("name", "standard <B>", "climb", "step", "min_gap_days", "7", "after_last", "manager")).Has(t, 422, "There is a policy called standard &lt;B&gt; already")
	c.Post("/admin/dunning/policies", form("name", "Key accounts", "climb", "step", "min_gap_days", "7", "after_last", "manager")).Leads(t, policyAt(t, s, "Key accounts"))
	key := policyAt(t, s, "Key accounts")
	page = c.Post(key+"/default", url.Values{})
	page.Has(t, 200, "1 customer: from Standard &lt;b&gt; to Key accounts", `href="`+key+`">Back`)
	confirm(t, c, key+"/default", page).Leads(t, key)
	c.Post(key+"/retirement", url.Values{}).Has(t, 409, "Make another one the default")
	confirm(t, c, at+"/retirement", c.Post(at+"/retirement", url.Values{})).Leads(t, at)
	c.Get(at).Has(t, 200, "Take it back", "retired")
	confirm(t, c, at+"/reopening", c.Post(at+"/reopening", url.Values{})).Leads(t, at)
	c.Get("/admin/audit?group=policy").Has(t, 200, "changed the dunning policy", "minimum EUR: none → EUR 25.50", "made this the default dunning policy: Key accounts")
}

// level is the form of a level as typed.
func level(pairs ...string) url.Values {
	f := form(append([]string{"name", "Phone <call>", "after_days", "20", "wait_days", "5", "pay_within_days", "6", "mode", "manual", "email", "0", "letter", "0", "sms", "0",
		"call", "on", "manual_1", "", "manual_2", "", "manual_3", "Ask the <depot>", "manual_3_member", "0", "first", "manual_3"}, pairs...)...)
	f.Del("form_id")
	return f
}

func TestLevelScreen(t *testing.T) {
	t.Parallel()
	s, acme := dunningSite(t)
	owing(t, s, acme, "C-71", 710_00)
	owing(t, s, acme, "C-72", 720_00)
	c := s.As(t, acme.Admin)
	at := policyAt(t, s, "Standard")
	page := c.Get(at + "?open=new")
	page.Has(t, 200, `name="after_days" type="number" value="59"`, "More manual actions")
	page = c.Post(at+"/levels", level())
	goBack(t, c, at+"/levels", page).Has(t, 200, `value="Phone &lt;call&gt;"`, `value="Ask the &lt;depot&gt;"`)
	confirm(t, c, at+"/levels", page).Leads(t, at)
	c.Get(at).Has(t, 200, "3 Phone &lt;call&gt; at 20 days late", "nothing is written", "Ask the &lt;depot&gt; (the customer’s owner)")
	one := levelAt(t, s, "Phone <call>")
	_, id, _ := strings.Cut(one, "levels/")
	c.Get(at+"?open="+id).Has(t, 200, `<option value="manual_1" selected>`, `name="manual_1" type="text" value="Ask the &lt;depot&gt;"`)

	c.Post(one, level("version", "1", "after_days", "30")).Has(t, 422, "Another level of this policy is at 30 days already", `value="30"`)
	c.Post(one, level("version", "1", "after_days", "soon", "wait_days", "-1", "call", "", "manual_3", "")).
		Has(t, 422, "from −365 (before the due date) to 3650", "from 0 to 365", "Choose at least one thing", `value="soon"`)
	c.Post(one, level("version", "1", "manual_1", "First", "manual_2", strings.Repeat("x", 501), "first", "manual_2")).Has(t, 422, `id="field-manual_2-error"`, "500 characters")
	c.Post(one, level("version", "1", "mode", "automatic")).Has(t, 422, "Nothing of this level can be sent by itself")
	page = c.Post(one, level("version", "1", "after_days", "29"))
	page.Lacks(t, "Levels go by their days")
	page = c.Post(one, level("version", "1", "after_days", "-3"))
	page.Has(t, 200, "Levels go by their days: level 3 becomes level 1.")
	confirm(t, c, one, page).Leads(t, at)
	c.Get(at).Has(t, 200, "The level is saved. What it does holds at once, whom it reaches from the next run on. Levels go by their days: level 3 becomes level 1.", "1 Phone &lt;call&gt; at 3 days before due", "3 days before due")
	c.Post(one, level("version", "1", "after_days", "21")).Has(t, 409, "this level was changed while you were writing", `value="21"`)
	confirm(t, c, one+"/retirement", c.Post(one+"/retirement", url.Values{})).Leads(t, at)
	c.Get(at).Has(t, 200, "Retired levels", "Use again: Phone &lt;call&gt;")
	confirm(t, c, one+"/reopening", c.Post(one+"/reopening", url.Values{})).Leads(t, at)
	c.Get("/admin/audit?group=level").Has(t, 200, "changed the dunning level Phone &lt;call&gt;", "after days: 20 → -3", "retired the dunning level")
}

// A level that goes out by itself says what of it a person does, before it is saved and
// after; one that waits for a click does all of it.
func TestLevelByItselfScreen(t *testing.T) {
	t.Parallel()
	s, acme := dunningSite(t)
	c := s.As(t, acme.Admin)
	at := policyAt(t, s, "Standard")
	id := func(channel, name string) (id string) {
		if err := s.Owner(t).QueryRow(t.Context(), `SELECT id::text FROM templates WHERE channel = $1 AND name = $2`, channel, name).Scan(&id); err != nil {
			t.Fatal(err)
		}
		return id
	}
	one := levelAt(t, s, "First reminder")
	_, open, _ := strings.Cut(one, "levels/")
	c.Get(at+"?open="+open).Has(t, 200, "A level that goes out by itself sends its e-mail or SMS, the first of them that may be sent, and is done with that.", `aria-describedby="field-actions-hint"`)
	version := 1
	for _, l := range []struct {
		mode string
		left int
	}{{"automatic", 3}, {"confirm", 0}} {
		typed := level("version", strconv.Itoa(version), "name", "First reminder", "after_days", "5", "mode", l.mode, "email", id("email", "First reminder"), "letter", id("letter", "Final notice"), "first", "letter")
		confirm(t, c, one, c.Post(one, typed)).Leads(t, at)
		version++
		page := c.Get(at)
		if n := strings.Count(page.Body, "a person’s, where nothing can be sent"); n != l.left {
			t.Errorf("%s: %d actions are a person's, want %d", l.mode, n, l.left)
		}
	}
}

// The row that is open shows what the level writes, for a customer of one's choice.
// S2.3.
func TestLevelTexts(t *testing.T) {
	t.Parallel()
	s, acme := dunningSite(t)
	owing(t, s, acme, "C-71", 710_00)
	owing(t, s, acme, "C-72", 720_00)
	at := policyAt(t, s, "Standard")
	_, first, _ := strings.Cut(levelAt(t, s, "First reminder"), "levels/")
	for _, who := range []tenant.Who{acme.Admin, acme.Manager} {
		c := s.As(t, who)
		c.Get(at+"?open="+first).Has(t, 200, "E-mail: First reminder", "Customer C-72", "Please pay EUR\u00a0720.00 by 23 Mar 2026.")
		c.Get(at+"?open="+first+"&customer=c-71").Has(t, 200, "Please pay EUR\u00a0710.00 by 23 Mar 2026.", `value="c-71"`)
		c.Get(at+"?open="+first+"&customer=nobody").Has(t, 422, "No customer fits this.")
	}
	exec(t, s, `INSERT INTO template_texts (tenant_id, template_id, language, body) SELECT tenant_id, id, 'cs', '' FROM templates WHERE name = 'First reminder'`)
	s.As(t, acme.Manager).Get(at).Has(t, 200, "First reminder: Czech")
}

func TestPolicyRulesScreen(t *testing.T) {
	t.Parallel()
	s, acme := dunningSite(t)
	owing(t, s, acme, "C-71", 710_00)
	exec(t, s, `UPDATE customers SET tags = '{fleet}'`)
	c := s.As(t, acme.Admin)
	c.Get("/admin/dunning/rules").Has(t, 200, "everybody else", "Standard (the default)", `href="/customers?tag=fleet"`)
	hand := fmt.Sprint(count(t, s, `SELECT id FROM policies WHERE name = 'By hand'`))
	rule := func(pairs ...string) url.Values {
		f := form(append([]string{"policy", hand, "kind", "", "branch", "0", "tag", " Fleet", "open_from", "700,00", "currency", "EUR"}, pairs...)...)
		f.Del("form_id")
		return f
	}
	page := c.Post("/admin/dunning/rules", rule())
	page.Has(t, 200, "1 customer: from Standard to By hand")
	goBack(t, c, "/admin/dunning/rules", page).Has(t, 200, `value="700,00"`)
	confirm(t, c, "/admin/dunning/rules", page).Leads(t, "/admin/dunning/rules")
	c.Get("/admin/dunning/rules").Has(t, 200, "customers tagged fleet who owe EUR 700.00 or more")
	at := fmt.Sprintf("/admin/dunning/rules/%d", count(t, s, `SELECT id FROM policy_rules`))
	c.Post(at, rule("version", "1", "open_from", "1.234")).Has(t, 422, "can be read in two ways")
	c.Post(at, rule("version", "1", "tag", "", "open_from", "")).Has(t, 422, "The rule fits everybody.")
	c.Post(at, rule("version", "1", "policy", "0")).Has(t, 422, "Choose a policy of the list.")
	confirm(t, c, at, c.Post(at, rule("version", "1", "tag", "other"))).Leads(t, "/admin/dunning/rules")
	c.Post(at, rule("version", "1", "tag", "third")).Has(t, 409, "this rule was changed while you were writing", `value="third"`)
	confirm(t, c, "/admin/dunning/rules", c.Post("/admin/dunning/rules", rule("kind", "business")))
	confirm(t, c, at+"/position", c.Post(at+"/position", url.Values{"direction": {"down"}})).Leads(t, "/admin/dunning/rules")
	if n := count(t, s, `SELECT position FROM policy_rules WHERE tag = 'other'`); n != 2 {
		t.Errorf("it stands at %d", n)
	}
	confirm(t, c, at+"/removal", c.Post(at+"/removal", url.Values{})).Leads(t, "/admin/dunning/rules")
	m := s.As(t, acme.Manager)
	page = m.Get("/admin/dunning/rules")
	page.Has(t, 200, "businesses tagged fleet")
	page.Lacks(t, "New rule", "Move up")
	m.Get("/admin/dunning/rules/new").Has(t, 403)
	c.Get("/admin/audit?group=policy_rule").Has(t, 200, "removed a rule for policies", "for: customers tagged fleet who owe EUR 700.00 or more → customers tagged other")
}

func TestDispositionsScreen(t *testing.T) {
	t.Parallel()
	s, acme := dunningSite(t)
	c := s.As(t, acme.Admin)
	c.Get("/admin/dunning/dispositions").Has(t, 200, "No answer", "after 1 working day", "Spoke: will pay", "Wrong number", "not proposed")
	c.Post("/admin/dunning/dispositions", form("name", "Busy <tone>", "delay_days", "0")).Leads(t, "/admin/dunning/dispositions")
	c.Post("/admin/dunning/dispositions", form("name", "busy <TONE>", "delay_days", "x", "conversation", "on")).
		Has(t, 422, "Give a whole number of days", "with the right party only", `value="x"`)
	c.Post("/admin/dunning/dispositions", form("name", "busy <TONE>")).Has(t, 422, "There is an outcome called busy &lt;TONE&gt; already")
	id := count(t, s, `SELECT id FROM dispositions WHERE name = 'Busy <tone>'`)
	at := fmt.Sprintf("/admin/dunning/dispositions/%d", id)
	c.Get("/admin/dunning/dispositions").Has(t, 200, "Busy &lt;tone&gt;", "the same day", "a promise to pay", "copies to send")
	c.Post("/admin/dunning/dispositions", form("name", "Promises", "opens", "promise")).Has(t, 422, "A promise is made by who was spoken to")
	c.Post("/admin/dunning/dispositions", form("name", "Promises", "opens", "promise", "right_party", "on", "conversation", "on")).Leads(t, "/admin/dunning/dispositions")
	c.Post("/admin/dunning/dispositions", form("name", "Odd", "nobody", "on", "right_party", "on")).Has(t, 422, "With the right party somebody was there")
	c.Post(at, form("version", "1", "name", "Busy", "delay_days", "", "nobody", "on")).Leads(t, "/admin/dunning/dispositions")
	c.Post(at, form("version", "1", "name", "Engaged", "delay_days", "")).Has(t, 409, "this outcome was changed", `value="Engaged"`)
	c.Post(at+"/position", form("direction", "up")).Leads(t, fmt.Sprintf("/admin/dunning/dispositions#disposition-%d", id))
	c.Post(at+"/retirement", form()).Leads(t, "/admin/dunning/dispositions")
	c.Get(at).Has(t, 200, "Take it back", `name="nobody" type="checkbox" value="on" checked`)
	c.Post(at+"/reopening", form()).Leads(t, "/admin/dunning/dispositions")
	m := s.As(t, acme.Manager)
	m.Get("/admin/dunning/dispositions").Has(t, 200, "Busy")
	m.Get(at).Has(t, 403)
	m.Post(at, form("version", "2", "name", "Mine")).Has(t, 403)
}

// Managers read, collectors see nothing, another company is told that there is
// none.
func TestWhoSeesDunningSetup(t *testing.T) {
	t.Parallel()
	s, acme := dunningSite(t)
	beta := dbtest.Tenant(t, s.Database, "beta")
	at, one := policyAt(t, s, "Standard"), levelAt(t, s, "First reminder")
	_, id, _ := strings.Cut(one, "levels/")
	page := s.As(t, acme.Manager).Get(at + "?open=" + id)
	page.Has(t, 200, "First reminder", "What it writes")
	page.Lacks(t, `method="post" action="/admin`, "Change the terms", "New level", "Retire")
	s.As(t, acme.Manager).Get(at+"?open=terms").Lacks(t, "Look at what it would do")
	s.As(t, acme.Manager).Get("/admin/dunning/policies/new").Has(t, 403, "Only administrators")
	for _, path := range []string{"/admin/dunning", at, "/admin/dunning/rules", "/admin/dunning/dispositions"} {
		s.As(t, acme.Collector).Get(path).Has(t, 403)
	}
	s.As(t, beta.Admin).Get(at).Has(t, 404)
	s.As(t, beta.Admin).Post(one, level("version", "1")).Has(t, 404)
	s.As(t, beta.Admin).Post(at+"/levels", level()).Has(t, 404)
	s.As(t, beta.Admin).Post(at+"/retirement", url.Values{}).Has(t, 404)
}

// The scripts of calls are the program's until they are changed, each by itself.
func TestScripts(t *testing.T) {
	t.Parallel()
	s, acme := dunningSite(t)
	c := s.As(t, acme.Admin)
	const at = "/admin/dunning/scripts"
	c.Get(at).Has(t, 200, "Calls to businesses", "Calls to consumers", "Say nothing of the debt before you know", "I am Lars Berg of Northwind Finance")
	c.Post(at, form("kind", "consumer", "version", "0", "identity", "", "text", "Hello {{ customer.name }}")).Leads(t, at+"#consumer")
	c.Post(at, form("kind", "consumer", "version", "0", "text", "Mine")).Has(t, 409, "Somebody else changed this script", "Mine")
	c.Post(at, form("kind", "business", "version", "0", "text", "{{ no }}")).Has(t, 422, "there is no variable no")
	c.Get(at).Has(t, 200, "Hello Meridian Foods AS")
	m := s.As(t, acme.Manager)
	m.Get(at).Lacks(t, "<textarea")
	m.Post(at, form("kind", "consumer", "version", "1", "text", "x")).Has(t, 403)
	c.Get("/admin/audit").Has(t, 200, "changed a call script")
}
