package cases

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"dunwell/internal/day"
	"dunwell/internal/errs"
	"dunwell/internal/ledger"
	"dunwell/internal/message"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// Action is what happens to items next, besides their status.
type Action string

// The actions.
const (
	NoAction Action = ""        // their status alone
	ToDunn   Action = "dunning" // they go on in dunning
	NewCase  Action = "case"    // a follow-up case of their own
	AddTo    Action = "add"     // a case that is open already
)

// Change is a change of status of some items of a customer, with what follows. Its
// zero value changes nothing but needs a comment.
type Change struct {
	CustomerID int64
	Items      []Ticked
	StatusID   int64  // 0: they keep the ones they have
	Reason     string // one of the status's list; may be empty
	Comment    string
	On         day.Day // when somebody looks again; zero: nobody is reminded
	ResolverID int64   // 0: nobody but the owner is needed
	Action     Action
	CaseID     int64    // of AddTo
	Case       Opening  // of NewCase: its title, owner and deadline; the rest is taken from here
	Restart    Restart  // where they go on in dunning, of ToDunn and of a resolved dispute
	Message    *Message // an e-mail to the customer that goes out with it; nil: none
	Letter     *Letter  // an e-mail to the resolver of the case; nil: none
}

// Message is an e-mail to the customer that goes out with a change, and from the
// outbox that sends it.
type Message struct {
	message.New
	Box *message.Outbox
}

// Done is what came of a change.
type Done struct {
	CaseID    int64 // that the items are in now; 0: none
	Opened    bool  // by this change
	ByRule    bool  // because the status says so, and nobody asked for it
	MessageID int64 // 0: none
	LetterID  int64 // to the resolver; 0: none
}

// Apply does all of it, or nothing: statuses, amounts in question, the case, where
// dunning goes on, the e-mail and the journal. A status that makes a case does so
// although none was asked for.
func Apply(ctx context.Context, tx *tenant.Tx, c Change) (d Done, err error) {
	if err := hold(ctx, tx, c.CustomerID); err != nil {
		return d, err
	}
	items, err := ticked(ctx, tx, c.CustomerID, c.Items)
	if err != nil {
		return d, err
	}
	w := work{Change: c, items: items}
	if err := w.prepare(ctx, tx); err != nil {
		return d, err
	}
	d.ByRule = w.byRule
	for _, step := range []func(context.Context, *tenant.Tx, *Done) error{w.status, w.carry, w.say, w.send} {
		if err := step(ctx, tx, &d); err != nil {
			return Done{}, err
		}
	}
	tx.Touch(c.CustomerID)
	return d, nil
}

// Check looks at a change before it is known what happens next. It writes nothing, and
// leaves to Apply what depends on the action.
func Check(ctx context.Context, tx *tenant.Tx, c Change) error {
	items, err := ticked(ctx, tx, c.CustomerID, c.Items)
	if err != nil {
		return err
	}
	w := work{Change: c, items: items}
	if w.to, err = c.chosenStatus(ctx, tx); err != nil {
		return err
	}
	var inv errs.Invalid
	w.checkWhat(&inv, tx.Today())
	if c.Message != nil {
		var unsent errs.Invalid
		errors.As(c.Message.Check(), &unsent)
		for field, text := range unsent {
			inv.Check(false, field, text)
		}
	}
	return inv.Err()
}

// work is a change with what it was found to be about.
type work struct {
	Change
	items  []chosen
	to     ledger.StatusSetup // the new status; its zero: none
	byRule bool
}

// prepare reads the status, fills in what its rule says, and refuses what does not
// fit together.
func (w *work) prepare(ctx context.Context, tx *tenant.Tx) (err error) {
	if w.to, err = w.chosenStatus(ctx, tx); err != nil {
		return err
	}
	if err := w.rule(ctx, tx); err != nil {
		return err
	}
	var inv errs.Invalid
	w.checkWhat(&inv, tx.Today())
	inv.Check(!w.idle(), "status", "The item has the status "+w.to.Name+" already.")
	inv.Check(w.StatusID != 0 || w.Action != NoAction || w.Comment != "" || w.Message != nil, "status", "Choose a status, an action, or write a comment: nothing would change.")
	w.checkAction(&inv)
	return inv.Err()
}

