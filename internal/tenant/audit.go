package tenant

import (
	"context"
	"fmt"
	"sync"

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

// record is what one request leaves to be recorded.
type record struct {
	actor   Actor
	events  []Event
	written bool
	err     error
}

// recorder writes down together what many requests of the same moment leave behind:
// each look at a customer is one, and a transaction for each costs as much as half a
// page. It holds one connection at most.
type recorder struct {
	mu      sync.Mutex
	waiting []*record
	writing sync.Mutex // whoever has it writes for all who wait
}

// record returns when the events are in the record: written by this request, or by
// the one that held the pen just before.
func (db *DB) record(ctx context.Context, a Actor, events []Event) error {
	r, own := &db.recorder, &record{actor: a, events: events}
	r.mu.Lock()
	r.waiting = append(r.waiting, own)
	r.mu.Unlock()
	r.writing.Lock()
	defer r.writing.Unlock()
	if own.written {
		return own.err
	}
	r.mu.Lock()
	all := r.waiting
	r.waiting = nil
	r.mu.Unlock()
	err := db.insert(ctx, all)
	for _, one := range all {
		one.written, one.err = true, err
		if err != nil && len(all) > 1 { // nobody goes without because of another's
			one.err = db.insert(ctx, []*record{one})
		}
	}
	return own.err
}

// insert writes them in one round trip, which is one transaction.
func (db *DB) insert(ctx context.Context, records []*record) error {
	b, tenant := &pgx.Batch{}, int64(0)
	for _, r := range records {
		if r.actor.TenantID != tenant {
			tenant = r.actor.TenantID
			b.Queue(`SELECT set_config('app.tenant_id', $1::bigint::text, true)`, tenant)
		}
		for _, e := range r.events {
			b.Queue(insertEvent, named(e.args(r.actor)))
		}
	}
	return db.Pool.SendBatch(ctx, b).Close()
}

// Change is the data of an event that changed set-up: what it was, what it is.
type Change struct {
	Before any `json:"before,omitempty"`
	After  any `json:"after,omitempty"`
}
