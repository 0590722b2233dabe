package note_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"dunwell/internal/dbtest"
	"dunwell/internal/errs"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// newCustomer adds a customer and returns its id.
func newCustomer(t testing.TB, db *dbtest.Database, c *dbtest.Company, number string) (id int64) {
	t.Helper()
	write(t, db, c.System(), func(tx *tenant.Tx) error {
		return tx.QueryRow(t.Context(), `
			INSERT INTO customers (number, name, kind)
			VALUES ($1, 'Halden Freight AS', 'business')
			RETURNING id`, number).Scan(&id)
	})
	return id
}

func write(t testing.TB, db *dbtest.Database, who tenant.Who, f func(*tenant.Tx) error) {
	t.Helper()
	if err := db.Write(t.Context(), who, f); err != nil {
		t.Fatal(err)
	}
}

func typed(customer int64, text string) note.New {
	return note.New{CustomerID: customer, Kind: note.Typed, Text: text}
}

// add writes what a person typed and returns its number.
func add(t testing.TB, db *dbtest.Database, who tenant.Who, customer int64, text string) (seq int64) {
	t.Helper()
	write(t, db, who, func(tx *tenant.Tx) (err error) {
		seq, err = note.Add(t.Context(), tx, typed(customer, text))
		return err
	})
	return seq
}

func list(t testing.TB, db *dbtest.Database, who tenant.Who, f note.Filter) (notes []note.Note) {
	t.Helper()
	if f.Limit == 0 {
		f.Limit = 100
	}
	write(t, db, who, func(tx *tenant.Tx) (err error) {
		notes, err = dbtest.Ask(t, tx, func(b *tenant.Batch, into *[]note.Note) { note.QueueList(b, f, into) })
		return err
	})
	return notes
}

func numbers(notes []note.Note) string {
	var all []string
	for _, n := range notes {
		all = append(all, fmt.Sprint(n.Seq))
	}
	return strings.Join(all, " ")
}

