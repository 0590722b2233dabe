package message

import (
	"context"

	"dunwell/internal/customer"
	"dunwell/internal/language"
	"dunwell/internal/tenant"
)

// first are the texts that a new company begins with, in one language. A letter
// has the items in a table of its own, where to pay below it, and what an e-mail
// attaches is enclosed.
type first struct {
	reminder, copies, account Words // e-mails, as the next
	promised                  Words
	reminderLetter            Words
	copiesLetter              Words
	accountLetter             Words
}

var firsts = map[string]first{"en": firstEnglish, "cs": firstCzech, "da": firstDanish, "de": firstGerman, "fr": firstFrench}

// CopiesName is what the templates are called, unless somebody renames them, that
// go with copies of items.
const CopiesName = "Copies of invoices"

// PromiseName is what the template is called, unless somebody renames it, that
// confirms a promise to pay.
const PromiseName = "Promise confirmation"

// SeedTemplates gives a new tenant its first templates, in all languages.
func SeedTemplates(ctx context.Context, tx *tenant.Tx) error {
	sms := map[string]Words{}
	for code, text := range firstSMS {
		sms[code] = Words{Body: text}
	}
	if _, err := AddTemplate(ctx, tx, customer.SMS, Wording{Name: "Payment reminder", Demands: true, Texts: sms}); err != nil {
		return err
	}
	for _, t := range []struct {
		channel customer.Channel
		name    string
		demands bool
		words   func(first) Words
	}{
		{customer.Mail, "Payment reminder", true, func(f first) Words { return f.reminder }},
		{customer.Mail, CopiesName, false, func(f first) Words { return f.copies }},
		{customer.Mail, "Statement of account", false, func(f first) Words { return f.account }},
		{customer.Mail, PromiseName, false, func(f first) Words { return f.promised }},
		{customer.Letter, "Payment reminder", true, func(f first) Words { return f.reminderLetter }},
		{customer.Letter, CopiesName, false, func(f first) Words { return f.copiesLetter }},
		{customer.Letter, "Statement of account", false, func(f first) Words { return f.accountLetter }},
	} {
		texts := map[string]Words{}
		for _, code := range language.Codes {
			texts[code] = t.words(firsts[code])
		}
		if _, err := AddTemplate(ctx, tx, t.channel, Wording{Name: t.name, Demands: t.demands, Texts: texts}); err != nil {
			return err
		}
	}
	return nil
}

// listItems names each item in a line of its own.
func listItems(line, more string) string {
	return "{% for item in items %}" + line + "\n{% endfor %}{% if items_more > 0 %}" + more + "\n{% endif %}"
}

// listParts names each part of a promise in a line of its own.
func listParts(line string) string {
	return "{% for instalment in instalments %}" + line + "\n{% endfor %}"
}

// sumBy says what each currency comes to in which something is to be paid, with the
// deadline where a level gives one: the letter that is printed where no e-mail can go
// gives the one that is kept.
func sumBy(sum, lessCredit, pay, by string) string {
	return "{% for figure in figures %}{% if figure.listed %}" + sum + " {{ figure.listed }}{% if figure.credit %}, " + lessCredit + " {{ figure.credit }}{% endif %}. " +
		pay + " {{ figure.to_collect }}{% if pay_by %} " + by + " {{ pay_by }}{% endif %}.\n{% endif %}{% endfor %}"
}
