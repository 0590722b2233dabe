package activity_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/activity"
	"dunwell/internal/contactrule"
	"dunwell/internal/customer"
	"dunwell/internal/dbtest"
	"dunwell/internal/dunning"
	"dunwell/internal/message"
	"dunwell/internal/tenant"
)

// office is a company that duns, with its contact rules, one debtor who is a business
// with two items overdue, and another company beside it.
type office struct {
	*dbtest.Database
	*dbtest.Company
	beta    *dbtest.Company
	owner   *pgx.Conn // past row security
	debtor  int64
	account int64
	anna    int64 // the debtor's telephone
	mail    int64
	items   [2]int64 // INV-1 and INV-2
}

func newOffice(t testing.TB) *office {
	t.Helper()
	o := &office{Database: dbtest.New(t)}
	o.Company, o.beta, o.owner = dbtest.Tenant(t, o.Database, "acme"), dbtest.Tenant(t, o.Database, "beta"), o.Database.Owner(t)
	o.do(t, o.Admin, func(tx *tenant.Tx) (err error) {
		if err = errors.Join(contactrule.Seed(t.Context(), tx), message.SeedTemplates(t.Context(), tx), dunning.SwitchOn(t.Context(), tx, 6)); err != nil {
			return err
		}
		o.debtor, o.account = dbtest.Customer(t, tx, "C-1")
		if _, err = tx.Exec(t.Context(), `UPDATE customers SET city = 'Oslo', country = 'NO', owner_id = $2 WHERE id = $1`, o.debtor, o.CollectorID); err != nil {
			return err
		}
		if o.anna, err = customer.AddPoint(t.Context(), tx, o.debtor, customer.Point{Kind: customer.Phone, Value: "+47 22 41 09 33", Person: "Anna Holm", Role: customer.Debtor}); err != nil {
			return err
		}
		if o.mail, err = customer.AddPoint(t.Context(), tx, o.debtor, customer.Point{Kind: customer.Email, Value: "anna@debtor.example", Person: "Anna Holm", Role: customer.Debtor}); err != nil {
			return err
		}
		o.items[0] = dbtest.Item(t, tx, o.account, "INV-1", "2026-02-20", 123_456, "EUR")
		o.items[1] = dbtest.Item(t, tx, o.account, "INV-2", "2026-03-05", 7_701, "EUR")
		return nil
	})
	return o
}

func (o *office) do(t testing.TB, who tenant.Who, f func(tx *tenant.Tx) error) {
	t.Helper()
	if err := o.Write(t.Context(), who, f); err != nil {
		t.Fatal(err)
	}
}

// at moves the clock to an hour of a day that is so many days after Monday, in UTC.
func (o *office) at(days, hour, minute int) {
	now := time.Date(2026, 3, 16+days, hour, minute, 0, 0, time.UTC)
	o.Now = func() time.Time { return now }
}

// tryPlace places a call as that person.
func (o *office) tryPlace(t testing.TB, who tenant.Who, a contactrule.Attempt) (id int64, err error) {
	t.Helper()
	if a.CustomerID == 0 {
		a.CustomerID = o.debtor
	}
	err = o.Write(t.Context(), who, func(tx *tenant.Tx) (err error) {
		id, err = activity.Place(t.Context(), tx, a)
		return err
	})
	return id, err
}

// place calls Anna Holm as the collector.
func (o *office) place(t testing.TB) int64 {
	t.Helper()
	id, err := o.tryPlace(t, o.Collector, contactrule.Attempt{PointID: o.anna})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func (o *office) tryConclude(t testing.TB, who tenant.Who, call int64, c activity.Conclusion) (k activity.Kept, err error) {
	t.Helper()
	err = o.Write(t.Context(), who, func(tx *tenant.Tx) (err error) {
		k, err = activity.Conclude(t.Context(), tx, o.debtor, call, c)
		return err
	})
	return k, err
}

func (o *office) conclude(t testing.TB, call int64, c activity.Conclusion) activity.Kept {
	t.Helper()
	k, err := o.tryConclude(t, o.Collector, call, c)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// outcome is the disposition of that name.
func (o *office) outcome(t testing.TB, name string) (id int64) {
	t.Helper()
	if err := o.owner.QueryRow(t.Context(), `SELECT id FROM dispositions WHERE name = $1 AND tenant_id = $2`, name, o.ID).Scan(&id); err != nil {
		t.Fatal(err)
	}
	return id
}

// open is the debtor's open entry of the agenda; its ID is 0 where there is none.
func (o *office) open(t testing.TB) (e dunning.Entry) {
	t.Helper()
	o.do(t, o.Collector, func(tx *tenant.Tx) (err error) {
		e, _, err = dunning.OpenEntry(t.Context(), tx, o.debtor)
		return err
	})
	return e
}

// ask reads one value past row security.
func (o *office) ask(t testing.TB, sql string, args ...any) string {
	t.Helper()
	var s *string
	if err := o.owner.QueryRow(t.Context(), `SELECT (`+sql+`)::text`, args...).Scan(&s); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	if s == nil {
		return ""
	}
	return *s
}

func (o *office) exec(t testing.TB, sql string, args ...any) {
	t.Helper()
	if _, err := o.owner.Exec(t.Context(), sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// journal is what the debtor's journal has of these kinds, line by line.
func (o *office) journal(t testing.TB, kinds ...string) string {
	t.Helper()
	return o.ask(t, `SELECT coalesce(string_agg(kind || ': ' || text, E'\n' ORDER BY seq), '') FROM notes WHERE customer_id = $1 AND kind = ANY($2)`, o.debtor, kinds)
}

// rows counts attempts, outcomes, calls whose outcome is asked for, and promises.
func (o *office) rows(t testing.TB) string {
	t.Helper()
	return o.ask(t, `SELECT concat_ws(' ', (SELECT count(*) FROM call_attempts), (SELECT count(*) FROM call_events), (SELECT count(*) FROM open_calls), (SELECT count(*) FROM promises))`)
}

func is(t testing.TB, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %q, want %q", what, got, want)
	}
}

// refuses fails unless the error refuses in this way with these words.
func refuses[E error](t testing.TB, err error, words string) {
	t.Helper()
	var refused E
	if !errors.As(err, &refused) || !strings.Contains(refused.Error(), words) {
		t.Errorf("got %T %v, want %T with %q", err, err, *new(E), words)
	}
}
