package dunning

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/errs"
	"dunwell/internal/ledger"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// stillAway joins to a batch b the entries e that it put away and that nobody has
// touched since.
const stillAway = `batch_entries w
	JOIN agenda_entries e ON e.tenant_id = @tenant AND e.id = w.entry_id
	WHERE w.tenant_id = @tenant AND w.batch_id = b.id AND w.state = 'done' AND b.kind = 'later'
		AND e.state = 'open' AND e.done_asked_at IS NULL AND e.later_on = b.until AND e.later_on > @today AND e.later_at <= w.at AND NOT EXISTS (
			SELECT FROM agenda_actions a
			WHERE a.tenant_id = @tenant AND a.entry_id = e.id AND a.at > b.at)`

// mostBack is how many entries come back at once: their customers are held until all
// are.
const mostBack = 500

// BringBackAll is BringBack for what a batch put away, at most mostBack at a time, and
// tells how many came back, with the batch as it was before: those that somebody put
// away anew or worked since stay as they are.
func BringBackAll(ctx context.Context, tx *tenant.Tx, batch int64) (b Batch, n int, err error) {
	b, _, err = FindBatch(ctx, tx, batch)
	switch {
	case err != nil:
		return b, 0, err
	case b.FinishedAt == nil:
		return b, 0, errs.Conflict("This is not finished yet. Wait until it is, then take it back.")
	}
	args := pgx.NamedArgs{"tenant": tx.Actor.TenantID, "batch": batch, "today": tx.Today(), "most": mostBack}
	rows, _ := tx.Query(ctx, `
		SELECT e.customer_id
		FROM batches b, `+stillAway+` AND b.tenant_id = @tenant AND b.id = @batch
		ORDER BY e.id
		LIMIT @most`, args)
	customers, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return b, 0, fmt.Errorf("look whom a batch put away: %w", err)
	}
	if err := ledger.Hold(ctx, tx, customers); err != nil {
		return b, 0, err
	}
	args["customers"] = customers
	rows, _ = tx.Query(ctx, `
		UPDATE agenda_entries u
		SET later_on = NULL, later_at = NULL, later_by = NULL, later_reason = '', version = u.version + 1
		FROM batches b, `+stillAway+` AND b.tenant_id = @tenant AND b.id = @batch AND e.customer_id = ANY(@customers) AND u.tenant_id = @tenant AND u.id = e.id
		RETURNING u.id`, args)
	back, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return b, 0, fmt.Errorf("bring back what a batch put away: %w", err)
	}
	if len(back) == 0 {
		return b, 0, errs.Conflict("Nobody is put away by this any more: they are back, or somebody worked them since.")
	}
	list, err := FindEntries(ctx, tx, back)
	if err != nil {
		return b, 0, err
	}
	notes := make([]note.New, len(list))
	for i, e := range list {
		tx.Touch(e.CustomerID)
		notes[i] = note.New{CustomerID: e.CustomerID, Kind: "agenda", Text: e.broughtBack(b.Until), Subject: "agenda_entry", SubjectID: e.ID}
	}
	return b, len(back), note.AddMany(ctx, tx, notes)
}
