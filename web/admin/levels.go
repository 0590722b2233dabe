package admin

import (
	"context"
	"fmt"
	"net/http"
	"strconv"

	"github.com/a-h/templ"

	"dunwell/internal/dunning"
	"dunwell/internal/tenant"
	"dunwell/web"
	"dunwell/web/ui"
)

func (s setup) addLevel(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadPolicy(r, tx)
	if err != nil {
		return err
	}
	if err := p.open(r, tx, "new"); err != nil {
		return err
	}
	return s.saveLevel(w, r, tx, &p, "The level is there. The next run finds whom it reaches.", nil, func(tx *tenant.Tx, t dunning.LevelTerms) error {
		_, err := dunning.AddLevel(r.Context(), tx, p.Policy.ID, t)
		return err
	})
}

func (s setup) changeLevel(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadLevel(r, tx)
	if err != nil {
		return err
	}
	again := func() (policyPage, error) { return loadLevel(r, tx) }
	return s.saveLevel(w, r, tx, &p, "The level is saved. What it does holds at once, whom it reaches from the next run on.", again, func(tx *tenant.Tx, t dunning.LevelTerms) error {
		return dunning.ChangeLevel(r.Context(), tx, p.Level.Shown.ID, p.Level.Version, t)
	})
}

// loadLevel reads the policy of the address's level, with the level's form open.
func loadLevel(r *http.Request, tx *tenant.Tx) (p policyPage, err error) {
	l, err := dunning.FindLevel(r.Context(), tx, web.ID(r, "level"))
	if err != nil {
		return p, err
	}
	p.Edit = dunning.CanSet(tx.Actor)
	if err := p.load(r.Context(), tx, l.PolicyID); err != nil {
		return p, err
	}
	p.openTerms()
	p.Open = strconv.FormatInt(l.ID, 10)
	p.Level.begin(l)
	return p, nil
}

// saveLevel shows what the level that was typed would do, and saves it then.
func (s setup) saveLevel(w http.ResponseWriter, r *http.Request, tx *tenant.Tx, p *policyPage, said string, again func() (policyPage, error), save func(*tenant.Tx, dunning.LevelTerms) error) error {
	web.ReadDraft(r, &p.Level.Draft)
	t, manual := p.Level.typed()
	title := p.Policy.Name + ": " + t.Name
	if place := p.Level.Shown.Renumbered(p.Policy.Levels, t.AfterDays); place != "" {
		title, said = title+". "+place, said+" "+place
	}
	saving := web.Saving{To: string(policyURL(p.Policy.ID)), Flash: said, Screen: func() templ.Component { return policyScreen(*p) }}
	if again != nil {
		saving.Again = func() (err error) {
			if *p, err = again(); err != nil {
				return err
			}
			rebase(r, &p.Level.Draft)
			return nil
		}
	}
	return s.settle(w, r, tx, &p.Level.Draft, title, func(tx *tenant.Tx) error { return beside(save(tx, t), manual) }, saving)
}

func (s setup) retireLevel(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	return s.settleLevel(w, r, tx, "Retire", "The level is retired. What was done at it stays.", dunning.RetireLevel)
}

func (s setup) takeBackLevel(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	return s.settleLevel(w, r, tx, "Use again", "The level is in use again.", dunning.TakeBackLevel)
}

func (s setup) settleLevel(w http.ResponseWriter, r *http.Request, tx *tenant.Tx, title, said string, change func(context.Context, *tenant.Tx, int64) error) error {
	l, err := dunning.FindLevel(r.Context(), tx, web.ID(r, "level"))
	if err != nil {
		return err
	}
	return s.settleButton(w, r, tx, title+": "+l.Name, string(policyURL(l.PolicyID)), said, func(tx *tenant.Tx) error { return change(r.Context(), tx, l.ID) })
}

var modeOptions = []ui.Option{{Value: string(dunning.ModeManual), Label: "by hand"}, {Value: string(dunning.ModeConfirm), Label: "after one click"},
	{Value: string(dunning.ModeAutomatic), Label: "by itself"}}

var firstOptions = []ui.Option{{Value: "email", Label: "the e-mail"}, {Value: "sms", Label: "the SMS"}, {Value: "letter", Label: "the letter"}, {Value: "call", Label: "the call"},
	{Value: "manual_1", Label: "the first manual action"}, {Value: "manual_2", Label: "the second manual action"}, {Value: "manual_3", Label: "the third manual action"}}

// id reads a number; 0 for what is none.
func id(typed string) int64 {
	n, _ := strconv.ParseInt(typed, 10, 64)
	return n
}

// lacks names the languages that a level's texts lack: "First reminder: Czech".
func (p policyPage) lacks(l dunning.Level) (list []string) {
	for _, a := range l.Actions {
		for _, t := range p.Level.Templates {
			if t.ID != a.TemplateID {
				continue
			}
			if m := missing(t); m != "" {
				list = append(list, t.Name+": "+m)
			}
		}
	}
	return list
}

// writes tells that something of the level is made of a template.
func writes(l dunning.Level) bool {
	for _, a := range l.Actions {
		if a.Writes() {
			return true
		}
	}
	return false
}

func actionIcon(k dunning.ActionKind) string {
	switch k {
	case dunning.ByLetter:
		return "file-text"
	case dunning.ByEmail:
		return "mail"
	case dunning.BySMS:
		return "message"
	case dunning.ByCall:
		return "phone"
	}
	return "user"
}

func levelURL(id int64) string { return fmt.Sprintf("/admin/dunning/levels/%d", id) }
