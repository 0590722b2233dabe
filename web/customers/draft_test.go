package customers_test

import (
	"fmt"
	"html"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"dunwell/internal/customer"
	"dunwell/internal/dbtest"
	"dunwell/internal/tenant"
	"dunwell/web/webtest"
)

var (
	control = regexp.MustCompile(`(?s)<(input|select|option|textarea)([^>]*)>([^<]*)`)
	named   = regexp.MustCompile(`(\w+)="([^"]*)"`)
)

// formOf are the fields of the page's form with that action, as a browser would
// send them; without its own id, so that it can be sent twice.
func formOf(t *testing.T, page webtest.Page, action string) url.Values {
	t.Helper()
	_, rest, found := strings.Cut(page.Body, `method="post" action="`+action+`"`)
	if !found {
		t.Fatalf("no form leads to %s: %.3000s", action, page.Body)
	}
	body, _, _ := strings.Cut(rest, "</form>")
	form, list := url.Values{}, ""
	for _, m := range control.FindAllStringSubmatch(body, -1) {
		tag, rest, text := m[1], m[2], m[3]
		a := map[string]string{}
		for _, pair := range named.FindAllStringSubmatch(rest, -1) {
			a[pair[1]] = html.UnescapeString(pair[2])
		}
		switch {
		case tag == "select":
			list = a["name"]
		case tag == "option" && strings.HasSuffix(rest, " selected"):
			form.Set(list, a["value"])
		case tag == "textarea":
			form.Set(a["name"], html.UnescapeString(strings.TrimSpace(text)))
		case tag == "input" && (a["type"] != "checkbox" || strings.HasSuffix(strings.Split(rest, "aria")[0], " checked")):
			form.Add(a["name"], a["value"])
		}
	}
	form.Del("form_id")
	return form
}

// typed is the form with other values in it.
func typed(form url.Values, pairs ...string) url.Values {
	form = maps.Clone(form)
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return form
}

// two are a collector and a manager with a customer whose page is at.
func two(t *testing.T) (s *webtest.Site, acme *dbtest.Company, c, m *webtest.Client, at string) {
	t.Helper()
	s = newSite(t)
	acme = dbtest.Tenant(t, s.Database, "acme")
	at = fmt.Sprintf("/customers/%d", halden(t, s, acme))
	return s, acme, s.As(t, acme.Collector), s.As(t, acme.Manager), at
}

// While one writes, another saves: nothing of either is lost, and the third
// save, made from what both see, is taken.
func TestEditConflict(t *testing.T) {
	t.Parallel()
	s, acme, c, m, at := two(t)
	mine := formOf(t, c.Get(at+"/details"), at+"/details")
	theirs := formOf(t, m.Get(at+"/details"), at+"/details")
	m.Post(at+"/details", typed(theirs, "city", "Sarpsborg", "language", "nb", "owner", fmt.Sprint(acme.ManagerID))).Leads(t, at)

	page := c.Post(at+"/details", typed(mine, "city", "Moss", "street", "Storgata 1"))
	page.Has(t, http.StatusConflict, "Not saved yet: this customer was changed while you were writing.", "<strong>acme manager</strong>",
		"Changed city from “Halden” to “Sarpsborg”", "Changed meanwhile to “Sarpsborg”. Yours stands in the field",
		"Changed meanwhile from “”, and taken over.")
	again := formOf(t, page, at+"/details")
	page = c.Post(at+"/details", typed(again, "country", "Norway")) // refused for another reason: still from what was seen
	page.Has(t, http.StatusUnprocessableEntity, `value="Moss"`)
	c.Post(at+"/details", typed(formOf(t, page, at+"/details"), "country", "NO")).Leads(t, at)
	write(t, s, acme.Collector, func(tx *tenant.Tx) error {
		got, err := customer.Find(t.Context(), tx, one(t, s, "customers"))
		if got.City != "Moss" || got.Street != "Storgata 1" || got.Language != "nb" || got.Owner != "acme manager" {
			t.Errorf("the customer is %+v", got)
		}
		return err
	})
}

// Archived meanwhile, nothing can be saved; what was typed can still be read.
func TestEditOfArchived(t *testing.T) {
	t.Parallel()
	_, _, c, m, at := two(t)
	mine := formOf(t, c.Get(at+"/details"), at+"/details")
	m.Post(at+"/archive", values("reason", "Merged")).Leads(t, at)
	page := c.Post(at+"/details", typed(mine, "city", "Moss"))
	page.Has(t, http.StatusConflict, "can no longer be saved", "<li class=\"text-break\">City: Moss</li>", "Archived: Merged", "only notes can be added")
	page.Lacks(t, "Street: ", `name="city"`)
}

