package cases

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/day"
	"dunwell/internal/errs"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
)

// Edit is what a case is to be. Version is the case's as shown.
type Edit struct {
	Version    int
	Title      string
	Status     Status // an open one
	OwnerID    int64
	ResolverID int64 // 0: none
	NextOn     day.Day
	Complaint  bool // a complaint stays one
	DeadlineOn day.Day
	// Asked are the amounts in question of items that are in it, 0 for the whole;
	// those that are not named stay as they are.
	Asked map[int64]int64
	// Credits say of items whether what was credited since was for what is in question.
	Credits map[int64]Credit
	Add     []Ticked
	Remove  []int64 // items: they return to dunning
	Comment string
	Shown   bool // the resolver reads the comment too
}

// Edit is the case as it stands, to be changed.
func (c Case) Edit() Edit {
	return Edit{Version: c.Version, Title: c.Title, Status: c.Status, OwnerID: c.OwnerID, ResolverID: c.ResolverID, NextOn: c.NextOn,
		Complaint: c.Complaint, DeadlineOn: c.DeadlineOn}
}

// saving is an edit with what it was found to be about.
type saving struct {
	Edit
	was      Case
	items    []chosen // in the case before
	added    []chosen
	removed  []chosen
	owner    string
	resolver string
	changes  []string
}

// Save brings the case to what the edit says, in one change with one line of the
// journal that says what changed. It tells whether anything did.
func Save(ctx context.Context, tx *tenant.Tx, id int64, e Edit) (changed bool, err error) {
	c, err := as(ctx, tx, id, e.Version)
	if err != nil {
		return false, err
	}
	s := saving{Edit: e, was: c}
	if err := s.read(ctx, tx); err != nil {
		return false, err
	}
	if err := s.check(tx.Today()); err != nil {
		return false, err
	}
	if err := s.moveItems(ctx, tx); err != nil {
		return false, err
	}
	s.describe()
	if len(s.changes) == 0 && s.Comment == "" {
		return false, nil
	}
	if err := s.write(ctx, tx); err != nil {
		return false, err
	}
	is := c
	is.OwnerID, is.Owner, is.NextOn, is.DeadlineOn = s.OwnerID, s.owner, s.NextOn, s.DeadlineOn
	if err := attended(ctx, tx, c, is); err != nil {
		return false, err
	}
	tx.Touch(c.CustomerID)
	return true, journal(ctx, tx, c, s.words(), s.data())
}

// read finds whom and what the edit names.
func (s *saving) read(ctx context.Context, tx *tenant.Tx) (err error) {
	if s.items, err = inside(ctx, tx, s.was); err != nil {
		return err
	}
	if s.added, err = ticked(ctx, tx, s.was.CustomerID, s.Add); err != nil {
		return err
	}
	s.owner, s.resolver = s.was.Owner, s.was.Resolver
	if s.OwnerID != s.was.OwnerID {
		if s.owner, err = ownerOf(ctx, tx, s.was.CustomerID, s.OwnerID); err != nil {
			return err
		}
	}
	r, err := resolverOf(ctx, tx, s.ResolverID, s.was.ResolverID)
	s.resolver = r.Name
	return err
}

// inside reads the items that are in the case.
func inside(ctx context.Context, tx *tenant.Tx, c Case) ([]chosen, error) {
	rows, _ := tx.Query(ctx, `
		SELECT i.id, i.version, coalesce(q.amount, 0)
		FROM case_items q
		JOIN items i ON i.tenant_id = @tenant AND i.id = q.item_id
		WHERE q.tenant_id = @tenant AND q.case_id = @case AND q.open
		ORDER BY i.id`, pgx.NamedArgs{"tenant": tx.Actor.TenantID, "case": c.ID})
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Ticked])
	if err != nil {
		return nil, fmt.Errorf("read the items of a case: %w", err)
	}
	return ticked(ctx, tx, c.CustomerID, list)
}

func (s *saving) check(today day.Day) error {
	var inv errs.Invalid
	checkTitle(&inv, &s.Title)
	checkText(&inv, &s.Comment, "comment")
	inv.Check(slices.Contains(Statuses, s.Status), "status", "Choose with whom the case is. To end it, close it.")
	inv.Check(s.Status != WithResolver || s.ResolverID != 0, "status", "Nobody is named who settles it. Choose a colleague, or another status.")
	if s.NextOn != s.was.NextOn {
		checkDay(&inv, s.NextOn, today, "on", "Give the day on which somebody looks at the case again.")
	}
	inv.Check(s.Complaint || !s.was.Complaint, "complaint", "A complaint stays one until the case is closed.")
	if s.Complaint && (!s.was.Complaint || s.DeadlineOn != s.was.DeadlineOn) {
		checkDeadline(&inv, s.DeadlineOn, today)
	}
	inv.Check(s.Complaint || s.was.Complaint || s.DeadlineOn.IsZero(), "deadline_on", noComplaint)
	check(&inv, s.added)
	for id, asked := range s.Asked {
		at := slices.IndexFunc(s.items, func(i chosen) bool { return i.ItemID == id })
		if at < 0 {
			return errs.Conflict("One of these items has left the case meanwhile. Nothing of yours was saved. Look at the case again.")
		}
		i := s.items[at]
		inv.Check(asked >= 0 && (asked == i.CaseAsked || asked <= i.Open), fmt.Sprintf("asked_%d", id),
			fmt.Sprintf("Of %s %s is open: give no more than that, or leave it empty for the whole item.", i.Number, money.New(i.Open, i.Currency)))
	}
	if err := s.checkCredits(&inv); err != nil {
		return err
	}
	for _, id := range s.Remove {
		at := slices.IndexFunc(s.items, func(i chosen) bool { return i.ItemID == id })
		if at < 0 {
			return errs.Conflict("One of the items that you removed has left the case meanwhile. Nothing of yours was saved. Look at the case again.")
		}
		s.removed = append(s.removed, s.items[at])
	}
	return inv.Err()
}

