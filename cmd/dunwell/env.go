package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/jackc/pgx/v5/pgxpool"

	"dunwell/internal/config"
	"dunwell/internal/devpg"
	"dunwell/internal/dunning"
	"dunwell/internal/tenant"
	"dunwell/migrations"
)

// env is what each command works with.
type env struct {
	cfg      config.Config
	log      *slog.Logger
	out, err io.Writer
}

// owner is the owner's URL: the one given, else that of the private Postgres,
// which it starts.
func (e *env) owner(ctx context.Context) (string, error) {
	if e.cfg.DatabaseURL != "" || e.cfg.DatabaseAppURL != "" {
		return string(e.cfg.DatabaseURL), nil
	}
	return devpg.Start(ctx, root(), e.cfg.Postgres(), true)
}

// root is the folder in which npm's Postgres may lie: beside the binary's own
// checkout, else the working directory.
func root() string {
	if exe, err := os.Executable(); err == nil {
		for dir := filepath.Dir(exe); dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
			if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
				return dir
			}
		}
	}
	return "."
}

// open connects as app to a database that has every migration. The caller
// closes the pool.
func (e *env) open(ctx context.Context) (*tenant.DB, error) {
	owner, err := e.owner(ctx)
	if err != nil {
		return nil, err
	}
	pool, err := tenant.Open(ctx, owner, string(e.cfg.DatabaseAppURL), func(c *pgxpool.Config) {
		c.MaxConns = max(c.MaxConns, 16)
	})
	if err != nil {
		return nil, err
	}
	pending, err := migrations.Pending(ctx, pool)
	if err != nil || pending {
		pool.Close()
		return nil, fmt.Errorf("the database is not migrated: run dunwell migrate first (%w)", errOr(err))
	}
	return &tenant.DB{Pool: pool, BeforeCommit: dunning.Refresh, Log: e.log}, nil
}

func errOr(err error) error {
	if err == nil {
		return fmt.Errorf("migrations are missing")
	}
	return err
}

// inTenant runs f as the program itself in the tenant of that slug, read-only
// or writing.
func (e *env) inTenant(ctx context.Context, slug string, write bool, f func(*tenant.Tx) error) error {
	db, err := e.open(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	id, err := db.BySlug(ctx, slug)
	if err != nil {
		return err
	}
	if write {
		return db.Write(ctx, tenant.System(id), f)
	}
	return db.Read(ctx, tenant.System(id), f)
}