func TestContactPointConflict(t *testing.T) {
	t.Parallel()
	s, _, c, m, at := two(t)
	c.Post(at+"/contactpoints", values("kind", "phone", "value", "22 41 09 33", "person", "Ingrid Hauge", "role", "debtor", "preferred", "on")).
		Leads(t, at+"/account")
	point := fmt.Sprintf("%s/contactpoints/%d", at, one(t, s, "contact_points"))
	mine := formOf(t, c.Get(point), point)
	theirs := formOf(t, m.Get(point), point)
	m.Post(point, typed(theirs, "title", "finance", "role", "guarantor")).Leads(t, at+"/account")
	// Another number is preferred now, which is a change of this one too.
	m.Post(at+"/contactpoints", values("kind", "phone", "value", "22 41 09 34", "role", "debtor", "preferred", "on")).Leads(t, at+"/account")

	page := c.Post(point, typed(mine, "title", "accounts <payable>", "person", "Ingrid Berg"))
	page.Has(t, http.StatusConflict, "Not saved yet: this contact point was changed", "<strong>acme manager</strong>", "finance, guarantor",
		"No longer preferred, another is: phone +47 22 41 09 33", "Changed meanwhile to “finance”. Yours stands in the field",
		"Changed meanwhile from “debtor”, and taken over.", "Changed meanwhile from “yes”, and taken over.")
	page.Lacks(t, "22 41 09 34")
	again := formOf(t, page, point)
	c.Post(point, again).Leads(t, at+"/account")
	got := formOf(t, c.Get(point), point)
	for name, want := range map[string]string{"title": "accounts <payable>", "person": "Ingrid Berg", "role": "guarantor", "value": "+47 22 41 09 33", "version": "4"} {
		if got.Get(name) != want {
			t.Errorf("%s is %q, want %q", name, got.Get(name), want)
		}
	}
	if len(got["preferred"]) != 1 { // only the hidden one of the box that is not ticked
		t.Errorf("preferred is %q", got["preferred"])
	}

	m.Post(point+"/retirement", values("version", "4")).Leads(t, at+"/account")
	page = c.Post(point, typed(got, "title", "treasurer"))
	page.Has(t, http.StatusConflict, "can no longer be saved", "Title: treasurer", "No longer in use: phone +47 22 41 09 33")
	page.Lacks(t, `name="title"`)
	c.Post(point+"/retirement", values("version", "4")).Has(t, http.StatusConflict, "Somebody else changed this contact point")
}

func TestPermissionConflict(t *testing.T) {
	t.Parallel()
	s, _, c, m, at := two(t)
	c.Post(at+"/contactpoints", values("kind", "email", "value", "ingrid@halden.no", "role", "debtor")).Leads(t, at+"/account")
	point := fmt.Sprintf("%s/contactpoints/%d", at, one(t, s, "contact_points"))
	mine := formOf(t, c.Get(point), point+"/permissions")
	theirs := typed(mine, "state", "opt_out", "source", "her letter", "review_on", "2026-04-10")
	m.Post(point+"/permissions", theirs).Leads(t, point)

	page := c.Post(point+"/permissions", typed(mine, "state", "consent", "source", "call with Ingrid", "given_on", "2026-03-14"))
	page.Has(t, http.StatusConflict, "Not saved yet: what counts of this contact point was changed", "<strong>acme manager</strong>",
		"Opted out of e-mail for ingrid@halden.no", "<details open", "Recorded by acme manager")
	again := formOf(t, page, point+"/permissions")
	if got := again.Get("state") + ", " + again.Get("source") + ", " + again.Get("given_on"); got != "consent, call with Ingrid, 2026-03-14" {
		t.Errorf("what was typed is now %s", got)
	}
	c.Post(point+"/permissions", again).Has(t, http.StatusUnprocessableEntity, "The person opted out. A manager lifts that first", `value="call with Ingrid"`)
	c.Post(point+"/permissions", typed(again, "state", "opt_out", "review_on", "2026-05-11")).Leads(t, point)
	c.Get(point).Has(t, http.StatusOK, "Source: call with Ingrid", "Recorded by acme collector")
}

