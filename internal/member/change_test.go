package member_test

import (
	"errors"
	"sync"
	"testing"

	"dunwell/internal/dbtest"
	"dunwell/internal/errs"
	"dunwell/internal/member"
	"dunwell/internal/tenant"
)

func update(t testing.TB, db *dbtest.Database, who tenant.Who, id int64, terms member.Terms) error {
	t.Helper()
	return db.Write(t.Context(), who, func(tx *tenant.Tx) error { return member.Update(t.Context(), tx, id, terms) })
}

func deactivate(t testing.TB, db *dbtest.Database, who tenant.Who, id int64, version int) error {
	t.Helper()
	return db.Write(t.Context(), who, func(tx *tenant.Tx) error { return member.Deactivate(t.Context(), tx, id, version) })
}

func reactivate(t testing.TB, db *dbtest.Database, who tenant.Who, id int64, version int) error {
	t.Helper()
	return db.Write(t.Context(), who, func(tx *tenant.Tx) error { return member.Reactivate(t.Context(), tx, id, version) })
}

func TestUpdate(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme := dbtest.Tenant(t, db, "acme")
	north := addUnit(t, db, acme, member.Branches, "North")
	if err := update(t, db, acme.Admin, acme.CollectorID, member.Terms{Role: tenant.Manager, BranchID: &north, Version: 1}); err != nil {
		t.Fatal(err)
	}
	if a := actor(t, db, acme.Collector); a.Role != tenant.Manager || a.BranchID == nil || *a.BranchID != north {
		t.Errorf("the next request acts as %s of branch %v", a.Role, a.BranchID)
	}
	if n := count(t, db, `
		SELECT count(*) FROM audit_events
		WHERE kind = 'people.changed' AND member_id = $1 AND subject_id = $2
			AND data->'before'->>'role' = 'collector' AND data->'after'->>'role' = 'manager'
			AND data->'before'->>'branch' = '' AND data->'after'->>'branch' = 'North'`, acme.AdminID, acme.CollectorID); n != 1 {
		t.Errorf("%d audit events, want 1", n)
	}
	exec(t, db, `UPDATE branches SET retired_at = now() WHERE id = $1`, north)
	if err := update(t, db, acme.Admin, acme.CollectorID, member.Terms{Role: tenant.Collector, BranchID: &north, Version: 2}); err != nil {
		t.Errorf("a branch retired since should stay: %v", err)
	}
}

func TestUpdateRefused(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme, beta := dbtest.Tenant(t, db, "acme"), dbtest.Tenant(t, db, "beta")
	theirs, retired := addUnit(t, db, beta, member.Departments, "Field"), addUnit(t, db, acme, member.Branches, "Old")
	exec(t, db, `UPDATE branches SET retired_at = now() WHERE id = $1`, retired)
	left := invite(t, db, acme.Admin, member.Invitation{Email: "left@acme.example", Name: "Left Us", Role: tenant.Collector})
	if err := deactivate(t, db, acme.Admin, left.MemberID, 1); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		who     tenant.Who
		id      int64
		terms   member.Terms
		refusal string
	}{
		"by a manager":         {acme.Manager, acme.CollectorID, member.Terms{Role: tenant.Admin, Version: 1}, "Only administrators"},
		"of another company":   {acme.Admin, beta.CollectorID, member.Terms{Role: tenant.Manager, Version: 1}, "not found"},
		"no such role":         {acme.Admin, acme.CollectorID, member.Terms{Role: "", Version: 1}, "role: Choose a role."},
		"another's department": {acme.Admin, acme.CollectorID, member.Terms{Role: tenant.Manager, DepartmentID: &theirs, Version: 1}, "department: Choose"},
		"a retired branch":     {acme.Admin, acme.CollectorID, member.Terms{Role: tenant.Manager, BranchID: &retired, Version: 1}, "branch: Choose"},
		"an old version":       {acme.Admin, acme.CollectorID, member.Terms{Role: tenant.Manager, Version: 0}, "Somebody else changed acme collector meanwhile: now collector."},
		"who left":             {acme.Admin, left.MemberID, member.Terms{Role: tenant.Manager, Version: 2}, "Left Us no longer works here"},
		"the last admin":       {acme.Admin, acme.AdminID, member.Terms{Role: tenant.Manager, Version: 1}, "role: acme admin is the last administrator"},
	} {
		t.Run(name, func(t *testing.T) { checkRefused(t, update(t, db, c.who, c.id, c.terms), c.refusal) })
	}
	if n := count(t, db, `SELECT count(*) FROM audit_events WHERE kind = 'people.changed'`); n != 0 {
		t.Errorf("%d changes are recorded, want none", n)
	}
}

