package agenda_test

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"dunwell/internal/dunning"
	"dunwell/internal/tenant"
	"dunwell/web/webtest"
)

// Who presses the button a moment after somebody else is told so, with the way to what
// is being done; no button stands there that would do it once more.
func TestBulkByTwoAtOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	m := d.As(t, d.acme.Manager)
	chosen := []int64{d.entries["C-1"], d.entries["C-2"]}
	first, page := d.meanwhile(t, chosen, m, form("do", "print", "entry", fmt.Sprint(chosen[0], chosen[1]), "back", "/agenda?whose=team"))
	page.Has(t, http.StatusConflict, "Somebody else has just started this with all of them.", fmt.Sprintf(`href="/agenda/batches/%d">See how far it is`, first),
		"Left out", "It waits in another batch.", `href="/agenda?whose=team"`)
	page.Lacks(t, "Print letters</button>", "data-rest", "Included")
	m.Get(fmt.Sprintf("/agenda/batches/%d", first)).Has(t, http.StatusOK, "0 of 2 done")
	// a moment later it is the list that says so
	page = m.Post("/agenda/bulk", form("do", "print", "entry", fmt.Sprint(chosen[0], chosen[1])))
	page.Has(t, http.StatusUnprocessableEntity, "The list says why of each.", "It waits in another batch.")
}

// Who chose some more than somebody else a moment before gets those, and is told how
// many are not among them.
func TestBulkByTwoThatOverlap(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		first []string
		says  string
		has   string
	}{
		"one":  {[]string{"C-2"}, "Somebody else has just started something with 1 of those you chose: it is not in this batch, and nothing is done twice.", "0 of 2 done"},
		"two":  {[]string{"C-2", "C-1"}, "Somebody else has just started something with 2 of those you chose: they are not in this batch, and nothing is done twice.", "0 of 1 done"},
		"none": {[]string{"C-9"}, "", "0 of 3 done"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			m := d.As(t, d.acme.Manager)
			var first []int64
			for _, number := range c.first {
				first = append(first, d.entries[number])
			}
			chosen := form("do", "later", "quick", "2026-03-23", "entry", fmt.Sprint(d.entries["C-1"], d.entries["C-2"], d.entries["C-3"]))
			var page webtest.Page
			if c.says == "" {
				page = m.Post("/agenda/bulk", chosen)
			} else {
				_, page = d.meanwhile(t, first, m, chosen)
			}
			if page.Code != http.StatusSeeOther {
				t.Fatalf("status %d: %.600s", page.Code, page.Body)
			}
			batch := m.Get(page.Location)
			batch.Has(t, http.StatusOK, c.says, c.has)
			if c.says == "" {
				batch.Lacks(t, "Somebody else")
			}
			m.Get(page.Location).Lacks(t, "Somebody else")
		})
	}
}

// meanwhile posts while the admin starts something with entries; it gives the batch of
// that and the answer.
func (d *desk) meanwhile(t *testing.T, entries []int64, c *webtest.Client, typed url.Values) (batch int64, page webtest.Page) {
	t.Helper()
	answer := make(chan webtest.Page, 1)
	d.must(t, d.acme.Admin, func(tx *tenant.Tx) (err error) {
		desk := dunning.Desk{Box: d.Outbox}
		if batch, _, err = desk.Start(t.Context(), tx, dunning.Choice{IDs: entries}, dunning.Bulk{Kind: dunning.BulkPrint}); err != nil {
			return err
		}
		go func() { answer <- c.Post("/agenda/bulk", typed) }()
		d.Wait(t, `SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')`)
		return nil
	})
	return batch, <-answer
}
