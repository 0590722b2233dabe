package customer_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"dunwell/internal/customer"
	"dunwell/internal/dbtest"
	"dunwell/internal/errs"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

func assign(t *testing.T, db *dbtest.Database, who tenant.Who, ch customer.Choice, owner int64) (n int, err error) {
	t.Helper()
	if ch.Filter.Currency == "" {
		ch.Filter.Currency = "EUR"
	}
	err = db.Write(t.Context(), who, func(tx *tenant.Tx) (err error) {
		n, _, err = customer.Assign(t.Context(), tx, ch, owner)
		return err
	})
	return n, err
}

// owners writes who works whom, by number.
func owners(t *testing.T, db *dbtest.Database, c *dbtest.Company) (all string) {
	t.Helper()
	write(t, db, c.System(), func(tx *tenant.Tx) error {
		return tx.QueryRow(t.Context(), `
			SELECT string_agg(c.number || ' ' || coalesce(m.role, 'nobody'), ', ' ORDER BY c.number)
			FROM customers c
			LEFT JOIN members m ON m.tenant_id = c.tenant_id AND m.id = c.owner_id`).Scan(&all)
	})
	return all
}

func ids(t *testing.T, db *dbtest.Database, c *dbtest.Company, numbers ...string) (list []int64) {
	t.Helper()
	write(t, db, c.System(), func(tx *tenant.Tx) error {
		return tx.QueryRow(t.Context(), `SELECT array_agg(id) FROM customers WHERE number = ANY($1)`, numbers).Scan(&list)
	})
	return list
}

