package tenant

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Event is a line of the audit record: a sign-in, a refusal, a change of
// set-up with before and after, who opened which profile. What happens to a
// customer is a note instead.
type Event struct {
	Kind      string // such as "people.invited": lower case, dots between
	Subject   string // the table's noun: member, customer; may be empty
	SubjectID int64  // 0: none
	Data      any    // marshalled to jsonb; nil: {}
}

const insertEvent = `
	INSERT INTO audit_events (member_id, kind, subject, subject_id, data)
	VALUES (nullif(@member, 0), @kind, @subject, nullif(@id, 0), @data)`

func (e Event) args(a Actor) pgx.NamedArgs {
	if e.Data == nil {
		e.Data = struct{}{}
	}
	return pgx.NamedArgs{"member": a.MemberID, "kind": e.Kind, "subject": e.Subject, "id": e.SubjectID, "data": e.Data}
}

// Audit records the event in this transaction: kept if it commits.
func (tx *Tx) Audit(ctx context.Context, e Event) error {
	if _, err := tx.Exec(ctx, insertEvent, e.args(tx.Actor)); err != nil {
		return fmt.Errorf("record %s: %w", e.Kind, err)
	}
	return nil
}

// Later records the event in a transaction of its own after this one has ended,
// however it ended: for refusals, whose transaction is rolled back, and for
// looks, whose transaction is read-only.
func (tx *Tx) Later(e Event) { tx.later = append(tx.later, e) }

// record writes the events in one round trip, which is one transaction.
func (db *DB) record(ctx context.Context, a Actor, events []Event) error {
	b := &pgx.Batch{}
	b.Queue(`SELECT set_config('app.tenant_id', $1::text, true)`, fmt.Sprint(a.TenantID))
	for _, e := range events {
		b.Queue(insertEvent, named(e.args(a)))
	}
	return db.Pool.SendBatch(ctx, b).Close()
}

// Change is the data of an event that changed set-up: what it was, what it is.
type Change struct {
	Before any `json:"before,omitempty"`
	After  any `json:"after,omitempty"`
}
