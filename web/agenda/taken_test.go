package agenda_test

import (
	"fmt"
	"net/http"
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
	var first int64
	answer := make(chan webtest.Page, 1)
	d.must(t, d.acme.Admin, func(tx *tenant.Tx) (err error) {
		desk := dunning.Desk{Box: d.Outbox}
		if first, err = desk.Start(t.Context(), tx, dunning.Choice{IDs: chosen}, dunning.Bulk{Kind: dunning.BulkPrint}); err != nil {
			return err
		}
		go func() {
			answer <- m.Post("/agenda/bulk", form("do", "print", "entry", fmt.Sprint(chosen[0], chosen[1]), "back", "/agenda?whose=team"))
		}()
		d.Wait(t, `SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')`)
		return nil
	})
	page := <-answer
	page.Has(t, http.StatusConflict, "Somebody else has just started this with all of them.", fmt.Sprintf(`href="/agenda/batches/%d">See how far it is`, first),
		"Left out", "It waits in another batch.", `href="/agenda?whose=team"`)
	page.Lacks(t, "Print letters</button>", "data-rest", "Included")
	m.Get(fmt.Sprintf("/agenda/batches/%d", first)).Has(t, http.StatusOK, "0 of 2 done")
	// a moment later it is the list that says so
	page = m.Post("/agenda/bulk", form("do", "print", "entry", fmt.Sprint(chosen[0], chosen[1])))
	page.Has(t, http.StatusUnprocessableEntity, "The list says why of each.", "It waits in another batch.")
}
