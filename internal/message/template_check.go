package message

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"dunwell/internal/customer"
	"dunwell/internal/errs"
	"dunwell/internal/language"
	"dunwell/internal/note"
	"dunwell/internal/template"
	"dunwell/internal/tenant"
)

// How many characters the parts of a template hold; of its texts see also
// template.MaxSource.
const (
	MaxName    = 120
	MaxSubject = 300
	MaxBody    = 20_000
)

// Wording is what is typed of a template.
type Wording struct {
	Name    string
	Demands bool
	Texts   map[string]Words // by language; one without a body is none
}

// Words are the subject and the body in one language.
type Words struct{ Subject, Body string }

// check brings what was typed into form and refuses what cannot be used. A
// message stands beside its field: subject_fr, body_fr.
func (w *Wording) check(channel customer.Channel) error {
	var inv errs.Invalid
	tenant.OneLine(&inv, &w.Name, "name")
	inv.Check(w.Name != "", "name", "Give it a name, by which people find it in the list.")
	inv.Check(utf8.RuneCountInString(w.Name) <= MaxName, "name", fmt.Sprintf("This holds %d characters at most. Shorten it.", MaxName))
	inv.Check(slices.Contains(Channels, channel), "channel", "Choose how it is sent.")
	texts := map[string]Words{}
	for _, code := range language.Codes {
		x := w.Texts[code].tidy()
		if x == (Words{}) {
			continue
		}
		texts[code] = x
		x.check(&inv, channel, code)
	}
	w.Texts = texts
	inv.Check(len(texts) > 0, "body_en", "Write a text in one language at least; English is what stands in for the others.")
	return inv.Err()
}

func (x Words) tidy() Words {
	return Words{strings.Join(strings.Fields(x.Subject), " "), strings.TrimSpace(strings.ReplaceAll(x.Body, "\r\n", "\n"))}
}

func (x Words) check(inv *errs.Invalid, channel customer.Channel, code string) {
	subject, body := "subject_"+code, "body_"+code
	tenant.OneLine(inv, &x.Subject, subject)
	inv.Check(x.Body != "", body, "Write the text too, or empty the subject: then this language has none.")
	inv.Check(channel == customer.SMS || x.Subject != "", subject, "Give a subject: it is what people see first.")
	inv.Check(channel != customer.SMS || x.Subject == "", subject, "An SMS has no subject. Leave it empty.")
	for field, limit := range map[string]int{subject: MaxSubject, body: MaxBody} {
		text := x.Body
		if field == subject {
			text = x.Subject
		}
		n := utf8.RuneCountInString(text)
		inv.Check(n <= limit, field, fmt.Sprintf("This has %d characters and there is room for %d. Shorten it.", n, limit))
		inv.Check(!note.HasCard(text), field, "This looks like a payment card number, which must not be sent. Take it out.")
		_, err := template.Parse(text)
		inv.Check(err == nil, field, fmt.Sprint(err))
		tag, line := markup(text)
		inv.Check(tag == "", field, fmt.Sprintf("Line %d: there is no HTML here, and people would read %s as it stands. Write text only; letters and e-mails get their layout by themselves.", line, tag))
	}
}

// tags are those of HTML, with what stands in them; an address in angle brackets
// is none.
var tags = regexp.MustCompile(`</?[A-Za-z][A-Za-z0-9]*(?:\s[^<>]*)?/?>|<!--`)

// markup finds the first tag of a text and the line in which it stands.
func markup(text string) (tag string, line int) {
	at := tags.FindStringIndex(text)
	if at == nil {
		return "", 0
	}
	return text[at[0]:min(at[1], at[0]+60)], 1 + strings.Count(text[:at[0]], "\n")
}
