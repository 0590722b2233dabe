package admin

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"

	"dunwell/internal/customer"
	"dunwell/internal/dunning"
	"dunwell/internal/errs"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
	"dunwell/web"
	"dunwell/web/ui"
)

// policyPage is one policy with its levels, and at most one form that is open in
// its place: of the terms, of a level, or of a new one.
type policyPage struct {
	Policy     dunning.Policy // the zero one is new
	Edit       bool
	Use        int           // how many customers have it
	Items      map[int64]int // open ones by the level at which they are
	Retired    []dunning.Level
	Currencies []money.Currency // in which there may be a minimum

	Open  string // "terms", "new", the id of a level; empty: none
	Terms ui.Draft
	Level levelForm
}

func newPolicy(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	if !dunning.CanSet(tx.Actor) {
		return errs.Forbidden("Only administrators add policies. Ask one of yours.")
	}
	p, err := loadPolicy(r, tx)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, policyScreen(p))
}

// showPolicy opens the form that the address asks for, for who may save it.
func showPolicy(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadPolicy(r, tx)
	if err != nil {
		return err
	}
	if err := p.open(r, tx, r.FormValue("open")); err != nil {
		return err
	}
	status := http.StatusOK
	if p.Level.Errors["customer"] != "" {
		status = http.StatusUnprocessableEntity
	}
	return web.Render(w, r, status, policyScreen(p))
}

// loadPolicy reads the policy of the address; without one the form of a new one.
func loadPolicy(r *http.Request, tx *tenant.Tx) (p policyPage, err error) {
	ctx := r.Context()
	p.Edit = dunning.CanSet(tx.Actor)
	if chi.URLParam(r, "policy") == "" {
		p.Policy.Terms = dunning.Terms{Climb: dunning.Step, MinGapDays: 7, AfterLast: dunning.AskManager}
		p.Open = "terms"
	} else if err := p.load(ctx, tx, web.ID(r, "policy")); err != nil {
		return p, err
	}
	b := tx.Batch()
	customer.QueueCurrencies(b, &p.Currencies)
	if err := b.Send(ctx); err != nil {
		return p, err
	}
	p.openTerms()
	return p, nil
}

func (p *policyPage) load(ctx context.Context, tx *tenant.Tx, id int64) (err error) {
	if p.Policy, err = dunning.FindPolicy(ctx, tx, id); err != nil {
		return err
	}
	use, err := dunning.PolicyUse(ctx, tx)
	if err != nil {
		return err
	}
	p.Use = use[id]
	if p.Items, err = dunning.ItemsAt(ctx, tx, id); err != nil {
		return err
	}
	if p.Retired, err = dunning.RetiredLevels(ctx, tx, id); err != nil {
		return err
	}
	return p.Level.choices(ctx, tx)
}

// open opens one form; an address that asks for none of this policy's opens none.
func (p *policyPage) open(r *http.Request, tx *tenant.Tx, what string) error {
	switch {
	case what == "terms" && p.Edit:
		p.Open = what
		return nil
	case what == "new" && p.Edit:
		p.Open = what
		p.Level.begin(dunning.Level{PolicyID: p.Policy.ID, LevelTerms: p.nextLevel()})
		return nil
	}
	for _, l := range p.Policy.Levels {
		if what == strconv.FormatInt(l.ID, 10) {
			p.Open = what
			p.Level.begin(l)
			return p.Level.fill(r, tx)
		}
	}
	return nil
}

// nextLevel proposes two weeks after the last one.
func (p *policyPage) nextLevel() dunning.LevelTerms {
	t := dunning.LevelTerms{AfterDays: 5, WaitDays: 7, PayWithinDays: 7, Mode: dunning.ModeManual}
	if n := len(p.Policy.Levels); n > 0 {
		t.AfterDays = p.Policy.Levels[n-1].AfterDays + 14
	}
	return t
}

// openTerms begins the form of the terms.
func (p *policyPage) openTerms() {
	t := p.Policy.Terms
	now := map[string]string{"name": t.Name, "climb": string(t.Climb), "min_gap_days": strconv.Itoa(t.MinGapDays),
		"after_last": string(t.AfterLast), "repeat_days": number(t.RepeatDays)}
	for _, m := range t.Minimums {
		p.addCurrency(m.Currency)
	}
	for _, c := range p.Currencies {
		now["min_"+string(c)] = minimum(t, c)
	}
	p.Terms.Choices = map[string][]ui.Option{"climb": climbOptions, "after_last": afterLastOptions}
	p.Terms.Open(p.Policy.Version, 0, now)
}

func (p *policyPage) addCurrency(c money.Currency) {
	for _, have := range p.Currencies {
		if have == c {
			return
		}
	}
	p.Currencies = append(p.Currencies, c)
}

