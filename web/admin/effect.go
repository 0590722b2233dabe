package admin

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"dunwell/internal/dunning"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
	"dunwell/web"
	"dunwell/web/ui"
)

// effectPage says what a change of set-up would do, and asks whether to save it.
type effectPage struct {
	Title  string
	Effect dunning.Effect
	Off    bool       // dunning is switched off
	Path   string     // where the form was sent
	Typed  url.Values // what it held
	Back   string     // the page to go back to, where nothing was typed
}

// shiftsShown is how many customers are named.
const shiftsShown = 10

// setup has the screens that change how the company duns: each says first what that
// does.
type setup struct{ desk *dunning.Desk }

// proposed shows what the change would do. It tells false where the person has
// seen that and confirms, and where the change is refused.
func (s setup) proposed(w http.ResponseWriter, r *http.Request, tx *tenant.Tx, title, back string, change func(*tenant.Tx) error) (bool, error) {
	if r.PostFormValue("confirmed") != "" {
		return false, nil
	}
	e, err := s.desk.EffectOf(r.Context(), tx, tx.Today().Add(1), change)
	if err != nil {
		return false, err
	}
	now, err := dunning.SwitchOf(r.Context(), tx)
	if err != nil {
		return false, err
	}
	p := effectPage{Title: title, Effect: e, Off: !now.On, Path: r.URL.Path, Typed: url.Values{}, Back: back}
	for name, values := range r.PostForm {
		if name != "form_id" {
			p.Typed[name] = values
		}
	}
	return true, web.Render(w, r, http.StatusOK, effectScreen(p))
}

// settle answers the saving of a form of set-up: first with what it would do, then
// by saving it. Whoever goes back finds what was typed.
func (s setup) settle(w http.ResponseWriter, r *http.Request, tx *tenant.Tx, d *ui.Draft, title string, change func(*tenant.Tx) error, saving web.Saving) error {
	if r.FormValue("back") != "" {
		return web.Render(w, r, http.StatusOK, saving.Screen())
	}
	shown, err := s.proposed(w, r, tx, title, "", change)
	if shown {
		return err
	}
	if err == nil {
		saving.Flash, err = s.change(r, tx, saving.Flash, change)
	}
	return web.Saved(w, r, d, err, saving)
}

// change makes the change, and adds to what is said of it what leaves by itself now.
func (s setup) change(r *http.Request, tx *tenant.Tx, said string, change func(*tenant.Tx) error) (string, error) {
	g, err := s.desk.Changed(r.Context(), tx, change)
	return strings.Join(append([]string{said}, atOnce(g)...), " "), err
}

// settleButton is settle for a button, by which nothing is typed.
func (s setup) settleButton(w http.ResponseWriter, r *http.Request, tx *tenant.Tx, title, to, said string, change func(*tenant.Tx) error) error {
	shown, err := s.proposed(w, r, tx, title, to, change)
	if shown || err != nil {
		return err
	}
	if said, err = s.change(r, tx, said, change); err != nil {
		return err
	}
	return web.SeeOther(w, r, to, said)
}

// becomes says what becomes of the number of customers.
func becomes(e dunning.Effect) string {
	if e.Before == e.After {
		return "stays at " + ui.Count(e.After, "customer", "customers")
	}
	return fmt.Sprintf("goes from %s to %s", ui.Number(e.Before), ui.Count(e.After, "customer", "customers"))
}

// more writes by how much a sum changes, with its sign: "EUR +18,400.00".
func more(s dunning.SumChange) string {
	a := s.More()
	if a.Minor > 0 {
		return string(a.Currency) + " +" + a.Grouped()
	}
	return a.String()
}

// placeOf says how a customer is to be reminded.
func placeOf(p dunning.Place) string {
	if !p.In {
		return "not reminded"
	}
	text := "a manager is asked"
	if p.Level > 0 {
		text = fmt.Sprintf("%s (level %d)", p.Name, p.Level)
	}
	for _, a := range p.Sums {
		text += ", " + a.String()
	}
	return text
}

// moved tells who gets which policy: "12 customers: from Standard to By hand".
func moved(m dunning.Move) string {
	from, to := m.From, m.To
	if from == "" {
		from = "no policy"
	}
	if to == "" {
		to = "no policy"
	}
	return fmt.Sprintf("%s: from %s to %s", ui.Count(m.Customers, "customer", "customers"), from, to)
}

// minimum is a policy's minimum in a currency, as typed; empty where it has none.
func minimum(t dunning.Terms, c money.Currency) string {
	for _, m := range t.Minimums {
		if m.Currency == c {
			return m.Plain()
		}
	}
	return ""
}
