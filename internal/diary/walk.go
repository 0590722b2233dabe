package diary

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// Step is where a customer stands in the list that the actor is walking today:
// "3 of 19". The zero Step: it is not in it.
type Step struct{ Nth, Of int }

// longest is how many customers a walk has at most; nobody gets through more in
// a day.
const longest = 5_000

// Start begins to walk the list of the member's day, as it is ranked now, and
// returns the first customer. The walk before is over with that.
func Start(ctx context.Context, tx *tenant.Tx, member int64) (first int64, err error) {
	if err := May(ctx, tx, member); err != nil {
		return 0, err
	}
	d := Day{Of: member}
	b := tx.Batch()
	d.queueRank(b, longest, true, func([]Entry) {})
	if err := b.Send(ctx); err != nil {
		return 0, err
	}
	if len(d.Entries) == 0 {
		return 0, errs.Conflict("Nothing is left to be done today, so there is nothing to start with. Look at the list again.")
	}
	ids := make([]int64, len(d.Entries))
	for i, e := range d.Entries {
		ids[i] = e.CustomerID
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO walks (member_id, customers, day, whose, begun_at)
		VALUES (@me, @customers, @today, nullif(@member::bigint, 0), @now)
		ON CONFLICT (tenant_id, member_id) DO UPDATE
		SET customers = excluded.customers, day = excluded.day, whose = excluded.whose, begun_at = excluded.begun_at, list = excluded.list`,
		pgx.NamedArgs{"me": tx.Actor.MemberID, "customers": ids, "today": tx.Today(), "member": member, "now": tx.Now})
	if violates(err, "walks_tenant_id_whose_fkey") {
		return 0, errs.NotFound
	}
	if err != nil {
		return 0, fmt.Errorf("start the walk: %w", err)
	}
	return ids[0], nil
}

// QueueAt asks in a batch where a customer stands in the walk, by one look-up of its
// key.
func QueueAt(b *tenant.Batch, customer int64, into *Step) {
	b.Queue("find the place in the walk", `
		SELECT array_position(w.customers, @customer::bigint), cardinality(w.customers)
		FROM walks w
		WHERE w.tenant_id = @tenant AND w.member_id = @me AND w.day = @today AND @customer = ANY (w.customers)`,
		pgx.NamedArgs{"tenant": b.Tx.Actor.TenantID, "me": b.Tx.Actor.MemberID, "today": b.Tx.Today(), "customer": customer}, func(rows pgx.Rows) error {
			_, err := pgx.ForEachRow(rows, []any{&into.Nth, &into.Of}, func() error { return nil })
			return err
		})
}

// The ways in which a walk does not go on.
const (
	ErrNoWalk = errs.Conflict("You are not walking a list today. Start with the first of your day.")
	ErrWalked = errs.Conflict("That was the last one. Whoever stood after it is done, or no longer to be done today.")
)

// nextSQL finds the first of some customers, in their order, who still has a
// reason.
const nextSQL = `
	SELECT w.id
	FROM unnest(@rest::bigint[]) WITH ORDINALITY w (id, nth)
	WHERE EXISTS (SELECT FROM ({reasons}) r WHERE r.customer_id = w.id)
	ORDER BY w.nth
	LIMIT 1`

// Next is the customer of the walk who comes after another one and still has a
// reason today, ErrWalked where there is none; whose is the member whose day it
// is, or NoOwner. After a customer who is not in the walk comes its first.
func Next(ctx context.Context, tx *tenant.Tx, after int64) (customer, whose int64, err error) {
	args := arguments(tx, NoOwner)
	args["me"] = tx.Actor.MemberID
	var all []int64
	err = tx.QueryRow(ctx, `
		SELECT w.customers, coalesce(w.whose, 0)
		FROM walks w
		WHERE w.tenant_id = @tenant AND w.member_id = @me AND w.day = @today`, args).Scan(&all, &whose)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return 0, tx.Actor.MemberID, ErrNoWalk
	case err != nil:
		return 0, whose, fmt.Errorf("find the walk: %w", err)
	}
	if err := May(ctx, tx, whose); err != nil {
		return 0, whose, err
	}
	args["member"], args["rest"] = whose, all[slices.Index(all, after)+1:]
	err = tx.QueryRow(ctx, queries(whose).next, args).Scan(&customer)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, whose, ErrWalked
	}
	if err != nil {
		return 0, whose, fmt.Errorf("go on in the walk: %w", err)
	}
	return customer, whose, nil
}

// End stops the actor's walk; where there is none, nothing happens.
func End(ctx context.Context, tx *tenant.Tx) error {
	_, err := tx.Exec(ctx, `DELETE FROM walks WHERE tenant_id = $1 AND member_id = $2`, tx.Actor.TenantID, tx.Actor.MemberID)
	if err != nil {
		return fmt.Errorf("end the walk: %w", err)
	}
	return nil
}

func violates(err error, constraint string) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.ConstraintName == constraint
}
