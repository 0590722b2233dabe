package member_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"dunwell/internal/dbtest"
	"dunwell/internal/errs"
	"dunwell/internal/member"
	"dunwell/internal/tenant"
)

func makeLink(t testing.TB, db *dbtest.Database, who tenant.Who, id int64) (token string, err error) {
	t.Helper()
	err = db.Write(t.Context(), who, func(tx *tenant.Tx) (err error) {
		token, err = member.MakeLink(t.Context(), tx, id)
		return err
	})
	return token, err
}

func mustLink(t testing.TB, db *dbtest.Database, c *dbtest.Company, id int64) string {
	t.Helper()
	token, err := makeLink(t, db, c.Admin, id)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func use(t testing.TB, db *dbtest.Database, token, password string) error {
	t.Helper()
	_, err := member.SetPasswordByLink(t.Context(), db.Pool, token, password, home)
	return err
}

func TestLinkSetsPasswordOnce(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme := dbtest.Tenant(t, db, "acme")
	if err := member.AskForLink(t.Context(), db.Pool, " Collector@acme.example", home); err != nil {
		t.Fatal(err)
	}
	if d := find(t, db, acme, acme.CollectorID); d.ResetAskedAt == nil {
		t.Fatal("the administrators do not see that a link was asked for")
	}
	token := mustLink(t, db, acme, acme.CollectorID)
	if d := find(t, db, acme, acme.CollectorID); d.ResetAskedAt != nil {
		t.Error("a link was made, but it still seems to be asked for")
	}
	if n := count(t, db, `SELECT count(*) FROM user_links WHERE encode(token_hash, 'escape') LIKE '%' || $1 || '%'`, token); n != 0 || len(token) != 43 {
		t.Errorf("token of %d characters, found %d times in the table", len(token), n)
	}
	to, err := member.FindLink(t.Context(), db.Pool, token)
	if err != nil || to.Email != acme.Email(tenant.Collector) || to.First {
		t.Errorf("the link is for %+v, %v", to, err)
	}
	checkRefused(t, use(t, db, token, "too short"), "at least 12 characters")
	checkRefused(t, use(t, db, token, "collector@acme.example"), "something else")
	if err := use(t, db, token, "my new password"); err != nil {
		t.Fatal(err)
	}
	if in(t, db, acme, acme.Collector.SignInID) {
		t.Error("the old sign-in still lets in")
	}
	if !errors.Is(use(t, db, token, "another new password"), errs.NotFound) {
		t.Error("the link was used twice")
	}
	if _, err := signIn(t, db, acme.Email(tenant.Collector), "my new password", home); err != nil {
		t.Errorf("the new password: %v", err)
	}
}

func TestLinkThatWorksNoMore(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme := dbtest.Tenant(t, db, "acme")
	age := func(by time.Duration) func(*testing.T) {
		return func(t *testing.T) { exec(t, db, `UPDATE user_links SET expires_at = expires_at - $1::interval`, by) }
	}
	for name, c := range map[string]struct {
		then  func(*testing.T)
		works bool
	}{
		"at once":            {func(*testing.T) {}, true},
		"nearly an hour old": {age(time.Hour - time.Minute), true},
		"an hour old":        {age(time.Hour), false},
		"replaced":           {func(t *testing.T) { mustLink(t, db, acme, acme.ManagerID) }, false},
		"another's replaced": {func(t *testing.T) { mustLink(t, db, acme, acme.CollectorID) }, true},
	} {
		t.Run(name, func(t *testing.T) {
			token := mustLink(t, db, acme, acme.ManagerID)
			c.then(t)
			_, err := member.FindLink(t.Context(), db.Pool, token)
			if (err == nil) != c.works || (err != nil && !errors.Is(err, errs.NotFound)) {
				t.Errorf("find: %v, want works = %v", err, c.works)
			}
			if err := use(t, db, token, "my new password"); (err == nil) != c.works {
				t.Errorf("use: %v, want works = %v", err, c.works)
			}
		})
	}
	if err := use(t, db, "", "my new password"); !errors.Is(err, errs.NotFound) {
		t.Errorf("no token: %v", err)
	}
}

func TestInvitationLastsAWeek(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme := dbtest.Tenant(t, db, "acme")
	out := invite(t, db, acme.Admin, member.Invitation{Email: "new@acme.example", Name: "New", Role: tenant.Collector})
	first, err := member.FindLink(t.Context(), db.Pool, out.Token)
	if err != nil || !first.First {
		t.Errorf("the link is for %+v, %v", first, err)
	}
	exec(t, db, `UPDATE user_links SET expires_at = expires_at - interval '6 days 23 hours 59 minutes'`)
	if _, err := member.FindLink(t.Context(), db.Pool, out.Token); err != nil {
		t.Errorf("nearly a week old: %v", err)
	}
	again := mustLink(t, db, acme, out.MemberID)
	if n := count(t, db, `SELECT count(*) FROM user_links WHERE used_at IS NULL AND expires_at > now() + interval '6 days'`); n != 1 {
		t.Errorf("%d links last a week, want the new one", n)
	}
	if err := use(t, db, again, "my first password"); err != nil {
		t.Error(err)
	}
}

func TestTwoUseOneLink(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme := dbtest.Tenant(t, db, "acme")
	token := mustLink(t, db, acme, acme.ManagerID)
	var group sync.WaitGroup
	results := make([]error, 2)
	for i, password := range []string{"the first of two", "the second of two"} {
		group.Go(func() { results[i] = use(t, db, token, password) })
	}
	group.Wait()
	won := 0
	for i, err := range results {
		if err == nil {
			won++
			_, err = signIn(t, db, acme.Email(tenant.Manager), []string{"the first of two", "the second of two"}[i], home)
		} else if errors.Is(err, errs.NotFound) {
			err = nil
		}
		if err != nil {
			t.Error(err)
		}
	}
	if won != 1 {
		t.Errorf("%d of two won: %v", won, results)
	}
}

func TestTwoLinksAtOnceLeaveOne(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme := dbtest.Tenant(t, db, "acme")
	var group sync.WaitGroup
	for range 2 {
		group.Go(func() {
			if _, err := makeLink(t, db, acme.Admin, acme.ManagerID); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if n := count(t, db, `SELECT count(*) FROM user_links`); n != 1 {
		t.Errorf("%d links, want 1", n)
	}
}

func TestLinkIsTheWayOutOfALockOut(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme := dbtest.Tenant(t, db, "acme")
	failures(t, db, 50, acme.Email(tenant.Admin), "203.0.113.2", time.Minute)
	if _, err := signIn(t, db, acme.Email(tenant.Admin), dbtest.Password, home); !errors.As(err, new(member.TooMany)) {
		t.Fatalf("error = %v, want too many", err)
	}
	if err := use(t, db, mustLink(t, db, acme, acme.AdminID), "my new password"); err != nil {
		t.Fatal(err)
	}
	if _, err := signIn(t, db, acme.Email(tenant.Admin), "my new password", home); err != nil {
		t.Error(err)
	}
}

func TestWhoMakesLinks(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme, beta := dbtest.Tenant(t, db, "acme"), dbtest.Tenant(t, db, "beta")
	shared := actor(t, db, acme.Collector)
	joined := invite(t, db, beta.Admin, member.Invitation{Email: shared.Email, Name: "X", Role: tenant.Collector})
	exec(t, db, `UPDATE members SET active = false WHERE id = $1`, acme.ManagerID)
	for name, c := range map[string]struct {
		who     tenant.Who
		id      int64
		refusal string
	}{
		"a manager":                             {beta.Manager, beta.CollectorID, "Only administrators"},
		"for another company's":                 {acme.Admin, beta.CollectorID, "not found"},
		"for one who left":                      {acme.Admin, acme.ManagerID, "no longer works here"},
		"for one who works elsewhere too":       {beta.Admin, joined.MemberID, "only the operator"},
		"for one who came from here, elsewhere": {acme.Admin, acme.CollectorID, "only the operator"},
		"for one of ours":                       {beta.Admin, beta.ManagerID, ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := makeLink(t, db, c.who, c.id)
			checkRefused(t, err, c.refusal)
		})
	}
	exec(t, db, `UPDATE members SET active = false WHERE id = $1`, joined.MemberID)
	if _, err := makeLink(t, db, acme.Admin, acme.CollectorID); err == nil {
		t.Error("a link would let back into the company that was left")
	}
	token, err := member.OperatorLink(t.Context(), db.Pool, "Collector@ACME.example")
	if err != nil || use(t, db, token, "my new password") != nil {
		t.Errorf("the operator's link: %v", err)
	}
	if _, err := member.OperatorLink(t.Context(), db.Pool, "nobody@acme.example"); !errors.Is(err, errs.NotFound) {
		t.Errorf("a link for nobody: %v", err)
	}
}

// TestLinkWhileInvitedElsewhere: the other company's invitation is not committed
// yet when the link is asked for.
func TestLinkWhileInvitedElsewhere(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme, beta := dbtest.Tenant(t, db, "acme"), dbtest.Tenant(t, db, "beta")
	linked := make(chan error, 1)
	err := db.Write(t.Context(), beta.Admin, func(tx *tenant.Tx) error {
		_, err := member.Invite(t.Context(), tx, member.Invitation{Email: acme.Email(tenant.Collector), Name: "X", Role: tenant.Admin})
		if err != nil {
			return err
		}
		go func() {
			_, err := makeLink(t, db, acme.Admin, acme.CollectorID)
			linked <- err
		}()
		for count(t, db, `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`) == 0 {
			select {
			case err := <-linked:
				linked <- err
				return nil
			default:
				time.Sleep(time.Millisecond)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	checkRefused(t, <-linked, "only the operator")
}

func TestRecordLinkUse(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme, beta := dbtest.Tenant(t, db, "acme"), dbtest.Tenant(t, db, "beta")
	a := actor(t, db, acme.Collector)
	joined := invite(t, db, beta.Admin, member.Invitation{Email: a.Email, Name: "X", Role: tenant.Collector})
	if err := member.RecordLinkUse(t.Context(), db.DB, a.UserID); err != nil {
		t.Fatal(err)
	}
	for tenantID, memberID := range map[int64]int64{acme.ID: acme.CollectorID, beta.ID: joined.MemberID} {
		if n := count(t, db, `SELECT count(*) FROM audit_events WHERE kind = 'password.set_by_link' AND tenant_id = $1 AND subject_id = $2`, tenantID, memberID); n != 1 {
			t.Errorf("%d audit events in tenant %d, want 1", n, tenantID)
		}
	}
}

func TestAskForLinkIsLimitedByAddress(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme := dbtest.Tenant(t, db, "acme")
	for range 5 {
		if err := member.AskForLink(t.Context(), db.Pool, "nobody@acme.example", home); err != nil {
			t.Fatal(err)
		}
	}
	if err := member.AskForLink(t.Context(), db.Pool, acme.Email(tenant.Manager), home); !errors.As(err, new(member.TooMany)) {
		t.Errorf("the sixth: %v, want too many", err)
	}
	failures(t, db, 60, "", "203.0.113.9", time.Minute)
	if err := member.AskForLink(t.Context(), db.Pool, acme.Email(tenant.Manager), "198.51.100.8"); err != nil {
		t.Errorf("from another address: %v", err)
	}
	if _, err := signIn(t, db, acme.Email(tenant.Manager), dbtest.Password, home); err != nil {
		t.Errorf("asking kept somebody from signing in: %v", err)
	}
}