func TestDeactivate(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme, beta := dbtest.Tenant(t, db, "acme"), dbtest.Tenant(t, db, "beta")
	checkRefused(t, deactivate(t, db, acme.Manager, acme.CollectorID, 1), "Only administrators")
	checkRefused(t, deactivate(t, db, acme.Admin, beta.CollectorID, 1), "not found")
	checkRefused(t, deactivate(t, db, acme.Admin, acme.AdminID, 1), "the last administrator and cannot leave")
	checkRefused(t, deactivate(t, db, acme.Admin, acme.CollectorID, 7), "Somebody else changed")
	if err := deactivate(t, db, acme.Admin, acme.CollectorID, 1); err != nil {
		t.Fatal(err)
	}
	err := db.Read(t.Context(), acme.Collector, func(*tenant.Tx) error { return nil })
	if !errors.Is(err, tenant.ErrNotMember) {
		t.Errorf("the next request: %v, want not a member", err)
	}
	checkRefused(t, deactivate(t, db, acme.Admin, acme.CollectorID, 1), "now collector, no longer working here")
	if err := deactivate(t, db, acme.Admin, acme.CollectorID, 2); err != nil {
		t.Errorf("twice: %v", err)
	}
	if err := reactivate(t, db, acme.Admin, acme.CollectorID, 2); err != nil {
		t.Fatal(err)
	}
	if a := actor(t, db, acme.Collector); a.Role != tenant.Collector {
		t.Errorf("let in again as %s", a.Role)
	}
	for kind, want := range map[string]int{"people.deactivated": 1, "people.reactivated": 1} {
		if n := count(t, db, `SELECT count(*) FROM audit_events WHERE kind = $1 AND subject_id = $2`, kind, acme.CollectorID); n != want {
			t.Errorf("%d events %s, want %d", n, kind, want)
		}
	}
}

func TestTwoAdminsRemoveEachOther(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme := dbtest.Tenant(t, db, "acme")
	if err := update(t, db, acme.Admin, acme.ManagerID, member.Terms{Role: tenant.Admin, Version: 1}); err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	var first, second error
	group.Go(func() { first = deactivate(t, db, acme.Admin, acme.ManagerID, 2) })
	group.Go(func() { second = deactivate(t, db, acme.Manager, acme.AdminID, 1) })
	group.Wait()
	if n := count(t, db, `SELECT count(*) FROM members WHERE role = 'admin' AND active`); n != 1 {
		t.Errorf("%d admins are left, want 1", n)
	}
	// Whoever comes second is refused, or is no member any more.
	for _, err := range []error{first, second} {
		if err != nil && !errors.As(err, new(errs.Conflict)) && !errors.Is(err, tenant.ErrNotMember) {
			t.Error(err)
		}
	}
}

func TestTwoChangeOneMember(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme := dbtest.Tenant(t, db, "acme")
	var group sync.WaitGroup
	results := make([]error, 2)
	for n, role := range []tenant.Role{tenant.Manager, tenant.Admin} {
		group.Go(func() {
			results[n] = update(t, db, acme.Admin, acme.CollectorID, member.Terms{Role: role, Version: 1})
		})
	}
	group.Wait()
	var moved errs.Conflict
	if (results[0] == nil) == (results[1] == nil) || !errors.As(errors.Join(results...), &moved) {
		t.Errorf("results = %v, want one taken and one told of the other", results)
	}
}
