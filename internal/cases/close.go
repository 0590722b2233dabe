package cases

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/errs"
	"dunwell/internal/ledger"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
)

// Destination is where an item goes when its case is closed: back to dunning, or to
// another status, which may hold it back without a case.
type Destination struct {
	ToDunning bool
	Restart   Restart
	StatusID  int64 // where it does not go to dunning
}

// Closing ends a case. Each item that is in it needs a destination: nothing is
// decided by itself.
type Closing struct {
	Version   int
	Confirmed bool
	Note      string
	Go        map[int64]Destination
}

// Close closes a case for good. It stays readable, with its items and comments. The
// stop of a complaint stays until a manager lifts it.
func Close(ctx context.Context, tx *tenant.Tx, id int64, c Closing) error {
	k, err := as(ctx, tx, id, c.Version)
	if err != nil {
		return err
	}
	items, err := inside(ctx, tx, k)
	if err != nil {
		return err
	}
	if err := c.check(items); err != nil {
		return err
	}
	if err := c.place(ctx, tx, k, items); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		UPDATE cases
		SET status = 'closed', closed_at = @now, closed_on = @today, closed_by = nullif(@member::bigint, 0), version = version + 1
		WHERE tenant_id = @tenant AND id = @id`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "id": id, "now": tx.Now, "today": tx.Today(), "member": tx.Actor.MemberID})
	if err != nil {
		return fmt.Errorf("close case: %w", err)
	}
	if err := revokeAll(ctx, tx, id); err != nil {
		return err
	}
	if err := untell(ctx, tx, []int64{id}, "The case was closed."); err != nil {
		return err
	}
	text, err := c.words(ctx, tx, k, items)
	if err != nil {
		return err
	}
	tx.Touch(k.CustomerID)
	return journal(ctx, tx, k, text, data{Event: "closed", Status: Closed})
}

func (c *Closing) check(items []chosen) error {
	var inv errs.Invalid
	checkText(&inv, &c.Note, "note")
	inv.Check(c.Note != "", "note", "Say what came of it.")
	inv.Check(c.Confirmed, "confirmed", "Confirm that the case is to be closed: it cannot be opened again.")
	for _, i := range items {
		d, named := c.Go[i.ItemID]
		field := fmt.Sprintf("go_%d", i.ItemID)
		inv.Check(named && d.ToDunning != (d.StatusID != 0), field, fmt.Sprintf("Say where %s with %s goes.", i.Number, money.New(i.Open, i.Currency)))
	}
	if len(c.Go) > len(items) && inv.Err() == nil {
		return errs.Conflict("One of the items has left the case meanwhile. Nothing was closed. Look at the case again.")
	}
	return inv.Err()
}

// place takes the items out and sends them where they go.
func (c *Closing) place(ctx context.Context, tx *tenant.Tx, k Case, items []chosen) error {
	if err := leave(ctx, tx, itemIDs(items), "closed"); err != nil {
		return err
	}
	why := "The case " + k.Title + " was closed"
	var back []chosen
	levels := map[int64]Restart{}
	other := map[int64][]chosen{}
	for _, i := range items {
		d := c.Go[i.ItemID]
		if d.ToDunning {
			back, levels[i.ItemID] = append(back, i), d.Restart
		} else if d.StatusID != i.StatusID {
			other[d.StatusID] = append(other[d.StatusID], i)
		}
	}
	if err := free(ctx, tx, k.CustomerID, back, why); err != nil {
		return err
	}
	for _, status := range sorted(other) { // a statement a status: a company has a handful
		if err := ledger.SetStatuses(ctx, tx, k.CustomerID, ledger.Statused{Items: seen(other[status]), StatusID: status, Reason: why}); err != nil {
			return fmt.Errorf("send items to another status: %w", err)
		}
	}
	return restart(ctx, tx, k.CustomerID, levels)
}

// words is the line of the journal.
func (c *Closing) words(ctx context.Context, tx *tenant.Tx, k Case, items []chosen) (string, error) {
	var w strings.Builder
	fmt.Fprintf(&w, "Case closed: %s", ended(c.Note))
	var back, other []chosen
	for _, i := range items {
		if c.Go[i.ItemID].ToDunning {
			back = append(back, i)
		} else {
			other = append(other, i)
		}
	}
	number := func(i chosen) string { return i.Number }
	if len(back) > 0 {
		fmt.Fprintf(&w, " Back in dunning: %s.", listed(back, number))
	}
	if len(other) > 0 {
		all, err := ledger.StatusSetups(ctx, tx, true)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&w, " %s.", listed(other, func(i chosen) string {
			at := slices.IndexFunc(all, func(s ledger.StatusSetup) bool { return s.ID == c.Go[i.ItemID].StatusID })
			return i.Number + " is " + all[at].Name
		}))
	}
	if k.Complaint && k.StopID != 0 {
		w.WriteString(" The stop of the complaint stays until a manager lifts it.")
	}
	return w.String(), nil
}
