package agenda

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strconv"

	"dunwell/internal/contactrule"
	"dunwell/internal/customer"
	"dunwell/internal/day"
	"dunwell/internal/diary"
	"dunwell/internal/dunning"
	"dunwell/internal/errs"
	"dunwell/internal/followup"
	"dunwell/internal/message"
	"dunwell/internal/tenant"
	"dunwell/web/ui"
)

// work is an entry with what can be done about it, as a row of the list that is
// opened in place and as a page of its own.
type work struct {
	dunning.Entry
	dunning.Reminding
	Today    day.Day
	Level    dunning.Level // zero: none is reached
	Actions  []dunning.Action
	Offers   []offer
	NotYet   string // why it cannot be done yet; empty: it can
	Outcomes []dunning.Disposition
	Phones   []customer.ContactPoint // in use
	Quick    []followup.Quick
	Walk     diary.Step
	Back     string // where one comes back to after an action
	Leave    string // and where after Done, and after putting it away
	Page     bool   // it is the page, not a row of the list
	Mail     bool   // a mail server is set up
	HeldSMS  string // why SMS are held; empty: they leave at once
	Do       string // what was opened in the row: later, or all
	Errors   errs.Invalid
	Typed    url.Values   // what was sent and refused
	Next     dunning.Next // when the customer comes back after Done
}

// offer is something that can be done about an entry.
type offer struct {
	Kind  dunning.ActionKind
	Own   bool   // the level has it to be done
	Text  string // of what is done by hand: what
	Point *customer.ContactPoint
	May   *contactrule.Ruling
	// Bar is why it cannot be done, a sentence; empty: it can.
	Bar string
}

// readWork reads it. An entry that is closed offers nothing.
func readWork(ctx context.Context, tx *tenant.Tx, id int64) (p work, err error) {
	p.Today, p.Typed = tx.Today(), url.Values{}
	if p.Entry, err = dunning.FindEntry(ctx, tx, id); err != nil {
		return p, err
	}
	if p.Reminding, err = dunning.RemindingOf(ctx, tx, p.CustomerID); err != nil {
		return p, err
	}
	if p.Actions, err = dunning.Actions(ctx, tx, id); err != nil {
		return p, err
	}
	if err := p.readOffers(ctx, tx); err != nil || p.State != dunning.Open {
		return p, err
	}
	if err := p.readDone(ctx, tx); err != nil {
		return p, err
	}
	b := tx.Batch()
	diary.QueueAt(b, p.CustomerID, &p.Walk)
	if err := b.Send(ctx); err != nil {
		return p, err
	}
	p.Quick, err = dunning.LaterDates(ctx, tx)
	return p, err
}

// part is the id of what shows the entry: its row of the list, or the page's bench.
func (p work) part() string {
	if p.Page {
		return "bench"
	}
	return "entry-" + strconv.FormatInt(p.ID, 10) + "-open"
}

// acted tells that something was done, so that Done is what comes next.
func (p work) acted() bool {
	return slices.ContainsFunc(p.Actions, func(a dunning.Action) bool { return a.Counts || a.Pending() })
}

// made is the message of that kind that was written in this cycle and did not fail;
// 0: none. There is one a cycle.
func (p work) made(kind dunning.ActionKind) int64 {
	for _, a := range p.Actions {
		if a.Kind == kind && (a.Counts || a.Pending() || a.MessageState == message.Held) {
			return a.MessageID
		}
	}
	return 0
}

// readDone finds whether Done can be said, and what it asks for.
func (p *work) readDone(ctx context.Context, tx *tenant.Tx) (err error) {
	if err := dunning.Completable(p.Entry, p.Actions); err != nil {
		p.NotYet = sentence(err)
		return nil
	}
	if !dunning.CanComplete(tx.Actor, p.Entry) {
		p.NotYet = "The last level was sent, so a manager decides what comes next."
		return nil
	}
	p.Next, err = dunning.NextOf(ctx, tx, p.Entry, p.Actions, false)
	return err
}

