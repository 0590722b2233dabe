// Package note is the journal of a customer: what happened, when and by whom, one
// line after another. Nothing in it is ever changed or removed; what was wrong is
// corrected by a later note. It does not decide what is worth a note: that is the
// business of the package in which the thing happens.
package note

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// Typed is the kind of what a person writes. All other kinds are written by the
// program about what was done.
const Typed = "note"

// MaxTyped is how many characters a person may write into one note.
const MaxTyped = 4000

// New is a note to be written. Its author is who acts in the transaction.
type New struct {
	CustomerID int64
	Kind       string // lower case, words joined by "_"
	Text       string
	Subject    string // the noun of what it is about, such as item; may be empty
	SubjectID  int64
	// Data is kept as jsonb; nil: {}. Card numbers in it are not looked for.
	Data any
	// Corrects is the number of the customer's note that this one puts right; 0: none.
	// AddMany leaves it out.
	Corrects int64
}

// Add writes a note and returns its number within the customer's journal. A
// Typed text is checked as a person's; in all others card numbers are masked.
// A transaction that writes to several customers goes in the order of their ids,
// else two of them may wait for each other.
func Add(ctx context.Context, tx *tenant.Tx, n New) (seq int64, err error) {
	if err := n.prepare(); err != nil {
		return 0, err
	}
	data, err := n.json()
	if err != nil {
		return 0, err
	}
	err = tx.QueryRow(ctx, `
		INSERT INTO notes (customer_id, author_id, author, kind, text, subject, subject_id, data, corrects)
		VALUES (@customer, nullif(@author, 0), @name, @kind, @text, @subject, nullif(@id, 0), @data, nullif(@corrects, 0))
		RETURNING seq`,
		pgx.NamedArgs{"customer": n.CustomerID, "author": tx.Actor.MemberID, "name": tx.Actor.Name, "kind": n.Kind, "text": n.Text,
			"subject": n.Subject, "id": n.SubjectID, "data": data, "corrects": n.Corrects}).Scan(&seq)
	if err != nil {
		return 0, refused(err)
	}
	return seq, nil
}

// AddMany writes notes in one statement, in the order given within each customer.
// It holds them all in memory: some 100,000 at a time.
func AddMany(ctx context.Context, tx *tenant.Tx, notes []New) error {
	var (
		customers, ids              []int64
		kinds, texts, subjects, all []string
	)
	for _, n := range notes {
		if err := n.prepare(); err != nil {
			return err
		}
		data, err := n.json()
		if err != nil {
			return err
		}
		customers, ids = append(customers, n.CustomerID), append(ids, n.SubjectID)
		kinds, texts, subjects, all = append(kinds, n.Kind), append(texts, n.Text), append(subjects, n.Subject), append(all, string(data))
	}
	// The order of the rows is the order in which the journals are locked.
	_, err := tx.Exec(ctx, `
		INSERT INTO notes (customer_id, author_id, author, kind, text, subject, subject_id, data)
		SELECT n.customer, nullif(@author, 0), @name, n.kind, n.text, n.subject, nullif(n.id, 0), n.data::jsonb
		FROM unnest(@customers::bigint[], @kinds::text[], @texts::text[], @subjects::text[], @ids::bigint[], @data::text[])
			WITH ORDINALITY AS n (customer, kind, text, subject, id, data, place)
		ORDER BY n.customer, n.place`,
		pgx.NamedArgs{"author": tx.Actor.MemberID, "name": tx.Actor.Name, "customers": customers, "kinds": kinds,
			"texts": texts, "subjects": subjects, "ids": ids, "data": all})
	if err != nil {
		return refused(err)
	}
	return nil
}

// prepare checks what a person typed, and masks what came from elsewhere.
func (n *New) prepare() error {
	n.Text = strings.TrimSpace(strings.ReplaceAll(n.Text, "\r\n", "\n"))
	if n.Kind != Typed {
		n.Text = MaskCards(n.Text)
		return nil
	}
	var inv errs.Invalid
	inv.Check(n.Text != "", "text", "Write what happened; an empty note says nothing.")
	length := utf8.RuneCountInString(n.Text)
	inv.Check(length <= MaxTyped, "text", fmt.Sprintf("This has %d characters and a note holds %d. Shorten it, or write two notes.", length, MaxTyped))
	inv.Check(!HasCard(n.Text), "text", NoCard)
	return inv.Err()
}

func (n *New) json() ([]byte, error) {
	if n.Data == nil {
		return []byte("{}"), nil
	}
	data, err := json.Marshal(n.Data)
	if err != nil {
		return nil, fmt.Errorf("data of a %s note: %w", n.Kind, err)
	}
	return data, nil
}

// refused tells a customer who is not there, and a note that somebody else has
// corrected, from a fault.
func refused(err error) error {
	var pg *pgconn.PgError
	switch {
	case !errors.As(err, &pg):
	case pg.Code == "23503" && pg.ConstraintName == "": // raised by the notes' own trigger
		return errs.NotFound
	case pg.ConstraintName == "notes_corrected_once":
		return corrected
	}
	return fmt.Errorf("write note: %w", err)
}
