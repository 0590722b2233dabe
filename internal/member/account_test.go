package member_test

import (
	"errors"
	"testing"
	"time"

	"dunwell/internal/dbtest"
	"dunwell/internal/member"
	"dunwell/internal/tenant"
)

// in tells whether the sign-in still lets its person in.
func in(t testing.TB, db *dbtest.Database, c *dbtest.Company, signIn int64) bool {
	t.Helper()
	err := db.Read(t.Context(), tenant.Who{TenantID: c.ID, SignInID: signIn}, func(*tenant.Tx) error { return nil })
	if err != nil && !errors.Is(err, tenant.ErrNotMember) {
		t.Fatal(err)
	}
	return err == nil
}

func TestSignOut(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme := dbtest.Tenant(t, db, "acme")
	other, err := signIn(t, db, acme.Email(tenant.Manager), dbtest.Password, home)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // twice is as good as once
		if err := member.SignOut(t.Context(), db.Pool, acme.Manager.SignInID); err != nil {
			t.Fatal(err)
		}
	}
	if in(t, db, acme, acme.Manager.SignInID) || !in(t, db, acme, other.SignInID) {
		t.Error("signing out should end this sign-in and no other")
	}
}

func TestSignOutEverywhere(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme := dbtest.Tenant(t, db, "acme")
	other, err := signIn(t, db, acme.Email(tenant.Manager), dbtest.Password, home)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Write(t.Context(), acme.Manager, func(tx *tenant.Tx) error { return member.SignOutEverywhere(t.Context(), tx) })
	if err != nil {
		t.Fatal(err)
	}
	if in(t, db, acme, acme.Manager.SignInID) || in(t, db, acme, other.SignInID) || !in(t, db, acme, acme.Admin.SignInID) {
		t.Error("signing out everywhere should end all sign-ins of this person and none of another")
	}
	if n := count(t, db, `SELECT count(*) FROM audit_events WHERE kind = 'session.signed_out_everywhere' AND member_id = $1`, acme.ManagerID); n != 1 {
		t.Errorf("%d audit events, want 1", n)
	}
}

func TestChangePassword(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme := dbtest.Tenant(t, db, "acme")
	other, err := signIn(t, db, acme.Email(tenant.Manager), dbtest.Password, home)
	if err != nil {
		t.Fatal(err)
	}
	change := func(old, new string) error {
		return db.Write(t.Context(), acme.Manager, func(tx *tenant.Tx) error {
			return member.ChangePassword(t.Context(), tx, db.Pool, member.PasswordChange{Old: old, New: new, Address: home})
		})
	}
	for name, c := range map[string]struct{ old, new, refusal string }{
		"wrong old":      {"not what it is", "twelve chars", "old: This is not your password of now."},
		"the same":       {dbtest.Password, dbtest.Password, "Choose another one"},
		"eleven":         {dbtest.Password, "eleven char", "at least 12 characters"},
		"129":            {dbtest.Password, repeat("ü", 129), "at most 128 characters"},
		"the address":    {dbtest.Password, "Manager@acme.example", "something else than your name"},
		"the name, bare": {dbtest.Password, "ACME.manager", "something else than your name"},
	} {
		t.Run(name, func(t *testing.T) { checkRefused(t, change(c.old, c.new), c.refusal) })
	}
	if n := count(t, db, `SELECT count(*) FROM sign_in_attempts WHERE NOT ok`); n != 1 {
		t.Errorf("%d failed attempts, want 1: the wrong old password", n)
	}
	if err := change(dbtest.Password, repeat("ü", 128)); err != nil {
		t.Fatal(err)
	}
	if in(t, db, acme, other.SignInID) || !in(t, db, acme, acme.Manager.SignInID) {
		t.Error("a new password should end the other sign-ins and leave this one")
	}
	if _, err := signIn(t, db, acme.Email(tenant.Manager), repeat("ü", 128), home); err != nil {
		t.Errorf("the new password: %v", err)
	}
	if _, err := signIn(t, db, acme.Email(tenant.Manager), dbtest.Password, home); err == nil {
		t.Error("the old password still lets in")
	}
	if n := count(t, db, `SELECT count(*) FROM audit_events WHERE kind = 'password.changed' AND member_id = $1`, acme.ManagerID); n != 1 {
		t.Errorf("%d audit events, want 1", n)
	}
	failures(t, db, 5, acme.Email(tenant.Manager), home, 0)
	if err := change(repeat("ü", 128), "a third password"); !errors.As(err, new(member.TooMany)) {
		t.Errorf("after five failures: %v, want too many", err)
	}
}

func TestRename(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme := dbtest.Tenant(t, db, "acme")
	rename := func(name string) error {
		return db.Write(t.Context(), acme.Collector, func(tx *tenant.Tx) error { return member.Rename(t.Context(), tx, name) })
	}
	checkRefused(t, rename("  "), "Give a name.")
	checkRefused(t, rename(repeat("n", 121)), "at most 120")
	if err := rename(" Åse\r\n\u2028 Lind "); err != nil { // one line is kept
		t.Fatal(err)
	}
	if a := actor(t, db, acme.Collector); a.Name != "Åse Lind" {
		t.Errorf("name = %q", a.Name)
	}
	if n := count(t, db, `SELECT count(*) FROM audit_events WHERE kind = 'account.renamed' AND data = '{"before": {"name": "acme collector"}, "after": {"name": "Åse Lind"}}'`); n != 1 {
		t.Errorf("%d audit events, want 1", n)
	}
}

func TestSignInEndsByItself(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme := dbtest.Tenant(t, db, "acme")
	for name, c := range map[string]struct {
		started, seen time.Duration
		in            bool
	}{
		"fresh":                 {time.Hour, 0, true},
		"nearly twelve hours":   {12*time.Hour - time.Minute, 0, true},
		"twelve hours":          {12 * time.Hour, 0, false},
		"nearly two hours idle": {3 * time.Hour, 2*time.Hour - time.Minute, true},
		"two hours idle":        {3 * time.Hour, 2 * time.Hour, false},
	} {
		t.Run(name, func(t *testing.T) {
			exec(t, db, `UPDATE sign_ins SET started_at = now() - $2::interval, last_seen_at = now() - $3::interval WHERE id = $1`,
				acme.Manager.SignInID, c.started, c.seen)
			if got := in(t, db, acme, acme.Manager.SignInID); got != c.in {
				t.Errorf("lets in = %v, want %v", got, c.in)
			}
		})
	}
}
