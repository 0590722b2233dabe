package customer_test

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"dunwell/internal/customer"
	"dunwell/internal/dbtest"
	"dunwell/internal/errs"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
)

// company has five customers: Alm and Birk owe EUR, Cedar USD, Dorn nothing, and
// Elm is archived. Their items are overdue unless the due date says otherwise.
func company(t *testing.T, db *dbtest.Database, slug string) *dbtest.Company {
	t.Helper()
	c := dbtest.Tenant(t, db, slug)
	for _, n := range []struct {
		number, name string
		kind         customer.Kind
		owner        int64
		items        []item
	}{
		{"C-100", "Birk & Sønn AS", customer.Business, c.CollectorID, []item{{"2026-03-01", 5_000, "EUR"}, {"2026-03-16", 90_000, "EUR"}}},
		{"C-20", "alm handel", customer.Business, c.ManagerID, []item{{"2026-01-15", 4_100, "EUR"}, {"2026-02-20", 77_700, "USD"}}},
		{"C-3", "Cedar Loans", customer.Consumer, c.CollectorID, []item{{"2025-12-24", 60_250, "USD"}}},
		{"D-4", "Dorn 100% GmbH", customer.Business, 0, nil},
		{"E-5", "Elm, archived", customer.Business, 0, []item{{"2025-11-11", 8_800, "EUR"}}},
	} {
		id, err := create(t, db, c.Manager, customer.New{Number: n.number, Name: n.name, Kind: n.kind, OwnerID: n.owner})
		if err != nil {
			t.Fatal(err)
		}
		write(t, db, c.Manager, func(tx *tenant.Tx) error {
			var account int64
			if err := tx.QueryRow(t.Context(), `SELECT id FROM accounts WHERE customer_id = $1`, id).Scan(&account); err != nil {
				return err
			}
			for i, it := range n.items {
				dbtest.Item(t, tx, account, fmt.Sprintf("%s/%d", n.number, i), it.due, it.amount, it.currency)
			}
			_, err := tx.Exec(t.Context(), `UPDATE customers SET archived_at = now() WHERE number = 'E-5'`)
			return err
		})
	}
	return c
}

type item struct {
	due      string
	amount   int64
	currency money.Currency
}

func list(t *testing.T, db *dbtest.Database, who tenant.Who, f customer.Filter) (rows []customer.Row) {
	t.Helper()
	if f.Currency == "" {
		f.Currency = "EUR"
	}
	if f.Limit == 0 {
		f.Limit = 10
	}
	write(t, db, who, func(tx *tenant.Tx) (err error) {
		rows, err = customer.List(t.Context(), tx, f)
		return err
	})
	return rows
}

func numbers(rows []customer.Row) string {
	var all []string
	for _, r := range rows {
		all = append(all, r.Number)
	}
	return strings.Join(all, " ")
}

