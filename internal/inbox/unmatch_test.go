package inbox_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"dunwell/internal/customer"
	"dunwell/internal/dbtest"
	"dunwell/internal/document"
	"dunwell/internal/errs"
	"dunwell/internal/inbox"
	"dunwell/internal/merge"
	"dunwell/internal/tenant"
)

// matched is a stranger's SMS of that kind which the collector gave to my debtor, with
// the number.
func (d *desk) matched(t testing.TB, who tenant.Who, kind inbox.Kind) (e inbox.Entry, point int64) {
	t.Helper()
	e = d.take(t, inbox.In{Channel: customer.SMS, ProviderID: "SM-" + string(kind), Kind: kind, From: "+4790611201", To: "+4759440000", Body: "Wait for Friday"})
	if kind == inbox.Stop {
		d.write(t, d.System(), func(tx *tenant.Tx) error {
			_, err := customer.OptByWord(t.Context(), tx, e.From, true, "Their own SMS", "STOP")
			return err
		})
	}
	d.write(t, who, func(tx *tenant.Tx) (err error) {
		if point, err = customer.AddPoint(t.Context(), tx, d.mine, customer.Point{Kind: customer.Phone, Value: e.From, Role: customer.Debtor}); err != nil {
			return err
		}
		return inbox.Match(t.Context(), tx, e.ID, e.Version, d.mine, point)
	})
	return d.find(t, e.ID), point
}

func (d *desk) unmatch(t testing.TB, who tenant.Who, e inbox.Entry) error {
	t.Helper()
	return d.try(t, who, func(tx *tenant.Tx) error { return inbox.Unmatch(t.Context(), tx, e.ID, e.Version) })
}

// last is the last contact with my debtor.
func (d *desk) last(t testing.TB) (last *customer.Contact) {
	t.Helper()
	d.write(t, d.Collector, func(tx *tenant.Tx) error {
		care, err := customer.CareOf(t.Context(), tx, d.mine)
		last = care.LastContact
		return err
	})
	return last
}

// A match that was wrong is taken back, once: the message is a stranger's again, the
// number is not the customer's, and the journal says so beside what it said before.
func TestUnmatch(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	e, point := d.matched(t, d.Collector, inbox.Reply)
	var file int64
	err := d.owner.QueryRow(t.Context(), `
		INSERT INTO documents (tenant_id, customer_id, subject, subject_id, name, media_type, size, sha256, blob_key)
		VALUES ($1, $2, $3, $4, 'goods.txt', 'text/plain', 1, sha256('x'), 'x')
		RETURNING id`, d.ID, d.mine, document.OfReceived, e.ReceivedID).Scan(&file)
	if err != nil {
		t.Fatal(err)
	}
	if last := d.last(t); last == nil || !last.Incoming || !strings.Contains(last.Text, "wrote: Wait for Friday") {
		t.Errorf("the last contact is %+v", last)
	}
	if !e.Matched {
		t.Error("nobody matched it")
	}
	if err := d.unmatch(t, d.Collector, e); err != nil {
		t.Fatal(err)
	}
	got := d.find(t, e.ID)
	if got.Kind != inbox.Stranger || got.CustomerID != 0 || got.PointID != 0 || got.State != inbox.Open || got.Matched {
		t.Errorf("%+v", got)
	}
	kind, text := d.journal(t, d.mine)
	if kind != "inbox" || text != "Not this customer: what +47 90 61 12 01 wrote. It was put here by mistake, and waits in the inbox with the unknown senders again." {
		t.Errorf("note %s %q", kind, text)
	}
	var facts string
	err = d.owner.QueryRow(t.Context(), `
		SELECT concat_ws(', ', (SELECT customer_id IS NULL FROM documents WHERE id = $1), (SELECT retired_at IS NOT NULL FROM contact_points WHERE id = $2), (
			SELECT string_agg(n.kind || coalesce(' corrects ' || (SELECT o.kind FROM notes o WHERE o.customer_id = n.customer_id AND o.seq = n.corrects), ''), ', ' ORDER BY n.seq)
			FROM notes n
			WHERE n.customer_id = $3 AND n.seq > (SELECT max(seq) - 4 FROM notes WHERE customer_id = $3)))`, file, point, d.mine).Scan(&facts)
	if want := "t, t, contact_point, sms, contact_point, inbox corrects sms"; err != nil || facts != want {
		t.Errorf("facts %q, want %q, %v", facts, want, err)
	}
	if lines := len(d.conversation(t, customer.SMS, dbtest.Monday.AddDate(1, 0, 0), 9)); lines != 0 {
		t.Errorf("the conversation has %d lines", lines)
	}
	if last := d.last(t); last != nil {
		t.Errorf("once it is another's the last contact is %+v", last)
	}
	var conflict errs.Conflict
	if err := d.unmatch(t, d.Collector, e); !errors.As(err, &conflict) {
		t.Errorf("twice: %v", err)
	}
	// It can be given to whom it is of, or to the same one again.
	if err := d.try(t, d.Collector, func(tx *tenant.Tx) error {
		return inbox.Match(t.Context(), tx, e.ID, got.Version, d.mine, 0)
	}); err != nil {
		t.Error(err)
	}
	if err := d.unmatch(t, d.Collector, d.find(t, e.ID)); err != nil {
		t.Errorf("the second match: %v", err)
	}
}

