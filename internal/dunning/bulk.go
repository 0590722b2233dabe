package dunning

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/day"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// Choice is which entries a bulk is for.
type Choice struct {
	IDs    []int64
	Except []int64 // of them, not these
}

// BulkKind is what is done with many entries at once.
type BulkKind string

// The kinds of bulk. Send writes what each one's level has first, letter or e-mail;
// Approve does so and says that it is done once it was sent.
const (
	BulkSend    BulkKind = "send"
	BulkPrint   BulkKind = "print"
	BulkMail    BulkKind = "mail"
	BulkLater   BulkKind = "later"
	BulkApprove BulkKind = "approve"
)

// Bulk is something that is done with many entries at once.
type Bulk struct {
	Kind   BulkKind
	Until  day.Day // of BulkLater
	Reason string  // of BulkLater

	program bool // the program does it by itself: see automaticBulk
	begun   bool // the entries may stand in its batch already
}

// check refuses what cannot be done.
func (w *Bulk) check(today day.Day) error {
	switch w.Kind {
	case BulkLater:
		p := Postponement{Until: w.Until, Reason: w.Reason}
		err := p.check(today)
		w.Reason = p.Reason
		return err
	case BulkSend, BulkPrint, BulkMail, BulkApprove:
		w.Until, w.Reason = day.Day{}, ""
		return nil
	}
	return errs.Invalid{"": "Choose what is to be done with them."}
}

// Start has a job do it with each of the chosen entries that the plan does not leave
// out, each in its own transaction. Of an entry that two start something with, the
// first has it: lost is how many of them somebody else was faster with.
func (d *Desk) Start(ctx context.Context, tx *tenant.Tx, ch Choice, what Bulk) (batch int64, lost int, err error) {
	p, err := d.Plan(ctx, tx, ch, what)
	if err != nil {
		return 0, 0, err
	}
	if err := what.check(tx.Today()); err != nil {
		return 0, 0, err
	}
	return d.begin(ctx, tx, p.chosen, what)
}

// begin writes the batch and has it worked. Where somebody was faster with all of them
// it is refused with Taken.
func (d *Desk) begin(ctx context.Context, tx *tenant.Tx, list []candidate, what Bulk) (batch int64, lost int, err error) {
	if len(list) == 0 {
		return 0, 0, errs.Invalid{"": "Nothing can be done with any of them. The list says why of each."}
	}
	entries, customers := make([]int64, len(list)), make([]int64, len(list))
	for i, c := range list {
		entries[i], customers[i] = c.ID, c.CustomerID
	}
	args := pgx.NamedArgs{"kind": what.Kind, "until": what.Until, "reason": what.Reason, "member": tx.Actor.MemberID, "today": tx.Today(), "now": tx.Now,
		"entries": entries, "customers": customers}
	err = tx.QueryRow(ctx, `
		INSERT INTO batches (kind, until, reason, member_id, on_day, at)
		VALUES (@kind, @until, @reason, nullif(@member::bigint, 0), @today, @now)
		RETURNING id`, args).Scan(&batch)
	if err != nil {
		return 0, 0, fmt.Errorf("begin a batch: %w", err)
	}
	args["batch"] = batch
	tag, err := tx.Exec(ctx, `
		INSERT INTO batch_entries (batch_id, entry_id, customer_id)
		SELECT @batch, n.entry, n.customer
		FROM unnest(@entries::bigint[], @customers::bigint[]) AS n (entry, customer)
		ORDER BY n.entry
		ON CONFLICT DO NOTHING`, args)
	if err != nil {
		return 0, 0, fmt.Errorf("fill a batch: %w", err)
	}
	got := int(tag.RowsAffected())
	if got == 0 {
		return 0, 0, taken(ctx, tx, batch, entries, what.Kind)
	}
	return batch, len(list) - got, d.worker().Begin(ctx, tx, batch)
}

// Batch is a bulk that was started, and how far it has come.
type Batch struct {
	ID         int64
	Kind       BulkKind
	Until      day.Day
	Reason     string
	Member     string // who started it; empty: the program
	At         time.Time
	Entries    int
	Done       int // of them
	Left       int // of them, with which nothing was done
	Letters    int // that were printed: see Letters
	Away       int // of those done, that are put away and can be brought back: see BringBackAll
	Held       int // messages that wait for a mail server or a provider: they count once they are sent
	Unsent     int // messages that failed, came back or were discarded: they do not count
	Unknown    int // messages that may or may not have been sent
	FinishedAt *time.Time
}

// FindBatch reads a batch with those with which nothing was done.
func FindBatch(ctx context.Context, tx *tenant.Tx, id int64) (b Batch, left []Skipped, err error) {
	if !CanBulk(tx.Actor) {
		return b, nil, ErrBulk
	}
	args := pgx.NamedArgs{"tenant": tx.Actor.TenantID, "id": id}
	list, err := readBatches(ctx, tx, `b.id = @id`, args)
	if err != nil {
		return b, nil, err
	}
	if len(list) == 0 {
		return b, nil, fmt.Errorf("batch %d: %w", id, errs.NotFound)
	}
	b = list[0]
	rows, _ := tx.Query(ctx, `
		SELECT e.entry_id, e.customer_id, c.number, c.name, e.why
		FROM batch_entries e
		JOIN customers c ON c.tenant_id = @tenant AND c.id = e.customer_id
		WHERE e.tenant_id = @tenant AND e.batch_id = @id AND e.state = 'left'
		ORDER BY c.number, e.entry_id`, args)
	if left, err = pgx.CollectRows(rows, pgx.RowToStructByName[Skipped]); err != nil {
		return b, nil, fmt.Errorf("read what a batch left out: %w", err)
	}
	return b, left, nil
}
