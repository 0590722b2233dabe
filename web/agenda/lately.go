package agenda

import (
	"fmt"
	"net/http"
	"strings"

	"dunwell/internal/dunning"
	"dunwell/internal/tenant"
	"dunwell/web"
	"dunwell/web/ui"
)

const latelyPath = "/agenda/batches"

func batchPath(id int64) string { return fmt.Sprintf("%s/%d", latelyPath, id) }

// lately lists what was done with many at once.
func lately(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	list, err := dunning.Lately(r.Context(), tx)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, latelyScreen(list))
}

// didToday says what automatic levels did today: "57 written to, 21 left out".
func didToday(t dunning.ByThemselves) string {
	parts := []string{ui.Number(t.Written) + " written to"}
	if t.Unsent > 0 {
		parts = append(parts, ui.Number(t.Unsent)+" did not arrive")
	}
	if t.Unknown > 0 {
		parts = append(parts, "of "+ui.Number(t.Unknown)+" nobody knows whether it was sent")
	}
	if t.Said > 0 {
		parts = append(parts, ui.Number(t.Said)+" said to be done")
	}
	if t.Left > 0 {
		parts = append(parts, ui.Number(t.Left)+" left out")
	}
	if t.Waiting > 0 {
		parts = append(parts, ui.Number(t.Waiting)+" to come")
	}
	return strings.Join(parts, ", ")
}

// leadsTo is the batch that did it, or the list where there are several.
func leadsTo(t dunning.ByThemselves) string {
	if t.Batches == 1 {
		return batchPath(t.Last)
	}
	return latelyPath
}
