package customers_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"dunwell/internal/cases"
	"dunwell/internal/customer"
	"dunwell/internal/dbtest"
	"dunwell/internal/tenant"
	"dunwell/web/webtest"
)

// values makes a form of names and values.
func values(pairs ...string) url.Values {
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return form
}

// one is the only id of the table.
func one(t *testing.T, s *webtest.Site, table string) (id int64) {
	t.Helper()
	if err := s.Owner(t).QueryRow(t.Context(), `SELECT id FROM `+table).Scan(&id); err != nil {
		t.Fatal(err)
	}
	return id
}

func TestContactPoints(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	acme, beta := dbtest.Tenant(t, s.Database, "acme"), dbtest.Tenant(t, s.Database, "beta")
	at := fmt.Sprintf("/customers/%d", halden(t, s, acme))
	c := s.As(t, acme.Collector)
	c.Get(at).Has(t, http.StatusOK, "No telephone number or e-mail address is known.", at+"/contactpoints/new")
	c.Get(at+"/contactpoints/new").Has(t, http.StatusOK, "New contact point", "taken for one in NO", "co-borrower", "Account 00428-B")
	form := values("kind", "phone", "value", "12", "person", "Ingrid <Hauge>", "title", "accounts payable", "role", "debtor", "preferred", "on")
	c.Post(at+"/contactpoints", form).Has(t, http.StatusUnprocessableEntity, "No such number exists", `value="12"`, "Ingrid &lt;Hauge&gt;")
	form.Set("value", "22 41 09 33")
	c.Post(at+"/contactpoints", values("kind", "phone", "value", "22 41 09 33", "person", "Ingrid\u202eHauge", "role", "debtor")).
		Has(t, http.StatusUnprocessableEntity, `id="field-person-error"`, "U+202E")
	c.Post(at+"/contactpoints", form).Leads(t, at+"/account")
	point := fmt.Sprintf("%s/contactpoints/%d", at, one(t, s, "contact_points"))
	c.Get(at).Has(t, http.StatusOK, "<strong>Ingrid &lt;Hauge&gt;</strong>, accounts payable", `href="tel:+4722410933"`, "+47 22 41 09 33")
	c.Get(at+"/account").Has(t, http.StatusOK, "Ingrid &lt;Hauge&gt;", "preferred", "nothing said", point)
	c.Post(at+"/contactpoints", form).Has(t, http.StatusUnprocessableEntity, "has it already for that person")

	form.Set("version", "1")
	form.Set("title", "finance")
	c.Post(point, form).Leads(t, at+"/account")
	form.Set("version", "x")
	c.Post(point, form).Has(t, http.StatusConflict, "this contact point was changed while you were writing")

	c.Get(point).Has(t, http.StatusOK, "Nothing was said of it yet.", `value="finance"`, "Dialled within its country as 22 41 09 33.", "wants none of it")
	said := values("channel", "sms", "state", "opt_out", "given_on", "2026-03-13", "source", "call with Ingrid", "review_on", "soon")
	c.Post(point+"/permissions", said).Has(t, http.StatusUnprocessableEntity, "after today and within a year", `value="call with Ingrid"`)
	said.Set("review_on", "2026-03-20")
	c.Post(point+"/permissions", said).Leads(t, point)
	c.Get(at).Has(t, http.StatusOK, "No SMS: opted out on", "Review the opt-out from SMS: +47 22 41 09 33", `class="reviews"`)
	c.Get(point).Lacks(t, "takes the opt-out back")
	said.Set("version", fmt.Sprint(one(t, s, "permissions")))
	said.Set("state", "lifted")
	said.Set("evidence", "her letter")
	c.Post(point+"/permissions", said).Has(t, http.StatusForbidden, "Only a manager lifts an opt-out")
	m := s.As(t, acme.Manager)
	m.Get(point).Has(t, http.StatusOK, "takes the opt-out back", "To be reviewed on")
	m.Post(point+"/permissions", said).Leads(t, point)
	c.Get(at).Lacks(t, "No SMS", "Review the opt-out")

	c.Post(point+"/retirement", values("version", "2")).Leads(t, at+"/account")
	c.Get(at+"/account").Has(t, http.StatusOK, "1 contact point no longer in use")
	c.Get(point).Has(t, http.StatusOK, "No longer in use.", "opt-out lifted")
	for _, path := range []string{point, point + "/permissions", point + "/retirement"} {
		s.As(t, beta.Admin).Post(path, form).Has(t, http.StatusNotFound)
	}
	s.As(t, beta.Admin).Get(point).Has(t, http.StatusNotFound)
}

