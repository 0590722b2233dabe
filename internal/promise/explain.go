package promise

import (
	"fmt"
	"strings"
	"time"

	"dunwell/internal/money"
	"dunwell/internal/tenant"
)

// Sentence explains a decision by what it was made from. The zone is the company's.
func (d Decision) Sentence(c money.Currency, zone *time.Location) string {
	in := d.Inputs
	due := fmt.Sprintf("%s due %s", money.New(in.Amount, c), in.DueOn.Long())
	switch d.State {
	case Replaced:
		return fmt.Sprintf("Another promise was made in the place of %s.", due)
	case Withdrawn:
		return fmt.Sprintf("%s was taken back: %s", due, in.Reason)
	}
	said := map[State]string{Kept: "Kept", PartKept: "Kept in part", Broken: "Broken"}[d.State]
	if said == "" {
		said = "Open again"
	}
	s := fmt.Sprintf("%s: of the %s %s came by %s%s", said, due, came(d.Received, c), in.GraceOn.Long(), in.from(c))
	if short := in.Amount - d.Received; d.State == Kept && short > 0 {
		s += fmt.Sprintf("; %s short is near enough", money.New(short, c))
	}
	if d.State.failed() && in.LoadedTo != nil {
		if on, whole := tenant.LoadedDay(*in.LoadedTo, zone); whole {
			s += ". Payments were loaded up to and with " + on.Long()
		} else {
			s += ". Payments were loaded up to " + in.LoadedTo.In(zone).Format("Mon 2 Jan 2006, 15:04")
		}
	}
	return s + "."
}

func came(minor int64, c money.Currency) string {
	if minor == 0 {
		return "nothing"
	}
	return money.New(minor, c).String()
}

// from names the payments that counted, by their value dates.
func (in Inputs) from(c money.Currency) string {
	if len(in.Payments) == 0 {
		return ""
	}
	return " (" + listed(in.Payments, func(t Taken) string { return money.New(t.Minor, c).Grouped() + " on " + t.ValueOn.Format("2 Jan") }) + ")"
}

// Name is the state as a word of a list.
func (s State) Name() string {
	words := s.words()
	return strings.ToUpper(words[:1]) + words[1:]
}
