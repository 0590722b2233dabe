package cases_test

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/cases"
	"dunwell/internal/day"
	"dunwell/internal/dbtest"
	"dunwell/internal/document"
	"dunwell/internal/errs"
	"dunwell/internal/ledger"
	"dunwell/internal/message"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
)

// desk is a company with a customer who owes 600.01 (A, the oldest), 250.02 (B), 90.03
// (C, not due yet) and 7,004 yen (Y), reminded at 10 and 20 days, and another company
// beside it. Its clock stands at 10:30 on Monday 16 March 2026, in Oslo.
type desk struct {
	*dbtest.Database
	acme, beta *dbtest.Company
	id, on     int64 // the customer, and the account
	a, b, c, y int64 // items
	first, two int64 // levels
	jo         int64 // a resolver
	foreign    int64 // a customer of beta
	box        *message.Outbox
	owner      *pgx.Conn // past row security
}

var (
	today  = day.New(2026, 3, 16)
	friday = day.New(2026, 3, 20)
)

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{Database: dbtest.New(t)}
	d.owner = d.Owner(t)
	d.acme, d.beta = dbtest.Tenant(t, d.Database, "acme"), dbtest.Tenant(t, d.Database, "beta")
	store, err := document.OpenFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	d.box = &message.Outbox{Store: store, DB: d.DB}
	d.must(t, d.acme.Admin, func(tx *tenant.Tx) error {
		d.id, d.on = dbtest.Customer(t, tx, "C-1")
		d.a = dbtest.Item(t, tx, d.on, "A", "2026-01-10", 600_01, "EUR")
		d.b = dbtest.Item(t, tx, d.on, "B", "2026-02-10", 250_02, "EUR")
		d.c = dbtest.Item(t, tx, d.on, "C", "2026-04-10", 90_03, "EUR")
		d.y = dbtest.Item(t, tx, d.on, "Y", "2026-03-01", 7_004, "JPY")
		if err := tx.QueryRow(t.Context(), `
			WITH house AS (INSERT INTO policies (name, climb, after_last, is_default) VALUES ('House', 'step', 'manager', true) RETURNING id)
			INSERT INTO levels (policy_id, name, after_days) SELECT id, 'Friendly', 10 FROM house RETURNING id`).Scan(&d.first); err != nil {
			return err
		}
		if err := tx.QueryRow(t.Context(), `
			INSERT INTO levels (policy_id, name, after_days) SELECT id, 'Firm', 20 FROM policies RETURNING id`).Scan(&d.two); err != nil {
			return err
		}
		d.jo, err = cases.SaveResolver(t.Context(), tx, cases.Resolver{Name: "Jo Sales", Email: "Jo@Acme.example", Settles: "prices"})
		return err
	})
	d.must(t, d.beta.Manager, func(tx *tenant.Tx) error {
		d.foreign, _ = dbtest.Customer(t, tx, "C-1")
		return nil
	})
	return d
}

func (d *desk) must(t *testing.T, who tenant.Who, f func(*tenant.Tx) error) {
	t.Helper()
	if err := d.Write(t.Context(), who, f); err != nil {
		t.Fatal(err)
	}
}

// stand moves the clock to 10:30 of a day.
func (d *desk) stand(on day.Day) {
	zone, err := time.LoadLocation("Europe/Oslo")
	if err != nil {
		panic(err)
	}
	at := on.Time(zone).Add(10*time.Hour + 30*time.Minute)
	d.Now = func() time.Time { return at }
}

// status is the company's status of that family.
func (d *desk) status(t *testing.T, family string) (id int64) {
	t.Helper()
	d.one(t, &id, `SELECT id FROM item_statuses WHERE tenant_id = $1 AND family = $2 ORDER BY id LIMIT 1`, d.acme.ID, family)
	return id
}

// one reads a value past row security.
func (d *desk) one(t *testing.T, into any, sql string, args ...any) {
	t.Helper()
	if err := d.owner.QueryRow(context.Background(), sql, args...).Scan(into); err != nil {
		t.Fatal(err)
	}
}

