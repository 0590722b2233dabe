package customers

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"dunwell/internal/activity"
	"dunwell/internal/contactrule"
	"dunwell/internal/customer"
	"dunwell/internal/day"
	"dunwell/internal/dunning"
	"dunwell/internal/errs"
	"dunwell/internal/followup"
	"dunwell/internal/member"
	"dunwell/internal/money"
	"dunwell/internal/promise"
	"dunwell/internal/tenant"
	"dunwell/web"
	"dunwell/web/ui"
)

// callPage is the panel in which one says what came of a call.
type callPage struct {
	profile
	timeline
	Call     activity.Call
	Progress activity.Progress // of the telephone system
	Script   activity.Script
	Outcomes []dunning.Disposition
	Owed     []promise.Purse
	Items    []openItem // of which copies can be asked for, and which can be disputed
	Quick    []followup.Quick
	PayOn    day.Day // that is proposed for a promise
	Members  []ui.Option
	// AsksBack tells that somebody has to choose when the customer comes back, and
	// BackOn is the day that is proposed.
	AsksBack bool
	BackOn   day.Day
	AskBack  bool // whether it is meant that more is promised than can be collected
	Rings    bool // more is to be heard of the telephone system
	Typed    url.Values
	Errors   errs.Invalid
	Notice   string
}

// longestCall is how long a panel asks by itself how far a call got.
const longestCall = time.Hour

// read loads the call of the address with all that its panel asks.
func (p *callPage) read(r *http.Request, tx *tenant.Tx) error {
	ctx := r.Context()
	b := p.ask(r, tx, "collections")
	if err := p.queue(b, p.Customer.ID, url.Values{}); err != nil {
		return err
	}
	err := p.load(ctx, b)
	if err != nil {
		return err
	}
	if err := p.together(ctx, tx, url.Values{}, p.filter, &p.Notes); err != nil {
		return err
	}
	p.cut(&p.profile, url.Values{})
	if p.Call, err = activity.Find(ctx, tx, p.Customer.ID, web.ID(r, "call_attempt")); err != nil || !p.Call.Open() && len(p.Typed) == 0 {
		return err
	}
	if p.Progress, err = activity.ProgressOf(ctx, tx, p.Customer.ID, p.Call.ID); err != nil {
		return err
	}
	p.Rings = !p.Progress.Over() && tx.Now.Sub(p.Call.At) < longestCall
	p.Unfinished = slices.DeleteFunc(p.Unfinished, func(c activity.Call) bool { return c.ID == p.Call.ID })
	if p.Script, err = activity.Filled(ctx, tx, p.Call, p.Customer.Kind); err != nil {
		return err
	}
	if p.Outcomes, err = dunning.Dispositions(ctx, tx); err != nil {
		return err
	}
	if p.AsksBack, p.BackOn, err = activity.AsksBack(ctx, tx, p.Entry); err != nil {
		return err
	}
	return p.readChoices(ctx, tx)
}

func (p *callPage) readChoices(ctx context.Context, tx *tenant.Tx) (err error) {
	if p.Owed, err = promise.Purses(ctx, tx, p.Customer.ID, 0); err != nil {
		return err
	}
	p.Items = tickable(p.Owed)
	if p.Quick, err = followup.QuickDates(ctx, tx); err != nil {
		return err
	}
	if p.PayOn, err = tenant.NextWorkingDay(ctx, tx, tx.Today(), 5); err != nil {
		return err
	}
	p.Members, err = memberOptions(ctx, tx)
	return err
}

func memberOptions(ctx context.Context, tx *tenant.Tx) ([]ui.Option, error) {
	list, err := member.Choices(ctx, tx)
	options := make([]ui.Option, len(list))
	for i, m := range list {
		options[i] = ui.Option{Value: strconv.FormatInt(m.ID, 10), Label: m.Name}
		if m.ID == tx.Actor.MemberID {
			options[i].Label = "Me"
		}
	}
	return options, err
}

// outcome is the disposition that was picked.
func (p callPage) outcome() dunning.Disposition { return picked(p.Outcomes, p.Typed) }

// picked is the one of the dispositions that was picked; the zero value where none was.
func picked(list []dunning.Disposition, typed url.Values) dunning.Disposition {
	id := web.Number(typed.Get("disposition"))
	if i := slices.IndexFunc(list, func(d dunning.Disposition) bool { return d.ID == id }); i >= 0 {
		return list[i]
	}
	return dunning.Disposition{}
}

// typed is what was sent for a field, else what is proposed.
func (p callPage) typed(name, proposed string) string {
	if p.Typed.Has(name) {
		return p.Typed.Get(name)
	}
	return proposed
}

// field is a control of the panel.
func (p callPage) field(label, name, proposed string) ui.Field {
	return ui.Field{Label: label, Name: name, Value: p.typed(name, proposed), Error: p.Errors[name]}
}

