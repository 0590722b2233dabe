package admin_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"dunwell/internal/dbtest"
	"dunwell/internal/money"
	"dunwell/internal/promise"
	"dunwell/internal/tenant"
	"dunwell/web/webtest"
)

func count(t testing.TB, s *webtest.Site, sql string, args ...any) (n int) {
	t.Helper()
	if err := s.Owner(t).QueryRow(t.Context(), sql, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func exec(t testing.TB, s *webtest.Site, sql string, args ...any) {
	t.Helper()
	if _, err := s.Owner(t).Exec(t.Context(), sql, args...); err != nil {
		t.Fatal(err)
	}
}

// form makes a form of pairs of name and value, with an id of its own.
func form(pairs ...string) url.Values {
	f := url.Values{"form_id": {uuid.NewString()}}
	for i := 0; i < len(pairs); i += 2 {
		f.Set(pairs[i], pairs[i+1])
	}
	return f
}

func TestOverview(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	exec(t, s, `INSERT INTO branches (tenant_id, name, retired_at) VALUES ($1, 'North', NULL), ($1, 'South', now())`, acme.ID)
	exec(t, s, `UPDATE users SET reset_asked_at = now() WHERE email = $1`, acme.Email(tenant.Collector))
	exec(t, s, `UPDATE users SET password_hash = NULL WHERE email = $1`, acme.Email(tenant.Manager))
	page := s.As(t, acme.Admin).Get("/admin")
	page.Has(t, 200, "Company acme", "3 people", "none loaded yet", `<a href="/admin/branches">1</a>`,
		"Forgot the password", "acme collector", "No password yet", "acme manager")
	exec(t, s, `UPDATE tenants SET payments_loaded_to = $2 WHERE id = $1`, acme.ID, dbtest.Monday)
	exec(t, s, `UPDATE members SET active = false WHERE id = $1`, acme.CollectorID)
	s.As(t, acme.Manager).Get("/admin").Has(t, 200, "2 people", "1 no longer here", "Mon 16 Mar 10:30")
}

// TestRoles: collectors see nothing of the area, managers read it, and no button
// is offered to who may not press it.
func TestRoles(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	exec(t, s, `INSERT INTO branches (tenant_id, name) VALUES ($1, 'North')`, acme.ID)
	branch := count(t, s, `SELECT id FROM branches`)
	for _, path := range []string{"/admin", "/admin/settings", "/admin/people", fmt.Sprintf("/admin/people/%d", acme.CollectorID),
		"/admin/branches", fmt.Sprintf("/admin/branches/%d", branch), "/admin/departments", "/admin/audit"} {
		s.As(t, acme.Collector).Get(path).Has(t, 403, "Only managers and administrators")
		page := s.As(t, acme.Manager).Get(path)
		page.Has(t, 200)
		if _, main, _ := strings.Cut(page.Body, "<main"); strings.Contains(main, `method="post"`) {
			t.Errorf("%s offers a manager a form", path)
		}
		s.As(t, acme.Admin).Get(path).Has(t, 200)
	}
	s.As(t, acme.Manager).Get("/admin/people/new").Has(t, 403, "Only administrators")
	s.As(t, acme.Manager).Post("/admin/branches", form("name", "South")).Has(t, 403, "Only administrators")
	if n := count(t, s, `SELECT count(*) FROM branches`); n != 1 {
		t.Errorf("%d branches, want 1", n)
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	c := s.As(t, acme.Admin)
	c.Get("/admin/settings").Has(t, 200, `value="Company acme"`, `value="Europe/Oslo"`, `name="version" value="1"`)
	good := form("name", "Acme & Sons", "currency", "sek", "time_zone", "Europe/Stockholm", "language", "de", "loaded_day", "2026-03-13", "loaded_time", "17:45", "branch_limited", "on", "feed_names", "on", "version", "1")
	c.Post("/admin/settings", good).Leads(t, "/admin/settings")
	c.Get("/admin/settings").Has(t, 200, "The settings are saved.", `value="Acme &amp; Sons"`, `value="SEK"`, `value="2026-03-13"`, `value="17:45"`, `name="branch_limited" type="checkbox" value="on" checked`, `name="feed_names" type="checkbox" value="on" checked`, `name="version" value="2"`)
	c.Post("/admin/settings", good).Leads(t, "/admin/settings") // sent twice
	again := form("name", "Other", "currency", "EUR", "time_zone", "UTC", "language", "en", "version", "1")
	c.Post("/admin/settings", again).Has(t, 409, "Somebody else changed the settings meanwhile: now Acme &amp; Sons, SEK, Europe/Stockholm, German, payments loaded to 2026-03-13 17:45, collectors see their own branch, calendars have customers by name.")
	if n := count(t, s, `SELECT count(*) FROM tenants WHERE payments_loaded_to = '2026-03-13 16:45:00+00' AND branch_limited AND version = 2`); n != 1 {
		t.Error("the settings were saved otherwise, or more than once")
	}
	s.As(t, acme.Manager).Get("/admin/settings").Has(t, 200, "German", "Fri 13 Mar 17:45", "their own branch only")
}

// Up to when payments are loaded decides the promises of until then at once.
func TestSettingsDecidePromises(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	err := s.Write(t.Context(), acme.Collector, func(tx *tenant.Tx) error {
		customer, account := dbtest.Customer(t, tx, "C-1")
		dbtest.Item(t, tx, account, "A", "2026-01-10", 600_00, "EUR")
		_, err := promise.Make(t.Context(), tx, customer, promise.Plan{AccountID: account, Amount: money.New(50_00, "EUR"), AssigneeID: acme.CollectorID, DueOn: tx.Today()})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Now = func() time.Time { return dbtest.Monday.AddDate(0, 0, 4) }
	loaded := func(day, hour, version string) {
		t.Helper()
		s.As(t, acme.Admin).Post("/admin/settings", form("name", "Acme", "currency", "EUR", "time_zone", "Europe/Oslo", "language", "en",
			"loaded_day", day, "loaded_time", hour, "version", version)).Leads(t, "/admin/settings")
	}
	loaded("2026-03-19", "23:59", "1")
	if n := count(t, s, `SELECT count(*) FROM promises WHERE state = 'open'`); n != 1 {
		t.Error("its last day is not over yet, and it is decided")
	}
	loaded("2026-03-20", "00:00", "2")
	if n := count(t, s, `SELECT count(*) FROM promises WHERE state = 'broken'`); n != 1 {
		t.Error("its last day is loaded, and it is not broken")
	}
}

// A form that was overtaken is shown again with what was typed: what only the other
// changed is taken over, what both did is to be decided.
func TestSettingsMovedOn(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	c := s.As(t, acme.Admin)
	seen := []string{"seen_name", "Company acme", "seen_currency", "EUR", "seen_time_zone", "Europe/Oslo", "seen_language", "en", "seen_loaded_day", "", "seen_loaded_time", "",
		"seen_branch_limited", "", "seen_feed_names", "", "currency", "EUR", "loaded_day", "", "loaded_time", "", "version", "1"}
	theirs := form(append(seen, "name", "Theirs", "time_zone", "Europe/Stockholm", "language", "de", "branch_limited", "on", "feed_names", "")...)
	c.Post("/admin/settings", theirs).Leads(t, "/admin/settings")
	mine := form(append(seen, "name", "Mine", "time_zone", "Europe/Oslo", "language", "en", "branch_limited", "", "feed_names", "on")...)
	page := c.Post("/admin/settings", mine)
	page.Has(t, 409, "Not saved yet: this page was changed while you were writing.", "now Theirs, EUR, Europe/Stockholm, German", `value="Mine"`, "Changed meanwhile to “Theirs”. Yours stands in the field",
		`value="Europe/Stockholm"`, "Changed meanwhile from “English”, and taken over.", "Changed meanwhile from “no”, and taken over.", `name="feed_names" type="checkbox" value="on" checked`,
		`name="branch_limited" type="checkbox" value="on" checked`, `name="version" value="2"`)
	again := form("seen_name", "Theirs", "name", "Mine", "feed_names", "on", "version", "2")
	c.Post("/admin/settings", again).Leads(t, "/admin/settings")
	if n := count(t, s, `SELECT count(*) FROM tenants WHERE name = 'Mine' AND time_zone = 'Europe/Stockholm' AND branch_limited AND feed_names AND version = 3`); n != 1 {
		t.Error("the settings were saved otherwise")
	}
}

// A day without an hour is all of it, and who takes days back is told.
func TestPaymentsLoadedByTheDay(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	c := s.As(t, acme.Admin)
	version := 0
	save := func(day, hour, loaded string, says ...string) webtest.Page {
		t.Helper()
		version++
		c.Post("/admin/settings", form("name", "Acme", "currency", "EUR", "time_zone", "Europe/Oslo", "language", "en", "loaded_day", day, "loaded_time", hour, "version", fmt.Sprint(version))).
			Leads(t, "/admin/settings")
		if n := count(t, s, `SELECT count(*) FROM tenants WHERE coalesce(to_char(payments_loaded_to AT TIME ZONE 'Europe/Oslo', 'YYYY-MM-DD HH24:MI:SS'), 'never') = $1`, loaded); n != 1 {
			t.Errorf("%s %s: loaded otherwise, want %s", day, hour, loaded)
		}
		page := c.Get("/admin/settings")
		page.Has(t, 200, append(says, "The settings are saved.", fmt.Sprintf(`name="loaded_day" type="date" value="%s"`, day))...)
		return page
	}
	save("2026-03-13", "", "2026-03-14 00:00:00", "Payments loaded up to and with Fri 13 Mar<", `name="loaded_time" type="time" value=""`).Lacks(t, "less far")
	s.As(t, acme.Manager).Get("/admin/settings").Has(t, 200, "up to and with Fri 13 Mar<")
	c.Get("/admin").Has(t, 200, "up to and with Fri 13 Mar<")
	save("2026-03-13", "17:00", "2026-03-13 17:00:00", "Payments loaded to Fri 13 Mar 17:00", "Payments are loaded less far than before: to 2026-03-13 17:00, and it was the end of 2026-03-13.")
	save("2026-03-13", "17:00", "2026-03-13 17:00:00").Lacks(t, "less far")
	exec(t, s, `UPDATE tenants SET payments_loaded_to = payments_loaded_to + interval '7 seconds'`)
	save("2026-03-13", "17:00", "2026-03-13 17:00:07").Lacks(t, "less far")
	save("", "", "never", "less far than before: to never")
}

func TestSettingsRefused(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	c := s.As(t, acme.Admin)
	for name, bad := range map[string]struct{ field, value, message string }{
		"a name":          {"name", "", "Give the company&#39;s name"},
		"a currency":      {"currency", "<i>", "Give a currency code such as EUR."},
		"a time zone":     {"time_zone", "Mars/North", "Give a time zone such as Europe/Oslo."},
		"a language":      {"language", "tlh", "Choose a language."},
		"no day":          {"loaded_day", "yesterday", "Give a day and an hour"},
		"an hour alone":   {"loaded_time", "17:00", "Give a day and an hour"},
		"a day to come":   {"loaded_day", "2026-03-17", "a moment that is still to come"},
		"a version moved": {"version", "0", "Somebody else changed the settings"},
	} {
		t.Run(name, func(t *testing.T) {
			f := form("name", "Acme", "currency", "EUR", "time_zone", "UTC", "language", "en", "loaded_day", "", "version", "1")
			f.Set(bad.field, bad.value)
			page := c.Post("/admin/settings", f)
			if bad.field == "version" {
				page.Has(t, 409, bad.message)
				return
			}
			page.Has(t, 422, bad.message)
			if bad.field != "language" {
				page.Has(t, 422, strings.NewReplacer("<", "&lt;", ">", "&gt;").Replace(fmt.Sprintf(`value="%s"`, bad.value)))
			}
		})
	}
}

func TestUnits(t *testing.T) {
	t.Parallel()
	for _, u := range []struct{ noun, table string }{{"branch", "branches"}, {"department", "departments"}} {
		t.Run(u.noun, func(t *testing.T) {
			t.Parallel()
			s := webtest.New(t)
			acme, beta := dbtest.Tenant(t, s.Database, "acme"), dbtest.Tenant(t, s.Database, "beta")
			exec(t, s, `INSERT INTO `+u.table+` (tenant_id, name) VALUES ($1, 'Theirs')`, beta.ID)
			theirs := fmt.Sprintf("/admin/%s/%d", u.table, count(t, s, `SELECT id FROM `+u.table))
			c, list := s.As(t, acme.Admin), "/admin/"+u.table
			c.Get(list).Has(t, 200, "None yet")
			c.Post(list, form("name", " ")).Has(t, 422, "Give the "+u.noun+" a name.")
			add := form("name", "North <1>")
			c.Post(list, add).Leads(t, list)
			c.Post(list, add).Leads(t, list) // sent twice
			c.Get(list).Has(t, 200, "This was already saved", "North &lt;1&gt;", "in use")
			c.Post(list, form("name", "North <1>")).Has(t, 422, "There is a "+u.noun+" called North &lt;1&gt; already", `value="North &lt;1&gt;"`)

			one := fmt.Sprintf("%s/%d", list, count(t, s, `SELECT id FROM `+u.table+` WHERE tenant_id = $1`, acme.ID))
			exec(t, s, `UPDATE members SET `+u.noun+`_id = (SELECT id FROM `+u.table+` WHERE tenant_id = $1) WHERE id = $2`, acme.ID, acme.CollectorID)
			c.Get(one).Has(t, 200, "1 person has this "+u.noun)
			c.Post(one, form("was", "North <1>", "name", "")).Has(t, 422, "Give the "+u.noun+" a name.")
			c.Post(one, form("was", "Nord", "name", "Far North")).Has(t, 409, "it is now called North &lt;1&gt;")
			c.Post(one, form("was", "North <1>", "name", "Far North")).Leads(t, list)
			c.Post(one+"/retirement", form()).Leads(t, list)
			c.Get(list).Has(t, 200, "is retired", "Far North", "retired")
			c.Get(one).Has(t, 200, "It is retired", "Use it again")
			c.Post(one+"/reopening", form()).Leads(t, list)
			c.Get(one).Lacks(t, "It is retired")

			c.Get(theirs).Has(t, 404)
			for _, path := range []string{theirs, theirs + "/retirement", theirs + "/reopening", list + "/0", list + "/x"} {
				c.Post(path, form("was", "Theirs", "name", "Ours")).Has(t, 404)
			}
			c.Get(list).Lacks(t, "Theirs")
		})
	}
}
