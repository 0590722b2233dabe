package customers_test

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"dunwell/internal/dbtest"
)

// Nobody gets a customer whom they would not see: each form says why at the owner or
// the branch, and keeps what was typed.
func TestOwnersOfTheBranch(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	id := halden(t, s, acme)
	north, south, other := branches(t, s, acme, id)
	for _, sql := range []string{`UPDATE tenants SET branch_limited = true`, fmt.Sprintf(`UPDATE members SET branch_id = %d WHERE id = %d`, north, acme.CollectorID),
		fmt.Sprintf(`UPDATE customers SET owner_id = %d`, acme.ManagerID)} {
		if _, err := s.Owner(t).Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	m := s.As(t, acme.Manager)
	collector := fmt.Sprint(acme.CollectorID)
	const why = "acme collector sees the customers of North only"

	m.Get("/customers/new").Has(t, http.StatusOK, `name="branch"`, "South")
	added := url.Values{"number": {"N-1"}, "name": {"New one"}, "kind": {"business"}, "owner": {collector}, "branch": {fmt.Sprint(south)}}
	m.Post("/customers", added).Has(t, http.StatusUnprocessableEntity, why, `id="field-owner-error"`, `value="New one"`, fmt.Sprintf(`value="%d" selected`, south))
	added.Set("branch", fmt.Sprint(north))
	if page := m.Post("/customers", added); page.Code != http.StatusSeeOther {
		t.Errorf("added: %d, %.600s", page.Code, page.Body)
	}

	m.Post("/customers/assignment", url.Values{"customer": {fmt.Sprint(other)}, "to": {collector}}).Has(t, http.StatusUnprocessableEntity,
		why+", so nobody was given away.", `id="field-owner-error"`)
	m.Post("/customers/assignment", url.Values{"customer": {fmt.Sprint(id), fmt.Sprint(other)}, "to": {collector}}).Leads(t, "/customers")
	m.Get("/customers").Has(t, http.StatusOK, "1 customer goes to acme collector; 1 stays where it was: acme collector sees the customers of another branch only.")

	at := fmt.Sprintf("/customers/%d/details", id)
	form := url.Values{"version": {"2"}, "name": {"Halden"}, "kind": {"business"}, "owner": {collector}, "branch": {fmt.Sprint(south)}}
	m.Post(at, form).Has(t, http.StatusUnprocessableEntity, why, `id="field-branch-error"`, `value="Halden"`)
	form.Set("owner", fmt.Sprint(acme.AdminID))
	if page := m.Post(at, form); page.Code != http.StatusSeeOther {
		t.Errorf("moved along with its owner: %d, %.900s", page.Code, page.Body)
	}
	s.As(t, acme.Collector).Get("/customers").Lacks(t, ">South</option>")

	a := s.As(t, acme.Admin)
	person := fmt.Sprintf("/admin/people/%d", acme.CollectorID)
	a.Post(person, url.Values{"role": {"collector"}, "version": {"1"}, "branch_id": {fmt.Sprint(north)}}).Leads(t, person)
	a.Get(person).Lacks(t, "They do not see")
	a.Post(person, url.Values{"role": {"collector"}, "version": {"2"}, "branch_id": {fmt.Sprint(south)}}).Leads(t, person)
	a.Get(person).Has(t, http.StatusOK, "They do not see 1 customer of theirs, of another branch or of none.", "give it to somebody who sees them", `href="/agenda/stranded"`)
	s.As(t, acme.Collector).Get("/reports/ageing").Has(t, http.StatusOK, "the customers of your branch")
	m.Get("/reports/ageing").Lacks(t, "of your branch")
	a.Post(person, url.Values{"role": {"collector"}, "version": {"3"}, "branch_id": {""}}).Leads(t, person)
	s.As(t, acme.Collector).Get("/customers").Has(t, http.StatusOK, "you are of none. Ask an administrator")
	s.As(t, acme.Collector).Get("/reports/ageing").Lacks(t, "/imports/new")
}
