package member

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// Credentials is what a person brings to the door. Address is the client's IP
// address, with or without a port; Browser is what it calls itself.
type Credentials struct {
	Email, Password  string
	Address, Browser string
}

// SignedIn is the row that a session points at, and whose it is.
type SignedIn struct {
	SignInID, UserID int64
}

// wrong is the one answer to a wrong password and to an unknown address.
var wrong = errs.Invalid{"": "The e-mail address or the password is wrong."}

// SignIn lets a person in who knows the password and works in at least one
// company. It takes as long, and says the same, whether the account exists or
// not. Attempts are limited: see TooMany.
func SignIn(ctx context.Context, pool *pgxpool.Pool, c Credentials) (SignedIn, error) {
	email := cut(normal(c.Email), 254)
	attempt, err := take(ctx, pool, email, addressKey(c.Address))
	if err != nil {
		return SignedIn{}, err
	}
	u, err := userByEmail(ctx, pool, email)
	if err != nil && !errors.Is(err, errs.NotFound) {
		return SignedIn{}, err
	}
	ok, err := matches(ctx, c.Password, u.PasswordHash)
	if err != nil {
		return SignedIn{}, fmt.Errorf("compare the password: %w", err)
	}
	if !ok {
		return SignedIn{}, wrong
	}
	companies, err := Memberships(ctx, pool, u.ID)
	if err != nil {
		return SignedIn{}, err
	}
	if len(companies) == 0 {
		return SignedIn{}, errs.Invalid{"": "You work in no company at present. Ask your company's administrator to let you in again."}
	}
	return begin(ctx, pool, u, c, attempt)
}

// begin writes the sign-in down, under the epoch that was read together with the
// password: one that was changed meanwhile lets nobody in.
func begin(ctx context.Context, pool *pgxpool.Pool, u user, c Credentials, attempt int64) (SignedIn, error) {
	in := SignedIn{UserID: u.ID}
	err := pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		if err := release(ctx, tx, attempt); err != nil {
			return err
		}
		return tx.QueryRow(ctx, `
			INSERT INTO sign_ins (user_id, session_epoch, address, browser)
			VALUES (@user, @epoch, @address, @browser)
			RETURNING id`,
			pgx.NamedArgs{"user": u.ID, "epoch": u.SessionEpoch, "address": cut(c.Address, 100), "browser": cut(c.Browser, 300)}).Scan(&in.SignInID)
	})
	if err != nil {
		return SignedIn{}, fmt.Errorf("sign in: %w", err)
	}
	return in, nil
}

// user is a person outside any company.
type user struct {
	ID           int64
	Email, Name  string
	PasswordHash *string
	SessionEpoch int
}

func userByEmail(ctx context.Context, pool *pgxpool.Pool, email string) (user, error) {
	rows, _ := pool.Query(ctx, `
		SELECT id, email, name, password_hash, session_epoch
		FROM users
		WHERE email = $1`, email)
	u, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[user])
	if errors.Is(err, pgx.ErrNoRows) {
		return user{}, fmt.Errorf("user by address: %w", errs.NotFound)
	}
	return u, err
}

// Live finds whose sign-in this is; NotFound where it has ended. It is for pages
// outside a company; inside one, tenant asks the same.
func Live(ctx context.Context, pool *pgxpool.Pool, signIn int64) (userID int64, err error) {
	err = pool.QueryRow(ctx, `
		SELECT u.id
		FROM sign_ins s
		JOIN users u ON u.id = s.user_id AND u.session_epoch = s.session_epoch
		WHERE s.id = $1 AND `+tenant.LiveSignIn, signIn).Scan(&userID)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, fmt.Errorf("sign-in: %w", errs.NotFound)
	}
	return userID, err
}

// Membership is a company that a person may work in.
type Membership struct {
	TenantID   int64
	Slug, Name string
	Role       tenant.Role
}

// Memberships lists the companies that the person may work in, by name.
func Memberships(ctx context.Context, pool *pgxpool.Pool, userID int64) ([]Membership, error) {
	rows, _ := pool.Query(ctx, `SELECT tenant_id, slug, name, role FROM memberships($1)`, userID)
	return pgx.CollectRows(rows, pgx.RowToStructByName[Membership])
}

// normal is how an e-mail address is stored and looked up.
func normal(email string) string { return strings.ToLower(strings.TrimSpace(email)) }

// cut shortens what a client sent to at most n characters of valid text.
func cut(s string, n int) string {
	s = strings.ToValidUTF8(s, "?")
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}
