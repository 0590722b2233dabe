package diary_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/day"
	"dunwell/internal/dbtest"
	"dunwell/internal/diary"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// today is the day of dbtest.Monday in Oslo, where it is 10:30.
var today = day.New(2026, 3, 16)

// desk is a company whose collector owns every customer that the test makes,
// beside another company that has the same.
type desk struct {
	*dbtest.Database
	acme, beta *dbtest.Company
	ids        map[string]int64 // of the customers, by number
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	db := dbtest.New(t)
	d := &desk{Database: db, acme: dbtest.Tenant(t, db, "acme"), beta: dbtest.Tenant(t, db, "beta"), ids: map[string]int64{}}
	d.must(t, d.beta.System(), func(tx *tenant.Tx) error {
		id, _ := dbtest.Customer(t, tx, "theirs")
		_, err := tx.Exec(t.Context(), `UPDATE customers SET owner_id = $1, watch_reason = 'theirs', watch_until = '2026-03-15'`, d.beta.CollectorID)
		return errors.Join(err, plan(t, tx, id, d.beta.CollectorID, "2026-03-16"))
	})
	return d
}

func (d *desk) must(t *testing.T, who tenant.Who, f func(*tenant.Tx) error) {
	t.Helper()
	if err := d.Write(t.Context(), who, f); err != nil {
		t.Fatal(err)
	}
}

// exec runs SQL in the company's own scope.
func (d *desk) exec(t *testing.T, sql string, args ...any) {
	t.Helper()
	d.must(t, d.acme.System(), func(tx *tenant.Tx) error {
		_, err := tx.Exec(t.Context(), sql, args...)
		return err
	})
}

// owner runs SQL that app may not.
func (d *desk) owner(t *testing.T, sql string, args ...any) {
	t.Helper()
	if _, err := d.Owner(t).Exec(t.Context(), sql, args...); err != nil {
		t.Fatal(err)
	}
}

// customer makes one of that number and name, owned by the collector.
func (d *desk) customer(t *testing.T, number string) int64 {
	t.Helper()
	if id := d.ids[number]; id != 0 {
		return id
	}
	d.must(t, d.acme.System(), func(tx *tenant.Tx) error {
		id, _ := dbtest.Customer(t, tx, number)
		d.ids[number] = id
		_, err := tx.Exec(t.Context(), `UPDATE customers SET name = $2, owner_id = $3 WHERE id = $1`, id, number, d.acme.CollectorID)
		return err
	})
	return d.ids[number]
}

// due gives the collector follow-ups with the customer, each a day and maybe an
// hour: "2026-03-16 15:00".
func (d *desk) due(t *testing.T, number string, when ...string) {
	t.Helper()
	id := d.customer(t, number)
	d.must(t, d.acme.System(), func(tx *tenant.Tx) error {
		for _, w := range when {
			if err := plan(t, tx, id, d.acme.CollectorID, w); err != nil {
				return err
			}
		}
		return nil
	})
}

// plan writes a follow-up as it stands after its day: followup.Schedule would
// refuse a day that is past.
func plan(t *testing.T, tx *tenant.Tx, customer, member int64, when string) error {
	t.Helper()
	on, at, _ := strings.Cut(when, " ")
	_, err := tx.Exec(t.Context(), `
		INSERT INTO follow_ups (customer_id, assignee_id, due_on, due_at, text, author_id, created_at)
		VALUES (@customer, @member, @on::text::date, nullif(@at, '')::time, 'Do it ' || @when, @member, @now)`,
		pgx.NamedArgs{"customer": customer, "member": member, "on": on, "at": at, "when": when, "now": tx.Now})
	return err
}

// owes sets what is to be collected of the customer, such as "EUR 100".
func (d *desk) owes(t *testing.T, number string, amounts ...string) {
	t.Helper()
	for _, a := range amounts {
		currency, minor, _ := strings.Cut(a, " ")
		d.exec(t, `
			INSERT INTO customer_totals (customer_id, currency, to_collect) VALUES ($1, $2, $3::text::bigint)
			ON CONFLICT (tenant_id, customer_id, currency) DO UPDATE SET to_collect = excluded.to_collect`,
			d.customer(t, number), currency, minor)
	}
}

// read is the first page of the collector's day, as the collector sees it.
func (d *desk) read(t *testing.T) diary.Day {
	t.Helper()
	return d.readAs(t, d.acme.Collector, d.acme.CollectorID, 0)
}

func (d *desk) readAs(t *testing.T, who tenant.Who, member int64, from int) diary.Day {
	t.Helper()
	return d.readKnowing(t, who, member, from, diary.Counts{})
}

// readLately reads the collector's day, which was counted lately.
func (d *desk) readLately(t *testing.T, from int, lately diary.Counts) diary.Day {
	t.Helper()
	return d.readKnowing(t, d.acme.Collector, d.acme.CollectorID, from, lately)
}

func (d *desk) readKnowing(t *testing.T, who tenant.Who, member int64, from int, lately diary.Counts) (page diary.Day) {
	t.Helper()
	err := d.Read(t.Context(), who, func(tx *tenant.Tx) (err error) {
		page, err = diary.Read(t.Context(), tx, member, from, lately)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return page
}

// ranked are the customers in their order, by number.
func ranked(d diary.Day) string {
	var numbers []string
	for _, e := range d.Entries {
		numbers = append(numbers, e.Number)
	}
	return strings.Join(numbers, ", ")
}

// because are the reasons of an entry: "follow_up 2026-03-16 15:00".
func because(e diary.Entry) string {
	var list []string
	for _, r := range e.Reasons {
		list = append(list, strings.TrimSpace(fmt.Sprintf("%s %s %s", r.Kind, r.DueOn, r.DueAt)))
	}
	return strings.Join(list, ", ")
}

func entry(t *testing.T, d diary.Day, number string) diary.Entry {
	t.Helper()
	at := slices.IndexFunc(d.Entries, func(e diary.Entry) bool { return e.Number == number })
	if at < 0 {
		t.Fatalf("%s is not in the list: %s", number, ranked(d))
	}
	return d.Entries[at]
}

func forbidden(err error) bool { return errors.As(err, new(errs.Forbidden)) }

func conflict(err error) bool { return errors.As(err, new(errs.Conflict)) }
