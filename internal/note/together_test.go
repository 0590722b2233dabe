package note_test

import (
	"fmt"
	"strings"
	"testing"

	"dunwell/internal/dbtest"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// The journals of customers who were merged are read as one, each note with what is
// known of it in its own.
func TestReadTogether(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme := dbtest.Tenant(t, db, "acme")
	var one, two, other int64
	write := func(customer int64, kind, text string) (seq int64) {
		if err := db.Write(t.Context(), acme.Collector, func(tx *tenant.Tx) (err error) {
			seq, err = note.Add(t.Context(), tx, note.New{CustomerID: customer, Kind: kind, Text: text})
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return seq
	}
	if err := db.Write(t.Context(), acme.Collector, func(tx *tenant.Tx) error {
		one, _ = dbtest.Customer(t, tx, "C-1")
		two, _ = dbtest.Customer(t, tx, "C-2")
		other, _ = dbtest.Customer(t, tx, "C-3")
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for i := range 4 {
		write([]int64{one, two, other}[i%3], note.Typed, fmt.Sprintf("%d", i))
	}
	wrong := write(two, note.Typed, "wrong")
	write(one, "call", "called")
	if err := db.Write(t.Context(), acme.Collector, func(tx *tenant.Tx) error {
		if _, err := note.Correct(t.Context(), tx, two, wrong, "right"); err != nil {
			return err
		}
		if err := note.Pin(t.Context(), tx, two, wrong); err != nil {
			return err
		}
		_, err := tx.Exec(t.Context(), `UPDATE customers SET merged_into = $1, merged_at = now(), archived_at = now() WHERE id = $2`, one, two)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	read := func(f note.Filter) (got string, last int64) {
		f.CustomerID = one
		err := db.Read(t.Context(), acme.Collector, func(tx *tenant.Tx) error {
			list, err := note.ListTogether(t.Context(), tx, f, []int64{two})
			var words []string
			for _, n := range list {
				words = append(words, strings.TrimSpace(fmt.Sprintf("%d/%d %s %s", n.CustomerID-one, n.Seq, n.Text, n.Correction)))
				last = n.ID
			}
			got = strings.Join(words, ", ")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return got, last
	}
	got, last := read(note.Filter{Limit: 3})
	if got != "1/3 right, 0/3 called, 1/2 wrong right" {
		t.Errorf("the first page: %s", got)
	}
	if got, _ = read(note.Filter{Limit: 3, Before: last}); got != "0/2 3, 1/1 1, 0/1 0" {
		t.Errorf("the second: %s", got)
	}
	if got, _ = read(note.Filter{Limit: 3, Words: "RIGHT"}); got != "1/3 right" {
		t.Errorf("by its words: %s", got)
	}
	if got, _ = read(note.Filter{Limit: 3, Kinds: []string{"call"}}); got != "0/3 called" {
		t.Errorf("calls: %s", got)
	}
	if err := db.Read(t.Context(), acme.Collector, func(tx *tenant.Tx) error {
		var pinned []note.Note
		b := tx.Batch()
		note.QueuePinned(b, one, &pinned)
		err := b.Send(t.Context())
		if len(pinned) != 1 || pinned[0].Text != "wrong" || !pinned[0].Pinned || pinned[0].Correction != "right" {
			t.Errorf("pinned: %+v", pinned)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}
