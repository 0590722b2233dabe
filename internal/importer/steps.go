package importer

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// Suggest maps the header of a file of the kind: where it has all columns of the
// file last applied, as that one was read, and the rest by what columns are often
// called. A column that was left out of the last file on purpose stays out.
func Suggest(ctx context.Context, tx *tenant.Tx, k Kind, header []string) (Map, error) {
	var (
		last   Map
		result Result
	)
	err := tx.QueryRow(ctx, `
		SELECT i.mapping, i.result
		FROM imports i
		WHERE i.tenant_id = $1 AND i.kind = $2 AND i.state = 'applied'
		ORDER BY i.id DESC
		LIMIT 1`, tx.Actor.TenantID, k).Scan(&last, &result)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return last, fmt.Errorf("last map: %w", err)
	}
	if !last.fits(header) {
		return Propose(k, header), nil
	}
	return last.fill(k, header, result.Unread), nil
}

// Submit sets how the file is to be read and has it checked. It may be done
// again after a check, with another map. Where a column is missing, what is wrong
// stands under the name of its field.
func Submit(ctx context.Context, tx *tenant.Tx, id int64, m Map, enqueue Enqueue) error {
	i, err := Find(ctx, tx, id)
	if err != nil {
		return err
	}
	inv := errs.Invalid{}
	for _, c := range m.missing(i.Options.Kind) {
		inv[string(c.Field)] = fmt.Sprintf("Choose the column for %q: no row can do without it.", c.Label)
	}
	if len(inv) > 0 {
		return inv
	}
	if err := m.validate(i.Options.Kind); err != nil {
		return errs.Invalid{"": err.Error()}
	}
	tag, err := tx.Exec(ctx, `
		UPDATE imports
		SET mapping = @mapping, state = 'checking', rows_done = 0
		WHERE tenant_id = @tenant AND id = @id AND state IN ('uploaded', 'checked')`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "id": id, "mapping": m})
	if err != nil {
		return fmt.Errorf("submit import: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return errs.Conflict("This import has gone on meanwhile. Open it again to see where it is.")
	}
	return enqueue(ctx, tx, CheckArgs{Tenant: tx.Actor.TenantID, ID: id})
}

// Start has a checked file applied. The mark is of the check that the person saw.
func Start(ctx context.Context, tx *tenant.Tx, id int64, mark string, enqueue Enqueue) error {
	if _, err := tx.Exec(ctx, `SELECT FROM imports WHERE tenant_id = $1 AND id = $2 FOR UPDATE`, tx.Actor.TenantID, id); err != nil {
		return fmt.Errorf("hold import: %w", err)
	}
	i, err := Find(ctx, tx, id)
	if err != nil {
		return err
	}
	if i.State == Checked && !i.CanApply() {
		return errs.Conflict("There is nothing to apply: no row is new or changed, or one was refused and all or nothing was asked for.")
	}
	if i.State == Checked && mark != i.Mark() {
		return errs.Conflict("The file was checked anew since you looked at it, and may do something else now. Nothing was applied. What it would do stands below: look at it again, then apply.")
	}
	tag, err := tx.Exec(ctx, `
		UPDATE imports
		SET state = 'applying', rows_done = 0
		WHERE tenant_id = $1 AND id = $2 AND state = 'checked'`, tx.Actor.TenantID, id)
	if err != nil {
		return fmt.Errorf("start import: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return errs.Conflict("This import has gone on meanwhile. Open it again to see where it is.")
	}
	return enqueue(ctx, tx, ApplyArgs{Tenant: tx.Actor.TenantID, ID: id})
}

// Discard ends an import that is not to be applied. Where a job works on it,
// that comes to nothing.
func Discard(ctx context.Context, tx *tenant.Tx, id int64) error {
	i, err := Find(ctx, tx, id)
	if err != nil {
		return err
	}
	if i.State.Ended() {
		return errs.Conflict("This import has ended already.")
	}
	return finish(ctx, tx, id, i.State, Discarded, "")
}

// finish ends an import from outside its job; where its state is no longer the
// one given, nothing happens to it.
func finish(ctx context.Context, tx *tenant.Tx, id int64, from, to State, why string) error {
	tag, err := tx.Exec(ctx, `
		UPDATE imports
		SET state = @to, error = @why, finished_at = @now
		WHERE tenant_id = @tenant AND id = @id AND state = @from`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "id": id, "from": from, "to": to, "why": why, "now": tx.Now})
	if err != nil {
		return fmt.Errorf("finish import: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return nil
	}
	return forget(ctx, tx, id)
}
