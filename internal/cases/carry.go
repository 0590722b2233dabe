package cases

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"dunwell/internal/errs"
	"dunwell/internal/followup"
	"dunwell/internal/ledger"
	"dunwell/internal/note"
	"dunwell/internal/tenant"

	"github.com/jackc/pgx/v5"
)

// status gives the items their new status.
func (w *work) status(ctx context.Context, tx *tenant.Tx, _ *Done) error {
	var list []chosen
	for n, i := range w.items {
		if w.StatusID != 0 && i.StatusID != w.StatusID {
			list = append(list, i)
			w.items[n].StatusID, w.items[n].Status, w.items[n].Family = w.to.ID, w.to.Name, w.to.Family
		}
	}
	if len(list) == 0 {
		return nil
	}
	err := ledger.SetStatuses(ctx, tx, w.CustomerID, ledger.Statused{Items: seen(list), StatusID: w.StatusID, Reason: w.why()})
	var inv errs.Invalid
	if errors.As(err, &inv) && inv["status_reason"] != "" {
		return errs.Invalid{"comment": inv["status_reason"]}
	}
	return err
}

// carry does what happens to the items next.
func (w *work) carry(ctx context.Context, tx *tenant.Tx, d *Done) error {
	switch w.Action {
	case NewCase:
		return w.opens(ctx, tx, d)
	case AddTo:
		return w.adds(ctx, tx, d)
	case ToDunn:
		return w.returns(ctx, tx)
	}
	if w.to.Family == ledger.DisputeResolved {
		return restart(ctx, tx, w.CustomerID, each(w.items, w.Restart))
	}
	return w.asks(ctx, tx, w.items, d)
}

// opens opens a case. What stands in another one already is left there where the
// status made the case by itself, and refused else.
func (w *work) opens(ctx context.Context, tx *tenant.Tx, d *Done) error {
	o := w.Case
	o.ResolverID, o.NextOn, o.Comment = w.ResolverID, w.On, w.Comment
	items := w.items
	if w.byRule {
		items = slices.DeleteFunc(slices.Clone(items), func(i chosen) bool { return i.CaseID != 0 })
	}
	id, err := open(ctx, tx, w.CustomerID, o, items)
	d.CaseID, d.Opened = id, true
	return err
}

// adds puts the items into an open case of the customer; those that are in it get
// their amounts.
func (w *work) adds(ctx context.Context, tx *tenant.Tx, d *Done) error {
	c, err := Find(ctx, tx, w.CaseID)
	if err != nil || c.CustomerID != w.CustomerID || !c.Open() {
		return errs.Invalid{"case": "This case is not open any more, or is another customer's. Choose one of the list."}
	}
	d.CaseID = c.ID
	was := c
	said, err := w.moves(ctx, tx, &c)
	if err != nil {
		return err
	}
	var in, out []chosen
	for _, i := range w.items {
		if i.CaseID == c.ID {
			in = append(in, i)
		} else {
			out = append(out, i)
		}
	}
	if err := w.asks(ctx, tx, in, d); err != nil {
		return err
	}
	if err := join(ctx, tx, w.CustomerID, c.ID, out); err != nil {
		return err
	}
	line := data{Event: "changed", Shown: len(out) > 0}
	if len(out) > 0 {
		line.Event = "added"
		said = append(said, "Added to the case, and out of dunning: "+words(out)+".")
	}
	if w.Comment != "" {
		said = append(said, w.Comment)
	}
	if len(said) == 0 {
		return nil
	}
	if err := attended(ctx, tx, was, c); err != nil {
		return err
	}
	if c.Status == WithResolver {
		line.Status = WithResolver
	}
	return journal(ctx, tx, c, strings.Join(said, " "), line)
}

