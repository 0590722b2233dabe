package importer_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"dunwell/internal/errs"
	"dunwell/internal/importer"
	"dunwell/internal/tenant"
)

// checked is the import of a file that was uploaded and checked.
func (d desk) checked(t *testing.T, k importer.Kind, file string) int64 {
	t.Helper()
	o := plain(k, file)
	id := d.upload(t, o, file)
	var q queue
	d.must(t, func(tx *tenant.Tx) error { return importer.Submit(t.Context(), tx, id, o.Map, q.enqueue) })
	q.work(t, d)
	want(t, "state", string(d.find(t, id).State), "checked")
	return id
}

// start asks to apply what the import shows now.
func (d desk) start(t *testing.T, tx *tenant.Tx, id int64, q *queue) error {
	t.Helper()
	return importer.Start(t.Context(), tx, id, d.find(t, id).Mark(), q.enqueue)
}

// applies has the import applied and returns it as it is then.
func (d desk) applies(t *testing.T, id int64) importer.Import {
	t.Helper()
	var q queue
	d.must(t, func(tx *tenant.Tx) error { return d.start(t, tx, id, &q) })
	q.work(t, d)
	return d.find(t, id)
}

// ended writes an import's state, its counts, and whether the ledger moved before it.
func ended(i importer.Import) string {
	s := string(i.State) + " " + counts(*i.Result)
	if i.Result.Moved {
		s += " moved"
	}
	return s
}

// What is applied is what was shown. Where the file would do something else by now, it
// does nothing, is shown anew, and is applied when it is asked for again.
func TestAppliesWhatWasShown(t *testing.T) {
	t.Parallel()
	const items = "customer_number,number,issued_on,amount,open_amount\n8,A,2026-01-05,100,100\n"
	const payments = "number,customer_number,value_on,amount,item_number\nP1,8,2026-02-03,60,A\n"
	for _, c := range []struct {
		name        string
		kind        importer.Kind
		file        string
		otherKind   importer.Kind
		other       string // applied after the check
		state, then string
		sql, is     string
	}{
		{"a new customer who is one by now", importer.Customers, "number,name\nM60,First\n", importer.Customers, "number,name\nM60,Second\n",
			"checked 1 0 1 0 0 moved", "applied 1 0 1 0 0", `SELECT name FROM customers WHERE number = 'M60'`, "Second"},
		{"another change of the same customer", importer.Customers, "number,name\n8,First\n", importer.Customers, "number,name\n8,Second\n",
			"checked 1 0 1 0 0 moved", "applied 1 0 1 0 0", `SELECT name FROM customers WHERE number = '8'`, "Second"},
		{"a number that is there by now", importer.Customers, "number,name,phone\n8,First,+47 22 41 09 33\n", importer.Customers, "number,name,phone\n8,Fjord & Sons,+47 22 41 09 33\n",
			"checked 1 0 1 0 0 moved", "applied 1 0 1 0 0", `SELECT name FROM customers WHERE number = '8'`, "Fjord & Sons"},
		{"less is open", importer.Items, "customer_number,number,issued_on,amount,open_amount\n8,A,2026-01-05,100,40\n", importer.Payments, payments,
			"checked 1 0 0 1 0 moved", "", `SELECT open_amount FROM items`, "4000"},
		{"another amount", importer.Items, "customer_number,number,issued_on,amount\n8,A,2026-01-05,250\n", importer.Items, "customer_number,number,issued_on,amount\n8,A,2026-01-05,175\n",
			"checked 1 0 1 0 0 moved", "applied 1 0 1 0 0", `SELECT amount FROM items`, "17500"},
		{"the item is paid by somebody else", importer.Payments, payments, importer.Payments, "number,customer_number,value_on,amount,item_number\nP2,8,2026-02-04,70,A\n",
			"checked 1 1 0 0 0 moved", "applied 1 1 0 0 0", `SELECT count(*) FROM payments`, "1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			d.load(t, importer.Customers, debtors)
			d.load(t, importer.Items, items)
			id := d.checked(t, c.kind, c.file)
			want(t, "another file", ended(d.applies(t, d.checked(t, c.otherKind, c.other)))[:7], "applied")
			want(t, "shown again", ended(d.applies(t, id)), c.state)
			want(t, "not applied", d.ask(t, c.sql), c.is)
			if c.then != "" {
				want(t, "asked for again", ended(d.applies(t, id)), c.then)
			}
		})
	}
}

