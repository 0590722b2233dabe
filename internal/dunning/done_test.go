package dunning_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"dunwell/internal/customer"
	"dunwell/internal/day"
	"dunwell/internal/dbtest"
	"dunwell/internal/dunning"
	"dunwell/internal/errs"
	"dunwell/internal/ledger"
	"dunwell/internal/message"
	"dunwell/internal/money"
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
	o.sink.Tell(func(step smtptest.Step, _ string) smtptest.Act {
		if step == smtptest.To {
			return smtptest.Refuse
		}
		return smtptest.Take
	})
	first := o.mail(t, o.Collector, e.ID, dunning.Order{})
	o.done(t, e.ID, dunning.Completion{})
	o.deliver(t)
	if got := o.open(t); got.ID != e.ID || got.DoneAskedAt != nil {
		t.Errorf("after it failed: %+v", got)
	}
	o.said(t, "Done was taken back: its message was not sent.")
	refuses[errs.Conflict](t, o.tryDone(t, o.Collector, e.ID, dunning.Completion{}), "The e-mail was not sent, so it does not count.")
	o.sink.Tell(func(smtptest.Step, string) smtptest.Act { return smtptest.Take })
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

// A stale version is told what was done meanwhile.
func TestDoneOfWhatMoved(t *testing.T) {
	t.Parallel()
	o := newAgency(t)
	e := o.open(t)
	o.print(t, e.ID)
	err := o.Write(t.Context(), o.Manager, func(tx *tenant.Tx) error {
		return dunning.Complete(t.Context(), tx, e.ID, dunning.Completion{Version: e.Version})
	})
	refuses[errs.Conflict](t, err, "The last that was done: letter by acme collector on Mon 16 Mar, 10:30")
}

// S2.14: no address is a refusal that says what to do, and no action.
func TestNoAddress(t *testing.T) {
	t.Parallel()
	o := newAgency(t)
	e := o.open(t)
	o.exec(t, `UPDATE contact_points SET retired_at = now() WHERE id = $1`, o.anna)
	o.exec(t, `UPDATE customers SET street = '', city = '' WHERE id = $1`, o.debtor)
	for want, f := range map[string]func(tx *tenant.Tx) (int64, error){
		"No e-mail address of this customer is on file.": func(tx *tenant.Tx) (int64, error) { return o.Mail(t.Context(), tx, e.ID, dunning.Order{}) },
		"No postal address of this customer is known.":   func(tx *tenant.Tx) (int64, error) { return o.Print(t.Context(), tx, e.ID, dunning.Order{}) },
	} {
		refuses[errs.Invalid](t, o.Write(t.Context(), o.Collector, func(tx *tenant.Tx) error { _, err := f(tx); return err }), want)
	}
	refuses[errs.Conflict](t, o.tryDone(t, o.Collector, e.ID, dunning.Completion{}), "Nothing was done about it yet.")
	o.exec(t, `UPDATE contact_points SET retired_at = now() WHERE customer_id = $1`, o.debtor)
	refuses[errs.Invalid](t, o.Write(t.Context(), o.Collector, func(tx *tenant.Tx) error {
		_, err := o.SMS(t.Context(), tx, e.ID, dunning.Order{})
		return err
	}), "No telephone number of this customer is on file.")
	refuses[errs.Conflict](t, o.tryDone(t, o.Collector, e.ID, dunning.Completion{}), "Nothing was done about it yet.")
}

// A letter that is printed from another screen while the entry is open is an action
// of it; one from before is not.
func TestOtherScreens(t *testing.T) {
	t.Parallel()
	o := newAgency(t)
	letter := func() {
		o.do(t, o.Collector, func(tx *tenant.Tx) error {
			_, err := o.Box.Send(t.Context(), tx, message.New{CustomerID: o.debtor, Channel: customer.Letter, Subject: "Your account", Body: "Please call us."})
			return err
		})
	}
	e := o.open(t)
	o.exec(t, `UPDATE agenda_entries SET created_at = clock_timestamp() + interval '1 hour'`)
	letter()
	refuses[errs.Conflict](t, o.tryDone(t, o.Collector, e.ID, dunning.Completion{}), "Nothing was done about it yet.")
	o.exec(t, `UPDATE agenda_entries SET created_at = clock_timestamp()`)
	letter()
	var actions []dunning.Action
	o.do(t, o.Collector, func(tx *tenant.Tx) (err error) {
		actions, err = dunning.Actions(t.Context(), tx, e.ID)
		return err
	})
	if len(actions) != 1 || !actions[0].Counts || actions[0].Kind != dunning.ByLetter || actions[0].Text != "Your account" || actions[0].Member != "acme collector" {
		t.Fatalf("actions %+v", actions)
	}
	o.done(t, e.ID, dunning.Completion{})
	is(t, "reached", o.reached(t), "INV-1 5, INV-2 5")
}

