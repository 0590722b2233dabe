package cases

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"dunwell/internal/cases"
	"dunwell/internal/errs"
	"dunwell/internal/ledger"
	"dunwell/internal/tenant"
	"dunwell/web"
	"dunwell/web/ui"
)

// closurePage asks where each item of a case goes that is to be closed.
type closurePage struct {
	casePage
	Ways []ui.Option // what an item can do; the first one is nothing
}

func closure(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadClosure(r, tx)
	if err != nil {
		return err
	}
	if !p.Open() {
		return errs.Conflict("This case is closed already. It can be read.")
	}
	return web.Render(w, r, http.StatusOK, closureScreen(p))
}

func loadClosure(r *http.Request, tx *tenant.Tx) (p closurePage, err error) {
	if p.casePage, err = load(r, tx); err != nil {
		return p, err
	}
	levels, err := cases.Levels(r.Context(), tx, p.CustomerID)
	if err != nil {
		return p, err
	}
	statuses, err := ledger.StatusSetups(r.Context(), tx, false)
	p.Ways = []ui.Option{{Value: "", Label: "choose…"}, {Value: "dunning", Label: "back to dunning, at the level it had"},
		{Value: "dunning 0", Label: "back to dunning, from the beginning"}}
	for _, l := range levels {
		p.Ways = append(p.Ways, ui.Option{Value: fmt.Sprintf("dunning %d", l.ID), Label: "back to dunning, at level " + l.Name})
	}
	for _, s := range statuses {
		label := "status " + s.Name
		if s.Family == ledger.Disputed || s.Family == ledger.Litigation {
			label += " (not chased)"
		}
		if s.Family != ledger.Promised {
			p.Ways = append(p.Ways, ui.Option{Value: fmt.Sprintf("status %d", s.ID), Label: label})
		}
	}
	return p, err
}

// way reads where an item goes.
func way(typed string) (d cases.Destination) {
	kind, id, chosen := strings.Cut(typed, " ")
	switch kind {
	case "dunning":
		d.ToDunning, d.Restart = true, cases.Restart{Chosen: chosen, LevelID: level(id)}
	case "status":
		d.StatusID = web.Number(id)
	}
	return d
}

// level reads at which level an item goes on, 0 being from the beginning. What is none is
// one that no policy has.
func level(typed string) int64 {
	if id := web.Number(typed); id != 0 || typed == "0" {
		return id
	}
	return -1
}

func closeCase(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadClosure(r, tx)
	if err != nil {
		return err
	}
	c := cases.Closing{Version: web.Version(r), Confirmed: r.PostFormValue("confirmed") == "on", Note: r.PostFormValue("note"), Go: map[int64]cases.Destination{}}
	p.Typed["note"], p.Typed["confirmed"] = c.Note, r.PostFormValue("confirmed")
	for name := range r.PostForm {
		id, is := strings.CutPrefix(name, "go_")
		if typed := r.PostFormValue(name); is && typed != "" {
			p.Typed[name], c.Go[web.Number(id)] = typed, way(typed)
		}
	}
	if err = cases.Close(r.Context(), tx, p.ID, c); err == nil {
		return web.SeeOther(w, r, casePath(p.ID), "The case is closed.")
	}
	status, ok := p.refused(err)
	if !ok {
		return err
	}
	return web.Render(w, r, status, closureScreen(p))
}

// wayField names the field of an item.
func wayField(i cases.Item) string { return "go_" + strconv.FormatInt(i.ID, 10) }

// others are the messages that no field of the page shows.
func (p closurePage) others() (list []string) {
	known := []string{"note", "confirmed"}
	for _, i := range p.inside() {
		known = append(known, wayField(i))
	}
	for field, text := range p.Errors {
		if !slices.Contains(known, field) {
			list = append(list, text)
		}
	}
	slices.Sort(list)
	return list
}
