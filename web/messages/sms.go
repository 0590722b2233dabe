package messages

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"dunwell/internal/customer"
	"dunwell/internal/document"
	"dunwell/internal/message"
	"dunwell/internal/tenant"
	"dunwell/web/ui"
)

// ready asks whether what goes by the channel leaves at once, and why it does not.
func (s screens) ready(ctx context.Context, tx *tenant.Tx, p *page) (err error) {
	p.site = s.box.URL
	if p.Channel == customer.SMS {
		p.Provider, p.Held, err = s.box.ReadySMS(ctx, tx)
		return err
	}
	if p.Channel == customer.Mail && !s.box.Ready() {
		p.Held = "No mail server is set up here."
	}
	return nil
}

// count says in how many parts a text goes out with the ticked documents as links,
// and what they cost. The links are as long as they can become.
func (p page) count(text string) string {
	text = strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
	if p.Statement {
		text += "\n" + strings.Repeat("x", p.linked(document.Document{Name: statementName}))
	}
	for _, d := range p.Files {
		for _, id := range p.Documents {
			if d.ID == id {
				text += "\n" + strings.Repeat("x", p.linked(d))
			}
		}
	}
	n, unicode := message.Segments(text)
	said := fmt.Sprintf("%d SMS · %s", n, ui.Count(utf8.RuneCountInString(text), "character", "characters"))
	if cost := p.Provider.Cost(n); cost != "" && n > 0 {
		said += " · about " + cost
	}
	if unicode {
		said += " · some of them need Unicode, so that a part holds 70 characters and not 160"
	}
	return said
}

// statementName is about how the statement's file is called.
const statementName = "statement-2026-03-16.pdf"

// linked is how many characters the line of a document takes below an SMS.
func (p page) linked(d document.Document) int {
	return utf8.RuneCountInString(d.Name) + len(": ") + len(p.site) + len("/d/") + tokenLength
}

// tokenLength is how long the signed part of a link gets.
const tokenLength = 48
