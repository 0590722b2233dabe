package dunning_test

import (
	"testing"

	"dunwell/internal/customer"
	"dunwell/internal/dunning"
	"dunwell/internal/errs"
	"dunwell/internal/message"
	"dunwell/internal/tenant"
)

// say writes to the debtor by hand what asks for nothing, or for money.
func (o *agency) say(t testing.TB, n message.New) {
	t.Helper()
	n.CustomerID, n.Body = o.debtor, "Thank you."
	switch n.Channel {
	case customer.Mail:
		n.PointID, n.Subject = o.anna, "Re: Your account"
	case customer.SMS:
		n.PointID = o.phone
	case customer.Letter:
		n.Subject = "Your account"
	}
	o.do(t, o.Collector, func(tx *tenant.Tx) error {
		_, err := o.Box.Send(t.Context(), tx, n)
		return err
	})
	o.deliver(t)
}

// An answer by hand that asks for nothing is no reminder: the program says Done of its
// own e-mail, once that was accepted, and the reminder is recorded of that. What asks
// for money by hand is one, and nothing goes out twice.
func TestAnswerIsNoReminder(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		by      customer.Channel
		demands bool
		sent    int // e-mails of the program
	}{
		"thanks by e-mail": {customer.Mail, false, 1}, "thanks by SMS": {customer.SMS, false, 1}, "thanks by letter": {customer.Letter, false, 1},
		"asked by e-mail": {customer.Mail, true, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newAgency(t)
			o.telephone(t)
			o.levelOne(t, dunning.ByEmail, dunning.BySMS)
			o.automatic(t)
			o.run(t)
			wrote := o.wrote(t, "a")
			o.say(t, message.New{Channel: c.by, Demands: c.demands})
			is(t, "the answer is an action", o.ask(t, `SELECT count(*) FROM agenda_actions`), "1")
			o.tick(t)
			is(t, "while the customer waits", o.ask(t, `SELECT string_agg(state, ' ') FROM agenda_entries`), "open")
			o.handle(t, wrote)
			if err := o.SendAutomatic(t.Context()); err != nil {
				t.Fatal(err)
			}
			o.work(t)
			is(t, "before it is accepted", o.ask(t, `SELECT count(*) FROM reminders`), map[bool]string{false: "0", true: "2"}[c.demands])
			o.deliver(t)
			for range 2 {
				o.tick(t)
			}
			is(t, "e-mails of the program", o.ask(t, `SELECT count(*) FROM messages WHERE author_id IS NULL AND channel = 'email' AND confirms = '' AND state = 'sent'`), map[int]string{0: "0", 1: "1"}[c.sent])
			is(t, "SMS of the program", o.ask(t, `SELECT count(*) FROM messages WHERE author_id IS NULL AND channel = 'sms'`), "0")
			is(t, "the entry", o.ask(t, `SELECT string_agg(state, ' ') FROM agenda_entries`), "done")
			is(t, "reminders of what asks for money", o.ask(t, `
				SELECT count(*) || ' ' || bool_and(m.demands)
				FROM reminders r
				JOIN agenda_actions a ON a.id = r.action_id
				JOIN messages m ON m.id = a.message_id`), "2 true")
		})
	}
}

// Where nothing of the level can be sent, an answer by hand changes nothing: the entry
// stays, and a person may say that it is done.
func TestAnswerWhereNothingCanBeSent(t *testing.T) {
	t.Parallel()
	o := newAgency(t)
	o.telephone(t)
	o.levelOne(t, dunning.BySMS)
	o.automatic(t)
	o.run(t)
	o.say(t, message.New{Channel: customer.Mail})
	o.exec(t, `UPDATE contact_points SET retired_at = now() WHERE id = $1`, o.phone)
	o.tick(t)
	e := o.open(t)
	is(t, "reminders", o.ask(t, `SELECT count(*) FROM reminders`), "0")
	o.done(t, e.ID, dunning.Completion{})
	is(t, "a person's", o.ask(t, `SELECT count(*) FROM reminders`), "2")
	is(t, "reached", o.reached(t), "INV-1 5, INV-2 5")
}

