// Package migrations is the schema's only history: numbered goose files, run by
// the owner. It also makes the three roles they speak of, which belong to the
// whole cluster and so to no file.
package migrations

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

// Files holds the SQL migrations.
//
//go:embed *.sql
var Files embed.FS

// Up makes the roles if need be and brings the database at url to the newest
// version. The url's user owns the database or is a superuser. Several
// processes may call it at once.
func Up(ctx context.Context, url string) error {
	return withProvider(ctx, url, func(p *goose.Provider) error {
		_, err := p.Up(ctx)
		return err
	})
}

// Down undoes everything: for the test that every migration can be undone.
func Down(ctx context.Context, url string) error {
	return withProvider(ctx, url, func(p *goose.Provider) error {
		_, err := p.DownTo(ctx, 0)
		return err
	})
}

// Pending tells whether the database at the pool lacks a migration; app may ask.
func Pending(ctx context.Context, pool *pgxpool.Pool) (bool, error) {
	var have int64
	err := pool.QueryRow(ctx, `SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied`).Scan(&have)
	return have < newest, err
}

// newest is the number of the last migration: what its file's name begins with.
var newest = func() int64 {
	names, err := fs.Glob(Files, "*.sql") // in their order
	if err != nil {
		panic(err)
	}
	n, err := goose.NumericComponent(names[len(names)-1])
	if err != nil {
		panic(err)
	}
	return n
}()

func withProvider(ctx context.Context, url string, f func(*goose.Provider) error) error {
	if err := roles(ctx, url); err != nil {
		return fmt.Errorf("make roles: %w", err)
	}
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return err
	}
	cfg.ConnConfig.RuntimeParams["role"] = "owner"
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return err
	}
	defer pool.Close()
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return err
	}
	db := stdlib.OpenDBFromPool(pool)
	defer db.Close()
	p, err := goose.NewProvider(goose.DialectPostgres, db, Files,
		goose.WithSessionLocker(locker), goose.WithGoMigrations(jobs(pool)), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return err
	}
	if err := f(p); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	_, err = pool.Exec(ctx, `GRANT SELECT ON goose_db_version TO app`)
	return err
}

// roles makes owner, app and search where they are missing and lets owner work
// in this database. The advisory lock keeps two processes from racing.
func roles(ctx context.Context, url string) (err error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close(context.WithoutCancel(ctx))) }()
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `
			SELECT pg_advisory_xact_lock(hashtext('dunwell.roles'));
			DO $$
			DECLARE r text;
			BEGIN
				FOREACH r IN ARRAY ARRAY['owner', 'app', 'search'] LOOP
					IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = r) THEN
						EXECUTE format('CREATE ROLE %I NOLOGIN', r);
					END IF;
				END LOOP;
				IF NOT pg_has_role(current_user, 'owner', 'MEMBER') THEN
					EXECUTE format('GRANT owner TO %I', current_user);
				END IF;
				IF NOT pg_has_role(current_user, 'app', 'MEMBER') THEN
					EXECUTE format('GRANT app TO %I', current_user);
				END IF;
				IF NOT pg_has_role('owner', 'search', 'MEMBER') THEN
					GRANT search TO owner;
				END IF;
				IF NOT has_schema_privilege('owner', 'public', 'CREATE') OR NOT has_schema_privilege('app', 'public', 'USAGE') THEN
					GRANT ALL ON SCHEMA public TO owner WITH GRANT OPTION;
					GRANT USAGE ON SCHEMA public TO app, search;
				END IF;
				EXECUTE format('GRANT CREATE, CONNECT, TEMPORARY ON DATABASE %I TO owner', current_database());
				EXECUTE format('GRANT CONNECT, TEMPORARY ON DATABASE %I TO app', current_database());
			END $$`)
		return err
	})
}
