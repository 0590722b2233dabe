package customers

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"dunwell/internal/customer"
	"dunwell/internal/followup"
	"dunwell/internal/money"
	"dunwell/web/ui"
)

// step is the one thing that comes next, and why.
type step struct{ what, why string }

// next puts what is known into a sentence for a member: what bars the work comes
// first, then what is due, then what was planned, then the money.
func (p *profile) next(me int64) step {
	f := p.nextFollowup(me)
	switch dates := p.Dates(p.Customer); {
	case p.Customer.MergedInto != nil:
		return step{"Nothing is to be done:", "the work goes on with the other customer."}
	case p.Customer.ArchivedAt != nil:
		return step{"Nothing is to be done:", "the customer is archived."}
	case len(p.Stops) > 0 && (p.First(customer.Phone) != nil || p.First(customer.Email) != nil):
		return step{"Next: speak to the representative only.", p.stopped()}
	case len(p.Stops) > 0:
		return step{"Next: no contact.", p.stopped()}
	case f != nil && !f.DueOn.After(p.Today):
		return p.planned(f, me)
	case len(dates) > 0 && !dates[0].On.After(p.Today):
		return step{"Next: what is due in the grey panel.", dates[0].What + "."}
	case f != nil:
		return p.planned(f, me)
	}
	if s := p.nextReminder(); s.what != "" {
		return s
	}
	return p.nextMoney()
}

// nextReminder is what dunning has to be done with the customer, or why it has
// nothing now; empty where it says nothing of its own.
func (p *profile) nextReminder() step {
	e, held := &p.Entry, &p.Customer.Reminders
	switch {
	case e.ID != 0 && e.LaterOn.After(p.Today):
		return step{"Next: the reminder on " + e.LaterOn.Long() + ".", "It was put away until then: " + strings.TrimSuffix(e.LaterReason, ".") + "."}
	case e.ID != 0:
		what := "Next: remind, at level " + strconv.Itoa(e.Level) + "."
		if e.Level == 0 {
			what = "Next: remind."
		}
		return step{what, e.Sentence(p.Today)}
	case !p.duns:
		return step{}
	case held.Paused(p.Today):
		return step{"Next: reminders are paused until " + held.PausedUntil.Long() + ".", strings.TrimSuffix(held.PauseReason, ".") + "."}
	case held.Manual && held.NextOn.After(p.Today):
		return step{"Next: the reminder on " + held.NextOn.Long() + ".", "Reminders are manual: nothing comes up before that day."}
	}
	return step{}
}

// nextFollowup is the member's own that comes first, else anybody's; nil where
// nothing is planned.
func (p *profile) nextFollowup(me int64) *followup.Followup {
	for i, f := range p.Followups.First {
		if f.AssigneeID == me {
			return &p.Followups.First[i]
		}
	}
	if len(p.Followups.First) == 0 {
		return nil
	}
	return &p.Followups.First[0]
}

func (p *profile) planned(f *followup.Followup, me int64) step {
	when := f.DueOn.Format("Mon 2 Jan")
	if this, _, _ := p.Today.Date(); f.DueOn.Format("2006") != strconv.Itoa(this) {
		when = f.DueOn.Long()
	}
	if f.DueAt != "" {
		when += ", " + f.DueAt
	}
	what := f.Assignee + "’s follow-up on " + when
	switch {
	case !f.Working:
		what = "a follow-up on " + when + " that nobody is left to do"
	case f.AssigneeID == me:
		what = "your follow-up on " + when
	}
	why := ""
	if collect, oldest := p.toCollect(); len(collect) > 0 {
		why = fmt.Sprintf("To collect: %s; the oldest overdue item is %s late.", and(collect), ui.Count(oldest, "day", "days"))
	}
	if e := &p.Entry; e.Level > 0 && !e.LaterOn.After(p.Today) {
		why = strings.TrimSpace(fmt.Sprintf("%s The reminder of level %d is due, too.", why, e.Level))
	}
	return step{"Next: " + what + ".", why}
}

