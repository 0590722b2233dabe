package dunning

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"dunwell/internal/contactrule"
	"dunwell/internal/errs"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// Call is a call about an entry, as somebody logs it.
type Call struct {
	DispositionID int64
	PointID       int64  // 0: a number that is not on file
	Number        string // where PointID is 0
	Incoming      bool
	Text          string // what was said; may be empty
	// Override is why a manager called although hours or frequency barred it.
	Override string
}

// MaxText is how many characters what was said or done holds.
const MaxText = 2000

// LogCall records a call about an entry: it counts for the contact rules, is held to
// them, and is an action of the entry.
func LogCall(ctx context.Context, tx *tenant.Tx, entry int64, c Call) error {
	e, err := hold(ctx, tx, entry)
	if err != nil {
		return err
	}
	var inv errs.Invalid
	inv.Check(c.PointID == 0 || strings.TrimSpace(c.Number) == "", "number", "Choose “Another number” under Who, or empty this: the call was to one of the two.")
	if err := inv.Err(); err != nil {
		return err
	}
	outcome, err := CheckOutcome(ctx, tx, c.DispositionID, &c.Text)
	if err != nil {
		return err
	}
	outcome.CheckCall(&inv, c.Incoming, c.Text)
	if err := inv.Err(); err != nil {
		return err
	}
	m, err := matterOf(ctx, tx, e)
	if err != nil {
		return err
	}
	_, err = contactrule.Record(ctx, tx, contactrule.Attempt{CustomerID: e.CustomerID, PointID: c.PointID, Number: c.Number, Incoming: c.Incoming,
		AccountIDs: m.accounts(), Override: c.Override}, outcome.Of(c.Text))
	if err != nil {
		return err
	}
	what := "Call"
	if c.Incoming {
		what = "Incoming call"
	}
	if err := e.journal(ctx, tx, "call", what+e.at()+". "+outcome.Words(c.Text)); err != nil {
		return err
	}
	return Adopt(ctx, tx, e.CustomerID)
}

// CheckCall refuses a call that came to a dispute without a word of it, and one that came
// in and met nobody.
func (d Disposition) CheckCall(inv *errs.Invalid, incoming bool, text string) {
	inv.Check(!incoming || !d.Nobody, "disposition", "They called, so somebody was there. Choose another outcome.")
	inv.Check(text != "" || d.Opens != OpensDispute, "text", "Say what is disputed, and why.")
}

// CheckOutcome checks what was written down of a conversation and reads its
// disposition, which has to be in use.
func CheckOutcome(ctx context.Context, tx *tenant.Tx, disposition int64, text *string) (Disposition, error) {
	var inv errs.Invalid
	checkText(&inv, text, MaxText-100)
	d, err := FindDisposition(ctx, tx, disposition)
	if err != nil && !errors.Is(err, errs.NotFound) {
		return d, err
	}
	inv.Check(err == nil && !d.Retired, "disposition", "Choose what came of it.")
	return d, inv.Err()
}

// Of is what is kept of a call that came to this outcome.
func (d Disposition) Of(text string) contactrule.Outcome {
	return contactrule.Outcome{Conversation: d.Conversation, Data: map[string]any{"disposition": d.ID, "name": d.Name, "right_party": d.RightParty,
		"delay_days": max(d.DelayDays, 1), "text": text}}
}

// Words are the outcome with what was said: "Left message: with her assistant".
func (d Disposition) Words(text string) string {
	if text == "" {
		return d.Name
	}
	return d.Name + ": " + text
}

// checkText brings a text into form and refuses what must not be kept.
func checkText(inv *errs.Invalid, text *string, most int) {
	*text = strings.TrimSpace(strings.ReplaceAll(*text, "\r\n", "\n"))
	n := utf8.RuneCountInString(*text)
	inv.Check(n <= most, "text", fmt.Sprintf("This has %d characters and there is room for %d. Shorten it.", n, most))
	inv.Check(!note.HasCard(*text), "text", note.NoCard)
}

// Act records a manual action: what was done, or, where that is empty, what the
// level says is to be done.
func Act(ctx context.Context, tx *tenant.Tx, entry int64, text string) error {
	e, err := hold(ctx, tx, entry)
	if err != nil {
		return err
	}
	m, err := matterOf(ctx, tx, e)
	if err != nil {
		return err
	}
	var inv errs.Invalid
	checkText(&inv, &text, MaxText)
	text = cmp.Or(text, m.toDo())
	inv.Check(text != "", "text", "Say what was done.")
	if err := inv.Err(); err != nil {
		return err
	}
	if err := e.journal(ctx, tx, "agenda", "Manual action"+e.at()+": "+text); err != nil {
		return err
	}
	return deed{kind: ByHand, text: text}.keep(ctx, tx, m)
}

// Acted makes a conversation that was no call an action of the customer's open entry,
// if there is one. What was said stands in the journal already, whole; the action says
// its first 2,000 characters.
func Acted(ctx context.Context, tx *tenant.Tx, customer int64, text string) error {
	e, open, err := OpenEntry(ctx, tx, customer)
	if err != nil || !open {
		return err
	}
	if e, err = hold(ctx, tx, e.ID); err != nil {
		return err
	}
	m, err := matterOf(ctx, tx, e)
	if err != nil {
		return err
	}
	return deed{kind: ByHand, text: note.Cut(text, 2000, "…")}.keep(ctx, tx, m)
}

// toDo is what the level has to be done by hand.
func (m matter) toDo() string {
	var list []string
	if l := m.level(); l != nil {
		for _, a := range l.Actions {
			if a.Kind == ByHand {
				list = append(list, a.Text)
			}
		}
	}
	return strings.Join(list, "\n")
}
