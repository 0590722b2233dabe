package customer_test

import (
	"errors"
	"strings"
	"testing"

	"dunwell/internal/customer"
	"dunwell/internal/dbtest"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// split divides acme's people where collectors see their branch only: the collector is
// of North, the one called loose of no branch, as the manager is.
func (d *desk) split(t *testing.T) (north, south, loose int64) {
	t.Helper()
	write(t, d.db, d.acme.System(), func(tx *tenant.Tx) error {
		loose, _ = dbtest.Member(t, tx, "loose", tenant.Collector)
		return tx.QueryRow(t.Context(), `
			WITH b AS (INSERT INTO branches (name) VALUES ('North'), ('South') RETURNING id, name),
				m AS (UPDATE members SET branch_id = b.id FROM b WHERE b.name = 'North' AND members.id = $1)
			SELECT min(id) FILTER (WHERE name = 'North'), min(id) FILTER (WHERE name = 'South') FROM b`, d.acme.CollectorID).Scan(&north, &south)
	})
	d.limit(t, true)
	return north, south, loose
}

func (d *desk) limit(t *testing.T, on bool) {
	t.Helper()
	if _, err := d.db.Owner(t).Exec(t.Context(), `UPDATE tenants SET branch_limited = $1`, on); err != nil {
		t.Fatal(err)
	}
}

// refusal is the field of a refusal and what is said there.
func refusal(err error) (field, said string) {
	var inv errs.Invalid
	if errors.As(err, &inv) {
		for field, said = range inv {
		}
	}
	return field, said
}

func TestOwnerSeesTheCustomer(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	north, south, loose := d.split(t)
	const (
		another = "acme collector sees the customers of North only, and this one would be of South. Choose as the owner somebody of South, a manager or an administrator."
		none    = "acme collector sees the customers of North only, and this one would be of no branch. Choose its branch too, or as the owner a manager or an administrator."
	)
	for _, c := range []struct {
		name          string
		open          bool // collectors see all
		owner, branch int64
		said          string // at the owner; empty: it is done
	}{
		{"own branch", false, d.acme.CollectorID, north, ""},
		{"another branch", false, d.acme.CollectorID, south, another},
		{"no branch", false, d.acme.CollectorID, 0, none},
		{"another branch, collectors see all", true, d.acme.CollectorID, south, ""},
		{"no branch, collectors see all", true, d.acme.CollectorID, 0, ""},
		{"a member of no branch", false, loose, south, "loose collector is of no branch and sees no customers, and this one would be of South."},
		{"neither has a branch", false, loose, 0, "loose collector is of no branch and sees no customers, and this one would be of no branch."},
		{"a manager", false, d.acme.ManagerID, south, ""},
		{"a manager, no branch", false, d.acme.ManagerID, 0, ""},
		{"nobody", false, 0, south, ""},
		{"another tenant's", false, d.beta.CollectorID, south, "There is no such member."},
	} {
		d.limit(t, !c.open)
		judge := func(how string, err error) {
			if field, said := refusal(err); !strings.HasPrefix(said, c.said) || (c.said == "") != (err == nil) || c.said != "" && field != "owner" {
				t.Errorf("%s, %s: %v, want %q", c.name, how, err, c.said)
			}
		}
		write(t, d.db, d.acme.System(), func(tx *tenant.Tx) error {
			_, err := tx.Exec(t.Context(), `UPDATE customers SET owner_id = $2, branch_id = NULL, version = 1 WHERE id = $1`, d.id, d.acme.AdminID)
			return err
		})
		now := customer.Fields{Name: "Customer 100", Kind: customer.Business, Country: "NO", OwnerID: c.owner, BranchID: c.branch}
		_, err := d.edit(t, d.acme.Manager, 1, now)
		judge("edited", err)
		_, err = create(t, d.db, d.acme.Manager, customer.New{Number: c.name, Name: "New", Kind: customer.Business, OwnerID: c.owner, BranchID: c.branch})
		judge("created", err)
	}
	if _, err := create(t, d.db, d.acme.Manager, customer.New{Number: "B", Name: "New", Kind: customer.Business, BranchID: 999_999}); !invalid(err, "branch") {
		t.Errorf("created in no branch there is: %v", err)
	}
}

// A customer does not move away from its owner unseen. Both may change together, and
// whoever was left behind is no reason to refuse another change.
func TestBranchWithAnOwner(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	north, south, _ := d.split(t)
	f := d.findAs(t, d.acme.Manager).Fields()
	f.OwnerID, f.BranchID = d.acme.CollectorID, north
	if _, err := d.edit(t, d.acme.Manager, 1, f); err != nil {
		t.Fatal(err)
	}
	for name, branch := range map[string]int64{"South": south, "no branch": 0} {
		f.BranchID = branch
		_, err := d.edit(t, d.acme.Manager, 2, f)
		if field, said := refusal(err); field != "branch" || !strings.Contains(said, "acme collector sees the customers of North only, and this one would be of "+name) {
			t.Errorf("to %s: %v", name, err)
		}
	}
	f.OwnerID, f.BranchID = d.acme.ManagerID, south
	if _, err := d.edit(t, d.acme.Manager, 2, f); err != nil {
		t.Errorf("both together: %v", err)
	}
	write(t, d.db, d.acme.System(), func(tx *tenant.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE customers SET owner_id = $2 WHERE id = $1`, d.id, d.acme.CollectorID)
		return err
	})
	f.OwnerID, f.City = d.acme.CollectorID, "Halden"
	if _, err := d.edit(t, d.acme.Manager, 3, f); err != nil {
		t.Errorf("the city of one who was left behind: %v", err)
	}
	write(t, d.db, d.acme.System(), func(tx *tenant.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE members SET active = false WHERE id = $1`, d.acme.CollectorID)
		return err
	})
	f.BranchID = 0
	if _, err := d.edit(t, d.acme.Manager, 4, f); err != nil {
		t.Errorf("the branch of one whose owner has left: %v", err)
	}
}

