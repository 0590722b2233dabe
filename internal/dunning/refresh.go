package dunning

import (
	"context"

	"dunwell/internal/ledger"
	"dunwell/internal/tenant"
)

// Refresh is the hook before commit: it brings the figures of these customers up
// to date, then what became of their messages, then their entries. A company that
// has never dunned has nothing of the last two, and one that switched dunning off
// gets no new entries.
func Refresh(ctx context.Context, tx *tenant.Tx, customers []int64) error {
	var k books
	b := tx.Batch()
	keepOut(b, customers)
	queueBooks(b, &k)
	if err := b.Send(ctx); err != nil {
		return err
	}
	if err := ledger.Refresh(ctx, tx, customers); err != nil || !k.On && k.Last.IsZero() {
		return err
	}
	if err := settle(ctx, tx, customers); err != nil || !k.On {
		return err
	}
	_, err := apply(ctx, tx, k.day(tx), customers)
	return err
}
