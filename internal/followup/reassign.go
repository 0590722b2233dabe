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

// Share is which follow-ups change hands: those that a member has to do today,
// late ones included, with some customers or with all; or some of whatever day.
type Share struct {
	Of        int64   // the member; 0: nobody who works here and sees the customer
	All       bool    // with all customers
	Customers []int64 // else with these
	IDs       []int64 // these follow-ups and no others, whoever has them
}

// Handed tells what became of a Share.
type Handed struct {
	To    string // the name of who has them now
	Moved int
	Left  int // with customers whom that member does not see
}

// CanReassign tells who gives one member's follow-ups to another in bulk.
func CanReassign(a tenant.Actor) bool { return a.Is(tenant.Manager) }

// Reassign gives follow-ups to another member, with a note for each customer.
// Those with customers whom that member does not see stay where they are. Where
// somebody else was first, less is moved, or nothing.
func Reassign(ctx context.Context, tx *tenant.Tx, s Share, to int64) (Handed, error) {
	if !CanReassign(tx.Actor) {
		return Handed{}, errs.Forbidden("Only managers and administrators give away what somebody has to do. Ask one of yours.")
	}
	if !s.All && len(s.Customers)+len(s.IDs) == 0 {
		return Handed{}, errs.Invalid{"customer": "Tick the customers whose follow-ups are to go to somebody else."}
	}
	if to == s.Of && to != 0 && len(s.IDs) == 0 {
		return Handed{}, errs.Invalid{"assignee": "They are this member’s already. Choose somebody else."}
	}
	h, err := receiver(ctx, tx, to)
	if err != nil {
		return h, err
	}
	list, err := shared(ctx, tx, s, to)
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

// shared reads the follow-ups of a Share and holds their customers, in the order
// of all who hold several, so that two who change one customer take turns. What
// it reads is read after that.
func shared(ctx context.Context, tx *tenant.Tx, s Share, to int64) ([]movable, error) {
	chosen := `f.tenant_id = @tenant AND f.ended IS NULL AND f.due_on <= @today AND (@all OR f.customer_id = ANY(@customers)) AND `
	if s.Of == 0 {
		chosen += member.OfNobody("f.assignee_id", "f.customer_id")
	} else {
		chosen += `f.assignee_id = @of`
	}
	if len(s.IDs) > 0 {
		chosen = `f.tenant_id = @tenant AND f.ended IS NULL AND f.id = ANY(@ids) AND f.assignee_id <> @to`
	}
	args := pgx.NamedArgs{"tenant": tx.Actor.TenantID, "today": tx.Today(), "of": s.Of, "all": s.All, "customers": s.Customers, "ids": s.IDs, "to": to}
	rows, _ := tx.Query(ctx, `
		SELECT c.id
		FROM customers c
		WHERE c.tenant_id = @tenant AND c.archived_at IS NULL AND c.id IN (SELECT f.customer_id FROM follow_ups f WHERE `+chosen+`)
		ORDER BY c.id
		FOR NO KEY UPDATE`, args)
	held, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return nil, fmt.Errorf("hold the customers: %w", err)
	}
	args["held"] = held
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
