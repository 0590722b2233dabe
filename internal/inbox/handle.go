package inbox

import (
	"context"
	"fmt"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/errs"
	"dunwell/internal/ledger"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// Handle ends an entry with what came of it, in a sentence. The version is the one
// that the person saw.
func Handle(ctx context.Context, tx *tenant.Tx, id int64, version int, outcome string) error {
	outcome = line(outcome, 501)
	n := utf8.RuneCountInString(outcome)
	var inv errs.Invalid
	inv.Check(n > 0 && n <= 500, "outcome", "Say what came of it, in 500 characters at most.")
	inv.Check(!note.HasCard(outcome), "outcome", note.NoCard)
	if err := inv.Err(); err != nil {
		return err
	}
	e, err := hold(ctx, tx, id, visible)
	if err != nil {
		return err
	}
	if err := e.seen(version); err != nil {
		return err
	}
	if e.State == Handled {
		return errs.Conflict("This is handled already. Open it again where something is left to do.")
	}
	return e.turn(ctx, tx, Handled, outcome, "Handled in the inbox: "+e.about()+" Outcome: "+outcome)
}

// Reopen takes the handling back.
func Reopen(ctx context.Context, tx *tenant.Tx, id int64, version int) error {
	e, err := hold(ctx, tx, id, visible)
	if err != nil {
		return err
	}
	if err := e.seen(version); err != nil {
		return err
	}
	if e.State == Open {
		return errs.Conflict("This is open already.")
	}
	return e.turn(ctx, tx, Open, "", "Opened again in the inbox: "+e.about())
}

// Answered ends the customer's open replies: somebody has written to the customer
// now. It tells how many it were.
func Answered(ctx context.Context, tx *tenant.Tx, customerID int64) (int, error) {
	done, err := tx.Exec(ctx, `
		UPDATE inbox_entries
		SET state = 'handled', outcome = 'Answered.', handled_at = @now, handled_by = nullif(@me::bigint, 0), version = version + 1
		WHERE tenant_id = @tenant AND customer_id = @customer AND state = 'open' AND kind = 'reply'`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "me": tx.Actor.MemberID, "customer": customerID, "now": tx.Now})
	if err != nil {
		return 0, fmt.Errorf("end the replies that were answered: %w", err)
	}
	if done.RowsAffected() > 0 {
		tx.Touch(customerID)
	}
	return int(done.RowsAffected()), nil
}

// turn brings an entry that is held into a state.
func (e Entry) turn(ctx context.Context, tx *tenant.Tx, to State, outcome, text string) error {
	_, err := tx.Exec(ctx, `
		UPDATE inbox_entries
		SET state = @state, outcome = @outcome, version = version + 1,
			handled_at = CASE @state WHEN 'handled' THEN @now::timestamptz END,
			handled_by = CASE @state WHEN 'handled' THEN nullif(@me::bigint, 0) END
		WHERE tenant_id = @tenant AND id = @id`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "id": e.ID, "state": string(to), "outcome": outcome, "me": tx.Actor.MemberID, "now": tx.Now})
	if violates(err, "inbox_entries_once") {
		return errs.Conflict("There is another open entry about the same message. Work that one.")
	}
	if err != nil {
		return fmt.Errorf("bring an entry of the inbox to %s: %w", to, err)
	}
	return e.journal(ctx, tx, text)
}

// journal writes a note where the entry has a customer, and has the customer looked
// at anew.
func (e Entry) journal(ctx context.Context, tx *tenant.Tx, text string) error {
	if e.CustomerID == 0 {
		return nil
	}
	return e.correct(ctx, tx, 0, text)
}

// correct is journal for a note that puts another one right, or none with 0.
func (e Entry) correct(ctx context.Context, tx *tenant.Tx, seq int64, text string) error {
	tx.Touch(e.CustomerID)
	_, err := note.Add(ctx, tx, note.New{CustomerID: e.CustomerID, Kind: "inbox", Text: text, Subject: "inbox_entry", SubjectID: e.ID, Corrects: seq})
	return err
}

// about says in a sentence what the entry is.
func (e Entry) about() string {
	switch {
	case e.Kind == Answer:
		return "the answer “" + e.Why + "” about a case."
	case e.ReceivedID == 0:
		return fmt.Sprintf("the message “%s” to %s. %s", e.Subject, e.To, e.Why)
	case e.Came == Bounce:
		return fmt.Sprintf("the message that came back from %s.", e.From)
	case e.Subject != "":
		return fmt.Sprintf("“%s” of %s.", e.Subject, e.Shown())
	}
	return fmt.Sprintf("what %s wrote.", e.Shown())
}

// Hold keeps others from an entry until the transaction ends, and from answering its
// customer: who answers looks at its version after that.
func Hold(ctx context.Context, tx *tenant.Tx, id int64) error {
	_, err := hold(ctx, tx, id, visible)
	return err
}

// hold reads an entry that is to be changed and keeps others from it. Its customer
// is held before, as whatever touches a customer does.
func hold(ctx context.Context, tx *tenant.Tx, id int64, which string) (Entry, error) {
	e, err := find(ctx, tx, id, which, "")
	if err != nil {
		return e, err
	}
	if e.CustomerID != 0 {
		if err := ledger.Hold(ctx, tx, []int64{e.CustomerID}); err != nil {
			return e, err
		}
	}
	return find(ctx, tx, id, which, ` FOR NO KEY UPDATE OF e`)
}

func (e Entry) seen(version int) error {
	if e.Version == version {
		return nil
	}
	if e.State == Handled {
		by := e.HandledBy
		if by == "" {
			by = "Dunwell"
		}
		return errs.Conflict(fmt.Sprintf("%s handled this meanwhile: %s", by, e.Outcome))
	}
	return errs.Conflict("Somebody changed this entry meanwhile. Look at what it says now.")
}
