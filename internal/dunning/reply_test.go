package dunning_test

import (
	"fmt"
	"strings"
	"testing"

	"dunwell/internal/customer"
	"dunwell/internal/day"
	"dunwell/internal/dunning"
	"dunwell/internal/inbox"
	"dunwell/internal/message"
	"dunwell/internal/tenant"
)

// wrote has the debtor answer by e-mail.
func (o *agency) wrote(t testing.TB, id string) (e inbox.Entry) {
	t.Helper()
	o.do(t, o.System(), func(tx *tenant.Tx) (err error) {
		e, _, err = inbox.Take(t.Context(), tx, inbox.In{Channel: customer.Mail, ProviderID: id, Kind: inbox.Reply, From: "c-1@debtor.example",
			Person: "Anna Holm", Subject: "Re: " + id, Body: "I paid it.", CustomerID: o.debtor, PointID: o.anna})
		return err
	})
	return e
}

func (o *agency) handle(t testing.TB, e inbox.Entry) {
	t.Helper()
	o.do(t, o.Collector, func(tx *tenant.Tx) error { return inbox.Handle(t.Context(), tx, e.ID, e.Version, "Looked into it.") })
}

// A reply that nobody has answered holds what would go out by itself, whenever it
// comes: before the level is due, before the batch, in the batch, in the outbox.
func TestReplyHoldsAutomaticReminders(t *testing.T) {
	t.Parallel()
	for name, steps := range map[string]struct{ run, begin, work bool }{
		"before the run": {}, "after the run": {run: true}, "after the batch was started": {run: true, begin: true}, "when it is in the outbox": {run: true, begin: true, work: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newAgency(t)
			o.automatic(t)
			if steps.run {
				o.run(t)
			}
			if steps.begin {
				if err := o.SendAutomatic(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			if steps.work {
				o.work(t)
			}
			e := o.wrote(t, "a")
			if !steps.run {
				o.run(t)
			}
			o.tick(t)
			if n := len(o.sink.Taken()); n != 0 {
				t.Fatalf("%d sent though the customer waits for an answer", n)
			}
			entry := o.open(t)
			if s := entry.Sentence(day.New(2026, 3, 16)); entry.Why != dunning.WhyReply || !strings.HasPrefix(s, "The customer wrote and has no answer yet, so nothing goes out by itself. INV-1") {
				t.Errorf("why %s: %s", entry.Why, s)
			}
			o.handle(t, e)
			if entry = o.open(t); entry.Why != dunning.WhyLevel {
				t.Errorf("once it is handled the entry is there because of %s", entry.Why)
			}
			// What was begun and stopped today is tried again tomorrow.
			o.at(1, 9, 30)
			o.exec(t, `UPDATE tenants SET payments_loaded_to = '2026-03-17 06:00+00'`)
			o.run(t)
			o.tick(t)
			want := 1
			if steps.work { // what was written was taken out of the outbox: a person goes on
				want = 0
				o.said(t, "The customer wrote before it went out, and nobody has answered yet.")
			}
			if n := len(o.sink.Taken()); n != want {
				t.Errorf("%d sent once it is handled, want %d", n, want)
			}
		})
	}
}

// A message that was matched to the wrong customer holds nothing of theirs back once
// that is taken back.
func TestUnmatchedHoldsNothing(t *testing.T) {
	t.Parallel()
	o := newAgency(t)
	o.automatic(t)
	o.run(t)
	var e inbox.Entry
	o.do(t, o.System(), func(tx *tenant.Tx) (err error) {
		e, _, err = inbox.Take(t.Context(), tx, inbox.In{Channel: customer.Mail, ProviderID: "a", Kind: inbox.Reply, From: "who@debtor.example", Body: "Wait."})
		return err
	})
	o.do(t, o.Collector, func(tx *tenant.Tx) error { return inbox.Match(t.Context(), tx, e.ID, e.Version, o.debtor, 0) })
	if why := o.open(t).Why; why != dunning.WhyReply {
		t.Errorf("while it is theirs the entry is there because of %s", why)
	}
	o.do(t, o.Collector, func(tx *tenant.Tx) error { return inbox.Unmatch(t.Context(), tx, e.ID, e.Version+1) })
	if why := o.open(t).Why; why != dunning.WhyLevel {
		t.Errorf("once it is not, because of %s", why)
	}
	o.tick(t)
	if n := len(o.sink.Taken()); n != 1 {
		t.Errorf("%d sent, want 1", n)
	}
}

// A reply brings back what was put away before it, and leaves what was put away
// knowing of it.
func TestReplyEndsLater(t *testing.T) {
	t.Parallel()
	o := newAgency(t)
	o.run(t)
	entry := o.open(t)
	until := day.New(2026, 3, 30)
	if err := o.postpone(t, entry.ID, until, "On holiday."); err != nil {
		t.Fatal(err)
	}
	o.at(0, 11, 0)
	o.wrote(t, "a")
	if e := o.entry(t, entry.ID); !e.LaterOn.IsZero() || e.LaterReason != "" || e.Why != dunning.WhyReply {
		t.Errorf("%+v", e)
	}
	o.said(t, "Brought back before its day: the customer wrote.")
	o.at(0, 12, 0)
	if err := o.postpone(t, entry.ID, until, "She pays next week."); err != nil {
		t.Fatal(err)
	}
	o.do(t, o.System(), func(tx *tenant.Tx) error { tx.Touch(o.debtor); return nil })
	o.run(t)
	if e := o.entry(t, entry.ID); e.LaterOn != until || e.Why != dunning.WhyReply {
		t.Errorf("put away after the reply, it is %+v", e)
	}
}

// An e-mail that comes back takes its reminder back: the items fall to where they
// stood, a closed entry stays closed, the customer comes up again, and the address
// is not offered any more. Said twice, it is one.
func TestBounceTakesTheReminderBack(t *testing.T) {
	t.Parallel()
	o := newAgency(t)
	o.run(t)
	before := o.reached(t)
	entry := o.open(t)
	id := o.mail(t, o.Collector, entry.ID, dunning.Order{})
	o.deliver(t)
	o.done(t, entry.ID, dunning.Completion{})
	if o.reached(t) == before {
		t.Fatal("nothing was reached by the reminder")
	}
	for i, want := range []bool{true, false} {
		o.do(t, o.System(), func(tx *tenant.Tx) error {
			got, err := message.Bounce(t.Context(), tx, id, "550 5.1.1 No such user", true)
			if got != want {
				t.Errorf("time %d: %v", i+1, got)
			}
			return err
		})
	}
	is(t, "reached", o.reached(t), before)
	is(t, "reminders taken back", o.ask(t, `SELECT count(*) FROM reminders WHERE reverses IS NOT NULL AND reason = 'The e-mail came back.'`), "2")
	is(t, "the entry", o.ask(t, fmt.Sprintf(`SELECT state FROM agenda_entries WHERE id = %d`, entry.ID)), "done")
	if e := o.open(t); e.ID == entry.ID || e.Level != entry.Level {
		t.Errorf("the customer comes up as %+v", e)
	}
	is(t, "the address", o.ask(t, fmt.Sprintf(`SELECT bad_why FROM contact_points WHERE id = %d`, o.anna)), "550 5.1.1 No such user")
	o.said(t, "came back. 550 5.1.1 No such user")
	is(t, "the state", o.ask(t, fmt.Sprintf(`SELECT state FROM messages WHERE id = %d`, id)), "bounced")
}

// A person who sends to many is told who of them waits for an answer: the rule holds back
// what goes out by itself.
func TestPlanNamesWhoWaitsForAnAnswer(t *testing.T) {
	t.Parallel()
	o := newAgency(t)
	o.many(t, 2)
	ids, of := o.all(t)
	e := o.wrote(t, "a")
	for _, c := range []struct {
		kind   dunning.BulkKind
		except []int64
		want   string
	}{
		{dunning.BulkApprove, nil, "[Customer C-1 (C-1)]"},
		{dunning.BulkSend, nil, "[Customer C-1 (C-1)]"},
		{dunning.BulkPrint, nil, "[Customer C-1 (C-1)]"},
		{dunning.BulkLater, nil, "[]"},
		{dunning.BulkApprove, []int64{of["C-1"]}, "[]"},
	} {
		is(t, string(c.kind), fmt.Sprint(o.plan(t, dunning.Choice{IDs: ids, Except: c.except}, c.kind).Wrote), c.want)
	}
	o.exec(t, `UPDATE agenda_entries SET why = 'bounce' WHERE id = $1`, of["C-1"])
	is(t, "there for something else", fmt.Sprint(o.plan(t, dunning.Choice{IDs: ids}, dunning.BulkApprove).Wrote), "[Customer C-1 (C-1)]")
	o.handle(t, e)
	is(t, "handled", fmt.Sprint(o.plan(t, dunning.Choice{IDs: ids}, dunning.BulkApprove).Wrote), "[]")
	o.wrote(t, "b")
	o.print(t, of["C-1"])
	is(t, "only to be said to be done", fmt.Sprint(o.plan(t, dunning.Choice{IDs: ids}, dunning.BulkApprove).Wrote), "[]")
	if b, _ := o.start(t, dunning.Choice{IDs: ids}, dunning.Bulk{Kind: dunning.BulkApprove}); b.Done != 3 {
		t.Errorf("batch %+v", b)
	}
}
