package note

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/day"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// Note is a line of a journal as it is read.
type Note struct {
	ID         int64
	CustomerID int64 // whose journal it stands in
	Seq        int64 // its number within the customer's journal
	At         time.Time
	AuthorID   *int64 // nil: the program itself
	Author     string // the name of that time
	Kind       string
	Text       string
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
	// Message is the state of the message that it is about, by the word of its
	// package, and Trouble what went wrong with it; empty: it is about none.
	Message string
	Trouble string
}

// kindWords are what is written otherwise than a kind's own letters say.
var kindWords = strings.NewReplacer("follow_up", "follow-up", "email", "e-mail", "sms", "SMS", "_", " ")

// KindName is the kind as people read it: "Payment returned".
func KindName(kind string) string {
	words := kindWords.Replace(kind)
	return strings.ToUpper(words[:1]) + words[1:]
}

// reading is a query for notes n; from says which ones. Few notes were corrected and
// few are about a message: the others are looked up by nothing, which takes no time.
// OFFSET 0 and LIMIT 1 keep the look-ups apart from the choice: of a customer with
// more notes than most, none but those that are shown are read.
func reading(from string) string {
	return `
	SELECT n.id, n.customer_id, n.seq, n.at, n.author_id, n.author, n.kind, n.text, n.subject, n.subject_id, n.corrects, n.pinned,
		c.seq AS corrected_by, coalesce(c.text, '') AS correction, o.overtaken IS TRUE AS overtaken,
		coalesce(m.state, '') AS message, coalesce(m.error, '') AS trouble
	FROM (
		SELECT n.*, n.seq IN (SELECT p.seq FROM note_pins p WHERE p.tenant_id = @tenant AND p.customer_id = @customer) AS pinned,
			CASE WHEN n.seq IN (
				SELECT x.corrects
				FROM notes x
				WHERE x.tenant_id = @tenant AND x.customer_id = @customer AND x.corrects IS NOT NULL) THEN n.seq END AS corrected,
			CASE n.subject WHEN 'message' THEN n.subject_id END AS message_id
		FROM ` + from + `
		OFFSET 0) n
	LEFT JOIN LATERAL (
		SELECT c.seq, c.text
		FROM notes c
		WHERE c.tenant_id = @tenant AND c.customer_id = @customer AND c.corrects = n.corrected
		LIMIT 1) c ON true
	LEFT JOIN LATERAL (
		SELECT true AS overtaken
		FROM notes o
		WHERE o.tenant_id = @tenant AND o.customer_id = @customer AND o.corrects = c.seq
		LIMIT 1) o ON true
	LEFT JOIN LATERAL (
		SELECT m.state, m.error
		FROM messages m
		WHERE m.tenant_id = @tenant AND m.id = n.message_id
		LIMIT 1) m ON true`
}

const newestFirst = `
	ORDER BY n.seq DESC`

// Find reads one note of a customer.
func Find(ctx context.Context, tx *tenant.Tx, customerID, seq int64) (Note, error) {
	rows, _ := tx.Query(ctx, reading(`notes n WHERE n.tenant_id = @tenant AND n.customer_id = @customer AND n.seq = @seq`),
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
	Kinds      []string // any of them; empty: all
	AuthorID   *int64   // nil: all; 0: the program itself
	From, To   day.Day  // in the tenant's days, both included; zero: no limit
	Words      string   // each of them stands in its text, in capitals or not; empty: all
	Before     int64    // only numbers below it, to go on after a page; 0: from the newest
	Limit      int
}

// fits is what a note n must fulfil besides its kind.
func (f Filter) fits() string {
	all := ` n.tenant_id = @tenant AND n.customer_id = @customer AND n.seq < @before
		AND (@from::timestamptz IS NULL OR n.at >= @from)
		AND (@until::timestamptz IS NULL OR n.at < @until)`
	if f.Words != "" {
		all += ` AND NOT EXISTS (SELECT FROM unnest(@words::text[]) w WHERE strpos(lower(n.text), lower(w)) = 0)`
	}
	switch {
	case f.AuthorID == nil:
		return all
	case *f.AuthorID == 0:
		return all + ` AND n.author_id IS NULL`
	}
	return all + ` AND n.author_id = @author`
}

// columns are those of a note n itself; reading and queueRest say the rest of it.
const columns = `n.id, n.customer_id, n.seq, n.at, n.author_id, n.author, n.kind, n.text, n.subject, n.subject_id, n.corrects`

// sql takes the newest of each kind from the index and the newest of those: a kind
// that is rare in a long journal is found as fast as one that is common.
func (f Filter) sql() string {
	newest := newestFirst + `
	LIMIT ` + strconv.Itoa(f.Limit) // in the statement: for a limit to come the database plans to read a tenth of all
	if len(f.Kinds) == 0 {
		return `SELECT ` + columns + ` FROM notes n WHERE` + f.fits() + newest
	}
	return `
	SELECT ` + columns + `
	FROM (SELECT DISTINCT unnest(@kinds::text[])) AS wanted (kind)
	CROSS JOIN LATERAL (
		SELECT *
		FROM notes n
		WHERE n.kind = wanted.kind AND` + f.fits() + newest + `) n` + newest
}

// QueueList asks in a batch for the notes that the filter chooses, the newest
// first.
func QueueList(b *tenant.Batch, f Filter, into *[]Note) {
	if f.Before == 0 {
		f.Before = math.MaxInt64
	}
	args := f.args(b.Tx)
	b.Queue("read journal", f.sql(), args, func(rows pgx.Rows) (err error) {
		*into, err = tenant.Collect(rows, pgx.RowToAddrOfStructByNameLax[Note])
		args["seqs"] = queueMessages(b, *into)
		return err
	})
	queueMarks(b, f.CustomerID, args, into)
}

func (f Filter) args(tx *tenant.Tx) pgx.NamedArgs {
	var from, until *time.Time
	if !f.From.IsZero() {
		t := f.From.Time(tx.Actor.Tenant.Zone)
		from = &t
	}
	if !f.To.IsZero() {
		t := f.To.Add(1).Time(tx.Actor.Tenant.Zone)
		until = &t
	}
	return pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customer": f.CustomerID, "kinds": f.Kinds, "author": f.AuthorID,
		"from": from, "until": until, "words": strings.Fields(f.Words), "before": f.Before}
}

// Each calls f with every note of the customer from the first to the newest, one
// at a time, for exports.
func Each(ctx context.Context, tx *tenant.Tx, customerID int64, f func(Note) error) error {
	return each(ctx, tx, reading(`notes n WHERE n.tenant_id = @tenant AND n.customer_id = @customer`)+`
	ORDER BY n.seq`, pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customer": customerID}, f)
}

func each(ctx context.Context, tx *tenant.Tx, sql string, args pgx.NamedArgs, f func(Note) error) error {
	rows, _ := tx.Query(ctx, sql, args)
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
