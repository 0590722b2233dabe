package migrations

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/pressly/goose/v3"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

// riverVersion is the version of River's own schema that this migration ends
// at. A later River gets a migration of its own.
const riverVersion = 6

// jobs makes River's tables through River's own migrator, which wants a pool.
func jobs(pool *pgxpool.Pool) *goose.Migration {
	to := func(direction rivermigrate.Direction, target int) func(context.Context, *sql.DB) error {
		return func(ctx context.Context, db *sql.DB) error {
			m, err := rivermigrate.New(riverpgxv5.New(pool), nil)
			if err != nil {
				return fmt.Errorf("river: %w", err)
			}
			if _, err := m.Migrate(ctx, direction, &rivermigrate.MigrateOpts{TargetVersion: target}); err != nil {
				return fmt.Errorf("river: %w", err)
			}
			if direction == rivermigrate.DirectionDown {
				return nil
			}
			_, err = db.ExecContext(ctx, `
				GRANT SELECT, INSERT, UPDATE, DELETE ON river_job, river_leader, river_queue, river_client, river_client_queue TO app;
				GRANT SELECT ON river_migration TO app;
				GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO app`)
			return err
		}
	}
	return goose.NewGoMigration(7,
		&goose.GoFunc{RunDB: to(rivermigrate.DirectionUp, riverVersion)},
		&goose.GoFunc{RunDB: to(rivermigrate.DirectionDown, -1)})
}