func TestTimes(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	at := fmt.Sprintf("/customers/%d", halden(t, s, acme))
	c := s.As(t, acme.Collector)
	page := c.Get(at)
	page.Has(t, http.StatusOK, "Best time not known", "#clock\"")
	page.Lacks(t, "#clock-check\"")
	c.Get(at+"/times").Has(t, http.StatusOK, "Nobody said yet", `value="0" checked`)
	form := values("kind", "best", "from", "9", "to", "11:00", "remark", "ask for Ingrid")
	c.Post(at+"/times", form).Has(t, http.StatusUnprocessableEntity, "Tick at least one day.", "Give an hour such as 09:00", "ask for Ingrid")
	form = values("kind", "best", "from", "09:00", "to", "11:00", "remark", "ask for Ingrid", "day", "0", "day", "3", "day", "9")
	c.Post(at+"/times", form).Leads(t, at+"/times")
	page = c.Get(at)
	page.Has(t, http.StatusOK, "Best: Mon, Thu 09:00–11:00", "#clock-check\"", "ask for Ingrid", "<details")
	page.Lacks(t, "Best time not known")
	c.Post(fmt.Sprintf("%s/times/%d/removal", at, one(t, s, "contact_times")), nil).Leads(t, at+"/times")
	c.Get(at).Has(t, http.StatusOK, "Best time not known")
}

func TestVehicles(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	acme, beta := dbtest.Tenant(t, s.Database, "acme"), dbtest.Tenant(t, s.Database, "beta")
	at := fmt.Sprintf("/customers/%d", halden(t, s, acme))
	c := s.As(t, acme.Collector)
	form := values("registration", "ab 12345", "make", "Volvo", "model", "FH", "year", "last", "vin", "YVO", "account", "x")
	c.Post(at+"/vehicles", form).Has(t, http.StatusUnprocessableEntity, "a year such as 2019", "without I, O and Q", `value="last"`)
	form.Set("year", "2019")
	form.Set("vin", "")
	c.Post(at+"/vehicles", form).Has(t, http.StatusUnprocessableEntity, "no such account")
	form.Set("account", "")
	c.Post(at+"/vehicles", form).Leads(t, at+"/account")
	c.Get(at+"/account").Has(t, http.StatusOK, "AB 12345", "Volvo FH", "2019")
	vehicle := fmt.Sprintf("%s/vehicles/%d", at, one(t, s, "vehicles"))
	c.Get(vehicle).Has(t, http.StatusOK, "Volvo FH 2019, AB 12345")
	form.Set("version", "1")
	form.Set("model", "FM")
	c.Post(vehicle, form).Leads(t, at+"/account")
	s.As(t, beta.Admin).Get(vehicle).Has(t, http.StatusNotFound)
	c.Post(vehicle+"/retirement", values("version", "2")).Leads(t, at+"/account")
	c.Get(vehicle).Has(t, http.StatusOK, "no longer the customer")
}

func TestStops(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	acme, beta := dbtest.Tenant(t, s.Database, "acme"), dbtest.Tenant(t, s.Database, "beta")
	at := fmt.Sprintf("/customers/%d", halden(t, s, acme))
	c, m := s.As(t, acme.Collector), s.As(t, acme.Manager)
	c.Get(at).Has(t, http.StatusOK, "No follow-up is planned.", "Next: ask for EUR 53,050.00 and USD 999.00.")
	form := values("kind", "bankruptcy", "since", "2026-03-10", "review_on", "2026-03-16", "reason", "Court notice <12/26>")
	c.Post(at+"/stops", form).Has(t, http.StatusUnprocessableEntity, "after today and within a year", "Court notice &lt;12/26&gt;")
	form.Set("review_on", "2026-03-23")
	form.Set("reason", "Court notice <12/26>\r\nby post")
	c.Post(at+"/stops", form).Leads(t, at)
	stop := fmt.Sprintf("%s/stops/%d", at, one(t, s, "stops"))
	for _, tab := range []string{"", "/items", "/notes", "/account"} {
		c.Get(at+tab).Has(t, http.StatusOK, "Do not contact the debtor: bankruptcy", "Court notice &lt;12/26&gt;", stop)
	}
	c.Get(at).Has(t, http.StatusOK, "Review the stop: bankruptcy", "Next: no contact.", "stopped <a", "No representative to speak to")
	inLines := `class="lines">Court notice &lt;12/26&gt;` + "\nby post</"
	page := c.Get(at + "/account")
	if n := strings.Count(page.Body, "<span "+inLines); n != 2 {
		t.Errorf("the reason stands there in lines %d times, want 2", n)
	}
	page = c.Get(stop)
	page.Has(t, http.StatusOK, "A manager lifts it", "<dd "+inLines, "Keep the stop")
	page.Lacks(t, "Lift the stop")
	review := values("version", "1", "review_on", "2026-04-16", "finding", "")
	c.Post(stop+"/review", review).Has(t, http.StatusUnprocessableEntity, "Say what you found.", `value="2026-04-16"`)
	review.Set("finding", "Still in the register")
	c.Post(stop+"/review", review).Leads(t, at)
	lift := values("version", "2", "reason", "The court ended it", "evidence", "")
	c.Post(stop+"/lifting", lift).Has(t, http.StatusForbidden, "Only a manager lifts a stop")
	m.Post(stop+"/lifting", lift).Has(t, http.StatusUnprocessableEntity, "Say what proves it", "The court ended it")
	lift.Set("evidence", "Decision of 13 March")
	s.As(t, beta.Admin).Post(stop+"/lifting", lift).Has(t, http.StatusNotFound)
	m.Post(stop+"/lifting", lift).Leads(t, at)
	c.Get(at).Lacks(t, "Do not contact")
	c.Get(at+"/account").Has(t, http.StatusOK, "1 stop was lifted", "The court ended it")
	c.Get(stop).Has(t, http.StatusOK, "Decision of 13 March")
}

