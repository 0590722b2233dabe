package cases

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/errs"
	"dunwell/internal/ledger"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// Restart is where an item goes on in dunning: at the level that it had, or, Chosen,
// at another one, 0 being from the beginning.
type Restart struct {
	Chosen  bool
	LevelID int64
}

func each(items []chosen, r Restart) map[int64]Restart {
	all := map[int64]Restart{}
	for _, i := range items {
		all[i.ItemID] = r
	}
	return all
}

func sorted[V any](m map[int64]V) []int64 { return slices.Sorted(maps.Keys(m)) }

// restart records the levels that items come back at. Who had one keeps what it was
// reminded of; what is reminded afterwards counts on from the chosen one.
func restart(ctx context.Context, tx *tenant.Tx, customerID int64, of map[int64]Restart) error {
	var items, levels []int64
	distinct := map[int64]bool{}
	for _, id := range sorted(of) {
		if r := of[id]; r.Chosen {
			items, levels = append(items, id), append(levels, r.LevelID)
			if r.LevelID != 0 {
				distinct[r.LevelID] = true
			}
		}
	}
	if len(items) == 0 {
		return nil
	}
	var known int
	err := tx.QueryRow(ctx, `
		SELECT count(*)
		FROM levels l
		JOIN customer_policies p ON p.tenant_id = @tenant AND p.policy_id = l.policy_id AND p.customer_id = @customer
		WHERE l.tenant_id = @tenant AND l.id = ANY(@levels) AND l.retired_at IS NULL`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customer": customerID, "levels": levels}).Scan(&known)
	if err != nil {
		return fmt.Errorf("find levels: %w", err)
	}
	if known < len(distinct) {
		return errs.Invalid{"level": "This is no level of the policy by which the customer is reminded. Choose one of the list."}
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO item_returns (customer_id, item_id, case_id, level_id, after_days, reminded_on, since_reminder, member_id)
		SELECT @customer, i.id, (
				SELECT q.case_id
				FROM case_items q
				WHERE q.tenant_id = @tenant AND q.item_id = i.id
				ORDER BY q.open DESC, q.left_at DESC, q.id DESC
				LIMIT 1),
			l.id, l.after_days, i.reminded_on,
			coalesce((SELECT max(r.id) FROM reminders r WHERE r.tenant_id = @tenant AND r.item_id = i.id), 0), nullif(@member::bigint, 0)
		FROM unnest(@items::bigint[], @levels::bigint[]) AS n (item, level)
		JOIN items i ON i.tenant_id = @tenant AND i.id = n.item
		LEFT JOIN levels l ON l.tenant_id = @tenant AND l.id = n.level
		ORDER BY i.id`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customer": customerID, "items": items, "levels": levels, "member": tx.Actor.MemberID})
	if err != nil {
		return fmt.Errorf("let items go on at a level: %w", err)
	}
	tx.Touch(customerID)
	return nil
}

// leave takes items out of the open cases that they are in.
func leave(ctx context.Context, tx *tenant.Tx, items []int64, why string) error {
	if len(items) == 0 {
		return nil
	}
	_, err := tx.Exec(ctx, `
		UPDATE case_items
		SET left_at = @now, left_by = nullif(@member::bigint, 0), left_why = @why
		WHERE tenant_id = @tenant AND item_id = ANY(@items) AND open`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "items": items, "why": why, "now": tx.Now, "member": tx.Actor.MemberID})
	if err != nil {
		return fmt.Errorf("take items out of cases: %w", err)
	}
	return nil
}

// ask gives items that are in an open case their amounts in question; 0 is the whole.
// What was credited until now is answered by that.
func ask(ctx context.Context, tx *tenant.Tx, amounts map[int64]int64) error {
	items, asked := sorted(amounts), make([]int64, 0, len(amounts))
	for _, id := range items {
		asked = append(asked, amounts[id])
	}
	_, err := tx.Exec(ctx, `
		UPDATE case_items q
		SET amount = nullif(n.asked, 0), credits_to = `+applied+`
		FROM unnest(@items::bigint[], @asked::bigint[]) AS n (item, asked)
		WHERE q.tenant_id = @tenant AND q.item_id = n.item AND q.open`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "items": items, "asked": asked})
	if err != nil {
		return fmt.Errorf("give amounts in question: %w", err)
	}
	return nil
}

// Freed is the status that items get which go back to dunning and are held back by
// the one they have: the first of a resolved dispute, else the first ongoing one.
func Freed(ctx context.Context, tx *tenant.Tx) (s ledger.Status, err error) {
	err = tx.QueryRow(ctx, `
		SELECT s.id, s.name, s.family
		FROM item_statuses s
		WHERE s.tenant_id = $1 AND s.retired_at IS NULL AND s.family IN ('dispute_resolved', 'ongoing')
		ORDER BY s.family, s.position, s.id
		LIMIT 1`, tx.Actor.TenantID).Scan(&s.ID, &s.Name, &s.Family)
	if errors.Is(err, pgx.ErrNoRows) {
		return s, errs.Conflict("No item status says that a dispute is resolved, or that an item is ongoing. An administrator can make one under Admin, Item statuses.")
	}
	if err != nil {
		return s, fmt.Errorf("find the status of a resolved dispute: %w", err)
	}
	return s, nil
}

// free gives those of the items that their status would hold back another one.
func free(ctx context.Context, tx *tenant.Tx, customerID int64, items []chosen, why string) error {
	var bound []chosen
	for _, i := range items {
		if i.Family == ledger.Disputed || i.Family == ledger.Litigation {
			bound = append(bound, i)
		}
	}
	if len(bound) == 0 {
		return nil
	}
	to, err := Freed(ctx, tx)
	if err != nil {
		return err
	}
	return ledger.SetStatuses(ctx, tx, customerID, ledger.Statused{Items: seen(bound), StatusID: to.ID, Reason: why})
}

// left is an item that left its case by itself.
type left struct {
	CustomerID int64
	CaseID     int64
	Number     string
	Why        string
}

// Settle has items leave the cases of these customers by themselves: what is paid,
// and what has a status of a resolved dispute. The others stay, and so does a case
// that is empty then. It is part of the hook before commit.
func Settle(ctx context.Context, tx *tenant.Tx, customers []int64) error {
	rows, _ := tx.Query(ctx, `
		WITH gone AS (
			UPDATE case_items q
			SET left_at = @now, left_why = CASE WHEN i.open_amount <= 0 THEN 'paid' ELSE 'resolved' END
			FROM items i
			JOIN item_statuses s ON s.tenant_id = @tenant AND s.id = i.status_id
			WHERE q.tenant_id = @tenant AND q.customer_id = ANY(@customers) AND q.open AND i.tenant_id = @tenant AND i.id = q.item_id
				AND (i.open_amount <= 0 OR s.family = 'dispute_resolved')
			RETURNING q.customer_id, q.case_id, i.id, i.number, q.left_why)
		SELECT g.customer_id, g.case_id, g.number, g.left_why AS why
		FROM gone g
		ORDER BY g.customer_id, g.case_id, g.left_why, g.id`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customers": customers, "now": tx.Now})
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[left])
	if err != nil {
		return fmt.Errorf("let items leave their cases: %w", err)
	}
	if len(list) == 0 {
		return nil
	}
	var lines []note.New
	for len(list) > 0 {
		first := list[0]
		n := slices.IndexFunc(list, func(l left) bool { return l.CaseID != first.CaseID || l.Why != first.Why })
		if n < 0 {
			n = len(list)
		}
		names := listed(list[:n], func(l left) string { return l.Number })
		text := "Paid, and out of the case: " + names + "."
		if first.Why == "resolved" {
			text = "Resolved, out of the case and back in dunning: " + names + "."
		}
		lines = append(lines, line(first.CustomerID, first.CaseID, text, data{Event: "left", Shown: true}))
		list = list[n:]
	}
	return note.AddMany(ctx, tx, lines)
}
