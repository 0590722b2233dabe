package dunning_test

import (
	"fmt"
	"strings"
	"testing"

	"dunwell/internal/contactrule"
	"dunwell/internal/customer"
	"dunwell/internal/dunning"
	"dunwell/internal/tenant"
)

// levelOne gives the first level these actions, the first one first, each with a
// template of its channel.
func (o *agency) levelOne(t testing.TB, kinds ...dunning.ActionKind) {
	t.Helper()
	o.exec(t, `DELETE FROM level_actions WHERE level_id = (SELECT id FROM levels WHERE after_days = 5)`)
	for i, k := range kinds {
		o.exec(t, `
			INSERT INTO level_actions (tenant_id, level_id, position, kind, template_id, text)
			SELECT l.tenant_id, l.id, $1, $2, (SELECT min(t.id) FROM templates t WHERE t.channel = $2 AND t.demands), CASE WHEN $2 = 'manual' THEN 'Ask the depot' ELSE '' END
			FROM levels l
			WHERE l.after_days = 5`, i, string(k))
	}
}

// A letter needs somebody's hands: a level that goes out by itself sends its e-mail or
// SMS, in whatever order they stand beside its letter, its call and what is done by
// hand, and prints nothing. After one click the letter comes first as ever.
func TestAutomaticLeavesTheLetter(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		kinds  []dunning.ActionKind
		mails  int
		sms    int
		states string
	}{
		"letter, call, e-mail":         {[]dunning.ActionKind{dunning.ByLetter, dunning.ByCall, dunning.ByEmail}, 1, 0, "done"},
		"manual action, letter, SMS":   {[]dunning.ActionKind{dunning.ByHand, dunning.ByLetter, dunning.BySMS}, 0, 1, "done"},
		"letter, SMS, e-mail":          {[]dunning.ActionKind{dunning.ByLetter, dunning.BySMS, dunning.ByEmail}, 0, 1, "done"},
		"e-mail, letter, SMS":          {[]dunning.ActionKind{dunning.ByEmail, dunning.ByLetter, dunning.BySMS}, 1, 0, "done"},
		"letter and call, set up once": {[]dunning.ActionKind{dunning.ByLetter, dunning.ByCall}, 0, 0, "open"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newAgency(t)
			server := o.telephone(t)
			o.levelOne(t, c.kinds...)
			o.automatic(t)
			o.run(t)
			for range 3 {
				o.tick(t)
			}
			if n := len(o.sink.Taken()); n != c.mails {
				t.Errorf("%d e-mails, want %d", n, c.mails)
			}
			if n := len(server.Taken()); n != c.sms {
				t.Errorf("%d SMS, want %d", n, c.sms)
			}
			is(t, "letters", o.ask(t, `SELECT count(*) FROM messages WHERE channel = 'letter'`), "0")
			is(t, "entries", o.ask(t, `SELECT string_agg(state, ' ') FROM agenda_entries`), c.states)
			reached := "INV-1 -, INV-2 -"
			if c.states == "done" {
				reached = "INV-1 5, INV-2 5"
			}
			is(t, "reached", o.reached(t), reached)
		})
	}
}

// A batch of the program that was begun when it still printed letters is worked by
// what holds now; a person's click prints the letter that comes first.
func TestLetterOfABatch(t *testing.T) {
	t.Parallel()
	o := newAgency(t)
	o.levelOne(t, dunning.ByEmail, dunning.ByLetter)
	o.automatic(t)
	o.run(t)
	if err := o.SendAutomatic(t.Context()); err != nil {
		t.Fatal(err)
	}
	o.levelOne(t, dunning.ByLetter)
	o.tick(t)
	is(t, "printed by itself", o.ask(t, `SELECT count(*) FROM messages`), "0")
	is(t, "why", o.ask(t, `SELECT string_agg(why, ' ') FROM batch_entries`), "Nothing of its level can be sent by itself. Work it by hand.")
	is(t, "the entry", o.ask(t, `SELECT string_agg(state, ' ') FROM agenda_entries`), "open")
	ids, _ := o.all(t)
	p := o.plan(t, dunning.Choice{IDs: ids}, dunning.BulkApprove)
	if p.Letters != 1 || p.Emails != 0 || len(p.LeftOut) != 0 {
		t.Errorf("a person's plan %+v", p)
	}
}