// toCollect is what may be asked for, by currency, and how many days the oldest
// overdue item is late, whether it may be asked for or is held back.
func (p *profile) toCollect() (amounts []string, oldest int) {
	for _, f := range p.Figures {
		if f.ToCollect > 0 {
			amounts = append(amounts, money.New(f.ToCollect, f.Currency).String())
		}
		if f.Overdue > 0 {
			oldest = max(oldest, p.Today.Sub(f.OldestDueOn))
		}
	}
	return amounts, oldest
}

func (p *profile) stopped() string {
	first := p.Stops[0]
	for _, s := range p.Stops {
		if s.ReviewOn.Before(first.ReviewOn) {
			first = s
		}
	}
	on := first.ReviewOn.Long()
	if !first.ReviewOn.After(p.Today) {
		return fmt.Sprintf("A stop stands (%s), and its review is due since %s.", first.Kind.Name(), on)
	}
	return fmt.Sprintf("A stop stands (%s). Look on %s whether it still does.", first.Kind.Name(), on)
}

func (p *profile) nextMoney() step {
	var covered, disputed, paused, promised []string
	collect, oldest := p.toCollect()
	for _, f := range p.Figures {
		if f.Used() > 0 {
			covered = append(covered, money.New(f.Used(), f.Currency).String())
		}
		if f.Disputed > 0 {
			disputed = append(disputed, money.New(f.Disputed, f.Currency).String())
		}
		if f.Paused > 0 {
			paused = append(paused, money.New(f.Paused, f.Currency).String())
		}
		if f.Promised > 0 {
			promised = append(promised, money.New(f.Promised, f.Currency).String())
		}
	}
	switch {
	case len(collect) > 0 && p.Customer.Owner == "":
		return step{"Next: find somebody to collect " + and(collect) + ".", "Nobody works this customer yet."}
	case len(collect) > 0:
		return step{"Next: ask for " + and(collect) + ".", fmt.Sprintf("The oldest overdue item is %s late.", ui.Count(oldest, "day", "days"))}
	case len(covered) > 0:
		return step{"Next: apply the credit.", "Overdue, and covered by it: " + and(covered) + "."}
	case len(promised) > 0:
		return step{"Next: wait for the money.", "Overdue, and " + p.promisedWord() + ": " + and(promised) + "."}
	case len(disputed) > 0:
		return step{"Next: settle the dispute about " + and(disputed) + ".", "Nothing else is to be collected."}
	case len(paused) > 0:
		return step{"Nothing is to be collected.", "Overdue, and paused: " + and(paused) + "."}
	case !p.NextDueOn.IsZero():
		return step{"Nothing is to be collected.", "The next item falls due on " + p.NextDueOn.Long() + "."}
	}
	return step{"Nothing is to be collected.", "Nothing is open that falls due."}
}

func and(words []string) string {
	if n := len(words); n > 1 {
		return strings.Join(words[:n-1], ", ") + " and " + words[n-1]
	}
	return words[0]
}

// datedURL leads to where something dated is worked.
func datedURL(customerID int64, d customer.Dated) templ.SafeURL {
	switch d.Kind {
	case "stop":
		return stopURL(customerID, d.ID)
	case "contact_point":
		return pointURL(customerID, d.ID)
	}
	return customerURL(customerID, "/watch")
}

func stopURL(customerID, id int64) templ.SafeURL {
	return customerURL(customerID, fmt.Sprintf("/stops/%d", id))
}

func pointURL(customerID, id int64) templ.SafeURL {
	return customerURL(customerID, fmt.Sprintf("/contactpoints/%d", id))
}

func vehicleURL(customerID, id int64) templ.SafeURL {
	return customerURL(customerID, fmt.Sprintf("/vehicles/%d", id))
}

// after is the text behind another one, with a comma where both are there.
func after(before, text string) string {
	if before == "" || text == "" {
		return text
	}
	return ", " + text
}

// roleWord is the role where it has to be said: the debtor's own points go
// without.
func roleWord(r customer.Role) string {
	if r == customer.Debtor {
		return ""
	}
	return r.Name()
}

// kindOf tells a number from an address.
func kindOf(value string) customer.PointKind {
	if strings.Contains(value, "@") {
		return customer.Email
	}
	return customer.Phone
}
