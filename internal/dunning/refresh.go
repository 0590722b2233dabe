package dunning

import (
	"context"

	"dunwell/internal/cases"
	"dunwell/internal/ledger"
	"dunwell/internal/promise"
	"dunwell/internal/tenant"
)

// Refresh is the hook before commit: it has what is settled leave the cases of these
// customers, brings their promises up to date, then their figures, which go by both,
// then what became of their messages, then their entries. A company that has never
// dunned has nothing of the last two, and one that switched dunning off gets no new
// entries.
func Refresh(ctx context.Context, tx *tenant.Tx, customers []int64) error {
	var k books
	b := tx.Batch()
	if !many(customers) {
		b.PlanOnce()
	}
	keepOut(b, customers)
	queueBooks(b, &k)
	if err := b.Send(ctx); err != nil {
		return err
	}
	if err := cases.Settle(ctx, tx, customers); err != nil {
		return err
	}
	decided, err := promise.Decide(ctx, tx, customers)
	if err != nil {
		return err
	}
	if err := ledger.Refresh(ctx, tx, customers); err != nil || !k.On && k.Last.IsZero() {
		return err
	}
	if err := settle(ctx, tx, customers); err != nil {
		return err
	}
	if err := forgive(ctx, tx, decided); err != nil {
		return err
	}
	if err := unheed(ctx, tx, customers); err != nil {
		return err
	}
	if k.On {
		if _, err := apply(ctx, tx, k.day(tx), customers); err != nil {
			return err
		}
	}
	if err := heed(ctx, tx, customers); err != nil {
		return err
	}
	return press(ctx, tx, decided)
}