// typed are the terms as typed. What is no amount stands among the errors.
func (p policyPage) typed() (dunning.Terms, error) {
	t := p.Terms.Typed
	terms := dunning.Terms{Name: t["name"], Climb: dunning.Climb(t["climb"]), MinGapDays: days(t["min_gap_days"]),
		AfterLast: dunning.AfterLast(t["after_last"]), RepeatDays: days(t["repeat_days"])}
	var inv errs.Invalid
	for _, c := range p.Currencies {
		typed := strings.TrimSpace(t["min_"+string(c)])
		if typed == "" {
			continue
		}
		a, err := money.ParseTyped(typed, c)
		inv.Check(err == nil, "min_"+string(c), fmt.Sprint(err))
		inv.Check(err != nil || a.Minor > 0, "min_"+string(c), "Give an amount above zero, or leave it empty.")
		terms.Minimums = append(terms.Minimums, a)
	}
	return terms, inv.Err()
}

// savePolicy adds the policy, or changes the one of the address.
func (s setup) savePolicy(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadPolicy(r, tx)
	if err != nil {
		return err
	}
	p.Open = "terms"
	web.ReadDraft(r, &p.Terms)
	terms, wrong := p.typed()
	id := p.Policy.ID
	change := func(tx *tenant.Tx) (err error) {
		switch {
		case wrong != nil:
			return wrong
		case p.Policy.ID == 0:
			id, err = dunning.AddPolicy(r.Context(), tx, terms)
			return err
		}
		return dunning.ChangePolicy(r.Context(), tx, p.Policy.ID, p.Terms.Version, terms)
	}
	saving := web.Saving{Flash: "The policy is saved. The next run goes by it.", Screen: func() templ.Component { return policyScreen(p) },
		Again: func() (err error) {
			if p, err = loadPolicy(r, tx); err != nil {
				return err
			}
			p.Open = "terms"
			rebase(r, &p.Terms)
			return nil
		}}
	if p.Policy.ID == 0 { // without levels and customers it changes nothing yet
		if err := change(tx); err != nil {
			return web.Saved(w, r, &p.Terms, err, saving)
		}
		return web.SeeOther(w, r, string(policyURL(id)), "The policy is there. Add its levels, or leave it without any for customers who are worked by hand.")
	}
	saving.To = string(policyURL(id))
	return s.settle(w, r, tx, &p.Terms, p.Policy.Name, change, saving)
}

// rebase brings what was typed to what stands there now, where somebody else was
// first.
func rebase(r *http.Request, d *ui.Draft) {
	version := d.Version
	web.ReadDraft(r, d)
	d.Settle()
	d.Version = version
}

func (s setup) makeDefault(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	return s.settlePolicy(w, r, tx, "Make it the default", "This is the default policy from now on.", dunning.MakeDefault)
}

func (s setup) retirePolicy(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	return s.settlePolicy(w, r, tx, "Retire the policy", "The policy is retired. Customers who had it have the one that the rules say.", dunning.RetirePolicy)
}

func (s setup) takeBackPolicy(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	return s.settlePolicy(w, r, tx, "Use the policy again", "The policy is in use again.", dunning.TakeBackPolicy)
}

func (s setup) settlePolicy(w http.ResponseWriter, r *http.Request, tx *tenant.Tx, title, said string, change func(context.Context, *tenant.Tx, int64) error) error {
	id := web.ID(r, "policy")
	return s.settleButton(w, r, tx, title, string(policyURL(id)), said, func(tx *tenant.Tx) error { return change(r.Context(), tx, id) })
}

// days reads a whole number; what is none becomes one that nothing takes.
func days(typed string) int {
	n, err := strconv.Atoi(strings.Replace(strings.TrimSpace(typed), "−", "-", 1))
	if err != nil {
		return -9999
	}
	return n
}

var climbOptions = []ui.Option{{Value: string(dunning.Step), Label: "one level at a time"}, {Value: string(dunning.Highest), Label: "at once to the highest"}}

var afterLastOptions = []ui.Option{{Value: string(dunning.AskManager), Label: "a manager decides"}, {Value: string(dunning.RepeatLast), Label: "the last level repeats"},
	{Value: string(dunning.OpenCase), Label: "a case is opened"}}

func optionLabel(options []ui.Option, value string) string {
	for _, o := range options {
		if o.Value == value {
			return o.Label
		}
	}
	return value
}

// afterLast says what follows the last level.
func afterLast(p dunning.Policy) string {
	if p.AfterLast == dunning.RepeatLast {
		return "it repeats every " + ui.Count(p.RepeatDays, "day", "days")
	}
	return optionLabel(afterLastOptions, string(p.AfterLast))
}

// minimums says below what nobody is reminded.
func minimums(t dunning.Terms) string {
	var list []string
	for _, m := range t.Minimums {
		list = append(list, m.String())
	}
	return cmp.Or(strings.Join(list, ", "), "none")
}

func policyURL(id int64) templ.SafeURL {
	return templ.SafeURL(fmt.Sprintf("/admin/dunning/policies/%d", id))
}
