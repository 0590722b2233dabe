package tenant_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"dunwell/internal/day"
	"dunwell/internal/dbtest"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

func TestWhoActsIsReadInTheTransaction(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	c, other := dbtest.Tenant(t, db, "acme"), dbtest.Tenant(t, db, "rival")
	role := func(who tenant.Who) (role tenant.Role, err error) {
		err = db.Read(t.Context(), who, func(tx *tenant.Tx) error {
			role = tx.Actor.Role
			return nil
		})
		return role, err
	}
	if r, err := role(c.Manager); err != nil || r != tenant.Manager {
		t.Errorf("the manager acts as %q, %v", r, err)
	}
	if _, err := role(tenant.Who{TenantID: other.ID, SignInID: c.Manager.SignInID}); !errors.Is(err, tenant.ErrNotMember) {
		t.Errorf("in another company: %v", err)
	}
	if _, err := role(tenant.System(1 << 40)); !errors.Is(err, errs.NotFound) {
		t.Errorf("a company that is none: %v", err)
	}
	owner := db.Owner(t)
	step := func(sql string, want error) {
		t.Helper()
		if _, err := owner.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
		if _, err := role(c.Manager); !errors.Is(err, want) {
			t.Errorf("after %s: %v, want %v", sql, err, want)
		}
	}
	step(`UPDATE members SET active = false WHERE role = 'manager'`, tenant.ErrNotMember)
	step(`UPDATE members SET active = true`, nil)
	step(`UPDATE sign_ins SET last_seen_at = now() - interval '1 hour 59 minutes'`, nil)
	step(`UPDATE sign_ins SET last_seen_at = now() - interval '2 hours'`, tenant.ErrNotMember)
	step(`UPDATE sign_ins SET last_seen_at = now(), started_at = now() - interval '11 hours 59 minutes'`, nil)
	step(`UPDATE sign_ins SET started_at = now() - interval '12 hours'`, tenant.ErrNotMember)
	step(`UPDATE sign_ins SET started_at = now()`, nil)
	step(`UPDATE users SET session_epoch = session_epoch + 1`, tenant.ErrNotMember)
	step(`UPDATE users SET session_epoch = session_epoch - 1`, nil)
	step(`UPDATE sign_ins SET ended_at = now()`, tenant.ErrNotMember)
}

func TestNoTenantNoData(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	dbtest.Tenant(t, db, "acme")
	for _, sql := range []string{`SELECT count(*) FROM customers`, `SELECT count(*) FROM tenants`, `SELECT count(*) FROM open_items('2026-01-01')`} {
		var n int
		if err := db.Pool.QueryRow(t.Context(), sql).Scan(&n); err == nil {
			t.Errorf("%s outside a tenant found %d rows; it must fail", sql, n)
		}
	}
}

func TestForeignRowsAreRefusedByTheSchema(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	a, b := dbtest.Tenant(t, db, "acme"), dbtest.Tenant(t, db, "rival")
	var theirs int64
	must(t, db.Write(t.Context(), b.System(), func(tx *tenant.Tx) error {
		theirs, _ = dbtest.Customer(t, tx, "B-1")
		return nil
	}))
	for name, sql := range map[string]string{
		"an account of their customer": `INSERT INTO accounts (customer_id, kind, number) VALUES ($1, 'trade', 'X-1')`,
		"a note about their customer":  `INSERT INTO notes (customer_id, author, kind, text) VALUES ($1, 'me', 'note', 'hello')`,
		"a row in their name":          `INSERT INTO customers (tenant_id, number, name, kind) SELECT ` + "(SELECT max(tenant_id) + 1 FROM members)" + `, 'X-' || $1::bigint, 'X', 'business'`,
	} {
		err := db.Write(t.Context(), a.System(), func(tx *tenant.Tx) error {
			_, err := tx.Exec(t.Context(), sql, theirs)
			return err
		})
		var pg *pgconn.PgError
		if !errors.As(err, &pg) || (pg.Code != "23503" && pg.Code != "42501") {
			t.Errorf("%s: %v, want a refusal by the schema", name, err)
		}
	}
}

