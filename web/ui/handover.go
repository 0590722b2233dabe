package ui

import (
	"slices"
	"strconv"
	"strings"

	"dunwell/internal/errs"
	"dunwell/internal/handover"
)

// HandOverForm is how somebody's work is to be shared out, as typed, and who there is
// to take it. Its fields stand in whatever form they are put into.
type HandOverForm struct {
	Rule, Note string
	To         []string // ids of members
	Errors     errs.Invalid

	From   int64 // whose work it is
	People []handover.Person
	// Keep offers that the work stays where it is, which ending a membership does.
	Keep bool
}

// KeepWork is the rule by which nothing is handed over.
const KeepWork = "keep"

// receivers are those who can take it.
func (f HandOverForm) receivers() []handover.Person {
	return slices.DeleteFunc(slices.Clone(f.People), func(p handover.Person) bool { return !p.Active || p.ID == f.From })
}

func (f HandOverForm) ticked(id int64) bool { return slices.Contains(f.To, strconv.FormatInt(id, 10)) }

// who says what a person is, and where.
func who(p handover.Person) string {
	if p.Branch == "" {
		return string(p.Role)
	}
	return string(p.Role) + ", " + p.Branch
}

// Plan is what is typed; a number that is none is nobody's.
func (f HandOverForm) Plan() handover.Plan {
	p := handover.Plan{From: f.From, Rule: handover.Rule(f.Rule), Note: f.Note}
	for _, s := range f.To {
		id, _ := strconv.ParseInt(s, 10, 64)
		p.To = append(p.To, id)
	}
	return p
}

// handOverRules say each rule in words.
var handOverRules = map[handover.Rule]string{
	handover.ToPeople: "To the people ticked below, evenly. All that is open with one customer goes to one of them",
	handover.ByBranch: "To the people of the customer’s branch, evenly. Where it has none, to those ticked below",
	handover.ByOwner:  "What is with somebody else’s customer goes to that owner. The customers themselves go to those ticked below",
}

// HandOverKinds say what is counted, one and several.
var HandOverKinds = map[handover.Kind][2]string{
	handover.Customers: {"customer", "customers"},
	handover.Agenda:    {"agenda entry", "agenda entries"},
	handover.FollowUps: {"follow-up", "follow-ups"},
	handover.Contacts:  {"contact", "contacts"},
	handover.Promises:  {"promise", "promises"},
	handover.Cases:     {"case", "cases"},
	handover.Inbox:     {"inbox entry", "inbox entries"},
	handover.Calls:     {"call to finish", "calls to finish"},
	handover.Statuses:  {"item status", "item statuses"},
	handover.Actions:   {"dunning action", "dunning actions"},
	handover.Covers:    {"absence covered", "absences covered"},
}

// HandOverWords lists what there is: "12 customers", "1 case".
func HandOverWords(c handover.Counts) (list []string) {
	for _, k := range handover.Kinds {
		if n := c[k]; n > 0 {
			list = append(list, Count(n, HandOverKinds[k][0], HandOverKinds[k][1]))
		}
	}
	return list
}

// HandOverHeld says what somebody has: "12 customers, 1 case, of which 2 with archived customers".
func HandOverHeld(h handover.Held) string {
	said := strings.Join(HandOverWords(h.Counts), ", ")
	if h.Archived > 0 {
		said += ", of which " + Number(h.Archived) + " with archived customers"
	}
	return said
}

// handOverColumns are the kinds of which there is something.
func handOverColumns(held handover.Counts) (list []handover.Kind) {
	for _, k := range handover.Kinds {
		if held[k] > 0 {
			list = append(list, k)
		}
	}
	return list
}

// heading is a kind at the head of its column.
func heading(k handover.Kind) string {
	words := HandOverKinds[k][1]
	return strings.ToUpper(words[:1]) + words[1:]
}

// HandOverRow is a line of the table of who has how much.
type HandOverRow struct {
	Name, Remark string
	All          bool // it is what the others share
	Counts       handover.Counts
}
