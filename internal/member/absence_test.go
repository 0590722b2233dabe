package member_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"dunwell/internal/day"
	"dunwell/internal/dbtest"
	"dunwell/internal/errs"
	"dunwell/internal/member"
	"dunwell/internal/tenant"
)

// today is the day of dbtest.Monday.
var today = day.New(2026, 3, 16)

func plan(t *testing.T, db *dbtest.Database, as tenant.Who, of int64, l member.Leave) (id int64, err error) {
	t.Helper()
	err = db.Write(t.Context(), as, func(tx *tenant.Tx) (err error) {
		id, err = member.PlanAbsence(t.Context(), tx, of, l)
		return err
	})
	return id, err
}

func TestPlanAbsence(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme, beta := dbtest.Tenant(t, db, "acme"), dbtest.Tenant(t, db, "beta")
	leave := func(cover int64, from, until int) member.Leave {
		return member.Leave{CoverID: cover, FromOn: today.Add(from), UntilOn: today.Add(until), Note: "Easter"}
	}
	// The collector is away from day 10 to 14, the manager covers.
	if _, err := plan(t, db, acme.Collector, acme.CollectorID, leave(acme.ManagerID, 10, 14)); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		as    tenant.Who
		of    int64
		leave member.Leave
		field string // of what is refused; empty: it is taken
	}{
		"the day after":                   {acme.Collector, acme.CollectorID, leave(acme.AdminID, 15, 15), ""},
		"the last day again":              {acme.Collector, acme.CollectorID, leave(acme.AdminID, 14, 14), "from_on"},
		"around it":                       {acme.Collector, acme.CollectorID, leave(acme.AdminID, 1, 20), "from_on"},
		"oneself":                         {acme.Manager, acme.AdminID, leave(acme.AdminID, 1, 2), "cover"},
		"nobody":                          {acme.Manager, acme.AdminID, leave(0, 1, 2), "cover"},
		"another company's":               {acme.Manager, acme.AdminID, leave(beta.AdminID, 1, 2), "cover"},
		"who is away too":                 {acme.Manager, acme.AdminID, leave(acme.CollectorID, 14, 30), "cover"},
		"who is back by then":             {acme.Manager, acme.AdminID, leave(acme.CollectorID, 20, 30), ""},
		"while covering for somebody":     {acme.Manager, acme.ManagerID, leave(acme.AdminID, 14, 16), "from_on"},
		"each for the other, in a circle": {acme.Manager, acme.ManagerID, leave(acme.CollectorID, 12, 12), "from_on"},
		"backwards":                       {acme.Manager, acme.AdminID, leave(acme.ManagerID, 5, 4), "until_on"},
		"in the past":                     {acme.Manager, acme.AdminID, leave(acme.ManagerID, -5, -1), "until_on"},
		"since last week, until today":    {acme.Manager, acme.AdminID, leave(acme.ManagerID, -5, 0), ""},
		"a card number in the note":       {acme.Manager, acme.AdminID, member.Leave{CoverID: acme.ManagerID, FromOn: today.Add(1), UntilOn: today.Add(2), Note: "Card 4111 1111 1111 1111"}, "note"},
		"no days":                         {acme.Manager, acme.AdminID, member.Leave{CoverID: acme.ManagerID}, "from_on"},
		"since a year and a day":          {acme.Manager, acme.AdminID, leave(acme.ManagerID, -366, 1), "from_on"},
		"since a year":                    {acme.Manager, acme.AdminID, leave(acme.ManagerID, -365, 1), ""},
		"since a year less a day":         {acme.Manager, acme.AdminID, leave(acme.ManagerID, -364, 1), ""},
		"in three years":                  {acme.Manager, acme.AdminID, leave(acme.ManagerID, 1, 1200), "until_on"},
	} {
		err := db.Write(t.Context(), c.as, func(tx *tenant.Tx) error {
			_, err := member.PlanAbsence(t.Context(), tx, c.of, c.leave)
			return errors.Join(err, errors.New("undone")) // each case stands alone
		})
		var inv errs.Invalid
		if refused := errors.As(err, &inv); refused != (c.field != "") || refused && inv[c.field] == "" {
			t.Errorf("%s: %v, want a word on %q", name, err, c.field)
		}
	}
	if _, err := plan(t, db, acme.Collector, acme.ManagerID, leave(acme.AdminID, 20, 21)); !errors.As(err, new(errs.Forbidden)) {
		t.Errorf("a collector sends the manager on leave: %v", err)
	}
	if _, err := plan(t, db, beta.Admin, acme.CollectorID, leave(beta.ManagerID, 20, 21)); !errors.Is(err, errs.NotFound) {
		t.Errorf("another company plans: %v", err)
	}
	if _, err := db.Owner(t).Exec(t.Context(), `UPDATE members SET active = false WHERE id = $1`, acme.CollectorID); err != nil {
		t.Fatal(err)
	}
	var inv errs.Invalid
	if _, err := plan(t, db, acme.Manager, acme.AdminID, leave(acme.CollectorID, 20, 21)); !errors.As(err, &inv) || inv["cover"] == "" {
		t.Errorf("somebody who left covers: %v", err)
	}
	if _, err := plan(t, db, acme.Manager, acme.CollectorID, leave(acme.ManagerID, 20, 21)); !errors.Is(err, errs.NotFound) {
		t.Errorf("somebody who left goes on leave: %v", err)
	}
}

