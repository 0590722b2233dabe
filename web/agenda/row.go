package agenda

import (
	"fmt"
	"slices"
	"time"

	"dunwell/internal/day"
	"dunwell/internal/dunning"
	"dunwell/internal/ledger"
	"dunwell/internal/message"
	"dunwell/internal/money"
	"dunwell/web/ui"
)

func (p listPage) direction(s dunning.Sort) string {
	if p.Filter.Sort == s {
		return "descending"
	}
	return "none"
}

// subtitle tells two of one name apart, and whose it is where that can differ.
func (p listPage) subtitle(row dunning.Row) string {
	if p.Filter.Whose == dunning.Mine {
		return row.Number
	}
	return row.Number + " · " + either(row.Owner, "nobody")
}

func owed(all []ledger.Figure) []ledger.Figure {
	return slices.DeleteFunc(slices.Clone(all), func(f ledger.Figure) bool { return f.ToCollect == 0 })
}

// heldBack says what may not be asked for, the largest reasons first, in two lines
// at most; where there are several currencies, of which one.
func heldBack(all []ledger.Figure) (lines []string) {
	say := func(what string, minor int64, f ledger.Figure) {
		switch sum := money.New(minor, f.Currency); {
		case minor <= 0:
		case len(all) > 1:
			lines = append(lines, what+" "+sum.String())
		default:
			lines = append(lines, what+" "+sum.Grouped())
		}
	}
	for _, f := range all {
		say("disputed", f.Disputed, f)
		say("paused", f.Paused, f)
		say("stopped", f.Stopped, f)
		say("promised", f.Promised, f)
		say("credit", f.Used(), f)
	}
	if len(lines) > 2 {
		lines = append(lines[:1], "and more")
	}
	return lines
}

// made tells that nothing more has to be done first: something counts, or is on its
// way, or waits in the outbox.
func made(row dunning.Row) bool {
	return row.Reminded || row.Pending || row.DidState == message.Held
}

// standing says how far what was done last got, and how its chip looks.
func standing(row dunning.Row) (look, text string) {
	switch row.DidState {
	case "":
		return "ok", map[dunning.ActionKind]string{dunning.ByCall: "call logged", dunning.ByHand: "done by hand"}[row.Did]
	case message.Sent, message.Delivered:
		if row.Did == dunning.ByLetter {
			return "ok", "letter printed"
		}
		return "ok", row.Did.Name() + " sent"
	case message.Queued, message.Sending:
		return "off", row.Did.Name() + " on its way"
	case message.Held:
		return "warn", row.Did.Name() + " held"
	case message.Unknown:
		return "late", row.Did.Name() + " in doubt"
	case message.Bounced:
		return "late", row.Did.Name() + " came back"
	}
	return "late", row.Did.Name() + " not sent"
}

func contactNoun(kind string) string {
	switch kind {
	case "email":
		return "e-mail"
	case "sms":
		return "SMS"
	}
	return kind
}

func way(kind dunning.ActionKind) string {
	if kind == dunning.ByEmail {
		return "e-mail address"
	}
	if kind == "" {
		return "action set"
	}
	return "number"
}

func until(t time.Time, zone *time.Location, now time.Time) string {
	if t.IsZero() {
		return ""
	}
	return ", until " + clock(t, zone, now)
}

// clock is the moment by the company's clock, with the day where it is not today.
func clock(t time.Time, zone *time.Location, now time.Time) string {
	local, here := t.In(zone), now.In(zone)
	if local.YearDay() == here.YearDay() && local.Year() == here.Year() {
		return local.Format("15:04")
	}
	if local.Sub(here) < 6*24*time.Hour {
		return local.Format("Mon 15:04")
	}
	return local.Format("2 Jan")
}

func shortLabel(kind dunning.ActionKind) string {
	switch kind {
	case dunning.ByCall:
		return "Call"
	case dunning.ByHand:
		return "To do"
	case "":
		return "Choose"
	}
	return label(kind)
}

func doing(do string) string {
	if do == "" {
		return ""
	}
	return "&do=" + do
}

func openerTitle(do string) string {
	if do == "later" {
		return "Do it later"
	}
	return "All actions"
}

// urgent are the reasons that go before the item in a row.
var urgent = map[dunning.Why]string{
	dunning.WhyBrokenPromise: "Promise broken. ",
	dunning.WhyReply:         "Reply waiting. ",
	dunning.WhyBounce:        "A message came back. ",
	dunning.WhyReversal:      "A payment was taken back. ",
	dunning.WhyChosenDay:     "The chosen day has come. ",
	dunning.WhyLast:          "After the last level. ",
	dunning.WhyRepeat:        "The last level repeats. ",
}

// reason says in two lines why the row is there; its level and its days stand beside
// it. The whole sentence, with the rule, stands where the row is opened.
func reason(row dunning.Row, today day.Day) string {
	if row.LaterOn.After(today) {
		return "Put away until " + row.LaterOn.Format("Mon 2 Jan") + after(row.LaterReason)
	}
	text := urgent[row.Why] + row.ItemNumber
	if row.Items > 1 {
		text += fmt.Sprintf(", oldest of %d", row.Items)
	}
	if row.RemindedOn.IsZero() {
		return text + "; not reminded yet."
	}
	return text + "; reminded " + ago(today.Sub(row.RemindedOn)) + "."
}

func ago(days int) string {
	if days == 0 {
		return "today"
	}
	return ui.Count(days, "day", "days") + " ago"
}