func TestVehicleConflict(t *testing.T) {
	t.Parallel()
	s, _, c, m, at := two(t)
	c.Post(at+"/vehicles", values("registration", "AB 12345", "make", "Volvo", "model", "FH", "year", "2019")).Leads(t, at+"/account")
	vehicle := fmt.Sprintf("%s/vehicles/%d", at, one(t, s, "vehicles"))
	mine := formOf(t, c.Get(vehicle), vehicle)
	theirs := formOf(t, m.Get(vehicle), vehicle)
	account := fmt.Sprint(one(t, s, "accounts WHERE number = '00428'"))
	m.Post(vehicle, typed(theirs, "model", "FM", "year", "2020", "account", account)).Leads(t, at+"/account")

	page := c.Post(vehicle, typed(mine, "model", "FMX", "vin", "YV2RT40A8KB123456"))
	page.Has(t, http.StatusConflict, "Not saved yet: this vehicle was changed", "<strong>acme manager</strong>", "to Volvo FM 2020, AB 12345.",
		"Changed meanwhile to “FM”. Yours stands in the field", "Changed meanwhile from “2019”, and taken over.", "Changed meanwhile from “No account”, and taken over.")
	page = c.Post(vehicle, typed(formOf(t, page, vehicle), "year", "last"))
	page.Has(t, http.StatusUnprocessableEntity, "a year such as 2019", `value="FMX"`)
	c.Post(vehicle, typed(formOf(t, page, vehicle), "year", "2020")).Leads(t, at+"/account")
	c.Get(vehicle).Has(t, http.StatusOK, "Volvo FMX 2020, AB 12345", `value="YV2RT40A8KB123456"`, fmt.Sprintf(`value="%s" selected`, account))

	old := typed(formOf(t, c.Get(vehicle), vehicle), "make", "Scania")
	m.Post(vehicle+"/retirement", values("version", "3")).Leads(t, at+"/account")
	c.Post(vehicle, old).Has(t, http.StatusConflict, "can no longer be saved", "Make: Scania", "No longer the customer&#39;s: Volvo FMX")
}

func TestStopConflict(t *testing.T) {
	t.Parallel()
	s, _, c, m, at := two(t)
	c.Post(at+"/stops", values("kind", "bankruptcy", "since", "2026-03-10", "review_on", "2026-03-23", "reason", "Court notice")).Leads(t, at)
	stop := fmt.Sprintf("%s/stops/%d", at, one(t, s, "stops"))
	mine := typed(formOf(t, c.Get(stop), stop+"/review"), "finding", "Still in the register", "review_on", "2026-04-17")
	seen := m.Get(stop)
	lift := typed(formOf(t, seen, stop+"/lifting"), "reason", "The court ended it", "evidence", "Decision of 13 March")
	m.Post(stop+"/review", typed(formOf(t, seen, stop+"/review"), "finding", "The hearing is in April", "review_on", "2026-04-20")).Leads(t, at)

	page := c.Post(stop+"/review", mine)
	page.Has(t, http.StatusConflict, "Not saved yet: this stop was changed", "<strong>acme manager</strong>", "The hearing is in April",
		"Changed meanwhile to “2026-04-20”. Yours stands in the field")
	again := formOf(t, page, stop+"/review")
	if got := again.Get("finding") + ", " + again.Get("review_on"); got != "Still in the register, 2026-04-17" {
		t.Errorf("what was typed is now %s", got)
	}
	c.Post(stop+"/review", again).Leads(t, at)
	page = m.Post(stop+"/lifting", lift)
	page.Has(t, http.StatusConflict, "Not saved yet: this stop was changed", "Still in the register")
	m.Post(stop+"/lifting", formOf(t, page, stop+"/lifting")).Leads(t, at)
	page = c.Post(stop+"/review", typed(again, "version", "3", "finding", "They closed"))
	page.Has(t, http.StatusConflict, "can no longer be saved", "Finding: They closed", "Stop bankruptcy lifted. Reason: The court ended it.")
	page.Lacks(t, "Keep the stop")
}

func TestWatchConflict(t *testing.T) {
	t.Parallel()
	_, _, c, m, at := two(t)
	mine := typed(formOf(t, c.Get(at+"/watch"), at+"/watch"), "reason", "Shouts", "until", "2026-03-20")
	m.Post(at+"/watch", values("reason", "Threatened the driver", "until", "2026-03-17")).Leads(t, at)
	page := c.Post(at+"/watch", mine)
	page.Has(t, http.StatusConflict, "Not saved: the watch flag was changed", "Reason: Shouts", "Until: 2026-03-20", "<strong>acme manager</strong>",
		"Watch flag until Tue 17 Mar 2026: Threatened the driver", "End the flag")
	end := typed(formOf(t, page, at+"/watch/end"), "reason", "He apologised")
	m.Post(at+"/watch/end", values("flag", "2026-03-17", "reason", "A mistake")).Leads(t, at)
	m.Post(at+"/watch", values("reason", "Threatened the clerk", "until", "2026-03-27")).Leads(t, at)
	page = c.Post(at+"/watch/end", end)
	page.Has(t, http.StatusConflict, "Not saved yet: the watch flag was changed", "A mistake", "Threatened the clerk")
	again := formOf(t, page, at+"/watch/end")
	c.Post(at+"/watch/end", again).Leads(t, at)
	page = c.Post(at+"/watch/end", again)
	page.Has(t, http.StatusConflict, "Not saved: the watch flag was changed", "Reason: He apologised", "Set the flag")
	page.Lacks(t, "Until: ")
}