// The absences of who leaves end with the membership, on record, and hold up nobody:
// those that are over and those of others stay.
func TestDeactivateEndsAbsences(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme := dbtest.Tenant(t, db, "acme")
	for _, l := range []struct {
		of, cover   int64
		from, until int
	}{
		{acme.CollectorID, acme.ManagerID, -9, -1}, {acme.CollectorID, acme.ManagerID, -1, 0}, {acme.CollectorID, acme.ManagerID, 1, 1},
		{acme.AdminID, acme.CollectorID, 5, 6},
	} {
		if _, err := db.Owner(t).Exec(t.Context(), `INSERT INTO absences (tenant_id, member_id, cover_id, from_on, until_on) VALUES ($1, $2, $3, $4, $5)`,
			acme.ID, l.of, l.cover, today.Add(l.from), today.Add(l.until)); err != nil {
			t.Fatal(err)
		}
	}
	mine := member.Leave{CoverID: acme.AdminID, FromOn: today, UntilOn: today.Add(1)}
	var inv errs.Invalid
	if _, err := plan(t, db, acme.Manager, acme.ManagerID, mine); !errors.As(err, &inv) || inv["from_on"] == "" {
		t.Fatalf("while covering: %v", err)
	}
	if err := deactivate(t, db, acme.Admin, acme.CollectorID, 1); err != nil {
		t.Fatal(err)
	}
	if _, err := plan(t, db, acme.Manager, acme.ManagerID, mine); err != nil {
		t.Errorf("for somebody who has left: %v", err)
	}
	var left string
	if err := db.Owner(t).QueryRow(t.Context(), `
		SELECT string_agg((from_on - $3::date) || ' to ' || (until_on - $3::date), ', ' ORDER BY from_on)
		FROM absences
		WHERE $1 IN (member_id, cover_id) AND member_id <> $2`, acme.CollectorID, acme.ManagerID, today).Scan(&left); err != nil {
		t.Fatal(err)
	}
	if want := "-9 to -1, -1 to -1, 5 to 6"; left != want {
		t.Errorf("left are %s, want %s", left, want)
	}
	if n := count(t, db, `SELECT count(*) FROM audit_events WHERE kind = 'absence.ended' AND subject_id = $1`, acme.CollectorID); n != 2 {
		t.Errorf("%d are on record, want 2", n)
	}
	// One that was left standing when a membership ended holds up nobody either.
	if _, err := db.Owner(t).Exec(t.Context(), `UPDATE absences SET until_on = $1 WHERE member_id = $2`, today.Add(9), acme.CollectorID); err != nil {
		t.Fatal(err)
	}
	if _, err := plan(t, db, acme.Manager, acme.ManagerID, member.Leave{CoverID: acme.AdminID, FromOn: today.Add(3), UntilOn: today.Add(4)}); err != nil {
		t.Errorf("an absence that was left standing: %v", err)
	}
}

