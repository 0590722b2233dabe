package contacts

import (
	"dunwell/internal/contact"
	"dunwell/web/ui"
)

// options are the lists of the form by the names of their fields, as people read them.
func (f form) options() map[string][]ui.Option {
	c := f.Choices
	none := ui.Option{Label: "None"}
	var members, codes []ui.Option
	for _, m := range c.Members {
		members = append(members, ui.Option{Value: number(m.ID), Label: m.Name})
	}
	for _, t := range c.Types {
		codes = append(codes, ui.Option{Value: number(t.ID), Label: t.Label()})
	}
	return map[string][]ui.Option{
		"department": append([]ui.Option{none}, named(c.Departments)...),
		"origin":     append([]ui.Option{none}, entries(c.Origins)...),
		"strength":   append([]ui.Option{none}, entries(c.Strengths)...),
		"vehicle":    append([]ui.Option{none}, named(c.Vehicles)...),
		"executive":  f.left(members, "executive"),
		"assignee":   f.left(members, "assignee"),
		"type":       codes,
		"next_type":  codes,
	}
}

func named(list []contact.Choice) (options []ui.Option) {
	for _, c := range list {
		options = append(options, ui.Option{Value: number(c.ID), Label: c.Name})
	}
	return options
}

func entries(list []contact.Entry) (options []ui.Option) {
	for _, e := range list {
		options = append(options, ui.Option{Value: number(e.ID), Label: e.Name})
	}
	return options
}

// left adds a member who has left, where an open contact still has that one.
func (f form) left(members []ui.Option, field string) []ui.Option {
	if f.Edited == nil {
		return members
	}
	its := ui.Option{Value: number(f.Edited.ExecutiveID), Label: f.Edited.Executive + " (left)"}
	if field == "assignee" {
		its = ui.Option{Value: number(f.Edited.AssigneeID), Label: f.Edited.Assignee + " (left)"}
	}
	for _, m := range members {
		if m.Value == its.Value {
			return members
		}
	}
	return append(members[:len(members):len(members)], its)
}

// codes are the types that may be chosen, by their groups, with those that stand in
// the form or were planned for it.
func (f form) codes(field string) (groups []ui.OptionGroup) {
	for _, t := range f.Choices.Types {
		value := number(t.ID)
		if !t.Offered() && value != f.Typed[field] && (f.Edited == nil || value != f.Now[field]) {
			continue
		}
		if n := len(groups); n == 0 || groups[n-1].Label != t.Group {
			groups = append(groups, ui.OptionGroup{Label: t.Group})
		}
		last := &groups[len(groups)-1]
		last.Options = append(last.Options, ui.Option{Value: value, Label: t.Label()})
	}
	return groups
}

// action is what the type that was chosen asks for, or asked for when the contact was
// made.
func (f form) action() string {
	if f.Edited != nil && f.Typed["type"] == number(f.Edited.TypeID) {
		return said(f.Edited.Action)
	}
	for _, t := range f.Choices.Types {
		if number(t.ID) == f.Typed["type"] {
			return said(t.Action)
		}
	}
	return "Choose the code, and what it asks for stands here."
}

func said(action string) string {
	if action == "" {
		return "No other action is required."
	}
	return action
}

// branch is the executive's.
func (f form) branch() string {
	for _, m := range f.Choices.Members {
		if number(m.ID) == f.Typed["executive"] && m.Branch != "" {
			return m.Branch
		}
	}
	return "No branch"
}
