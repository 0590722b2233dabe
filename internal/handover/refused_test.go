package handover_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/errs"
	"dunwell/internal/handover"
	"dunwell/internal/tenant"
)

// Work under No owner: of everybody who has left, at once or one by one.
func TestOfThoseWhoLeft(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.give(t, d.customer(t, "", d.north), d.north)
	d.give(t, d.customer(t, "", d.south), d.south)
	d.give(t, d.customer(t, "", d.acme.CollectorID), d.acme.CollectorID)
	if _, err := d.look(t, handover.Plan{From: handover.Gone, Rule: handover.ToPeople, To: []int64{d.acme.CollectorID}}); !invalid(err, "from") {
		t.Errorf("nobody has left: %v", err)
	}
	d.exec(t, `UPDATE members SET active = false WHERE id IN ($1, $2)`, d.north, d.south)
	done, err := d.hand(t, d.acme.Manager, handover.Plan{From: handover.Gone, Rule: handover.ToPeople, To: []int64{d.acme.CollectorID}})
	if err != nil || shares(done.Preview) != "acme collector 2" {
		t.Fatalf("%+v, %v", done, err)
	}
	got := d.holds(t, d.acme.CollectorID).Counts
	for kind, n := range everything() {
		if got[kind] != 3*n {
			t.Errorf("the collector has %d of %s", got[kind], kind)
		}
	}
}

// Who ticks nobody and picks a rule that finds nobody is asked to tick somebody, whether
// it is looked at, handed over or a membership that ends. No branch has to do with it.
func TestNobodyTicked(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.give(t, d.customer(t, "", d.acme.CollectorID), d.acme.CollectorID)
	d.give(t, d.customer(t, "north", d.north), d.north)
	d.exec(t, `INSERT INTO absences (tenant_id, member_id, cover_id, from_on, until_on) VALUES ($1, $2, $3, '2026-03-18', '2026-03-20')`, d.acme.ID, d.acme.AdminID, d.south)
	for _, c := range []struct {
		from int64
		rule handover.Rule
		want string
	}{
		{d.acme.CollectorID, handover.ByOwner, "Tick who gets them: these customers have no other owner."},
		{d.acme.CollectorID, handover.ByBranch, "Tick who gets them: nobody else works in the branch of these customers, or they have none."},
		{d.north, handover.ByBranch, "Tick who gets them: nobody else works in the branch of these customers, or they have none."},
		{d.south, handover.ByOwner, "Tick who is to cover instead."},
	} {
		p := handover.Plan{From: c.from, Rule: c.rule}
		_, looked := d.look(t, p)
		_, handed := d.hand(t, d.acme.Manager, p)
		errors := []error{looked, handed}
		if c.from != d.south { // an absence without a cover keeps nobody here
			_, left := d.leave(t, d.acme.Admin, handover.Leave{MemberID: c.from, Version: 1, Plan: p})
			errors = append(errors, left)
		}
		for _, err := range errors {
			if !invalid(err, "to") || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s of %d: %v, want %s", c.rule, c.from, err, c.want)
			}
		}
	}
	d.give(t, d.customer(t, "south", d.north), d.north)
	_, err := d.leave(t, d.acme.Admin, handover.Leave{MemberID: d.north, Version: 1, Plan: handover.Plan{Rule: handover.ByBranch}})
	if !invalid(err, "to") || !strings.Contains(err.Error(), "Tick who gets the rest") {
		t.Errorf("one branch has somebody else: %v", err)
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.exec(t, `UPDATE tenants SET branch_limited = true WHERE id = $1`, d.acme.ID)
	d.give(t, d.customer(t, "south", d.acme.CollectorID), d.acme.CollectorID)
	d.exec(t, `UPDATE members SET active = false WHERE id = $1`, d.south)
	from := d.acme.CollectorID
	for _, c := range []struct {
		name  string
		who   tenant.Who
		plan  handover.Plan
		right func(error) bool
	}{
		{"a collector", d.acme.Collector, handover.Plan{From: from, Rule: handover.ToPeople, To: []int64{d.acme.AdminID}}, forbidden},
		{"another company", d.beta.Admin, handover.Plan{From: from, Rule: handover.ToPeople, To: []int64{d.beta.CollectorID}}, func(err error) bool { return errors.Is(err, errs.NotFound) }},
		{"nobody", d.acme.Manager, handover.Plan{From: from, Rule: handover.ToPeople}, func(err error) bool { return invalid(err, "to") }},
		{"the same", d.acme.Manager, handover.Plan{From: from, Rule: handover.ToPeople, To: []int64{from}}, func(err error) bool { return invalid(err, "to") }},
		{"who has left", d.acme.Manager, handover.Plan{From: from, Rule: handover.ToPeople, To: []int64{d.south}}, func(err error) bool { return invalid(err, "to") }},
		{"a stranger", d.acme.Manager, handover.Plan{From: from, Rule: handover.ToPeople, To: []int64{d.beta.CollectorID}}, func(err error) bool { return invalid(err, "to") }},
		{"no rule", d.acme.Manager, handover.Plan{From: from, To: []int64{d.acme.AdminID}}, func(err error) bool { return invalid(err, "rule") }},
		{"a long note", d.acme.Manager, handover.Plan{From: from, Rule: handover.ToPeople, To: []int64{d.acme.AdminID}, Note: strings.Repeat("é", handover.MaxNote+1)}, func(err error) bool { return invalid(err, "note") }},
		{"a card number", d.acme.Manager, handover.Plan{From: from, Rule: handover.ToPeople, To: []int64{d.acme.AdminID}, Note: "4111 1111 1111 1111"}, func(err error) bool { return invalid(err, "note") }},
		{"who does not see them", d.acme.Manager, handover.Plan{From: from, Rule: handover.ToPeople, To: []int64{d.north}}, func(err error) bool { return invalid(err, "to") }},
		{"whose branch nobody is of", d.acme.Manager, handover.Plan{From: from, Rule: handover.ByBranch}, func(err error) bool { return invalid(err, "to") }},
	} {
		if _, err := d.hand(t, c.who, c.plan); !c.right(err) {
			t.Errorf("%s: %v", c.name, err)
		}
		d.has(t, from, everything())
	}
	if err := d.Read(t.Context(), d.acme.Collector, func(tx *tenant.Tx) error {
		_, err := handover.Holds(t.Context(), tx, from)
		return err
	}); !forbidden(err) {
		t.Errorf("a collector counts: %v", err)
	}
}