func TestList(t *testing.T) {
	t.Parallel()
	db := newDB(t)
	acme := company(t, db, "acme")
	beta := dbtest.Tenant(t, db, "beta")
	var nobody, north int64
	write(t, db, acme.Manager, func(tx *tenant.Tx) error {
		_, err := tx.Exec(t.Context(), `
			WITH lifted AS (
				INSERT INTO stops (customer_id, kind, reason, since, review_on, lifted_by, lifted_at, lift_reason, lift_evidence)
				SELECT id, 'bankruptcy', 'said so', '2026-01-01', '2026-02-01', $1, now(), 'a mistake', 'a letter' FROM customers WHERE number IN ('C-100', 'C-3')
			), stopped AS (
				INSERT INTO stops (customer_id, kind, reason, since, review_on)
				SELECT id, k, 'wrote', '2026-01-01', '2026-06-01' FROM customers, unnest('{hardship,attorney}'::text[]) k WHERE number IN ('C-3', 'E-5')
			)
			UPDATE customers SET tags = CASE number WHEN 'C-100' THEN '{fleet,vip}' ELSE '{fleet}' END::text[], watch_reason = 'careful', watch_until = CASE number WHEN 'C-20' THEN DATE '2026-03-15' ELSE DATE '2026-03-16' END
			WHERE number IN ('C-100', 'C-20', 'E-5')`, acme.ManagerID)
		if err != nil {
			return err
		}
		return tx.QueryRow(t.Context(), `
			WITH b AS (INSERT INTO branches (name) VALUES ('North') RETURNING id),
				moved AS (UPDATE customers SET branch_id = b.id FROM b WHERE number IN ('C-20', 'C-3', 'E-5'))
			SELECT id FROM b`).Scan(&north)
	})
	for _, c := range []struct {
		name string
		f    customer.Filter
		want string
	}{
		{"by overdue", customer.Filter{Sort: customer.ByOverdue}, "C-100 C-20 C-3 D-4"},
		{"by overdue dollars", customer.Filter{Sort: customer.ByOverdue, Currency: "USD"}, "C-20 C-3"},
		{"by the oldest debt", customer.Filter{Sort: customer.ByOldest}, "C-20 C-100 C-3 D-4"},
		{"by the oldest debt in dollars", customer.Filter{Sort: customer.ByOldest, Currency: "USD"}, "C-3 C-20"},
		{"by name", customer.Filter{Sort: customer.ByName}, "C-20 C-100 C-3 D-4"},
		{"by number", customer.Filter{Sort: customer.ByNumber}, "C-100 C-20 C-3 D-4"},
		{"part of the name", customer.Filter{Sort: customer.ByName, Text: " sØNN a"}, "C-100"},
		{"part of the number", customer.Filter{Sort: customer.ByName, Text: "c-2"}, "C-20"},
		{"an item of theirs", customer.Filter{Sort: customer.ByName, Text: "C-20/1"}, "C-20"},
		{"a wildcard is no letter", customer.Filter{Sort: customer.ByName, Text: "1%0"}, "C-100 D-4"},
		{"too little", customer.Filter{Sort: customer.ByName, Text: "d%"}, ""},
		{"nothing like it", customer.Filter{Sort: customer.ByOverdue, Text: "zebra"}, ""},
		{"of an owner", customer.Filter{Sort: customer.ByOverdue, OwnerID: &acme.CollectorID}, "C-100 C-3"},
		{"of nobody", customer.Filter{Sort: customer.ByOverdue, OwnerID: &nobody}, "D-4"},
		{"consumers", customer.Filter{Sort: customer.ByOverdue, Kind: customer.Consumer}, "C-3"},
		{"overdue in any currency", customer.Filter{Sort: customer.ByNumber, Overdue: true}, "C-100 C-20 C-3"},
		{"together", customer.Filter{Sort: customer.ByNumber, Overdue: true, Kind: customer.Business, Text: "alm", OwnerID: &acme.ManagerID}, "C-20"},
		{"archived", customer.Filter{Sort: customer.ByNumber, Archived: true}, "E-5"},
		{"in a branch", customer.Filter{Sort: customer.ByNumber, BranchID: &north}, "C-20 C-3"},
		{"in no branch", customer.Filter{Sort: customer.ByNumber, BranchID: &nobody}, "C-100 D-4"},
		{"stopped", customer.Filter{Sort: customer.ByNumber, Stopped: true}, "C-3"},
		{"watched", customer.Filter{Sort: customer.ByNumber, Watched: true}, "C-100"},
		{"tagged", customer.Filter{Sort: customer.ByNumber, Tag: " Fleet"}, "C-100 C-20"},
		{"tagged otherwise", customer.Filter{Sort: customer.ByOverdue, Tag: "vip", Kind: customer.Business}, "C-100"},
		{"a part of a tag", customer.Filter{Sort: customer.ByOverdue, Tag: "fle"}, ""},
		{"watched in a branch", customer.Filter{Sort: customer.ByNumber, Watched: true, BranchID: &north}, ""},
	} {
		if got := numbers(list(t, db, acme.Collector, c.f)); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		for most, want := range map[int]int{0: len(strings.Fields(c.want)), 2: min(2, len(strings.Fields(c.want)))} {
			write(t, db, acme.Collector, func(tx *tenant.Tx) error {
				f := c.f
				f.Currency = cmp.Or(f.Currency, "EUR")
				var n int
				b := tx.Batch()
				customer.QueueCount(b, f, most, &n)
				err := b.Send(t.Context())
				if n != want {
					t.Errorf("%s: counted %d up to %d, want %d", c.name, n, most, want)
				}
				return err
			})
		}
		if got := numbers(list(t, db, beta.Admin, c.f)); got != "" {
			t.Errorf("%s: another tenant sees %q", c.name, got)
		}
	}
}