func TestAssign(t *testing.T) {
	t.Parallel()
	db := newDB(t)
	acme, beta := company(t, db, "acme"), company(t, db, "beta")
	before := owners(t, db, beta)
	// C-100 and C-3 are the collector's, C-20 the manager's, D-4 and E-5 nobody's
	for _, c := range []struct {
		name string
		ch   customer.Choice
		to   int64
		n    int
		want string
	}{
		{"ticked, one of them there already", customer.Choice{IDs: ids(t, db, acme, "C-100", "C-20", "D-4", "D-4")}, acme.CollectorID, 2,
			"C-100 collector, C-20 collector, C-3 collector, D-4 collector, E-5 nobody"},
		{"all that fit", customer.Choice{All: true, Filter: customer.Filter{Text: "c-", Kind: customer.Business, Overdue: true}}, acme.AdminID, 0, ""},
		{"all businesses overdue", customer.Choice{All: true, Filter: customer.Filter{Kind: customer.Business, Overdue: true, Limit: 1,
			After: customer.Key{Value: "1", ID: 1}}}, acme.AdminID, 2, "C-100 admin, C-20 admin, C-3 collector, D-4 collector, E-5 nobody"},
		{"found by text", customer.Choice{All: true, Filter: customer.Filter{Text: "sonn"}}, 0, 1,
			"C-100 nobody, C-20 admin, C-3 collector, D-4 collector, E-5 nobody"},
		{"an archived one", customer.Choice{All: true, Filter: customer.Filter{Archived: true}}, acme.ManagerID, 1,
			"C-100 nobody, C-20 admin, C-3 collector, D-4 collector, E-5 manager"},
		{"all", customer.Choice{All: true}, acme.ManagerID, 4, "C-100 manager, C-20 manager, C-3 manager, D-4 manager, E-5 manager"},
		{"all again", customer.Choice{All: true}, acme.ManagerID, 0, "C-100 manager, C-20 manager, C-3 manager, D-4 manager, E-5 manager"},
	} {
		n, err := assign(t, db, acme.Manager, c.ch, c.to)
		if c.want == "" {
			if !errors.As(err, new(errs.Invalid)) {
				t.Errorf("%s: %v, want to be told that nobody fits", c.name, err)
			}
			continue
		}
		if err != nil || n != c.n {
			t.Errorf("%s: %d changed, want %d; %v", c.name, n, c.n, err)
		}
		if got := owners(t, db, acme); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	if after := owners(t, db, beta); after != before {
		t.Errorf("another tenant's became %s", after)
	}
	write(t, db, acme.Collector, func(tx *tenant.Tx) error {
		notes, err := dbtest.Ask(t, tx, func(b *tenant.Batch, into *[]note.Note) {
			note.QueueList(b, note.Filter{CustomerID: ids(t, db, acme, "C-20")[0], Limit: 9}, into)
		})
		var texts []string
		for _, n := range notes {
			texts = append(texts, n.Author+": "+n.Text)
		}
		want := []string{
			"acme manager: Changed owner from acme admin to acme manager.", "acme manager: Changed owner from acme collector to acme admin.",
			"acme manager: Changed owner from acme manager to acme collector.", "acme manager: Created as business customer C-20, alm handel.",
		}
		if strings.Join(texts, "\n") != strings.Join(want, "\n") {
			t.Errorf("the journal says\n%s\nwant\n%s", strings.Join(texts, "\n"), strings.Join(want, "\n"))
		}
		c, ferr := customer.Find(t.Context(), tx, ids(t, db, acme, "C-20")[0])
		if c.Version != 4 {
			t.Errorf("version %d after three changes", c.Version)
		}
		return errors.Join(err, ferr)
	})
}

func TestAssignRefused(t *testing.T) {
	t.Parallel()
	db := newDB(t)
	acme, beta := company(t, db, "acme"), company(t, db, "beta")
	write(t, db, acme.System(), func(tx *tenant.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE members SET role = 'admin' WHERE id = $1`, acme.ManagerID)
		_, left := tx.Exec(t.Context(), `UPDATE members SET active = false WHERE id = $1`, acme.AdminID)
		return errors.Join(err, left)
	})
	before := owners(t, db, acme)
	all, mine := customer.Choice{All: true}, customer.Choice{IDs: ids(t, db, acme, "C-100")}
	theirs := customer.Choice{IDs: append(ids(t, db, beta, "C-20"), mine.IDs...)}
	for name, c := range map[string]struct {
		who    tenant.Who
		ch     customer.Choice
		to     int64
		target any
	}{
		"by a collector":          {acme.Collector, mine, acme.CollectorID, new(errs.Forbidden)},
		"to another tenant's":     {acme.Manager, all, beta.CollectorID, new(errs.Invalid)},
		"to one who left":         {acme.Manager, all, acme.AdminID, new(errs.Invalid)},
		"nobody ticked":           {acme.Manager, customer.Choice{}, 0, new(errs.Invalid)},
		"nobody fits":             {acme.Manager, customer.Choice{All: true, Filter: customer.Filter{Text: "zebra"}}, 0, new(errs.Invalid)},
		"another tenant's ticked": {acme.Manager, theirs, 0, nil},
	} {
		n, err := assign(t, db, c.who, c.ch, c.to)
		if n != 0 || (c.target == nil && !errors.Is(err, errs.NotFound)) || (c.target != nil && !errors.As(err, c.target)) {
			t.Errorf("%s: %d changed, %v", name, n, err)
		}
	}
	if got := owners(t, db, acme); got != before {
		t.Errorf("owners became %s", got)
	}
}

// Whoever was merged into another is no choice: they are neither counted nor given away,
// whether they are ticked or fit the filter.
func TestChosenWithoutTheMerged(t *testing.T) {
	t.Parallel()
	db := newDB(t)
	acme := company(t, db, "acme")
	archived := customer.Choice{All: true, Filter: customer.Filter{Archived: true, Currency: "EUR"}}
	write(t, db, acme.System(), func(tx *tenant.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE customers SET merged_into = (SELECT id FROM customers WHERE number = 'C-3'), merged_at = now(), archived_at = now() WHERE number = 'D-4'`)
		return err
	})
	for _, c := range []struct {
		name  string
		ch    customer.Choice
		n     int
		owner string
	}{
		{"ticked with another", customer.Choice{IDs: ids(t, db, acme, "C-20", "D-4")}, 1, "C-100 collector, C-20 admin, C-3 collector, D-4 nobody, E-5 nobody"},
		{"all archived", archived, 1, "C-100 collector, C-20 admin, C-3 collector, D-4 nobody, E-5 admin"},
	} {
		write(t, db, acme.Manager, func(tx *tenant.Tx) error {
			n, err := customer.CountChosen(t.Context(), tx, c.ch)
			list, lerr := customer.Chosen(t.Context(), tx, c.ch)
			shown, b := c.n, tx.Batch()
			if c.ch.All {
				customer.QueueCount(b, c.ch.Filter, 9, &shown)
			}
			berr := b.Send(t.Context())
			if n != c.n || len(list) != c.n || shown != c.n {
				t.Errorf("%s: counted %d, listed %d, on the button %d, want %d", c.name, n, len(list), shown, c.n)
			}
			return errors.Join(err, lerr, berr)
		})
		if n, err := assign(t, db, acme.Manager, c.ch, acme.AdminID); err != nil || n != c.n {
			t.Errorf("%s: %d changed, %v", c.name, n, err)
		}
		if got := owners(t, db, acme); got != c.owner {
			t.Errorf("%s: %s, want %s", c.name, got, c.owner)
		}
	}
	if _, err := assign(t, db, acme.Manager, customer.Choice{IDs: ids(t, db, acme, "D-4")}, acme.AdminID); !errors.As(err, new(errs.Invalid)) || !strings.Contains(err.Error(), "was merged into another customer") {
		t.Errorf("alone: %v", err)
	}
}

func TestTwoAssignAtOnce(t *testing.T) {
	t.Parallel()
	db := newDB(t)
	acme := dbtest.Tenant(t, db, "acme")
	write(t, db, acme.System(), func(tx *tenant.Tx) error {
		for i := range 60 {
			dbtest.Customer(t, tx, fmt.Sprintf("%c-%d", 'z'-rune(i%7), i))
		}
		return nil
	})
	var wait sync.WaitGroup
	for i, to := range []int64{acme.CollectorID, acme.ManagerID, acme.CollectorID, acme.ManagerID} {
		wait.Go(func() {
			f := customer.Filter{Sort: customer.ByName}
			if i%2 == 0 {
				f.Sort = customer.ByOverdue
			}
			if _, err := assign(t, db, acme.Manager, customer.Choice{All: true, Filter: f}, to); err != nil {
				t.Errorf("assign to %d: %v", to, err)
			}
		})
	}
	wait.Wait()
	if got := owners(t, db, acme); strings.Contains(got, "nobody") || strings.Contains(got, "manager") == strings.Contains(got, "collector") {
		t.Errorf("the last one did not get all: %s", got)
	}
}
