package document_test

import (
	"errors"
	"strings"
	"testing"

	"dunwell/internal/document"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

func TestRemove(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	docs := d.must(t, "", "sent.pdf", pdf("sent"), "mistake.pdf", pdf("mistake"))
	d.attach(t, docs[0].ID)
	for _, doc := range docs {
		if err := d.remove(t, doc.ID); err != nil {
			t.Fatal(err)
		}
	}
	if list := d.list(t, document.Filter{Limit: 9}); len(list) != 0 {
		t.Errorf("still listed: %+v", list)
	}
	for i, found := range []bool{true, false} {
		err := d.Read(t.Context(), d.Collector, func(tx *tenant.Tx) error {
			doc, err := document.Find(t.Context(), tx, d.customer, docs[i].ID)
			if err == nil && (doc.RemovedAt == nil || doc.RemovedBy != "acme collector") {
				t.Errorf("removed by whom and when: %+v", doc)
			}
			return err
		})
		if found != (err == nil) || !found && !errors.Is(err, errs.NotFound) {
			t.Errorf("%s: %v", docs[i].Name, err)
		}
	}
	if text, err := d.content(t, d.System(), docs[0].ID); err != nil || text != pdf("sent") {
		t.Errorf("what was sent reads %q, %v", text, err)
	}
	if err := d.remove(t, docs[0].ID); !conflict(err, `acme collector removed "sent.pdf" already, on 16 Mar 2026 10:30.`) {
		t.Errorf("twice: %v", err)
	}
	if lines := d.journal(t, d.customer); lines[len(lines)-1] != "document: Document removed: mistake.pdf." {
		t.Errorf("the journal ends with %q", lines)
	}
}

// attach has a message that took the document along, and returns its id.
func (d *desk) attach(t *testing.T, id int64) (message int64) {
	t.Helper()
	d.write(t, func(tx *tenant.Tx) error {
		return tx.QueryRow(t.Context(), `
			WITH m AS (
				INSERT INTO messages (customer_id, channel, state, address, language, subject, body)
				VALUES ($1, 'email', 'queued', 'a@debtors.example', 'en', 'Your invoices', 'text')
				RETURNING id)
			INSERT INTO message_documents (message_id, document_id)
			SELECT id, $2 FROM m
			RETURNING message_id`, d.customer, id).Scan(&message)
	})
	return message
}

// What went out itself stays, and says what it was.
func TestWhatWasSentStays(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	message := d.attach(t, d.must(t, "", "a.pdf", pdf("a"))[0].ID)
	for _, subject := range []document.Subject{document.OfLetter, document.OfMessage} {
		var sent document.Document
		d.write(t, func(tx *tenant.Tx) (err error) {
			sent, err = document.Add(t.Context(), tx, d.store, document.New{CustomerID: d.customer, Subject: subject, SubjectID: message,
				Name: "letter.pdf", Content: strings.NewReader(pdf("letter"))})
			return err
		})
		if err := d.remove(t, sent.ID); !conflict(err, `"letter.pdf" is the copy of what was sent, and stays.`) {
			t.Errorf("%s: %v", subject, err)
		}
		if list := d.list(t, document.Filter{}); list[0].ID != sent.ID || list[0].About != "Your invoices" || !list[0].Sent() {
			t.Errorf("it is listed as %+v", list[0])
		}
	}
}

// An archived customer gets no documents and loses none.
func TestArchived(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	doc := d.must(t, "", "a.pdf", pdf("a"))[0]
	d.write(t, func(tx *tenant.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE customers SET archived_at = now() WHERE id = $1`, d.customer)
		return err
	})
	if _, err := d.upload(t, "", "b.pdf", pdf("b")); !conflict(err, "archived") {
		t.Errorf("upload: %v", err)
	}
	if err := d.remove(t, doc.ID); !conflict(err, "archived") {
		t.Errorf("remove: %v", err)
	}
}
