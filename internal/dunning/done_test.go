package dunning_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"dunwell/internal/day"
	"dunwell/internal/dunning"
	"dunwell/internal/errs"
	"dunwell/internal/message"
	"dunwell/internal/smtptest"
	"dunwell/internal/tenant"
)

// S2.12, S2.15 to S2.21, S2.26: nothing done is refused, a letter counts at once,
// Done raises what the letter named and takes the customer off the list until its
// next level.
func TestDone(t *testing.T) {
	t.Parallel()
	o := newAgency(t)
	e := o.open(t)
	if e.Level != 1 || e.Items != 2 || e.ToCollect != 131_157 || e.Why != dunning.WhyLevel {
		t.Fatalf("opened %+v", e)
	}
	refuses[errs.Conflict](t, o.tryDone(t, o.Collector, e.ID, dunning.Completion{}), "Nothing was done about it yet.")
	first := o.print(t, e.ID)
	if again := o.print(t, e.ID); again != first {
		t.Errorf("printed twice: %d and %d", first, again)
	}
	o.done(t, e.ID, dunning.Completion{})
	is(t, "reached", o.reached(t), "INV-1 5, INV-2 5")
	is(t, "reminders", o.ask(t, `SELECT string_agg(concat_ws(' ', i.number, coalesce(from_days::text, '-'), after_days, r.reminded_on, r.pay_by, r.amount), ', ' ORDER BY i.number)
		FROM reminders r JOIN items i ON i.id = r.item_id`), "INV-1 - 5 2026-03-16 2026-03-23 123456, INV-2 - 5 2026-03-16 2026-03-23 7701")
	is(t, "day kept", o.ask(t, `SELECT next_reminder_on FROM customers WHERE id = $1`, o.debtor), "")
	if e := o.open(t); e.ID != 0 {
		t.Errorf("still open: %+v", e)
	}
	closed := o.entry(t, e.ID)
	if closed.State != dunning.Done || closed.ClosedAt == nil {
		t.Errorf("closed %+v", closed)
	}
	o.said(t, "Done, level 1 (First reminder). Reminded of INV-1, INV-2.")
	// S2.20: what was done in that cycle does not count in the next one.
	o.at(7, 9, 0)
	o.run(t)
	if e := o.open(t); e.ID != 0 {
		t.Errorf("back while the deadline runs: %+v", e)
	}
	o.at(8, 9, 0)
	o.run(t)
	next := o.open(t)
	if next.ID == 0 || next.Level != 2 || next.ItemNumber != "INV-1" {
		t.Fatalf("next %+v", next)
	}
	refuses[errs.Conflict](t, o.tryDone(t, o.Collector, next.ID, dunning.Completion{}), "Nothing was done about it yet.")
	var history []dunning.Reminder
	o.do(t, o.Collector, func(tx *tenant.Tx) (err error) {
		history, err = dunning.History(t.Context(), tx, o.debtor)
		return err
	})
	if len(history) != 2 || history[1].LevelName != "First reminder" || history[1].Kind != dunning.ByLetter || history[1].MessageID != first ||
		history[1].Member != "acme collector" || history[1].On != day.New(2026, 3, 16) {
		t.Errorf("history %+v", history)
	}
}

// S2.13, S2.28: the e-mail goes at once to the address on file with the statement,
// Done said before it is sent waits, and is done when it is.
func TestDoneWaitsForTheMessage(t *testing.T) {
	t.Parallel()
	o := newAgency(t)
	e := o.open(t)
	id := o.mail(t, o.Collector, e.ID, dunning.Order{})
	if again := o.mail(t, o.Manager, e.ID, dunning.Order{}); again != id {
		t.Errorf("sent twice: %d and %d", id, again)
	}
	o.done(t, e.ID, dunning.Completion{})
	waiting := o.open(t)
	if waiting.DoneAskedAt == nil || o.reached(t) != "INV-1 -, INV-2 -" {
		t.Fatalf("before it is sent: %+v, %s", waiting, o.reached(t))
	}
	refuses[errs.Conflict](t, o.tryDone(t, o.Collector, e.ID, dunning.Completion{}), "It is said to be done already.")
	o.deliver(t)
	if got := o.entry(t, e.ID); got.State != dunning.Done || got.DoneAskedAt != nil {
		t.Errorf("after it is sent: %+v", got)
	}
	is(t, "closed by", o.ask(t, `SELECT closed_by = $2 FROM agenda_entries WHERE id = $1`, e.ID, o.CollectorID), "true")
	is(t, "reached", o.reached(t), "INV-1 5, INV-2 5")
	sent := o.sink.Wait(t, 1)
	if len(sent) != 1 || sent[0].To != "c-1@debtor.example" {
		t.Fatalf("sent %+v", sent)
	}
	is(t, "attached", o.ask(t, `SELECT count(*) FROM message_documents`), "1")
	body := strings.ReplaceAll(o.ask(t, `SELECT body FROM messages`), "\u00a0", " ")
	for _, words := range []string{"INV-1, due 20 Feb 2026: EUR 1,234.56", "INV-2, due 5 Mar 2026: EUR 77.01", "EUR 1,311.57 by 23 Mar 2026"} {
		if !strings.Contains(body, words) {
			t.Errorf("the e-mail does not say %q:\n%s", words, body)
		}
	}
}

