package dunning

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// settle brings entries to what became of their messages: letters, messages and
// calls of other screens become actions of the open entry, Done that waited is
// completed or taken back, what was put away comes back where its message did not
// arrive, and reminders that did not arrive are taken back. Done again it changes
// nothing. Whoever brings a message further holds its customer, so that no Done is
// missed that is said at the same moment.
func settle(ctx context.Context, tx *tenant.Tx, customers []int64) error {
	args := pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customers": customers, "now": tx.Now, "zone": tx.Actor.Tenant.Zone.String(),
		"member": tx.Actor.MemberID}
	var found, waiting, later, back bool
	err := tx.QueryRow(ctx, `
		SELECT EXISTS (SELECT`+writtenSQL+`) OR EXISTS (SELECT`+calledSQL+`), EXISTS (SELECT`+waitingSQL+`), EXISTS (SELECT`+endedLaterSQL+`), EXISTS (SELECT`+backSQL+`)`, args).
		Scan(&found, &waiting, &later, &back)
	if err != nil {
		return fmt.Errorf("look what is to be settled: %w", err)
	}
	for _, step := range []struct {
		asked bool
		do    func(context.Context, *tenant.Tx, pgx.NamedArgs) error
	}{{found, adopt}, {found || waiting, settleDone}, {later, endLater}, {back, takeBack}} {
		if !step.asked {
			continue
		}
		if err := step.do(ctx, tx, args); err != nil {
			return fmt.Errorf("settle entries: %w", err)
		}
	}
	return nil
}

// What there is to settle of these customers.
const (
	// writtenSQL has the letters and messages m that are no action of the open entry e yet.
	writtenSQL = `
		FROM agenda_entries e
		JOIN messages m ON m.tenant_id = @tenant AND m.customer_id = e.customer_id AND m.created_at >= e.created_at AND m.confirms = ''
		WHERE e.tenant_id = @tenant AND e.customer_id = ANY(@customers) AND e.state = 'open' AND m.state NOT IN ('failed', 'bounced', 'discarded')
			AND NOT EXISTS (SELECT FROM agenda_actions a WHERE a.tenant_id = @tenant AND a.message_id = m.id)`
	// calledSQL has the calls c, with what came of them, v, that are none yet.
	calledSQL = `
		FROM agenda_entries e
		JOIN call_attempts c ON c.tenant_id = @tenant AND c.customer_id = e.customer_id AND c.at >= e.opened_on::timestamp AT TIME ZONE @zone
		JOIN call_events v ON v.tenant_id = @tenant AND v.customer_id = c.customer_id AND v.call_attempt_id = c.id AND v.kind = 'outcome'
		WHERE e.tenant_id = @tenant AND e.customer_id = ANY(@customers) AND e.state = 'open'
			AND NOT EXISTS (SELECT FROM agenda_actions a WHERE a.tenant_id = @tenant AND a.call_attempt_id = c.id)`
	// waitingSQL has the entries e of which Done waits, or was taken back, with the
	// actions a that it waits for, or waited.
	waitingSQL = `
		FROM agenda_entries e
		JOIN agenda_actions a ON a.tenant_id = @tenant AND a.entry_id = e.id AND (e.done_action_id IS NULL OR a.id <= e.done_action_id)
		LEFT JOIN messages m ON m.tenant_id = @tenant AND m.id = a.message_id
		WHERE e.tenant_id = @tenant AND e.customer_id = ANY(@customers) AND e.state = 'open' AND num_nonnulls(e.done_asked_at, e.done_action_id) > 0`
	// endedLaterSQL has the entries e that were put away before a message did not arrive.
	endedLaterSQL = `
		FROM agenda_entries e
		WHERE e.tenant_id = @tenant AND e.customer_id = ANY(@customers) AND e.state = 'open' AND e.later_at IS NOT NULL
			AND EXISTS (
				SELECT FROM agenda_actions a
				JOIN messages m ON m.tenant_id = @tenant AND m.id = a.message_id AND m.state_at > e.later_at
				WHERE a.tenant_id = @tenant AND a.entry_id = e.id AND m.state IN ('failed', 'bounced', 'discarded', 'unknown'))`
	// toldSQL says of an action a with its message m, for which Done of its entry e
	// waits, that Done can be said: by the program only of what does alone.
	toldSQL = countsSQL + ` AND a.answered IS NOT FALSE AND (e.done_asked_by IS NOT NULL OR ` + aloneSQL + `)`
	// backSQL has the reminders r of messages x that did not arrive, unless another
	// action a about the same entry did, which for one of the program does alone.
	backSQL = `
		FROM messages x
		JOIN agenda_actions o ON o.tenant_id = @tenant AND o.message_id = x.id
		JOIN reminders r ON r.tenant_id = @tenant AND r.entry_id = o.entry_id AND r.action_id = o.id AND r.reverses IS NULL
		WHERE x.tenant_id = @tenant AND x.customer_id = ANY(@customers) AND x.state IN ('failed', 'bounced', 'discarded')
			AND NOT EXISTS (SELECT FROM reminders b WHERE b.tenant_id = @tenant AND b.reverses = r.id)
			AND NOT EXISTS (
				SELECT FROM agenda_actions a
				JOIN agenda_action_items n ON n.tenant_id = @tenant AND n.action_id = a.id AND n.item_id = r.item_id
				LEFT JOIN messages m ON m.tenant_id = @tenant AND m.id = a.message_id
				WHERE a.tenant_id = @tenant AND a.entry_id = r.entry_id AND a.id <> o.id AND a.answered IS NOT FALSE
					AND n.after_days >= r.after_days AND ` + countsSQL + ` AND (r.member_id IS NOT NULL OR ` + aloneSQL + `))`
)

