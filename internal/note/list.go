package note

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/day"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// Note is a line of a journal as it is read.
type Note struct {
	Seq      int64 // its number within the customer's journal
	At       time.Time
	AuthorID *int64 // nil: the program itself
	Author   string // the name of that time
	Kind     string
	Text     string
	// Subject is the noun of what it is about, and SubjectID which one; empty and
	// nil: the customer as a whole.
	Subject   string
	SubjectID *int64
	Corrects  *int64 // the number of the note that this one corrects
	Pinned    bool
	// CorrectedBy is the number of the note that corrects this one, Correction
	// its text; Overtaken tells that this was corrected in its turn.
	CorrectedBy *int64
	Correction  string
	Overtaken   bool
}

// kindWords are what is written otherwise than a kind's own letters say.
var kindWords = strings.NewReplacer("follow_up", "follow-up", "email", "e-mail", "sms", "SMS", "_", " ")

// KindName is the kind as people read it: "Payment returned".
func KindName(kind string) string {
	words := kindWords.Replace(kind)
	return strings.ToUpper(words[:1]) + words[1:]
}

// columns reads a Note from n; @tenant is named in each of its joins.
const columns = `
	SELECT n.seq, n.at, n.author_id, n.author, n.kind, n.text, n.subject, n.subject_id, n.corrects, p.seq IS NOT NULL AS pinned,
		c.seq AS corrected_by, coalesce(c.text, '') AS correction, o.seq IS NOT NULL AS overtaken
	FROM notes n
	LEFT JOIN note_pins p ON p.tenant_id = @tenant AND p.customer_id = n.customer_id AND p.seq = n.seq
	LEFT JOIN notes c ON c.tenant_id = @tenant AND c.customer_id = n.customer_id AND c.corrects = n.seq
	LEFT JOIN notes o ON o.tenant_id = @tenant AND o.customer_id = n.customer_id AND o.corrects = c.seq`

// Find reads one note of a customer.
func Find(ctx context.Context, tx *tenant.Tx, customerID, seq int64) (Note, error) {
	rows, _ := tx.Query(ctx, columns+`
		WHERE n.tenant_id = @tenant AND n.customer_id = @customer AND n.seq = @seq`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customer": customerID, "seq": seq})
	n, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Note])
	if errors.Is(err, pgx.ErrNoRows) {
		return Note{}, errs.NotFound
	}
	if err != nil {
		return Note{}, fmt.Errorf("find note: %w", err)
	}
	return n, nil
}

// Filter chooses notes of one customer.
type Filter struct {
	CustomerID int64
	Kind       string  // empty: all
	AuthorID   *int64  // nil: all; 0: the program itself
	From, To   day.Day // in the tenant's days, both included; zero: no limit
	Before     int64   // only numbers below it, to go on after a page; 0: from the newest
	Limit      int
}

const listSQL = columns + `
	WHERE n.tenant_id = @tenant AND n.customer_id = @customer
		AND (@kind = '' OR n.kind = @kind)
		AND (@author::bigint IS NULL OR coalesce(n.author_id, 0) = @author)
		AND (@from::timestamptz IS NULL OR n.at >= @from)
		AND (@until::timestamptz IS NULL OR n.at < @until)
		AND (@before = 0 OR n.seq < @before)
	ORDER BY n.seq DESC
	LIMIT @limit`

// QueueList asks in a batch for the notes that the filter chooses, the newest
// first.
func QueueList(b *tenant.Batch, f Filter, into *[]Note) {
	var from, until *time.Time
	if !f.From.IsZero() {
		t := f.From.Time(b.Tx.Actor.Tenant.Zone)
		from = &t
	}
	if !f.To.IsZero() {
		t := f.To.Add(1).Time(b.Tx.Actor.Tenant.Zone)
		until = &t
	}
	b.Queue("read journal", listSQL,
		pgx.NamedArgs{"tenant": b.Tx.Actor.TenantID, "customer": f.CustomerID, "kind": f.Kind, "author": f.AuthorID,
			"from": from, "until": until, "before": f.Before, "limit": f.Limit}, tenant.Into(into))
}

// List is QueueList in a round trip of its own.
func List(ctx context.Context, tx *tenant.Tx, f Filter) (notes []Note, err error) {
	b := tx.Batch()
	QueueList(b, f, &notes)
	err = b.Send(ctx)
	return notes, err
}

// Each calls f with every note of the customer from the first to the newest, one
// at a time, for exports.
func Each(ctx context.Context, tx *tenant.Tx, customerID int64, f func(Note) error) error {
	rows, _ := tx.Query(ctx, columns+`
		WHERE n.tenant_id = @tenant AND n.customer_id = @customer
		ORDER BY n.seq`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customer": customerID})
	defer rows.Close()
	for rows.Next() {
		n, err := pgx.RowToStructByName[Note](rows)
		if err != nil {
			return fmt.Errorf("read journal: %w", err)
		}
		if err := f(n); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read journal: %w", err)
	}
	return nil
}

// Author is somebody who wrote in a journal.
type Author struct {
	ID   int64 // 0: the program itself
	Name string
}

// Choices are the kinds and authors that a customer's journal holds, for its
// filter. An author who changed names stands there with the latest one.
type Choices struct {
	Kinds   []string
	Authors []Author
}

// QueueChoices asks for them in a batch.
func QueueChoices(b *tenant.Batch, customerID int64, into *Choices) {
	b.Queue("read the journal's kinds and authors", `
		SELECT n.kind, coalesce(n.author_id, 0) AS author, (array_agg(n.author ORDER BY n.seq DESC))[1] AS name
		FROM notes n
		WHERE n.tenant_id = @tenant AND n.customer_id = @customer
		GROUP BY GROUPING SETS ((n.kind), (coalesce(n.author_id, 0)))
		ORDER BY n.kind, name, author`,
		pgx.NamedArgs{"tenant": b.Tx.Actor.TenantID, "customer": customerID}, into.read)
}

func (c *Choices) read(rows pgx.Rows) error {
	var (
		kind   *string
		author *int64
		name   string
	)
	_, err := pgx.ForEachRow(rows, []any{&kind, &author, &name}, func() error {
		if kind != nil {
			c.Kinds = append(c.Kinds, *kind)
		} else {
			c.Authors = append(c.Authors, Author{ID: *author, Name: name})
		}
		return nil
	})
	return err
}
