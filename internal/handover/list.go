package handover

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// Made is a hand-over as it is kept.
type Made struct {
	ID     int64
	Of     string // whose work it was; empty: that of everybody who had left
	Rule   Rule
	Note   string
	Author string
	At     time.Time
	Shares []Received
}

// Received is the share of one receiver.
type Received struct {
	MemberID int64
	Name     string
	Counts   Counts
	ReadAt   *time.Time // by the receiver
}

const madeSQL = `
	SELECT o.id, coalesce(u.name, '') AS of, o.rule, o.note, au.name AS author, o.at,
		s.member_id, su.name, s.counts, s.read_at
	FROM hand_overs o
	JOIN members am ON am.tenant_id = @tenant AND am.id = o.author_id
	JOIN users au ON au.id = am.user_id
	LEFT JOIN members m ON m.tenant_id = @tenant AND m.id = o.member_id
	LEFT JOIN users u ON u.id = m.user_id
	LEFT JOIN hand_over_shares s ON s.tenant_id = @tenant AND s.hand_over_id = o.id
	LEFT JOIN members sm ON sm.tenant_id = @tenant AND sm.id = s.member_id
	LEFT JOIN users su ON su.id = sm.user_id
	WHERE o.tenant_id = @tenant AND `

// read asks for hand-overs with their shares.
func read(ctx context.Context, tx *tenant.Tx, which string, args pgx.NamedArgs) (list []Made, err error) {
	args["tenant"] = tx.Actor.TenantID
	rows, _ := tx.Query(ctx, madeSQL+which+`
	ORDER BY o.id DESC, lower(su.name), s.member_id`, args)
	var (
		m        Made
		memberID *int64
		name     *string
		s        Received
	)
	_, err = pgx.ForEachRow(rows, []any{&m.ID, &m.Of, &m.Rule, &m.Note, &m.Author, &m.At, &memberID, &name, &s.Counts, &s.ReadAt}, func() error {
		if len(list) == 0 || list[len(list)-1].ID != m.ID {
			list = append(list, m)
		}
		if memberID != nil {
			s.MemberID, s.Name = *memberID, *name
			last := &list[len(list)-1]
			last.Shares = append(last.Shares, s)
		}
		s.Counts = nil
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read hand-overs: %w", err)
	}
	return list, nil
}

// Find reads one hand-over. Managers see all of it, receivers their own share.
func Find(ctx context.Context, tx *tenant.Tx, id int64) (Made, error) {
	list, err := read(ctx, tx, `o.id = @id AND (@all OR s.member_id = @me)`,
		pgx.NamedArgs{"id": id, "me": tx.Actor.MemberID, "all": CanHandOver(tx.Actor)})
	if err != nil {
		return Made{}, err
	}
	if len(list) == 0 {
		return Made{}, errs.NotFound
	}
	return list[0], nil
}

// recent is how many hand-overs Recent lists.
const recent = 10

// Recent lists the latest hand-overs of the company.
func Recent(ctx context.Context, tx *tenant.Tx) ([]Made, error) {
	if !CanHandOver(tx.Actor) {
		return nil, ErrHanding
	}
	return read(ctx, tx, `o.id IN (SELECT l.id FROM hand_overs l WHERE l.tenant_id = @tenant ORDER BY l.id DESC LIMIT @recent)`, pgx.NamedArgs{"recent": recent})
}

// Unread lists the hand-overs to whoever acts that they have not put away yet, each
// with their share.
func Unread(ctx context.Context, tx *tenant.Tx) ([]Made, error) {
	return read(ctx, tx, `s.member_id = @me AND s.read_at IS NULL`, pgx.NamedArgs{"me": tx.Actor.MemberID})
}

// Acknowledge puts away what was said to whoever acts with a hand-over. Twice is as
// once.
func Acknowledge(ctx context.Context, tx *tenant.Tx, id int64) error {
	var there bool
	err := tx.QueryRow(ctx, `
		UPDATE hand_over_shares
		SET read_at = coalesce(read_at, @now)
		WHERE tenant_id = @tenant AND hand_over_id = @id AND member_id = @me
		RETURNING true`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "id": id, "me": tx.Actor.MemberID, "now": tx.Now}).Scan(&there)
	if errors.Is(err, pgx.ErrNoRows) {
		return errs.NotFound
	}
	if err != nil {
		return fmt.Errorf("acknowledge a hand-over: %w", err)
	}
	return nil
}
