package member

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// Addressee is whom a link that still works is for.
type Addressee struct {
	UserID      int64
	Name, Email string
	First       bool // no password was ever set
}

// FindLink reads whom the token is for and uses nothing up. A token that never
// was, was used, was replaced or is too old is NotFound.
func FindLink(ctx context.Context, pool *pgxpool.Pool, token string) (Addressee, error) {
	rows, _ := pool.Query(ctx, `
		SELECT u.id AS user_id, u.name, u.email, u.password_hash IS NULL AS first
		FROM user_links l
		JOIN users u ON u.id = l.user_id
		WHERE l.token_hash = $1 AND l.used_at IS NULL AND l.expires_at > now()`,
		tokenHash(token))
	to, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Addressee])
	if errors.Is(err, pgx.ErrNoRows) {
		return Addressee{}, fmt.Errorf("one-time link: %w", errs.NotFound)
	}
	return to, err
}

// SetPasswordByLink uses the link up: the person has the new password, and all
// their sign-ins have ended. Of two at the same moment one wins and the other is
// NotFound. The address counts as one the person signs in from, so that nobody
// who guesses can keep them out afterwards.
func SetPasswordByLink(ctx context.Context, pool *pgxpool.Pool, token, password, address string) (Addressee, error) {
	to, err := FindLink(ctx, pool, token)
	if err != nil {
		return Addressee{}, err
	}
	if err := checkPassword(password, to.Email, to.Name); err != nil {
		return Addressee{}, err
	}
	hash, err := hashPassword(ctx, password)
	if err != nil {
		return Addressee{}, fmt.Errorf("hash the password: %w", err)
	}
	err = pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error { return useLink(ctx, tx, token, hash, address) })
	return to, err
}

func useLink(ctx context.Context, tx pgx.Tx, token, hash, address string) error {
	args := pgx.NamedArgs{"token": tokenHash(token), "hash": hash, "address": addressKey(address)}
	// The person first, as everywhere: two that lock in different order would
	// wait for each other.
	_, err := tx.Exec(ctx, `
		SELECT u.id
		FROM users u
		JOIN user_links l ON l.user_id = u.id
		WHERE l.token_hash = @token
		FOR NO KEY UPDATE OF u`, args)
	if err != nil {
		return fmt.Errorf("use a one-time link: %w", err)
	}
	tag, err := tx.Exec(ctx, `
		WITH used AS (
			UPDATE user_links
			SET used_at = now()
			WHERE token_hash = @token AND used_at IS NULL AND expires_at > now()
			RETURNING user_id
		), changed AS (
			UPDATE users u
			SET password_hash = @hash, session_epoch = session_epoch + 1, reset_asked_at = NULL
			FROM used
			WHERE u.id = used.user_id
			RETURNING u.email
		)
		INSERT INTO sign_in_attempts (email, address, ok)
		SELECT email, @address, true FROM changed`, args)
	if err != nil {
		return fmt.Errorf("use a one-time link: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return fmt.Errorf("one-time link: %w", errs.NotFound)
	}
	return nil
}

// RecordLinkUse writes into the audit record of each of the person's companies
// that a link was used.
func RecordLinkUse(ctx context.Context, db *tenant.DB, userID int64) error {
	companies, err := Memberships(ctx, db.Pool, userID)
	if err != nil {
		return err
	}
	for _, c := range companies {
		err := db.Write(ctx, tenant.System(c.TenantID), func(tx *tenant.Tx) error {
			var id int64
			err := tx.QueryRow(ctx, `SELECT id FROM members WHERE tenant_id = $1 AND user_id = $2`, c.TenantID, userID).Scan(&id)
			if err != nil {
				return err
			}
			return tx.Audit(ctx, tenant.Event{Kind: "password.set_by_link", Subject: "member", SubjectID: id})
		})
		if err != nil {
			return fmt.Errorf("record the use of a link: %w", err)
		}
	}
	return nil
}

// AskForLink notes that somebody forgot the password of the account with this
// address, for the administrators to see. It says the same whether there is such
// an account, and is limited by address.
func AskForLink(ctx context.Context, pool *pgxpool.Pool, email, address string) error {
	if _, err := take(ctx, pool, askedForLink, addressKey(address)); err != nil {
		return err
	}
	_, err := pool.Exec(ctx, `UPDATE users SET reset_asked_at = now() WHERE email = $1`, cut(normal(email), 254))
	if err != nil {
		return fmt.Errorf("note the forgotten password: %w", err)
	}
	return nil
}
