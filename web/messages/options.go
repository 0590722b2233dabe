package messages

import (
	"cmp"
	"strconv"

	"dunwell/internal/customer"
	"dunwell/internal/language"
	"dunwell/internal/tenant"
	"dunwell/web/ui"
)

func (p page) templateOptions() []ui.Option {
	options := []ui.Option{{Value: "", Label: "Own text"}}
	for _, t := range p.Templates {
		options = append(options, ui.Option{Value: strconv.FormatInt(t.ID, 10), Label: t.Name})
	}
	return options
}

func (p page) languageOptions(own string) (options []ui.Option) {
	of := language.Of(p.Customer.Language, own)
	for _, code := range language.Codes {
		label := tenant.Languages[code]
		if code == of.Code {
			label += " (theirs)"
		}
		options = append(options, ui.Option{Value: code, Label: label})
	}
	return options
}

// inLanguage is the one that is chosen.
func (p page) inLanguage(own string) string {
	return language.Of(p.Language, p.Customer.Language, own).Code
}

func on(b bool) string {
	if b {
		return "on"
	}
	return ""
}

func idValue(id int64) string {
	if id == 0 {
		return ""
	}
	return strconv.FormatInt(id, 10)
}

// name is what stands for a person beside an address.
func name(c customer.ContactPoint) string { return cmp.Or(c.Person, c.Role.Name()) }
