package note

import (
	"slices"
)

// Group is what people look for together among the activities of a customer: notes
// of certain kinds.
type Group string

// The groups. What belongs to none of them, such as a change of the address, stands
// in the whole journal only.
const (
	Calls    Group = "calls"
	SMS      Group = "sms"
	Emails   Group = "emails"
	Letters  Group = "letters"
	Promises Group = "promises"
	Cases    Group = "cases"
	Notes    Group = "notes"
)

// Groups lists the groups in the order in which they are offered.
var Groups = []Group{Calls, SMS, Emails, Letters, Promises, Cases, Notes}

// grouped are the kinds of each group. A kind is in one group at most, and whoever
// writes a new one about a contact names it here.
var grouped = map[Group][]string{
	Calls:    {"call"},
	SMS:      {"sms"},
	Emails:   {"email", "message"}, // message: what became of an e-mail
	Letters:  {"letter"},
	Promises: {"promise"},
	Cases:    {"case"},
	Notes:    {Typed, "activity", "contact"}, // activity, contact: a conversation that was no call
}

// Kinds are the kinds of notes that belong to the group; none: there is no such
// group.
func (g Group) Kinds() []string { return slices.Clone(grouped[g]) }

// Name is the group as people read it.
func (g Group) Name() string {
	switch g {
	case SMS:
		return "SMS"
	case Emails:
		return "E-mails"
	case Letters:
		return "Letters"
	case Promises:
		return "Promises"
	case Cases:
		return "Cases"
	case Notes:
		return "Notes"
	}
	return "Calls"
}
