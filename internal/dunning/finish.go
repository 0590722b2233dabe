package dunning

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/day"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// finished is an open entry that is done, by whom, and when the customer comes back;
// no day: when the next level opens.
type finished struct {
	Entry  int64
	Member int64 // 0: the program
	Raise  bool  // the items to the levels that the actions named
	Next   day.Day
}

// finish closes entries that this transaction holds: it records the reminders,
// keeps the next day, says so in the journals, and has cases follow the last level.
func finish(ctx context.Context, tx *tenant.Tx, list []finished) error {
	if len(list) == 0 {
		return nil
	}
	args := pgx.NamedArgs{"tenant": tx.Actor.TenantID, "now": tx.Now, "today": tx.Today(), "zone": tx.Actor.Tenant.Zone.String(), "list": list}
	for _, sql := range []string{remindSQL, closeSQL, nextSQL} {
		if _, err := tx.Exec(ctx, sql, args); err != nil {
			return fmt.Errorf("close entries: %w", err)
		}
	}
	if err := sayFinished(ctx, tx, args); err != nil {
		return err
	}
	return openCases(ctx, tx, args)
}

// finishedSQL has the list as rows of n.
const finishedSQL = `jsonb_to_recordset(@list::jsonb) AS n ("Entry" bigint, "Member" bigint, "Raise" boolean, "Next" text)`

// remindSQL records one reminder an item, at the highest level that an action named
// which counts, alone where the program said Done. It took place on the day of the
// action.
const remindSQL = `
	INSERT INTO reminders (customer_id, item_id, entry_id, action_id, from_days, level_id, level_number, after_days, reminded_on, pay_by, amount, currency, along, member_id, at)
	SELECT DISTINCT ON (a.entry_id, x.item_id) a.customer_id, x.item_id, a.entry_id, a.id, i.reached_days, x.level_id, x.level_number, x.after_days,
		(a.at AT TIME ZONE @zone)::date, x.pay_by, x.amount, x.currency, x.along, nullif(n."Member", 0), @now
	FROM ` + finishedSQL + `
	JOIN agenda_actions a ON a.tenant_id = @tenant AND a.entry_id = n."Entry"
	LEFT JOIN messages m ON m.tenant_id = @tenant AND m.id = a.message_id
	JOIN agenda_action_items x ON x.tenant_id = @tenant AND x.action_id = a.id
	JOIN items i ON i.tenant_id = @tenant AND i.id = x.item_id
	WHERE n."Raise" AND ` + countsSQL + ` AND (n."Member" <> 0 OR ` + aloneSQL + `)
	ORDER BY a.entry_id, x.item_id, a.answered IS FALSE, x.after_days DESC, x.along, a.id DESC`

// closeSQL closes them. A day stays on those that raised nothing: it is all that
// keeps the customer from coming up again.
const closeSQL = `
	UPDATE agenda_entries e
	SET state = 'done', closed_at = @now, closed_by = nullif(n."Member", 0), done_asked_at = NULL, done_asked_by = NULL, done_action_id = NULL,
		done_next_on = CASE WHEN n."Raise" THEN NULL ELSE nullif(n."Next", '')::date END,
		later_on = NULL, later_at = NULL, version = e.version + 1
	FROM ` + finishedSQL + `
	WHERE e.tenant_id = @tenant AND e.id = n."Entry"`

// nextSQL keeps the day on which the customer comes back, where one was chosen; a
// day that was chosen before has had its turn.
const nextSQL = `
	UPDATE customers c
	SET next_reminder_on = nullif(n."Next", '')::date, reminder_by = nullif(n."Member", 0), reminder_at = @now
	FROM ` + finishedSQL + `
	JOIN agenda_entries e ON e.tenant_id = @tenant AND e.id = n."Entry"
	WHERE c.tenant_id = @tenant AND c.id = e.customer_id AND (c.reminder_mode = 'manual' OR n."Raise")
		AND c.next_reminder_on IS DISTINCT FROM nullif(n."Next", '')::date`

// sayFinished writes a line for each entry, with the items that were reminded of.
func sayFinished(ctx context.Context, tx *tenant.Tx, args pgx.NamedArgs) error {
	rows, _ := tx.Query(ctx, `
		SELECT e.id, e.customer_id, e.level_number, coalesce(l.name, ''), coalesce(nullif(n."Next", '')::date, NULL) AS next, coalesce(r.numbers, '{}')
		FROM `+finishedSQL+`
		JOIN agenda_entries e ON e.tenant_id = @tenant AND e.id = n."Entry"
		LEFT JOIN levels l ON l.tenant_id = @tenant AND l.id = e.level_id
		LEFT JOIN LATERAL (
			SELECT array_agg(i.number ORDER BY i.due_on, i.id) AS numbers
			FROM reminders r
			JOIN items i ON i.tenant_id = @tenant AND i.id = r.item_id
			WHERE r.tenant_id = @tenant AND r.entry_id = e.id AND r.reverses IS NULL) r ON true
		ORDER BY e.customer_id`, args)
	var (
		e       Entry
		next    day.Day
		numbers []string
		lines   []note.New
	)
	_, err := pgx.ForEachRow(rows, []any{&e.ID, &e.CustomerID, &e.Level, &e.LevelName, &next, &numbers}, func() error {
		lines = append(lines, note.New{CustomerID: e.CustomerID, Kind: "agenda", Text: saidDone(e, numbers, next), Subject: "agenda_entry", SubjectID: e.ID,
			Data: map[string]any{"items": numbers, "next_on": next}})
		tx.Touch(e.CustomerID)
		return nil
	})
	if err != nil {
		return fmt.Errorf("read what was reminded of: %w", err)
	}
	return note.AddMany(ctx, tx, lines)
}

// spoken is how many numbers a sentence names.
const spoken = 10

func saidDone(e Entry, numbers []string, next day.Day) string {
	text := "Done" + e.at() + ". "
	switch n := len(numbers); {
	case n == 0:
		text += "No level was raised."
	case n > spoken:
		text += fmt.Sprintf("Reminded of %s and %d more.", strings.Join(numbers[:spoken], ", "), n-spoken)
	default:
		text += "Reminded of " + strings.Join(numbers, ", ") + "."
	}
	if !next.IsZero() {
		text += " Comes back on " + next.Long() + "."
	}
	return text
}