// S2.27 and the payment between selection and sending: a payment of all withdraws
// the entry, and what waits to be sent is not sent; of a part, neither.
func TestPaidBetween(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		minor int64
		state dunning.State
	}{"all": {131_157, dunning.Withdrawn}, "a part": {5_003, dunning.Open}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newAgency(t)
			e := o.open(t)
			id := o.mail(t, o.Collector, e.ID, dunning.Order{})
			o.done(t, e.ID, dunning.Completion{})
			o.do(t, o.Collector, func(tx *tenant.Tx) error {
				items, err := ledger.Payables(t.Context(), tx, o.debtor, o.account, "EUR", 10)
				if err != nil {
					return err
				}
				_, err = ledger.Record(t.Context(), tx, ledger.Payment{CustomerID: o.debtor, AccountID: o.account, Number: "P-1", ValueOn: tx.Today(),
					Amount: money.New(c.minor, "EUR"), Lines: ledger.Propose(items, c.minor)})
				return err
			})
			o.deliver(t)
			if n := len(o.sink.Taken()); n != 0 {
				t.Errorf("%d e-mails went out", n)
			}
			is(t, "message", o.ask(t, `SELECT state FROM messages WHERE id = $1`, id), "discarded")
			if got := o.entry(t, e.ID); got.State != c.state || got.State == dunning.Open && got.DoneAskedAt != nil {
				t.Errorf("entry %+v", got)
			}
			is(t, "reached", o.reached(t), "INV-1 -, INV-2 -")
		})
	}
}

// Archived between selection and sending: nothing goes out, nothing can be done, and
// taking the customer back releases nothing.
func TestArchivedBetween(t *testing.T) {
	t.Parallel()
	o := newAgency(t)
	e := o.open(t)
	o.mail(t, o.Collector, e.ID, dunning.Order{})
	archive := func(f func() error) {
		if err := f(); err != nil {
			t.Fatal(err)
		}
	}
	archive(func() error {
		return o.Write(t.Context(), o.Manager, func(tx *tenant.Tx) error { return customer.Archive(t.Context(), tx, o.debtor, "Closed") })
	})
	o.deliver(t)
	err := o.Write(t.Context(), o.Collector, func(tx *tenant.Tx) error { return dunning.Act(t.Context(), tx, e.ID, "Drove there") })
	if err == nil {
		t.Error("worked while archived")
	}
	archive(func() error {
		return o.Write(t.Context(), o.Manager, func(tx *tenant.Tx) error { return customer.TakeBack(t.Context(), tx, o.debtor, "They trade again") })
	})
	o.deliver(t)
	if n := len(o.sink.Taken()); n != 0 {
		t.Errorf("%d e-mails went out", n)
	}
}

// What another company's people and ids come to.
func TestWorkOfAnotherCompany(t *testing.T) {
	t.Parallel()
	o := newAgency(t)
	e := o.open(t)
	rival := dbtest.Tenant(t, o.Database, "rival")
	for name, f := range map[string]func(tx *tenant.Tx) error{
		"find":     func(tx *tenant.Tx) error { _, err := dunning.FindEntry(t.Context(), tx, e.ID); return err },
		"print":    func(tx *tenant.Tx) error { _, err := o.Print(t.Context(), tx, e.ID, dunning.Order{}); return err },
		"act":      func(tx *tenant.Tx) error { return dunning.Act(t.Context(), tx, e.ID, "x") },
		"call":     func(tx *tenant.Tx) error { return dunning.LogCall(t.Context(), tx, e.ID, dunning.Call{}) },
		"done":     func(tx *tenant.Tx) error { return dunning.Complete(t.Context(), tx, e.ID, dunning.Completion{}) },
		"later":    func(tx *tenant.Tx) error { return dunning.Postpone(t.Context(), tx, e.ID, dunning.Postponement{}) },
		"mode":     func(tx *tenant.Tx) error { return dunning.SetMode(t.Context(), tx, o.debtor, dunning.Mode{}) },
		"pause":    func(tx *tenant.Tx) error { return dunning.PauseCustomer(t.Context(), tx, o.debtor, dunning.Pause{}) },
		"reminded": func(tx *tenant.Tx) error { _, err := dunning.RemindingOf(t.Context(), tx, o.debtor); return err },
	} {
		if err := o.Write(t.Context(), rival.Admin, f); !errors.Is(err, errs.NotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
