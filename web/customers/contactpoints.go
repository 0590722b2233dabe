package customers

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/go-chi/chi/v5"

	"dunwell/internal/customer"
	"dunwell/internal/day"
	"dunwell/internal/errs"
	"dunwell/internal/ledger"
	"dunwell/internal/tenant"
	"dunwell/web"
	"dunwell/web/ui"
)

// pointPage is one contact point, or the form of a new one.
type pointPage struct {
	Customer customer.Customer
	Point    customer.ContactPoint // as it stands; zero: a new one
	Accounts []ledger.Account
	Today    day.Day

	Kind, Value, Person, Title, Role, Account, Preferred string // as typed
	Errors                                               errs.Invalid
	Said                                                 saidForm
}

// saidForm is what somebody said of a channel, as typed.
type saidForm struct {
	Channel                                    customer.Channel
	State, GivenOn, Source, ReviewOn, Evidence string
	Errors                                     errs.Invalid
}

// loadPoint reads what the page needs; a new point where the address names none.
func loadPoint(r *http.Request, tx *tenant.Tx) (p pointPage, err error) {
	p.Today = tx.Today()
	if p.Customer, err = customer.Find(r.Context(), tx, web.ID(r, "customer")); err != nil {
		return p, err
	}
	if p.Accounts, err = ledger.AccountsOf(r.Context(), tx, p.Customer.ID); err != nil {
		return p, err
	}
	p.Kind, p.Role = string(customer.Phone), string(customer.Debtor)
	if id := chi.URLParam(r, "contact_point"); id != "" {
		if p.Point, err = customer.FindPoint(r.Context(), tx, p.Customer.ID, web.ID(r, "contact_point")); err != nil {
			return p, err
		}
		c := p.Point
		p.Kind, p.Value, p.Person, p.Title, p.Role, p.Preferred = string(c.Kind), c.Shown(), c.Person, c.Title, string(c.Role), onValue(c.Preferred)
		if c.AccountID != nil {
			p.Account = strconv.FormatInt(*c.AccountID, 10)
		}
	}
	return p, nil
}

// typed reads the form and makes the domain's point of it.
func (p *pointPage) typed(r *http.Request) customer.Point {
	if p.Point.ID == 0 {
		p.Kind = r.PostFormValue("kind")
	}
	p.Value, p.Person, p.Title, p.Role = r.PostFormValue("value"), r.PostFormValue("person"), r.PostFormValue("title"), r.PostFormValue("role")
	p.Account, p.Preferred = r.PostFormValue("account"), r.PostFormValue("preferred")
	return customer.Point{Kind: customer.PointKind(p.Kind), Value: p.Value, Person: p.Person, Title: p.Title, Role: customer.Role(p.Role),
		AccountID: choice(p.Account), Preferred: p.Preferred == "on"}
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

// typedDay reads a day; what is none is the zero day, which the domain refuses.
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
	return savePoint(w, r, tx, "The contact point is there.", func(ctx context.Context, p pointPage, typed customer.Point) error {
		_, err := customer.AddPoint(ctx, tx, p.Customer.ID, typed)
		return err
	})
}

func editPoint(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	return savePoint(w, r, tx, "The contact point is changed.", func(ctx context.Context, p pointPage, typed customer.Point) error {
		return customer.EditPoint(ctx, tx, p.Customer.ID, p.Point.ID, version(r), typed)
	})
}

func savePoint(w http.ResponseWriter, r *http.Request, tx *tenant.Tx, flash string, save func(context.Context, pointPage, customer.Point) error) error {
	p, err := loadPoint(r, tx)
	if err != nil {
		return err
	}
	err = save(r.Context(), p, p.typed(r))
	if errors.As(err, &p.Errors) {
		return web.Render(w, r, http.StatusUnprocessableEntity, pointScreen(p))
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, string(customerURL(p.Customer.ID, "/account")), flash)
}

func retirePoint(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	id := web.ID(r, "customer")
	if err := customer.RetirePoint(r.Context(), tx, id, web.ID(r, "contact_point"), version(r)); err != nil {
		return err
	}
	return web.SeeOther(w, r, string(customerURL(id, "/account")), "The contact point is no longer in use. What was said through it stays.")
}

func permit(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := loadPoint(r, tx)
	if err != nil {
		return err
	}
	f := saidForm{Channel: customer.Channel(r.PostFormValue("channel")), State: r.PostFormValue("state"), GivenOn: r.PostFormValue("given_on"),
		Source: r.PostFormValue("source"), ReviewOn: r.PostFormValue("review_on"), Evidence: r.PostFormValue("evidence")}
	err = customer.Permit(r.Context(), tx, p.Customer.ID, p.Point.ID, customer.Permission{Channel: f.Channel, State: customer.State(f.State),
		GivenOn: typedDay(f.GivenOn), Source: f.Source, ReviewOn: typedDay(f.ReviewOn), Evidence: f.Evidence})
	if errors.As(err, &f.Errors) {
		p.Said = f
		return web.Render(w, r, http.StatusUnprocessableEntity, pointScreen(p))
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, string(pointURL(p.Customer.ID, p.Point.ID)), "What was said is on record.")
}

// said is the form of a channel: as typed where it was refused, else empty.
func (p pointPage) said(ch customer.Channel) saidForm {
	if p.Said.Channel == ch {
		return p.Said
	}
	return saidForm{Channel: ch, GivenOn: p.Today.String()}
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

func stateOptions(next []customer.State) []ui.Option {
	names := map[customer.State]string{customer.Consent: "consents", customer.Withdrawn: "withdraws the consent",
		customer.OptOut: "wants none of it (opt-out)", customer.Lifted: "takes the opt-out back"}
	options := []ui.Option{{Label: "Choose…"}}
	for _, s := range next {
		options = append(options, ui.Option{Value: string(s), Label: names[s]})
	}
	return options
}

// back leads to the tab that the forms of the customer are opened from.
func back(c customer.Customer) string { return fmt.Sprintf("/customers/%d/account", c.ID) }
