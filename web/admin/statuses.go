package admin

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"

	"dunwell/internal/cases"
	"dunwell/internal/errs"
	"dunwell/internal/ledger"
	"dunwell/internal/member"
	"dunwell/internal/tenant"
	"dunwell/web"
	"dunwell/web/ui"
)

// statusPage is one item status with its form, or the form of a new one. The form has
// two tabs, each saved by itself.
type statusPage struct {
	Was       ledger.StatusSetup // as it is kept; the zero one is new
	Now       ledger.StatusSetup // as typed
	Tab       string             // empty, or action: the associated specific action
	Edit      bool
	Reasons   string // as typed, one a line
	Delay     string
	Members   []ui.Option
	Resolvers []ui.Option
	Concerns  []ledger.StatusEffect // the items that have it now
	Effect    string                // what saving would do; empty: nothing
	Conflict  string
	Errors    errs.Invalid
}

// actionTab is the tab with what happens with a case.
const actionTab = "action"

func statuses(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	list, err := ledger.StatusSetups(r.Context(), tx, true)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, statusesScreen(list, ledger.CanSetStatuses(tx.Actor)))
}

func showStatus(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadStatus(r, tx)
	if err != nil {
		return err
	}
	if p.Was.ID == 0 && !p.Edit {
		return errs.Forbidden("Only administrators add item statuses. Ask one of yours.")
	}
	return web.Render(w, r, http.StatusOK, statusScreen(p))
}

// loadStatus reads the status of the address, and whom a case of it may go to.
func loadStatus(r *http.Request, tx *tenant.Tx) (p statusPage, err error) {
	ctx := r.Context()
	p.Was = ledger.StatusSetup{Family: ledger.Disputed, Colour: "orange", DelayDays: 10, CaseRule: ledger.CaseNone}
	if chi.URLParam(r, "item_status") != "" {
		if p.Was, err = ledger.FindStatus(ctx, tx, web.ID(r, "item_status")); err != nil {
			return p, err
		}
		if p.Concerns, err = ledger.EffectOf(ctx, tx, p.Was.ID); err != nil {
			return p, err
		}
	}
	p.Now, p.Edit = p.Was, ledger.CanSetStatuses(tx.Actor)
	if p.Tab = r.FormValue("tab"); p.Tab != actionTab || p.Was.ID == 0 {
		p.Tab = ""
	}
	p.Reasons, p.Delay = strings.Join(p.Was.Reasons, "\n"), strconv.Itoa(p.Was.DelayDays)
	people, err := member.Choices(ctx, tx)
	if err != nil {
		return p, err
	}
	p.Members = []ui.Option{{Value: "", Label: "whoever changes the status"}}
	for _, m := range people {
		p.Members = append(p.Members, ui.Option{Value: strconv.FormatInt(m.ID, 10), Label: m.Name})
	}
	list, err := cases.Resolvers(ctx, tx, false)
	p.Resolvers = []ui.Option{{Value: "", Label: "nobody"}}
	for _, one := range list {
		p.Resolvers = append(p.Resolvers, ui.Option{Value: strconv.FormatInt(one.ID, 10), Label: one.Name})
	}
	return p, err
}

// read takes what was typed on the tab.
func (p *statusPage) read(r *http.Request) error {
	id := func(name string) int64 { n, _ := strconv.ParseInt(r.PostFormValue(name), 10, 64); return n }
	s := &p.Now
	s.Version = web.Version(r)
	if p.Tab == actionTab {
		s.CaseRule, s.CaseTitle, s.CaseOwnerID, s.CaseResolverID = r.PostFormValue("case_rule"), r.PostFormValue("case_title"), id("case_owner"), id("case_resolver")
		return nil
	}
	s.Name, s.Family, s.Colour, s.Position, s.Retired = r.PostFormValue("name"), r.PostFormValue("family"), r.PostFormValue("colour"), int(id("position")), r.PostFormValue("retired") == "on"
	p.Reasons, p.Delay = r.PostFormValue("reasons"), strings.TrimSpace(r.PostFormValue("delay_days"))
	s.Reasons = strings.Split(strings.ReplaceAll(p.Reasons, "\r\n", "\n"), "\n")
	var err error
	if s.DelayDays, err = strconv.Atoi(p.Delay); err != nil {
		s.DelayDays = -1
	}
	return nil
}

// saveStatus shows first what a change does to the items that have the status, and
// saves it once that was confirmed.
func saveStatus(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadStatus(r, tx)
	if err == nil {
		err = p.read(r)
	}
	if err != nil {
		return err
	}
	if p.Effect = p.Now.CaseEffect(p.Was); p.Tab != actionTab {
		p.Effect = p.Now.Effect(p.Was)
	}
	if p.shows() && r.PostFormValue("confirmed") != "on" {
		p.Errors = errs.Invalid{"confirmed": "Look at what this does, and confirm it."}
		return web.Render(w, r, http.StatusUnprocessableEntity, statusScreen(p))
	}
	_, err = ledger.SaveStatus(r.Context(), tx, p.Now)
	if err == nil {
		return web.SeeOther(w, r, "/admin/statuses", "The status "+p.Now.Name+" is saved.")
	}
	code, conflict := http.StatusUnprocessableEntity, errs.Conflict("")
	switch {
	case errors.As(err, &conflict):
		p.Conflict, code = string(conflict), http.StatusConflict
	case !errors.As(err, &p.Errors):
		return err
	}
	return web.Render(w, r, code, statusScreen(p))
}

// shows tells that saving does something that is looked at first.
func (p statusPage) shows() bool {
	return p.Effect != "" && (p.Tab == actionTab || len(p.Concerns) > 0)
}

func statusURL(id int64) string {
	if id == 0 {
		return "/admin/statuses"
	}
	return "/admin/statuses/" + strconv.FormatInt(id, 10)
}

// ruleName is what a rule does, as people read it.
func ruleName(rule string) string {
	switch rule {
	case ledger.CaseSuggest:
		return "Follow-up: suggest a case"
	case ledger.CaseCreate:
		return "Follow-up: open a case without asking"
	}
	return "None"
}

// choice is an id as the value of a choice; 0 is the empty one.
func choice(id int64) string {
	if id == 0 {
		return ""
	}
	return strconv.FormatInt(id, 10)
}
