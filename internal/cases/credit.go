package cases

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/errs"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
)

// Credit is what credit notes took off an item that stands in a case with a part of it,
// in minor units, as it was shown, and whether that part was meant: it is lowered then,
// and where nothing is left of it, the item is removed from the case.
type Credit struct {
	Minor   int64
	Settles bool
}

// Question is an item of which a credit note was set against while a part of it is in
// question: somebody has to say in its case whether that part was meant.
type Question struct {
	Number   string // the item's
	Case     string // its title
	Currency money.Currency
	Asked    int64
}

// Questions lists those of some items.
func Questions(ctx context.Context, tx *tenant.Tx, items []int64) ([]Question, error) {
	rows, _ := tx.Query(ctx, `
		SELECT i.number, k.title AS case, i.currency, q.amount AS asked
		FROM case_items q
		JOIN cases k ON k.tenant_id = @tenant AND k.id = q.case_id
		JOIN items i ON i.tenant_id = @tenant AND i.id = q.item_id AND i.open_amount > 0
		WHERE q.tenant_id = @tenant AND q.item_id = ANY(@items) AND `+credited+` > 0
		ORDER BY i.due_on, i.id`, pgx.NamedArgs{"tenant": tx.Actor.TenantID, "items": items})
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Question])
	if err != nil {
		return nil, fmt.Errorf("find what was credited of items in question: %w", err)
	}
	return list, nil
}

// credited is what credit notes took off an item in an open case since somebody gave
// the amount in question.
const credited = `CASE WHEN q.open AND q.amount IS NOT NULL THEN greatest((
				SELECT coalesce(sum(a.amount), 0)::bigint
				FROM applications a
				WHERE a.tenant_id = @tenant AND a.item_id = q.item_id AND a.id > q.credits_to AND a.credit_id IS NOT NULL), 0) ELSE 0 END`

// applied is the newest application of an item.
const applied = `coalesce((SELECT max(a.id) FROM applications a WHERE a.tenant_id = @tenant AND a.item_id = n.item), 0)`

// checkCredits makes of what was credited what is in question still.
func (s *saving) checkCredits(inv *errs.Invalid) error {
	changed := map[int64]int64{}
	for id, asked := range s.Asked {
		if asked != s.item(id).CaseAsked {
			changed[id] = asked
		}
	}
	s.Asked, s.Remove = changed, slices.Clone(s.Remove)
	for _, id := range sorted(s.Credits) {
		c, i := s.Credits[id], s.item(id)
		if i.Credited != c.Minor || c.Minor == 0 {
			return errs.Conflict("What was credited on the items of this case has changed meanwhile. Nothing of yours was saved. Look at the case again.")
		}
		_, typed := s.Asked[id]
		inv.Check(!typed, fmt.Sprintf("asked_%d", id), fmt.Sprintf("Either give what is still in question of %s, or say whether the credit was for it: not both.", i.Number))
		rest := min(i.CaseAsked-c.Minor, i.Open)
		switch {
		case typed || slices.Contains(s.Remove, id):
		case !c.Settles:
			s.Asked[id] = i.CaseAsked
		case rest > 0:
			s.Asked[id] = rest
		default:
			s.Remove = append(s.Remove, id)
		}
	}
	return nil
}