// item is one of the case; the zero value where it is not in it.
func (s *saving) item(id int64) chosen {
	if at := slices.IndexFunc(s.items, func(i chosen) bool { return i.ItemID == id }); at >= 0 {
		return s.items[at]
	}
	return chosen{}
}

// moveItems adds, removes and gives amounts.
func (s *saving) moveItems(ctx context.Context, tx *tenant.Tx) error {
	if err := leave(ctx, tx, itemIDs(s.removed), "removed"); err != nil {
		return err
	}
	if err := free(ctx, tx, s.was.CustomerID, s.removed, "Removed from the case "+s.was.Title); err != nil {
		return err
	}
	if err := join(ctx, tx, s.was.CustomerID, s.was.ID, s.added); err != nil {
		return err
	}
	if len(s.Asked) == 0 {
		return nil
	}
	return ask(ctx, tx, s.Asked)
}

// describe says each change with old and new.
func (s *saving) describe() {
	say := func(different bool, text string, args ...any) {
		if different {
			s.changes = append(s.changes, fmt.Sprintf(text, args...))
		}
	}
	say(s.Title != s.was.Title, "title from “%s” to “%s”", s.was.Title, s.Title)
	say(s.Status != s.was.Status, "status from %s to %s", s.was.Status.Name(), s.Status.Name())
	say(s.OwnerID != s.was.OwnerID, "owner from %s to %s", s.was.Owner, s.owner)
	say(s.ResolverID != s.was.ResolverID, "resolver from %s to %s", orNobody(s.was.Resolver), orNobody(s.resolver))
	say(s.NextOn != s.was.NextOn, "next date from %s to %s", s.was.NextOn.Long(), s.NextOn.Long())
	say(s.Complaint && !s.was.Complaint, "it is a complaint now, to be answered by %s, and nobody contacts the customer", s.DeadlineOn.Long())
	say(s.was.Complaint && s.DeadlineOn != s.was.DeadlineOn, "deadline from %s to %s", s.was.DeadlineOn.Long(), s.DeadlineOn.Long())
	for _, id := range sorted(s.Asked) {
		i := s.item(id)
		say(s.Asked[id] != i.CaseAsked && !slices.Contains(s.Remove, id), "in question of %s %s instead of %s", i.Number, part(i, s.Asked[id]), part(i, i.CaseAsked))
	}
	for _, id := range sorted(s.Credits) {
		c, i := s.Credits[id], s.item(id)
		say(c.Settles, "%s credited on %s settles so much of what was in question", money.New(c.Minor, i.Currency), i.Number)
		say(!c.Settles, "%s credited on %s was for something else: %s stays in question", money.New(c.Minor, i.Currency), i.Number, part(i, i.CaseAsked))
	}
	say(len(s.added) > 0, "added, and out of dunning: %s", words(s.added))
	say(len(s.removed) > 0, "removed, and back in dunning: %s", listed(s.removed, func(i chosen) string { return i.Number }))
}

func part(i chosen, asked int64) string {
	if asked == 0 {
		return "all"
	}
	return money.New(asked, i.Currency).String()
}

func orNobody(name string) string {
	if name == "" {
		return "nobody"
	}
	return name
}

// write brings the row to the edit. Who does not settle it any more loses the link.
func (s *saving) write(ctx context.Context, tx *tenant.Tx) error {
	stop := s.was.StopID
	if s.Complaint && !s.was.Complaint {
		var err error
		if stop, err = (Opening{Title: s.Title, Complaint: true, DeadlineOn: s.DeadlineOn}).bar(ctx, tx, s.was.CustomerID); err != nil {
			return err
		}
	}
	_, err := tx.Exec(ctx, `
		UPDATE cases
		SET title = @title, status = @status, owner_id = @owner, resolver_id = nullif(@resolver::bigint, 0), next_on = @next_on,
			deadline_on = @deadline, stop_id = nullif(@stop::bigint, 0), version = version + 1
		WHERE tenant_id = @tenant AND id = @id`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "id": s.was.ID, "title": s.Title, "status": s.Status, "owner": s.OwnerID, "resolver": s.ResolverID,
			"next_on": s.NextOn, "deadline": s.DeadlineOn, "stop": stop})
	if err != nil {
		return fmt.Errorf("save case: %w", err)
	}
	if s.ResolverID == s.was.ResolverID {
		return nil
	}
	return revokeAll(ctx, tx, s.was.ID)
}

func (s *saving) words() string {
	text := ""
	if len(s.changes) > 0 {
		text = "Changed: " + strings.Join(s.changes, "; ") + "."
	}
	return strings.TrimSpace(text + " " + s.Comment)
}

func (s *saving) data() data {
	d := data{Event: "changed", Shown: s.Shown && s.Comment != ""}
	if len(s.changes) == 0 {
		d.Event = "comment"
	}
	if s.Status != s.was.Status {
		d.Status = s.Status
	}
	return d
}
