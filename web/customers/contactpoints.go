package customers

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"

	"dunwell/internal/contactrule"
	"dunwell/internal/customer"
	"dunwell/internal/day"
	"dunwell/internal/ledger"
	"dunwell/internal/tenant"
	"dunwell/web"
	"dunwell/web/ui"
)

// pointPage is one contact point, or the form of a new one.
type pointPage struct {
	Customer customer.Customer
	Point    customer.ContactPoint // as it stands; zero: a new one
	Today    day.Day
	May      contactrule.Rulings
	Wish     wishForm
	Works    worksForm
	ui.Draft
	Said saidForm // of the channel that something was recorded of
}

// loadPoint reads what the page needs; a new point where the address names none.
func loadPoint(r *http.Request, tx *tenant.Tx) (p pointPage, err error) {
	ctx := r.Context()
	p.Today = tx.Today()
	if p.Customer, err = customer.Find(ctx, tx, web.ID(r, "customer")); err != nil {
		return p, err
	}
	accounts, err := ledger.AccountsOf(ctx, tx, p.Customer.ID)
	if err != nil {
		return p, err
	}
	head, err := customer.JournalHead(ctx, tx, p.Customer.ID)
	if err != nil {
		return p, err
	}
	p.Point = customer.ContactPoint{Kind: customer.Phone, Role: customer.Debtor}
	if chi.URLParam(r, "contact_point") != "" {
		if p.Point, err = customer.FindPoint(ctx, tx, p.Customer.ID, web.ID(r, "contact_point")); err != nil {
			return p, err
		}
		if p.May, err = contactrule.Of(ctx, tx, p.Customer.ID); err != nil {
			return p, err
		}
		p.Wish = newWish(tx, p.Point.Kind)
	}
	c := p.Point
	p.Open(c.Version, head, map[string]string{"kind": string(c.Kind), "value": c.Shown(), "person": c.Person, "title": c.Title,
		"role": string(c.Role), "account": idValue(c.AccountID), "preferred": onValue(c.Preferred)})
	p.Choices = map[string][]ui.Option{"role": roleOptions(), "account": accountOptions(accounts, "All accounts"),
		"preferred": {{Value: "on", Label: "yes"}, {Label: "no"}}}
	p.Gone = c.Retired || p.Customer.ArchivedAt != nil
	return p, nil
}

// point is the domain's, as typed.
func (p *pointPage) point() customer.Point {
	t := p.Typed
	return customer.Point{Kind: customer.PointKind(t["kind"]), Value: t["value"], Person: t["person"], Title: t["title"], Role: customer.Role(t["role"]),
		AccountID: choice(t["account"]), Preferred: t["preferred"] == "on"}
}

// choice reads the id of a choice: 0 for none, and an id that nothing has for
// what is no id.
func choice(typed string) int64 {
	if typed == "" {
		return 0
	}
	id, err := strconv.ParseInt(typed, 10, 64)
	if err != nil {
		return -1
	}
	return id
}

// idValue is an id as a form holds it, empty for none.
func idValue(id *int64) string {
	if id == nil {
		return ""
	}
	return strconv.FormatInt(*id, 10)
}

// typedDay reads a day; what is none is the zero day, which the domain refuses. Where
// the domain takes that for none, web.TypedDay reads it.
func typedDay(s string) day.Day {
	d, _ := day.Parse(s)
	return d
}

func showPoint(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadPoint(r, tx)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, pointScreen(p))
}

func addPoint(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadPoint(r, tx)
	if err != nil {
		return err
	}
	web.ReadDraft(r, &p.Draft)
	_, err = customer.AddPoint(r.Context(), tx, p.Customer.ID, p.point())
	return web.Saved(w, r, &p.Draft, err, web.Saving{To: back(p.Customer), Flash: "The contact point is there.", Screen: p.screen,
		Again: late(r, &p.Draft, err, func() (err error) { p, err = loadPoint(r, tx); return err })})
}

// late brings what was typed for something new to the page as load reads it anew, where
// the customer is not worked any more.
func late(r *http.Request, d *ui.Draft, conflict error, load func() error) func() error {
	return func() error {
		err := load()
		if err == nil {
			web.Rebased(r, d, conflict)
		}
		return err
	}
}

func editPoint(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadPoint(r, tx)
	if err != nil {
		return err
	}
	web.ReadDraft(r, &p.Draft)
	err = customer.EditPoint(r.Context(), tx, p.Customer.ID, p.Point.ID, p.Version, p.point())
	return web.Saved(w, r, &p.Draft, err, web.Saving{To: back(p.Customer), Flash: "The contact point is changed.", Screen: p.screen, Again: func() (err error) {
		if p, err = loadPoint(r, tx); err != nil {
			return err
		}
		return web.Rebase(r, tx, &p.Draft, p.Customer.ID, p.Point.ID, "contact_point")
	}})
}

func (p *pointPage) screen() templ.Component { return pointScreen(*p) }

func retirePoint(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	id := web.ID(r, "customer")
	if err := customer.RetirePoint(r.Context(), tx, id, web.ID(r, "contact_point"), web.Version(r)); err != nil {
		return err
	}
	return web.SeeOther(w, r, string(customerURL(id, "/account")), "The contact point is no longer in use. What was said through it stays.")
}

func accountOptions(accounts []ledger.Account, none string) []ui.Option {
	options := []ui.Option{{Label: none}}
	for _, a := range accounts {
		options = append(options, ui.Option{Value: strconv.FormatInt(a.ID, 10), Label: accountName(a)})
	}
	return options
}

func roleOptions() (options []ui.Option) {
	for _, role := range customer.Roles {
		options = append(options, ui.Option{Value: string(role), Label: role.Name()})
	}
	return options
}

// back leads to the tab that the forms of the customer are opened from.
func back(c customer.Customer) string { return fmt.Sprintf("/customers/%d/account", c.ID) }