// A message that is not sent takes Done back; one that comes back later takes the
// reminder back and opens the customer again, while the entry stays closed.
func TestNotSent(t *testing.T) {
	t.Parallel()
	o := newAgency(t)
	e := o.open(t)
	o.answers(smtptest.To, smtptest.Refuse)
	first := o.mail(t, o.Collector, e.ID, dunning.Order{})
	o.done(t, e.ID, dunning.Completion{})
	o.deliver(t)
	if got := o.open(t); got.ID != e.ID || got.DoneAskedAt != nil {
		t.Errorf("after it failed: %+v", got)
	}
	o.said(t, "Done was taken back: its message was not sent.")
	refuses[errs.Conflict](t, o.tryDone(t, o.Collector, e.ID, dunning.Completion{}), "The e-mail was not sent, so it does not count.")
	o.answers("", smtptest.Take)
	second := o.mail(t, o.Collector, e.ID, dunning.Order{})
	if second == first {
		t.Fatal("the one that failed was given again")
	}
	o.deliver(t)
	o.done(t, e.ID, dunning.Completion{})
	is(t, "reached", o.reached(t), "INV-1 5, INV-2 5")
	for range 2 { // the second time changes nothing
		o.exec(t, `UPDATE messages SET state = 'bounced' WHERE id = $1`, second)
		o.do(t, o.System(), func(tx *tenant.Tx) error { tx.Touch(o.debtor); return nil })
	}
	is(t, "reached after it came back", o.reached(t), "INV-1 -, INV-2 -")
	is(t, "reminders", o.ask(t, `SELECT count(*) || ' ' || count(reverses) FROM reminders`), "4 2")
	if got := o.entry(t, e.ID); got.State != dunning.Done {
		t.Errorf("the entry is %s", got.State)
	}
	if got := o.open(t); got.ID == 0 || got.ID == e.ID || got.Level != 1 {
		t.Errorf("opened again: %+v", got)
	}
	o.said(t, "The reminder is taken back, and the items stand as they did before it. The e-mail came back.")
	// a letter about the same would have kept it
	o.do(t, o.Collector, func(tx *tenant.Tx) error {
		history, err := dunning.History(t.Context(), tx, o.debtor)
		if err == nil && (len(history) != 2 || history[0].ReversedAt == nil || history[0].Reversed != "The e-mail came back.") {
			err = fmt.Errorf("history %+v", history)
		}
		return err
	})
}

// Of a letter and an e-mail about the same, one is enough.
func TestAnotherActionKeepsTheReminder(t *testing.T) {
	t.Parallel()
	o := newAgency(t)
	e := o.open(t)
	o.print(t, e.ID)
	id := o.mail(t, o.Collector, e.ID, dunning.Order{})
	o.done(t, e.ID, dunning.Completion{})
	o.do(t, o.Manager, func(tx *tenant.Tx) error {
		_, err := message.Discard(t.Context(), tx, []int64{id}, "The letter is enough")
		return err
	})
	is(t, "reached", o.reached(t), "INV-1 5, INV-2 5")
	is(t, "taken back", o.ask(t, `SELECT count(reverses) FROM reminders`), "0")
}

// S2.29: of two who say Done at once, one does; the other is told who did. The same
// for two who send: one message.
func TestTwoAtOnce(t *testing.T) {
	t.Parallel()
	o := newAgency(t)
	e := o.open(t)
	ids := both(o, func(tx *tenant.Tx) (id int64, err error) { return o.Mail(t.Context(), tx, e.ID, dunning.Order{}) })
	if ids[0].err != nil || ids[1].err != nil || ids[0].id != ids[1].id {
		t.Errorf("sent %+v", ids)
	}
	is(t, "messages", o.ask(t, `SELECT count(*) FROM messages`), "1")
	is(t, "actions", o.ask(t, `SELECT count(*) FROM agenda_actions`), "1")
	o.deliver(t)
	version := o.open(t).Version
	ends := both(o, func(tx *tenant.Tx) (int64, error) {
		return 0, dunning.Complete(t.Context(), tx, e.ID, dunning.Completion{Version: version})
	})
	lost := ends[0].err
	if lost == nil {
		lost = ends[1].err
	}
	if (ends[0].err == nil) == (ends[1].err == nil) {
		t.Fatalf("both or none: %v, %v", ends[0].err, ends[1].err)
	}
	refuses[errs.Conflict](t, lost, "said on Mon 16 Mar, 10:30 that this is done, after e-mail by acme")
	is(t, "reminders", o.ask(t, `SELECT count(*) FROM reminders`), "2")
	refuses[errs.Conflict](t, o.Write(t.Context(), o.Collector, func(tx *tenant.Tx) error {
		_, err := o.Print(t.Context(), tx, e.ID, dunning.Order{})
		return err
	}), "that this is done")
}

type outcome struct {
	id  int64
	err error
}

// both has the collector and the manager do the same at once.
func both(o *agency, f func(tx *tenant.Tx) (int64, error)) (got [2]outcome) {
	var all sync.WaitGroup
	for i, who := range []tenant.Who{o.Collector, o.Manager} {
		all.Go(func() {
			got[i].err = o.Write(context.Background(), who, func(tx *tenant.Tx) (err error) {
				got[i].id, err = f(tx)
				return err
			})
		})
	}
	all.Wait()
	return got
}
