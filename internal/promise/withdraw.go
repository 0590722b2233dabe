package promise

import (
	"context"
	"fmt"
	"unicode/utf8"

	"dunwell/internal/errs"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// Withdrawal takes a promise back. Version is the one that was shown.
type Withdrawal struct {
	Version int
	Reason  string
}

func (w *Withdrawal) check() error {
	var inv errs.Invalid
	tenant.OneLine(&inv, &w.Reason, "reason")
	inv.Check(w.Reason != "", "reason", "Say why it is taken back.")
	inv.Check(utf8.RuneCountInString(w.Reason) <= 500, "reason", "This holds 500 characters at most. Shorten it.")
	inv.Check(!note.HasCard(w.Reason), "reason", note.NoCard)
	return inv.Err()
}

// Withdraw takes back what is open of a promise: from then on it holds nothing back
// and is not decided any more. What was decided before stays.
func Withdraw(ctx context.Context, tx *tenant.Tx, customerID, id int64, w Withdrawal) error {
	p, err := hold(ctx, tx, customerID, id, w.Version)
	if err != nil {
		return err
	}
	if !CanWithdraw(tx.Actor, p, tx.Today()) {
		return errs.Forbidden("Only managers take a promise back, and who wrote it down on the same day. Ask a manager, or let it run: it is decided when its date has passed.")
	}
	if err := w.check(); err != nil {
		return err
	}
	open := p.open()
	if err := end(ctx, tx, p, open, Withdrawn); err != nil {
		return err
	}
	if err := record(ctx, tx, ended(tx, p, open, Withdrawn, Inputs{Reason: w.Reason})); err != nil {
		return err
	}
	text := fmt.Sprintf("The promise of %s, made on %s, was taken back: %s", p.Amount(), p.MadeOn.Long(), w.Reason)
	return journal(ctx, tx, customerID, id, text, nil)
}
