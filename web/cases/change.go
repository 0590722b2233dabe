package cases

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"dunwell/internal/cases"
	"dunwell/internal/customer"
	"dunwell/internal/errs"
	"dunwell/internal/ledger"
	"dunwell/internal/message"
	"dunwell/internal/money"
	"dunwell/internal/statement"
	"dunwell/internal/tenant"
	"dunwell/web"
	"dunwell/web/ui"
)

// changePage is the change of status in three steps. All of what was typed travels
// along, so that going back and forth loses nothing.
type changePage struct {
	choices
	Customer customer.Customer
	Owed     []cases.Owed
	Statuses []ledger.StatusSetup
	Open     []cases.Listed // cases that items can join
	Levels   []cases.Level
	Points   []customer.ContactPoint
	Proposal cases.Proposal
	Step     int
	Typed    url.Values
	Preview  string // the e-mail as it would go out
	Ready    bool   // a mail server is there
	Conflict string
	Errors   errs.Invalid
}

// fields of each step, besides the ticks and the amounts.
var stepFields = [...][]string{1: {"status", "reason", "on", "comment", "resolver"}, 2: {"mail", "point", "subject", "body"},
	3: {"action", "title", "owner", "case", "complaint", "deadline_on", "level"}}

// steps are the pages.
var steps = [...]string{1: "Items and status", 2: "E-mail", 3: "What happens next"}

func (s screens) change(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := s.ask(r, tx)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, changeScreen(p))
}

// ask reads what was typed and what there is to choose from.
func (s screens) ask(r *http.Request, tx *tenant.Tx) (p changePage, err error) {
	ctx, id := r.Context(), web.ID(r, "customer")
	if p.Customer, err = customer.Find(ctx, tx, id); err != nil {
		return p, err
	}
	if p.Customer.ArchivedAt != nil {
		return p, customer.Archived
	}
	p.Typed, p.Ready = url.Values{}, s.app.Outbox.Ready()
	for name, values := range r.Form {
		if name != "form_id" && name != "go" {
			p.Typed[name] = values
		}
	}
	p.Step = min(max(int(web.Number(r.FormValue("step"))), 1), len(steps)-1)
	if p.choices, err = readChoices(r, tx); err != nil {
		return p, err
	}
	if p.Owed, err = cases.OwedBy(ctx, tx, id); err != nil {
		return p, err
	}
	if p.Statuses, err = ledger.StatusSetups(ctx, tx, false); err != nil {
		return p, err
	}
	if p.Open, err = cases.List(ctx, tx, cases.Filter{CustomerID: id, Limit: 100}); err != nil {
		return p, err
	}
	if p.Levels, err = cases.Levels(ctx, tx, id); err != nil {
		return p, err
	}
	care, err := customer.CareOf(ctx, tx, id)
	if err != nil {
		return p, err
	}
	for _, c := range care.InUse() {
		if slices.Contains(c.Kind.Channels(), customer.Mail) {
			p.Points = append(p.Points, c)
		}
	}
	p.Proposal, err = cases.Propose(ctx, tx, p.status())
	return p, err
}

// status is the one that is chosen; its zero: none.
func (p changePage) status() ledger.StatusSetup {
	for _, s := range p.Statuses {
		if s.ID == web.Number(p.Typed.Get("status")) {
			return s
		}
	}
	return ledger.StatusSetup{}
}

// value is what was typed, or where nothing was what the status proposes.
func (p changePage) value(name string) string {
	if p.Typed.Has(name) && (p.Typed.Get(name) != "" || name != "on" && name != "title" && name != "owner" && name != "action") {
		return p.Typed.Get(name)
	}
	o := p.Proposal.Case
	switch name {
	case "action":
		if p.Proposal.Action == cases.NoAction {
			return "none"
		}
		return string(p.Proposal.Action)
	case "title":
		return o.Title
	case "owner":
		return strconv.FormatInt(o.OwnerID, 10)
	case "on":
		return o.NextOn.String()
	case "resolver":
		if o.ResolverID != 0 {
			return strconv.FormatInt(o.ResolverID, 10)
		}
	case "subject":
		return "About " + listOf(p.ticked(), func(i cases.Owed) string { return i.Number })
	}
	return ""
}

func listOf[T any](list []T, name func(T) string) string {
	var parts []string
	for _, one := range list[:min(len(list), 5)] {
		parts = append(parts, name(one))
	}
	return strings.Join(parts, ", ")
}

// isTicked tells that an item is chosen.
func (p changePage) isTicked(i cases.Owed) bool {
	return slices.Contains(p.Typed["item"], strconv.FormatInt(i.ID, 10))
}

func (p changePage) ticked() (list []cases.Owed) {
	for _, i := range p.Owed {
		if p.isTicked(i) {
			list = append(list, i)
		}
	}
	return list
}

// shownVersion is the version that the item was ticked with.
func (p changePage) shownVersion(i cases.Owed) int {
	if v := p.Typed.Get(fmt.Sprintf("version_%d", i.ID)); v != "" {
		return int(web.Number(v))
	}
	return i.Version
}

