package member_test

import (
	"sync"
	"testing"

	"dunwell/internal/dbtest"
	"dunwell/internal/member"
	"dunwell/internal/tenant"
)

// addUnit makes a branch or department and returns its id.
func addUnit(t testing.TB, db *dbtest.Database, c *dbtest.Company, u member.Units, name string) (id int64) {
	t.Helper()
	err := db.Write(t.Context(), c.Admin, func(tx *tenant.Tx) (err error) {
		id, err = u.Add(t.Context(), tx, name)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestInvite(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme := dbtest.Tenant(t, db, "acme")
	north, field := addUnit(t, db, acme, member.Branches, "North"), addUnit(t, db, acme, member.Departments, "Field")
	out := invite(t, db, acme.Admin, member.Invitation{Email: " New@Acme.example", Name: " New Person ", Role: tenant.Manager, BranchID: &north, DepartmentID: &field})
	d := find(t, db, acme, out.MemberID)
	if d.Email != "new@acme.example" || d.Name != "New Person" || out.Name != d.Name || d.String() != "manager, branch North, department Field" || d.HasPassword || d.Elsewhere {
		t.Errorf("invited %+v", d)
	}
	if err := use(t, db, out.Token, "my first password"); err != nil {
		t.Fatal(err)
	}
	if _, err := signIn(t, db, "new@acme.example", "my first password", home); err != nil {
		t.Error(err)
	}
	if n := count(t, db, `SELECT count(*) FROM audit_events WHERE kind = 'people.invited' AND member_id = $1 AND subject_id = $2 AND data->'after'->>'branch' = 'North'`, acme.AdminID, out.MemberID); n != 1 {
		t.Errorf("%d audit events, want 1", n)
	}
}

func TestInviteRefused(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme, beta := dbtest.Tenant(t, db, "acme"), dbtest.Tenant(t, db, "beta")
	theirs, retired := addUnit(t, db, beta, member.Branches, "North"), addUnit(t, db, acme, member.Departments, "Old")
	exec(t, db, `UPDATE departments SET retired_at = now() WHERE id = $1`, retired)
	none := int64(987_654)
	for name, c := range map[string]struct {
		who     tenant.Who
		i       member.Invitation
		refusal string
	}{
		"by a manager":          {acme.Manager, member.Invitation{Email: "a@b.example", Name: "A", Role: tenant.Collector}, "Only administrators"},
		"by a collector":        {acme.Collector, member.Invitation{Email: "a@b.example", Name: "A", Role: tenant.Collector}, "Only administrators"},
		"no address":            {acme.Admin, member.Invitation{Name: "A", Role: tenant.Collector}, "email: Give an e-mail address"},
		"a name as address":     {acme.Admin, member.Invitation{Email: "A <a@b.example>", Name: "A", Role: tenant.Collector}, "email: Give an e-mail address"},
		"a long address":        {acme.Admin, member.Invitation{Email: repeat("a", 243) + "@b.example.x", Name: "A", Role: tenant.Collector}, "email: Give an e-mail address"},
		"turned round":          {acme.Admin, member.Invitation{Email: "a\u202etxt@b.example", Name: "A", Role: tenant.Collector}, "email: Give an e-mail address"},
		"no name":               {acme.Admin, member.Invitation{Email: "a@b.example", Name: " ", Role: tenant.Collector}, "name: Give a name."},
		"no such role":          {acme.Admin, member.Invitation{Email: "a@b.example", Name: "A", Role: "owner"}, "role: Choose a role."},
		"another's branch":      {acme.Admin, member.Invitation{Email: "a@b.example", Name: "A", Role: tenant.Collector, BranchID: &theirs}, "branch: Choose a branch"},
		"a retired department":  {acme.Admin, member.Invitation{Email: "a@b.example", Name: "A", Role: tenant.Collector, DepartmentID: &retired}, "department: Choose a department"},
		"no such department":    {acme.Admin, member.Invitation{Email: "a@b.example", Name: "A", Role: tenant.Collector, DepartmentID: &none}, "department: Choose a department"},
		"who works here":        {acme.Admin, member.Invitation{Email: "Manager@acme.example", Name: "A", Role: tenant.Collector}, "in your list of people already"},
		"the program may do it": {acme.System(), member.Invitation{Email: "a@b.example", Name: "A", Role: tenant.Collector}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := tryInvite(t, db, c.who, c.i)
			checkRefused(t, err, c.refusal)
		})
	}
	if n := count(t, db, `SELECT count(*) FROM users WHERE email NOT LIKE '%@acme.example' AND email NOT LIKE '%@beta.example'`); n != 1 {
		t.Errorf("%d accounts were made, want 1: a refused invitation leaves none", n)
	}
}

func TestInviteSomebodyKnownElsewhere(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme, beta := dbtest.Tenant(t, db, "acme"), dbtest.Tenant(t, db, "beta")
	out := invite(t, db, acme.Admin, member.Invitation{Email: beta.Email(tenant.Collector), Name: "Another Name", Role: tenant.Manager})
	if out.Token != "" || out.Name != "beta collector" {
		t.Errorf("invited %+v; want no link and the person's own name", out)
	}
	in, err := signIn(t, db, beta.Email(tenant.Collector), dbtest.Password, home)
	if err != nil {
		t.Fatal(err)
	}
	for c, role := range map[*dbtest.Company]tenant.Role{acme: tenant.Manager, beta: tenant.Collector} {
		if a := actor(t, db, tenant.Who{TenantID: c.ID, SignInID: in.SignInID}); a.Role != role {
			t.Errorf("role in %s = %s, want %s", c.Slug, a.Role, role)
		}
	}
}

func TestInvitingEndsTheOtherCompanysLink(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme, beta := dbtest.Tenant(t, db, "acme"), dbtest.Tenant(t, db, "beta")
	i := member.Invitation{Email: "new@both.example", Name: "New", Role: tenant.Admin}
	first := invite(t, db, acme.Admin, i)
	if second := invite(t, db, beta.Admin, i); second.Token != "" {
		t.Error("beta got a link that lets into acme")
	}
	checkRefused(t, use(t, db, first.Token, "chosen by acme's admin"), "not found")
}

func TestTwoInviteOneAddress(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme := dbtest.Tenant(t, db, "acme")
	var group sync.WaitGroup
	results := make([]error, 2)
	for n := range results {
		group.Go(func() {
			_, results[n] = tryInvite(t, db, acme.Admin, member.Invitation{Email: "new@acme.example", Name: "New", Role: tenant.Collector})
		})
	}
	group.Wait()
	if (results[0] == nil) == (results[1] == nil) {
		t.Errorf("results = %v, want one refused", results)
	}
}
