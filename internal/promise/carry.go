package promise

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/followup"
	"dunwell/internal/money"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// carryOut does what follows from the verdicts, of which some are decisions that are
// said: instalments and promises are brought to them, who looks after a promise that
// was not kept is reminded, and the journal is written.
func carryOut(ctx context.Context, tx *tenant.Tx, list, said []verdict) error {
	if err := remind(ctx, tx, list); err != nil {
		return err
	}
	if err := obviate(ctx, tx, list); err != nil {
		return err
	}
	var promises, ids, received, reminders []int64
	var states []string
	for _, v := range list {
		promises, ids, received = append(promises, v.PromiseID), append(ids, v.ID), append(received, v.Received)
		states, reminders = append(states, string(v.State)), append(reminders, v.claim.FollowUpID)
	}
	_, err := tx.Exec(ctx, `
		UPDATE instalments i
		SET state = n.state, received = n.received, follow_up_id = nullif(n.follow_up, 0)
		FROM unnest(@ids::bigint[], @states::text[], @received::bigint[], @reminders::bigint[]) AS n (id, state, received, follow_up)
		WHERE i.tenant_id = @tenant AND i.id = n.id`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "ids": ids, "states": states, "received": received, "reminders": reminders})
	if err != nil {
		return fmt.Errorf("bring instalments up to date: %w", err)
	}
	if len(said) == 0 {
		return nil
	}
	if err := settle(ctx, tx, promises); err != nil {
		return err
	}
	if err := record(ctx, tx, said); err != nil {
		return err
	}
	lines := make([]note.New, len(said))
	for n, v := range said {
		lines[n] = note.New{CustomerID: v.CustomerID, Kind: "promise", Text: v.words(), Subject: "promise", SubjectID: v.PromiseID,
			Data: map[string]any{"instalment": v.ID, "state": v.State, "received": v.Received, "currency": v.Amount.Currency}}
		tx.Touch(v.CustomerID)
	}
	return note.AddMany(ctx, tx, lines)
}

// remind puts a follow-up on the assignee of each that was not kept.
func remind(ctx context.Context, tx *tenant.Tx, list []verdict) error {
	var reminders []followup.Reminder
	var of []int
	for n, v := range list {
		if v.Failed() {
			reminders = append(reminders, followup.Reminder{CustomerID: v.CustomerID, AssigneeID: v.claim.AssigneeID, DueOn: tx.Today(), Text: v.words()})
			of = append(of, n)
		}
	}
	ids, err := followup.Remind(ctx, tx, reminders)
	for n, id := range ids {
		list[of[n]].claim.FollowUpID = id
	}
	return err
}

// obviate ends the follow-ups of those that are not failed any more.
func obviate(ctx context.Context, tx *tenant.Tx, list []verdict) error {
	var ids []int64
	for n, v := range list {
		if !v.State.failed() && v.claim.FollowUpID != 0 {
			ids, list[n].claim.FollowUpID = append(ids, v.claim.FollowUpID), 0
		}
	}
	return followup.Obviate(ctx, tx, ids, "The money for the promise came in time after all.")
}

// words is the line of the journal, and of the follow-up.
func (v verdict) words() string {
	c, part := v.claim, money.New(v.Received, v.Amount.Currency)
	switch v.State {
	case Kept:
		if v.Received < c.Minor {
			return fmt.Sprintf("Promise kept: %s of the %s due %s came, which is near enough.", part, v.Amount, c.DueOn.Long())
		}
		return fmt.Sprintf("Promise kept: %s due %s.", v.Amount, c.DueOn.Long())
	case PartKept:
		return fmt.Sprintf("Promise kept in part: %s of the %s due %s came by %s.", part, v.Amount, c.DueOn.Long(), c.GraceOn.Long())
	case Broken:
		return fmt.Sprintf("Promise broken: of the %s due %s nothing came by %s.", v.Amount, c.DueOn.Long(), c.GraceOn.Long())
	}
	return fmt.Sprintf("Promise open again: of the %s due %s there is %s now.", v.Amount, c.DueOn.Long(), part)
}

// settle brings promises to what their instalments say. Where one opens again and an
// item of it stands in another open promise meanwhile, the later one keeps the item.
func settle(ctx context.Context, tx *tenant.Tx, promises []int64) error {
	args := pgx.NamedArgs{"tenant": tx.Actor.TenantID, "promises": promises}
	for _, sql := range []string{`
		WITH claims AS (
			SELECT n.promise_id, n.item_id
			FROM promise_items n
			WHERE n.tenant_id = @tenant AND NOT n.passed_on
				AND n.item_id IN (SELECT o.item_id FROM promise_items o WHERE o.tenant_id = @tenant AND o.promise_id = ANY(@promises))
				AND EXISTS (SELECT FROM instalments i WHERE i.tenant_id = @tenant AND i.promise_id = n.promise_id AND i.state = 'open')
		)
		UPDATE promise_items n
		SET passed_on = true
		FROM claims c
		WHERE n.tenant_id = @tenant AND n.promise_id = c.promise_id AND n.item_id = c.item_id
			AND EXISTS (SELECT FROM claims l WHERE l.item_id = c.item_id AND l.promise_id > c.promise_id)`, `
		UPDATE promises p
		SET state = s.state, holds_account = p.holds_account AND s.state = 'open', version = p.version + 1
		FROM (
			SELECT i.promise_id, CASE
				WHEN bool_or(i.state = 'open') THEN 'open'
				WHEN bool_or(i.state = 'withdrawn') THEN 'withdrawn'
				WHEN bool_or(i.state = 'replaced') THEN 'replaced'
				WHEN bool_and(i.state = 'kept') THEN 'kept'
				WHEN bool_and(i.state = 'broken') THEN 'broken'
				ELSE 'part_kept' END AS state
			FROM instalments i
			WHERE i.tenant_id = @tenant AND i.promise_id = ANY(@promises)
			GROUP BY i.promise_id) s
		WHERE p.tenant_id = @tenant AND p.id = s.promise_id AND p.state <> s.state`} {
		if _, err := tx.Exec(ctx, sql, args); err != nil {
			return fmt.Errorf("bring promises up to date: %w", err)
		}
	}
	return nil
}
