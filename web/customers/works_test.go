package customers_test

import (
	"fmt"
	"net/http"
	"testing"

	"dunwell/internal/customer"
	"dunwell/internal/dbtest"
	"dunwell/internal/tenant"
)

// An address that came back is said to be one, is not offered, and is taken back into
// use by whoever knows that it works.
func TestAddressThatDoesNotWork(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	acme, beta := dbtest.Tenant(t, s.Database, "acme"), dbtest.Tenant(t, s.Database, "beta")
	id := halden(t, s, acme)
	at := fmt.Sprintf("/customers/%d", id)
	c := s.As(t, acme.Collector)
	c.Post(at+"/contactpoints", values("kind", "email", "value", "ap@halden.no", "person", "Ingrid Hauge", "role", "debtor")).Leads(t, at+"/account")
	mail := one(t, s, "contact_points")
	point := fmt.Sprintf("%s/contactpoints/%d", at, mail)
	c.Get(point).Lacks(t, "It does not work")
	err := s.Database.Write(t.Context(), acme.System(), func(tx *tenant.Tx) error {
		return customer.MarkBad(t.Context(), tx, id, mail, "ap@halden.no", "550 No <such> user")
	})
	if err != nil {
		t.Fatal(err)
	}
	c.Get(at).Has(t, http.StatusOK, "No number or address that works is known.")
	c.Get(at+"/account").Has(t, http.StatusOK, "does not work", "No e-mails: what was sent here on 16 Mar came back")
	c.Get(point).Has(t, http.StatusOK, "It does not work", "came back: 550 No &lt;such&gt; user", point+"/works")
	form := values("version", "2", "why", " ")
	c.Post(point+"/works", form).Has(t, http.StatusUnprocessableEntity, "Say how you know: who said it, or what arrived.")
	s.As(t, beta.Admin).Post(point+"/works", form).Has(t, http.StatusNotFound)
	form.Set("why", "She called")
	c.Post(point+"/works", form).Leads(t, point)
	c.Post(point+"/works", form).Has(t, http.StatusConflict, "Somebody else changed this contact point meanwhile.")
	c.Get(point).Lacks(t, "It does not work")
	c.Get(at).Has(t, http.StatusOK, "mailto:ap@halden.no")
}
