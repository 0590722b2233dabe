package member_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/dbtest"
	"dunwell/internal/errs"
	"dunwell/internal/member"
	"dunwell/internal/tenant"
)

const home = "198.51.100.7"

func signIn(t testing.TB, db *dbtest.Database, email, password, address string) (member.SignedIn, error) {
	t.Helper()
	return member.SignIn(t.Context(), db.Pool, member.Credentials{Email: email, Password: password, Address: address, Browser: "Firefox"})
}

// failures writes down n attempts that failed so long ago.
func failures(t testing.TB, db *dbtest.Database, n int, email, address string, ago time.Duration) {
	t.Helper()
	attempts(t, db, n, email, address, ago, false)
}

func attempts(t testing.TB, db *dbtest.Database, n int, email, address string, ago time.Duration, ok bool) {
	t.Helper()
	_, err := db.Pool.Exec(t.Context(), `
		INSERT INTO sign_in_attempts (at, email, address, ok)
		SELECT now() - @ago::interval, @email, @address, @ok FROM generate_series(1, @n)`,
		pgx.NamedArgs{"ago": ago, "email": email, "address": address, "ok": ok, "n": n})
	if err != nil {
		t.Fatal(err)
	}
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme := dbtest.Tenant(t, db, "acme")
	exec(t, db, `INSERT INTO users (email, name) VALUES ('new@acme.example', 'Not Yet')`)
	exec(t, db, `UPDATE members SET active = false WHERE id = `+fmt.Sprint(acme.CollectorID))
	const wrong = "The e-mail address or the password is wrong."
	for name, c := range map[string]struct{ email, password, refusal string }{
		"right":                   {acme.Email(tenant.Manager), dbtest.Password, ""},
		"capitals and spaces":     {"  Manager@ACME.example ", dbtest.Password, ""},
		"wrong password":          {acme.Email(tenant.Manager), "another long password", wrong},
		"unknown address":         {"nobody@acme.example", dbtest.Password, wrong},
		"no password yet":         {"new@acme.example", "", wrong},
		"no address":              {"", dbtest.Password, wrong},
		"works nowhere any more":  {acme.Email(tenant.Collector), dbtest.Password, "You work in no company at present. Ask your company's administrator to let you in again."},
		"works nowhere, guessing": {acme.Email(tenant.Collector), "another long password", wrong},
	} {
		t.Run(name, func(t *testing.T) {
			in, err := signIn(t, db, c.email, c.password, home)
			if c.refusal == "" {
				if err != nil {
					t.Fatal(err)
				}
				if a := actor(t, db, tenant.Who{TenantID: acme.ID, SignInID: in.SignInID}); a.MemberID != acme.ManagerID || a.UserID != in.UserID {
					t.Errorf("signed in as member %d, user %d; want member %d", a.MemberID, in.UserID, acme.ManagerID)
				}
				return
			}
			var inv errs.Invalid
			if !errors.As(err, &inv) || inv[""] != c.refusal {
				t.Errorf("error = %v, want %q", err, c.refusal)
			}
		})
	}
}

func TestSignInKeepsWhatTheClientSent(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme := dbtest.Tenant(t, db, "acme")
	in, err := member.SignIn(t.Context(), db.Pool, member.Credentials{Email: acme.Email(tenant.Admin), Password: dbtest.Password,
		Address: "[2001:db8:1:2::9]:4711", Browser: "bad \xff" + repeat("x", 400)})
	if err != nil {
		t.Fatal(err)
	}
	var address, browser, counted string
	err = db.Pool.QueryRow(t.Context(), `
		SELECT s.address, s.browser, a.address
		FROM sign_ins s, sign_in_attempts a
		WHERE s.id = $1 AND a.ok`, in.SignInID).Scan(&address, &browser, &counted)
	if err != nil {
		t.Fatal(err)
	}
	if address != "[2001:db8:1:2::9]:4711" || len([]rune(browser)) != 300 || counted != "2001:db8:1:2::/64" {
		t.Errorf("address %q, browser of %d characters, counted as %q", address, len([]rune(browser)), counted)
	}
}