// Where the first way to send a level is barred, or leads nowhere, the program takes the
// next one of the level; a person is told, and chooses. Where all fail the entry stays.
func TestNextWayOfALevel(t *testing.T) {
	t.Parallel()
	stop := func(o *agency, t *testing.T) {
		o.do(t, o.System(), func(tx *tenant.Tx) error {
			_, err := customer.OptByWord(t.Context(), tx, "+4722410933", true, "Their own SMS", "STOP")
			return err
		})
	}
	noPhone := func(o *agency, t *testing.T) {
		o.exec(t, `UPDATE contact_points SET retired_at = now() WHERE id = $1`, o.phone)
	}
	cameBack := func(o *agency, t *testing.T) {
		o.exec(t, `UPDATE contact_points SET bad_at = now(), bad_why = 'No such user' WHERE id = $1`, o.anna)
	}
	attorney := func(o *agency, t *testing.T) {
		o.exec(t, `INSERT INTO stops (tenant_id, customer_id, kind, reason, since, review_on) VALUES ($1, $2, 'attorney', 'The court wrote', '2026-03-16', '2026-06-01')`, o.ID, o.debtor)
	}
	sms, mail, letter := dunning.BySMS, dunning.ByEmail, dunning.ByLetter
	for name, c := range map[string]struct {
		kinds  []dunning.ActionKind
		does   []func(*agency, *testing.T)
		mails  int
		sms    int
		reason string // where nothing goes
	}{
		"nothing is in the way":              {[]dunning.ActionKind{sms, mail}, nil, 0, 1, ""},
		"they said STOP":                     {[]dunning.ActionKind{sms, mail}, []func(*agency, *testing.T){stop}, 1, 0, ""},
		"they said STOP, a letter between":   {[]dunning.ActionKind{sms, letter, mail}, []func(*agency, *testing.T){stop}, 1, 0, ""},
		"no number":                          {[]dunning.ActionKind{sms, mail}, []func(*agency, *testing.T){noPhone}, 1, 0, ""},
		"the address came back":              {[]dunning.ActionKind{mail, sms}, []func(*agency, *testing.T){cameBack}, 0, 1, ""},
		"they said STOP, and no e-mail":      {[]dunning.ActionKind{sms, letter}, []func(*agency, *testing.T){stop}, 0, 0, "opted out"},
		"they said STOP and the address did": {[]dunning.ActionKind{sms, mail}, []func(*agency, *testing.T){stop, cameBack}, 0, 0, "opted out on 16 Mar. No e-mail address"},
		"an attorney":                        {[]dunning.ActionKind{sms, mail}, []func(*agency, *testing.T){attorney}, 0, 0, "No e-mail address"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newAgency(t)
			server := o.telephone(t)
			o.levelOne(t, c.kinds...)
			o.automatic(t)
			o.run(t)
			for _, f := range c.does {
				f(o, t)
			}
			ids, _ := o.all(t)
			o.do(t, o.Admin, func(tx *tenant.Tx) error { // the plan is the program's, whoever asks
				p, err := o.Plan(t.Context(), tx, dunning.Choice{IDs: ids}, dunning.AutomaticBulk)
				if p.Emails != c.mails || p.SMS != c.sms || p.Letters != 0 || (c.reason == "") != (len(p.LeftOut) == 0) {
					t.Errorf("the plan is %+v", p)
				}
				for _, s := range p.LeftOut {
					if !strings.Contains(s.Why, c.reason) {
						t.Errorf("left out because %q, want %q", s.Why, c.reason)
					}
				}
				return err
			})
			if c.reason == "" && len(c.does) > 0 {
				if p := o.plan(t, dunning.Choice{IDs: ids}, dunning.BulkApprove); p.Entries != 0 || len(p.LeftOut) != 1 {
					t.Errorf("a person's plan is %+v", p)
				}
			}
			for range 3 {
				o.tick(t)
			}
			if n := len(o.sink.Taken()); n != c.mails {
				t.Errorf("%d e-mails, want %d", n, c.mails)
			}
			if n := len(server.Taken()); n != c.sms {
				t.Errorf("%d SMS, want %d", n, c.sms)
			}
			state := "done"
			if c.reason != "" {
				state = "open"
			}
			is(t, "the entry", o.ask(t, `SELECT string_agg(state, ' ') FROM agenda_entries`), state)
		})
	}
}

