package customers_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"dunwell/internal/dbtest"
	"dunwell/internal/followup"
	"dunwell/internal/tenant"
	"dunwell/web/webtest"
)

// remind plans n follow-ups of the collector's.
func remind(t *testing.T, s *webtest.Site, acme *dbtest.Company, id int64, n int) {
	t.Helper()
	if _, err := s.Owner(t).Exec(t.Context(), `
		INSERT INTO follow_ups (tenant_id, customer_id, assignee_id, due_on, text)
		SELECT $1, $2, $3, DATE '2026-03-17' + n, 'task ' || n
		FROM generate_series(1, $4) n`, acme.ID, id, acme.CollectorID, n); err != nil {
		t.Fatal(err)
	}
}

// said is the text of a page.
func said(page webtest.Page) string {
	text := regexp.MustCompile(`<[^>]*>`).ReplaceAllString(page.Body, " ")
	return strings.Join(strings.Fields(text), " ")
}

// The panel folds after five, reads no more than it shows, and leads to the rest.
func TestFollowupPanelFolds(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	c := s.As(t, acme.Collector)
	for _, x := range []struct {
		n    int
		says string
		not  string
	}{{0, "No follow-up is planned.", "more"}, {5, "task 5", "more"}, {10, "5 more", "in the window"}, {480, "5 more", "task 11"}} {
		var id int64
		write(t, s, acme.Manager, func(tx *tenant.Tx) error {
			id, _ = dbtest.Customer(t, tx, fmt.Sprintf("C-%d", x.n))
			return nil
		})
		remind(t, s, acme, id, x.n)
		page := c.Get(fmt.Sprintf("/customers/%d", id))
		panel := said(webtest.Page{Body: page.Body[strings.Index(page.Body, `class="followups"`):strings.Index(page.Body, `identity"`)]})
		if page.Code != http.StatusOK || !strings.Contains(panel, x.says) || strings.Contains(panel, x.not) {
			t.Errorf("with %d the panel says %s", x.n, panel)
		}
		if want := "All 480 in the window"; x.n == 480 && !strings.Contains(panel, want) {
			t.Errorf("the panel does not lead to the rest: %s", panel)
		}
	}
}

// However many follow-ups there are, a profile asks the same number of questions.
func TestQueriesWithFollowups(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	c := s.As(t, acme.Collector)
	var before int64
	for i, n := range []int{0, 1, followup.InPanel, 500} {
		var id int64
		write(t, s, acme.Manager, func(tx *tenant.Tx) error {
			id, _ = dbtest.Customer(t, tx, fmt.Sprintf("C-%d", n))
			return nil
		})
		remind(t, s, acme, id, n)
		s.Queries.Take()
		c.Get(fmt.Sprintf("/customers/%d", id)).Has(t, http.StatusOK)
		got := s.Queries.Take()
		if i > 0 && got != before {
			t.Errorf("%d follow-ups: %d questions, fewer ask %d", n, got, before)
		}
		before = got
	}
}

// What comes next is what was planned: one's own first, a stop before everything.
func TestNextIsTheFollowup(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	acme := dbtest.Tenant(t, s.Database, "acme")
	id := halden(t, s, acme)
	at := fmt.Sprintf("/customers/%d", id)
	c := s.As(t, acme.Collector)
	plan := func(member int64, days int, hour string) {
		t.Helper()
		write(t, s, acme.Manager, func(tx *tenant.Tx) error {
			_, err := followup.Schedule(t.Context(), tx, id, followup.Plan{AssigneeID: member, DueOn: tx.Today().Add(days), Timed: hour != "", DueAt: hour, Text: "Ask"})
			return err
		})
	}
	plan(acme.ManagerID, 3, "")
	c.Get(at).Has(t, http.StatusOK, "Next: acme manager’s follow-up on Thu 19 Mar.", "To collect: EUR 53,050.00", "the oldest overdue item is 38 days late.")
	plan(acme.CollectorID, 7, "10:00")
	c.Get(at).Has(t, http.StatusOK, "Next: your follow-up on Mon 23 Mar, 10:00.")
	plan(acme.CollectorID, 400, "")
	page := c.Post(at+"/stops", values("kind", "hardship", "since", "2026-03-16", "reason", "Out of work", "review_on", "2026-04-20"))
	if page.Code != http.StatusSeeOther {
		t.Fatalf("no stop: %.500s", page.Body)
	}
	page = c.Get(at)
	page.Has(t, http.StatusOK, "Next: no contact.", "Review the stop")
	page.Lacks(t, "Next: your follow-up")
}