func TestReadCannotWrite(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	c := dbtest.Tenant(t, db, "acme")
	err := db.Read(t.Context(), c.Admin, func(tx *tenant.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE members SET active = false`)
		return err
	})
	var pg *pgconn.PgError
	if !errors.As(err, &pg) || pg.Code != "25006" {
		t.Errorf("got %v, want read_only_sql_transaction", err)
	}
}

// Many who leave something to record at the same moment are written together: none is
// missing, none stands with another company or person, and one that cannot be
// written keeps nobody else's out.
func TestLaterTogether(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	companies := []*dbtest.Company{dbtest.Tenant(t, db, "acme"), dbtest.Tenant(t, db, "beta")}
	owner := db.Owner(t)
	hold, err := owner.Begin(t.Context())
	if err == nil {
		_, err = hold.Exec(t.Context(), `LOCK TABLE audit_events IN EXCLUSIVE MODE`)
	}
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i := range 24 {
		c := companies[i%2]
		who := []tenant.Who{c.Collector, c.Manager, c.Admin}[i/2%3]
		wg.Go(func() {
			kind := "looked"
			if i == 7 {
				kind = "Not a kind"
			}
			err := db.Read(t.Context(), who, func(tx *tenant.Tx) error {
				tx.Later(tenant.Event{Kind: kind, Subject: "customer", SubjectID: int64(100 + i)})
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	for waiting := false; !waiting; {
		if err := hold.QueryRow(t.Context(), `SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = 'audit_events'::regclass)`).Scan(&waiting); err != nil {
			t.Fatal(err)
		}
	}
	if err := hold.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	wg.Wait()
	rows, _ := owner.Query(t.Context(), `SELECT subject_id, tenant_id, member_id FROM audit_events WHERE kind = 'looked' ORDER BY subject_id`)
	var id, company, member int64
	var got []int64
	_, err = pgx.ForEachRow(rows, []any{&id, &company, &member}, func() error {
		i := id - 100
		c := companies[i%2]
		if want := []int64{c.CollectorID, c.ManagerID, c.AdminID}[i/2%3]; company != c.ID || member != want {
			t.Errorf("look %d stands with company %d, member %d; want %d, %d", i, company, member, c.ID, want)
		}
		got = append(got, i)
		return nil
	})
	if err != nil || len(got) != 23 || slices.Contains(got, 7) {
		t.Errorf("recorded %v (%v), want 0 to 23 but for 7", got, err)
	}
}

func TestHookAndLaterEvents(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	c := dbtest.Tenant(t, db, "acme")
	var hooked []int64
	db.BeforeCommit = func(_ context.Context, _ *tenant.Tx, customers []int64) error {
		hooked = append(hooked, customers...)
		return nil
	}
	refused := errors.New("refused")
	err := db.Write(t.Context(), c.Collector, func(tx *tenant.Tx) error {
		tx.Touch(9, 3, 9)
		tx.Later(tenant.Event{Kind: "refused", Data: map[string]int{"customer": 9}})
		if err := tx.Audit(t.Context(), tenant.Event{Kind: "lost.with.the.rollback"}); err != nil {
			return err
		}
		return refused
	})
	if !errors.Is(err, refused) || hooked != nil {
		t.Errorf("err %v, the hook saw %v", err, hooked)
	}
	must(t, db.Write(t.Context(), c.Collector, func(tx *tenant.Tx) error {
		tx.Touch(9, 3, 9)
		return tx.Audit(t.Context(), tenant.Event{Kind: "kept", Subject: "customer", SubjectID: 9})
	}))
	if len(hooked) != 2 || hooked[0] != 3 || hooked[1] != 9 {
		t.Errorf("the hook saw %v, want each customer once, in order", hooked)
	}
	must(t, db.Read(t.Context(), c.Collector, func(tx *tenant.Tx) error {
		tx.Later(tenant.Event{Kind: "looked"})
		return nil
	}))
	rows, _ := db.Owner(t).Query(t.Context(), `SELECT kind FROM audit_events WHERE member_id = $1 ORDER BY id`, c.CollectorID)
	kinds, err := pgx.CollectRows(rows, pgx.RowTo[string])
	must(t, err)
	if len(kinds) != 3 || kinds[0] != "refused" || kinds[1] != "kept" || kinds[2] != "looked" {
		t.Errorf("recorded: %v", kinds)
	}
}

func TestTodayIsTheTenantsOwn(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	for zone, want := range map[string]day.Day{
		"Pacific/Auckland":    day.New(2026, 4, 6),
		"America/Los_Angeles": day.New(2026, 4, 5),
		"UTC":                 day.New(2026, 4, 5),
	} {
		db.Now = func() time.Time { return time.Date(2026, 4, 5, 12, 30, 0, 0, time.UTC) } // past midnight in Auckland, whose clocks went back that day
		n := tenant.New{Slug: strings.ToLower(zone[:2]), Name: zone, Currency: "NZD", TimeZone: zone, Language: "en", Trial: true}
		_, err := db.Create(t.Context(), n, func(tx *tenant.Tx) error {
			if got := tx.Today(); got != want {
				t.Errorf("%s: today is %s, want %s", zone, got, want)
			}
			return nil
		})
		must(t, err)
	}
}

func TestAnotherDayIsForTrialsOnly(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	c := dbtest.Tenant(t, db, "acme")
	db.TrialDay = day.New(2027, 1, 2)
	must(t, db.Read(t.Context(), c.Admin, func(tx *tenant.Tx) error {
		if tx.Today() != db.TrialDay || tx.Now.UTC().Hour() != 9 {
			t.Errorf("now is %s", tx.Now)
		}
		return nil
	}))
	if _, err := db.Owner(t).Exec(t.Context(), `UPDATE tenants SET trial = false`); err != nil {
		t.Fatal(err)
	}
	err := db.Read(t.Context(), c.Admin, func(*tenant.Tx) error { return nil })
	if !errors.As(err, new(errs.Forbidden)) {
		t.Errorf("real books on another day: %v", err)
	}
}

func TestCreateRefuses(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	dbtest.Tenant(t, db, "acme")
	good := tenant.New{Slug: "new", Name: "New", Currency: "EUR", TimeZone: "Europe/Oslo", Language: "en"}
	for field, spoil := range map[string]func(*tenant.New){
		"slug":      func(n *tenant.New) { n.Slug = "Not a slug" },
		"name":      func(n *tenant.New) { n.Name = "" },
		"currency":  func(n *tenant.New) { n.Currency = "XYZ" },
		"time_zone": func(n *tenant.New) { n.TimeZone = "Mars/Olympus" },
	} {
		n := good
		spoil(&n)
		_, err := db.Create(t.Context(), n, func(*tenant.Tx) error { return nil })
		var inv errs.Invalid
		if !errors.As(err, &inv) || inv[field] == "" {
			t.Errorf("%s: %v", field, err)
		}
	}
	taken := good
	taken.Slug = "acme"
	if _, err := db.Create(t.Context(), taken, func(*tenant.Tx) error { return nil }); !errors.As(err, new(errs.Invalid)) {
		t.Errorf("a slug that is taken: %v", err)
	}
	half := errors.New("half-way")
	if _, err := db.Create(t.Context(), good, func(*tenant.Tx) error { return half }); !errors.Is(err, half) {
		t.Errorf("got %v", err)
	}
	if _, err := db.BySlug(t.Context(), "new"); !errors.Is(err, errs.NotFound) {
		t.Errorf("half a company stayed: %v", err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
