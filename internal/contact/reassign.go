package contact

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/errs"
	"dunwell/internal/member"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// Handed tells what became of contacts that were to change hands.
type Handed struct {
	To    string // the name of who has them now
	Moved int
	Left  int // with customers whom that member does not see
}

// CanReassign tells who gives what one member has to do to another in bulk.
func CanReassign(a tenant.Actor) bool { return a.Is(tenant.Manager) }

// Reassign gives open contacts to another member, with a note for each. Those of
// customers whom that member does not see stay where they are, and so do those that
// somebody else ended meanwhile.
func Reassign(ctx context.Context, tx *tenant.Tx, ids []int64, to int64) (h Handed, err error) {
	if !CanReassign(tx.Actor) {
		return h, errs.Forbidden("Only managers and administrators give away what somebody has to do. Ask one of yours.")
	}
	args := pgx.NamedArgs{"tenant": tx.Actor.TenantID, "ids": ids, "to": to}
	err = tx.QueryRow(ctx, `
		SELECT u.name
		FROM members m
		JOIN users u ON u.id = m.user_id
		WHERE m.tenant_id = @tenant AND m.id = @to AND m.active`, args).Scan(&h.To)
	if errors.Is(err, pgx.ErrNoRows) {
		return h, errs.Invalid{"assignee": "Choose who is to do them: somebody of the list."}
	}
	if err != nil {
		return h, fmt.Errorf("find who gets the contacts: %w", err)
	}
	_, err = tx.Exec(ctx, `
		SELECT FROM customers c
		WHERE c.tenant_id = @tenant AND c.id IN (SELECT k.customer_id FROM contacts k WHERE k.tenant_id = @tenant AND k.id = ANY(@ids))
		ORDER BY c.id
		FOR NO KEY UPDATE`, args)
	if err != nil {
		return h, fmt.Errorf("hold the customers: %w", err)
	}
	notes, err := h.move(ctx, tx, args)
	if err != nil {
		return h, err
	}
	return h, note.AddMany(ctx, tx, notes)
}

// move moves those that can be moved, and says so of each.
func (h *Handed) move(ctx context.Context, tx *tenant.Tx, args pgx.NamedArgs) (notes []note.New, err error) {
	rows, _ := tx.Query(ctx, `
		WITH asked AS (
			SELECT c.id, c.customer_id, c.code || ' ' || c.type_name AS type, u.name AS was,
				`+member.Sees("l", "m", "k.branch_id")+` AS sees
			FROM contacts c
			JOIN customers k ON k.tenant_id = @tenant AND k.id = c.customer_id AND k.archived_at IS NULL
			JOIN tenants l ON l.id = @tenant
			JOIN members m ON m.tenant_id = @tenant AND m.id = @to
			JOIN members a ON a.tenant_id = @tenant AND a.id = c.assignee_id
			JOIN users u ON u.id = a.user_id
			WHERE c.tenant_id = @tenant AND c.id = ANY(@ids) AND c.ended IS NULL AND c.assignee_id <> @to
		), moved AS (
			UPDATE contacts c
			SET assignee_id = @to, attempts = 0, version = c.version + 1
			FROM asked a
			WHERE c.tenant_id = @tenant AND c.id = a.id AND a.sees)
		SELECT a.id, a.customer_id, a.type, a.was, a.sees
		FROM asked a
		ORDER BY a.customer_id, a.id`, args)
	var id, customer int64
	var kind, was string
	var sees bool
	_, err = pgx.ForEachRow(rows, []any{&id, &customer, &kind, &was, &sees}, func() error {
		if !sees {
			h.Left++
			return nil
		}
		h.Moved++
		notes = append(notes, note.New{CustomerID: customer, Kind: changed, Subject: "contact", SubjectID: id,
			Text: fmt.Sprintf("Contact %s of %s given to %s.", kind, was, h.To)})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reassign contacts: %w", err)
	}
	return notes, nil
}
