package message

import "strings"

// firstSMS are the reminders by SMS that a new company begins with, by language: in
// letters of which 160 fit into a part, wherever the language has them.
var firstSMS = map[string]string{
	"en": smsText("please pay {{ figure.to_collect }}{% if pay_by %} by {{ pay_by }}{% endif %}.", "Customer number", "Questions:"),
	"cs": smsText("prosíme o úhradu {{ figure.to_collect }}{% if pay_by %} do {{ pay_by }}{% endif %}.", "Zákaznické číslo", "Dotazy:"),
	"da": smsText("betal venligst {{ figure.to_collect }}{% if pay_by %} senest {{ pay_by }}{% endif %}.", "Kundenummer", "Spørgsmål:"),
	"de": smsText("bitte zahlen Sie {{ figure.to_collect }}{% if pay_by %} bis {{ pay_by }}{% endif %}.", "Kundennummer", "Fragen:"),
	"fr": smsText("merci de payer {{ figure.to_collect }}{% if pay_by %} avant le {{ pay_by }}{% endif %}.", "Numéro de client", "Questions :"),
}

func smsText(due, number, questions string) string {
	return "{{ sender.name }}: {% for figure in figures %}{% if figure.listed %}" + due + " {% endif %}{% endfor %}" + number +
		" {{ customer.number }}.{% if sender.phone %} " + questions + " {{ sender.phone }}{% endif %}"
}

// spaces are those that only printers tell from others, and of which one makes an
// SMS twice as long.
var spaces = strings.NewReplacer("\u00a0", " ", "\u202f", " ", "\u2009", " ")
