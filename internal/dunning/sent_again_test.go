package dunning_test

import (
	"testing"

	"dunwell/internal/dunning"
	"dunwell/internal/message"
)

// A reminder whose entry was done in another way does not go out when somebody sends
// it again; one that was on its way when that was said does.
func TestSentAgainAfterAnother(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		state message.State
		again func(*agency, *testing.T, int64)
		goes  int
		ends  message.State
	}{
		"held":    {message.Held, (*agency).retry, 0, message.Discarded},
		"failed":  {message.Failed, (*agency).retry, 0, message.Discarded},
		"unknown": {message.Unknown, func(o *agency, t *testing.T, id int64) { o.decide(t, id, false) }, 0, message.Discarded},
		"queued":  {message.Queued, func(*agency, *testing.T, int64) {}, 1, message.Sent},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newAgency(t)
			var entry, mail int64
			if c.state == message.Queued {
				entry = o.open(t).ID
				mail = o.mail(t, o.Collector, entry, dunning.Order{})
			} else {
				entry, mail = o.undone(t, c.state)
			}
			before := len(o.sink.Taken())
			o.print(t, entry)
			o.done(t, entry, dunning.Completion{})
			if e := o.entry(t, entry); e.State != dunning.Done {
				t.Fatalf("the entry is %s", e.State)
			}
			c.again(o, t, mail)
			o.deliver(t)
			if n := len(o.sink.Taken()) - before; n != c.goes {
				t.Errorf("%d e-mails went out", n)
			}
			is(t, "the e-mail", o.ask(t, `SELECT state FROM messages WHERE id = $1`, mail), string(c.ends))
			is(t, "reminders", o.ask(t, `SELECT count(*) || ' ' || count(reverses) FROM reminders`), "2 0")
			if c.ends == message.Discarded {
				o.said(t, "was not sent. It was sent again after its agenda entry was closed")
			}
		})
	}
}

// What was sent again before Done was said goes out, and so does what asks for nothing.
func TestSentAgainBeforeDone(t *testing.T) {
	t.Parallel()
	for name, begin := range map[string]func(o *agency, t *testing.T, mail int64){
		"before": func(o *agency, t *testing.T, mail int64) {
			o.retry(t, mail)
			o.exec(t, `UPDATE agenda_entries SET closed_at = clock_timestamp() + interval '1 minute' WHERE state = 'done'`)
		},
		"asks for nothing": func(o *agency, t *testing.T, mail int64) {
			o.exec(t, `UPDATE templates SET demands = false`)
			o.exec(t, `UPDATE messages SET demands = false`)
			o.retry(t, mail)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newAgency(t)
			entry, mail := o.undone(t, message.Held)
			o.print(t, entry)
			o.done(t, entry, dunning.Completion{})
			begin(o, t, mail)
			o.deliver(t)
			is(t, "the e-mail", o.ask(t, `SELECT state FROM messages WHERE id = $1`, mail), string(message.Sent))
		})
	}
}

// What asks for nothing, such as copies of an invoice, goes out although the invoice was
// paid meanwhile; a reminder of it does not.
func TestPaidBeforeCopiesGoOut(t *testing.T) {
	t.Parallel()
	for demands, want := range map[bool]message.State{true: message.Discarded, false: message.Sent} {
		o := newAgency(t)
		e := o.open(t)
		mail := o.mail(t, o.Collector, e.ID, dunning.Order{})
		o.exec(t, `UPDATE templates SET demands = $1`, demands)
		o.exec(t, `UPDATE messages SET demands = $1`, demands)
		if err := o.pay(t.Context(), e.CustomerID, 50_03); err != nil {
			t.Fatal(err)
		}
		o.deliver(t)
		is(t, "the e-mail", o.ask(t, `SELECT state FROM messages WHERE id = $1`, mail), string(want))
	}
}
