// Package merge makes one customer of two who turned out to be the same. The duplicate
// stays as a sign that leads to the other; what is worked moves, in the tables of all
// other domains at once, which is why it stands after them. What is a record stays
// where it was written, and is read together with the other's.
package merge

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/customer"
	"dunwell/internal/errs"
	"dunwell/internal/ledger"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// Plan says who goes and who stays, with the versions of both that were looked at.
type Plan struct {
	From, Into               int64 // the duplicate, and who stays
	FromVersion, IntoVersion int
	Reason                   string
}

// CanMerge tells who merges customers.
func CanMerge(a tenant.Actor) bool { return a.Is(tenant.Manager) }

// ErrMerging refuses who may not merge.
const ErrMerging = errs.Forbidden("Only managers merge customers. Ask yours.")

// Preview is what a merging would do.
type Preview struct {
	From, Into customer.Customer
	Moves      []Count
	// Unseen is what of it is with people who do not see the one who stays.
	Unseen []Count
	// Keeps says in sentences what else changes for the one who stays, and what stands
	// in the way of contacts afterwards.
	Keeps []string
	// strange tells that the duplicate's owner does not see the one who stays.
	strange bool
}

// Look tells what merging would do, and refuses what cannot be merged.
func Look(ctx context.Context, tx *tenant.Tx, from, into int64) (v Preview, err error) {
	if !CanMerge(tx.Actor) {
		return v, ErrMerging
	}
	if v.Into, err = customer.Find(ctx, tx, into); err != nil {
		return v, err
	}
	if v.From, err = customer.Find(ctx, tx, from); err != nil {
		return v, err
	}
	return v, v.read(ctx, tx)
}

// read counts what moves, after it has made sure that it can.
func (v *Preview) read(ctx context.Context, tx *tenant.Tx) error {
	if err := v.fits(); err != nil {
		return err
	}
	if err := v.waits(ctx, tx); err != nil {
		return err
	}
	if err := v.count(ctx, tx); err != nil {
		return err
	}
	v.keeps()
	return nil
}

// fits refuses two who cannot be one.
func (v Preview) fits() error {
	switch {
	case v.From.ID == v.Into.ID:
		return errs.Invalid{"with": "This is the same customer. Choose the other one."}
	case v.From.MergedInto != nil:
		return errs.Invalid{"with": v.From.Name + " was merged into another customer already."}
	case v.Into.ArchivedAt != nil:
		return errs.Invalid{"with": v.Into.Name + " is archived and cannot take anything over. Take the customer back first, or keep the other one."}
	case v.From.Kind != v.Into.Kind:
		return errs.Invalid{"with": "One is a business and the other a consumer: other rules hold for them. Correct the kind of one first, if it is wrong."}
	}
	return nil
}

// waits refuses while something of the duplicate is under way that ends where it began.
func (v Preview) waits(ctx context.Context, tx *tenant.Tx) error {
	var calls, messages, finishing bool
	err := tx.QueryRow(ctx, `
		SELECT EXISTS (SELECT FROM open_calls o WHERE o.tenant_id = @tenant AND o.customer_id = @from),
			EXISTS (SELECT FROM messages m WHERE m.tenant_id = @tenant AND m.customer_id = @from AND m.state IN ('queued', 'sending')),
			EXISTS (SELECT FROM agenda_entries e WHERE e.tenant_id = @tenant AND e.customer_id = @from AND e.state = 'open' AND e.done_asked_at IS NOT NULL)`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "from": v.From.ID}).Scan(&calls, &messages, &finishing)
	switch {
	case err != nil:
		return fmt.Errorf("see what is under way: %w", err)
	case calls:
		return errs.Invalid{"with": "There is a call to " + v.From.Name + " of which nobody has said what came of it. Say that first."}
	case messages, finishing:
		return errs.Invalid{"with": "A message to " + v.From.Name + " is on its way. Wait until it has gone out, or discard it."}
	}
	return nil
}

