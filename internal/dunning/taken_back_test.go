package dunning_test

import (
	"context"
	"testing"

	"github.com/google/uuid"

	"dunwell/internal/day"
	"dunwell/internal/dunning"
	"dunwell/internal/errs"
	"dunwell/internal/message"
	"dunwell/internal/smtptest"
	"dunwell/internal/tenant"
)

// undone is an entry of which the collector said Done, and Done was taken back
// because its e-mail came to that state.
func (o *agency) undone(t *testing.T, state message.State) (entry, mail int64) {
	t.Helper()
	entry = o.open(t).ID
	mail = o.mail(t, o.Collector, entry, dunning.Order{})
	o.done(t, entry, dunning.Completion{})
	switch state {
	case message.Failed:
		o.answers(smtptest.To, smtptest.Refuse)
	case message.Unknown:
		o.answers(smtptest.Body, smtptest.Lose)
	case message.Held:
		server := o.Box.Server
		o.Box.Server = nil
		defer func() { o.Box.Server = server }()
	}
	o.deliver(t)
	o.answers("", smtptest.Take)
	is(t, "the e-mail", o.ask(t, `SELECT state FROM messages WHERE id = $1`, mail), string(state))
	if e := o.entry(t, entry); e.State != dunning.Open || e.DoneAskedAt != nil {
		t.Fatalf("Done was not taken back: %+v", e)
	}
	return entry, mail
}

// answers has the mail server do that at a step, and take what comes otherwise.
func (o *agency) answers(at smtptest.Step, act smtptest.Act) {
	o.sink.Tell(func(step smtptest.Step, _ string) smtptest.Act {
		if step == at {
			return act
		}
		return smtptest.Take
	})
}

// tryDecide ends the doubt about a message as the manager.
func (o *agency) tryDecide(t *testing.T, id int64, to message.State) error {
	t.Helper()
	return o.Write(t.Context(), o.Manager, func(tx *tenant.Tx) error {
		m, err := message.FindInOutbox(t.Context(), tx, id)
		if err != nil {
			return err
		}
		return o.Box.Decide(t.Context(), tx, id, m.Version, to, "They were asked on the telephone")
	})
}

func (o *agency) decide(t *testing.T, id int64, to message.State) {
	t.Helper()
	if err := o.tryDecide(t, id, to); err != nil {
		t.Fatal(err)
	}
}

// tryRetry has messages sent again as the manager.
func (o *agency) tryRetry(t *testing.T, ids ...int64) (n int, left []string, err error) {
	t.Helper()
	err = o.Write(t.Context(), o.Manager, func(tx *tenant.Tx) (err error) {
		n, left, err = o.Box.Retry(t.Context(), tx, ids)
		return err
	})
	return n, left, err
}

func (o *agency) retry(t *testing.T, id int64) {
	t.Helper()
	if n, left, err := o.tryRetry(t, id); n != 1 || len(left) > 0 || err != nil {
		t.Fatalf("%d messages are sent again, left %q, %v", n, left, err)
	}
}

// Done that was taken back because its message was not sent, or nobody knew, is said
// as soon as it turns out that it was: once, by whoever said it first.
func TestSentAfterAll(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		state message.State
		said  string
		comes func(*testing.T, *agency, int64)
	}{
		"it failed and is sent again": {message.Failed, "its message was not sent", func(t *testing.T, o *agency, id int64) {
			o.retry(t, id)
			o.deliver(t)
		}},
		"it was held and is sent": {message.Held, "its message was not sent", func(t *testing.T, o *agency, id int64) {
			o.retry(t, id)
			o.deliver(t)
		}},
		"a person finds that it arrived": {message.Unknown, "nobody knows whether its message was sent", func(t *testing.T, o *agency, id int64) {
			o.decide(t, id, message.Sent)
		}},
		"a person has it sent again": {message.Unknown, "nobody knows whether its message was sent", func(t *testing.T, o *agency, id int64) {
			o.decide(t, id, message.Queued)
			o.deliver(t)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newAgency(t)
			entry, mail := o.undone(t, c.state)
			o.said(t, "Done was taken back: "+c.said+".")
			is(t, "reached while it was not sent", o.reached(t), "INV-1 -, INV-2 -")
			c.comes(t, o, mail)
			o.do(t, o.System(), func(tx *tenant.Tx) error { tx.Touch(o.debtor); return nil })
			if e := o.entry(t, entry); e.State != dunning.Done {
				t.Errorf("the entry is %s", e.State)
			}
			is(t, "closed by", o.ask(t, `SELECT closed_by = $2 FROM agenda_entries WHERE id = $1`, entry, o.CollectorID), "true")
			is(t, "reached", o.reached(t), "INV-1 5, INV-2 5")
			is(t, "reminders", o.ask(t, `SELECT count(*) || ' ' || count(reverses) FROM reminders`), "2 0")
		})
	}
}

