package cases

import (
	"errors"
	"net/http"
	"net/url"
	"slices"

	"dunwell/internal/cases"
	"dunwell/internal/customer"
	"dunwell/internal/errs"
	"dunwell/internal/ledger"
	"dunwell/internal/message"
	"dunwell/internal/statement"
	"dunwell/internal/tenant"
	"dunwell/web"
	"dunwell/web/ui"
)

// changePage is the change of status in three steps. All of what was typed travels
// along, so that going back and forth loses nothing.
type changePage struct {
	choices
	Customer  customer.Customer
	Owed      []cases.Owed
	Statuses  []ledger.StatusSetup
	Open      []cases.Listed // cases that items can join
	Levels    []cases.Level
	Points    []customer.ContactPoint
	Templates []message.Template // of e-mails that ask for no money
	Proposal  cases.Proposal
	Step      int
	Turned    bool // it was another page before: something typed travels along
	Typed     url.Values
	Preview   string // the e-mail as it would go out
	Ready     bool   // a mail server is there
	Conflict  string
	Errors    errs.Invalid
}

// fields of each step, besides the ticks and the amounts.
var stepFields = [...][]string{1: {"status", "reason", "on", "comment", "resolver"},
	2: {"mail", "point", "template", "text", "subject", "body", "letter_subject", "letter_body"},
	3: {"action", "title", "owner", "case", "complaint", "deadline_on", "level"}}

// steps are the pages.
var steps = [...]string{1: "Items and status", 2: "E-mail", 3: "What happens next"}

// Whom the e-mail of a change goes to.
const (
	toCustomer = "customer"
	toResolver = "resolver"
)

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
	if err := p.Customer.Asleep(); err != nil {
		return p, err
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
	if p.Proposal, err = cases.Propose(ctx, tx, p.status()); err != nil {
		return p, err
	}
	return p, p.mails(r, tx)
}

// mails reads whom of the customer's people an e-mail can go to, and what texts there
// are for it.
func (p *changePage) mails(r *http.Request, tx *tenant.Tx) error {
	care, err := customer.CareOf(r.Context(), tx, p.Customer.ID)
	if err != nil {
		return err
	}
	for _, c := range care.InUse() {
		if slices.Contains(c.Kind.Channels(), customer.Mail) {
			p.Points = append(p.Points, c)
		}
	}
	p.Templates, err = message.Templates(r.Context(), tx, customer.Mail)
	p.Templates = slices.DeleteFunc(p.Templates, func(t message.Template) bool { return t.Demands })
	return err
}

// apply goes to another step, or does all of it.
func (s screens) apply(w http.ResponseWriter, r *http.Request, tx *tenant.Tx) error {
	p, err := s.ask(r, tx)
	if err != nil {
		return err
	}
	if to := r.PostFormValue("go"); to != "" {
		return p.turn(w, r, tx, to, s.app.Outbox)
	}
	c, err := p.plan(s.app.Outbox)
	var done cases.Done
	if err == nil {
		done, err = cases.Apply(r.Context(), tx, c)
	}
	if err == nil {
		return p.answer(w, r, c, done)
	}
	return p.refuse(w, r, c, err)
}

// refuse shows the first page with something wrong.
func (p changePage) refuse(w http.ResponseWriter, r *http.Request, c cases.Change, err error) error {
	status := http.StatusUnprocessableEntity
	switch conflict := errs.Conflict(""); {
	case errors.As(err, &conflict):
		p.Conflict, status = string(conflict), http.StatusConflict
	case errors.As(err, &p.Errors):
		p.named(c)
		p.Step = p.wrongStep()
	default:
		return err
	}
	return web.Render(w, r, status, changeScreen(p))
}

// turn shows another page, or the e-mail filled in or as it goes out.
func (p changePage) turn(w http.ResponseWriter, r *http.Request, tx *tenant.Tx, to string, box *message.Outbox) (err error) {
	p.Turned = true
	switch to {
	case "fill":
		p.Step, err = 2, p.fill(r, tx)
	case "preview":
		p.Step, err = 2, p.preview(r, tx)
	default:
		next := min(max(int(web.Number(to)), 1), len(steps)-1)
		if next > p.Step {
			c, err := p.leave(r, tx, next, box)
			if err != nil {
				return p.refuse(w, r, c, err)
			}
		}
		p.Step = next
	}
	status := http.StatusOK
	if errors.As(err, &p.Errors) {
		status, err = http.StatusUnprocessableEntity, nil
	}
	if err != nil {
		return err
	}
	return web.Render(w, r, status, changeScreen(p))
}

// leave looks at the pages before the next one.
func (p changePage) leave(r *http.Request, tx *tenant.Tx, next int, box *message.Outbox) (cases.Change, error) {
	c, err := p.plan(box)
	if err = before(next, err); err == nil {
		err = before(next, cases.Check(r.Context(), tx, c))
	}
	return c, err
}

// fill puts the text of the chosen template into the fields.
func (p *changePage) fill(r *http.Request, tx *tenant.Tx) error {
	id := web.Number(p.Typed.Get("template"))
	if id == 0 {
		return errs.Invalid{"template": "Choose the template whose text is to be filled in."}
	}
	choice := message.Choice{CustomerID: p.Customer.ID, TemplateID: id, PointID: web.Number(p.value("point"))}
	for _, i := range p.ticked() {
		choice.Items = append(choice.Items, i.ID)
	}
	f, err := message.Fill(r.Context(), tx, choice)
	if err != nil {
		return err
	}
	p.Typed.Set("subject", f.Subject)
	p.Typed.Set("body", f.Body)
	p.Typed.Set("text", idValue(f.TextID))
	return nil
}

// preview makes the e-mail as it would go out.
func (p *changePage) preview(r *http.Request, tx *tenant.Tx) error {
	h, err := statement.HeadingOf(r.Context(), tx, p.Customer.ID, "")
	if err == nil {
		subject, body := p.value("subject"), p.value("body")
		if p.value("mail") == toResolver {
			subject, body = p.value("letter_subject"), p.value("letter_body")
		}
		p.Preview = subject + "\n\n" + message.Signed(h, body)
	}
	return err
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
	if (done.MessageID != 0 || done.LetterID != 0) && !p.Ready {
		flash += " The e-mail is held: no mail server is set up here yet."
	}
	if done.CaseID != 0 {
		return web.Linked(w, r, back, flash, "Open the case", casePath(done.CaseID))
	}
	return web.SeeOther(w, r, back, flash)
}