// An answer that is written while the program's e-mail is on its way does not complete
// Done that waits for the e-mail; where that fails, Done is taken back.
func TestAnswerWhileTheReminderIsOnItsWay(t *testing.T) {
	t.Parallel()
	for name, does := range map[string]struct {
		address        string
		entry, reached string
	}{
		"it is accepted": {"c-1@debtor.example", "done", "INV-1 5, INV-2 5"},
		"it fails":       {"moved@debtor.example", "open", "INV-1 -, INV-2 -"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newAgency(t)
			o.telephone(t)
			o.levelOne(t, dunning.ByEmail)
			o.automatic(t)
			o.run(t)
			if err := o.SendAutomatic(t.Context()); err != nil {
				t.Fatal(err)
			}
			o.work(t)
			mail := o.ask(t, `SELECT id FROM messages`)
			o.exec(t, `UPDATE messages SET state = 'sending' WHERE id = $1::bigint`, mail) // the mail server takes its time
			o.say(t, message.New{Channel: customer.Letter})
			e := o.open(t)
			if e.ID == 0 || e.DoneAskedAt == nil {
				t.Fatalf("an answer completed Done: %+v", e)
			}
			o.exec(t, `UPDATE messages SET state = 'queued' WHERE id = $1::bigint`, mail)
			o.exec(t, `UPDATE contact_points SET value = $2 WHERE id = $1`, o.anna, does.address)
			o.deliver(t)
			is(t, "the entry", o.ask(t, `SELECT string_agg(state, ' ') FROM agenda_entries`), does.entry)
			is(t, "reached", o.reached(t), does.reached)
		})
	}
}

// A reminder of the program that comes back is taken back although somebody wrote
// something else about the entry, and stays where a person asked for the money too.
func TestBounceBesideAnAnswer(t *testing.T) {
	t.Parallel()
	for demands, want := range map[bool]string{false: "INV-1 -, INV-2 -", true: "INV-1 5, INV-2 5"} {
		o := newAgency(t)
		o.telephone(t)
		o.levelOne(t, dunning.ByEmail)
		o.automatic(t)
		o.run(t)
		if !demands {
			o.say(t, message.New{Channel: customer.SMS})
		}
		if err := o.SendAutomatic(t.Context()); err != nil {
			t.Fatal(err)
		}
		o.work(t)
		if demands {
			o.say(t, message.New{Channel: customer.SMS, Demands: true})
		}
		o.deliver(t)
		is(t, "reached before", o.reached(t), "INV-1 5, INV-2 5")
		o.do(t, o.System(), func(tx *tenant.Tx) error {
			_, err := message.Bounce(t.Context(), tx, o.number(t, `SELECT id FROM messages WHERE channel = 'email'`), "550 5.1.1 No such user", true)
			return err
		})
		is(t, "reached", o.reached(t), want)
	}
}

// The text of a level that asks for nothing yet, as before the due date, is its
// reminder, whoever sends it: it goes out once.
func TestLevelThatAsksForNothing(t *testing.T) {
	t.Parallel()
	for name, byHand := range map[string]bool{"by itself": false, "by hand before": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newAgency(t)
			o.automatic(t)
			o.exec(t, `UPDATE templates SET demands = false`)
			o.run(t)
			if byHand {
				o.mail(t, o.Collector, o.open(t).ID, dunning.Order{})
				o.deliver(t)
			}
			for range 3 {
				o.tick(t)
			}
			is(t, "sent", o.ask(t, `SELECT count(*) || ' ' || bool_or(demands) FROM messages WHERE state = 'sent'`), "1 false")
			is(t, "the entry", o.ask(t, `SELECT string_agg(state, ' ') FROM agenda_entries`), "done")
			is(t, "reached", o.reached(t), "INV-1 5, INV-2 5")
		})
	}
}

