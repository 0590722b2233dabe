package dunning

import (
	"fmt"
	"strings"

	"dunwell/internal/day"
)

// Sentence says why the entry is there: which item, how late it is on the day, and
// by which rule.
func (e Entry) Sentence(today day.Day) string {
	return urgency[e.Why] + e.rule(today)
}

// urgency is what goes before the rule where something happened besides.
var urgency = map[Why]string{
	WhyBrokenPromise: "A promise was broken. ",
	WhyReply:         "The customer wrote and has no answer yet, so nothing goes out by itself. ",
	WhyBounce:        "A message came back. ",
	WhyReversal:      "A payment was taken back. ",
	WhyChosenDay:     "The day that was chosen for this customer has come. ",
}

func (e Entry) rule(today day.Day) string {
	level := fmt.Sprintf("level %d (%s)", e.Level, e.LevelName)
	switch {
	case e.Level == 0:
		return e.lateness(today) + "."
	case e.Why == WhyLast:
		return fmt.Sprintf("%s, and the last level, %s, was reached%s: a manager decides what follows.", e.lateness(today), level, e.reminded(today))
	case e.Why == WhyRepeat:
		return fmt.Sprintf("%s; the last level, %s, repeats%s.", e.lateness(today), level, e.reminded(today))
	case e.Why == WhyChosenDay && e.DueOn.Add(e.AfterDays).After(today):
		return fmt.Sprintf("%s, at %s.", e.lateness(today), level)
	}
	return fmt.Sprintf("%s; %s %s%s.", e.lateness(today), level, comes(e.AfterDays), e.reminded(today))
}

// lateness names the oldest item and its days.
func (e Entry) lateness(today day.Day) string {
	days := today.Sub(e.DueOn)
	if e.Items > 1 {
		return fmt.Sprintf("%s, the oldest of %d items to remind of, %s", e.ItemNumber, e.Items, late(days))
	}
	return e.ItemNumber + " " + late(days)
}

func (e Entry) reminded(today day.Day) string {
	if e.RemindedOn.IsZero() {
		return ""
	}
	return "; last reminder " + ago(today.Sub(e.RemindedOn))
}

func late(days int) string {
	switch {
	case days == 0:
		return "is due today"
	case days < 0:
		return "is due in " + count(-days, "day")
	}
	return "is " + count(days, "day") + " late"
}

func comes(after int) string {
	switch {
	case after == 0:
		return "comes on the due date"
	case after < 0:
		return "comes " + count(-after, "day") + " before the due date"
	}
	return "comes after " + count(after, "day")
}

func ago(days int) string {
	switch {
	case days < 0:
		return "in " + count(-days, "day")
	case days == 0:
		return "today"
	}
	return count(days, "day") + " ago"
}

func count(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}

// entry is the entry that the verdict makes, with as much as its sentence needs.
func (v verdict) entry() Entry {
	e := Entry{Level: v.Level, LevelName: v.LevelName, Why: Why(v.Code), ItemNumber: v.ItemNumber, DueOn: v.DueOn, Items: v.Items,
		AfterDays: v.AfterDays, RemindedOn: v.RemindedOn}
	if v.Urgent != "" {
		e.Why = v.Urgent
	}
	return e
}

// outs say why a customer is left out, without when that ends.
var outs = map[code]string{
	outStopped:  "All that is overdue is held back: the customer is stopped or archived",
	outPaused:   "All that is overdue is paused",
	outDisputed: "All that is overdue is disputed or in litigation",
	outPromised: "All that is overdue is promised",
	outHeld:     "All that is overdue is held back: some of it disputed, in litigation, paused or promised, the rest for another of these reasons",
	outNoPolicy: "No policy holds for this customer: choose one for it, or make one the default",
	outManual:   "Reminders are manual, and no day is chosen",
	outCredit:   "Credit covers all that could be collected: apply it",
	outMinimum:  "What could be collected is below the minimum of the policy",
	outByHand:   "The policy has no levels: the customer is worked by hand",
	outEarly:    "No further level applies",
	outResting:  "It was done without a reminder",
}

// leftOut says why the customer is left out, and when that ends.
func (v verdict) leftOut(today day.Day) string {
	s := outs[v.Code]
	switch {
	case v.Opens:
		s = "It was put away until " + v.LaterOn.Long()
	case v.Code == outPromised && !v.PromisedOn.Before(today):
		s += " until " + v.PromisedOn.Long()
	case v.Code == outPromised:
		s = fmt.Sprintf("All that is overdue was promised until %s, and money counts that comes by %s", v.PromisedOn.Long(), v.ComesOn.Add(-1).Long())
	case v.Code == outManual && !v.ComesOn.IsZero():
		s = "Reminders are manual: it comes back on " + v.ComesOn.Long()
	case v.Code == outEarly && v.Asks && !v.LastRemindedOn.IsZero():
		s = fmt.Sprintf("The last level was sent, and the last reminder was %s: a manager is asked on %s", ago(today.Sub(v.LastRemindedOn)), v.ComesOn.Long())
	case v.Code == outGap, v.Code == outEarly && v.gapHolds():
		s = fmt.Sprintf("The last reminder was %s, and %s have to pass: it comes back on %s", ago(today.Sub(v.LastRemindedOn)), count(v.Gap, "day"), v.ComesOn.Long())
	case v.Code == outEarly && !v.ComesOn.IsZero():
		s = "The next level opens on " + v.ComesOn.Long()
		if !v.LastRemindedOn.IsZero() {
			s = fmt.Sprintf("The last reminder was %s: the next level opens on %s", ago(today.Sub(v.LastRemindedOn)), v.ComesOn.Long())
		}
	case v.Code == outResting:
		s += ": it comes back on " + v.ComesOn.Long()
	}
	return strings.Replace(s, "1 day have", "1 day has", 1) + "."
}

// gapHolds tells that the customer comes back when the gap since its last reminder
// has passed, which is later than its next level opens.
func (v verdict) gapHolds() bool {
	return v.Gap > 0 && !v.LastRemindedOn.IsZero() && v.ComesOn == v.LastRemindedOn.Add(v.Gap)
}
