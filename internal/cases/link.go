package cases

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// Link lets the resolver of a case answer it without signing in, until it expires, is
// revoked, or the case is closed or given to somebody else.
type Link struct {
	ID         int64
	CaseID     int64
	CustomerID int64
	ResolverID int64
	Resolver   string
	ExpiresAt  time.Time
	RevokedAt  *time.Time
	CreatedAt  time.Time
	Author     string
	Uses       int // times that it was looked at or answered with
	LastUse    *time.Time
}

// Works tells that it still opens the case.
func (l Link) Works(now time.Time) bool { return l.RevokedAt == nil && now.Before(l.ExpiresAt) }

// The days that a link lives, where nobody says otherwise, and at most.
const (
	LinkDays    = 14
	MaxLinkDays = 60
)

// ErrNoLink is the answer to a link that was altered, revoked or used after its end:
// it says nothing of what it was for.
var ErrNoLink = fmt.Errorf("resolver's link: %w", errs.NotFound)

// ErrClosed is the answer to a link that worked until its case was closed, where somebody
// answers with it: what was typed must not be lost.
var ErrClosed = fmt.Errorf("resolver's link of a case that was closed: %w", errs.NotFound)

// Token is what stands in a link: the company, and a secret of which only a hash is
// kept.
func token(tenantID int64, secret string) string {
	return strconv.FormatInt(tenantID, 36) + "." + secret
}

// LinkPath is where a link leads.
func LinkPath(token string) string { return "/resolve/" + token }

// TenantOf reads whose link it is. The rest of it is looked at inside that company.
func TenantOf(token string) (tenantID int64, ok bool) {
	head, _, found := strings.Cut(token, ".")
	id, err := strconv.ParseInt(head, 36, 64)
	return id, found && err == nil && id > 0 && len(token) < 100
}

func hashOf(token string) []byte {
	h := sha256.Sum256([]byte(token))
	return h[:]
}

// MakeLink makes a link for the case's resolver and ends those before it. The token is
// kept nowhere: whoever calls hands it over.
func MakeLink(ctx context.Context, tx *tenant.Tx, id int64, days int) (string, error) {
	c, err := standing(ctx, tx, id)
	if err != nil {
		return "", err
	}
	var inv errs.Invalid
	inv.Check(c.ResolverID != 0, "resolver", "Nobody is named who settles this case. Choose a colleague and save, then make the link.")
	inv.Check(days >= 1 && days <= MaxLinkDays, "days", fmt.Sprintf("A link lives for 1 to %d days.", MaxLinkDays))
	if err := inv.Err(); err != nil {
		return "", err
	}
	if err := revokeAll(ctx, tx, id); err != nil {
		return "", err
	}
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // never fails
	t := token(tx.Actor.TenantID, base64.RawURLEncoding.EncodeToString(raw))
	ends := tx.Now.AddDate(0, 0, days)
	_, err = tx.Exec(ctx, `
		INSERT INTO resolver_links (customer_id, case_id, resolver_id, token_hash, expires_at, author_id, created_at)
		VALUES (@customer, @case, @resolver, @hash, @ends, nullif(@member::bigint, 0), @now)`,
		pgx.NamedArgs{"customer": c.CustomerID, "case": id, "resolver": c.ResolverID, "hash": hashOf(t), "ends": ends, "member": tx.Actor.MemberID, "now": tx.Now})
	if err != nil {
		return "", fmt.Errorf("make a resolver's link: %w", err)
	}
	return t, journal(ctx, tx, c, fmt.Sprintf("A link was made with which %s answers without signing in, until %s.", c.Resolver, ends.In(tx.Actor.Tenant.Zone).Format("Mon 2 Jan 2006, 15:04")), data{Event: "link"})
}

// RevokeLinks ends the links of a case at once.
func RevokeLinks(ctx context.Context, tx *tenant.Tx, id int64) error {
	c, err := standing(ctx, tx, id)
	if err != nil {
		return err
	}
	n, err := revoke(ctx, tx, id)
	if err != nil {
		return err
	}
	if n == 0 {
		return errs.Conflict("No link of this case is in use any more. There is nothing to revoke.")
	}
	return journal(ctx, tx, c, "The resolver's link was revoked.", data{Event: "link"})
}

func revokeAll(ctx context.Context, tx *tenant.Tx, id int64) error {
	_, err := revoke(ctx, tx, id)
	return err
}

func revoke(ctx context.Context, tx *tenant.Tx, id int64) (int64, error) {
	tag, err := tx.Exec(ctx, `
		UPDATE resolver_links
		SET revoked_at = @now, revoked_by = nullif(@member::bigint, 0)
		WHERE tenant_id = @tenant AND case_id = @case AND revoked_at IS NULL AND expires_at > @now`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "case": id, "now": tx.Now, "member": tx.Actor.MemberID})
	if err != nil {
		return 0, fmt.Errorf("revoke links: %w", err)
	}
	return tag.RowsAffected(), nil
}

const linkSQL = `
		SELECT l.id, l.case_id, l.customer_id, l.resolver_id, r.name AS resolver, l.expires_at, l.revoked_at, l.created_at, coalesce(u.name, 'Dunwell') AS author,
			(SELECT count(*) FROM resolver_link_uses x WHERE x.tenant_id = @tenant AND x.link_id = l.id) AS uses,
			(SELECT max(x.at) FROM resolver_link_uses x WHERE x.tenant_id = @tenant AND x.link_id = l.id) AS last_use
		FROM resolver_links l
		JOIN resolvers r ON r.tenant_id = @tenant AND r.id = l.resolver_id
		LEFT JOIN members m ON m.tenant_id = @tenant AND m.id = l.author_id
		LEFT JOIN users u ON u.id = m.user_id
		WHERE l.tenant_id = @tenant`

// LinksOf lists the links that a case had, the newest first.
func LinksOf(ctx context.Context, tx *tenant.Tx, id int64) ([]Link, error) {
	rows, _ := tx.Query(ctx, linkSQL+` AND l.case_id = @case
		ORDER BY l.id DESC
		LIMIT 50`, pgx.NamedArgs{"tenant": tx.Actor.TenantID, "case": id})
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Link])
	if err != nil {
		return nil, fmt.Errorf("list links: %w", err)
	}
	return list, nil
}

// byToken finds the link that still works, of a case that is open.
func byToken(ctx context.Context, tx *tenant.Tx, token string) (Link, error) {
	rows, _ := tx.Query(ctx, linkSQL+` AND l.token_hash = @hash`, pgx.NamedArgs{"tenant": tx.Actor.TenantID, "hash": hashOf(token)})
	l, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Link])
	if errors.Is(err, pgx.ErrNoRows) || err == nil && !l.Works(tx.Now) {
		return Link{}, ErrNoLink
	}
	if err != nil {
		return Link{}, fmt.Errorf("find a resolver's link: %w", err)
	}
	return l, nil
}

// overtaken tells whether it was the closing of its case that ended a link.
func overtaken(ctx context.Context, tx *tenant.Tx, token string) error {
	var closed bool
	err := tx.QueryRow(ctx, `
		SELECT EXISTS (
			SELECT FROM resolver_links l
			JOIN cases c ON c.tenant_id = @tenant AND c.id = l.case_id
			WHERE l.tenant_id = @tenant AND l.token_hash = @hash AND l.revoked_at = c.closed_at AND l.expires_at > @now)`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "hash": hashOf(token), "now": tx.Now}).Scan(&closed)
	switch {
	case err != nil:
		return fmt.Errorf("look how a resolver's link ended: %w", err)
	case closed:
		return ErrClosed
	}
	return ErrNoLink
}
