package customer_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"dunwell/internal/customer"
	"dunwell/internal/dbtest"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

func (d *desk) find(t *testing.T) (c customer.Customer) {
	t.Helper()
	write(t, d.db, d.acme.Collector, func(tx *tenant.Tx) (err error) {
		c, err = customer.Find(t.Context(), tx, d.id)
		return err
	})
	return c
}

func (d *desk) edit(t *testing.T, who tenant.Who, version int, f customer.Fields) (changed bool, err error) {
	t.Helper()
	err = d.do(t, who, func(tx *tenant.Tx) (err error) {
		changed, err = customer.Edit(t.Context(), tx, d.id, version, f)
		return err
	})
	return changed, err
}

func TestEdit(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	var branch, policy int64
	write(t, d.db, d.acme.Admin, func(tx *tenant.Tx) error {
		return tx.QueryRow(t.Context(), `
			WITH b AS (INSERT INTO branches (name) VALUES ('North') RETURNING id), p AS (INSERT INTO policies (name) VALUES ('Gently') RETURNING id)
			SELECT b.id, p.id FROM b, p`).Scan(&branch, &policy)
	})
	f := d.find(t).Fields()
	f.Name, f.Kind, f.Street, f.PostalCode, f.City = "Halden  Freight AS", customer.Consumer, "Kaigata 4", "1767", "Halden"
	f.Region, f.Country, f.Language, f.TimeZone = "Østfold", "se", "NB", "Europe/Oslo"
	f.OwnerID, f.BranchID, f.PolicyID, f.Tags = d.acme.CollectorID, branch, policy, " Vip,fleet ,, FLEET, key  account"
	if changed, err := d.edit(t, d.acme.Manager, 1, f); !changed || err != nil {
		t.Fatalf("%v, %v", changed, err)
	}
	c := d.find(t)
	want := f
	want.Name, want.Country, want.Language, want.Tags = "Halden Freight AS", "SE", "nb", "fleet, key account, vip"
	if c.Fields() != want || c.Policy != "Gently" || len(c.Tags) != 3 || c.Owner != "acme collector" || c.Branch != "North" || c.Version != 2 {
		t.Errorf("the customer is %+v", c)
	}
	d.said(t, `changed: Changed name from “Customer 100” to “Halden Freight AS”; kind from “business” to “consumer”; street from “” to “Kaigata 4”; `+
		`postal code from “” to “1767”; city from “” to “Halden”; region from “” to “Østfold”; country from “NO” to “SE”; language from “” to “nb”; `+
		`time zone from “” to “Europe/Oslo”; tags from “” to “fleet, key account, vip”; owner from nobody to acme collector; branch from none to North; `+
		`dunning policy from what the rules say to Gently.`)
	if changed, err := d.edit(t, d.acme.Collector, 2, c.Fields()); changed || err != nil {
		t.Errorf("nothing was different: %v, %v", changed, err)
	}
	if _, err := d.edit(t, d.acme.Manager, 1, f); !errors.Is(err, customer.Moved) {
		t.Errorf("from an older page: %v", err)
	}
	write(t, d.db, d.acme.Manager, func(tx *tenant.Tx) error {
		head, err := customer.JournalHead(t.Context(), tx, d.id)
		edits, eerr := customer.EditsSince(t.Context(), tx, d.id, head-1, 0, "changed")
		none, nerr := customer.EditsSince(t.Context(), tx, d.id, head, 0, "changed")
		if len(edits) != 1 || edits[0].Author != "acme manager" || len(none) != 0 {
			t.Errorf("edits %+v, then %+v", edits, none)
		}
		return errors.Join(err, eerr, nerr)
	})
}

// Those merged into a customer are of its branch, so that who sees it sees what was
// said to them; no other customer is.
func TestDuplicatesFollowTheBranch(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	branches := func() (all string) {
		write(t, d.db, d.acme.System(), func(tx *tenant.Tx) error {
			return tx.QueryRow(t.Context(), `
				SELECT string_agg(c.number || ' ' || coalesce(b.name, 'none'), ', ' ORDER BY c.number)
				FROM customers c
				LEFT JOIN branches b ON b.tenant_id = c.tenant_id AND b.id = c.branch_id
				WHERE c.tenant_id = $1`, d.acme.ID).Scan(&all)
		})
		return all
	}
	f := d.find(t).Fields()
	write(t, d.db, d.acme.Admin, func(tx *tenant.Tx) error {
		dbtest.Customer(t, tx, "300")
		dup, _ := dbtest.Customer(t, tx, "200")
		if _, err := tx.Exec(t.Context(), `UPDATE customers SET merged_into = $1, merged_at = now(), archived_at = now() WHERE id = $2`, d.id, dup); err != nil {
			return err
		}
		return tx.QueryRow(t.Context(), `INSERT INTO branches (name) VALUES ('North') RETURNING id`).Scan(&f.BranchID)
	})
	if _, err := d.edit(t, d.acme.Manager, 1, f); err != nil {
		t.Fatal(err)
	}
	if got := branches(); got != "100 North, 200 North, 300 none" {
		t.Errorf("edited: %s", got)
	}
	write(t, d.db, d.acme.Manager, func(tx *tenant.Tx) error {
		if err := customer.StageCustomers(t.Context(), tx); err != nil {
			return err
		}
		if _, err := tx.Exec(t.Context(), `
			WITH south AS (INSERT INTO branches (name) VALUES ('South') RETURNING id)
			INSERT INTO load_customers (line, outcome, customer_id, seen_version, number, name, kind, branch_id)
			SELECT 2, 'changed', c.id, c.version, c.number, c.name, c.kind, south.id FROM customers c, south WHERE c.number = '100'`); err != nil {
			return err
		}
		return customer.Load(t.Context(), tx, "a test")
	})
	if got := branches(); got != "100 South, 200 South, 300 none" {
		t.Errorf("loaded: %s", got)
	}
}

