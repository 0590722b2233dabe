package followup

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/errs"
	"dunwell/internal/member"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// Handed tells what became of follow-ups that were to change hands.
type Handed struct {
	To    string // the name of who has them now
	Moved int
	Left  int // with customers whom that member does not see
}

// CanReassign tells who gives one member's follow-ups to another in bulk.
func CanReassign(a tenant.Actor) bool { return a.Is(tenant.Manager) }

// Reassign gives follow-ups, whoever has them, to another member, with a note for each
// customer. Those with customers whom that member does not see stay where they are.
// Where somebody else was first, less is moved, or nothing.
func Reassign(ctx context.Context, tx *tenant.Tx, ids []int64, to int64) (Handed, error) {
	if !CanReassign(tx.Actor) {
		return Handed{}, errs.Forbidden("Only managers and administrators give away what somebody has to do. Ask one of yours.")
	}
	h, err := receiver(ctx, tx, to)
	if err != nil {
		return h, err
	}
	list, err := held(ctx, tx, ids, to)
	if err != nil {
		return h, err
	}
	seen := slices.DeleteFunc(slices.Clone(list), func(m movable) bool { return !m.Sees })
	h.Moved, h.Left = len(seen), len(list)-len(seen)
	if h.Moved == 0 {
		return h, nil
	}
	return h, hand(ctx, tx, seen, to, h.To)
}

// receiver is who gets them: an active member.
func receiver(ctx context.Context, tx *tenant.Tx, id int64) (h Handed, err error) {
	err = tx.QueryRow(ctx, `
		SELECT u.name
		FROM members m
		JOIN users u ON u.id = m.user_id
		WHERE m.tenant_id = @tenant AND m.id = @id AND m.active`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "id": id}).Scan(&h.To)
	if errors.Is(err, pgx.ErrNoRows) {
		return h, errs.Invalid{"assignee": "Choose who is to do them: somebody of the list."}
	}
	if err != nil {
		return h, fmt.Errorf("find who gets the follow-ups: %w", err)
	}
	return h, nil
}

// movable is a follow-up that may change hands.
type movable struct {
	Followup
	Sees bool // the new assignee sees the customer
}

// held reads those that may change hands and holds their customers, in the order
// of all who hold several, so that two who change one customer take turns. What
// it reads is read after that.
func held(ctx context.Context, tx *tenant.Tx, ids []int64, to int64) ([]movable, error) {
	const chosen = `f.tenant_id = @tenant AND f.ended IS NULL AND f.id = ANY(@ids) AND f.assignee_id <> @to`
	args := pgx.NamedArgs{"tenant": tx.Actor.TenantID, "ids": ids, "to": to}
	rows, _ := tx.Query(ctx, `
		SELECT c.id
		FROM customers c
		WHERE c.tenant_id = @tenant AND c.archived_at IS NULL AND c.id IN (SELECT f.customer_id FROM follow_ups f WHERE `+chosen+`)
		ORDER BY c.id
		FOR NO KEY UPDATE`, args)
	customers, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return nil, fmt.Errorf("hold the customers: %w", err)
	}
	args["held"] = customers
	rows, _ = tx.Query(ctx, `
		SELECT `+columns+`, `+member.Sees("t", "r", "c.branch_id")+` AS sees
		FROM `+source+`
		JOIN customers c ON c.tenant_id = @tenant AND c.id = f.customer_id
		JOIN tenants t ON t.id = @tenant
		JOIN members r ON r.tenant_id = @tenant AND r.id = @to
		WHERE `+chosen+` AND f.customer_id = ANY(@held)
		ORDER BY f.customer_id, au.name, f.assignee_id, f.due_on, f.due_at, f.id`, args)
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[movable])
	if err != nil {
		return nil, fmt.Errorf("read the follow-ups: %w", err)
	}
	return list, nil
}

// hand gives the follow-ups, which stand in the order of their customers, to the
// member of that name.
func hand(ctx context.Context, tx *tenant.Tx, list []movable, to int64, name string) error {
	ids := make([]int64, len(list))
	for i, f := range list {
		ids[i] = f.ID
	}
	_, err := tx.Exec(ctx, `
		UPDATE follow_ups
		SET assignee_id = @to, version = version + 1
		WHERE tenant_id = @tenant AND id = ANY(@ids)`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "ids": ids, "to": to})
	if err != nil {
		return fmt.Errorf("reassign follow-ups: %w", err)
	}
	return note.AddMany(ctx, tx, handedNotes(list, name))
}

// handedNotes are a note for each customer and each member who had them.
func handedNotes(list []movable, name string) (notes []note.New) {
	for len(list) > 0 {
		first, n := list[0], 1
		for n < len(list) && list[n].CustomerID == first.CustomerID && list[n].AssigneeID == first.AssigneeID {
			n++
		}
		when := make([]string, min(n, namedInNote))
		for i := range when {
			when[i] = list[i].When()
		}
		text := fmt.Sprintf("%d follow-ups of %s given to %s, due %s", n, first.Assignee, name, strings.Join(when, "; "))
		if n == 1 {
			text = fmt.Sprintf("Follow-up of %s given to %s, due %s", first.Assignee, name, when[0])
		}
		if n > namedInNote {
			text += fmt.Sprintf(" and %d more", n-namedInNote)
		}
		ids := make([]int64, n)
		for i := range ids {
			ids[i] = list[i].ID
		}
		notes = append(notes, note.New{CustomerID: first.CustomerID, Kind: "follow_up", Text: text + ".", Data: map[string]any{"follow_ups": ids}})
		list = list[n:]
	}
	return notes
}

// namedInNote is how many follow-ups of one customer a note names by their day.
const namedInNote = 20
