package cases

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"dunwell/internal/cases"
	"dunwell/internal/customer"
	"dunwell/internal/document"
	"dunwell/internal/errs"
	"dunwell/internal/ledger"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
	"dunwell/web"
	"dunwell/web/ui"
)

// casePage is one case, with its form as typed.
type casePage struct {
	cases.Case
	choices
	Of        customer.Customer
	Items     []cases.Item
	Figures   []cases.Figure
	Lines     []cases.Line
	Clock     cases.Clock
	Links     []cases.Link
	Mails     []cases.Mail
	Documents []document.Document
	Free      ledger.Status // that a removed item gets where its own would hold it back
	Typed     map[string]string
	Removed   map[int64]bool
	Conflict  string // why it was not saved
	NewLink   string // to be handed over, shown once
	Errors    errs.Invalid
}

func show(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := load(r, tx)
	if err != nil {
		return err
	}
	tx.Later(tenant.Event{Kind: "customer.opened", Subject: "customer", SubjectID: p.CustomerID, Data: map[string]string{"tab": "case"}})
	return web.Render(w, r, http.StatusOK, caseScreen(p))
}

// load reads the case of the address with all that stands around it.
func load(r *http.Request, tx *tenant.Tx) (p casePage, err error) {
	ctx := r.Context()
	if p.Case, err = cases.Find(ctx, tx, web.ID(r, "case")); err != nil {
		return p, err
	}
	if p.Of, err = customer.Find(ctx, tx, p.CustomerID); err != nil {
		return p, err
	}
	if p.choices, err = readChoices(r, tx); err != nil {
		return p, err
	}
	p.Members, p.Resolvers = keep(p.Members, p.OwnerID, p.Owner), keep(p.Resolvers, p.ResolverID, p.Resolver)
	if p.Items, err = cases.ItemsOf(ctx, tx, p.ID); err != nil {
		return p, err
	}
	p.Figures = cases.Figures(p.Items, tx.Actor.Tenant.Currency)
	if p.Lines, err = cases.History(ctx, tx, p.ID); err != nil {
		return p, err
	}
	p.Clock = cases.ClockOf(p.Case, p.Lines, tx)
	if p.Links, err = cases.LinksOf(ctx, tx, p.ID); err != nil {
		return p, err
	}
	if p.Mails, err = cases.Mails(ctx, tx, p.ID); err != nil {
		return p, err
	}
	if p.Documents, err = cases.Documents(ctx, tx, p.Case); err != nil {
		return p, err
	}
	p.fill()
	return p, p.freed(ctx, tx)
}

// freed reads which status removed items get. A company without one is told when it
// comes to that.
func (p *casePage) freed(ctx context.Context, tx *tenant.Tx) (err error) {
	p.Free, err = cases.Freed(ctx, tx)
	if errors.As(err, new(errs.Conflict)) {
		return nil
	}
	return err
}

// fill puts what is kept into the form.
func (p *casePage) fill() {
	p.Removed = map[int64]bool{}
	p.Typed = map[string]string{"title": p.Title, "status": string(p.Status), "owner": strconv.FormatInt(p.OwnerID, 10), "on": p.NextOn.String(), "resolver": ""}
	if p.ResolverID != 0 {
		p.Typed["resolver"] = strconv.FormatInt(p.ResolverID, 10)
	}
	if p.Complaint {
		p.Typed["complaint"], p.Typed["deadline_on"] = "on", p.DeadlineOn.String()
	}
	for _, i := range p.Items {
		if i.In() && i.Asked > 0 {
			p.Typed[fmt.Sprintf("asked_%d", i.ID)] = money.New(i.Asked, i.Currency).Plain()
		}
	}
}

// read takes what was typed, and makes the edit of it.
func (p *casePage) read(r *http.Request) (e cases.Edit, err error) {
	for _, name := range []string{"title", "status", "owner", "resolver", "on", "complaint", "deadline_on", "comment", "shown"} {
		p.Typed[name] = strings.TrimSpace(r.PostFormValue(name))
	}
	var inv errs.Invalid
	e = cases.Edit{Version: web.Version(r), Title: p.Typed["title"], Status: cases.Status(p.Typed["status"]), OwnerID: web.Number(p.Typed["owner"]), ResolverID: web.Number(p.Typed["resolver"]),
		Complaint: p.Typed["complaint"] == "on", Comment: p.Typed["comment"], Shown: p.Typed["shown"] == "on", Asked: map[int64]int64{}, Credits: map[int64]cases.Credit{}}
	e.NextOn = web.TypedDay(&inv, "on", p.Typed["on"])
	e.DeadlineOn = web.TypedDay(&inv, "deadline_on", p.Typed["deadline_on"])
	for _, i := range p.Items {
		name := fmt.Sprintf("asked_%d", i.ID)
		if !i.In() || !r.PostForm.Has(name) {
			continue
		}
		p.Typed[name] = strings.TrimSpace(r.PostFormValue(name))
		e.Asked[i.ID] = typedAmount(&inv, p.Typed[name], i.Currency, name)
		said := fmt.Sprintf("credited_%d", i.ID)
		p.Typed[said] = r.PostFormValue(said)
		if answer, minor, _ := strings.Cut(p.Typed[said], "-"); answer == settles || answer == another {
			e.Credits[i.ID] = cases.Credit{Minor: web.Number(minor), Settles: answer == settles}
		}
	}
	for _, v := range r.PostForm["remove"] {
		id := web.Number(v)
		p.Removed[id], e.Remove = true, append(e.Remove, id)
	}
	return e, inv.Err()
}

