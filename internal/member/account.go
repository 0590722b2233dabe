package member

import (
	"context"
	"fmt"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// SignOut ends one sign-in. A request that is under way still finishes; the
// next one is refused.
func SignOut(ctx context.Context, pool *pgxpool.Pool, signIn int64) error {
	_, err := pool.Exec(ctx, `
		UPDATE sign_ins
		SET ended_at = now()
		WHERE id = $1 AND ended_at IS NULL`, signIn)
	if err != nil {
		return fmt.Errorf("sign out: %w", err)
	}
	return nil
}

// SignOutEverywhere ends all sign-ins of who acts, this one too.
func SignOutEverywhere(ctx context.Context, tx *tenant.Tx) error {
	if _, err := nextEpoch(ctx, tx); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `
		UPDATE sign_ins
		SET ended_at = now()
		WHERE user_id = $1 AND ended_at IS NULL`, tx.Actor.UserID)
	if err != nil {
		return fmt.Errorf("sign out everywhere: %w", err)
	}
	return tx.Audit(ctx, tenant.Event{Kind: "session.signed_out_everywhere"})
}

// nextEpoch makes every sign-in of who acts stale.
func nextEpoch(ctx context.Context, tx *tenant.Tx) (epoch int, err error) {
	err = tx.QueryRow(ctx, `
		UPDATE users
		SET session_epoch = session_epoch + 1
		WHERE id = $1
		RETURNING session_epoch`, tx.Actor.UserID).Scan(&epoch)
	if err != nil {
		return 0, fmt.Errorf("end other sign-ins: %w", err)
	}
	return epoch, nil
}

// PasswordChange is a new password, with the old one as proof of who asks.
type PasswordChange struct {
	Old, New string
	Address  string // as in Credentials
}

// ChangePassword gives who acts a new password and ends their other sign-ins;
// this one stays. Wrong old passwords count as failed sign-ins do, which is why
// it needs the pool: the count must outlive a refusal.
func ChangePassword(ctx context.Context, tx *tenant.Tx, pool *pgxpool.Pool, c PasswordChange) error {
	a := tx.Actor
	if err := checkPassword(c.New, a.Email, a.Name); err != nil {
		return err
	}
	if c.New == c.Old {
		return errs.Invalid{"password": "This is the password you have now. Choose another one."}
	}
	attempt, err := take(ctx, pool, a.Email, addressKey(c.Address))
	if err != nil {
		return err
	}
	u, err := userByEmail(ctx, pool, a.Email)
	if err != nil {
		return err
	}
	ok, err := matches(ctx, c.Old, u.PasswordHash)
	if err != nil {
		return fmt.Errorf("compare the password: %w", err)
	}
	if !ok {
		return errs.Invalid{"old": "This is not your password of now."}
	}
	if err := release(ctx, tx, attempt); err != nil {
		return err
	}
	return replacePassword(ctx, tx, c.New)
}

// replacePassword takes this sign-in along into the new epoch, and nothing else.
func replacePassword(ctx context.Context, tx *tenant.Tx, password string) error {
	hash, err := hashPassword(ctx, password)
	if err != nil {
		return fmt.Errorf("hash the password: %w", err)
	}
	epoch, err := nextEpoch(ctx, tx)
	if err != nil {
		return err
	}
	b := &pgx.Batch{}
	b.Queue(`UPDATE users SET password_hash = $2, reset_asked_at = NULL WHERE id = $1`, tx.Actor.UserID, hash)
	b.Queue(`UPDATE sign_ins SET session_epoch = $2 WHERE id = $1`, tx.Actor.SignInID, epoch)
	b.Queue(`DELETE FROM user_links WHERE user_id = $1 AND used_at IS NULL`, tx.Actor.UserID)
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("replace the password: %w", err)
	}
	return tx.Audit(ctx, tenant.Event{Kind: "password.changed"})
}

// Rename changes the name of who acts, which is the same in all their companies.
func Rename(ctx context.Context, tx *tenant.Tx, name string) error {
	if err := checkName(&name); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE users SET name = $2 WHERE id = $1`, tx.Actor.UserID, name)
	if err != nil {
		return fmt.Errorf("rename: %w", err)
	}
	return tx.Audit(ctx, tenant.Event{Kind: "account.renamed", Subject: "member", SubjectID: tx.Actor.MemberID,
		Data: tenant.Change{Before: map[string]string{"name": tx.Actor.Name}, After: map[string]string{"name": name}}})
}

func checkName(name *string) error {
	var inv errs.Invalid
	tenant.OneLine(&inv, name, "name")
	n := utf8.RuneCountInString(*name)
	inv.Check(n > 0, "name", "Give a name.")
	inv.Check(n <= 120, "name", "Use at most 120 characters.")
	return inv.Err()
}