// hidden are the names and values of the other steps.
func (p changePage) hidden() (list [][2]string) {
	for n := 1; n < len(stepFields); n++ {
		for _, name := range stepFields[n] {
			if n != p.Step && p.Typed.Has(name) {
				list = append(list, [2]string{name, p.Typed.Get(name)})
			}
		}
	}
	if p.Step == 1 {
		return list
	}
	for _, i := range p.ticked() {
		asked := fmt.Sprintf("asked_%d", i.ID)
		list = append(list, [2]string{"item", strconv.FormatInt(i.ID, 10)}, [2]string{asked, p.Typed.Get(asked)},
			[2]string{fmt.Sprintf("version_%d", i.ID), strconv.Itoa(p.shownVersion(i))})
	}
	return list
}

// apply goes to another step, or does all of it.
func (s screens) apply(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := s.ask(r, tx)
	if err != nil {
		return err
	}
	if to := int(web.Number(r.PostFormValue("go"))); to >= 1 && to < len(steps) {
		p.Step = to
		if p.Typed.Get("mail") == "on" {
			if err := p.preview(r, tx); err != nil {
				return err
			}
		}
		return web.Render(w, r, http.StatusOK, changeScreen(p))
	}
	c, err := p.plan(s.app.Outbox)
	var done cases.Done
	if err == nil {
		done, err = cases.Apply(r.Context(), tx, c)
	}
	if err == nil {
		return p.answer(w, r, c, done)
	}
	var conflict errs.Conflict
	status := http.StatusUnprocessableEntity
	switch {
	case errors.As(err, &conflict):
		p.Conflict, status = string(conflict), http.StatusConflict
	case errors.As(err, &p.Errors):
		p.Step = p.wrongStep()
	default:
		return err
	}
	return web.Render(w, r, status, changeScreen(p))
}

// answer says what was done, and leads to it.
func (p changePage) answer(w http.ResponseWriter, r *http.Request, c cases.Change, done cases.Done) error {
	back := web.Local(r.FormValue("back"), customerPath(p.Customer.ID)+"/items")
	flash := ui.Count(len(c.Items), "item is", "items are") + " changed."
	switch {
	case done.ByRule:
		flash = "The status makes a case of its own, which is open now. " + flash
	case done.Opened:
		flash = "The case is open. " + flash
	}
	if done.CaseID != 0 {
		return web.Linked(w, r, back, flash, "Open the case", casePath(done.CaseID))
	}
	return web.SeeOther(w, r, back, flash)
}

// plan makes the change of what was typed.
func (p changePage) plan(box *message.Outbox) (c cases.Change, err error) {
	var inv errs.Invalid
	c = cases.Change{CustomerID: p.Customer.ID, StatusID: web.Number(p.Typed.Get("status")), Reason: p.Typed.Get("reason"), Comment: p.Typed.Get("comment")}
	action := p.value("action")
	if action != "none" {
		c.Action = cases.Action(action)
	}
	c.On = typedDay(&inv, p.Typed.Get("on"), "on")
	into := c.Action == cases.NewCase || c.Action == cases.AddTo
	if c.Action == cases.NewCase && c.On.IsZero() && inv["on"] == "" {
		c.On = p.Proposal.Case.NextOn
	}
	c.ResolverID = web.Number(p.Typed.Get("resolver"))
	if into {
		c.ResolverID = web.Number(p.value("resolver"))
	}
	c.CaseID = web.Number(p.Typed.Get("case"))
	c.Case = cases.Opening{Title: p.value("title"), OwnerID: web.Number(p.value("owner")), Complaint: p.Typed.Get("complaint") == "on"}
	if c.Case.Complaint {
		c.Case.DeadlineOn = typedDay(&inv, p.Typed.Get("deadline_on"), "deadline_on")
	}
	if level := p.Typed.Get("level"); level != "" {
		c.Restart = cases.Restart{Chosen: true, LevelID: web.Number(level)}
	}
	for _, i := range p.ticked() {
		name := fmt.Sprintf("asked_%d", i.ID)
		c.Items = append(c.Items, cases.Ticked{ID: i.ID, Version: p.shownVersion(i), Asked: typedAmount(&inv, strings.TrimSpace(p.Typed.Get(name)), i.Currency, name)})
	}
	if p.Typed.Get("mail") == "on" {
		c.Message = &cases.Message{Box: box, New: message.New{Channel: customer.Mail, PointID: web.Number(p.Typed.Get("point")), Subject: p.value("subject"), Body: p.Typed.Get("body")}}
	}
	return c, inv.Err()
}

// preview makes the e-mail as it would go out.
func (p *changePage) preview(r *http.Request, tx *tenant.Tx) error {
	h, err := statement.HeadingOf(r.Context(), tx, p.Customer.ID, "")
	if err == nil {
		p.Preview = message.Signed(h, p.Typed.Get("body"))
	}
	return err
}

// wrongStep is the first page with something wrong.
func (p changePage) wrongStep() int {
	for n := 1; n < len(stepFields); n++ {
		for _, field := range stepFields[n] {
			if p.Errors[field] != "" {
				return n
			}
		}
	}
	return 1
}

// said is the message beside an item.
func (p changePage) said(i cases.Owed) string { return p.Errors[fmt.Sprintf("asked_%d", i.ID)] }

func owedText(i cases.Owed) string { return money.New(i.Open, i.Currency).String() }
