package diary

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/day"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// Feed is the secret link under which a calendar elsewhere reads one's own diary.
type Feed struct {
	MadeAt time.Time
	ReadAt *time.Time // nil: never; to the hour or so
	Names  bool       // the company lets the customers' names out
}

// FeedOf is the actor's own feed; nil where there is none.
func FeedOf(ctx context.Context, tx *tenant.Tx) (f *Feed, err error) {
	b := tx.Batch()
	b.Queue("find the feed", `
		SELECT f.made_at, f.read_at, t.feed_names AS names
		FROM feeds f
		JOIN tenants t ON t.id = @tenant
		WHERE f.tenant_id = @tenant AND f.member_id = @me`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "me": tx.Actor.MemberID}, tenant.First(&f))
	err = b.Send(ctx)
	return f, err
}

// MakeFeed makes a link for the actor; the one before works no more. The token is kept
// nowhere: whoever calls hands it over.
func MakeFeed(ctx context.Context, tx *tenant.Tx) (token string, err error) {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // never fails
	token = strconv.FormatInt(tx.Actor.TenantID, 36) + "." + base64.RawURLEncoding.EncodeToString(raw)
	_, err = tx.Exec(ctx, `
		INSERT INTO feeds (member_id, token_hash, made_at)
		VALUES (@me, @hash, @now)
		ON CONFLICT (tenant_id, member_id) DO UPDATE
		SET token_hash = excluded.token_hash, made_at = excluded.made_at, read_at = NULL`,
		pgx.NamedArgs{"me": tx.Actor.MemberID, "hash": hashOf(token), "now": tx.Now})
	if err != nil {
		return "", fmt.Errorf("make a feed: %w", err)
	}
	return token, tx.Audit(ctx, tenant.Event{Kind: "feed.made", Subject: "member", SubjectID: tx.Actor.MemberID})
}

// EndFeed ends the actor's link at once; where there is none, nothing happens.
func EndFeed(ctx context.Context, tx *tenant.Tx) error { return EndFeedOf(ctx, tx, tx.Actor.MemberID) }

// EndFeedOf ends the link of a member who leaves, if there is one: it would be theirs
// again if they came back. Whoever calls it has asked for permission.
func EndFeedOf(ctx context.Context, tx *tenant.Tx, member int64) error {
	tag, err := tx.Exec(ctx, `DELETE FROM feeds WHERE tenant_id = $1 AND member_id = $2`, tx.Actor.TenantID, member)
	if err != nil {
		return fmt.Errorf("end a feed: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return nil
	}
	return tx.Audit(ctx, tenant.Event{Kind: "feed.ended", Subject: "member", SubjectID: member})
}

func hashOf(token string) []byte {
	h := sha256.Sum256([]byte(token))
	return h[:]
}

// TenantOfFeed reads whose link it is. The rest of it is looked at inside that company.
func TenantOfFeed(token string) (tenantID int64, ok bool) {
	head, _, found := strings.Cut(token, ".")
	id, err := strconv.ParseInt(head, 36, 64)
	return id, found && err == nil && id > 0 && len(token) < 100
}

// How far ahead a calendar sees, and how much of a day. What is late stays in it on its
// own day, however long ago that was.
const (
	feedAhead = 370
	feedADay  = 100
)

// longAgo is a day before all that anything was planned for.
var longAgo = day.New(1900, 1, 1)

// served is what a feed is made of.
type served struct {
	MemberID int64
	Name     string
	Names    bool
	Branch   *int64 // of whose customers the member sees no others
	Limited  bool
}

// ReadFeed gives the calendar of the member whose link it is, for the program itself:
// whoever has the link is not signed in. place is the address of a task, by its Key. A
// link of somebody who left is as one that never was.
func ReadFeed(ctx context.Context, tx *tenant.Tx, token string, place func(key string) string) ([]byte, error) {
	var s served
	err := tx.QueryRow(ctx, `
		SELECT f.member_id, u.name, t.feed_names, t.branch_limited AND m.role = 'collector', m.branch_id
		FROM feeds f
		JOIN tenants t ON t.id = @tenant
		JOIN members m ON m.tenant_id = @tenant AND m.id = f.member_id AND m.active
		JOIN users u ON u.id = m.user_id
		WHERE f.tenant_id = @tenant AND f.token_hash = @hash`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "hash": hashOf(token)}).Scan(&s.MemberID, &s.Name, &s.Names, &s.Limited, &s.Branch)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, errs.NotFound
	}
	if err != nil {
		return nil, fmt.Errorf("find whose feed it is: %w", err)
	}
	_, err = tx.Exec(ctx, `
		UPDATE feeds
		SET read_at = @now
		WHERE tenant_id = @tenant AND member_id = @member AND (read_at IS NULL OR read_at < @now::timestamptz - interval '1 hour')`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "member": s.MemberID, "now": tx.Now})
	if err != nil {
		return nil, fmt.Errorf("note that the feed was read: %w", err)
	}
	tasks, err := s.tasks(ctx, tx)
	if err != nil {
		return nil, err
	}
	from := tx.Today()
	if len(tasks) > 0 && tasks[0].On.Before(from) {
		from = tasks[0].On
	}
	return calendar{Name: s.Name, Names: s.Names, Zone: tx.Actor.Tenant.Zone, Now: tx.Now, Tenant: tx.Actor.TenantID, Place: place,
		From: from, Until: tx.Today().Add(feedAhead), Tasks: tasks}.text()
}

// tasks are those with a day, in order, but what waits in the agenda: it is for no day.
func (s served) tasks(ctx context.Context, tx *tenant.Tx) (list []Task, err error) {
	today := tx.Today()
	sheet, err := ReadSheet(ctx, tx, Look{Member: s.MemberID, From: longAgo, Until: today.Add(feedAhead), Cell: Window{Size: feedADay}})
	if err != nil {
		return nil, err
	}
	var customers []int64
	for _, place := range sheet.Places() {
		for _, t := range sheet.Cells[place].Tasks {
			if t.Kind != Agenda || t.On.After(today) {
				list, customers = append(list, t), append(customers, t.CustomerID)
			}
		}
	}
	if !s.Limited {
		return list, nil
	}
	rows, _ := tx.Query(ctx, `
		SELECT c.id
		FROM customers c
		WHERE c.tenant_id = @tenant AND c.id = ANY(@customers) AND c.branch_id = @branch`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customers": customers, "branch": s.Branch})
	seen, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return nil, fmt.Errorf("look which customers the member sees: %w", err)
	}
	return slices.DeleteFunc(list, func(t Task) bool { return !slices.Contains(seen, t.CustomerID) }), nil
}

// calendar is what a feed says.
type calendar struct {
	Name        string
	Names       bool
	Zone        *time.Location
	Now         time.Time
	Tenant      int64
	Place       func(key string) string
	From, Until day.Day
	Tasks       []Task
}