// settleDone completes Done that waited where a message was sent meanwhile, and
// takes it back where none is on its way any more. It is not forgotten then: where
// one of those is sent after all, it is completed as if it had waited.
func settleDone(ctx context.Context, tx *tenant.Tx, args pgx.NamedArgs) error {
	rows, _ := tx.Query(ctx, `
		SELECT e.id, e.customer_id, coalesce(e.done_asked_by, 0), e.done_next_on, bool_or(`+toldSQL+`),
			coalesce(bool_or(m.state = 'unknown'), false)`+waitingSQL+`
		GROUP BY e.id, e.customer_id, e.done_asked_by, e.done_next_on, e.done_asked_at
		HAVING bool_or(`+toldSQL+`)
			OR e.done_asked_at IS NOT NULL AND NOT coalesce(bool_or(m.state IN ('queued', 'sending')), false)
		ORDER BY e.customer_id`, args)
	var (
		f             = finished{Raise: true}
		customer      int64
		sent, unknown bool
		list          []finished
		failed        []int64
		lines         []note.New
	)
	_, err := pgx.ForEachRow(rows, []any{&f.Entry, &customer, &f.Member, &f.Next, &sent, &unknown}, func() error {
		if sent {
			list = append(list, f)
			return nil
		}
		why := "its message was not sent. The entry is to be worked again; if the message is sent after all, it is done."
		if unknown {
			why = "nobody knows whether its message was sent. The entry is to be worked again; if it turns out that it was sent, it is done."
		}
		failed = append(failed, f.Entry)
		lines = append(lines, note.New{CustomerID: customer, Kind: "agenda", Subject: "agenda_entry", SubjectID: f.Entry,
			Text: "Done was taken back: " + why})
		return nil
	})
	if err != nil || len(list)+len(failed) == 0 {
		return err
	}
	if len(failed) > 0 {
		_, err = tx.Exec(ctx, `
			UPDATE agenda_entries e
			SET done_asked_at = NULL, version = e.version + 1, done_action_id = (
				SELECT max(a.id)
				FROM agenda_actions a
				WHERE a.tenant_id = $1 AND a.entry_id = e.id)
			WHERE e.tenant_id = $1 AND e.id = ANY($2)`, tx.Actor.TenantID, failed)
		if err != nil {
			return err
		}
	}
	if err := note.AddMany(ctx, tx, lines); err != nil {
		return err
	}
	return finish(ctx, tx, list)
}

// endLater brings back what was put away before its message was known not to arrive.
func endLater(ctx context.Context, tx *tenant.Tx, args pgx.NamedArgs) error {
	rows, _ := tx.Query(ctx, `
		UPDATE agenda_entries u
		SET later_on = NULL, later_at = NULL, later_by = NULL, later_reason = '', why = 'bounce', version = u.version + 1
		WHERE u.tenant_id = @tenant AND u.id IN (SELECT e.id`+endedLaterSQL+`)
		RETURNING u.id, u.customer_id`, args)
	return sayAll(ctx, tx, rows, "Brought back before its day: a message about it was not sent, or may not have arrived.")
}

// takeBack reverses the reminders of actions that do not count any more, unless
// another action about the same entry does. The entry stays closed.
func takeBack(ctx context.Context, tx *tenant.Tx, args pgx.NamedArgs) error {
	rows, _ := tx.Query(ctx, `
		WITH back AS (
			INSERT INTO reminders (customer_id, item_id, entry_id, action_id, from_days, level_id, level_number, after_days, reminded_on, pay_by,
				amount, currency, reverses, reason, member_id, at)
			SELECT r.customer_id, r.item_id, r.entry_id, r.action_id, r.from_days, r.level_id, r.level_number, r.after_days, r.reminded_on, r.pay_by,
				r.amount, r.currency, r.id, 'The ' || CASE x.channel WHEN 'email' THEN 'e-mail' WHEN 'sms' THEN 'SMS' ELSE x.channel END || CASE x.state
					WHEN 'bounced' THEN ' came back.' WHEN 'discarded' THEN ' was discarded.' ELSE ' was not sent.' END,
				nullif(@member::bigint, 0), @now`+backSQL+`
			ORDER BY r.id
			RETURNING entry_id, customer_id, reason)
		SELECT DISTINCT entry_id, customer_id, reason FROM back ORDER BY customer_id, entry_id`, args)
	var entry, customer int64
	var reason string
	var lines []note.New
	_, err := pgx.ForEachRow(rows, []any{&entry, &customer, &reason}, func() error {
		lines = append(lines, note.New{CustomerID: customer, Kind: "agenda", Subject: "agenda_entry", SubjectID: entry,
			Text: "The reminder is taken back, and the items stand as they did before it. " + reason})
		return nil
	})
	if err != nil {
		return err
	}
	return note.AddMany(ctx, tx, lines)
}

// sayAll writes the same line for each entry, of which the rows have id and customer.
func sayAll(ctx context.Context, tx *tenant.Tx, rows pgx.Rows, text string) error {
	var entry, customer int64
	var lines []note.New
	_, err := pgx.ForEachRow(rows, []any{&entry, &customer}, func() error {
		lines = append(lines, note.New{CustomerID: customer, Kind: "agenda", Subject: "agenda_entry", SubjectID: entry, Text: text})
		return nil
	})
	if err != nil {
		return err
	}
	return note.AddMany(ctx, tx, lines)
}
