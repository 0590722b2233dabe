package inbox_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"dunwell/internal/customer"
	"dunwell/internal/day"
	"dunwell/internal/dbtest"
	"dunwell/internal/errs"
	"dunwell/internal/inbox"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

func TestMatch(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	in := d.reply("a")
	in.CustomerID, in.PointID = 0, 0
	e := d.take(t, in)
	match := func(customerID, pointID int64, version int) error {
		return d.try(t, d.Collector, func(tx *tenant.Tx) error {
			return inbox.Match(t.Context(), tx, e.ID, version, customerID, pointID)
		})
	}
	var conflict errs.Conflict
	if err := match(4711, 0, e.Version); !errors.Is(err, errs.NotFound) {
		t.Errorf("to nobody: %v", err)
	}
	if err := match(d.nobodys, d.anna, e.Version); !errors.Is(err, errs.NotFound) {
		t.Errorf("to somebody else's address: %v", err)
	}
	if err := match(d.mine, d.anna, e.Version+1); !errors.As(err, &conflict) {
		t.Errorf("by an old look: %v", err)
	}
	if err := match(d.mine, d.anna, e.Version); err != nil {
		t.Fatal(err)
	}
	got := d.find(t, e.ID)
	if got.Kind != inbox.Reply || got.CustomerID != d.mine || got.PointID != d.anna || got.State != inbox.Open || got.OwnerID != d.CollectorID {
		t.Errorf("%+v", got)
	}
	if kind, text := d.journal(t, d.mine); kind != "email" || !strings.Contains(text, "I paid it yesterday.") {
		t.Errorf("note %s %q", kind, text)
	}
	var wishes int
	if err := d.owner.QueryRow(t.Context(), `SELECT count(*) FROM contact_requests WHERE contact_point_id = $1 AND channel = 'email'`, d.anna).Scan(&wishes); err != nil || wishes != 1 {
		t.Errorf("%d wishes, %v", wishes, err)
	}
	if err := match(d.mine, d.anna, got.Version); !errors.As(err, &conflict) {
		t.Errorf("twice: %v", err)
	}
	if lines := d.conversation(t, customer.Mail, time.Time{}, 9); len(lines) != 1 || lines[0].EntryID != e.ID {
		t.Errorf("the conversation has %+v", lines)
	}
}

// Whoever opted out before it was known whose the number is, has opted out; who took it
// back since has not, whichever message is matched.
func TestMatchOfStop(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	e := d.take(t, inbox.In{Channel: customer.SMS, ProviderID: "SM-stop", From: "+4790611201", To: "+4759440000", Body: "STOP", Kind: inbox.Stop, At: dbtest.Monday})
	last := d.take(t, inbox.In{Channel: customer.SMS, ProviderID: "SM-stop-2", From: "+4790611202", To: "+4759440000", Body: "STOP", Kind: inbox.Stop, At: dbtest.Monday})
	said := func(number string, out bool, words string) {
		d.write(t, d.System(), func(tx *tenant.Tx) error {
			_, err := customer.OptByWord(t.Context(), tx, number, out, "Their own SMS", words)
			return err
		})
	}
	said(e.From, true, "STOP")
	said(last.From, true, "STOP")
	said(last.From, false, "START")
	for _, c := range []struct {
		e    inbox.Entry
		want string
	}{{e, "opt_out"}, {last, ""}} {
		var point int64
		d.write(t, d.Collector, func(tx *tenant.Tx) (err error) {
			if point, err = customer.AddPoint(t.Context(), tx, d.mine, customer.Point{Kind: customer.Phone, Value: c.e.From, Role: customer.Debtor}); err != nil {
				return err
			}
			return inbox.Match(t.Context(), tx, c.e.ID, c.e.Version, d.mine, point)
		})
		var state string
		err := d.owner.QueryRow(t.Context(), `SELECT coalesce((SELECT state FROM permissions WHERE contact_point_id = $1 AND channel = 'sms' ORDER BY id DESC LIMIT 1), '')`, point).Scan(&state)
		if err != nil || state != c.want {
			t.Errorf("%s is %q, %v; want %q", c.e.From, state, err, c.want)
		}
	}
}

