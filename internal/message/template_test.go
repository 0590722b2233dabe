package message_test

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"

	"dunwell/internal/customer"
	"dunwell/internal/day"
	"dunwell/internal/errs"
	"dunwell/internal/message"
	"dunwell/internal/money"
	"dunwell/internal/template"
	"dunwell/internal/tenant"
)

func words(codes ...string) map[string]message.Words {
	m := map[string]message.Words{}
	for _, code := range codes {
		m[code] = message.Words{Subject: code + " subject", Body: code + " body for {{ customer.name }}"}
	}
	return m
}

// add makes a template and returns its id.
func add(t *testing.T, b *books, channel customer.Channel, name string, codes ...string) (id int64) {
	t.Helper()
	b.write(t, b.Admin, func(tx *tenant.Tx) (err error) {
		id, err = message.AddTemplate(t.Context(), tx, channel, message.Wording{Name: name, Texts: words(codes...)})
		return err
	})
	return id
}

func TestTemplateChanges(t *testing.T) {
	t.Parallel()
	b := newBooks(t)
	id := add(t, b, customer.Mail, " A  name ", "en", "fr")
	b.write(t, b.Admin, func(tx *tenant.Tx) error {
		was, err := message.FindTemplate(t.Context(), tx, id)
		if err != nil {
			return err
		}
		if was.Name != "A name" || !slices.Equal(was.Languages, []string{"en", "fr"}) || !slices.Equal(was.Missing(), []string{"cs", "da", "de"}) {
			t.Errorf("it is %+v, missing %v", was, was.Missing())
		}
		old, err := message.TextsOf(t.Context(), tx, id)
		if err != nil {
			return err
		}
		w := message.Wording{Name: "A name", Demands: true, Texts: words("en", "de")} // without the French
		if err := message.ChangeTemplate(t.Context(), tx, id, was.Version, w); err != nil {
			return err
		}
		if err := message.ChangeTemplate(t.Context(), tx, id, was.Version, w); !errors.As(err, new(errs.Conflict)) {
			t.Errorf("changed from what is no longer there: %v", err)
		}
		is, err := message.FindTemplate(t.Context(), tx, id)
		if err != nil {
			return err
		}
		if err := message.ChangeTemplate(t.Context(), tx, id, is.Version, w); err != nil {
			return err
		}
		texts, err := message.TextsOf(t.Context(), tx, id)
		if len(texts) != 2 || texts[0].ID != old[0].ID || texts[1].Language != "de" || texts[1].Author != "acme admin" || !is.Demands {
			t.Errorf("texts %+v; what did not change has a new id, or the rest is wrong", texts)
		}
		return err
	})
	var rows, events int
	err := b.owner.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM template_texts), (SELECT count(*) FROM audit_events WHERE kind LIKE 'template.%')`).Scan(&rows, &events)
	if err != nil || rows != 4 || events != 2 {
		t.Errorf("%d wordings and %d events, %v; want 4 and 2", rows, events, err)
	}
}

// What was sent keeps the wording that it was made of, whatever becomes of the
// template; an address in angle brackets is no HTML.
func TestSentKeepsItsWording(t *testing.T) {
	t.Parallel()
	b := newBooks(t)
	id := add(t, b, customer.Mail, "Reminder", "en")
	var f message.Filled
	b.read(t, func(tx *tenant.Tx) (err error) {
		f, err = message.Fill(t.Context(), tx, message.Choice{CustomerID: b.debtor, TemplateID: id})
		return err
	})
	n := b.mail(f.Subject)
	n.Body, n.TextID = f.Body, f.TextID
	sent := b.send(t, b.Collector, n)
	b.write(t, b.Admin, func(tx *tenant.Tx) error {
		w := message.Wording{Name: "Second", Texts: map[string]message.Words{"en": {Subject: "Other", Body: "Write to <pay@acme.example>."}}}
		return errors.Join(message.ChangeTemplate(t.Context(), tx, id, 1, w), message.RetireTemplate(t.Context(), tx, id))
	})
	var kept string
	if err := b.owner.QueryRow(t.Context(), `SELECT body FROM template_texts WHERE id = $1`, f.TextID).Scan(&kept); err != nil || kept != "en body for {{ customer.name }}" {
		t.Errorf("the wording is kept as %q, %v", kept, err)
	}
	if d := b.find(t, sent); d.TextID != f.TextID || d.Template != "Second" || !strings.HasPrefix(d.Body, "en body for Customer C-1\n") {
		t.Errorf("it became %+v", d.Message)
	}
	b.read(t, func(tx *tenant.Tx) error {
		all, err := message.AllTemplates(t.Context(), tx)
		if len(all) != 1 || all[0].Used != 1 {
			t.Errorf("used: %+v", all)
		}
		return err
	})
}

func TestTemplateRefused(t *testing.T) {
	t.Parallel()
	b := newBooks(t)
	add(t, b, customer.Mail, "Taken", "en")
	add(t, b, customer.Letter, "Taken", "en") // another channel
	for name, c := range map[string]struct {
		channel customer.Channel
		w       message.Wording
		field   string
		says    string
	}{
		"no name":         {customer.Mail, message.Wording{Texts: words("en")}, "name", "Give it a name"},
		"a taken name":    {customer.Mail, message.Wording{Name: "taken", Texts: words("en")}, "name", "There is a template called taken"},
		"no text":         {customer.Mail, message.Wording{Name: "x", Texts: map[string]message.Words{"en": {}}}, "body_en", "Write a text in one language"},
		"no body":         {customer.Mail, message.Wording{Name: "x", Texts: map[string]message.Words{"fr": {Subject: "x"}}}, "body_fr", "Write the text too"},
		"no subject":      {customer.Mail, message.Wording{Name: "x", Texts: map[string]message.Words{"fr": {Body: "x"}}}, "subject_fr", "Give a subject"},
		"an SMS' subject": {customer.SMS, message.Wording{Name: "x", Texts: words("da")}, "subject_da", "An SMS has no subject"},
		"a call":          {customer.Call, message.Wording{Name: "x", Texts: words("da")}, "channel", "Choose how"},
		"a loop":          {customer.Mail, message.Wording{Name: "x", Texts: map[string]message.Words{"de": {Subject: "x", Body: "a\n{% for i in (1..99999999) %}x{% endfor %}"}}}, "body_de", "Line 2: a loop is written"},
		"no variable":     {customer.Mail, message.Wording{Name: "x", Texts: map[string]message.Words{"de": {Subject: "{{ nobody }}", Body: "x"}}}, "subject_de", "Line 1: there is no variable nobody"},
		"HTML":            {customer.Mail, message.Wording{Name: "x", Texts: map[string]message.Words{"de": {Subject: "x", Body: "a < b\n<pay@acme.example> <https://acme.example>\n<b>Pay</b>"}}}, "body_de", "Line 3: there is no HTML here, and people would read <b> as it stands"},
		"a script":        {customer.SMS, message.Wording{Name: "x", Texts: map[string]message.Words{"fr": {Body: "x <script src='//x.example'>"}}}, "body_fr", "Line 1: there is no HTML here, and people would read <script src='//x.example'> as"},
		"a picture":       {customer.Letter, message.Wording{Name: "x", Texts: map[string]message.Words{"fr": {Subject: "<IMG/>", Body: "x"}}}, "subject_fr", "Line 1: there is no HTML here"},
		"100 MB":          {customer.Mail, message.Wording{Name: "x", Texts: map[string]message.Words{"de": {Subject: "x", Body: strings.Repeat("x", 100<<20)}}}, "body_de", "Shorten it"},
		"a card number":   {customer.Mail, message.Wording{Name: "x", Texts: map[string]message.Words{"de": {Subject: "x", Body: "4111111111111111"}}}, "body_de", "card number"},
	} {
		err := b.Write(t.Context(), b.Admin, func(tx *tenant.Tx) error {
			_, err := message.AddTemplate(t.Context(), tx, c.channel, c.w)
			return err
		})
		if got := invalid(err, c.field); !strings.Contains(got, c.says) {
			t.Errorf("%s: %q (%.200v), want %q", name, got, err, c.says)
		}
	}
	for _, who := range []tenant.Who{b.Collector, b.Manager} {
		_ = b.Write(t.Context(), who, func(tx *tenant.Tx) error {
			_, aerr := message.AddTemplate(t.Context(), tx, customer.Mail, message.Wording{Name: "x", Texts: words("en")})
			for _, err := range []error{aerr, message.ChangeTemplate(t.Context(), tx, 1, 1, message.Wording{}), message.RetireTemplate(t.Context(), tx, 1), message.TakeBackTemplate(t.Context(), tx, 1)} {
				if !errors.As(err, new(errs.Forbidden)) {
					t.Errorf("somebody who is no administrator: %v", err)
				}
			}
			return aerr
		})
	}
}

func TestRetire(t *testing.T) {
	t.Parallel()
	b := newBooks(t)
	first := add(t, b, customer.Mail, "Reminder", "en")
	b.write(t, b.Admin, func(tx *tenant.Tx) error {
		return errors.Join(message.RetireTemplate(t.Context(), tx, first), message.RetireTemplate(t.Context(), tx, first))
	})
	second := add(t, b, customer.Mail, "Reminder", "en")
	err := b.Write(t.Context(), b.Admin, func(tx *tenant.Tx) error { return message.TakeBackTemplate(t.Context(), tx, first) })
	if !errors.As(err, new(errs.Conflict)) {
		t.Errorf("taken back beside another of the same name: %v", err)
	}
	b.read(t, func(tx *tenant.Tx) error {
		list, err := message.Templates(t.Context(), tx, customer.Mail)
		if len(list) != 1 || list[0].ID != second {
			t.Errorf("to pick from: %+v", list)
		}
		all, aerr := message.AllTemplates(t.Context(), tx)
		if len(all) != 2 || all[1].RetiredAt == nil {
			t.Errorf("all: %+v", all)
		}
		_, ferr := message.Fill(t.Context(), tx, message.Choice{CustomerID: b.debtor, TemplateID: first})
		if got := invalid(ferr, "template"); !strings.Contains(got, "no longer in use") {
			t.Errorf("filled: %q", got)
		}
		return errors.Join(err, aerr)
	})
	b.write(t, b.Admin, func(tx *tenant.Tx) error {
		return errors.Join(message.RetireTemplate(t.Context(), tx, second), message.TakeBackTemplate(t.Context(), tx, first))
	})
}

// A text that is missing falls back whole: the customer's language, the company's,
// English; never another one.
func TestLanguage(t *testing.T) {
	t.Parallel()
	b := newBooks(t)
	b.exec(t, `UPDATE customers SET language = 'fr' WHERE id = $1`, b.debtor)
	b.exec(t, `UPDATE tenants SET language = 'de' WHERE id = $1`, b.ID)
	for _, c := range []struct {
		has      []string
		asked    string
		want     string
		fallback bool
	}{
		{[]string{"en", "fr", "de", "cs"}, "", "fr", false},
		{[]string{"en", "de", "cs"}, "", "de", true},
		{[]string{"en", "cs"}, "", "en", true},
		{[]string{"en", "fr", "cs"}, "cs", "cs", false},
		{[]string{"en", "fr"}, "da", "fr", true},
		{[]string{"cs"}, "", "", false},
	} {
		id := add(t, b, customer.Mail, strings.Join(c.has, " ")+c.asked, c.has...)
		b.read(t, func(tx *tenant.Tx) error {
			f, err := message.Fill(t.Context(), tx, message.Choice{CustomerID: b.debtor, TemplateID: id, Language: c.asked})
			if c.want == "" {
				if got := invalid(err, "template"); !strings.Contains(got, "has no text in French or English") {
					t.Errorf("%v: %q", c.has, got)
				}
				return nil
			}
			if f.Language != c.want || f.Fallback != c.fallback || f.Subject != c.want+" subject" || f.Body != c.want+" body for Customer C-1" {
				t.Errorf("%v asked for %q: %+v, want %s", c.has, c.asked, f, c.want)
			}
			return err
		})
	}
}

// The first templates can be filled, in every language from the first word to the
// last, and what they list adds up to what they ask for.
func TestSeed(t *testing.T) {
	t.Parallel()
	b := newBooks(t)
	b.write(t, b.Admin, func(tx *tenant.Tx) error { return message.SeedTemplates(t.Context(), tx) })
	pay(t, b, 1_111)
	english := regexp.MustCompile(`(?i)\b(dear|please|due|kind regards|attached|invoices?|statement|account|customer|where|items?|regards)\b`)
	b.read(t, func(tx *tenant.Tx) error {
		all, err := message.AllTemplates(t.Context(), tx)
		if err != nil || len(all) != 8 {
			t.Fatalf("%d templates, %v", len(all), err)
		}
		for _, tm := range all {
			if len(tm.Missing()) > 0 {
				t.Errorf("%s lacks %v", tm.Name, tm.Missing())
			}
			for code, amounts := range map[string][]string{"en": {"EUR 1,234.56", "EUR 77.01", "EUR 1,311.57", "EUR 11.11", "EUR 1,300.46"},
				"cs": {"1 234,56 EUR", "77,01 EUR", "1 311,57 EUR", "11,11 EUR", "1 300,46 EUR"}, "da": {"1.234,56 EUR", "77,01 EUR", "1.311,57 EUR", "11,11 EUR", "1.300,46 EUR"},
				"de": {"1.234,56 EUR", "77,01 EUR", "1.311,57 EUR", "11,11 EUR", "1.300,46 EUR"}, "fr": {"1 234,56 EUR", "77,01 EUR", "1 311,57 EUR", "11,11 EUR", "1 300,46 EUR"}} {
				f, err := message.Fill(t.Context(), tx, message.Choice{CustomerID: b.debtor, TemplateID: tm.ID, PointID: b.anna, Language: code,
					Promise: template.Promise{Amount: money.New(50_50, "EUR"), Parts: []template.Part{{DueOn: day.New(2026, 3, 20), Minor: 20_20}, {DueOn: day.New(2026, 4, 20), Minor: 30_30}}}})
				if err != nil {
					return err
				}
				text := strings.ReplaceAll(f.Subject+"\n"+f.Body, "\u00a0", " ")
				if f.Language != code || code != "en" && english.MatchString(strings.ReplaceAll(text, "Customer C-1", "")) || strings.Contains(text, "{") {
					t.Errorf("%s %s in %s: %s", tm.Channel, tm.Name, code, text)
				}
				if n := regexp.MustCompile(`50[.,]50|20[.,]20|30[.,]30`).FindAllString(text, -1); tm.Name == message.PromiseName && len(n) != 3 {
					t.Errorf("the confirmation in %s: %s", code, text)
				}
				if tm.Demands && tm.Channel == customer.Letter {
					amounts = amounts[2:]
				}
				if tm.Channel == customer.SMS { // it has room for what is to be paid
					amounts = amounts[len(amounts)-1:]
				}
				for _, want := range amounts {
					if tm.Demands && !strings.Contains(text, want) {
						t.Errorf("%s %s in %s lacks %s: %s", tm.Channel, tm.Name, code, want, text)
					}
				}
			}
		}
		return nil
	})
}

// A text that is being written is shown with the figures of a customer, or of a
// made-up one.
func TestForPreview(t *testing.T) {
	t.Parallel()
	b := newBooks(t)
	x := message.Text{Language: "fr", Subject: "{{ customer.number }}", Body: "{{ person.name }} {{ overdue }} {{ sender.name }}"}
	b.read(t, func(tx *tenant.Tx) error {
		subject, body, err := message.ForPreview(t.Context(), tx, x, b.debtor)
		if subject != "C-1" || strings.ReplaceAll(body, "\u00a0", " ") != "Anna Holm 1 311,57 EUR Acme Finance AS" || err != nil {
			t.Errorf("%q %q %v", subject, body, err)
		}
		if _, body, err = message.ForPreview(t.Context(), tx, x, 0); !strings.HasPrefix(body, "Anna Holm EUR 14,820.50") || err != nil {
			t.Errorf("%q %v", body, err)
		}
		x.Body = "{% if %}"
		if _, _, err = message.ForPreview(t.Context(), tx, x, 0); !errors.As(err, new(template.Refusal)) {
			t.Errorf("%v", err)
		}
		return nil
	})
}
