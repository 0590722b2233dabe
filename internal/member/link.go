package member

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// Purpose is what a one-time link is for; it decides how long the link lives.
type Purpose time.Duration

// The purposes.
const (
	FirstPassword = Purpose(7 * 24 * time.Hour)
	Reset         = Purpose(time.Hour)
)

// LinkPath is where the token of a one-time link is used.
func LinkPath(token string) string { return "/links/" + token }

// CreateLink makes the one link that lets the person set a password, and cancels
// older ones. The token is in no table: whoever calls shows it once.
// It asks for no permission.
func CreateLink(ctx context.Context, tx pgx.Tx, userID int64, purpose Purpose) (token string, err error) {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // never fails
	token = base64.RawURLEncoding.EncodeToString(raw)
	b := &pgx.Batch{}
	// The update comes first, as a lock: of two links made at once one is left.
	b.Queue(`UPDATE users SET reset_asked_at = NULL WHERE id = $1`, userID)
	b.Queue(`DELETE FROM user_links WHERE user_id = $1 AND used_at IS NULL`, userID)
	b.Queue(`
		INSERT INTO user_links (user_id, token_hash, expires_at)
		VALUES ($1, $2, now() + $3)`, userID, tokenHash(token), time.Duration(purpose))
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return "", fmt.Errorf("make a one-time link: %w", err)
	}
	return token, nil
}

func tokenHash(token string) []byte {
	h := sha256.Sum256([]byte(token))
	return h[:]
}

// MakeLink makes a one-time link for a member of the actor's company, to be
// handed over by whoever asked for it.
func MakeLink(ctx context.Context, tx *tenant.Tx, id int64) (token string, err error) {
	if err := mayManage(tx.Actor); err != nil {
		return "", err
	}
	if err := lockAccount(ctx, tx, id); err != nil {
		return "", err
	}
	d, err := Find(ctx, tx, id)
	if err != nil {
		return "", err
	}
	if err := d.linkRefused(); err != nil {
		return "", err
	}
	purpose := Reset
	if !d.HasPassword {
		purpose = FirstPassword
	}
	if token, err = CreateLink(ctx, tx, d.UserID, purpose); err != nil {
		return "", err
	}
	return token, tx.Audit(ctx, tenant.Event{Kind: "people.link_made", Subject: "member", SubjectID: id,
		Data: map[string]string{"name": d.Name}})
}

// lockAccount holds the member's account until the transaction ends: another
// company that invites the same person waits, or has been waited for.
func lockAccount(ctx context.Context, tx *tenant.Tx, id int64) error {
	_, err := tx.Exec(ctx, `
		SELECT u.id
		FROM users u
		JOIN members m ON m.user_id = u.id
		WHERE m.tenant_id = $1 AND m.id = $2
		FOR NO KEY UPDATE OF u`,
		tx.Actor.TenantID, id)
	if err != nil {
		return fmt.Errorf("hold the account: %w", err)
	}
	return nil
}

// CanLink tells whether an administrator of this company may make a link for the
// person.
func (d Detail) CanLink() bool { return d.linkRefused() == nil }

func (d Detail) linkRefused() error {
	switch {
	case !d.Active:
		return errs.Conflict(d.Name + " no longer works here. Let the person in again first.")
	case d.Elsewhere:
		return errs.Forbidden("This account is used outside your company too, so only the operator of this installation makes a link for it: dunwell user link " + d.Email)
	}
	return nil
}

// OperatorLink makes a one-time link for whoever has the address, in whatever
// companies: for the command line of the installation's operator only.
func OperatorLink(ctx context.Context, pool *pgxpool.Pool, email string) (token string, err error) {
	u, err := userByEmail(ctx, pool, normal(email))
	if err != nil {
		return "", err
	}
	err = pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		token, err = CreateLink(ctx, tx, u.ID, Reset)
		return err
	})
	return token, err
}