func TestListRows(t *testing.T) {
	t.Parallel()
	db := newDB(t)
	acme := company(t, db, "acme")
	write(t, db, acme.Manager, func(tx *tenant.Tx) error {
		_, err := tx.Exec(t.Context(), `
			WITH stopped AS (
				INSERT INTO stops (customer_id, kind, reason, since, review_on)
				SELECT id, k, 'wrote', '2026-01-01', '2026-06-01' FROM customers, unnest('{hardship,attorney}'::text[]) k WHERE number = 'C-3'
			)
			UPDATE customers SET city = 'Halden', watch_reason = 'careful', watch_until = '2026-03-16' WHERE number = 'C-3'`)
		return err
	})
	rows := list(t, db, acme.Collector, customer.Filter{Sort: customer.ByNumber})
	r := rows[2]
	if r.Number != "C-3" || r.Name != "Cedar Loans" || r.Kind != customer.Consumer || r.City != "Halden" || *r.OwnerID != acme.CollectorID ||
		r.BranchID != nil || !slices.Equal(r.Stops, []string{"attorney", "hardship"}) || !r.Watched {
		t.Errorf("the row is %+v", r)
	}
	if r := rows[0]; len(r.Stops) != 0 || r.Watched {
		t.Errorf("another row is %+v", r)
	}
}

// Page by page, each order gives everybody once.
func TestListPages(t *testing.T) {
	t.Parallel()
	db := newDB(t)
	acme := company(t, db, "acme")
	for i := range 3 { // equals, so that the id has to tell them apart
		n := customer.New{Number: fmt.Sprint("F-", i), Name: "Fjord", Kind: customer.Business}
		if _, err := create(t, db, acme.Manager, n); err != nil {
			t.Fatal(err)
		}
	}
	for _, sort := range []customer.Sort{customer.ByOverdue, customer.ByOldest, customer.ByName, customer.ByNumber} {
		whole := numbers(list(t, db, acme.Collector, customer.Filter{Sort: sort}))
		for size := 1; size <= 3; size++ {
			var got []customer.Row
			for after := (customer.Key{}); ; after = got[len(got)-1].Key {
				page := list(t, db, acme.Collector, customer.Filter{Sort: sort, Limit: size, After: after})
				if len(page) == 0 {
					break
				}
				got = append(got, page...)
			}
			if numbers(got) != whole {
				t.Errorf("by %s, %d a page: %s, want %s", sort, size, numbers(got), whole)
			}
		}
	}
}

func TestListRefusesDamagedKeys(t *testing.T) {
	t.Parallel()
	db := newDB(t)
	acme := dbtest.Tenant(t, db, "acme")
	for _, f := range []customer.Filter{
		{Sort: customer.ByOverdue, After: customer.Key{Value: "x", ID: 1}},
		{Sort: customer.ByOverdue, After: customer.Key{Value: "99999999999999999999", ID: 1}},
		{Sort: customer.ByOldest, After: customer.Key{Value: "2026-02-30", ID: 1}},
		{Sort: "height"},
	} {
		err := db.Read(t.Context(), acme.Collector, func(tx *tenant.Tx) error {
			_, err := customer.List(t.Context(), tx, f)
			return err
		})
		if !errors.As(err, new(errs.Invalid)) {
			t.Errorf("%+v: %v", f, err)
		}
	}
}

func TestCurrenciesAndOwners(t *testing.T) {
	t.Parallel()
	db := newDB(t)
	acme := company(t, db, "acme")
	beta := dbtest.Tenant(t, db, "beta")
	write(t, db, acme.System(), func(tx *tenant.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE members SET active = false WHERE id = $1`, acme.CollectorID)
		return err
	})
	for _, c := range []struct {
		who  tenant.Who
		want []money.Currency
	}{{acme.Manager, []money.Currency{"EUR", "USD"}}, {beta.Manager, []money.Currency{"EUR"}}} {
		write(t, db, c.who, func(tx *tenant.Tx) error {
			var got []money.Currency
			b := tx.Batch()
			customer.QueueCurrencies(b, &got)
			err := b.Send(t.Context())
			if !slices.Equal(got, c.want) {
				t.Errorf("currencies %v, want %v", got, c.want)
			}
			return err
		})
	}
	write(t, db, acme.Manager, func(tx *tenant.Tx) error {
		var owners []customer.Owner
		b := tx.Batch()
		customer.QueueOwners(b, &owners)
		err := b.Send(t.Context())
		want := []customer.Owner{{acme.AdminID, "acme admin", true}, {acme.CollectorID, "acme collector", false}, {acme.ManagerID, "acme manager", true}}
		if !slices.Equal(owners, want) {
			t.Errorf("owners %v, want %v", owners, want)
		}
		return err
	})
}
