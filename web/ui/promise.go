package ui

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"dunwell/internal/errs"
	"dunwell/internal/money"
	"dunwell/internal/promise"
)

// PromiseForm is a promise to pay as typed, and what there is to choose from. Its
// fields stand in whatever form they are put into; web.ReadPromise and
// web.LoadPromise fill it.
type PromiseForm struct {
	// Prefix begins the names of the fields, and of the messages in Errors.
	Prefix string
	Typed  map[string]string // by the fields' names without the prefix
	Ticked []int64           // items
	Parts  []PromisePart     // as typed; empty rows are left out
	Errors errs.Invalid
	// Replaces is the promise that it is in the place of; 0: none.
	Replaces int64

	Purses  []promise.Purse
	Members []Option
	Confirm promise.Confirmation
	// TooMuch asks back; nil: there is nothing to ask.
	TooMuch *promise.TooMuch
	// Assist is the address that answers the form's own buttons, which save nothing:
	// look and split. Empty: none does.
	Assist string
}

// PromisePart is an instalment as typed.
type PromisePart struct{ DueOn, Amount string }

// Purse is the account and currency that is chosen, else the first; nil where the
// customer owes nothing.
func (f PromiseForm) Purse() *promise.Purse {
	for n, p := range f.Purses {
		if f.Typed["of"] == purseValue(p) {
			return &f.Purses[n]
		}
	}
	if len(f.Purses) == 0 {
		return nil
	}
	return &f.Purses[0]
}

// Moved tells that the page was shown for another account or currency than the one
// that is chosen: nobody has seen its amount and items yet.
func (f PromiseForm) Moved() bool {
	p, shown := f.Purse(), f.Typed["shown"]
	return p != nil && shown != "" && shown != purseValue(*p)
}

// follow fetches what goes by the account anew where another one is chosen.
func (f PromiseForm) follow() templ.Attributes {
	if f.Assist == "" {
		return nil
	}
	return templ.Attributes{"hx-post": f.Assist, "hx-trigger": "change", "hx-include": "closest form", "hx-params": "not form_id",
		"hx-vals": `{"` + f.Prefix + `look":"1"}`, "hx-swap": "none", "hx-select-oob": "#promise-meant,#promise-left,#promise-amount,#promise-items,#field-" + f.Prefix + "instalments-hint"}
}

// purseValue is the purse as the form sends it.
func purseValue(p promise.Purse) string {
	return fmt.Sprintf("%d-%s", p.AccountID, p.Currency)
}

func (f PromiseForm) purses() (list []Option) {
	for _, p := range f.Purses {
		list = append(list, Option{purseValue(p), p.Name() + ": to collect " + money.New(p.ToCollect, p.Currency).Grouped()})
	}
	return list
}

// field gives a control its name, what was typed and what is to be said of it.
func (f PromiseForm) field(c Field) Field {
	c.Value, c.Error = f.Typed[c.Name], f.Errors[f.Prefix+c.Name]
	c.Name = f.Prefix + c.Name
	return c
}

// rows are the instalments with some empty ones to type into.
func (f PromiseForm) rows() []PromisePart {
	empty := 2
	if len(f.Parts) == 0 {
		empty = 3
	}
	return append(slices.Clone(f.Parts), make([]PromisePart, empty)...)
}

// sum says what the instalments come to, as far as they can be read.
func (f PromiseForm) sum() string {
	p := f.Purse()
	if p == nil || len(f.Parts) == 0 {
		return ""
	}
	var total int64
	for _, part := range f.Parts {
		if a, err := money.ParseTyped(part.Amount, p.Currency); err == nil {
			total += a.Minor
		}
	}
	return fmt.Sprintf("Together %s.", money.New(total, p.Currency))
}

// partly opens what is folded where something stands in it, or is to be said of it.
func (f PromiseForm) partly() bool {
	for field := range f.Errors {
		if strings.HasPrefix(field, f.Prefix+"instalment") {
			return true
		}
	}
	return len(f.Parts) > 0
}

// PickedBefore are items as the form sends them along, to tell whether somebody
// changed their ticks.
func PickedBefore(ids []int64) string {
	words := make([]string, len(ids))
	for n, id := range ids {
		words[n] = strconv.FormatInt(id, 10)
	}
	return strings.Join(words, " ")
}

// promiseChip is the kind of chip that a state has.
func promiseChip(s promise.State) string {
	switch s {
	case promise.Broken, promise.PartKept:
		return "late"
	case promise.Kept:
		return "ok"
	case promise.Open:
		return ""
	}
	return "off"
}