// S3.4: no screen stands between the search and the record. What one has to know first,
// stops and open cases, stands on top of every tab.
func TestNoticesOnTop(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	id := halden(t, s, acme)
	at := fmt.Sprintf("/customers/%d", id)
	c := s.As(t, acme.Collector)
	c.Get(at).Lacks(t, "open case")
	write(t, s, acme.Manager, func(tx *tenant.Tx) error {
		if _, err := customer.PlaceStop(t.Context(), tx, id, customer.Stop{Kind: "attorney", Reason: "Letter of Lie & Co", Since: tx.Today(), ReviewOn: tx.Today().Add(30)}); err != nil {
			return err
		}
		for _, title := range []string{"Price", "Crane"} {
			if _, err := cases.Open(t.Context(), tx, id, cases.Opening{Title: title, OwnerID: acme.CollectorID, NextOn: tx.Today()}, nil); err != nil {
				return err
			}
		}
		return nil
	})
	for _, tab := range []string{"", "/summary", "/items", "/notes", "/account"} {
		page := c.Get(at + tab)
		page.Has(t, http.StatusOK, "Do not contact the debtor: attorney", "Letter of Lie &amp; Co", "2 open cases", at+"/cases")
	}
}

func TestWatchFlag(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	at := fmt.Sprintf("/customers/%d", halden(t, s, acme))
	c := s.As(t, acme.Collector)
	c.Post(at+"/watch", values("reason", "Threatened the driver", "until", "")).Has(t, http.StatusUnprocessableEntity, "after today", "Threatened the driver")
	c.Post(at+"/watch", values("reason", "Threatened the driver", "until", "2026-03-17")).Leads(t, at)
	c.Get(at).Has(t, http.StatusOK, "Be careful", "Threatened the driver", "The watch flag ends")
	c.Get(at+"/watch").Has(t, http.StatusOK, "End the flag", `value="2026-03-17"`)
	c.Post(at+"/watch/end", values("flag", "2026-03-17", "reason", "")).Has(t, http.StatusUnprocessableEntity, "no longer needed")
	c.Post(at+"/watch/end", values("flag", "2026-03-17", "reason", "He apologised")).Leads(t, at)
	c.Get(at).Lacks(t, "Be careful")
}

func TestArchive(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	at := fmt.Sprintf("/customers/%d", halden(t, s, acme))
	c, m := s.As(t, acme.Collector), s.As(t, acme.Manager)
	c.Get(at+"/archive").Has(t, http.StatusForbidden, "Only managers archive")
	c.Get(at+"/account").Lacks(t, at+"/archive")
	m.Get(at+"/account").Has(t, http.StatusOK, at+"/archive")
	m.Post(at+"/archive", values("reason", "")).Has(t, http.StatusUnprocessableEntity, "Say why.")
	m.Post(at+"/archive", values("reason", "Merged")).Leads(t, at)
	page := c.Get(at)
	page.Has(t, http.StatusOK, "Archived", "Nothing is to be done:")
	page.Lacks(t, at+"/details", at+"/stops/new", "Take back")
	c.Get(at+"/details").Has(t, http.StatusConflict, "only notes can be added")
	c.Post(at+"/stops", values("kind", "attorney", "reason", "x", "since", "2026-03-16", "review_on", "2026-03-17")).Has(t, http.StatusConflict, "archived")
	c.Post(at+"/notes", values("text", "Their accountant called")).Leads(t, at+"/notes")
	m.Get(at).Has(t, http.StatusOK, "Take back")
	m.Post(at+"/archive", values("reason", "again")).Has(t, http.StatusConflict)
	m.Post(at+"/archive/end", values("reason", "They trade again")).Leads(t, at)
	m.Get(at).Has(t, http.StatusOK, at+"/details")
}

