package diary

import (
	"context"
	"fmt"

	"dunwell/internal/errs"
	"dunwell/internal/member"
	"dunwell/internal/tenant"
)

// May refuses who may not look at the day and the diary of a member, or of NoOwner:
// oneself may, managers may, and who covers the member today.
func May(ctx context.Context, tx *tenant.Tx, of int64) error {
	if canSee(tx.Actor, of) {
		return nil
	}
	covers, err := member.Covers(ctx, tx, of)
	if err != nil || covers {
		return err
	}
	was, err := member.CoveredLast(ctx, tx, of)
	if err != nil {
		return err
	}
	if was == nil {
		return ErrNotYours
	}
	return errs.Forbidden(fmt.Sprintf("You covered for %s until %s. That is over, and you do not see this day and diary any more; what you did there stays done. "+
		"Ask %s about what is still open there, or a manager, who can have you cover again. Your own work is under My day.", was.Member, was.UntilOn.Long(), was.Member))
}

// canSee tells who may look whatever day it is.
func canSee(a tenant.Actor, of int64) bool {
	return a.Is(tenant.Manager) || of != NoOwner && of == a.MemberID
}

// Covering is a member whose work the actor does today.
type Covering struct {
	member.Absence
	Waiting int // reasons for which the day lists customers, DueCounted at most
}

// Covered lists whose work the actor does today, with how much of it waits.
func Covered(ctx context.Context, tx *tenant.Tx) ([]Covering, error) {
	away, err := member.Covered(ctx, tx)
	if err != nil || len(away) == 0 {
		return nil, err
	}
	list, at, ids := make([]Covering, len(away)), map[int64]int{}, make([]int64, len(away))
	for i, a := range away {
		list[i].Absence, at[a.MemberID], ids[i] = a, i, a.MemberID
	}
	counted, err := due(ctx, tx, fmt.Sprintf(dueSQL, `SELECT m.id, '' FROM unnest(@members::bigint[]) m (id)`), ids)
	for _, p := range counted {
		list[at[p.ID]].Waiting = p.Due
	}
	return list, err
}
