package ledger

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/day"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// held is an item that is held by its row until the transaction ends.
type held struct {
	ID          int64
	Number      string
	Owed        bool
	StatusID    int64
	Status      string
	PausedUntil day.Day // also where it has passed
	Version     int
}

// Seen is an item as it was shown: with that version.
type Seen struct {
	ID      int64
	Version int
}

// holdItem finds an item of the customer, who must be one that the actor may see,
// as it was shown: with that version.
func holdItem(ctx context.Context, tx *tenant.Tx, customer, item int64, version int) (held, error) {
	list, err := holdItems(ctx, tx, customer, []Seen{{item, version}})
	if err != nil {
		return held{}, err
	}
	return list[0], nil
}

// holdItems is holdItem for several, in the order of their ids.
func holdItems(ctx context.Context, tx *tenant.Tx, customer int64, items []Seen) ([]held, error) {
	ids := make([]int64, len(items))
	for n, i := range items {
		ids[n] = i.ID
	}
	rows, _ := tx.Query(ctx, `
		SELECT i.id, i.number, i.open_amount > 0 AS owed, i.status_id, s.name AS status, i.paused_until, i.version
		FROM items i
		JOIN customers c ON c.tenant_id = i.tenant_id AND c.id = i.customer_id
		JOIN item_statuses s ON s.tenant_id = i.tenant_id AND s.id = i.status_id
		WHERE i.tenant_id = @tenant AND i.customer_id = @customer AND i.id = ANY(@items)
		ORDER BY i.id
		FOR NO KEY UPDATE OF i`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customer": customer, "items": ids})
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[held])
	if err != nil {
		return nil, fmt.Errorf("find items: %w", err)
	}
	for _, i := range items {
		h, ok := find(list, i.ID)
		if !ok {
			return nil, fmt.Errorf("item %d: %w", i.ID, errs.NotFound)
		}
		if h.Version != i.Version {
			return nil, errs.Conflict(fmt.Sprintf("Item %s was changed meanwhile: its status is %s, and it is %s. Nothing of yours was saved. Open it again and decide anew.",
				h.Number, h.Status, h.pause(tx.Today())))
		}
	}
	return list, nil
}

func (h held) pause(today day.Day) string {
	if h.PausedUntil.IsZero() || h.PausedUntil.Before(today) {
		return "not paused"
	}
	return "paused until " + h.PausedUntil.Long()
}

// find returns the held item of that id.
func find(list []held, id int64) (held, bool) {
	for _, h := range list {
		if h.ID == id {
			return h, true
		}
	}
	return held{}, false
}