func TestSignInLimits(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme := dbtest.Tenant(t, db, "acme")
	boss := acme.Email(tenant.Admin)
	const minute = time.Minute
	for name, c := range map[string]struct {
		before func(t *testing.T, email, from string)
		wait   time.Duration // 0: gets in
	}{
		"the fifth":                    {func(t *testing.T, e, a string) { failures(t, db, 4, e, a, 3*minute) }, 0},
		"the sixth":                    {func(t *testing.T, e, a string) { failures(t, db, 5, e, a, 3*minute) }, 12 * minute},
		"the sixth, named by its time": {func(t *testing.T, e, a string) { failures(t, db, 1, e, a, 9*minute); failures(t, db, 4, e, a, minute) }, 6 * minute},
		"the sixth, a quarter later":   {func(t *testing.T, e, a string) { failures(t, db, 5, e, a, 15*minute) }, 0},
		"a success between": {func(t *testing.T, e, a string) {
			failures(t, db, 4, e, a, 3*minute)
			attempts(t, db, 1, e, a, 2*minute, true)
			failures(t, db, 4, e, a, minute)
		}, 0},
		"from another address": {func(t *testing.T, e, a string) { failures(t, db, 5, e, "203.0.113.1", minute) }, 0},
		"for another account":  {func(t *testing.T, e, a string) { failures(t, db, 5, "else@acme.example", a, minute) }, 0},
		"the 30th of an address": {func(t *testing.T, e, a string) {
			for i := range 29 {
				failures(t, db, 1, fmt.Sprintf("p%d@acme.example", i), a, 2*minute)
			}
		}, 0},
		"the 31st of an address": {func(t *testing.T, e, a string) { failures(t, db, 30, "many@acme.example", a, 2*minute) }, 13 * minute},
		"the 31st of an address known to us": {func(t *testing.T, e, a string) {
			failures(t, db, 30, "many@acme.example", a, 2*minute)
			attempts(t, db, 1, e, a, 29*24*time.Hour, true)
		}, 0},
		"the 50th of an account": {func(t *testing.T, e, a string) { failures(t, db, 49, e, "203.0.113.2", 20*minute) }, 0},
		"the 51st of an account": {func(t *testing.T, e, a string) { failures(t, db, 50, e, "203.0.113.2", 20*minute) }, 40 * minute},
		"the 51st, from an address it knows": {func(t *testing.T, e, a string) {
			failures(t, db, 50, e, "203.0.113.2", 20*minute)
			attempts(t, db, 1, e, a, 29*24*time.Hour, true)
		}, 0},
		"the 51st, known too long ago": {func(t *testing.T, e, a string) {
			failures(t, db, 50, e, "203.0.113.2", 20*minute)
			attempts(t, db, 1, e, a, 31*24*time.Hour, true)
		}, 40 * minute},
		"the 51st, an hour later": {func(t *testing.T, e, a string) { failures(t, db, 50, e, "203.0.113.2", 60*minute) }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			exec(t, db, `DELETE FROM sign_in_attempts`)
			c.before(t, boss, home)
			_, err := signIn(t, db, boss, dbtest.Password, home+":5555")
			checkWait(t, err, c.wait)
			// An account that does not exist is told the same.
			exec(t, db, `DELETE FROM sign_in_attempts`)
			c.before(t, "ghost@acme.example", home)
			_, err = signIn(t, db, "ghost@acme.example", dbtest.Password, home)
			if c.wait > 0 {
				checkWait(t, err, c.wait)
			} else if !errors.As(err, new(errs.Invalid)) {
				t.Errorf("a ghost was told %v", err)
			}
		})
	}
}

func checkWait(t *testing.T, err error, want time.Duration) {
	t.Helper()
	var many member.TooMany
	if want == 0 {
		if err != nil {
			t.Errorf("refused: %v", err)
		}
		return
	}
	if !errors.As(err, &many) || many.Wait > want || many.Wait < want-5*time.Second {
		t.Errorf("error = %v, want to wait %v", err, want)
	}
}

func TestRefusedAttemptIsNotCounted(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	failures(t, db, 5, "x@acme.example", home, time.Minute)
	for range 3 {
		_, err := signIn(t, db, "x@acme.example", "anything at all", home)
		if !errors.As(err, new(member.TooMany)) {
			t.Fatalf("error = %v, want too many", err)
		}
	}
	if n := count(t, db, `SELECT count(*) FROM sign_in_attempts`); n != 5 {
		t.Errorf("%d attempts are written down, want 5", n)
	}
}

func TestOneAttemptLeftForTwoAtOnce(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme := dbtest.Tenant(t, db, "acme")
	failures(t, db, 4, acme.Email(tenant.Manager), home, time.Minute)
	var group sync.WaitGroup
	results := make([]error, 2)
	for i := range results {
		group.Go(func() { _, results[i] = signIn(t, db, acme.Email(tenant.Manager), "wrong, and long enough", home) })
	}
	group.Wait()
	var refused, looked int
	for _, err := range results {
		switch {
		case errors.As(err, new(member.TooMany)):
			refused++
		case errors.As(err, new(errs.Invalid)):
			looked++
		}
	}
	if refused != 1 || looked != 1 {
		t.Errorf("results = %v, want one looked at and one refused", results)
	}
}

func TestMemberships(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	beta, acme := dbtest.Tenant(t, db, "beta"), dbtest.Tenant(t, db, "acme")
	a := actor(t, db, acme.Manager)
	invite(t, db, beta.Admin, member.Invitation{Email: a.Email, Name: "Other Name", Role: tenant.Collector})
	got, err := member.Memberships(t.Context(), db.Pool, a.UserID)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 || got[0] != (member.Membership{TenantID: acme.ID, Slug: "acme", Name: "Company acme", Role: tenant.Manager}) || got[1].Role != tenant.Collector {
		t.Errorf("memberships = %+v", got)
	}
}
