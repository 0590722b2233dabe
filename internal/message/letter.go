package message

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"dunwell/internal/document"
	"dunwell/internal/errs"
	"dunwell/internal/note"
	"dunwell/internal/statement"
	"dunwell/internal/tenant"
)

// letterName is what the file of a letter is called, by language.
var letterName = map[string]string{"en": "letter", "cs": "dopis", "da": "brev", "de": "brief", "fr": "lettre"}

// letter makes a letter for the post. It is sent once it is printed, which is now.
func (o *Outbox) letter(ctx context.Context, tx *tenant.Tx, n New, h statement.Heading) (int64, error) {
	if !h.Customer.HasAddress() {
		return 0, errs.Invalid{"": "No postal address of this customer is known. Give it under Edit, then print the letter."}
	}
	if err := h.LoadLogo(ctx, tx, o.Store); err != nil {
		return 0, err
	}
	l := statement.Letter{Heading: h, Subject: n.Subject, Body: n.Body, Pay: n.Demands || n.Statement}
	if n.Statement {
		s, err := statement.Of(ctx, tx, n.CustomerID, statement.Options{Language: n.Language})
		if err != nil {
			return 0, err
		}
		l.Items = s.Sections
	}
	var pdf bytes.Buffer
	if err := l.PDF(&pdf); err != nil {
		return 0, fmt.Errorf("make the letter: %w", err)
	}
	m := kept{New: n, address: note.Cut(strings.Join(h.AddressLines(), "\n"), 600, "…"), sender: h.Sender(), state: Sent, reference: uuid.New()}
	id, err := m.insert(ctx, tx)
	if err != nil {
		return 0, err
	}
	d, err := document.Add(ctx, tx, o.Store, document.New{CustomerID: n.CustomerID, Subject: document.OfLetter, SubjectID: id,
		Name: letterName[n.Language] + "-" + h.On.String() + ".pdf", Content: &pdf})
	if err != nil {
		return 0, err
	}
	enclosed, err := n.chosen(ctx, tx)
	if err != nil {
		return 0, err
	}
	files := append([]document.Document{d}, enclosed...)
	if err := attach(ctx, tx, id, files); err != nil {
		return 0, err
	}
	return id, journal(ctx, tx, "letter", id, n, "Letter printed: "+n.Subject, files)
}
