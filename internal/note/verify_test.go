package note_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/dbtest"
	"dunwell/internal/errs"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// A superuser who takes the protection away first can change what he likes. The
// chain then shows where. Each case has a customer of its own with five notes.
func TestVerify(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme := dbtest.Tenant(t, db, "acme")
	conn := db.Owner(t)
	want, ids := map[string]string{}, map[string]int64{}
	for _, c := range []struct {
		name, sql string
		want      string // first fault
	}{
		{"untouched", ``, ""},
		{"text changed", `UPDATE notes SET text = 'Promised nothing.' WHERE customer_id = $1 AND seq = 3`, "3 changed"},
		{"author changed", `UPDATE notes SET author = 'Somebody' WHERE customer_id = $1 AND seq = 2`, "2 changed"},
		{"author removed", `UPDATE notes SET author_id = NULL WHERE customer_id = $1 AND seq = 2`, "2 changed"},
		{"moment changed", `UPDATE notes SET at = at - interval '1 microsecond' WHERE customer_id = $1 AND seq = 4`, "4 changed"},
		{"data changed", `UPDATE notes SET data = '{"a":1}' WHERE customer_id = $1 AND seq = 1`, "1 changed"},
		{"kind changed", `UPDATE notes SET kind = 'imported' WHERE customer_id = $1 AND seq = 1`, "1 changed"},
		{"changed and sealed anew", `
			UPDATE notes n SET text = 'x', hash = sha256(n.prev_hash || convert_to(jsonb_build_array(n.tenant_id, n.customer_id, n.seq, extract(epoch FROM n.at),
				n.author_id, n.author, n.kind, 'x', n.subject, n.subject_id, n.data, n.corrects)::text, 'UTF8'))
			WHERE n.customer_id = $1 AND n.seq = 3`, "4 changed"},
		{"newest removed", `DELETE FROM notes WHERE customer_id = $1 AND seq = 5`, "5 missing at the end"},
		{"two newest removed", `DELETE FROM notes WHERE customer_id = $1 AND seq > 3`, "4 missing at the end"},
		{"all removed", `DELETE FROM notes WHERE customer_id = $1`, "1 missing at the end"},
		{"first removed", `DELETE FROM notes WHERE customer_id = $1 AND seq = 1`, "1 missing"},
		{"one in the middle removed", `DELETE FROM notes WHERE customer_id = $1 AND seq = 3`, "3 missing"},
		{"gap closed", `
			WITH gone AS (DELETE FROM notes WHERE customer_id = $1 AND seq = 3 RETURNING seq)
			UPDATE notes SET seq = seq + 100 WHERE customer_id = $1 AND seq > (SELECT seq FROM gone)`, "3 missing"},
		{"two swapped", `
			UPDATE notes n SET text = o.text FROM notes o
			WHERE n.customer_id = $1 AND o.customer_id = $1 AND (n.seq, o.seq) IN ((2, 4), (4, 2))`, "2 changed"},
		{"head moved back", `UPDATE note_heads SET seq = 4 WHERE customer_id = $1`, "6 missing at the end"},
		{"head's hash changed", `UPDATE note_heads SET hash = sha256('x') WHERE customer_id = $1`, "6 missing at the end"},
		{"newest removed and head moved back", `
			WITH gone AS (DELETE FROM notes WHERE customer_id = $1 AND seq = 5 RETURNING seq)
			UPDATE note_heads SET seq = 4 WHERE customer_id = $1`, "5 missing at the end"},
		{"head removed", `DELETE FROM note_heads WHERE customer_id = $1`, "6 head missing"},
	} {
		customer := newCustomer(t, db, acme, c.name)
		for i := range 5 {
			add(t, db, acme.Collector, customer, fmt.Sprintf("Note %d.", i+1))
		}
		want[c.name], ids[c.name] = c.want, customer
		if c.sql != "" {
			tamper(t, conn, c.sql, customer)
		}
	}
	got := map[string]string{}
	for _, f := range verify(t, db, acme) {
		if got[f.Number] == "" { // the first fault of each
			got[f.Number] = fmt.Sprintf("%d %s", f.Seq, f.Fault)
		}
		if s := f.String(); !strings.Contains(s, "customer "+f.Number) || strings.HasSuffix(s, ": "+f.Fault+".") {
			t.Errorf("%+v is said as %q", f, s)
		}
	}
	for name := range want {
		if got[name] != want[name] {
			t.Errorf("%s: first fault %q, want %q", name, got[name], want[name])
		}
		if alone := prove(t, db, acme, ids[name]); alone != want[name] && name != "head removed" {
			t.Errorf("%s: by its own chain the first fault is %q, want %q", name, alone, want[name])
		}
	}
	if seq := prove(t, db, acme, ids["head removed"]); seq != "no head" {
		t.Errorf("a journal without its head is said to be %q", seq)
	}
}

// prove looks at one customer's chain from outside and gives its first fault.
func prove(t *testing.T, db *dbtest.Database, c *dbtest.Company, customer int64) (first string) {
	t.Helper()
	write(t, db, c.Collector, func(tx *tenant.Tx) error {
		head, err := note.HeadOf(t.Context(), tx, customer)
		if errors.Is(err, errs.NotFound) {
			first = "no head"
			return nil
		}
		proof := note.Proof{CustomerID: customer}
		lerr := note.EachLink(t.Context(), tx, customer, math.MaxInt64, func(l note.Link) error {
			proof.Next(l)
			return nil
		})
		proof.End(head)
		if len(proof.Faults) > 0 {
			first = fmt.Sprintf("%d %s", proof.Faults[0].Seq, proof.Faults[0].Fault)
		}
		return errors.Join(err, lerr)
	})
	return first
}

// tamper takes the protection away, changes what it likes and puts it back.
func tamper(t *testing.T, conn *pgx.Conn, sql string, customer int64) {
	t.Helper()
	err := pgx.BeginFunc(t.Context(), conn, func(tx pgx.Tx) error {
		if _, err := tx.Exec(t.Context(), `ALTER TABLE notes DISABLE TRIGGER append_only; SET LOCAL session_replication_role = replica`); err != nil {
			return err
		}
		if _, err := tx.Exec(t.Context(), sql, customer); err != nil {
			return err
		}
		_, err := tx.Exec(t.Context(), `ALTER TABLE notes ENABLE ALWAYS TRIGGER append_only`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestVerifyIsTheTenantsOwn(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme, beta := dbtest.Tenant(t, db, "acme"), dbtest.Tenant(t, db, "beta")
	customer := newCustomer(t, db, acme, "1001")
	add(t, db, acme.Collector, customer, "Called.")
	if _, err := db.Owner(t).Exec(t.Context(), `UPDATE note_heads SET seq = 9 WHERE customer_id = $1`, customer); err != nil {
		t.Fatal(err)
	}
	if faults := verify(t, db, beta); len(faults) > 0 {
		t.Errorf("another tenant is told %v", faults)
	}
	faults := verify(t, db, acme)
	if len(faults) != 1 || faults[0] != (note.Fault{CustomerID: customer, Number: "1001", Seq: 2, Fault: "missing at the end"}) {
		t.Errorf("the tenant itself is told %v", faults)
	}
}
