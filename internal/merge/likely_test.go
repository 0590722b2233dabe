package merge_test

import (
	"fmt"
	"strings"
	"testing"

	"dunwell/internal/customer"
	"dunwell/internal/dbtest"
	"dunwell/internal/merge"
	"dunwell/internal/tenant"
)

// Who shares a number, an address or a plate may be the same, whatever they are called;
// then who shares the word that tells the name from others.
func TestLikely(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme, beta := dbtest.Tenant(t, db, "acme"), dbtest.Tenant(t, db, "beta")
	var one int64
	write := func(who tenant.Who, f func(tx *tenant.Tx) error) {
		t.Helper()
		if err := db.Write(t.Context(), who, f); err != nil {
			t.Fatal(err)
		}
	}
	point := func(tx *tenant.Tx, id int64, kind customer.PointKind, value string) error {
		_, err := customer.AddPoint(t.Context(), tx, id, customer.Point{Kind: kind, Value: value, Role: customer.Debtor})
		return err
	}
	of := map[string]int64{}
	write(acme.Manager, func(tx *tenant.Tx) error {
		for _, number := range []string{"C-1", "C-2", "C-3", "C-4", "C-5", "C-6"} {
			of[number], _ = dbtest.Customer(t, tx, number)
		}
		one = of["C-1"]
		for number, name := range map[string]string{"C-1": "Havgren International Holding", "C-2": "Zweite", "C-3": "Anders", "C-4": "Havgren", "C-5": "Holding International", "C-6": "Kraft"} {
			if _, err := tx.Exec(t.Context(), `UPDATE customers SET name = $2 WHERE tenant_id = $3 AND id = $1`, of[number], name, tx.Actor.TenantID); err != nil {
				return err
			}
		}
		for number, value := range map[string]string{"C-1": "+4722410933", "C-2": "+47 22 41 09 33", "C-6": "+4722410934"} {
			if err := point(tx, of[number], customer.Phone, value); err != nil {
				return err
			}
		}
		if err := point(tx, one, customer.Email, "post@havgren.example"); err != nil {
			return err
		}
		for number, plate := range map[string]string{"C-1": "AB 12345", "C-3": "ab12345", "C-6": "AB 12346"} {
			if _, err := customer.AddVehicle(t.Context(), tx, of[number], customer.Vehicle{Registration: plate}); err != nil {
				return err
			}
		}
		return nil
	})
	write(beta.Manager, func(tx *tenant.Tx) error {
		id, _ := dbtest.Customer(t, tx, "B-1")
		return point(tx, id, customer.Phone, "+4722410933")
	})
	likely := func(typed string) string {
		var found []string
		write(acme.Manager, func(tx *tenant.Tx) error {
			c, err := customer.Find(t.Context(), tx, one)
			if err != nil {
				return err
			}
			hits, err := merge.Likely(t.Context(), tx, c, typed)
			for _, h := range hits {
				found = append(found, fmt.Sprintf("%s by %s %s", h.Number, h.By, h.Match))
			}
			return err
		})
		return strings.Join(found, "; ")
	}
	if got, want := likely(""), "C-3 by registration AB 12345; C-2 by phone +47 22 41 09 33; C-4 by name "; got != want {
		t.Errorf("found %q, want %q", got, want)
	}
	if got, want := likely("Kraft"), "C-6 by name "; got != want {
		t.Errorf("typed, found %q, want %q", got, want)
	}
}
