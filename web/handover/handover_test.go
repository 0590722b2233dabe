package handover_test

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"dunwell/internal/dbtest"
	"dunwell/internal/tenant"
	"dunwell/web/webtest"
)

// desk is a company whose collector owns two customers and has a follow-up with one.
func desk(t *testing.T) (s *webtest.Site, acme, beta *dbtest.Company) {
	t.Helper()
	s = webtest.New(t)
	acme, beta = dbtest.Tenant(t, s.Database, "acme"), dbtest.Tenant(t, s.Database, "beta")
	err := s.Write(t.Context(), acme.Manager, func(tx *tenant.Tx) error {
		for _, number := range []string{"C-1", "C-2"} {
			dbtest.Customer(t, tx, number)
		}
		_, err := tx.Exec(t.Context(), `
			WITH mine AS (UPDATE customers SET owner_id = $1 RETURNING id, number)
			INSERT INTO follow_ups (customer_id, assignee_id, due_on, text) SELECT id, $1, '2026-03-20', 'Call' FROM mine WHERE number = 'C-1'`, acme.CollectorID)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return s, acme, beta
}

func form(pairs ...any) url.Values {
	f := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		f.Add(fmt.Sprint(pairs[i]), fmt.Sprint(pairs[i+1]))
	}
	return f
}

// S3.44: a manager gives somebody's work to others, sees before what each would get,
// and those who got it read what was said with it.
func TestHandOver(t *testing.T) {
	t.Parallel()
	s, acme, _ := desk(t)
	m := s.As(t, acme.Manager)
	m.Get("/handover").Has(t, http.StatusOK, "Hand over somebody’s work", "Everybody who has left", fmt.Sprintf(`<option value="%d"`, acme.CollectorID))
	m.Get(fmt.Sprintf("/handover?from=%d", acme.CollectorID)).Has(t, http.StatusOK, "Open of acme collector: 2 customers, 1 follow-up.")
	m.Get(fmt.Sprintf("/handover?from=%d&rule=people", acme.CollectorID)).Has(t, http.StatusUnprocessableEntity, "tick one person or several")
	plan := form("from", acme.CollectorID, "rule", "people", "to", acme.ManagerID, "to", acme.AdminID)
	page := m.Get("/handover?" + plan.Encode())
	page.Has(t, http.StatusOK, "What each gets", "Now: acme collector", ">acme admin", ">acme manager", `<form class="card-body" method="post" action="/handover">`)
	plan.Set("note", "4111 1111 1111 1111")
	m.Post("/handover", plan).Has(t, http.StatusUnprocessableEntity, "payment card number", "4111 1111 1111 1111", fmt.Sprintf(`name="to" value="%d" checked`, acme.AdminID))
	plan.Set("note", "Mind <C-1>")
	for _, rule := range []string{"branch", "owner"} {
		none := form("from", acme.CollectorID, "rule", rule)
		m.Get("/handover?"+none.Encode()).Has(t, http.StatusUnprocessableEntity, `id="field-to-error"`, "Tick who gets them: ")
		m.Post("/handover", none).Has(t, http.StatusUnprocessableEntity, "Tick who gets them: ")
	}
	done := m.Post("/handover", plan)
	if done.Code != http.StatusSeeOther {
		t.Fatalf("status %d: %.800s", done.Code, done.Body)
	}
	m.Get(done.Location).Has(t, http.StatusOK, "Work of acme collector, handed over", "Handed over: the work of acme collector.", "Mind &lt;C-1&gt;", "I have read it", "has not read it yet")
	m.Get("/handover").Has(t, http.StatusOK, "Latest", done.Location)
	m.Post("/handover", plan).Has(t, http.StatusUnprocessableEntity, "acme collector has nothing that is open")

	a := s.As(t, acme.Admin)
	a.Get("/day/since").Has(t, http.StatusOK, "acme manager handed over to you what acme collector had", "1 customer", "Mind &lt;C-1&gt;", done.Location)
	a.Post(done.Location+"/acknowledgement", form()).Leads(t, "/")
	a.Get("/day/since").Lacks(t, "handed over to you")
	a.Get(done.Location).Has(t, http.StatusOK, "has read it")
	s.As(t, acme.Collector).Get("/day/since").Lacks(t, "handed over to you")
}

// What is with archived customers is counted too, and told apart.
func TestHandOverOfArchived(t *testing.T) {
	t.Parallel()
	s, acme, _ := desk(t)
	m, from := s.As(t, acme.Manager), fmt.Sprintf("/handover?from=%d", acme.CollectorID)
	m.Get(from).Lacks(t, "archived")
	if _, err := s.Owner(t).Exec(t.Context(), `UPDATE customers SET archived_at = now() WHERE number = 'C-1'`); err != nil {
		t.Fatal(err)
	}
	const open = "2 customers, 1 follow-up, of which 2 with archived customers"
	m.Get(from).Has(t, http.StatusOK, "Open of acme collector: "+open+".", "No list shows what is with archived customers. It goes along")
	s.As(t, acme.Admin).Get(fmt.Sprintf("/admin/people/%d", acme.CollectorID)).Has(t, http.StatusOK, open+"</a>", "No list shows what is with archived customers.")
}

// Where nobody of the chosen sees what is to be handed over, there is no button for it.
func TestHandOverInVain(t *testing.T) {
	t.Parallel()
	s, acme, _ := desk(t)
	var other int64
	err := s.Write(t.Context(), acme.Manager, func(tx *tenant.Tx) error { other, _ = dbtest.Member(t, tx, "other", tenant.Collector); return nil })
	if _, limit := s.Owner(t).Exec(t.Context(), `UPDATE tenants SET branch_limited = true`); err != nil || limit != nil {
		t.Fatal(err, limit)
	}
	m := s.As(t, acme.Manager)
	page := m.Get("/handover?" + form("from", acme.CollectorID, "rule", "people", "to", other).Encode())
	page.Has(t, http.StatusOK, "nobody of the chosen sees these customers", "Nobody whom you chose would get anything.")
	page.Lacks(t, "All of it changes hands")
	m.Get("/handover?"+form("from", acme.CollectorID, "rule", "people", "to", acme.ManagerID).Encode()).Has(t, http.StatusOK, "All of it changes hands at once.")
}

func TestHandOverRefused(t *testing.T) {
	t.Parallel()
	s, acme, beta := desk(t)
	s.As(t, acme.Collector).Get("/handover").Has(t, http.StatusForbidden, "Only managers and administrators hand over")
	m := s.As(t, acme.Manager)
	for _, from := range []any{beta.CollectorID, "x", -1} {
		m.Get("/handover?from="+fmt.Sprint(from)).Has(t, http.StatusNotFound)
		m.Post("/handover", form("from", from, "rule", "people", "to", acme.AdminID)).Has(t, http.StatusNotFound)
	}
	m.Post("/handover", form("rule", "people", "to", acme.AdminID)).Has(t, http.StatusUnprocessableEntity, "Choose whose work")
	m.Post("/handover", form("from", acme.CollectorID, "rule", "people", "to", beta.AdminID)).Has(t, http.StatusUnprocessableEntity, "no longer works here")
	m.Post("/handover", form("from", "0", "rule", "people", "to", acme.AdminID)).Has(t, http.StatusUnprocessableEntity, "Nobody who has left")
	m.Post("/handover/1/acknowledgement", form()).Has(t, http.StatusNotFound)
}
