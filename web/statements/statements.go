// Package statements has the statement of a customer: the screen on which it is
// chosen and seen, its files, and the logo that stands on it; and the runs that make
// the statements of many.
package statements

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"

	"dunwell/internal/day"
	"dunwell/internal/document"
	"dunwell/internal/errs"
	"dunwell/internal/statement"
	"dunwell/internal/statementrun"
	"dunwell/internal/tenant"
	"dunwell/web"
	"dunwell/web/ui"
)

// Routes are this area's.
func Routes(r chi.Router, app *web.App) {
	r.Get("/customers/{customer}/statement", app.In(show))
	r.Get("/customers/{customer}/statement.pdf", app.In(pdf(app.Blobs)))
	r.Get("/customers/{customer}/statement.xlsx", app.In(xlsx))
	r.Get("/letterhead/logo", app.In(logo(app.Blobs)))
	many := runs{&statementrun.Desk{Box: app.Outbox}}
	r.Get("/statements", app.In(listRuns))
	r.Get("/statements/new", app.In(newRun))
	r.Post("/statements", app.In(many.start))
	r.Get("/statements/{statement_run}", app.In(showRun))
	r.Get("/statements/{statement_run}/print.pdf", app.Stream(many.print))
}

// maxShown is how many rows the screen shows; the files have all.
const maxShown = 500

// page is the screen with what is chosen, as typed.
type page struct {
	statement.Statement
	AsOf, Language string
	Errors         errs.Invalid
}

// show shows the statement as it will look. A day that is none is said beside its
// field, and today's statement is shown.
func show(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p := page{AsOf: r.FormValue("as_of"), Language: r.FormValue("language")}
	status := http.StatusOK
	o, err := options(r.Form, tx.Today())
	if errors.As(err, &p.Errors) {
		status, err = http.StatusUnprocessableEntity, nil
	}
	if err != nil {
		return err
	}
	if p.Statement, err = read(r, tx, o, "page"); err != nil {
		return err
	}
	if p.AsOf == "" {
		p.AsOf = p.Statement.AsOf.String()
	}
	return web.Render(w, r, status, screen(p))
}

// options reads what is chosen. A language that is not known is the customer's.
func options(form url.Values, today day.Day) (o statement.Options, err error) {
	o = statement.Options{All: form.Get("show") == "all", Language: form.Get("language")}
	if account := form.Get("account"); account != "" {
		if o.AccountID, err = strconv.ParseInt(account, 10, 64); err != nil {
			return o, errs.NotFound
		}
	}
	if text := form.Get("as_of"); text != "" {
		if o.AsOf, err = day.Parse(text); err != nil {
			return o, errs.Invalid{"as_of": "Give a day such as " + today.String() + "."}
		}
	}
	return o, nil
}

// read reads the statement and puts on record who looked at it, and how.
func read(r *http.Request, tx *tenant.Tx, o statement.Options, as string) (statement.Statement, error) {
	s, err := statement.Of(r.Context(), tx, web.ID(r, "customer"), o)
	if err == nil {
		tx.Later(tenant.Event{Kind: "customer.statement", Subject: "customer", SubjectID: s.Customer.ID,
			Data: map[string]any{"as": as, "as_of": s.AsOf, "all": s.All, "account": s.Account.Number, "language": s.Heading.Language.Code}})
	}
	return s, err
}

func pdf(store document.Store) web.Handler {
	return func(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
		s, err := file(r, tx, "PDF")
		if err != nil {
			return err
		}
		if err := s.LoadLogo(r.Context(), tx, store); err != nil {
			return err
		}
		web.Attachment(w, "application/pdf", s.FileName(".pdf"))
		return s.PDF(w)
	}
}

func xlsx(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	s, err := file(r, tx, "XLSX")
	if err != nil {
		return err
	}
	web.Attachment(w, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", s.FileName(".xlsx"))
	return s.XLSX(w)
}

func file(r *http.Request, tx *tenant.Tx, as string) (statement.Statement, error) {
	o, err := options(r.Form, tx.Today())
	if err != nil {
		return statement.Statement{}, err
	}
	return read(r, tx, o, as)
}

// logo shows the company's logo, a picture that SetLogo made.
func logo(store document.Store) web.Handler {
	return func(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
		l, err := statement.LoadLetterhead(r.Context(), tx)
		if err != nil {
			return err
		}
		h := statement.Heading{Letterhead: l}
		if err := h.LoadLogo(r.Context(), tx, store); err != nil {
			return err
		}
		if len(h.Logo) == 0 {
			return errs.NotFound
		}
		w.Header().Set("Content-Type", "image/png")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		_, err = w.Write(h.Logo)
		return err
	}
}

// at is the address of the statement as it is shown, in a file where the ending
// says so.
func (p page) at(ending string) templ.SafeURL {
	q := url.Values{"as_of": {p.Statement.AsOf.String()}}
	if p.All {
		q.Set("show", "all")
	}
	if p.Account.ID != 0 {
		q.Set("account", fmt.Sprint(p.Account.ID))
	}
	if p.Language != "" {
		q.Set("language", p.Language)
	}
	return templ.URL(fmt.Sprintf("/customers/%d/statement%s?%s", p.Customer.ID, ending, q.Encode()))
}

var showOptions = []ui.Option{{Label: "What is open"}, {Value: "all", Label: "Settled ones and payments too"}}

func (p page) show() string {
	if p.All {
		return "all"
	}
	return ""
}

func (p page) accountOptions() []ui.Option {
	list := []ui.Option{{Label: "All accounts"}}
	for _, a := range p.Accounts {
		list = append(list, ui.Option{Value: fmt.Sprint(a.ID), Label: a.Number})
	}
	return list
}

func (p page) account() string {
	if p.Account.ID == 0 {
		return ""
	}
	return fmt.Sprint(p.Account.ID)
}

func languageOptions() []ui.Option {
	list := []ui.Option{{Label: "The customer's"}}
	for _, code := range slices.Sorted(maps.Keys(tenant.Languages)) {
		list = append(list, ui.Option{Value: code, Label: tenant.Languages[code]})
	}
	return list
}

// part is a section with as many of its rows as are shown.
type part struct {
	statement.Section
	hidden int
}

func (p page) parts() (list []part) {
	room := maxShown
	for _, s := range p.Sections {
		shown := min(len(s.Rows), room)
		room -= shown
		list = append(list, part{s, len(s.Rows) - shown})
		list[len(list)-1].Rows = s.Rows[:shown]
	}
	return list
}