// Two who give away the same, and two who give to each other, come to an end.
func TestTwoAtOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for range 20 {
		d.call(t, d.customer(t, "", d.acme.CollectorID))
		d.id(t, work[0], pgx.NamedArgs{"customer": d.customer(t, "", d.north), "member": d.north})
	}
	for range 3 {
		d.id(t, `WITH came AS (INSERT INTO received (tenant_id, channel, provider_id, kind, at) VALUES (@tenant, 'sms', gen_random_uuid(), 'reply', now()) RETURNING id)
			INSERT INTO inbox_entries (tenant_id, kind, received_id, assignee_id) SELECT @tenant, 'stranger', id, @from FROM came RETURNING id`,
			pgx.NamedArgs{"from": d.acme.CollectorID})
	}
	var wg sync.WaitGroup
	for _, p := range []handover.Plan{
		{From: d.acme.CollectorID, Rule: handover.ToPeople, To: []int64{d.south}},
		{From: d.acme.CollectorID, Rule: handover.ToPeople, To: []int64{d.acme.AdminID}},
		{From: d.north, Rule: handover.ToPeople, To: []int64{d.acme.AdminID}},
		{From: d.north, Rule: handover.ToPeople, To: []int64{d.south}},
	} {
		wg.Go(func() {
			err := d.Write(t.Context(), d.acme.Manager, func(tx *tenant.Tx) error {
				_, err := handover.Give(t.Context(), tx, p)
				return err
			})
			if err != nil && !invalid(err, "from") && !invalid(err, "to") {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	south, admin := d.holds(t, d.south).Counts, d.holds(t, d.acme.AdminID).Counts
	if n := south[handover.Customers] + admin[handover.Customers]; n != 40 {
		t.Errorf("%d customers are left of 40", n)
	}
	if n := south[handover.FollowUps] + admin[handover.FollowUps]; n != 40 {
		t.Errorf("%d follow-ups are left of 40", n)
	}
	if n := d.id(t, `SELECT sum((counts->>'inbox')::bigint)::bigint FROM hand_over_shares`, pgx.NamedArgs{}); n != 3 {
		t.Errorf("%d entries of 3 were given away", n)
	}
}