// texts reads lines past row security.
func (d *desk) texts(t *testing.T, sql string, args ...any) []string {
	t.Helper()
	rows, _ := d.owner.Query(t.Context(), sql, args...)
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// journal is what the customer's journal says of cases and statuses, the oldest first.
func (d *desk) journal(t *testing.T) []string {
	return d.texts(t, `SELECT text FROM notes WHERE customer_id = $1 AND kind IN ('case', 'status') ORDER BY seq`, d.id)
}

func (d *desk) lastLine(t *testing.T) string {
	t.Helper()
	all := d.journal(t)
	if len(all) == 0 {
		return ""
	}
	return all[len(all)-1]
}

// tick names items as they stand now.
func (d *desk) tick(t *testing.T, ids ...int64) []cases.Ticked {
	t.Helper()
	list := make([]cases.Ticked, len(ids))
	for n, id := range ids {
		list[n].ID = id
		d.one(t, &list[n].Version, `SELECT version FROM items WHERE id = $1`, id)
	}
	return list
}

// apply does a change as the collector.
func (d *desk) apply(t *testing.T, c cases.Change) (done cases.Done, err error) {
	t.Helper()
	c.CustomerID = d.id
	err = d.Write(t.Context(), d.acme.Collector, func(tx *tenant.Tx) (err error) {
		done, err = cases.Apply(t.Context(), tx, c)
		return err
	})
	return done, err
}

// opened opens a case of the collector with these items.
func (d *desk) opened(t *testing.T, items ...cases.Ticked) int64 {
	t.Helper()
	done, err := d.apply(t, cases.Change{Items: items, Action: cases.NewCase, On: friday, Comment: "The price is wrong.",
		Case: cases.Opening{Title: "Price of March", OwnerID: d.acme.CollectorID}})
	if err != nil {
		t.Fatal(err)
	}
	return done.CaseID
}

func (d *desk) find(t *testing.T, id int64) (c cases.Case) {
	t.Helper()
	d.must(t, d.acme.Manager, func(tx *tenant.Tx) (err error) {
		c, err = cases.Find(t.Context(), tx, id)
		return err
	})
	return c
}

// inside are the numbers of the items in a case, and of those that left it with why.
func (d *desk) inside(t *testing.T, id int64) (in, left []string) {
	t.Helper()
	d.must(t, d.acme.Manager, func(tx *tenant.Tx) error {
		items, err := cases.ItemsOf(t.Context(), tx, id)
		for _, i := range items {
			if i.In() {
				in = append(in, i.Number)
			} else {
				left = append(left, i.Number+" "+i.LeftWhy)
			}
		}
		return err
	})
	return in, left
}

// save changes a case as it stands now.
func (d *desk) save(t *testing.T, id int64, f func(*cases.Edit)) error {
	t.Helper()
	e := d.find(t, id).Edit()
	f(&e)
	return d.Write(t.Context(), d.acme.Collector, func(tx *tenant.Tx) error {
		_, err := cases.Save(t.Context(), tx, id, e)
		return err
	})
}

// comments adds a comment to the history.
func (d *desk) comments(t *testing.T, id int64, text string, shown bool) error {
	t.Helper()
	return d.save(t, id, func(e *cases.Edit) { e.Comment, e.Shown = text, shown })
}

func (d *desk) close(t *testing.T, id int64, c cases.Closing) error {
	t.Helper()
	if c.Version == 0 {
		c.Version = d.find(t, id).Version
	}
	return d.Write(t.Context(), d.acme.Collector, func(tx *tenant.Tx) error { return cases.Close(t.Context(), tx, id, c) })
}

// chased is what may be collected of an item today, and why not the rest.
func (d *desk) chased(t *testing.T, item int64) (minor int64, held string) {
	t.Helper()
	d.must(t, d.acme.Manager, func(tx *tenant.Tx) error {
		return tx.QueryRow(t.Context(), `
			SELECT c.collectable, c.held
			FROM collectable($2) c
			WHERE c.tenant_id = $1 AND c.item_id = $3`, tx.Actor.TenantID, today, item).Scan(&minor, &held)
	})
	return minor, held
}

// chases fails the test unless that much of the item is chased.
func (d *desk) chases(t *testing.T, item, want int64) {
	t.Helper()
	if got, held := d.chased(t, item); got != want {
		t.Errorf("of item %d %d is chased (%s), want %d", item, got, held, want)
	}
}

// figure is the customer's in EUR, which adds up whatever it is.
func (d *desk) figure(t *testing.T) (f ledger.Figure) {
	t.Helper()
	d.must(t, d.acme.Manager, func(tx *tenant.Tx) error {
		all, err := ledger.Figures(t.Context(), tx, []int64{d.id})
		if len(all[d.id]) > 0 {
			f = all[d.id][0]
		}
		return err
	})
	if f.Held != f.Disputed+f.Paused+f.Stopped+f.Promised || f.Overdue-f.Held-f.Used() != f.ToCollect || f.ToCollect < 0 {
		t.Errorf("the figure does not add up: %+v", f)
	}
	return f
}

// pay records money that pays the item.
func (d *desk) pay(t *testing.T, number string, item, minor int64) (id int64) {
	t.Helper()
	d.must(t, d.acme.Collector, func(tx *tenant.Tx) error {
		r, err := ledger.Record(t.Context(), tx, ledger.Payment{CustomerID: d.id, AccountID: d.on, Number: number, ValueOn: today,
			Amount: money.New(minor, "EUR"), Lines: []ledger.Line{{ItemID: item, Minor: minor}}})
		id = r.ID
		return err
	})
	return id
}

func invalid(err error, fields ...string) bool {
	var inv errs.Invalid
	if !errors.As(err, &inv) || len(inv) != len(fields) {
		return false
	}
	return !slices.ContainsFunc(fields, func(f string) bool { return inv[f] == "" })
}

func isInvalid(err error) bool { return errors.As(err, new(errs.Invalid)) }

func conflict(err error, words string) bool {
	var c errs.Conflict
	return errors.As(err, &c) && strings.Contains(string(c), words)
}

func forbidden(err error) bool { return errors.As(err, new(errs.Forbidden)) }

func missing(err error) bool { return errors.Is(err, errs.NotFound) }

func same(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n%s\nwant\n%s", what, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func itoa(id int64) string { return strconv.FormatInt(id, 10) }
