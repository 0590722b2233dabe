package member_test

import (
	"errors"
	"strings"
	"testing"

	"dunwell/internal/dbtest"
	"dunwell/internal/errs"
	"dunwell/internal/member"
	"dunwell/internal/tenant"
)

func exec(t testing.TB, db *dbtest.Database, sql string, args ...any) {
	t.Helper()
	if _, err := db.Owner(t).Exec(t.Context(), sql, args...); err != nil {
		t.Fatal(err)
	}
}

func count(t testing.TB, db *dbtest.Database, sql string, args ...any) (n int) {
	t.Helper()
	if err := db.Owner(t).QueryRow(t.Context(), sql, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func repeat(s string, n int) string { return strings.Repeat(s, n) }

func actor(t testing.TB, db *dbtest.Database, who tenant.Who) (a tenant.Actor) {
	t.Helper()
	err := db.Read(t.Context(), who, func(tx *tenant.Tx) error {
		a = tx.Actor
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func find(t testing.TB, db *dbtest.Database, c *dbtest.Company, id int64) (d member.Detail) {
	t.Helper()
	err := db.Read(t.Context(), c.Admin, func(tx *tenant.Tx) (err error) {
		d, err = member.Find(t.Context(), tx, id)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func invite(t testing.TB, db *dbtest.Database, who tenant.Who, i member.Invitation) member.Invited {
	t.Helper()
	out, err := tryInvite(t, db, who, i)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func tryInvite(t testing.TB, db *dbtest.Database, who tenant.Who, i member.Invitation) (out member.Invited, err error) {
	t.Helper()
	err = db.Write(t.Context(), who, func(tx *tenant.Tx) (err error) {
		out, err = member.Invite(t.Context(), tx, i)
		return err
	})
	return out, err
}

// checkRefused expects an error of one of the four kinds that holds the words.
func checkRefused(t testing.TB, err error, words string) {
	t.Helper()
	if words == "" {
		if err != nil {
			t.Errorf("refused: %v", err)
		}
		return
	}
	kind := errors.Is(err, errs.NotFound) || errors.As(err, new(errs.Forbidden)) || errors.As(err, new(errs.Conflict)) || errors.As(err, new(errs.Invalid))
	if !kind || !strings.Contains(err.Error(), words) {
		t.Errorf("error = %v, want a refusal with %q", err, words)
	}
}

func TestListAndFind(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme, beta := dbtest.Tenant(t, db, "acme"), dbtest.Tenant(t, db, "beta")
	exec(t, db, `INSERT INTO customers (tenant_id, number, name, kind, owner_id) VALUES ($1, 'K-1', 'One', 'business', $2), ($1, 'K-2', 'Two', 'consumer', $2)`,
		acme.ID, acme.CollectorID)
	exec(t, db, `UPDATE members SET active = false WHERE id = $1`, acme.ManagerID)
	err := db.Read(t.Context(), acme.Admin, func(tx *tenant.Tx) error {
		list, err := member.List(t.Context(), tx)
		if err != nil || len(list) != 3 || list[0].Name != "acme admin" || list[2].Name != "acme manager" || list[2].Active || !list[0].HasPassword {
			t.Errorf("list = %+v, %v", list, err)
		}
		d, err := member.Find(t.Context(), tx, acme.CollectorID)
		if err != nil || d.Customers != 2 || d.Elsewhere || d.Email != acme.Email(tenant.Collector) {
			t.Errorf("detail = %+v, %v", d, err)
		}
		_, err = member.Find(t.Context(), tx, beta.CollectorID)
		checkRefused(t, err, "not found")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestWhoSeesPeople(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme := dbtest.Tenant(t, db, "acme")
	exec(t, db, `UPDATE members SET active = false WHERE id = $1`, acme.ManagerID)
	err := db.Read(t.Context(), acme.Collector, func(tx *tenant.Tx) error {
		_, err := member.List(t.Context(), tx)
		checkRefused(t, err, "Only managers and administrators")
		_, err = member.Find(t.Context(), tx, acme.ManagerID)
		checkRefused(t, err, "Only managers and administrators")
		choices, err := member.Choices(t.Context(), tx)
		if err != nil || len(choices) != 2 || choices[0] != (member.Choice{ID: acme.AdminID, Name: "acme admin"}) || choices[1].ID != acme.CollectorID {
			t.Errorf("choices = %+v, %v", choices, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
