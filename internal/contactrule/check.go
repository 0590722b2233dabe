package contactrule

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/customer"
	"dunwell/internal/errs"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// MaxOverride is how many characters the reason of an override holds.
const MaxOverride = 500

// CanOverride tells who sets hours and frequency aside, with a reason. The program
// itself never does.
func CanOverride(a tenant.Actor) bool { return !a.System() && a.Is(tenant.Manager) }

// Check is asked at the moment of acting, in the transaction that acts: nil where
// the contact is allowed. It holds the customer, so that of two who act at once
// the second is judged by what the first did. A refusal is recorded even though
// its transaction is rolled back; a manager's override writes a note.
func Check(ctx context.Context, tx *tenant.Tx, a Ask) error {
	r, err := judge(ctx, tx, a)
	if err != nil || r.Verdict == Allowed {
		return err
	}
	a.Override = strings.Join(strings.Fields(a.Override), " ")
	if r.Overridable && a.Override != "" && CanOverride(tx.Actor) {
		return override(ctx, tx, a, r)
	}
	tx.Later(tenant.Event{Kind: "contact.refused", Subject: "customer", SubjectID: a.CustomerID, Data: record{
		a.Channel, a.PointID, r.Reason, r.RuleID, r.RuleVersion}})
	switch {
	case !r.Overridable, tx.Actor.System():
		return errs.Forbidden(r.Reason + ".")
	case !CanOverride(tx.Actor):
		return errs.Forbidden(r.Reason + ". Only a manager does it all the same, with a reason. Ask yours.")
	}
	return errs.Invalid{"override": r.Reason + ". Wait, or say why it has to be now."}
}

// record is what is kept of a refusal and an override: no name and no number.
type record struct {
	Channel customer.Channel `json:"channel"`
	PointID int64            `json:"contact_point"`
	Reason  string           `json:"reason"`
	Rule    int64            `json:"rule"`
	Version int              `json:"version"`
}

// judge reads the customer for an act, and rules.
func judge(ctx context.Context, tx *tenant.Tx, a Ask) (Ruling, error) {
	c, err := customer.Lock(ctx, tx, a.CustomerID)
	if err != nil && !errors.Is(err, c.Asleep()) {
		return Ruling{}, err
	}
	if err := ours(ctx, tx, a); err != nil {
		return Ruling{}, err
	}
	care, err := customer.CareOf(ctx, tx, c.ID)
	if err != nil {
		return Ruling{}, err
	}
	all, err := OfCare(ctx, tx, c, care)
	if err == nil && a.PointID != 0 && all.facts.point(a.PointID) == nil {
		err = errs.NotFound
	}
	return all.facts.decide(a), err
}

// ours refuses accounts of somebody else: no call was counted for them.
func ours(ctx context.Context, tx *tenant.Tx, a Ask) error {
	if len(a.AccountIDs) == 0 {
		return nil
	}
	var all bool
	err := tx.QueryRow(ctx, `
		SELECT bool_and(EXISTS (
			SELECT FROM accounts a
			WHERE a.tenant_id = @tenant AND a.customer_id = @customer AND a.id = asked))
		FROM unnest(@accounts::bigint[]) asked`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customer": a.CustomerID, "accounts": a.AccountIDs}).Scan(&all)
	if err != nil {
		return fmt.Errorf("look for the accounts: %w", err)
	}
	if !all {
		return errs.NotFound
	}
	return nil
}

func override(ctx context.Context, tx *tenant.Tx, a Ask, r Ruling) error {
	if utf8.RuneCountInString(a.Override) > MaxOverride {
		return errs.Invalid{"override": fmt.Sprintf("This holds %d characters at most. Shorten it.", MaxOverride)}
	}
	text := fmt.Sprintf("Contact all the same. %s. Reason: %s", r.Reason, a.Override)
	_, err := note.Add(ctx, tx, note.New{CustomerID: a.CustomerID, Kind: "override", Text: text, Subject: "contact_point", SubjectID: a.PointID,
		Data: record{a.Channel, a.PointID, r.Reason, r.RuleID, r.RuleVersion}})
	return err
}
