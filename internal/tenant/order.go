package tenant

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
)

// Order is the order of a list that people keep by hand: the ids of what stands in it.
type Order []int64

// OrderOf is the order in which a list stands.
func OrderOf[T any](list []T, id func(T) int64) Order {
	order := make(Order, len(list))
	for i, e := range list {
		order[i] = id(e)
	}
	return order
}

// Shift moves one a place up, or down, and tells its places before and after, counted
// from 1. At the end of the list it stays: the places are the same.
func (o Order) Shift(id int64, up bool) (from, to int) {
	from = slices.Index(o, id)
	to = from + 1
	if up {
		to = from - 1
	}
	if from < 0 || to < 0 || to >= len(o) {
		return from + 1, from + 1
	}
	o[from], o[to] = o[to], o[from]
	return from + 1, to + 1
}

// Keep writes the places, from 1, into the column position of the table, whose name is
// the program's own. Whoever calls it holds the list.
func (o Order) Keep(ctx context.Context, tx *Tx, table string) error {
	_, err := tx.Exec(ctx, `
		UPDATE `+table+`
		SET position = array_position(@ids::bigint[], id)
		WHERE tenant_id = @tenant AND id = ANY(@ids) AND position <> array_position(@ids::bigint[], id)`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "ids": []int64(o)})
	if err != nil {
		return fmt.Errorf("order %s: %w", table, err)
	}
	return nil
}
