package cases

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// Resolver is a colleague who can settle the cause of a dispute, and need not sign in.
type Resolver struct {
	ID      int64
	Name    string
	Email   string
	Settles string // such as prices
	Retired bool
	Version int
}

// Resolvers lists them by name; the retired ones too where all is set.
func Resolvers(ctx context.Context, tx *tenant.Tx, all bool) ([]Resolver, error) {
	rows, _ := tx.Query(ctx, `
		SELECT r.id, r.name, r.email, r.settles, r.retired_at IS NOT NULL AS retired, r.version
		FROM resolvers r
		WHERE r.tenant_id = @tenant AND (@all OR r.retired_at IS NULL)
		ORDER BY lower(r.name), r.id`, pgx.NamedArgs{"tenant": tx.Actor.TenantID, "all": all})
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Resolver])
	if err != nil {
		return nil, fmt.Errorf("list resolvers: %w", err)
	}
	return list, nil
}

// CanName tells who puts colleagues on the list of resolvers and takes them off.
func CanName(a tenant.Actor) bool { return a.Is(tenant.Admin) }

func (r *Resolver) check() error {
	r.Email = strings.ToLower(strings.TrimSpace(r.Email))
	var inv errs.Invalid
	tenant.OneLine(&inv, &r.Name, "name")
	tenant.OneLine(&inv, &r.Settles, "settles")
	inv.Check(r.Name != "" && utf8.RuneCountInString(r.Name) <= 120, "name", "Give the colleague's name, of at most 120 characters.")
	inv.Check(utf8.RuneCountInString(r.Settles) <= 120, "settles", "This holds 120 characters at most. Shorten it.")
	at, err := mail.ParseAddress(r.Email)
	inv.Check(err == nil && at.Address == r.Email && len(r.Email) <= 254 && tenant.PlainLetters(r.Email), "email", "Give an e-mail address such as jo@example.com, in plain letters.")
	return inv.Err()
}

// SaveResolver puts a colleague on the list, or changes who is on it. Version is the
// one that was shown; one that is retired gets no new cases.
func SaveResolver(ctx context.Context, tx *tenant.Tx, r Resolver) (id int64, err error) {
	if !CanName(tx.Actor) {
		return 0, errs.Forbidden("Only administrators say who settles disputes. Ask one of yours.")
	}
	if err := r.check(); err != nil {
		return 0, err
	}
	args := pgx.NamedArgs{"tenant": tx.Actor.TenantID, "id": r.ID, "name": r.Name, "email": r.Email, "settles": r.Settles, "retired": r.Retired, "version": r.Version, "now": tx.Now}
	var was *Resolver
	if r.ID == 0 {
		err = tx.QueryRow(ctx, `
			INSERT INTO resolvers (name, email, settles)
			VALUES (@name, @email, @settles)
			RETURNING id`, args).Scan(&id)
	} else {
		before, ferr := findResolver(ctx, tx, r.ID)
		if ferr != nil {
			return 0, ferr
		}
		was, id = &before, r.ID
		var tag pgconn.CommandTag
		tag, err = tx.Exec(ctx, `
			UPDATE resolvers
			SET name = @name, email = @email, settles = @settles, version = version + 1,
				retired_at = CASE WHEN @retired THEN coalesce(retired_at, @now) END
			WHERE tenant_id = @tenant AND id = @id AND version = @version`, args)
		if err == nil && tag.RowsAffected() == 0 {
			return 0, errs.Conflict("Somebody else changed this colleague meanwhile. Open the list again and look at what it says now.")
		}
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.ConstraintName == "resolvers_once" {
		return 0, errs.Invalid{"email": "A colleague with this address is on the list already, perhaps a retired one. Change that one."}
	}
	if err != nil {
		return 0, fmt.Errorf("save resolver: %w", err)
	}
	r.ID = id
	return id, tx.Audit(ctx, tenant.Event{Kind: "resolver.saved", Subject: "resolver", SubjectID: id, Data: tenant.Change{Before: was, After: r}})
}

func findResolver(ctx context.Context, tx *tenant.Tx, id int64) (Resolver, error) {
	rows, _ := tx.Query(ctx, `
		SELECT r.id, r.name, r.email, r.settles, r.retired_at IS NOT NULL AS retired, r.version
		FROM resolvers r
		WHERE r.tenant_id = $1 AND r.id = $2`, tx.Actor.TenantID, id)
	r, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Resolver])
	if errors.Is(err, pgx.ErrNoRows) {
		return r, fmt.Errorf("resolver %d: %w", id, errs.NotFound)
	}
	if err != nil {
		return r, fmt.Errorf("find resolver: %w", err)
	}
	return r, nil
}

// resolverOf reads who is to settle a case; 0 is nobody. One that is retired may stay
// where they are.
func resolverOf(ctx context.Context, tx *tenant.Tx, id, stays int64) (Resolver, error) {
	if id == 0 {
		return Resolver{}, nil
	}
	r, err := findResolver(ctx, tx, id)
	if errors.Is(err, errs.NotFound) || err == nil && r.Retired && id != stays {
		return r, errs.Invalid{"resolver": "This colleague is not on the list, or no longer is. Choose another one."}
	}
	return r, err
}
