package promise

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"dunwell/internal/day"
	"dunwell/internal/errs"
	"dunwell/internal/money"
	"dunwell/internal/note"
)

// MaxText is how many characters the notes of a promise hold.
const MaxText = 2000

// MaxInstalments is how many parts a promise may have.
const MaxInstalments = 60

// Plan is what a promise is to be.
type Plan struct {
	AccountID  int64
	Amount     money.Amount
	AssigneeID int64
	DueOn      day.Day // not looked at where there are instalments
	// Instalments are its parts where it is not paid at once; together they are the
	// amount. A message about one stands at "instalment-" and its place, from 1.
	Instalments []Part
	// Items are those that it is about; none: the oldest that are not promised yet.
	Items []int64
	Text  string
	// Newest is the customer's newest promise that was shown to who plans this one, 0 for
	// none. One that was made since is asked about; nil: it is not looked for.
	Newest *int64
	// Confirmed tells that the person knows it to be more than can be collected.
	Confirmed bool
}

// Part is what is to be paid by a day.
type Part struct {
	DueOn day.Day
	Minor int64
}

// TooMuch asks back: more was promised than can be collected. The same Plan that is
// Confirmed is taken. It is errs.Invalid at the amount for whoever does not ask.
type TooMuch struct {
	Promised, Collectable money.Amount
	// Beside tells that it is the items in no open promise that come to no more: the rest
	// would hold nothing back, as an item is in one open promise only.
	Beside bool
}

func (t TooMuch) Error() string {
	switch {
	case t.Beside && t.Collectable.Minor == 0:
		return AllPromised + " Or confirm that it is meant."
	case t.Beside:
		return fmt.Sprintf("%s is promised, and %s is open of items that are in no open promise yet: the rest would still be chased. "+
			"Lower the amount to that, replace the open promise by one of the whole, or confirm that it is meant.", t.Promised, t.Collectable)
	}
	return fmt.Sprintf("%s is promised, and %s can be collected on this account. Lower the amount, or confirm that it is meant.", t.Promised, t.Collectable)
}

// Unwrap makes it a message beside the amount.
func (t TooMuch) Unwrap() error { return errs.Invalid{"amount": t.Error()} }

// check brings the plan into form, the due date made its only instalment, and
// refuses what cannot be.
func (p *Plan) check(today day.Day) error {
	p.Text = strings.TrimSpace(strings.ReplaceAll(p.Text, "\r\n", "\n"))
	var inv errs.Invalid
	_, err := money.ParseCurrency(string(p.Amount.Currency))
	inv.Check(err == nil, "amount", "Give the currency, such as EUR.")
	inv.Check(p.Amount.Minor > 0 && p.Amount.Minor <= money.Max, "amount", "Give an amount above zero.")
	length := utf8.RuneCountInString(p.Text)
	inv.Check(length <= MaxText, "text", fmt.Sprintf("This has %d characters and a promise holds %d. Shorten it; a long story belongs into a note.", length, MaxText))
	inv.Check(!note.HasCard(p.Text), "text", note.NoCard)
	if len(p.Instalments) == 0 {
		checkDate(&inv, "due_on", today, day.Day{}, p.DueOn)
		p.Instalments = []Part{{p.DueOn, p.Amount.Minor}}
		return inv.Err()
	}
	p.checkParts(&inv, today)
	return inv.Err()
}

// Wrong is what the plan itself is refused for, by field, whatever the books say: for
// whoever has found something else wrong with it and wants to say all at once. An
// amount that could not be read is left 0.
func (p Plan) Wrong(today day.Day) (inv errs.Invalid) {
	errors.As(p.check(today), &inv)
	if p.Amount.Minor == 0 || slices.ContainsFunc(p.Instalments, func(i Part) bool { return i.Minor == 0 }) {
		delete(inv, "instalments") // their sum says nothing then
	}
	return inv
}

// checkParts refuses instalments that are out of order or not the amount together.
func (p *Plan) checkParts(inv *errs.Invalid, today day.Day) {
	inv.Check(len(p.Instalments) <= MaxInstalments, "instalments", fmt.Sprintf("These are %d instalments; a promise holds %d.", len(p.Instalments), MaxInstalments))
	var total int64
	var before day.Day
	for n, i := range p.Instalments[:min(len(p.Instalments), MaxInstalments)] {
		field := fmt.Sprintf("instalment-%d", n+1)
		checkDate(inv, field, today, before, i.DueOn)
		inv.Check(i.Minor > 0 && i.Minor <= money.Max, field, "Give an amount above zero, or leave the instalment out.")
		total, before = total+max(min(i.Minor, money.Max+1), 0), i.DueOn
	}
	inv.Check(total == p.Amount.Minor, "instalments", fmt.Sprintf("The instalments come to %s, and %s is promised. Change one of them, or the amount.",
		money.New(total, p.Amount.Currency), p.Amount))
}

func checkDate(inv *errs.Invalid, field string, today, before, on day.Day) {
	inv.Check(!on.IsZero(), field, "Give the day by which the money is to come.")
	inv.Check(!on.Before(today), field, "This day is past. Choose today or a day to come.")
	inv.Check(on.After(before), field, "Give the instalments in the order of their days, each a day of its own.")
	inv.Check(on.Before(today.Add(3653)), field, "This is more than ten years ahead. Look at the year again.")
}