// moves gives the case that items join the resolver and the day that were chosen with
// them, and says what it changed. Who does not settle it any more loses the link.
func (w *work) moves(ctx context.Context, tx *tenant.Tx, c *Case) (said []string, err error) {
	r, err := resolverOf(ctx, tx, w.ResolverID, c.ResolverID)
	if err != nil {
		return nil, err
	}
	if r.ID != 0 && r.ID != c.ResolverID {
		said = append(said, "To be settled by "+r.Name+".")
		c.ResolverID, c.Resolver, c.Status = r.ID, r.Name, WithResolver
		if err := revokeAll(ctx, tx, c.ID); err != nil {
			return nil, err
		}
	}
	if !w.On.IsZero() && w.On != c.NextOn {
		said = append(said, "To be looked at on "+w.On.Long()+".")
		c.NextOn = w.On
	}
	_, err = tx.Exec(ctx, `
		UPDATE cases
		SET resolver_id = nullif(@resolver::bigint, 0), status = @status, next_on = @next_on, version = version + 1
		WHERE tenant_id = @tenant AND id = @id`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "id": c.ID, "resolver": c.ResolverID, "status": c.Status, "next_on": c.NextOn})
	if err != nil {
		return nil, fmt.Errorf("change the case that items join: %w", err)
	}
	return said, nil
}

// asks gives items that are in a case the amounts in question.
func (w *work) asks(ctx context.Context, tx *tenant.Tx, items []chosen, d *Done) error {
	amounts := map[int64]int64{}
	var changed []chosen
	for _, i := range items {
		if i.CaseID != 0 && i.Asked != i.CaseAsked && i.Asked != 0 {
			amounts[i.ItemID], changed = i.Asked, append(changed, i)
			d.CaseID = i.CaseID
		}
	}
	if len(changed) == 0 {
		return nil
	}
	if err := ask(ctx, tx, amounts); err != nil {
		return err
	}
	return note.AddMany(ctx, tx, byCase(w.CustomerID, changed, func(items []chosen) string { return "In question now: " + words(items) + "." }, "changed"))
}

// byCase writes a line for each case that some items are in.
func byCase(customerID int64, items []chosen, text func([]chosen) string, event string) []note.New {
	var lines []note.New
	of := map[int64][]chosen{}
	for _, i := range items {
		of[i.CaseID] = append(of[i.CaseID], i)
	}
	for _, id := range sorted(of) {
		lines = append(lines, line(customerID, id, text(of[id]), data{Event: event}))
	}
	return lines
}

// returns takes the items out of the cases that they are in, and says where they go
// on in dunning.
func (w *work) returns(ctx context.Context, tx *tenant.Tx) error {
	in := slices.DeleteFunc(slices.Clone(w.items), func(i chosen) bool { return i.CaseID == 0 })
	if err := leave(ctx, tx, itemIDs(in), "removed"); err != nil {
		return err
	}
	if err := restart(ctx, tx, w.CustomerID, each(w.items, w.Restart)); err != nil {
		return err
	}
	return note.AddMany(ctx, tx, byCase(w.CustomerID, in, func(items []chosen) string {
		return "Removed, and back in dunning: " + listed(items, func(i chosen) string { return i.Number }) + "."
	}, "removed"))
}

// say writes what is in no other line, and reminds of the day where no case does.
func (w *work) say(ctx context.Context, tx *tenant.Tx, d *Done) error {
	about := listed(w.items, func(i chosen) string { return i.Number })
	if w.Action == NoAction && w.StatusID == 0 && w.Comment != "" {
		if _, err := note.Add(ctx, tx, note.New{CustomerID: w.CustomerID, Kind: "case", Text: "About " + about + ": " + w.Comment,
			Subject: "item", SubjectID: w.items[0].ItemID}); err != nil {
			return err
		}
	}
	if w.On.IsZero() || d.CaseID != 0 || tx.Actor.System() {
		return nil
	}
	text := "Look at " + about + " again."
	if w.StatusID != 0 {
		text = fmt.Sprintf("%s: %s. %s", w.to.Name, about, w.why())
	}
	_, err := followup.Schedule(ctx, tx, w.CustomerID, followup.Plan{AssigneeID: tx.Actor.MemberID, DueOn: w.On, Text: text})
	return err
}
