package handover_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/errs"
	"dunwell/internal/handover"
	"dunwell/internal/tenant"
)

func (d *desk) leave(t *testing.T, who tenant.Who, l handover.Leave) (done handover.Done, err error) {
	t.Helper()
	err = d.Write(t.Context(), who, func(tx *tenant.Tx) (err error) {
		done, err = handover.Deactivate(t.Context(), tx, l)
		return err
	})
	return done, err
}

func (d *desk) active(t *testing.T, member int64) bool {
	t.Helper()
	return d.id(t, `SELECT active::int::bigint FROM members WHERE id = @member`, pgx.NamedArgs{"member": member}) == 1
}

// S3.44: ending a membership asks who is to have the work, and loses none of it.
func TestDeactivate(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.exec(t, `UPDATE tenants SET branch_limited = true WHERE id = $1`, d.acme.ID)
	from := d.acme.CollectorID
	d.give(t, d.customer(t, "north", from), from)
	d.give(t, d.customer(t, "south", from), from)
	for name, c := range map[string]struct {
		who   tenant.Who
		leave handover.Leave
		right func(error) bool
	}{
		"nothing chosen":    {d.acme.Admin, handover.Leave{MemberID: from, Version: 1}, func(err error) bool { return invalid(err, "rule") }},
		"nobody ticked":     {d.acme.Admin, handover.Leave{MemberID: from, Version: 1, Plan: handover.Plan{Rule: handover.ToPeople}}, func(err error) bool { return invalid(err, "to") }},
		"part of it stays":  {d.acme.Admin, handover.Leave{MemberID: from, Version: 1, Plan: handover.Plan{Rule: handover.ToPeople, To: []int64{d.north}}}, func(err error) bool { return invalid(err, "to") }},
		"to who leaves":     {d.acme.Admin, handover.Leave{MemberID: from, Version: 1, Plan: handover.Plan{Rule: handover.ToPeople, To: []int64{from}}}, func(err error) bool { return invalid(err, "to") }},
		"a manager":         {d.acme.Manager, handover.Leave{MemberID: from, Version: 1, Keep: true}, forbidden},
		"an older version":  {d.acme.Admin, handover.Leave{MemberID: from, Version: 0, Keep: true}, func(err error) bool { var c errs.Conflict; return errors.As(err, &c) }},
		"of another tenant": {d.beta.Admin, handover.Leave{MemberID: from, Version: 1, Keep: true}, func(err error) bool { return errors.Is(err, errs.NotFound) }},
	} {
		if _, err := d.leave(t, c.who, c.leave); !c.right(err) {
			t.Errorf("%s: %v", name, err)
		}
		if !d.active(t, from) {
			t.Fatalf("%s: the member has left", name)
		}
	}
	held := d.holds(t, from)
	done, err := d.leave(t, d.acme.Admin, handover.Leave{MemberID: from, Version: 1, Plan: handover.Plan{Rule: handover.ByBranch}})
	if err != nil || shares(done.Preview) != "north 1, south 1" || d.active(t, from) {
		t.Fatalf("%s, %v", shares(done.Preview), err)
	}
	d.has(t, from, handover.Counts{})
	d.has(t, d.north, everything())
	d.has(t, d.south, everything())
	if held.Total() != 2*everything().Total() {
		t.Errorf("%v was to be handed over", held)
	}
}

// Work with archived customers changes hands with the rest, so that it is somebody's
// when they are taken back; how much it is, is told apart.
func TestArchivedGoesAlong(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	here, away := d.customer(t, "", d.north), d.customer(t, "", d.north)
	d.give(t, here, d.north)
	d.id(t, work[0], pgx.NamedArgs{"customer": here, "member": d.north})
	d.id(t, work[0], pgx.NamedArgs{"customer": away, "member": d.north})
	d.id(t, work[5], pgx.NamedArgs{"customer": away, "member": d.north})
	if held := d.holds(t, d.north); held.Archived != 0 || held.Total() != everything().Total()+4 {
		t.Errorf("before: %+v", held)
	}
	d.exec(t, `UPDATE customers SET archived_at = now() WHERE id = $1`, away)
	plan := handover.Plan{From: d.north, Rule: handover.ToPeople, To: []int64{d.south}}
	if v, err := d.look(t, plan); err != nil || v.Held.Archived != 3 || v.Held.Total() != everything().Total()+4 {
		t.Errorf("looked at: %+v, %v", v.Held, err)
	}
	if done, err := d.leave(t, d.acme.Admin, handover.Leave{MemberID: d.north, Version: 1, Plan: plan}); err != nil || done.Held.Archived != 3 || done.Left.Total() != 0 {
		t.Errorf("handed over: %+v, %v", done, err)
	}
	if held := d.holds(t, d.south); held.Archived != 3 || held.Counts[handover.FollowUps] != 3 || held.Counts[handover.Cases] != 2 {
		t.Errorf("the other has %+v", held)
	}
}

