package statementrun_test

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/customer"
	"dunwell/internal/day"
	"dunwell/internal/dbtest"
	"dunwell/internal/document"
	"dunwell/internal/jobs"
	"dunwell/internal/ledger"
	"dunwell/internal/message"
	"dunwell/internal/money"
	"dunwell/internal/statementrun"
	"dunwell/internal/tenant"
)

// desk is a company at the month's end. Its jobs are queued and nobody works them.
type desk struct {
	*dbtest.Database
	*dbtest.Company
	statementrun.Desk
	owner     *pgx.Conn // past row security
	customers map[string]int64
	accounts  map[string]int64
	branch    int64
}

func newDesk(t testing.TB) *desk {
	t.Helper()
	d := &desk{Database: dbtest.New(t), customers: map[string]int64{}, accounts: map[string]int64{}}
	d.Company, d.owner = dbtest.Tenant(t, d.Database, "acme"), d.Database.Owner(t)
	store, err := document.OpenFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	d.Box = &message.Outbox{Store: store}
	if _, err := jobs.New(d.DB, d.Box, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	d.do(t, d.Manager, func(tx *tenant.Tx) error { return d.fill(t, tx) })
	return d
}

// fill makes customers who are open in different ways, the last number first.
func (d *desk) fill(t testing.TB, tx *tenant.Tx) error {
	t.Helper()
	for _, number := range []string{"C-70", "C-60", "C-50", "C-40", "C-30", "C-20", "C-10"} {
		d.customers[number], d.accounts[number] = dbtest.Customer(t, tx, number)
	}
	dbtest.Item(t, tx, d.accounts["C-10"], "I-10", "2026-04-10", 20_002, "EUR") // not due yet
	dbtest.Item(t, tx, d.accounts["C-10"], "I-11", "2026-03-15", 3_003, "JPY")
	dbtest.Item(t, tx, d.accounts["C-20"], "I-20", "2026-02-20", 40_004, "EUR")
	dbtest.Item(t, tx, d.accounts["C-30"], "I-30", "2026-02-20", 10_001, "EUR")
	dbtest.Item(t, tx, d.accounts["C-40"], "I-40", "2026-02-20", 50_005, "EUR")
	dbtest.Item(t, tx, d.accounts["C-50"], "I-50", "2026-02-20", 60_006, "EUR")
	err := errors.Join(d.pay(t, tx, "C-70", "2026-03-02", 7_007),
		tx.QueryRow(t.Context(), `INSERT INTO branches (name) VALUES ('North') RETURNING id`).Scan(&d.branch))
	for _, sql := range []string{
		`UPDATE customers SET street = 'Storgata 1', city = 'Oslo' WHERE number <> 'C-20'`,
		fmt.Sprintf(`UPDATE customers SET language = 'fr', tags = '{vip}', owner_id = %d, branch_id = %d WHERE number = 'C-30'`, d.CollectorID, d.branch),
	} {
		if _, no := tx.Exec(t.Context(), sql); no != nil {
			err = errors.Join(err, no)
		}
	}
	_, no := customer.PlaceStop(t.Context(), tx, d.customers["C-40"], customer.Stop{Kind: "hardship", Reason: "Lost the job", Since: tx.Today(), ReviewOn: tx.Today().Add(30)})
	return errors.Join(err, no, customer.Archive(t.Context(), tx, d.customers["C-50"], "They moved away"))
}

// pay books money that is applied to nothing, or to an item.
func (d *desk) pay(t testing.TB, tx *tenant.Tx, number, on string, minor int64, items ...int64) error {
	t.Helper()
	value, err := day.Parse(on)
	if err != nil {
		return err
	}
	p := ledger.Payment{CustomerID: d.customers[number], AccountID: d.accounts[number], Number: "P-" + number, ValueOn: value, Amount: money.New(minor, "EUR")}
	for _, id := range items {
		p.Lines = append(p.Lines, ledger.Line{ItemID: id, Minor: minor})
	}
	_, err = ledger.Record(t.Context(), tx, p)
	return err
}

func (d *desk) do(t testing.TB, who tenant.Who, f func(tx *tenant.Tx) error) {
	t.Helper()
	if err := d.Write(t.Context(), who, f); err != nil {
		t.Fatal(err)
	}
}

func (d *desk) plan(t testing.TB, ch statementrun.Choice) (p statementrun.Plan, err error) {
	t.Helper()
	err = d.Read(t.Context(), d.Manager, func(tx *tenant.Tx) (err error) {
		p, err = statementrun.Read(t.Context(), tx, ch)
		return err
	})
	return p, err
}

func (d *desk) start(t testing.TB, ch statementrun.Choice) (run int64, err error) {
	t.Helper()
	err = d.Write(t.Context(), d.Manager, func(tx *tenant.Tx) (err error) {
		run, err = d.Start(t.Context(), tx, ch)
		return err
	})
	return run, err
}

// begun is start where it goes well.
func (d *desk) begun(t testing.TB, ch statementrun.Choice) statementrun.Args {
	t.Helper()
	run, err := d.start(t, ch)
	if err != nil {
		t.Fatal(err)
	}
	return statementrun.Args{Tenant: d.ID, Run: run}
}

func (d *desk) find(t testing.TB, run int64) (r statementrun.Run, left []statementrun.LeftOut) {
	t.Helper()
	d.do(t, d.Manager, func(tx *tenant.Tx) (err error) {
		r, left, err = statementrun.Find(t.Context(), tx, run, 100)
		return err
	})
	return r, left
}

func (d *desk) ask(t testing.TB, sql string, args ...any) (answer string) {
	t.Helper()
	if err := d.owner.QueryRow(t.Context(), `SELECT coalesce((`+sql+`)::text, '')`, args...).Scan(&answer); err != nil {
		t.Fatal(err)
	}
	return answer
}

func (d *desk) exec(t testing.TB, sql string, args ...any) {
	t.Helper()
	if _, err := d.owner.Exec(t.Context(), sql, args...); err != nil {
		t.Fatal(err)
	}
}

// whys are the numbers of those who are left out with the reasons.
func whys(left []statementrun.LeftOut) string {
	var list []string
	for _, l := range left {
		list = append(list, l.Number+": "+l.Why)
	}
	return strings.Join(list, "\n")
}

func is(t testing.TB, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %s, want %s", what, got, want)
	}
}

// refuses tells that the error is of the kind and says so.
func refuses[E error](t testing.TB, err error, words string) {
	t.Helper()
	var kind E
	if !errors.As(err, &kind) || !strings.Contains(err.Error(), words) {
		t.Errorf("%v, want %q", err, words)
	}
}

func sums(p statementrun.Plan) string {
	var list []string
	for _, s := range p.Sums {
		list = append(list, fmt.Sprint(s.Currency, " ", s.Customers, " ", s.Open, " ", s.Overdue, " ", s.Credit))
	}
	return strings.Join(list, ", ")
}

func numbers(left []statementrun.LeftOut) string {
	var list []string
	for _, l := range left {
		list = append(list, l.Number)
	}
	slices.Sort(list)
	return strings.Join(list, " ")
}