func (d *desk) findAs(t *testing.T, who tenant.Who) (c customer.Customer) {
	t.Helper()
	write(t, d.db, who, func(tx *tenant.Tx) (err error) {
		c, err = customer.Find(t.Context(), tx, d.id)
		return err
	})
	return c
}

// Of those who are given away together, the ones whom the new owner would not see stay
// with whoever had them.
func TestAssignLeavesTheUnseen(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	north, south, loose := d.split(t)
	write(t, d.db, d.acme.Manager, func(tx *tenant.Tx) error {
		for number, branch := range map[string]int64{"200": north, "300": north, "400": south} {
			id, _ := dbtest.Customer(t, tx, number)
			if _, err := tx.Exec(t.Context(), `UPDATE customers SET branch_id = $2, owner_id = $3 WHERE id = $1`, id, branch, d.acme.ManagerID); err != nil {
				return err
			}
		}
		return nil
	})
	give := func(to int64, numbers ...string) (moved, left int, err error) {
		err = d.do(t, d.acme.Manager, func(tx *tenant.Tx) (err error) {
			moved, left, err = customer.Assign(t.Context(), tx, customer.Choice{IDs: ids(t, d.db, d.acme, numbers...)}, to)
			return err
		})
		return moved, left, err
	}
	for _, c := range []struct {
		name        string
		to          int64
		numbers     []string
		moved, left int
		said, want  string // by number: who has 100 to 400
	}{
		{"only such", d.acme.CollectorID, []string{"100", "400"}, 0, 2, "acme collector sees the customers of North only, so nobody was given away. Choose somebody of the customers’ branch, a manager or an administrator.",
			"100 nobody, 200 manager, 300 manager, 400 manager"},
		{"to one of no branch", loose, []string{"100", "200"}, 0, 2, "loose collector is of no branch and sees no customers, so nobody was given away.",
			"100 nobody, 200 manager, 300 manager, 400 manager"},
		{"some", d.acme.CollectorID, []string{"100", "200", "300", "400"}, 2, 2, "", "100 nobody, 200 collector, 300 collector, 400 manager"},
		{"those who are there", d.acme.CollectorID, []string{"200", "300"}, 0, 0, "", "100 nobody, 200 collector, 300 collector, 400 manager"},
		{"to an administrator", d.acme.AdminID, []string{"100", "400"}, 2, 0, "", "100 admin, 200 collector, 300 collector, 400 admin"},
		{"to nobody", 0, []string{"100", "200"}, 2, 0, "", "100 nobody, 200 nobody, 300 collector, 400 admin"},
	} {
		moved, left, err := give(c.to, c.numbers...)
		field, said := refusal(err)
		if moved != c.moved || left != c.left || !strings.HasPrefix(said, c.said) || (c.said == "") != (err == nil) || c.said != "" && field != "owner" {
			t.Errorf("%s: %d moved, %d left, %v", c.name, moved, left, err)
		}
		if got := owners(t, d.db, d.acme); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	write(t, d.db, d.acme.Manager, func(tx *tenant.Tx) error {
		var notes int
		err := tx.QueryRow(t.Context(), `SELECT count(*) FROM notes WHERE text LIKE 'Changed owner %'`).Scan(&notes)
		if notes != 6 {
			t.Errorf("%d notes of six changes", notes)
		}
		return err
	})
	d.limit(t, false)
	if moved, left, err := give(d.acme.CollectorID, "100", "400"); moved != 2 || left != 0 || err != nil {
		t.Errorf("collectors see all: %d moved, %d left, %v", moved, left, err)
	}
}
