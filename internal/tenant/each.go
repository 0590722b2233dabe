package tenant

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// Zones lists all tenants with their time zones, for the schedule.
func (db *DB) Zones(ctx context.Context) (map[int64]*time.Location, error) {
	rows, _ := db.Pool.Query(ctx, `SELECT id, time_zone FROM all_tenants()`)
	zones := map[int64]*time.Location{}
	var (
		id   int64
		name string
	)
	_, err := pgx.ForEachRow(rows, []any{&id, &name}, func() error {
		zone, err := time.LoadLocation(name)
		zones[id] = zone
		return err
	})
	return zones, err
}

// WriteEach does f in each company as Dunwell itself, in a transaction of its own. One
// company's failure is its own: the others go on, and the errors are joined. doing says
// what it is, such as "recover messages".
func (db *DB) WriteEach(ctx context.Context, doing string, f func(tx *Tx) error) error {
	zones, err := db.Zones(ctx)
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	var failed []error
	for id := range zones {
		if err := db.Write(ctx, System(id), f); err != nil {
			failed = append(failed, fmt.Errorf("%s of tenant %d: %w", doing, id, err))
		}
	}
	return errors.Join(failed...)
}
