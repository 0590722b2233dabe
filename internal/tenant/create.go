package tenant

import (
	"context"
	"fmt"
	"regexp"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/errs"
	"dunwell/internal/money"
)

var slugForm = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$`)

// New is what a tenant starts with.
type New struct {
	Slug, Name string
	Currency   money.Currency
	TimeZone   string // an IANA name
	Language   string
	Trial      bool
}

func (n New) validate() error {
	var inv errs.Invalid
	inv.Check(slugForm.MatchString(n.Slug), "slug", "Use up to 40 small letters, digits and hyphens.")
	inv.Check(n.Name != "" && len([]rune(n.Name)) <= 120, "name", "Give the company's name, at most 120 characters.")
	_, err := money.ParseCurrency(string(n.Currency))
	inv.Check(err == nil, "currency", "Give a currency code such as EUR.")
	inv.Check(isZone(n.TimeZone), "time_zone", "Give a time zone such as Europe/Oslo.")
	return inv.Err()
}

// Create makes a tenant and runs f inside it, as the program itself, in the same
// transaction: a tenant is there with its first settings or not at all.
func (db *DB) Create(ctx context.Context, n New, f func(*Tx) error) (int64, error) {
	if err := n.validate(); err != nil {
		return 0, err
	}
	if _, err := db.BySlug(ctx, n.Slug); err == nil {
		return 0, errs.Invalid{"slug": fmt.Sprintf("There is a tenant called %s already.", n.Slug)}
	}
	var id int64
	tx := &Tx{Now: db.now(), touched: map[int64]struct{}{}}
	err := pgx.BeginFunc(ctx, db.Pool, func(ptx pgx.Tx) error {
		tx.Tx = ptx
		err := ptx.QueryRow(ctx, `SELECT create_tenant(@slug, @name, @currency, @zone, @language, @trial)`,
			pgx.NamedArgs{"slug": n.Slug, "name": n.Name, "currency": n.Currency, "zone": n.TimeZone,
				"language": n.Language, "trial": n.Trial}).Scan(&id)
		if err != nil {
			return fmt.Errorf("create tenant: %w", err)
		}
		b := &pgx.Batch{}
		tx.enter(b, System(id), db.TrialDay)
		if err := ptx.SendBatch(ctx, b).Close(); err != nil {
			return err
		}
		return db.work(ctx, tx, f)
	})
	return id, err
}
