package note_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"dunwell/internal/day"
	"dunwell/internal/dbtest"
	"dunwell/internal/errs"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

func TestList(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme := dbtest.Tenant(t, db, "acme")
	customer, other := newCustomer(t, db, acme, "1001"), newCustomer(t, db, acme, "1002")
	add(t, db, acme.Collector, customer, "one")
	add(t, db, acme.Manager, customer, "two")
	write(t, db, acme.System(), func(tx *tenant.Tx) error {
		return note.AddMany(t.Context(), tx, []note.New{{CustomerID: customer, Kind: "imported", Text: "three"}})
	})
	add(t, db, acme.Collector, customer, "four")
	add(t, db, acme.Collector, other, "of another customer")

	// Notes take the real clock, so the days asked for are real ones too.
	oslo, err := time.LoadLocation("Europe/Oslo")
	if err != nil {
		t.Fatal(err)
	}
	today := day.Of(time.Now().In(oslo))
	program := int64(0)
	for _, c := range []struct {
		name string
		f    note.Filter
		want string
	}{
		{"all", note.Filter{}, "4 3 2 1"},
		{"a page", note.Filter{Limit: 2}, "4 3"},
		{"the page after it", note.Filter{Limit: 2, Before: 3}, "2 1"},
		{"by kind", note.Filter{Kinds: []string{"imported"}}, "3"},
		{"by author", note.Filter{AuthorID: &acme.CollectorID}, "4 1"},
		{"by the program", note.Filter{AuthorID: &program}, "3"},
		{"today", note.Filter{From: today.Add(-1), To: today.Add(1)}, "4 3 2 1"},
		{"before", note.Filter{To: today.Add(-2)}, ""},
		{"after", note.Filter{From: today.Add(2)}, ""},
		{"by its words", note.Filter{Words: "ThR"}, "3"},
		{"by two words in any order", note.Filter{Words: "hRee  t"}, "3"},
		{"by words of which one is missing", note.Filter{Words: "three four"}, ""},
		{"by words of several", note.Filter{Words: "o"}, "4 2 1"},
		{"a page by words", note.Filter{Words: "o", Limit: 1, Before: 4}, "2"},
		{"by words and kind", note.Filter{Words: "o", Kinds: []string{note.Typed}, AuthorID: &acme.CollectorID}, "4 1"},
		{"words are no pattern", note.Filter{Words: "t%e"}, ""},
		{"and no character stands for another", note.Filter{Words: "o_e"}, ""},
		{"together", note.Filter{Kinds: []string{note.Typed}, AuthorID: &acme.CollectorID, Before: 4}, "1"},
	} {
		c.f.CustomerID = customer
		if got := numbers(list(t, db, acme.Collector, c.f)); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	write(t, db, acme.Collector, func(tx *tenant.Tx) error {
		var found note.Choices
		b := tx.Batch()
		note.QueueChoices(b, customer, &found)
		err := b.Send(t.Context())
		if !reflect.DeepEqual(found.Kinds, []string{"imported", "note"}) {
			t.Errorf("kinds %v", found.Kinds)
		}
		if want := []note.Author{{0, "Dunwell"}, {acme.CollectorID, "acme collector"}, {acme.ManagerID, "acme manager"}}; !reflect.DeepEqual(found.Authors, want) {
			t.Errorf("authors %v, want %v", found.Authors, want)
		}
		return err
	})
}

// A day is the tenant's: what is written at half past midnight in Oslo belongs to
// the day that has begun there.
func TestListByLocalDay(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme := dbtest.Tenant(t, db, "acme")
	customer := newCustomer(t, db, acme, "1001")
	add(t, db, acme.Collector, customer, "Written at 00:30 in Oslo.")
	_, err := db.Owner(t).Exec(t.Context(), `
		ALTER TABLE notes DISABLE TRIGGER ALL;
		UPDATE notes SET at = '2026-07-09 22:30Z'`)
	if err != nil {
		t.Fatal(err)
	}
	ninth, tenth := day.New(2026, time.July, 9), day.New(2026, time.July, 10)
	for _, c := range []struct {
		from, to day.Day
		want     string
	}{{ninth, ninth, ""}, {tenth, tenth, "1"}, {day.Day{}, ninth, ""}, {tenth, day.Day{}, "1"}} {
		if got := numbers(list(t, db, acme.Collector, note.Filter{CustomerID: customer, From: c.from, To: c.to})); got != c.want {
			t.Errorf("from %s to %s: %q, want %q", c.from, c.to, got, c.want)
		}
	}
}

func TestPins(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme, beta := dbtest.Tenant(t, db, "acme"), dbtest.Tenant(t, db, "beta")
	customer := newCustomer(t, db, acme, "1001")
	for i := range note.MaxPins + 1 {
		add(t, db, acme.Collector, customer, fmt.Sprintf("Note %d.", i+1))
	}
	pin := func(who tenant.Who, seq int64) error {
		return db.Write(t.Context(), who, func(tx *tenant.Tx) error { return note.Pin(t.Context(), tx, customer, seq) })
	}
	for seq := range int64(note.MaxPins) {
		if err := pin(acme.Collector, seq+1); err != nil {
			t.Fatal(err)
		}
	}
	if err := pin(acme.Manager, 1); err != nil {
		t.Errorf("pinning again: %v", err)
	}
	if err := pin(acme.Manager, note.MaxPins+1); !errors.As(err, new(errs.Conflict)) {
		t.Errorf("one pin too many: %v", err)
	}
	for i := range 2 { // the second time nothing happens
		write(t, db, acme.Manager, func(tx *tenant.Tx) error { return note.Unpin(t.Context(), tx, customer, 9) })
		if got := pinned(t, db, acme.Collector, customer); got != "10 8 7 6 5 4 3 2 1" {
			t.Errorf("unpinned %d times: %s are pinned", i+1, got)
		}
	}
	if err := pin(acme.Collector, 99); !errors.Is(err, errs.NotFound) {
		t.Errorf("no such note: %v", err)
	}
	if err := pin(beta.Admin, 9); !errors.Is(err, errs.NotFound) {
		t.Errorf("another tenant's note: %v", err)
	}
	write(t, db, beta.Admin, func(tx *tenant.Tx) error { return note.Unpin(t.Context(), tx, customer, 1) })
	notes := list(t, db, acme.Collector, note.Filter{CustomerID: customer, Limit: 3})
	if notes[0].Pinned || !notes[1].Pinned || notes[2].Pinned {
		t.Errorf("in the journal 11, 10, 9 are pinned: %v %v %v", notes[0].Pinned, notes[1].Pinned, notes[2].Pinned)
	}
	if got := pinned(t, db, beta.Admin, customer); got != "" {
		t.Errorf("another tenant sees %s", got)
	}
	if got := pinned(t, db, acme.Collector, customer); !strings.HasSuffix(got, " 1") {
		t.Errorf("another tenant unpinned: %s", got)
	}
}

func pinned(t testing.TB, db *dbtest.Database, who tenant.Who, customer int64) (got string) {
	t.Helper()
	write(t, db, who, func(tx *tenant.Tx) error {
		var notes []note.Note
		b := tx.Batch()
		note.QueuePinned(b, customer, &notes)
		err := b.Send(t.Context())
		got = numbers(notes)
		return err
	})
	return got
}

// The kinds of a filter are looked for together, each once, and go on by number.
func TestListByKinds(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme, beta := dbtest.Tenant(t, db, "acme"), dbtest.Tenant(t, db, "beta")
	customer, other := newCustomer(t, db, acme, "1001"), newCustomer(t, db, acme, "1002")
	write(t, db, acme.Collector, func(tx *tenant.Tx) error {
		var lines []note.New
		for n, kind := range []string{"call", "changed", "email", "call", "letter", "promise", "email", "note", "call"} {
			lines = append(lines, note.New{CustomerID: customer, Kind: kind, Text: fmt.Sprint(n + 1)})
		}
		lines = append(lines, note.New{CustomerID: other, Kind: "call", Text: "of another customer"})
		return note.AddMany(t.Context(), tx, lines)
	})
	for _, c := range []struct {
		name string
		f    note.Filter
		want string
	}{
		{"one", note.Filter{Kinds: note.Calls.Kinds()}, "9 4 1"},
		{"several", note.Filter{Kinds: []string{"email", "call", "case"}}, "9 7 4 3 1"},
		{"one named twice", note.Filter{Kinds: []string{"email", "email"}}, "7 3"},
		{"a page of several", note.Filter{Kinds: []string{"email", "call"}, Limit: 2}, "9 7"},
		{"the page after it", note.Filter{Kinds: []string{"email", "call"}, Limit: 2, Before: 7}, "4 3"},
		{"the last page", note.Filter{Kinds: []string{"email", "call"}, Limit: 2, Before: 3}, "1"},
		{"none of the kind", note.Filter{Kinds: note.Cases.Kinds()}, ""},
		{"with an author", note.Filter{Kinds: note.Calls.Kinds(), AuthorID: &acme.ManagerID}, ""},
	} {
		c.f.CustomerID = customer
		if got := numbers(list(t, db, acme.Collector, c.f)); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	if n := list(t, db, beta.Admin, note.Filter{CustomerID: customer, Kinds: note.Calls.Kinds()}); len(n) > 0 {
		t.Errorf("another tenant sees %v", n)
	}
}

// TestGroups: a kind stands in one group only, else a note would be told twice.
func TestGroups(t *testing.T) {
	t.Parallel()
	of := map[string]note.Group{}
	names := map[string]bool{}
	for _, g := range note.Groups {
		if len(g.Kinds()) == 0 || g.Name() == "" || names[g.Name()] {
			t.Errorf("%s is called %q and has the kinds %v", g, g.Name(), g.Kinds())
		}
		names[g.Name()] = true
		for _, k := range g.Kinds() {
			if of[k] != "" {
				t.Errorf("%s is in %s and in %s", k, of[k], g)
			}
			of[k] = g
		}
	}
	if len(note.Group("nothing").Kinds()) > 0 {
		t.Error("a group that is none has kinds")
	}
}

// A line about a message says how far the message got by now.
func TestListSaysWhatBecameOfMessages(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	acme := dbtest.Tenant(t, db, "acme")
	customer := newCustomer(t, db, acme, "1001")
	write(t, db, acme.Collector, func(tx *tenant.Tx) error {
		lines := []note.New{{CustomerID: customer, Kind: "stop", Text: "About no message.", Subject: "stop", SubjectID: 1}}
		for n, state := range []string{"failed", "queued"} {
			var id int64
			err := tx.QueryRow(t.Context(), `
				INSERT INTO messages (customer_id, channel, state, address, language, body, error)
				VALUES ($1, 'email', $2, 'a@b.example', 'en', 'x', $3)
				RETURNING id`, customer, state, []string{"No such mailbox.", ""}[n]).Scan(&id)
			if err != nil {
				return err
			}
			lines = append(lines, note.New{CustomerID: customer, Kind: "email", Text: "E-mail", Subject: "message", SubjectID: id})
		}
		return note.AddMany(t.Context(), tx, lines)
	})
	got := ""
	for _, n := range list(t, db, acme.Collector, note.Filter{CustomerID: customer}) {
		got += fmt.Sprintf("%d %q %q; ", n.Seq, n.Message, n.Trouble)
	}
	if want := `3 "queued" ""; 2 "failed" "No such mailbox."; 1 "" ""; `; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
