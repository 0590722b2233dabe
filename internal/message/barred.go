package message

import (
	"context"
	"time"

	"dunwell/internal/contactrule"
	"dunwell/internal/customer"
	"dunwell/internal/ledger"
	"dunwell/internal/tenant"
)

// longestRest is the longest that a message waits for hours to open whose moment
// nobody knows, before it asks again.
const longestRest = time.Hour

// barred asks at the moment of sending whether the message still may go out. Where
// it may not, it has ended or is put off; done tells that there is nothing more to
// do with it now.
func (o *Outbox) barred(ctx context.Context, tx *tenant.Tx, m waiting) (done bool, wait time.Duration, err error) {
	if m.CustomerID == 0 || m.Confirms != "" {
		return false, 0, nil
	}
	if m.Paid {
		return true, 0, m.end(ctx, tx, Discarded, "Nothing was left to collect when it was to go out.", "was not sent")
	}
	if m.Outdone {
		return true, 0, m.end(ctx, tx, Discarded, "An item that it asks for was paid, disputed, paused or put off before it went out. Write it anew.", "was not sent")
	}
	if m.Passed {
		return true, 0, m.end(ctx, tx, Discarded, "It was sent again after its agenda entry was closed: the customer was reminded in another way, or is not to be. Write it anew from the customer.", "was not sent")
	}
	if m.Replied {
		return true, 0, m.end(ctx, tx, Discarded, "The customer wrote before it went out, and nobody has answered yet.", "was not sent")
	}
	if m.Moved {
		return true, 0, m.fail(ctx, tx, "The address was changed before it went out. Write to the new one.")
	}
	if m.Channel == customer.SMS {
		if err := m.heed(ctx, tx); err != nil {
			return false, 0, err
		}
	}
	all, err := contactrule.Of(ctx, tx, m.CustomerID)
	if err != nil {
		return false, 0, err
	}
	r := all.For(m.PointID, m.Channel)
	switch {
	case r.Verdict == contactrule.Allowed, r.Overridable && m.Override != "":
		return false, 0, nil
	case r.Verdict == contactrule.NotYet:
		wait = longestRest
		if !r.Until.IsZero() {
			wait = min(max(r.Until.Sub(tx.Now), time.Second), 7*24*time.Hour)
		}
		return true, wait, move{IDs: []int64{m.ID}, To: Queued, After: wait, Detail: "It waits. " + r.Reason + "."}.apply(ctx, tx)
	}
	tx.Later(tenant.Event{Kind: "contact.refused", Subject: "customer", SubjectID: m.CustomerID, Data: map[string]any{"channel": m.Channel,
		"contact_point": m.PointID, "message": m.ID, "reason": r.Reason, "rule": r.RuleID, "version": r.RuleVersion}})
	return true, 0, m.fail(ctx, tx, "It was no longer allowed when it was to go out. "+r.Reason+".")
}

// heed has a STOP count that came in while the number was being added.
func (m Message) heed(ctx context.Context, tx *tenant.Tx) error {
	missed, err := customer.Unheeded(ctx, tx, m.PointID, m.Address)
	if err != nil || !missed {
		return err
	}
	if err := ledger.Hold(ctx, tx, []int64{m.CustomerID}); err != nil {
		return err
	}
	return customer.Heed(ctx, tx, m.PointID, m.Address)
}