// A way that is merely shut at this hour is waited for: the e-mail, which may go out at
// any hour, does not take the place of the SMS.
func TestNextWayWaitsForTheHour(t *testing.T) {
	t.Parallel()
	o := newAgency(t)
	server := o.telephone(t)
	o.do(t, o.Admin, func(tx *tenant.Tx) error { return contactrule.Seed(t.Context(), tx) })
	o.exec(t, `UPDATE customers SET kind = 'consumer'`)
	o.exec(t, `DELETE FROM contact_rules WHERE weekdays <> 0`)
	o.exec(t, `INSERT INTO contact_times (tenant_id, customer_id, contact_point_id, kind, weekdays, from_time, to_time) VALUES ($1, $2, $3, 'forbidden', 127, '00:00', '08:00')`, o.ID, o.debtor, o.phone)
	o.levelOne(t, dunning.BySMS, dunning.ByEmail)
	o.automatic(t)
	for _, c := range []struct{ hour, minute, sent int }{{5, 0, 0}, {6, 59, 0}, {7, 0, 1}} { // 08:00 in Oslo
		o.at(0, c.hour, c.minute)
		o.run(t)
		o.tick(t)
		if n := len(server.Taken()); n != c.sent {
			t.Errorf("at %02d:%02d UTC %d SMS, want %d", c.hour, c.minute, n, c.sent)
		}
	}
	if n := len(o.sink.Taken()); n != 0 {
		t.Errorf("%d e-mails", n)
	}
}

// A letter that a person printed stays theirs where the level becomes automatic
// afterwards: nothing goes out, and they say that it is done.
func TestPrintedLetterStaysWithItsPerson(t *testing.T) {
	t.Parallel()
	for name, kinds := range map[string][]dunning.ActionKind{
		"e-mail first": {dunning.ByEmail, dunning.ByLetter}, "letter first": {dunning.ByLetter, dunning.ByEmail}, "a letter alone": {dunning.ByLetter},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newAgency(t)
			o.telephone(t)
			o.levelOne(t, kinds...)
			o.run(t)
			e := o.open(t)
			o.print(t, e.ID)
			o.automatic(t)
			for minute := range 3 {
				o.at(0, 10, minute)
				o.tick(t)
			}
			is(t, "the entry", o.ask(t, `SELECT string_agg(state, ' ') FROM agenda_entries`), "open")
			is(t, "reminders and batches", o.ask(t, `SELECT (SELECT count(*) FROM reminders) || ' ' || (SELECT count(*) FROM batches)`), "0 0")
			if n := len(o.sink.Taken()); n != 0 {
				t.Errorf("%d e-mails", n)
			}
			o.done(t, e.ID, dunning.Completion{})
			is(t, "reminded by", o.ask(t, `SELECT string_agg(DISTINCT a.kind || ' ' || r.member_id, ' ') FROM reminders r JOIN agenda_actions a ON a.id = r.action_id`), fmt.Sprint("letter ", o.CollectorID))
		})
	}
}

// A letter printed while the program's e-mail is on its way does not complete Done that
// waits for the e-mail: where that fails the entry is the person's.
func TestLetterBesideTheProgramsEmail(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ address, entry, by string }{
		"it is accepted": {"c-1@debtor.example", "done", "email"}, "it fails": {"moved@debtor.example", "open", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newAgency(t)
			o.automatic(t)
			o.run(t)
			e := o.open(t)
			if err := o.SendAutomatic(t.Context()); err != nil {
				t.Fatal(err)
			}
			o.work(t)
			o.print(t, e.ID)
			if got := o.entry(t, e.ID); got.State != dunning.Open || got.DoneAskedAt == nil {
				t.Fatalf("the letter completed Done: %+v", got)
			}
			o.exec(t, `UPDATE contact_points SET value = $2 WHERE id = $1`, o.anna, c.address)
			o.deliver(t)
			o.tick(t)
			is(t, "the entry", o.ask(t, `SELECT string_agg(state, ' ') FROM agenda_entries`), c.entry)
			is(t, "reminded by", o.ask(t, `SELECT string_agg(DISTINCT a.kind, ' ') FROM reminders r JOIN agenda_actions a ON a.id = r.action_id`), c.by)
			if c.entry == "open" {
				o.done(t, e.ID, dunning.Completion{})
				is(t, "reached", o.reached(t), "INV-1 5, INV-2 5")
			}
		})
	}
}

// What somebody was told on the telephone counts to the program too, beside a letter
// that is printed: nothing is sent twice.
func TestCallBesideALetter(t *testing.T) {
	t.Parallel()
	o := newAgency(t)
	o.run(t)
	e := o.open(t)
	o.print(t, e.ID)
	if err := o.call(t, o.Collector, e.ID, dunning.Call{DispositionID: o.outcome(t, "Spoke: will pay"), PointID: o.phone}); err != nil {
		t.Fatal(err)
	}
	o.automatic(t)
	o.at(0, 10, 30)
	o.tick(t)
	if n := len(o.sink.Taken()); n != 0 {
		t.Errorf("%d e-mails", n)
	}
	is(t, "reminded by", o.ask(t, `SELECT string_agg(DISTINCT a.kind, ' ') FROM reminders r JOIN agenda_actions a ON a.id = r.action_id`), "call")
}