// keeps says what is not plain moving.
func (v *Preview) keeps() {
	say := func(is bool, text string) {
		if is {
			v.Keeps = append(v.Keeps, text)
		}
	}
	say(true, fmt.Sprintf("%s keeps number, name, address, policy and the way it is reminded.", v.Into.Number))
	switch {
	case v.Into.OwnerID == nil && v.strange:
		say(true, fmt.Sprintf("%s is of another branch and does not become the owner: give %s an owner who sees it.", v.From.Owner, v.Into.Number))
	case v.Into.OwnerID == nil && v.From.OwnerID != nil:
		say(true, fmt.Sprintf("%s becomes the owner.", v.From.Owner))
	case v.Into.OwnerID != nil:
		say(true, fmt.Sprintf("%s stays the owner.", v.Into.Owner))
	}
	say(len(v.Unseen) > 0, v.unseen())
	say(true, "A stop, an opt-out or a watch flag of either counts for the one who stays.")
	say(true, fmt.Sprintf("The number %s leads to %s from then on.", v.From.Number, v.Into.Number))
	say(true, "Both journals stay as they were written and are read as one. Merging cannot be undone.")
}

// Merge makes one of two, with a note on both. Balances, the dunning agenda and who may
// be contacted are right when the transaction ends.
func Merge(ctx context.Context, tx *tenant.Tx, p Plan) error {
	if !CanMerge(tx.Actor) {
		return ErrMerging
	}
	v, err := p.hold(ctx, tx)
	if err != nil {
		return err
	}
	if v.From.Version != p.FromVersion || v.Into.Version != p.IntoVersion {
		return errs.Conflict("Somebody else changed one of the two while you were looking. Open the page again and look at what moves now.")
	}
	var inv errs.Invalid
	tenant.OneLine(&inv, &p.Reason, "reason")
	inv.Check(p.Reason != "", "reason", "Say how you know that they are one and the same.")
	inv.Check(utf8.RuneCountInString(p.Reason) <= 500, "reason", "This holds 500 characters at most. Shorten it.")
	inv.Check(!note.HasCard(p.Reason), "reason", note.NoCard)
	if err := inv.Err(); err != nil {
		return err
	}
	if err := v.read(ctx, tx); err != nil {
		return err
	}
	if err := v.move(ctx, tx); err != nil {
		return fmt.Errorf("merge customers: %w", err)
	}
	tx.Touch(v.From.ID)
	tx.Touch(v.Into.ID)
	notes := []note.New{
		{CustomerID: v.Into.ID, Kind: "merge", Subject: "customer", SubjectID: v.From.ID,
			Text: fmt.Sprintf("Customer %s, %s, was merged into this one: %s. Moved: %s.", v.From.Number, v.From.Name, strings.TrimRight(p.Reason, "."), v.words())},
		{CustomerID: v.From.ID, Kind: "merge", Subject: "customer", SubjectID: v.Into.ID,
			Text: fmt.Sprintf("Merged into customer %s, %s: %s.", v.Into.Number, v.Into.Name, strings.TrimRight(p.Reason, "."))},
	}
	if err := note.AddMany(ctx, tx, notes); err != nil {
		return err
	}
	return tx.Audit(ctx, tenant.Event{Kind: "customer.merged", Subject: "customer", SubjectID: v.Into.ID,
		Data: map[string]any{"from": v.From.ID, "number": v.From.Number, "moved": v.words()}})
}

// hold reads both for a change, in the order of all who hold several.
func (p Plan) hold(ctx context.Context, tx *tenant.Tx) (v Preview, err error) {
	if err := ledger.Hold(ctx, tx, []int64{p.From, p.Into}); err != nil {
		return v, err
	}
	if v.Into, err = customer.Find(ctx, tx, p.Into); err != nil {
		return v, err
	}
	v.From, err = customer.Find(ctx, tx, p.From)
	return v, err
}
