package inbox

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/customer"
	"dunwell/internal/document"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// Matching is what the journal has of a match.
type Matching struct {
	CustomerID int64 // in whose journal it stands: who was merged into another keeps it
	Seq        int64 // of the note
	MemberID   int64 // who said whose it is
	Member     string
}

// May tells who takes a match back: who said it, and managers.
func (m Matching) May(a tenant.Actor) bool {
	return a.Is(tenant.Manager) || m.MemberID != 0 && m.MemberID == a.MemberID
}

// matchNote chooses the notes n that matches of the entry e wrote to its customer, or to
// one who was merged into that.
const matchNote = `n.tenant_id = @tenant AND n.customer_id = ANY(ARRAY(
		SELECT d.id FROM customers d WHERE d.tenant_id = @tenant AND (d.id = e.customer_id OR d.merged_into = e.customer_id))) AND n.kind IN ('email', 'sms', 'message') AND n.subject = 'received' AND n.subject_id = e.received_id`

// MatchingOf reads who said last whose an entry is; it is empty where nobody did.
func MatchingOf(ctx context.Context, tx *tenant.Tx, e Entry) (m Matching, err error) {
	if !e.Matched {
		return m, nil
	}
	err = tx.QueryRow(ctx, `
		SELECT n.customer_id, n.seq, coalesce(n.author_id, 0), n.author
		FROM inbox_entries e
		JOIN notes n ON `+matchNote+`
		WHERE e.tenant_id = @tenant AND e.id = @id
		ORDER BY n.id DESC
		LIMIT 1`, pgx.NamedArgs{"tenant": tx.Actor.TenantID, "id": e.ID}).Scan(&m.CustomerID, &m.Seq, &m.MemberID, &m.Member)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return m, fmt.Errorf("find who matched an entry of the inbox: %w", err)
	}
	return m, nil
}

// ofMatcher are the entries that the actor sees, and those that the actor gave to a
// customer of somebody else's.
const ofMatcher = `(` + visible + ` OR EXISTS (SELECT FROM notes n WHERE ` + matchNote + ` AND n.author_id = @me))`

// Unmatch takes back what Match said: the message is a stranger's again and holds back
// nothing of the customer's. The note of it is struck out, and the number or address
// that was kept with it is no longer in use. What they asked for by STOP or START stays.
// The version is the one that the person saw.
func Unmatch(ctx context.Context, tx *tenant.Tx, id int64, version int) error {
	e, err := hold(ctx, tx, id, ofMatcher)
	if err != nil {
		return err
	}
	m, err := MatchingOf(ctx, tx, e)
	switch {
	case err != nil:
		return err
	case e.CustomerID == 0:
		return errs.Conflict("This is nobody’s already: it waits with the unknown senders.")
	case !e.Matched:
		return errs.Conflict("Nobody had to say whose this is: it came from a number or an address of the customer. Where that is not theirs, change it with the customer.")
	case !m.May(tx.Actor):
		return errs.Forbidden("Only who said whose this is, or a manager, takes it back. Ask one of them.")
	}
	if err := e.seen(version); err != nil {
		return err
	}
	if e.State == Handled {
		return errs.Conflict("This is handled already. Open it again, then say that it is not this customer.")
	}
	_, err = tx.Exec(ctx, `
		UPDATE inbox_entries
		SET kind = CASE kind WHEN 'reply' THEN 'stranger' ELSE kind END, customer_id = NULL, contact_point_id = NULL, version = version + 1
		WHERE tenant_id = @tenant AND id = @id`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "id": id})
	if err != nil {
		return fmt.Errorf("take a match of the inbox back: %w", err)
	}
	if err := document.Give(ctx, tx, document.OfReceived, e.ReceivedID, e.CustomerID, 0); err != nil {
		return err
	}
	if err := e.letGo(ctx, tx); err != nil {
		return err
	}
	text := "Not this customer: " + e.about() + " It was put here by mistake, and waits in the inbox with the unknown senders again."
	if e.Came == Stop {
		text += " The opt-out of the number stays: a manager lifts it, with evidence."
	}
	tx.Touch(e.CustomerID)
	if m.CustomerID != 0 {
		e.CustomerID = m.CustomerID
	}
	return e.correct(ctx, tx, m.Seq, text)
}

// letGo takes the number or address that the match kept out of use. One that the
// customer had before the message came, or whose value was changed since, stays.
func (e Entry) letGo(ctx context.Context, tx *tenant.Tx) error {
	if e.PointID == 0 {
		return nil
	}
	var kept bool
	err := tx.QueryRow(ctx, `
		SELECT p.created_at > r.taken_at AND (p.version = 1 OR p.value = lower(r.from_address)) AND p.retired_at IS NULL
		FROM contact_points p
		JOIN received r ON r.tenant_id = @tenant AND r.id = @received
		WHERE p.tenant_id = @tenant AND p.id = @point`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "received": e.ReceivedID, "point": e.PointID}).Scan(&kept)
	if err != nil {
		return fmt.Errorf("look whether a match kept where it came from: %w", err)
	}
	if !kept {
		return nil
	}
	p, err := customer.FindPoint(ctx, tx, e.CustomerID, e.PointID)
	if err != nil {
		return err
	}
	return customer.RetirePoint(ctx, tx, e.CustomerID, p.ID, p.Version)
}