func TestDeactivateAndKeep(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.give(t, d.customer(t, "", d.north), d.north)
	if _, err := d.leave(t, d.acme.Admin, handover.Leave{MemberID: d.north, Version: 1, Keep: true}); err != nil || d.active(t, d.north) {
		t.Fatal(err)
	}
	d.has(t, d.north, everything())
	d.has(t, handover.Gone, everything())
	if _, err := d.leave(t, d.acme.Admin, handover.Leave{MemberID: d.south, Version: 1}); err != nil || d.active(t, d.south) {
		t.Errorf("who has nothing is not asked: %v", err)
	}
}

// Who covers for somebody can leave although nobody else is there on those days, and
// the address of their calendar ends with them.
func TestDeactivateACover(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for member, cover := range map[int64]int64{d.acme.AdminID: d.south, d.north: d.acme.AdminID} {
		d.exec(t, `INSERT INTO absences (tenant_id, member_id, cover_id, from_on, until_on) VALUES ($1, $2, $3, '2026-03-18', '2026-03-20')`, d.acme.ID, member, cover)
	}
	d.exec(t, `INSERT INTO feeds (tenant_id, member_id, token_hash) VALUES ($1, $2, sha256('x'))`, d.acme.ID, d.south)
	to := handover.Plan{From: d.south, Rule: handover.ToPeople, To: []int64{d.north}}
	if _, err := d.hand(t, d.acme.Manager, to); !invalid(err, "to") || !strings.Contains(err.Error(), "away themselves") {
		t.Errorf("handed over: %v", err)
	}
	if _, err := d.leave(t, d.acme.Admin, handover.Leave{MemberID: d.south, Version: 1, Plan: to}); err != nil || d.active(t, d.south) {
		t.Errorf("who covers cannot leave: %v", err)
	}
	if n := d.id(t, `SELECT count(*) FROM feeds`, pgx.NamedArgs{}); n != 0 {
		t.Error("the calendar's address would be good again")
	}
}

// What was said with a hand-over waits until each receiver has put it away.
func TestReceivers(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.give(t, d.customer(t, "", d.north), d.north)
	d.give(t, d.customer(t, "", d.north), d.north)
	done, err := d.hand(t, d.acme.Manager, handover.Plan{From: d.north, Rule: handover.ToPeople, To: []int64{d.acme.CollectorID, d.acme.AdminID}, Note: "Kept short"})
	if err != nil {
		t.Fatal(err)
	}
	unread := func(who tenant.Who) (list []handover.Made) {
		d.must(t, who, func(tx *tenant.Tx) (err error) {
			list, err = handover.Unread(t.Context(), tx)
			return err
		})
		return list
	}
	if list := unread(d.acme.Manager); len(list) != 0 {
		t.Errorf("the manager got %+v", list)
	}
	list := unread(d.acme.Collector)
	if len(list) != 1 || list[0].Of != "north" || list[0].Note != "Kept short" || list[0].Author != "acme manager" ||
		len(list[0].Shares) != 1 || list[0].Shares[0].Counts[handover.Promises] != 1 {
		t.Errorf("the collector got %+v", list)
	}
	acknowledge := func(who tenant.Who) error {
		return d.Write(t.Context(), who, func(tx *tenant.Tx) error { return handover.Acknowledge(t.Context(), tx, done.ID) })
	}
	for range 2 {
		if err := acknowledge(d.acme.Collector); err != nil {
			t.Error(err)
		}
	}
	for name, who := range map[string]tenant.Who{"who got nothing": d.acme.Manager, "another company": d.beta.Admin} {
		if err := acknowledge(who); !errors.Is(err, errs.NotFound) {
			t.Errorf("%s puts it away: %v", name, err)
		}
	}
	if len(unread(d.acme.Collector)) != 0 || len(unread(d.acme.Admin)) != 1 {
		t.Error("it is put away for the one who did")
	}
	find := func(who tenant.Who) (m handover.Made, err error) {
		err = d.Read(t.Context(), who, func(tx *tenant.Tx) (err error) {
			m, err = handover.Find(t.Context(), tx, done.ID)
			return err
		})
		return m, err
	}
	if m, err := find(d.acme.Manager); err != nil || len(m.Shares) != 2 || m.Shares[1].ReadAt == nil || m.Shares[0].ReadAt != nil {
		t.Errorf("the manager sees %+v, %v", m, err)
	}
	if m, err := find(d.acme.Collector); err != nil || len(m.Shares) != 1 || m.Shares[0].Name != "acme collector" {
		t.Errorf("a receiver sees %+v, %v", m, err)
	}
	if _, err := find(d.beta.Admin); !errors.Is(err, errs.NotFound) {
		t.Errorf("another company: %v", err)
	}
	d.must(t, d.acme.Manager, func(tx *tenant.Tx) error {
		list, err := handover.Recent(t.Context(), tx)
		if len(list) != 1 || len(list[0].Shares) != 2 {
			t.Errorf("the latest are %+v", list)
		}
		return err
	})
}
