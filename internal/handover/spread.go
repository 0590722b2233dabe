package handover

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/tenant"
)

// concerned is a customer with whom something is to change hands.
type concerned struct {
	ID       int64
	BranchID *int64
	OwnerID  *int64
	Owned    bool // by whoever hands over
}

// concerned reads the customers in the order of their ids, and holds them for a
// change, so that two who give away the same take turns.
func (w parties) concerned(ctx context.Context, tx *tenant.Tx, hold string) ([]concerned, error) {
	rows, _ := tx.Query(ctx, `
		SELECT c.id, c.branch_id, c.owner_id, coalesce(c.owner_id = ANY(@from), false) AS owned
		FROM customers c
		WHERE c.tenant_id = @tenant AND c.id IN (
			`+customers()+`)
		ORDER BY c.id `+hold,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "from": w.from})
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[concerned])
	if err != nil {
		return nil, fmt.Errorf("read whose work changes hands: %w", err)
	}
	return list, nil
}

// spread tells who gets each of the customers; 0: nobody sees it, it stays where it
// is. Of those who may get one it is who has got the fewest of its kind so far, owned
// or not, so that all come out even.
func (w parties) spread(rule Rule, list []concerned) []int64 {
	to, found := make([]int64, len(list)), map[int64][]Person{}
	got, all := map[load]int{}, map[int64]int{}
	for i, c := range list {
		if p, ok := w.owner(c); ok && rule == ByOwner {
			to[i] = p.ID
			continue
		}
		branch := value(c.BranchID)
		if _, known := found[branch]; !known {
			found[branch] = w.receivers(rule, c)
		}
		if len(found[branch]) == 0 {
			continue
		}
		least := slices.MinFunc(found[branch], func(p, q Person) int {
			return cmp.Or(got[load{p.ID, c.Owned}]-got[load{q.ID, c.Owned}], all[p.ID]-all[q.ID])
		}).ID
		to[i] = least
		got[load{least, c.Owned}]++
		all[least]++
	}
	return to
}

// load is what somebody has got so far: customers, or work with those of others.
type load struct {
	member int64
	owned  bool
}

// owner is who owns the customer and goes on doing so.
func (w parties) owner(c concerned) (Person, bool) {
	if c.Owned || c.OwnerID == nil {
		return Person{}, false
	}
	for _, p := range w.people {
		if p.ID == *c.OwnerID {
			return p, p.Active && w.sees(p, c)
		}
	}
	return Person{}, false
}

// receivers are those who share the customers of a branch.
func (w parties) receivers(rule Rule, c concerned) []Person {
	if rule == ByBranch && c.BranchID != nil {
		var all, collectors []Person
		for _, p := range w.people {
			if !p.Active || value(p.BranchID) != *c.BranchID || w.gives(p) {
				continue
			}
			all = append(all, p)
			if p.Role == tenant.Collector {
				collectors = append(collectors, p)
			}
		}
		if len(collectors) > 0 {
			return collectors
		}
		if len(all) > 0 {
			return all
		}
	}
	var chosen []Person
	for _, p := range w.to {
		if w.sees(p, c) {
			chosen = append(chosen, p)
		}
	}
	return chosen
}

func (w parties) gives(p Person) bool { return slices.Contains(w.from, p.ID) }

func (w parties) sees(p Person, c concerned) bool {
	return !w.limited || p.Role != tenant.Collector || p.BranchID != nil && value(p.BranchID) == value(c.BranchID)
}

func value(id *int64) int64 {
	if id == nil {
		return 0
	}
	return *id
}