func TestEdit(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	acme, beta := dbtest.Tenant(t, s.Database, "acme"), dbtest.Tenant(t, s.Database, "beta")
	at := fmt.Sprintf("/customers/%d", halden(t, s, acme))
	c, m := s.As(t, acme.Collector), s.As(t, acme.Manager)
	page := c.Get(at + "/details")
	page.Has(t, http.StatusOK, `value="Kaigata 4"`, "The number 00428")
	page.Lacks(t, `name="owner"`)
	m.Get(at+"/details").Has(t, http.StatusOK, `name="owner"`, "acme collector")
	form := formOf(t, page, at+"/details")
	form.Set("country", "Norway")
	form.Set("city", "Moss")
	c.Post(at+"/details", form).Has(t, http.StatusUnprocessableEntity, "two letters", `value="Norway"`, `value="Moss"`)
	form.Set("country", "DD")
	c.Post(at+"/details", form).Has(t, http.StatusUnprocessableEntity, "For Germany give DE.", `value="DD"`)
	form.Set("country", "NO")
	c.Post(at+"/details", form).Leads(t, at)
	c.Get(at).Has(t, http.StatusOK, "1767 Moss, NO", "Changed city from “Halden” to “Moss”.")
	form.Set("owner", fmt.Sprint(acme.ManagerID))
	form.Set("version", "2")
	c.Post(at+"/details", form).Has(t, http.StatusForbidden, "Only managers change who works a customer")
	s.As(t, beta.Admin).Get(at+"/details").Has(t, http.StatusNotFound)
	s.As(t, beta.Admin).Post(at+"/details", form).Has(t, http.StatusNotFound)
}

// S1.33.
func TestAccountTab(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	id := halden(t, s, acme)
	at := fmt.Sprintf("/customers/%d", id)
	var loan int64
	write(t, s, acme.Manager, func(tx *tenant.Tx) error {
		loan = dbtest.Account(t, tx, id, "L-7")
		dbtest.Item(t, tx, loan, "L-7/1", "2026-02-15", 23_003, "EUR")
		dbtest.Item(t, tx, loan, "L-7/2", "2026-03-20", 23_004, "EUR")
		if _, err := tx.Exec(t.Context(), `UPDATE accounts SET kind = 'loan' WHERE id = $1`, loan); err != nil {
			return err
		}
		if _, err := customer.AddVehicle(t.Context(), tx, id, customer.Vehicle{AccountID: &loan, Registration: "AB 12345", Make: "Volvo"}); err != nil {
			return err
		}
		for i, role := range []customer.Role{customer.Borrower, customer.CoBorrower, customer.Guarantor} {
			_, err := customer.AddPoint(t.Context(), tx, id, customer.Point{Kind: customer.Email, Value: fmt.Sprintf("p%d@halden.no", i), Role: role,
				AccountID: loan, Person: []string{"Ola Berg", "Kari Berg", "Per Gard"}[i]})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if _, err := s.Owner(t).Exec(t.Context(), `UPDATE items SET kind = 'instalment' WHERE account_id = $1`, loan); err != nil {
		t.Fatal(err)
	}
	c := s.As(t, acme.Collector)
	for _, path := range []string{"/account", fmt.Sprintf("/account?account=%d", loan)} {
		c.Get(at+path).Has(t, http.StatusOK, "Loan L-7", "EUR 460.07", "EUR 230.03 · 29 days past due", "EUR 230.04", "0 of 2 billed are paid",
			"Volvo, AB 12345", "Borrower", "Ola Berg", "Co-borrower", "Kari Berg", "Guarantor", "Per Gard")
	}
	page := c.Get(fmt.Sprintf("%s/summary?account=%d", at, loan))
	page.Has(t, http.StatusOK, "0 of 2 billed are paid", fmt.Sprintf(`value="%d" selected`, loan), fmt.Sprintf("%s/items?account=%d", at, loan))
	page.Lacks(t, ">Account 00428-B</a>")
	c.Get(at+"?account=999").Has(t, http.StatusNotFound)
	c.Get(at+"?account=x").Has(t, http.StatusNotFound)
}
