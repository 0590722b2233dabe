package inbox_test

import (
	"errors"
	"strings"
	"testing"

	"dunwell/internal/dbtest"
	"dunwell/internal/errs"
	"dunwell/internal/inbox"
	"dunwell/internal/tenant"
)

// names lists the provider's ids of what a person sees, the newest first.
func (d *desk) names(t testing.TB, who tenant.Who, f inbox.Filter) string {
	t.Helper()
	var list []string
	err := d.Read(t.Context(), who, func(tx *tenant.Tx) error {
		all, err := inbox.List(t.Context(), tx, f)
		for _, e := range all {
			list = append(list, strings.TrimPrefix(e.Subject, "Re: "))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(list, " ")
}

func TestWhoSeesWhat(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	in := func(name string, customerID int64) inbox.Entry {
		i := d.reply(name)
		i.Subject, i.CustomerID, i.PointID = name, customerID, 0
		return d.take(t, i)
	}
	var managers int64
	d.write(t, d.Admin, func(tx *tenant.Tx) error {
		managers, _ = dbtest.Customer(t, tx, "C-3")
		_, err := tx.Exec(t.Context(), `UPDATE customers SET owner_id = $1 WHERE id = $2`, d.ManagerID, managers)
		return err
	})
	in("mine", d.mine)
	in("nobodys", d.nobodys)
	theirs := in("managers", managers)
	in("stranger", 0)
	given := in("given", managers)
	d.write(t, d.Manager, func(tx *tenant.Tx) error {
		n, err := inbox.Assign(t.Context(), tx, []int64{given.ID}, d.CollectorID)
		if n != 1 {
			t.Errorf("%d assigned", n)
		}
		return err
	})
	for _, c := range []struct {
		who  tenant.Who
		f    inbox.Filter
		want string
	}{
		{d.Collector, inbox.Filter{}, "given stranger nobodys mine"},
		{d.Collector, inbox.Filter{Whose: inbox.Mine}, "given mine"},
		{d.Collector, inbox.Filter{Whose: inbox.Unassigned}, "stranger nobodys"},
		{d.Manager, inbox.Filter{}, "given stranger managers nobodys mine"},
		{d.Manager, inbox.Filter{Whose: inbox.Mine}, "managers"},
		{d.Manager, inbox.Filter{Kind: inbox.Stranger}, "stranger"},
		{d.Manager, inbox.Filter{CustomerID: d.mine}, "mine"},
		{d.Manager, inbox.Filter{Limit: 2}, "given stranger"},
		{d.Manager, inbox.Filter{Before: theirs.ID}, "nobodys mine"},
		{d.Manager, inbox.Filter{State: inbox.Handled}, ""},
	} {
		if got := d.names(t, c.who, c.f); got != c.want {
			t.Errorf("%+v: %s, want %s", c.f, got, c.want)
		}
	}
	if err := d.try(t, d.Collector, func(tx *tenant.Tx) error {
		return inbox.Handle(t.Context(), tx, theirs.ID, 1, "Read.")
	}); !errors.Is(err, errs.NotFound) {
		t.Errorf("a collector handles a manager's entry: %v", err)
	}
	err := d.Read(t.Context(), d.Collector, func(tx *tenant.Tx) error {
		tally, err := inbox.Counts(t.Context(), tx)
		if tally.Open != 4 || tally.Mine != 2 || tally.Unassigned != 2 || tally.Kinds[inbox.Reply] != 3 || tally.Kinds[inbox.Stranger] != 1 {
			t.Errorf("counts %+v", tally)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if c, m := d.waiting(t, d.Collector), d.waiting(t, d.Manager); c != 4 || m != 3 {
		t.Errorf("%d wait for the collector and %d for the manager, want 4 and 3", c, m)
	}
	// Limited to a branch, the collector sees neither strangers nor others' customers.
	if _, err := d.owner.Exec(t.Context(), `UPDATE tenants SET branch_limited = true`); err != nil {
		t.Fatal(err)
	}
	if got := d.names(t, d.Collector, inbox.Filter{}); got != "" {
		t.Errorf("a collector of no branch sees %s", got)
	}
}

func (d *desk) waiting(t testing.TB, who tenant.Who) (n int) {
	t.Helper()
	err := d.Read(t.Context(), who, func(tx *tenant.Tx) error {
		b := tx.Batch()
		inbox.QueueWaiting(b, &n)
		return b.Send(t.Context())
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestHandleAndReopen(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	other := dbtest.Tenant(t, d.Database, "other")
	e := d.take(t, d.reply("a"))
	handle := func(who tenant.Who, version int, outcome string) error {
		return d.try(t, who, func(tx *tenant.Tx) error { return inbox.Handle(t.Context(), tx, e.ID, version, outcome) })
	}
	var invalid errs.Invalid
	if err := handle(d.Collector, e.Version, " "); !errors.As(err, &invalid) || invalid["outcome"] == "" {
		t.Errorf("without an outcome: %v", err)
	}
	if err := handle(d.Collector, e.Version, strings.Repeat("o", 501)); !errors.As(err, &invalid) {
		t.Errorf("with a long outcome: %v", err)
	}
	if err := handle(d.Collector, e.Version, "Card 4111 1111 1111 1111"); !errors.As(err, &invalid) {
		t.Errorf("with a card number: %v", err)
	}
	if err := handle(other.Admin, e.Version, "Done."); !errors.Is(err, errs.NotFound) {
		t.Errorf("by another company: %v", err)
	}
	if err := handle(d.Collector, e.Version, "Paid, as she says."); err != nil {
		t.Fatal(err)
	}
	if kind, text := d.journal(t, d.mine); kind != "inbox" || text != "Handled in the inbox: “Re: INV-1” of Anna Holm <anna@debtor.example>. Outcome: Paid, as she says." {
		t.Errorf("note %s %q", kind, text)
	}
	var conflict errs.Conflict
	if err := handle(d.Manager, e.Version, "Nothing."); !errors.As(err, &conflict) || !strings.Contains(string(conflict), "acme collector handled this meanwhile: Paid, as she says.") {
		t.Errorf("the second who handles it: %v", err)
	}
	done := d.find(t, e.ID)
	if done.State != inbox.Handled || done.HandledBy != "acme collector" || done.HandledAt == nil || done.Outcome != "Paid, as she says." {
		t.Errorf("%+v", done)
	}
	if err := handle(d.Manager, done.Version, "Nothing."); !errors.As(err, &conflict) {
		t.Errorf("handled twice: %v", err)
	}
	reopen := func(version int) error {
		return d.try(t, d.Collector, func(tx *tenant.Tx) error { return inbox.Reopen(t.Context(), tx, e.ID, version) })
	}
	if err := reopen(e.Version); !errors.As(err, &conflict) {
		t.Errorf("reopened by what was seen before: %v", err)
	}
	if err := reopen(done.Version); err != nil {
		t.Fatal(err)
	}
	if e := d.find(t, e.ID); e.State != inbox.Open || e.Outcome != "" || e.HandledAt != nil || e.HandledBy != "" {
		t.Errorf("%+v", e)
	}
	if err := reopen(done.Version + 1); !errors.As(err, &conflict) {
		t.Errorf("reopened twice: %v", err)
	}
}

func TestAnswered(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	first, second := d.take(t, d.reply("a")), d.take(t, d.reply("b"))
	in := d.reply("c")
	in.Kind = inbox.Bounce
	bounce := d.take(t, in)
	d.write(t, d.Collector, func(tx *tenant.Tx) error {
		n, err := inbox.Answered(t.Context(), tx, d.mine)
		if n != 2 {
			t.Errorf("%d were answered", n)
		}
		return err
	})
	if a, b := d.find(t, first.ID), d.find(t, second.ID); a.Outcome != "Answered." || b.State != inbox.Handled || b.HandledBy != "acme collector" {
		t.Errorf("%+v, %+v", a, b)
	}
	if d.find(t, bounce.ID).State != inbox.Open {
		t.Error("an answer handled what came back")
	}
}

func TestAssignAndClaim(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	e := d.take(t, d.reply("a"))
	assign := func(who tenant.Who, member int64, ids ...int64) (n int, err error) {
		err = d.try(t, who, func(tx *tenant.Tx) (err error) {
			n, err = inbox.Assign(t.Context(), tx, ids, member)
			return err
		})
		return n, err
	}
	var forbidden errs.Forbidden
	if _, err := assign(d.Collector, d.ManagerID, e.ID); !errors.As(err, &forbidden) {
		t.Errorf("a collector assigns: %v", err)
	}
	var invalid errs.Invalid
	if _, err := assign(d.Manager, d.AdminID); !errors.As(err, &invalid) {
		t.Errorf("nothing is assigned: %v", err)
	}
	if _, err := assign(d.Manager, 4711, e.ID); !errors.As(err, &invalid) {
		t.Errorf("to somebody who is not there: %v", err)
	}
	if n, err := assign(d.Manager, d.AdminID, e.ID, 4712); n != 1 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if n, err := assign(d.Manager, d.AdminID, e.ID); n != 0 || err != nil {
		t.Errorf("assigned again: %d, %v", n, err)
	}
	claim := func(who tenant.Who) error {
		return d.try(t, who, func(tx *tenant.Tx) error { return inbox.Claim(t.Context(), tx, e.ID) })
	}
	if err := claim(d.Collector); !errors.Is(err, errs.NotFound) {
		t.Errorf("a collector takes what is another's: %v", err)
	}
	if err := claim(d.Manager); err != nil {
		t.Error(err)
	}
	if got := d.find(t, e.ID); got.AssigneeID != d.ManagerID || got.Owner != "acme manager" || got.Version != 3 {
		t.Errorf("%+v", got)
	}
	if n, err := assign(d.Manager, 0, e.ID); n != 1 || err != nil {
		t.Errorf("given back: %d, %v", n, err)
	}
	if got := d.find(t, e.ID); got.AssigneeID != 0 || got.OwnerID != d.CollectorID {
		t.Errorf("given back, it is %d's", got.OwnerID)
	}
	// Who sees no customer of that branch gets none.
	if _, err := d.owner.Exec(t.Context(), `UPDATE tenants SET branch_limited = true`); err != nil {
		t.Fatal(err)
	}
	if n, err := assign(d.Manager, d.CollectorID, e.ID); n != 0 || err != nil {
		t.Errorf("to one who does not see the customer: %d, %v", n, err)
	}
}