// chosenStatus reads the new status; its zero: they keep theirs.
func (c Change) chosenStatus(ctx context.Context, tx *tenant.Tx) (s ledger.StatusSetup, err error) {
	if c.StatusID == 0 {
		return s, nil
	}
	s, err = ledger.FindStatus(ctx, tx, c.StatusID)
	if errors.Is(err, errs.NotFound) || err == nil && s.Retired {
		return s, errs.Invalid{"status": "Choose a status from the list."}
	}
	return s, err
}

// checkWhat looks at the items, the status and why: what does not depend on what
// happens next.
func (w *work) checkWhat(inv *errs.Invalid, today day.Day) {
	inv.Check(len(w.items) > 0, "items", "Tick the items that this is about.")
	check(inv, w.items)
	checkText(inv, &w.Comment, "comment")
	inv.Check(w.Reason == "" || slices.Contains(w.to.Reasons, w.Reason), "reason", "Choose a reason from the list.")
	inv.Check(w.StatusID == 0 || w.why() != "", "comment", "Say why the status changes: choose a reason, or write a comment.")
	if !w.On.IsZero() {
		checkDay(inv, w.On, today, "on", "")
	}
}

// idle tells that nothing but a status was asked for, and the items have it already.
func (w *work) idle() bool {
	return w.StatusID != 0 && w.Action == NoAction && w.Message == nil && len(w.items) > 0 &&
		!slices.ContainsFunc(w.items, func(i chosen) bool { return i.StatusID != w.StatusID || i.Asked != 0 })
}

// rule makes a case of items whose new status always has one.
func (w *work) rule(ctx context.Context, tx *tenant.Tx) error {
	loose := slices.ContainsFunc(w.items, func(i chosen) bool { return i.CaseID == 0 })
	if w.Action != NoAction || w.to.CaseRule != ledger.CaseCreate || !loose || w.to.Family == ledger.DisputeResolved {
		return nil
	}
	p, err := Propose(ctx, tx, w.to)
	if err != nil {
		return err
	}
	w.Action, w.byRule = NewCase, true
	w.Case = p.Case
	if w.ResolverID == 0 {
		w.ResolverID = p.Case.ResolverID
	}
	if w.On.IsZero() {
		w.On = p.Case.NextOn
	}
	w.Case.Complaint = w.Change.Case.Complaint
	w.Case.DeadlineOn = w.Change.Case.DeadlineOn
	return nil
}

func (w *work) checkAction(inv *errs.Invalid) {
	inv.Check(slices.Contains([]Action{NoAction, ToDunn, NewCase, AddTo}, w.Action), "action", "Choose what happens next.")
	into := w.Action == NewCase || w.Action == AddTo
	family := func(i chosen) string {
		if w.StatusID != 0 {
			return w.to.Family
		}
		return i.Family
	}
	for _, i := range w.items {
		inv.Check(i.Asked == 0 || into || i.CaseID != 0, fmt.Sprintf("asked_%d", i.ItemID),
			"An amount in question is kept by a case. Choose a follow-up case as the action, or leave the amount out.")
		inv.Check(!into || family(i) != ledger.DisputeResolved, "action", "A resolved dispute goes back to dunning, and into no case. Choose another status, or another action.")
		inv.Check(w.Action != ToDunn || family(i) != ledger.Disputed && family(i) != ledger.Litigation, "action",
			fmt.Sprintf("Item %s would be held back by its status. Choose one with it that is not disputed, such as one of a resolved dispute.", i.Number))
	}
	inv.Check(w.ResolverID == 0 || into, "resolver", "A colleague answers a case. Choose a follow-up case as the action, or leave this empty.")
	inv.Check(w.Action != AddTo || w.CaseID != 0, "case", "Choose the case that they join.")
	inv.Check(w.Action != NewCase || !w.On.IsZero(), "on", "Give the day on which somebody looks at the case again.")
	inv.Check(w.Letter == nil || into, "mail", "A colleague is written to from a case. Choose a follow-up case as the action, or send nothing.")
	inv.Check(w.Letter == nil || w.Action != NewCase || w.ResolverID != 0, "mail", "Nobody is named who settles it. Choose a resolution manager first, or send nothing.")
}

// why is the reason that the change is recorded with.
func (w *work) why() string {
	text := strings.TrimSpace(strings.TrimSuffix(w.Reason, ".") + ". " + w.Comment)
	if w.Reason == "" {
		text = w.Comment
	}
	return note.Cut(text, 500, "…")
}