// Who is refused, and when.
func TestUnmatchRefused(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	other := dbtest.Tenant(t, d.Database, "other")
	e, point := d.matched(t, d.Manager, inbox.Reply)
	var conflict errs.Conflict
	var forbidden errs.Forbidden
	if err := d.unmatch(t, other.Admin, e); !errors.Is(err, errs.NotFound) {
		t.Errorf("another company's: %v", err)
	}
	if err := d.unmatch(t, d.Collector, e); !errors.As(err, &forbidden) {
		t.Errorf("who did not say whose it is: %v", err)
	}
	old := e
	old.Version--
	if err := d.unmatch(t, d.Manager, old); !errors.As(err, &conflict) {
		t.Errorf("by an old look: %v", err)
	}
	if err := d.unmatch(t, d.Manager, d.take(t, d.reply("a"))); !errors.As(err, &conflict) || !strings.HasPrefix(string(conflict), "Nobody had to say") {
		t.Errorf("whose it was known to be: %v", err)
	}
	d.write(t, d.Manager, func(tx *tenant.Tx) error { return inbox.Handle(t.Context(), tx, e.ID, e.Version, "Called them.") })
	e = d.find(t, e.ID)
	if err := d.unmatch(t, d.Manager, e); !errors.As(err, &conflict) || !strings.HasPrefix(string(conflict), "This is handled already.") {
		t.Errorf("once it was handled: %v", err)
	}
	d.write(t, d.Manager, func(tx *tenant.Tx) error { return inbox.Reopen(t.Context(), tx, e.ID, e.Version) })
	// What somebody changed since is theirs.
	d.write(t, d.Collector, func(tx *tenant.Tx) error {
		return customer.EditPoint(t.Context(), tx, d.mine, point, 1, customer.Point{Kind: customer.Phone, Value: "+4790611202", Role: customer.Debtor})
	})
	if err := d.unmatch(t, d.Admin, d.find(t, e.ID)); err != nil {
		t.Errorf("opened again: %v", err)
	}
	var retired bool
	if err := d.owner.QueryRow(t.Context(), `SELECT retired_at IS NOT NULL FROM contact_points WHERE id = $1`, point).Scan(&retired); err != nil || retired {
		t.Errorf("the number that was changed is retired %v, %v", retired, err)
	}
}

