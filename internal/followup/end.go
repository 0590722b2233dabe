package followup

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/customer"
	"dunwell/internal/errs"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// undoable is how long an end can be taken back.
const undoable = time.Hour

// Complete ends a follow-up as done; the outcome may be empty.
func Complete(ctx context.Context, tx *tenant.Tx, customerID, id int64, outcome string) error {
	f, err := standing(ctx, tx, customerID, id)
	if err != nil {
		return err
	}
	outcome = strings.TrimSpace(strings.ReplaceAll(outcome, "\r\n", "\n"))
	var inv errs.Invalid
	inv.Check(utf8.RuneCountInString(outcome) <= 1000, "outcome", "This holds 1000 characters at most. Shorten it.")
	inv.Check(!note.HasCard(outcome), "outcome", note.NoCard)
	if err := inv.Err(); err != nil {
		return err
	}
	if err := end(ctx, tx, customerID, []int64{id}, Done, outcome); err != nil {
		return err
	}
	line := fmt.Sprintf("Follow-up for %s, %s: done.", f.When(), f.Assignee)
	if outcome != "" {
		line += " " + outcome
	}
	return journal(ctx, tx, customerID, id, line)
}

// Delete takes follow-ups of the customer out of view. The rows stay, with who
// and when, and so do the notes that were made of them. It returns those that it
// deleted; what somebody else ended meanwhile is left, and where nothing else was
// asked for, that is the answer.
func Delete(ctx context.Context, tx *tenant.Tx, customerID int64, ids []int64) (deleted []Followup, err error) {
	if len(ids) == 0 {
		return nil, errs.Invalid{"follow_up": "Tick the follow-ups that are to be deleted."}
	}
	if _, err := customer.Lock(ctx, tx, customerID); err != nil {
		return nil, err
	}
	found, err := some(ctx, tx, customerID, ids)
	if err != nil {
		return nil, err
	}
	var notes []note.New
	for _, f := range found {
		if f.State != Active {
			continue
		}
		deleted = append(deleted, f)
		notes = append(notes, note.New{CustomerID: customerID, Kind: "follow_up", Subject: "follow_up", SubjectID: f.ID,
			Text: fmt.Sprintf("Follow-up for %s, %s: deleted.", f.When(), f.Assignee)})
	}
	switch {
	case len(found) == 0:
		return nil, errs.NotFound
	case len(deleted) == 0:
		return nil, Over(tx, found[0])
	}
	if err := end(ctx, tx, customerID, ids, Deleted, ""); err != nil {
		return nil, err
	}
	return deleted, note.AddMany(ctx, tx, notes)
}

func end(ctx context.Context, tx *tenant.Tx, customerID int64, ids []int64, as State, outcome string) error {
	_, err := tx.Exec(ctx, `
		UPDATE follow_ups
		SET ended = @as, ended_at = @now, ended_by = nullif(@member::bigint, 0), outcome = @outcome, version = version + 1
		WHERE tenant_id = @tenant AND customer_id = @customer AND id = ANY(@ids) AND ended IS NULL`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customer": customerID, "ids": ids, "as": as, "now": tx.Now,
			"member": tx.Actor.MemberID, "outcome": outcome})
	if err != nil {
		return fmt.Errorf("end follow-ups: %w", err)
	}
	return nil
}

// some are the customer's follow-ups of those ids, in whatever state.
func some(ctx context.Context, tx *tenant.Tx, customerID int64, ids []int64) ([]Followup, error) {
	rows, _ := tx.Query(ctx, `
		SELECT `+columns+`
		FROM `+source+`
		WHERE f.tenant_id = @tenant AND f.customer_id = @customer AND f.id = ANY(@ids)
		ORDER BY f.id`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customer": customerID, "ids": ids})
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[Followup])
	if err != nil {
		return nil, fmt.Errorf("read follow-ups: %w", err)
	}
	return found, nil
}

// Restorable tells that the end of a follow-up can still be taken back.
func (f Followup) Restorable(now time.Time) bool {
	return f.EndedAt != nil && now.Sub(*f.EndedAt) <= undoable
}

// Restore takes back what was done or deleted within the hour: the follow-ups
// are active again. It returns how many; what somebody else took back meanwhile is
// left, and where nothing else was asked for, that is the answer.
func Restore(ctx context.Context, tx *tenant.Tx, customerID int64, ids []int64) (restored int, err error) {
	if _, err := customer.Lock(ctx, tx, customerID); err != nil {
		return 0, err
	}
	found, err := some(ctx, tx, customerID, ids)
	if err != nil {
		return 0, err
	}
	var notes []note.New
	for _, f := range found {
		if f.State == Active {
			continue
		}
		if !f.Restorable(tx.Now) {
			return 0, errs.Conflict(fmt.Sprintf("This was %s more than an hour ago. Plan a new follow-up instead.", f.State))
		}
		notes = append(notes, note.New{CustomerID: customerID, Kind: "follow_up", Subject: "follow_up", SubjectID: f.ID,
			Text: fmt.Sprintf("Follow-up for %s, %s: %s by mistake, active again.", f.When(), f.Assignee, f.State)})
	}
	switch {
	case len(found) == 0:
		return 0, errs.NotFound
	case len(notes) == 0:
		return 0, errs.Conflict("This follow-up is active again already.")
	}
	_, err = tx.Exec(ctx, `
		UPDATE follow_ups
		SET ended = NULL, ended_at = NULL, ended_by = NULL, outcome = '', version = version + 1
		WHERE tenant_id = @tenant AND customer_id = @customer AND id = ANY(@ids) AND ended IS NOT NULL`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customer": customerID, "ids": ids})
	if err != nil {
		return 0, fmt.Errorf("restore follow-ups: %w", err)
	}
	return len(notes), note.AddMany(ctx, tx, notes)
}