// unsaid is what was typed of a call that has its outcome already, in the words of a
// note: nothing of it was saved.
func (p callPage) unsaid() string {
	if p.Call.Open() || len(p.Typed) == 0 {
		return ""
	}
	typed := p.Typed.Get
	said := []string{strings.Trim(p.outcome().Words(strings.TrimSpace(typed("text"))), ": ")}
	add := func(format string, words ...any) { said = append(said, fmt.Sprintf(format, words...)) }
	switch p.outcome().Opens {
	case dunning.OpensPromise:
		if o, found := p.owed(typed("promise-of")); found && typed("promise-amount") != "" {
			add("Promised: %s %s on %s by %s.", o.Currency, typed("promise-amount"), o.Of(), typed("promise-due_on"))
		}
	case dunning.OpensCallBack:
		add("Call back on %s %s.", typed("call_back-on"), typed("call_back-at"))
	case dunning.OpensCopies, dunning.OpensDispute:
		if numbers := p.ticked(); len(numbers) > 0 {
			add("About %s.", strings.Join(numbers, ", "))
		}
	}
	if f := p.followup(); f != nil && !f.DueOn.IsZero() {
		add("Follow up on %s.", f.DueOn.Long())
	}
	return strings.Join(said, "\n")
}

// moreItems counts the open items that are not offered to be ticked.
func (p callPage) moreItems() int { return max(p.openItems()-len(p.Items), 0) }

// ticked are the numbers of the items that the outcome is about.
func (p callPage) ticked() (numbers []string) {
	for _, i := range p.Items {
		if contains(p.Typed[string(p.outcome().Opens)+"-items"], strconv.FormatInt(i.ID, 10)) {
			numbers = append(numbers, i.Number)
		}
	}
	return numbers
}

// conclusion reads what was typed: of the parts only the one that the outcome opens, and
// nothing of a call that has its outcome.
func (p callPage) conclusion(tx *tenant.Tx) (c activity.Conclusion, err error) {
	if !p.Call.Open() {
		return c, nil
	}
	c.DispositionID, c.Text = web.Number(p.Typed.Get("disposition")), p.Typed.Get("text")
	switch p.outcome().Opens {
	case dunning.OpensPromise:
		if c.Promise, err = p.promise(tx); err != nil {
			return c, err
		}
	case dunning.OpensCallBack:
		if p.Typed.Get("call_back-on")+p.Typed.Get("call_back-at") != "" {
			c.CallBack = &activity.CallBack{On: typedDay(p.Typed.Get("call_back-on")), At: p.Typed.Get("call_back-at")}
		}
	case dunning.OpensCopies:
		c.Copies = &activity.Copies{Items: numbers(p.Typed["copies-items"])}
	case dunning.OpensDispute:
		c.Disputed = numbers(p.Typed["dispute-items"])
	}
	c.Retire = p.outcome().Opens == dunning.OpensWrong && p.Typed.Get("wrong_number") == retire
	c.Followup, c.Ticked = p.followup(), numbers(p.Typed["ticked"])
	if p.Typed.Get("then") == "next" {
		c.Done = &activity.Done{}
		if p.AsksBack {
			var inv errs.Invalid
			c.Done.NextOn = web.TypedDay(&inv, "next_on", p.Typed.Get("next_on"))
			return c, inv.Err()
		}
	}
	return c, nil
}

// retire is what is said of a wrong number that nobody is to call again.
const retire = "retire"

// mayRetire tells that a number of the customer's was called, which may be wrong.
func (p callPage) mayRetire() bool { return p.Call.PointID != 0 && !p.Call.Incoming }

// followup reads it; none where no day was chosen.
func (p callPage) followup() *followup.Plan {
	on := p.Typed.Get("follow_up")
	if on == "other" {
		on = p.Typed.Get("follow_up-due_on")
	} else if on == "" {
		return nil
	}
	return &followup.Plan{AssigneeID: web.Number(p.Typed.Get("follow_up-assignee")), DueOn: typedDay(on)}
}

// reasons are the follow-ups that may be done with the call: those that are due.
func (p callPage) reasons(today day.Day) (due []followup.Followup) {
	for _, f := range p.Followups.First {
		if p.Customer.ArchivedAt == nil && !f.DueOn.After(today) && len(due) < unfolded {
			due = append(due, f)
		}
	}
	return due
}

// may is whether this number could be called once more now.
func (p callPage) may() *contactrule.Ruling {
	if p.Call.PointID == 0 || p.Call.Incoming {
		return nil
	}
	r := p.May.For(p.Call.PointID, customer.Call, p.chosenAccount()...)
	return &r
}

// finishes says on the button what besides the save it does.
func (p callPage) finishes() string {
	switch {
	case p.Entry.ID != 0:
		return "Save, Done and next"
	case p.Walk.Nth > 0:
		return "Save and next"
	}
	return ""
}

func contains(all []string, one string) bool { return slices.Contains(all, one) }

// openItem is an open item that can be ticked.
type openItem struct {
	promise.Choice
	Currency money.Currency
}

// mostTicked is how many open items a panel offers to be ticked.
const mostTicked = 12

// tickable are the open items that are due the longest.
func tickable(purses []promise.Purse) (list []openItem) {
	for _, p := range purses {
		for _, i := range p.Items {
			list = append(list, openItem{i, p.Currency})
		}
	}
	before := func(a, b openItem) bool {
		return !a.DueOn.IsZero() && (b.DueOn.IsZero() || a.DueOn.Before(b.DueOn))
	}
	slices.SortStableFunc(list, func(a, b openItem) int {
		switch {
		case before(a, b):
			return -1
		case before(b, a):
			return 1
		}
		return 0
	})
	return list[:min(len(list), mostTicked)]
}
