package tenant

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5/pgxpool"
)

// everywhere is the setting of a connection that spares it the branch limit. It is
// given when the connection is made and never changed.
const everywhere = "app.everywhere"

// Open connects as app. Given the owner's url it takes on the app role for the
// whole connection; given app's own url it needs no change of role.
// configure may alter the pool's settings first; it may be nil. Its connections are
// for people who see all branches: DB has others for those who do not.
func Open(ctx context.Context, ownerURL, appURL string, configure func(*pgxpool.Config)) (*pgxpool.Pool, error) {
	url := appURL
	if url == "" {
		url = ownerURL
	}
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("database url: %w", err)
	}
	if appURL == "" {
		cfg.ConnConfig.RuntimeParams["role"] = "app"
	}
	cfg.ConnConfig.RuntimeParams["application_name"] = "dunwell"
	cfg.ConnConfig.RuntimeParams["timezone"] = "UTC"
	cfg.ConnConfig.RuntimeParams["jit"] = "off" // compiling costs more than any of our queries gains
	cfg.ConnConfig.RuntimeParams[everywhere] = "on"
	if configure != nil {
		configure(cfg)
	}
	return pgxpool.NewWithConfig(ctx, cfg)
}

// limited are the connections of collectors who are held to a branch, made when the
// first one comes.
func (db *DB) limited() (*pgxpool.Pool, error) {
	db.mu.Lock()
	defer db.mu.Unlock()
	if db.limitedPool != nil {
		return db.limitedPool, nil
	}
	cfg := db.Pool.Config()
	delete(cfg.ConnConfig.RuntimeParams, everywhere)
	var err error
	db.limitedPool, err = pgxpool.NewWithConfig(context.Background(), cfg)
	return db.limitedPool, err
}

// Close ends all connections.
func (db *DB) Close() {
	db.mu.Lock()
	defer db.mu.Unlock()
	if db.limitedPool != nil {
		db.limitedPool.Close()
	}
	db.Pool.Close()
}