// readOffers puts first what the level has to be done, then all else.
func (p *work) readOffers(ctx context.Context, tx *tenant.Tx) error {
	levels, err := dunning.Levels(ctx, tx, p.PolicyID)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(levels, func(l dunning.Level) bool { return l.ID == p.LevelID })
	if at >= 0 {
		p.Level = levels[at]
	}
	if p.State != dunning.Open {
		return nil
	}
	care, err := customer.CareOf(ctx, tx, p.CustomerID)
	if err != nil {
		return err
	}
	p.Phones = slices.DeleteFunc(care.InUse(), func(c customer.ContactPoint) bool { return c.Kind != customer.Phone })
	if p.Outcomes, err = dunning.Dispositions(ctx, tx); err != nil {
		return err
	}
	may, err := contactrule.Of(ctx, tx, p.CustomerID)
	if err != nil {
		return err
	}
	for _, a := range p.Level.Actions {
		p.Offers = append(p.Offers, newOffer(a.Kind, true, a.Text, care, may))
	}
	for _, kind := range dunning.ActionKinds {
		if !slices.ContainsFunc(p.Level.Actions, func(a dunning.LevelAction) bool { return a.Kind == kind }) {
			p.Offers = append(p.Offers, newOffer(kind, false, "", care, may))
		}
	}
	return nil
}

func newOffer(kind dunning.ActionKind, own bool, text string, care customer.Care, may contactrule.Rulings) offer {
	o := offer{Kind: kind, Own: own, Text: text}
	o.Point, o.May = kind.Ruling(care, may)
	switch {
	case o.Point == nil && kind == dunning.BySMS:
		o.Bar = "No telephone number is on file."
	case o.Point == nil && kind == dunning.ByEmail:
		o.Bar = "No e-mail address is on file."
	case o.May != nil && o.May.Verdict != contactrule.Allowed && kind != dunning.ByCall: // a call was made already
		o.Bar = o.May.Reason + "."
	}
	return o
}

// sentence is what an error says to people.
func sentence(err error) string {
	var conflict errs.Conflict
	var invalid errs.Invalid
	var forbidden errs.Forbidden
	switch {
	case errors.As(err, &conflict):
		return string(conflict)
	case errors.As(err, &invalid):
		return invalid.Error()
	case errors.As(err, &forbidden):
		return string(forbidden)
	}
	return err.Error()
}

// typed is what was sent for a field, else what is proposed.
func (p work) typed(name, proposed string) string {
	if p.Typed.Has(name) {
		return p.Typed.Get(name)
	}
	return proposed
}

// proposed is the day that stands in the form where nobody chose another: the first
// of those that are offered.
func proposed(offered []followup.Quick) string {
	if len(offered) == 0 {
		return ""
	}
	return offered[0].On.String()
}

// label is what is written on the button of an action.
func label(kind dunning.ActionKind) string {
	switch kind {
	case dunning.ByLetter:
		return "Print letter"
	case dunning.ByEmail:
		return "Send e-mail"
	case dunning.BySMS:
		return "Send SMS"
	case dunning.ByCall:
		return "Log call"
	}
	return "Done by hand"
}

func icon(kind dunning.ActionKind) string {
	switch kind {
	case dunning.ByLetter:
		return "printer"
	case dunning.ByEmail:
		return "mail"
	case dunning.BySMS:
		return "message"
	case dunning.ByCall:
		return "phone"
	}
	return "list-check"
}

// dispositions are the outcomes of a call to choose from.
func (p work) dispositions() []ui.Option {
	options := []ui.Option{{Label: "Choose…"}}
	for _, d := range p.Outcomes {
		options = append(options, ui.Option{Value: strconv.FormatInt(d.ID, 10), Label: d.Name})
	}
	return options
}

// phones are whom a call may have been with.
func (p work) phones() []ui.Option {
	var options []ui.Option
	for _, c := range p.Phones {
		name := c.Shown()
		if c.Person != "" {
			name = c.Person + ", " + name
		}
		options = append(options, ui.Option{Value: strconv.FormatInt(c.ID, 10), Label: name})
	}
	return append(options, ui.Option{Value: "0", Label: "Another number"})
}

// callPoint is the number that was most likely called.
func (p work) callPoint(o offer) string {
	if o.Point == nil {
		return "0"
	}
	return strconv.FormatInt(o.Point.ID, 10)
}