// What somebody wrote is a reminder or none as it was written, whatever text the level
// is given, and whatever a text comes to ask for, before somebody says Done.
func TestTextChangedAfterItWasWritten(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		write   func(*agency, *testing.T)
		then    string
		program string // e-mails that it writes
	}{
		"the level has another text": {
			func(o *agency, t *testing.T) { o.mail(t, o.Collector, o.open(t).ID, dunning.Order{}) },
			`UPDATE level_actions SET template_id = (SELECT min(id) FROM templates WHERE name = 'Payment reminder' AND channel = 'email') WHERE kind = 'email'`, "0",
		},
		"a text asks for money": {
			func(o *agency, t *testing.T) {
				o.say(t, message.New{Channel: customer.Mail, TextID: o.number(t, `SELECT min(x.id) FROM template_texts x JOIN templates t ON t.id = x.template_id WHERE t.name = 'Payment reminder' AND t.channel = 'email'`)})
			},
			`UPDATE templates SET demands = true WHERE name = 'Payment reminder' AND channel = 'email'`, "1",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newAgency(t)
			o.automatic(t)
			o.exec(t, `UPDATE templates SET demands = false`)
			o.run(t)
			c.write(o, t)
			o.deliver(t)
			o.exec(t, c.then)
			for range 3 {
				o.tick(t)
			}
			is(t, "e-mails of the program", o.ask(t, `SELECT count(*) FROM messages WHERE author_id IS NULL`), c.program)
			is(t, "the entry", o.ask(t, `SELECT string_agg(state, ' ') FROM agenda_entries`), "done")
			is(t, "reached", o.reached(t), "INV-1 5, INV-2 5")
		})
	}
}

// To a person's bulk an answer is what it was: it only has to be said to be done.
func TestAnswerAndABulkOfAPerson(t *testing.T) {
	t.Parallel()
	o := newAgency(t)
	o.run(t)
	o.say(t, message.New{Channel: customer.Mail})
	ids, _ := o.all(t)
	p := o.plan(t, dunning.Choice{IDs: ids}, dunning.BulkApprove)
	if p.Entries != 1 || p.Emails != 0 {
		t.Errorf("plan %+v", p)
	}
	refuses[errs.Forbidden](t, o.Write(t.Context(), o.Collector, func(tx *tenant.Tx) error {
		_, _, err := o.Start(t.Context(), tx, dunning.Choice{IDs: ids}, dunning.Bulk{Kind: dunning.BulkApprove})
		return err
	}), "Only managers")
}

// number is ask for an id.
func (o *agency) number(t testing.TB, sql string) (id int64) {
	t.Helper()
	if err := o.owner.QueryRow(t.Context(), sql).Scan(&id); err != nil {
		t.Fatal(err)
	}
	return id
}

// An answer that asks for nothing and did not arrive keeps the program from nothing;
// while nobody knows whether it did, and where a reminder did not, the entry is a person's.
func TestAnswerThatDidNotArrive(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		state   string
		demands bool
		sent    string
	}{
		"it arrived": {"sent", false, "1"}, "it failed": {"failed", false, "1"}, "it came back": {"bounced", false, "1"}, "it was discarded": {"discarded", false, "1"},
		"it waits": {"queued", false, "0"}, "it is held": {"held", false, "0"}, "nobody knows": {"unknown", false, "0"},
		"a reminder failed": {"failed", true, "0"}, "a reminder came back": {"bounced", true, "0"}, "a reminder was discarded": {"discarded", true, "0"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newAgency(t)
			o.telephone(t)
			o.levelOne(t, dunning.ByEmail)
			o.automatic(t)
			o.run(t)
			o.say(t, message.New{Channel: customer.SMS, Demands: c.demands})
			o.exec(t, `UPDATE messages SET state = $1`, c.state)
			for range 3 {
				if err := o.SendAutomatic(t.Context()); err != nil {
					t.Fatal(err)
				}
				o.work(t)
			}
			is(t, "e-mails of the program", o.ask(t, `SELECT count(*) FROM messages WHERE channel = 'email'`), c.sent)
		})
	}
}