// A program that was so slow that others took it for dead still says what became of
// its message, and Done with it.
func TestSlowAndNotDead(t *testing.T) {
	t.Parallel()
	o := newAgency(t)
	entry := o.open(t).ID
	mail := o.mail(t, o.Collector, entry, dunning.Order{})
	o.done(t, entry, dunning.Completion{})
	ref, err := uuid.Parse(o.ask(t, `SELECT reference FROM messages WHERE id = $1`, mail))
	if err != nil {
		t.Fatal(err)
	}
	at, on := make(chan struct{}), make(chan struct{})
	o.sink.Tell(func(step smtptest.Step, _ string) smtptest.Act {
		if step == smtptest.Body {
			close(at)
			<-on
		}
		return smtptest.Take
	})
	sent := make(chan error, 1)
	go func() {
		_, err := o.Box.Deliver(context.WithoutCancel(t.Context()), message.SendArgs{Tenant: o.ID, Reference: ref})
		sent <- err
	}()
	<-at
	o.exec(t, `UPDATE messages SET state_at = state_at - interval '1 hour' WHERE id = $1`, mail)
	if err := o.Box.Recover(t.Context()); err != nil {
		t.Error(err)
	}
	is(t, "meanwhile", o.ask(t, `SELECT state FROM messages WHERE id = $1`, mail), "unknown")
	close(on)
	if err := <-sent; err != nil {
		t.Fatal(err)
	}
	is(t, "in the end", o.ask(t, `SELECT state FROM messages WHERE id = $1`, mail), "sent")
	if e := o.entry(t, entry); e.State != dunning.Done {
		t.Errorf("the entry is %s", e.State)
	}
	is(t, "reached", o.reached(t), "INV-1 5, INV-2 5")
}

// Done is said by itself only of what it waited for: what is done about the entry
// afterwards waits for a person who says so, and what that person said counts once.
func TestDoneIsSaidOnlyOfWhatItWaitedFor(t *testing.T) {
	t.Parallel()
	o := newAgency(t)
	entry, first := o.undone(t, message.Failed)
	second := o.mail(t, o.Collector, entry, dunning.Order{})
	o.deliver(t)
	if e := o.entry(t, entry); second == first || e.State != dunning.Open {
		t.Errorf("the second e-mail %d after %d: %+v", second, first, e)
	}
	o.done(t, entry, dunning.Completion{})
	_, _, err := o.tryRetry(t, first)
	refuses[errs.Conflict](t, err, "once its agenda entry is closed")
	o.deliver(t)
	is(t, "reached", o.reached(t), "INV-1 5, INV-2 5")
	is(t, "reminders", o.ask(t, `SELECT count(*) || ' ' || count(reverses) FROM reminders`), "2 0")
}

// Said again, Done waits for what is on its way now; taken back a second time, it is
// said of either.
func TestTakenBackTwice(t *testing.T) {
	t.Parallel()
	o := newAgency(t)
	entry, first := o.undone(t, message.Failed)
	if again, second := o.undone(t, message.Unknown); again != entry || second == first {
		t.Fatalf("entry %d, e-mail %d after %d, %d", again, second, entry, first)
	}
	o.retry(t, first)
	o.deliver(t)
	if e := o.entry(t, entry); e.State != dunning.Done {
		t.Errorf("the entry is %s", e.State)
	}
	is(t, "reminders", o.ask(t, `SELECT count(*) || ' ' || count(reverses) FROM reminders`), "2 0")
}

// What was sent after all is done also where it was put away meanwhile; where what is
// owed was paid meanwhile, nothing is left to be done.
func TestSentAfterAllMeanwhile(t *testing.T) {
	t.Parallel()
	o := newAgency(t)
	entry, mail := o.undone(t, message.Unknown)
	if err := o.postpone(t, entry, day.New(2026, 3, 19), "They asked for some days"); err != nil {
		t.Fatal(err)
	}
	o.decide(t, mail, message.Sent)
	if e := o.entry(t, entry); e.State != dunning.Done {
		t.Errorf("put away, the entry is %s", e.State)
	}

	o = newAgency(t)
	entry, mail = o.undone(t, message.Unknown)
	if err := o.pay(t.Context(), o.debtor, 131_157); err != nil {
		t.Fatal(err)
	}
	o.decide(t, mail, message.Sent)
	if e := o.entry(t, entry); e.State != dunning.Withdrawn {
		t.Errorf("paid, the entry is %s", e.State)
	}
	is(t, "reminders", o.ask(t, `SELECT count(*) FROM reminders`), "0")
}