func TestEditRefused(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	write(t, d.db, d.acme.System(), func(tx *tenant.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE members SET active = false WHERE id = $1`, d.acme.ManagerID)
		_, other := tx.Exec(t.Context(), `INSERT INTO branches (name, retired_at) VALUES ('Gone', now())`)
		return errors.Join(err, other)
	})
	var retired, policy int64
	write(t, d.db, d.acme.System(), func(tx *tenant.Tx) error {
		return tx.QueryRow(t.Context(), `INSERT INTO policies (name, retired_at) VALUES ('Gone', now()) RETURNING id`).Scan(&policy)
	})
	if err := d.db.Owner(t).QueryRow(t.Context(), `SELECT id FROM branches`).Scan(&retired); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		change func(*customer.Fields)
		field  string
	}{
		{"no name", func(f *customer.Fields) { f.Name = "\t" }, "name"},
		{"an invisible name", func(f *customer.Fields) { f.Name = "\u200b\u2060" }, "name"},
		{"an invisible name with a blank", func(f *customer.Fields) { f.Name = "\u200b\u2060 " }, "name"},
		{"a name turned round", func(f *customer.Fields) { f.Name = "Ac\u202eme" }, "name"},
		{"a long name", func(f *customer.Fields) { f.Name = strings.Repeat("ø", 201) }, "name"},
		{"no kind", func(f *customer.Fields) { f.Kind = "" }, "kind"},
		{"a long street", func(f *customer.Fields) { f.Street = strings.Repeat("x", 301) }, "street"},
		{"no country", func(f *customer.Fields) { f.Country = "Norway" }, "country"},
		{"no language", func(f *customer.Fields) { f.Language = "nor" }, "language"},
		{"no time zone", func(f *customer.Fields) { f.TimeZone = "Oslo" }, "time_zone"},
		{"a way out of the time zones", func(f *customer.Fields) { f.TimeZone = "../../etc/passwd" }, "time_zone"},
		{"another tenant's member", func(f *customer.Fields) { f.OwnerID = d.beta.CollectorID }, "owner"},
		{"a member who left", func(f *customer.Fields) { f.OwnerID = d.acme.ManagerID }, "owner"},
		{"a retired branch", func(f *customer.Fields) { f.BranchID = retired }, "branch"},
		{"a retired policy", func(f *customer.Fields) { f.PolicyID = policy }, "policy"},
		{"a long tag", func(f *customer.Fields) { f.Tags = "fleet, " + strings.Repeat("ø", 41) }, "tags"},
		{"many tags", func(f *customer.Fields) { f.Tags = "a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,s,t,u" }, "tags"},
	} {
		f := d.find(t).Fields()
		c.change(&f)
		if _, err := d.edit(t, d.acme.Admin, 1, f); !invalid(err, c.field) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	f := d.find(t).Fields()
	f.OwnerID = d.acme.CollectorID
	if _, err := d.edit(t, d.acme.Collector, 1, f); !forbidden(err) {
		t.Errorf("a collector gives the customer to somebody: %v", err)
	}
	f = d.find(t).Fields()
	f.PolicyID = policy
	if _, err := d.edit(t, d.acme.Collector, 1, f); !forbidden(err) {
		t.Errorf("a collector chooses the policy: %v", err)
	}
	f = d.find(t).Fields()
	f.City, f.Tags = "Moss", "fleet"
	if _, err := d.edit(t, d.beta.Manager, 1, f); !errors.Is(err, errs.NotFound) {
		t.Errorf("another tenant: %v", err)
	}
	if _, err := d.edit(t, d.acme.Collector, 1, f); err != nil {
		t.Errorf("a collector corrects the city: %v", err)
	}
}

func TestEditedByTwoAtOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	var (
		wait sync.WaitGroup
		got  [2]error
	)
	for i, who := range []tenant.Who{d.acme.Collector, d.acme.Manager} {
		f := d.find(t).Fields()
		f.City = []string{"Moss", "Halden"}[i]
		wait.Go(func() {
			got[i] = d.db.Write(t.Context(), who, func(tx *tenant.Tx) error {
				_, err := customer.Edit(t.Context(), tx, d.id, 1, f)
				return err
			})
		})
	}
	wait.Wait()
	if (got[0] == nil) == (got[1] == nil) || !errors.Is(errors.Join(got[:]...), customer.Moved) {
		t.Errorf("two at once: %v and %v", got[0], got[1])
	}
}