// What is said of a credit note, with the amount behind it as it was shown.
const (
	settles = "settles"
	another = "another"
)

// typedAmount reads an amount; an empty one is 0.
func typedAmount(inv *errs.Invalid, typed string, c money.Currency, field string) int64 {
	if typed == "" {
		return 0
	}
	a, err := money.ParseTyped(typed, c)
	if err != nil {
		inv.Check(false, field, err.Error())
		return 0
	}
	inv.Check(a.Minor > 0, field, "Give an amount above zero, or leave it empty for the whole item.")
	return a.Minor
}

// save brings the case to the form. Refused, or overtaken by somebody else, the form
// comes back with what was typed.
func save(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := load(r, tx)
	if err != nil {
		return err
	}
	e, err := p.read(r)
	changed := false
	if err == nil {
		changed, err = cases.Save(r.Context(), tx, p.ID, e)
	}
	switch {
	case err == nil && changed:
		return web.SeeOther(w, r, casePath(p.ID), "The case is saved.")
	case err == nil:
		return web.SeeOther(w, r, casePath(p.ID), "Nothing was changed.")
	}
	status, ok := p.refused(err)
	if !ok {
		return err
	}
	return web.Render(w, r, status, caseScreen(p))
}

// refused tells what was not taken, and why.
func (p *casePage) refused(err error) (status int, ok bool) {
	var conflict errs.Conflict
	if errors.As(err, &conflict) {
		p.Conflict = string(conflict)
		return http.StatusConflict, true
	}
	return http.StatusUnprocessableEntity, errors.As(err, &p.Errors)
}

// upload attaches files.
func (s screens) upload(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := load(r, tx)
	if err != nil {
		return err
	}
	files, done, err := web.Files(r)
	if err != nil {
		return err
	}
	defer done()
	if _, err = cases.Upload(r.Context(), tx, s.app.Blobs, p.ID, files); err == nil {
		return web.SeeOther(w, r, casePath(p.ID), ui.Count(len(files), "file is", "files are")+" attached.")
	}
	status, ok := p.refused(err)
	if !ok {
		return err
	}
	return web.Render(w, r, status, caseScreen(p))
}

// makeLink makes the resolver's link and shows it once.
func (s screens) makeLink(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := load(r, tx)
	if err != nil {
		return err
	}
	token, err := cases.MakeLink(r.Context(), tx, p.ID, int(web.Number(r.PostFormValue("days"))))
	if err != nil {
		status, ok := p.refused(err)
		if !ok {
			return err
		}
		return web.Render(w, r, status, caseScreen(p))
	}
	if p, err = load(r, tx); err != nil {
		return err
	}
	p.NewLink = strings.TrimSuffix(s.app.Outbox.URL, "/") + "/resolve/" + token
	return web.Render(w, r, http.StatusOK, caseScreen(p))
}

func revokeLinks(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	id := web.ID(r, "case")
	if err := cases.RevokeLinks(r.Context(), tx, id); err != nil {
		return err
	}
	return web.SeeOther(w, r, casePath(id), "The link works no more.")
}

// clock says how long the case has been open, and with whom.
func (p casePage) clock() string {
	text := ui.Count(p.Clock.Days, "day", "days") + " open"
	if !p.Open() {
		text = "open for " + ui.Count(p.Clock.Days, "day", "days")
	}
	for _, s := range []cases.Status{cases.WithResolver, cases.WithCustomer} {
		if n := p.Clock.With[s]; n > 0 {
			text += fmt.Sprintf(", %d %s", n, map[cases.Status]string{cases.WithResolver: "with the resolver", cases.WithCustomer: "with the customer"}[s])
		}
	}
	return text
}

// inside are the items that are in it.
func (p casePage) inside() (list []cases.Item) {
	for _, i := range p.Items {
		if i.In() {
			list = append(list, i)
		}
	}
	return list
}

// left are the items that left it.
func (p casePage) left() (list []cases.Item) {
	for _, i := range p.Items {
		if !i.In() {
			list = append(list, i)
		}
	}
	return list
}

func statusOptions() (list []ui.Option) {
	for _, s := range cases.Statuses {
		list = append(list, ui.Option{Value: string(s), Label: s.Name()})
	}
	return list
}

// whyLeft is why an item is no longer in it.
func whyLeft(i cases.Item) string {
	switch i.LeftWhy {
	case "paid":
		return "paid"
	case "resolved":
		return "resolved, back in dunning"
	case "removed":
		return "removed by " + i.LeftBy + ", back in dunning"
	}
	return "when the case was closed by " + i.LeftBy
}
