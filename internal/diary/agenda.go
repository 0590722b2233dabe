package diary

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/dunning"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// StartAgenda begins to walk what a filter of the agenda chooses, in its order, and
// returns the first entry. The walk before is over with that.
func StartAgenda(ctx context.Context, tx *tenant.Tx, f dunning.Filter) (first int64, err error) {
	f.After, f.Limit = dunning.Key{}, longest
	ids, err := f.IDs(ctx, tx)
	if err != nil {
		return 0, err
	}
	if len(ids) == 0 {
		return 0, errs.Conflict("Nobody is left in this list, so there is nobody to start with. Look at the agenda again.")
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO walks (member_id, customers, day, begun_at, list)
		SELECT @me, array_agg(e.customer_id ORDER BY k.nth), @today, @now, 'agenda'
		FROM unnest(@ids::bigint[]) WITH ORDINALITY k (id, nth)
		JOIN agenda_entries e ON e.tenant_id = @tenant AND e.id = k.id
		ON CONFLICT (tenant_id, member_id) DO UPDATE
		SET customers = excluded.customers, day = excluded.day, whose = NULL, begun_at = excluded.begun_at, list = excluded.list`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "me": tx.Actor.MemberID, "ids": ids, "today": tx.Today(), "now": tx.Now})
	if err != nil {
		return 0, fmt.Errorf("start the walk: %w", err)
	}
	return ids[0], nil
}

// NextEntry is the agenda entry of the walk that comes after a customer and is
// still to be worked, ErrWalked where there is none. Who walks no agenda gets
// ErrNoWalk: it is a day that is walked, or nothing.
func NextEntry(ctx context.Context, tx *tenant.Tx, after int64) (entry int64, err error) {
	args := pgx.NamedArgs{"tenant": tx.Actor.TenantID, "me": tx.Actor.MemberID, "today": tx.Today()}
	var all []int64
	err = tx.QueryRow(ctx, `
		SELECT w.customers
		FROM walks w
		WHERE w.tenant_id = @tenant AND w.member_id = @me AND w.day = @today AND w.list = 'agenda'`, args).Scan(&all)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, ErrNoWalk
	}
	if err != nil {
		return 0, fmt.Errorf("find the walk: %w", err)
	}
	args["rest"] = all[slices.Index(all, after)+1:]
	err = tx.QueryRow(ctx, `
		SELECT e.id
		FROM unnest(@rest::bigint[]) WITH ORDINALITY w (id, nth)
		JOIN agenda_entries e ON e.tenant_id = @tenant AND e.customer_id = w.id AND e.state = 'open'
		WHERE (e.later_on IS NULL OR e.later_on <= @today) AND e.done_asked_at IS NULL
		ORDER BY w.nth
		LIMIT 1`, args).Scan(&entry)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, ErrWalked
	}
	if err != nil {
		return 0, fmt.Errorf("go on in the walk: %w", err)
	}
	return entry, nil
}