// Whoever gave a message to a colleague's customer takes it back, although it is the
// colleague's to work now.
func TestUnmatchOfAColleagues(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	if _, err := d.owner.Exec(t.Context(), `UPDATE customers SET owner_id = $1 WHERE id = $2`, d.ManagerID, d.nobodys); err != nil {
		t.Fatal(err)
	}
	in := d.reply("a")
	in.CustomerID, in.PointID = 0, 0
	e := d.take(t, in)
	d.write(t, d.Collector, func(tx *tenant.Tx) error { return inbox.Match(t.Context(), tx, e.ID, e.Version, d.nobodys, 0) })
	err := d.Read(t.Context(), d.Collector, func(tx *tenant.Tx) error {
		_, err := inbox.Find(t.Context(), tx, e.ID)
		return err
	})
	if !errors.Is(err, errs.NotFound) {
		t.Errorf("a collector sees it: %v", err)
	}
	if err := d.unmatch(t, d.Collector, d.find(t, e.ID)); err != nil {
		t.Error(err)
	}
}

// An opt-out is the debtor's word: it stays on record, and the journal says so.
func TestUnmatchOfStop(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	e, point := d.matched(t, d.Collector, inbox.Stop)
	if err := d.unmatch(t, d.Collector, e); err != nil {
		t.Fatal(err)
	}
	if _, text := d.journal(t, d.mine); !strings.HasSuffix(text, "The opt-out of the number stays: a manager lifts it, with evidence.") {
		t.Errorf("note %q", text)
	}
	var state string
	if err := d.owner.QueryRow(t.Context(), `SELECT string_agg(state, ' ') FROM permissions WHERE contact_point_id = $1`, point).Scan(&state); err != nil || state != "opt_out" {
		t.Errorf("the number is %q, %v", state, err)
	}
}

// Of two at once one takes it back, and the other is told.
func TestUnmatchTwoAtOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	e, _ := d.matched(t, d.Collector, inbox.Reply)
	var all sync.WaitGroup
	got := make([]error, 2)
	for i, who := range []tenant.Who{d.Collector, d.Manager} {
		all.Go(func() {
			got[i] = d.Write(t.Context(), who, func(tx *tenant.Tx) error { return inbox.Unmatch(t.Context(), tx, e.ID, e.Version) })
		})
	}
	all.Wait()
	var conflict errs.Conflict
	if (got[0] == nil) == (got[1] == nil) || !errors.As(errors.Join(got...), &conflict) {
		t.Errorf("%v and %v", got[0], got[1])
	}
	var notes int
	if err := d.owner.QueryRow(t.Context(), `SELECT count(*) FROM notes WHERE customer_id = $1 AND subject = 'inbox_entry'`, d.mine).Scan(&notes); err != nil || notes != 1 {
		t.Errorf("%s, %v", fmt.Sprint(notes, " notes"), err)
	}
}

// The match of a customer who was merged since is taken back where it stands, by who
// made it.
func TestUnmatchAfterAMerge(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	e, _ := d.matched(t, d.Collector, inbox.Reply)
	var into int64
	d.write(t, d.Manager, func(tx *tenant.Tx) error { into, _ = dbtest.Customer(t, tx, "INTO"); return nil })
	var from, to int
	if err := d.owner.QueryRow(t.Context(), `SELECT f.version, t.version FROM customers f, customers t WHERE f.id = $1 AND t.id = $2`, d.mine, into).Scan(&from, &to); err != nil {
		t.Fatal(err)
	}
	d.write(t, d.Manager, func(tx *tenant.Tx) error {
		return merge.Merge(t.Context(), tx, merge.Plan{From: d.mine, Into: into, Reason: "The same people", FromVersion: from, IntoVersion: to})
	})
	if err := d.unmatch(t, d.Collector, d.find(t, e.ID)); err != nil {
		t.Fatal(err)
	}
	var struck int
	if err := d.owner.QueryRow(t.Context(), `SELECT count(*) FROM notes WHERE customer_id = $1 AND corrects IS NOT NULL AND text LIKE 'Not this customer%'`, d.mine).Scan(&struck); err != nil || struck != 1 {
		t.Errorf("%d notes are struck out: %v", struck, err)
	}
}