func TestAdd(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme, beta := dbtest.Tenant(t, db, "acme"), dbtest.Tenant(t, db, "beta")
	customer := newCustomer(t, db, acme, "1001")
	if seq := add(t, db, acme.Collector, customer, "  Called.\r\nNo answer. "); seq != 1 {
		t.Errorf("the first note has number %d", seq)
	}
	write(t, db, acme.System(), func(tx *tenant.Tx) error {
		_, err := note.Add(t.Context(), tx, note.New{CustomerID: customer, Kind: "payment_returned",
			Text: "Returned: card 4111111111111111", Subject: "payment", SubjectID: 7, Data: map[string]int{"minor": 120}})
		return err
	})
	notes := list(t, db, acme.Collector, note.Filter{CustomerID: customer})
	if numbers(notes) != "2 1" {
		t.Fatalf("journal has %q", numbers(notes))
	}
	if n := notes[0]; n.AuthorID != nil || n.Author != "Dunwell" || n.Kind != "payment_returned" || n.Text != "Returned: card ************1111" {
		t.Errorf("the program's note is %+v", n)
	}
	if n := notes[1]; *n.AuthorID != acme.CollectorID || n.Author != "acme collector" || n.Text != "Called.\nNo answer." || n.At.IsZero() {
		t.Errorf("the person's note is %+v", n)
	}
	var subject, data string
	write(t, db, acme.System(), func(tx *tenant.Tx) error {
		return tx.QueryRow(t.Context(), `SELECT subject || ' ' || subject_id, data FROM notes WHERE seq = 2`).Scan(&subject, &data)
	})
	if subject != "payment 7" || data != `{"minor": 120}` {
		t.Errorf("subject %q, data %q", subject, data)
	}

	for name, c := range map[string]struct {
		who tenant.Who
		id  int64
	}{"another tenant's customer": {beta.Collector, customer}, "no customer": {acme.Collector, customer + 1}} {
		err := db.Write(t.Context(), c.who, func(tx *tenant.Tx) error {
			_, err := note.Add(t.Context(), tx, typed(c.id, "x"))
			return err
		})
		if !errors.Is(err, errs.NotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := list(t, db, beta.Admin, note.Filter{CustomerID: customer}); len(n) > 0 {
		t.Errorf("another tenant reads %v", n)
	}
}

func TestAddRefused(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme := dbtest.Tenant(t, db, "acme")
	customer := newCustomer(t, db, acme, "1001")
	add(t, db, acme.Collector, customer, strings.Repeat("ø", note.MaxTyped))
	for _, c := range []struct{ text, want string }{
		{" \n\t ", "empty note"},
		{strings.Repeat("ø", note.MaxTyped+1), "4001 characters"},
		{"Card 5500 0055 5555 5559, 12/27", "payment card number"},
	} {
		err := db.Write(t.Context(), acme.Collector, func(tx *tenant.Tx) error {
			_, err := note.Add(t.Context(), tx, typed(customer, c.text))
			return err
		})
		var inv errs.Invalid
		if !errors.As(err, &inv) || !strings.Contains(inv["text"], c.want) {
			t.Errorf("%.20q: %v", c.text, err)
		}
	}
	if n := list(t, db, acme.Collector, note.Filter{CustomerID: customer}); len(n) != 1 {
		t.Errorf("%d notes are there, want the one that was right", len(n))
	}
}

func TestAddMany(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme := dbtest.Tenant(t, db, "acme")
	a, b := newCustomer(t, db, acme, "1001"), newCustomer(t, db, acme, "1002")
	write(t, db, acme.Manager, func(tx *tenant.Tx) error {
		if err := note.AddMany(t.Context(), tx, nil); err != nil {
			return err
		}
		return note.AddMany(t.Context(), tx, []note.New{
			{CustomerID: b, Kind: "imported", Text: "b one"},
			{CustomerID: a, Kind: "imported", Text: "a one, card 4111111111111111", Subject: "import", SubjectID: 3},
			{CustomerID: b, Kind: "imported", Text: "b two", Data: []int{1, 2}},
		})
	})
	ofA, ofB := list(t, db, acme.Manager, note.Filter{CustomerID: a}), list(t, db, acme.Manager, note.Filter{CustomerID: b})
	if len(ofA) != 1 || ofA[0].Text != "a one, card ************1111" || ofA[0].Author != "acme manager" {
		t.Errorf("a has %+v", ofA)
	}
	if len(ofB) != 2 || ofB[0].Text != "b two" || ofB[1].Text != "b one" {
		t.Errorf("b has %+v", ofB)
	}
	err := db.Write(t.Context(), acme.Manager, func(tx *tenant.Tx) error {
		return note.AddMany(t.Context(), tx, []note.New{{CustomerID: a, Kind: "imported", Text: "a two"}, {CustomerID: b + 1, Kind: "imported", Text: "nobody"}})
	})
	if !errors.Is(err, errs.NotFound) {
		t.Errorf("a note for nobody: %v", err)
	}
	if n := list(t, db, acme.Manager, note.Filter{CustomerID: a}); len(n) != 1 {
		t.Errorf("half of what was refused was written: %+v", n)
	}
}

func TestWritersAtOnce(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme := dbtest.Tenant(t, db, "acme")
	customer := newCustomer(t, db, acme, "1001")
	const writers, each = 8, 5
	var wait sync.WaitGroup
	for w := range writers {
		wait.Go(func() {
			for i := range each {
				err := db.Write(context.Background(), acme.Collector, func(tx *tenant.Tx) error {
					_, err := note.Add(context.Background(), tx, typed(customer, fmt.Sprintf("writer %d, note %d", w, i)))
					return err
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
	notes := list(t, db, acme.Collector, note.Filter{CustomerID: customer})
	if len(notes) != writers*each || notes[0].Seq != writers*each {
		t.Errorf("%d notes up to number %d, want %d", len(notes), notes[0].Seq, writers*each)
	}
	for i := 1; i < len(notes); i++ {
		if !notes[i].At.Before(notes[i-1].At) {
			t.Errorf("note %d is not before the one after it", notes[i].Seq)
		}
	}
	if faults := verify(t, db, acme); len(faults) > 0 {
		t.Errorf("the chain is broken: %v", faults)
	}
}

func BenchmarkAddMany(b *testing.B) {
	db := dbtest.New(b)
	acme := dbtest.Tenant(b, db, "acme")
	const customers, each = 10_000, 10
	write(b, db, acme.System(), func(tx *tenant.Tx) error {
		_, err := tx.Exec(b.Context(), `
			INSERT INTO customers (number, name, kind)
			SELECT n, 'Customer ' || n, 'business' FROM generate_series(1, $1::int) n`, customers)
		return err
	})
	var notes []note.New
	for i := range customers * each {
		notes = append(notes, note.New{CustomerID: int64(i%customers + 1), Kind: "imported", Text: fmt.Sprintf("Row %d of the file was new.", i)})
	}
	for b.Loop() {
		write(b, db, acme.System(), func(tx *tenant.Tx) error { return note.AddMany(b.Context(), tx, notes) })
	}
	b.ReportMetric(float64(len(notes)*b.N)/b.Elapsed().Seconds(), "notes/s")
}