// A message in trouble is one entry until somebody worked it, and ends with the
// trouble.
func TestPutAndSettle(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.message(t, customer.Mail, "sent", "Please pay.")
	put := func(kind inbox.Kind, why string) {
		t.Helper()
		d.write(t, d.System(), func(tx *tenant.Tx) error { return inbox.Put(t.Context(), tx, kind, []int64{id}, why) })
	}
	put(inbox.Unknown, "The line broke.")
	put(inbox.Unknown, "The line broke again.")
	put(inbox.Failed, "No such user.")
	if got := d.names(t, d.Collector, inbox.Filter{}); got != "INV-1 INV-1" {
		t.Errorf("the inbox has %s", got)
	}
	d.write(t, d.Manager, func(tx *tenant.Tx) error {
		return inbox.Settle(t.Context(), tx, []int64{id}, "It arrived.")
	})
	if got := d.names(t, d.Collector, inbox.Filter{}); got != "" {
		t.Errorf("once it is settled the inbox has %s", got)
	}
	var list []inbox.Entry
	err := d.Read(t.Context(), d.Collector, func(tx *tenant.Tx) (err error) {
		list, err = inbox.List(t.Context(), tx, inbox.Filter{State: inbox.Handled, Kind: inbox.Unknown})
		return err
	})
	if err != nil || len(list) != 1 {
		t.Fatalf("%d handled, %v", len(list), err)
	}
	if e := list[0]; e.Outcome != "It arrived." || e.Why != "The line broke." || e.To != "anna@debtor.example" || e.PointID != d.anna || e.Channel != customer.Mail {
		t.Errorf("%+v", e)
	}
	put(inbox.Unknown, "The line broke a third time.")
	var conflict errs.Conflict
	if err := d.try(t, d.Manager, func(tx *tenant.Tx) error { return inbox.Reopen(t.Context(), tx, list[0].ID, list[0].Version) }); !errors.As(err, &conflict) {
		t.Errorf("reopened beside a second open one: %v", err)
	}
}

func (d *desk) conversation(t testing.TB, ch customer.Channel, before time.Time, limit int) (lines []inbox.Line) {
	t.Helper()
	err := d.Read(t.Context(), d.Collector, func(tx *tenant.Tx) (err error) {
		lines, err = inbox.Conversation(t.Context(), tx, d.mine, ch, before, limit)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

func TestConversation(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	sent := d.message(t, customer.SMS, "sent", "Please pay.")
	d.message(t, customer.Mail, "sent", "By e-mail.")
	in := d.reply("a")
	in.Channel, in.At = customer.SMS, dbtest.Monday.Add(-time.Hour)
	first := d.take(t, in)
	in.ProviderID, in.At, in.Body = "b", dbtest.Monday.Add(-time.Minute), "Are you there?"
	d.take(t, in)
	lines := d.conversation(t, customer.SMS, time.Time{}, 9)
	if len(lines) != 3 || lines[0].Body != "Are you there?" || !lines[0].Incoming || !lines[0].Open || lines[1].EntryID != first.ID || lines[2].MessageID != sent {
		t.Fatalf("%+v", lines)
	}
	if out := lines[2]; out.Incoming || out.State != "sent" || out.Author != "acme collector" || out.Open {
		t.Errorf("%+v", out)
	}
	if page := d.conversation(t, customer.SMS, lines[0].At, 1); len(page) != 1 || page[0].EntryID != first.ID {
		t.Errorf("the second page is %+v", page)
	}
}

// What somebody says late whose it is, is of the day on which it came: a call since
// then stays the last contact, and the journal names the day.
func TestMatchedLate(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	e := d.take(t, inbox.In{Channel: customer.Mail, ProviderID: "late", Kind: inbox.Reply, From: "larry@debtors.example", Person: "Larry", To: "us@acme.example", Body: "Old words", At: d.Now().AddDate(0, 0, -6)})
	d.write(t, d.Collector, func(tx *tenant.Tx) error {
		_, err := note.Add(t.Context(), tx, note.New{CustomerID: d.mine, Kind: note.Typed, Text: "Spoke to them"})
		return err
	})
	d.write(t, d.Collector, func(tx *tenant.Tx) error { return inbox.Match(t.Context(), tx, e.ID, e.Version, d.mine, 0) })
	if last := d.last(t); last == nil || last.Text != "Spoke to them" {
		t.Errorf("the last contact is %+v", last)
	}
	var text string
	if err := d.owner.QueryRow(t.Context(), `SELECT text FROM notes WHERE subject = 'received'`).Scan(&text); err != nil || text != "Larry wrote on "+day.Of(d.Now().AddDate(0, 0, -6)).Long()+": Old words" {
		t.Errorf("the journal says %q (%v)", text, err)
	}
}