// What changes of others, or of what the file does not touch, keeps nothing back.
func TestAppliesThoughOthersChange(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.load(t, importer.Customers, "number,name,city\n7,Alm,Oslo\n8,Fjord,Oslo\n9,Birk,Moss\n")
	d.load(t, importer.Items, "customer_number,number,issued_on,amount\n7,A,2026-01-05,100\n8,B,2026-01-05,200\n9,C,2026-01-05,300\n")
	customers := d.checked(t, importer.Customers, "number,name\n7,Alm AS\n8,Fjord\n10,New\n")
	items := d.checked(t, importer.Items, "customer_number,number,issued_on,amount\n7,A,2026-01-05,110\n8,B,2026-01-05,200\n7,D,2026-01-05,400\n")
	payments := d.checked(t, importer.Payments, "number,customer_number,value_on,amount,item_number\nP1,8,2026-02-03,60,B\nP2,8,2026-02-03,70,\n")
	d.load(t, importer.Customers, "number,name,city\n8,Fjord,Bergen\n9,Birk AS,Moss\n11,Other,Moss\n")
	d.load(t, importer.Items, "customer_number,number,issued_on,amount\n9,C,2026-01-05,330\n8,E,2026-01-05,500\n")
	d.load(t, importer.Payments, "number,customer_number,value_on,amount,item_number\nP3,9,2026-02-03,80,C\n")
	want(t, "customers", ended(d.applies(t, customers)), "applied 3 1 1 1 0")
	want(t, "items", ended(d.applies(t, items)), "applied 3 1 1 1 0")
	want(t, "payments", ended(d.applies(t, payments)), "applied 2 2 0 0 0")
}

// Of two that are applied at the same time one is applied, and the other shown again.
func TestTwoAppliedAtOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ids := []int64{d.checked(t, importer.Customers, "number,name\nM60,First\n"), d.checked(t, importer.Customers, "number,name\nM60,Second\n")}
	var wg sync.WaitGroup
	for _, id := range ids {
		var q queue
		d.must(t, func(tx *tenant.Tx) error { return d.start(t, tx, id, &q) })
		wg.Go(func() { q.work(t, d) })
	}
	wg.Wait()
	states := map[string]string{}
	for i, name := range []string{"First", "Second"} {
		states[ended(d.find(t, ids[i]))] = name
	}
	if len(states) != 2 || states["checked 1 0 1 0 0 moved"] == "" {
		t.Fatalf("%v", states)
	}
	want(t, "name", d.ask(t, `SELECT name FROM customers`), states["applied 1 1 0 0 0"])
}

// Who looked at another check does not apply this one: of another reading, though it does
// to the ledger what the first one did by its counts, nor of a ledger that changed.
func TestAppliesNoCheckUnseen(t *testing.T) {
	t.Parallel()
	const file = "customer_number,number,issued_on,amount,due,other\n8,A,2026-01-05,100,2026-02-05,2026-03-06\n"
	d := newDesk(t)
	d.load(t, importer.Customers, debtors)
	o := plain(importer.Items, file)
	id := d.upload(t, o, file)
	var q queue
	read := func(due string) string {
		t.Helper()
		m := plainMap("customer_number,number,issued_on,amount")
		m.Columns["due_on"] = due
		d.must(t, func(tx *tenant.Tx) error { return importer.Submit(t.Context(), tx, id, m, q.enqueue) })
		q.work(t, d)
		return d.find(t, id).Mark()
	}
	refused := func(what, mark string) {
		t.Helper()
		err := d.as(t, d.Manager, func(tx *tenant.Tx) error { return importer.Start(t.Context(), tx, id, mark, q.enqueue) })
		if c := errs.Conflict(""); !errors.As(err, &c) || !strings.Contains(string(c), "checked anew") || len(q) > 0 {
			t.Errorf("%s: %v, %v", what, err, q)
		}
	}
	first := read("due")
	want(t, "read the same way again", read("due"), first)
	second := read("other")
	refused("another reading", first)
	refused("none", "")
	d.load(t, importer.Customers, "number,name\n8,Fjord AS\n")
	want(t, "what others change", read("other"), second)
	d.load(t, importer.Items, "customer_number,number,issued_on,amount\n8,A,2026-01-05,70\n")
	moved := read("other")
	refused("another ledger", second)
	d.must(t, func(tx *tenant.Tx) error { return importer.Start(t.Context(), tx, id, moved, q.enqueue) })
	q.work(t, d)
	want(t, "applied", ended(d.find(t, id)), "applied 1 0 1 0 0")
	want(t, "due", d.ask(t, `SELECT due_on::text FROM items`), "2026-03-06")
}
