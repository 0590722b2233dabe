package handover

import (
	"context"

	"dunwell/internal/diary"
	"dunwell/internal/errs"
	"dunwell/internal/member"
	"dunwell/internal/tenant"
)

// Leave is how a membership ends.
type Leave struct {
	MemberID int64
	Version  int
	// Keep leaves the work under the name of who leaves, where managers find it under
	// No owner, instead of giving it away.
	Keep bool
	Plan Plan // not looked at with Keep, and where nothing is open
}

// Deactivate ends a membership and hands over what the member has, in one
// transaction. Where something is open it asks for a plan that leaves nothing, or for
// the word that it is to stay.
func Deactivate(ctx context.Context, tx *tenant.Tx, l Leave) (Done, error) {
	if !member.CanManage(tx.Actor) {
		return Done{}, errs.Forbidden("Only administrators end a membership. Ask one of yours.")
	}
	if err := member.Deactivate(ctx, tx, l.MemberID, l.Version); err != nil {
		return Done{}, err
	}
	if err := diary.EndFeedOf(ctx, tx, l.MemberID); err != nil {
		return Done{}, err
	}
	held, err := Holds(ctx, tx, l.MemberID)
	if err != nil || held.Total() == 0 || l.Keep {
		return Done{Preview: Preview{Held: held}}, err
	}
	l.Plan.From = l.MemberID
	if l.Plan.Rule == "" {
		return Done{}, errs.Invalid{"rule": "There is work that is open. Choose who is to have it, or that it stays under No owner."}
	}
	d, err := Give(ctx, tx, l.Plan)
	if err != nil && d.onlyCovers() { // whoever is away then is without a cover, and says so
		return d, nil
	}
	some := err == nil && d.Left.Total() > d.Left[Covers]
	if some && len(l.Plan.To) == 0 {
		return d, errs.Invalid{"to": "By this rule nobody gets some of it. Tick who gets the rest, or choose that the work stays under No owner and hand it over later."}
	}
	if some {
		return d, errs.Invalid{"to": "Some of the customers are of branches that nobody whom you chose sees. Tick somebody more who does, or choose that the work stays under No owner and hand it over later."}
	}
	return d, err
}
