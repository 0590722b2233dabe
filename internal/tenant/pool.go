package tenant

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5/pgxpool"
)

// Open connects as app. Given the owner's url it takes on the app role for the
// whole connection; given app's own url it needs no change of role.
// configure may alter the pool's settings first; it may be nil.
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
	if configure != nil {
		configure(cfg)
	}
	return pgxpool.NewWithConfig(ctx, cfg)
}