// Where collectors see their branch only, a cover sees all that the other sees.
func TestCoverSeesAsMuch(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme := dbtest.Tenant(t, db, "acme")
	owner := db.Owner(t)
	var south int64
	if err := owner.QueryRow(t.Context(), `
		WITH person AS (INSERT INTO users (email, name) VALUES ('south@acme.example', 'Kari') RETURNING id),
			north AS (INSERT INTO branches (tenant_id, name) VALUES ($1, 'North') RETURNING id),
			south AS (INSERT INTO branches (tenant_id, name) VALUES ($1, 'South') RETURNING id),
			moved AS (UPDATE members SET branch_id = north.id FROM north WHERE members.id = $2)
		INSERT INTO members (tenant_id, user_id, role, branch_id)
		SELECT $1, person.id, 'collector', south.id FROM person, south
		RETURNING id`, acme.ID, acme.CollectorID).Scan(&south); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, set string // set: done before, and for those that follow
		of, cover int64
		want      string // empty: it is taken
	}{
		{"not limited", ``, acme.CollectorID, south, ""},
		{"of another branch", `UPDATE tenants SET branch_limited = true`, acme.CollectorID, south,
			"Kari does not see the customers of acme collector’s branch. Choose somebody of that branch, a manager or an administrator."},
		{"a manager covers", ``, acme.CollectorID, acme.ManagerID, ""},
		{"a manager is away", ``, acme.ManagerID, south,
			"Kari sees the customers of one branch only, and acme manager sees all. Choose a manager or an administrator."},
		{"an administrator for a manager", ``, acme.ManagerID, acme.AdminID, ""},
		{"a branch and none", `UPDATE members SET branch_id = NULL WHERE role = 'collector' AND branch_id = (SELECT id FROM branches WHERE name = 'North')`, south, acme.CollectorID,
			"acme collector does not see the customers of Kari’s branch. Choose somebody of that branch, a manager or an administrator."},
		{"of one branch", `UPDATE members SET branch_id = (SELECT id FROM branches WHERE name = 'South') WHERE role = 'collector'`, acme.CollectorID, south, ""},
	} {
		if _, err := owner.Exec(t.Context(), c.set); err != nil {
			t.Fatal(err)
		}
		undone := errors.New("undone")
		err := db.Write(t.Context(), acme.Manager, func(tx *tenant.Tx) error {
			_, err := member.PlanAbsence(t.Context(), tx, c.of, member.Leave{CoverID: c.cover, FromOn: today, UntilOn: today.Add(2)})
			return errors.Join(err, undone)
		})
		var inv errs.Invalid
		if errors.As(err, &inv) != (c.want != "") || inv["cover"] != c.want || !errors.Is(err, undone) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// A cover who came to see less than the one who is away is named while the absence runs
// or is to come.
func TestBlindCovers(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme := dbtest.Tenant(t, db, "acme")
	owner := db.Owner(t)
	for _, days := range [][2]int{{0, 1}, {4, 6}} {
		if _, err := plan(t, db, acme.Admin, acme.AdminID, member.Leave{CoverID: acme.ManagerID, FromOn: today.Add(days[0]), UntilOn: today.Add(days[1])}); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name, set string
		want      int
	}{
		{"sees as much", `UPDATE tenants SET branch_limited = true`, 0},
		{"the cover sees a branch only", `UPDATE members SET role = 'collector' WHERE id = $1`, 2},
		{"the limit is lifted", `UPDATE tenants SET branch_limited = false`, 0},
		{"until today", `UPDATE tenants SET branch_limited = true; UPDATE absences SET until_on = from_on WHERE from_on = '2026-03-16'`, 2},
		{"over", `UPDATE absences SET from_on = '2026-03-14', until_on = '2026-03-15' WHERE from_on = '2026-03-16'`, 1},
	} {
		if _, err := owner.Exec(t.Context(), strings.ReplaceAll(c.set, "$1", fmt.Sprint(acme.ManagerID))); err != nil {
			t.Fatal(err)
		}
		for _, of := range []int64{acme.AdminID, acme.ManagerID, acme.CollectorID} {
			var list []member.Absence
			err := db.Read(t.Context(), acme.Admin, func(tx *tenant.Tx) (err error) {
				list, err = member.Blind(t.Context(), tx, of)
				return err
			})
			want := c.want
			if of == acme.CollectorID {
				want = 0
			}
			if err != nil || len(list) != want {
				t.Errorf("%s: of %d are %v, %v, want %d", c.name, of, list, err, want)
			}
		}
	}
}

// Of two who plan at once to cover each other one is refused.
func TestTwoWhoCoverEachOther(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme := dbtest.Tenant(t, db, "acme")
	var wg sync.WaitGroup
	failed := make([]error, 2)
	for i, pair := range [][2]int64{{acme.ManagerID, acme.AdminID}, {acme.AdminID, acme.ManagerID}} {
		wg.Go(func() {
			_, failed[i] = plan(t, db, acme.Manager, pair[0], member.Leave{CoverID: pair[1], FromOn: today, UntilOn: today.Add(3)})
		})
	}
	wg.Wait()
	if (failed[0] == nil) == (failed[1] == nil) {
		t.Errorf("one is to be refused: %v", failed)
	}
}

// Who covers is told so on the days of the absence and on no other, and it ends by
// itself or when somebody is back before.
func TestCover(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme, beta := dbtest.Tenant(t, db, "acme"), dbtest.Tenant(t, db, "beta")
	read := func(as tenant.Who, f func(*tenant.Tx) error) {
		t.Helper()
		if err := db.Read(t.Context(), as, f); err != nil {
			t.Fatal(err)
		}
	}
	id, err := plan(t, db, acme.Manager, acme.AdminID, member.Leave{CoverID: acme.CollectorID, FromOn: today, UntilOn: today.Add(4), Note: "Ill"})
	if err != nil {
		t.Fatal(err)
	}
	covers := func(as tenant.Who, of int64) (yes bool) {
		read(as, func(tx *tenant.Tx) (err error) {
			yes, err = member.Covers(t.Context(), tx, of)
			return err
		})
		return yes
	}
	if !covers(acme.Collector, acme.AdminID) || covers(acme.Manager, acme.AdminID) || covers(beta.Collector, acme.AdminID) || covers(acme.Collector, acme.ManagerID) {
		t.Error("the wrong one covers")
	}
	for in, away := range map[int]bool{-1: false, 0: true, 4: true, 5: false} {
		read(acme.Collector, func(tx *tenant.Tx) error {
			a, err := member.Away(t.Context(), tx, acme.AdminID, today.Add(in))
			if (a != nil) != away {
				t.Errorf("in %d days away is %v", in, a)
			}
			if a != nil && a.String() != "acme admin is away until Fri 20 Mar 2026; acme collector covers." {
				t.Errorf("it says %q", a)
			}
			return err
		})
	}
	read(acme.Collector, func(tx *tenant.Tx) error {
		list, err := member.Covered(t.Context(), tx)
		if len(list) != 1 || list[0].MemberID != acme.AdminID || list[0].Note != "Ill" {
			t.Errorf("the collector covers %v", list)
		}
		if _, err := member.Absences(t.Context(), tx, acme.AdminID); !errors.As(err, new(errs.Forbidden)) {
			t.Errorf("the collector lists the admin's absences: %v", err)
		}
		return err
	})
	end := func(as tenant.Who, version int) error {
		return db.Write(t.Context(), as, func(tx *tenant.Tx) error {
			_, err := member.EndAbsence(t.Context(), tx, id, version)
			return err
		})
	}
	if err := end(acme.Collector, 1); !errors.As(err, new(errs.Forbidden)) {
		t.Errorf("the cover ends it: %v", err)
	}
	if err := end(beta.Admin, 1); !errors.Is(err, errs.NotFound) {
		t.Errorf("another company ends it: %v", err)
	}
	if err := end(acme.Manager, 9); !errors.As(err, new(errs.Conflict)) {
		t.Errorf("an older version ends it: %v", err)
	}
	if err := end(acme.Manager, 1); err != nil {
		t.Fatal(err)
	}
	if covers(acme.Collector, acme.AdminID) {
		t.Error("somebody is covered who is back")
	}
	var kinds string
	if err := db.Owner(t).QueryRow(t.Context(), `SELECT string_agg(kind, ' ' ORDER BY id) FROM audit_events WHERE kind LIKE 'absence.%'`).Scan(&kinds); err != nil || kinds != "absence.planned absence.ended" {
		t.Errorf("on record is %q, %v", kinds, err)
	}
}

// Who is back before the last day was away until yesterday, which stays.
func TestBackBefore(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme := dbtest.Tenant(t, db, "acme")
	id, err := plan(t, db, acme.Manager, acme.AdminID, member.Leave{CoverID: acme.CollectorID, FromOn: today.Add(-3), UntilOn: today.Add(4)})
	if err != nil {
		t.Fatal(err)
	}
	err = db.Write(t.Context(), acme.Admin, func(tx *tenant.Tx) error {
		if _, err := member.EndAbsence(t.Context(), tx, id, 1); err != nil {
			return err
		}
		if _, err := member.EndAbsence(t.Context(), tx, id, 2); !errors.As(err, new(errs.Conflict)) {
			t.Errorf("it ends twice: %v", err)
		}
		list, err := member.Absences(t.Context(), tx, 0)
		if len(list) != 0 {
			t.Errorf("still listed are %v", list)
		}
		return err
	})
	var until string
	qerr := db.Owner(t).QueryRow(t.Context(), `SELECT until_on::text FROM absences`).Scan(&until)
	if err := errors.Join(err, qerr); err != nil || until != fmt.Sprint(today.Add(-1)) {
		t.Errorf("away until %s, %v", until, err)
	}
}
