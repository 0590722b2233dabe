package dunning_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"dunwell/internal/customer"
	"dunwell/internal/dbtest"
	"dunwell/internal/dunning"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// Many get a tag at once, each with a note; who would have more than twenty stays as they
// are, and what changes nothing leaves no note.
func TestRetag(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme, beta := dbtest.Tenant(t, db, "acme"), dbtest.Tenant(t, db, "beta")
	var one, two, full int64
	write := func(who tenant.Who, f func(tx *tenant.Tx) error) error {
		t.Helper()
		return db.Write(t.Context(), who, f)
	}
	if err := write(acme.Manager, func(tx *tenant.Tx) error {
		one, _ = dbtest.Customer(t, tx, "C-1")
		two, _ = dbtest.Customer(t, tx, "C-2")
		full, _ = dbtest.Customer(t, tx, "C-3")
		many := []string{}
		for n := range customer.MaxTags {
			many = append(many, fmt.Sprintf("tag %02d", n))
		}
		_, err := tx.Exec(t.Context(), `UPDATE customers SET tags = CASE id WHEN $1 THEN ARRAY['old'] ELSE $2::text[] END WHERE tenant_id = $3 AND id IN ($1, $4)`, one, many, tx.Actor.TenantID, full)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	all := customer.Choice{IDs: []int64{one, two, full}}
	retag := func(who tenant.Who, give, take string) (changed, left int, err error) {
		err = write(who, func(tx *tenant.Tx) (err error) {
			changed, left, err = dunning.Retag(t.Context(), tx, all, give, take)
			return err
		})
		return changed, left, err
	}
	state := func() (s string) {
		t.Helper()
		if err := db.Owner(t).QueryRow(t.Context(), `
			SELECT string_agg(c.number || ' ' || c.version || ' ' || left(array_to_string(c.tags, ','), 20), '; ' ORDER BY c.number) || ' | ' || (SELECT count(*) FROM notes WHERE text LIKE 'Changed tags%')
			FROM customers c WHERE c.tenant_id = $1`, acme.ID).Scan(&s); err != nil {
			t.Fatal(err)
		}
		return s
	}
	for _, c := range []struct {
		give, take    string
		changed, left int
		want          string
	}{
		{"New,  new , b b", "", 2, 1, "C-1 2 b b,new,old; C-2 2 b b,new; C-3 1 tag 00,tag 01,tag 02 | 2"},
		{"new", "", 0, 1, "C-1 2 b b,new,old; C-2 2 b b,new; C-3 1 tag 00,tag 01,tag 02 | 2"}, // a second time
		{"new", "tag 00", 1, 0, "C-1 2 b b,new,old; C-2 2 b b,new; C-3 2 new,tag 01,tag 02,ta | 3"},
		{"", "NEW, never had", 3, 0, "C-1 3 b b,old; C-2 3 b b; C-3 3 tag 01,tag 02,tag 03 | 6"},
	} {
		changed, left, err := retag(acme.Manager, c.give, c.take)
		if err != nil || changed != c.changed || left != c.left {
			t.Errorf("%q less %q: %d changed, %d left, %v", c.give, c.take, changed, left, err)
		}
		if got := state(); got != c.want {
			t.Errorf("%q less %q: %s, want %s", c.give, c.take, got, c.want)
		}
	}
	for field, c := range map[string][2]string{"give": {" , ", ""}, "take": {"a, b", "B"}} {
		var inv errs.Invalid
		if _, _, err := retag(acme.Manager, c[0], c[1]); !errors.As(err, &inv) || inv[field] == "" {
			t.Errorf("%q less %q: %v", c[0], c[1], err)
		}
	}
	var inv errs.Invalid
	if _, _, err := retag(acme.Manager, strings.Repeat("x", customer.MaxTag+1), ""); !errors.As(err, &inv) {
		t.Errorf("a tag of 41 characters: %v", err)
	}
	if _, _, err := retag(acme.Collector, "x", ""); !errors.As(err, new(errs.Forbidden)) {
		t.Errorf("a collector: %v", err)
	}
	if _, _, err := retag(beta.Manager, "x", ""); !errors.Is(err, errs.NotFound) {
		t.Errorf("another company: %v", err)
	}
}
