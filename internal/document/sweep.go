package document

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/tenant"
)

// atOnce is how many keys are looked up in one query.
const atOnce = 1000

// Sweep deletes what lies in the tenant's part of the store without a row, and
// was put before that moment of the real clock: what a crash, or a change that
// was rolled back, left behind. It returns how many it deleted.
func Sweep(ctx context.Context, tx *tenant.Tx, store Store, before time.Time) (n int, err error) {
	var keys []string
	for key, err := range store.Keys(ctx, prefix(tx.Actor.TenantID), before) {
		if err != nil {
			return n, err
		}
		if keys = append(keys, key); len(keys) < atOnce {
			continue
		}
		done, err := sweep(ctx, tx, store, keys)
		if n += done; err != nil {
			return n, err
		}
		keys = keys[:0]
	}
	done, err := sweep(ctx, tx, store, keys)
	return n + done, err
}

func sweep(ctx context.Context, tx *tenant.Tx, store Store, keys []string) (n int, err error) {
	rows, _ := tx.Query(ctx, `
		SELECT k.key
		FROM unnest($2::text[]) AS k (key)
		WHERE NOT EXISTS (
			SELECT FROM documents d
			WHERE d.tenant_id = $1 AND d.blob_key = k.key)`, tx.Actor.TenantID, keys)
	lost, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return 0, fmt.Errorf("look for lost documents: %w", err)
	}
	for _, key := range lost {
		if err := store.Delete(ctx, key); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}
