package dunning_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"dunwell/internal/contactrule"
	"dunwell/internal/customer"
	"dunwell/internal/day"
	"dunwell/internal/dbtest"
	"dunwell/internal/dunning"
	"dunwell/internal/errs"
	"dunwell/internal/message"
	"dunwell/internal/tenant"
)

// Why an entry cannot be said to be done yet.
func TestCompletable(t *testing.T) {
	t.Parallel()
	by := func(kind dunning.ActionKind, state message.State) dunning.Action {
		return dunning.Action{Kind: kind, MessageState: state, Counts: state == message.Sent || state == ""}
	}
	open, now := dunning.Entry{State: dunning.Open}, time.Now()
	for _, c := range []struct {
		e       dunning.Entry
		actions []dunning.Action
		want    string // empty: it can
	}{
		{open, nil, "Nothing was done about it yet."},
		{open, []dunning.Action{by(dunning.ByEmail, message.Queued)}, ""},
		{open, []dunning.Action{by(dunning.ByEmail, message.Sending)}, ""},
		{dunning.Entry{State: dunning.Open, DoneAskedAt: &now}, []dunning.Action{by(dunning.ByEmail, message.Sending)}, "It is said to be done already."},
		{open, []dunning.Action{by(dunning.ByEmail, message.Sent)}, ""},
		{open, []dunning.Action{by(dunning.ByEmail, message.Held)}, "is held, because no way out is set up for it"},
		{open, []dunning.Action{by(dunning.ByEmail, message.Unknown)}, "may or may not have arrived"},
		{open, []dunning.Action{by(dunning.ByEmail, message.Failed)}, "The e-mail was not sent, so it does not count. A manager can have it sent again in the outbox"},
		{open, []dunning.Action{by(dunning.ByEmail, message.Bounced)}, "The e-mail was not sent"},
		{open, []dunning.Action{by(dunning.ByEmail, message.Discarded)}, "The e-mail was not sent, so it does not count. Do something else about it"},
		{open, []dunning.Action{by(dunning.ByEmail, message.Failed), by(dunning.ByHand, "")}, ""},
		{open, []dunning.Action{by(dunning.ByCall, "")}, ""},
		{dunning.Entry{State: dunning.Done}, []dunning.Action{by(dunning.ByCall, "")}, "This entry is closed."},
	} {
		err := dunning.Completable(c.e, c.actions)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v, want %q", c.actions, err, c.want)
		}
	}
}

// After the last level a manager decides, and says when the customer comes back.
func TestAfterTheLastLevel(t *testing.T) {
	t.Parallel()
	o := newAgency(t)
	o.exec(t, `UPDATE levels SET retired_at = now() WHERE after_days > 5`)
	e := o.open(t)
	o.print(t, e.ID)
	var next dunning.Next
	o.do(t, o.Collector, func(tx *tenant.Tx) error {
		actions, err := dunning.Actions(t.Context(), tx, e.ID)
		if err == nil {
			next, err = dunning.NextOf(t.Context(), tx, e, actions, false)
		}
		return err
	})
	if !next.Asked || next.Rests || next.On != day.New(2026, 3, 30) {
		t.Errorf("proposed %+v", next)
	}
	refuses[errs.Invalid](t, o.tryDone(t, o.Collector, e.ID, dunning.Completion{}), "next_on: Say when the customer is to come back")
	o.done(t, e.ID, dunning.Completion{NextOn: day.New(2026, 4, 8)})
	o.at(22, 9, 0)
	o.run(t)
	if got := o.open(t); got.ID != 0 {
		t.Errorf("before the day: %+v", got)
	}
	o.at(23, 9, 0)
	o.run(t)
	last := o.open(t)
	if last.Why != dunning.WhyLast {
		t.Fatalf("on the day: %+v", last)
	}
	o.print(t, last.ID)
	refuses[errs.Forbidden](t, o.tryDone(t, o.Collector, last.ID, dunning.Completion{NextOn: day.New(2026, 5, 1)}), "a manager decides what comes next")
	if err := o.tryDone(t, o.Manager, last.ID, dunning.Completion{NextOn: day.New(2026, 5, 1)}); err != nil {
		t.Error(err)
	}
	is(t, "comes back", o.ask(t, `SELECT next_reminder_on FROM customers WHERE id = $1`, o.debtor), "2026-05-01")
}

// The texts name the level, its number and the deadline as they are recorded, in the
// customer's language whoever writes; asked for again, there is a second one.
func TestTextOfALevel(t *testing.T) {
	t.Parallel()
	o := newAgency(t)
	o.exec(t, `UPDATE customers SET language = 'fr' WHERE id = $1`, o.debtor)
	o.do(t, o.Admin, func(tx *tenant.Tx) error {
		id, err := message.AddTemplate(t.Context(), tx, customer.Letter, message.Wording{Name: "Ours", Demands: true, Texts: map[string]message.Words{
			"en": {Subject: "Reminder", Body: "English"},
			"fr": {Subject: "Rappel {{ level.number }}", Body: "{{ level.name }}: {% for item in items %}{{ item.number }} {{ item.open }}; {% endfor %}jusqu'au {{ pay_by }}"}}})
		if err != nil {
			return err
		}
		_, err = tx.Exec(t.Context(), `
			INSERT INTO level_actions (level_id, position, kind, template_id)
			SELECT l.id, 5, 'letter', $1 FROM levels l WHERE l.after_days = 5`, id)
		return err
	})
	e := o.open(t)
	first := o.print(t, e.ID)
	is(t, "text", strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace(o.ask(t, `SELECT concat_ws('|', language, subject, body) FROM messages WHERE id = $1`, first)),
		"fr|Rappel 1|First reminder: INV-1 1 234,56 EUR; INV-2 77,01 EUR; jusqu'au 23/03/2026")
	is(t, "record", o.ask(t, `SELECT level_number || ' ' || level_name FROM agenda_actions`), "1 First reminder")
	is(t, "named", o.ask(t, `SELECT string_agg(amount || ' ' || pay_by, ', ' ORDER BY amount) FROM agenda_action_items`), "7701 2026-03-23, 123456 2026-03-23")
	var second int64
	o.do(t, o.Collector, func(tx *tenant.Tx) (err error) {
		second, err = o.Print(t.Context(), tx, e.ID, dunning.Order{Again: true})
		return err
	})
	if second == first {
		t.Error("asked for again it is the first one")
	}
}

// Before the due date a reminder asks for what falls due, and goes out although
// nothing is overdue.
func TestBeforeTheDueDate(t *testing.T) {
	t.Parallel()
	o := newAgency(t)
	o.exec(t, `UPDATE levels SET after_days = -3 WHERE after_days = 5`)
	o.exec(t, `UPDATE items SET due_on = '2026-03-18' WHERE id = $1`, o.items[0])
	o.exec(t, `UPDATE items SET due_on = '2026-03-25' WHERE id = $1`, o.items[1])
	o.run(t)
	e := o.open(t)
	if e.Level != 1 || e.Items != 1 {
		t.Fatalf("entry %+v", e)
	}
	o.mail(t, o.Collector, e.ID, dunning.Order{})
	o.done(t, e.ID, dunning.Completion{})
	o.deliver(t)
	if n := len(o.sink.Taken()); n != 1 {
		t.Errorf("%d sent", n)
	}
	is(t, "reached", o.reached(t), "INV-1 -3, INV-2 -")
}

// A call that is recorded elsewhere while the entry is open is an action of it.
func TestCallOfAnotherScreen(t *testing.T) {
	t.Parallel()
	o := newAgency(t)
	e := o.open(t)
	for range 2 {
		o.do(t, o.Collector, func(tx *tenant.Tx) error {
			_, err := contactrule.Record(t.Context(), tx, contactrule.Attempt{CustomerID: o.debtor, PointID: o.phone, Incoming: true},
				contactrule.Outcome{Conversation: true, Data: map[string]any{"name": "They called"}})
			return err
		})
	}
	o.do(t, o.Collector, func(tx *tenant.Tx) error {
		actions, err := dunning.Actions(t.Context(), tx, e.ID)
		if len(actions) != 2 || actions[0].Kind != dunning.ByCall || !actions[0].Answered || actions[0].Text != "They called" {
			t.Errorf("actions %+v", actions)
		}
		return err
	})
	o.done(t, e.ID, dunning.Completion{})
	is(t, "reached", o.reached(t), "INV-1 5, INV-2 5")
}

// A collector who is held to a branch works its customers' entries and finds no
// others, not their batches either.
func TestWorkWithinTheBranch(t *testing.T) {
	t.Parallel()
	o := newAgency(t)
	o.many(t, 1)
	_, of := o.all(t)
	o.exec(t, `INSERT INTO branches (tenant_id, name) VALUES ($1, 'North')`, o.ID)
	o.exec(t, `UPDATE tenants SET branch_limited = true WHERE id = $1`, o.ID)
	o.exec(t, `UPDATE members SET branch_id = (SELECT id FROM branches) WHERE id = $1`, o.CollectorID)
	o.exec(t, `UPDATE customers SET branch_id = (SELECT id FROM branches) WHERE number = 'C-2'`)
	act := func(entry int64) error {
		return o.Write(t.Context(), o.Collector, func(tx *tenant.Tx) error { return dunning.Act(t.Context(), tx, entry, "Went there") })
	}
	if err := act(of["C-2"]); err != nil {
		t.Error(err)
	}
	if err := act(of["C-1"]); !errors.Is(err, errs.NotFound) {
		t.Errorf("of another branch: %v", err)
	}
}

// Each currency is named by itself, and what credit covers is not asked for.
func TestCurrenciesOfAnEntry(t *testing.T) {
	t.Parallel()
	o := newAgency(t)
	o.do(t, o.Admin, func(tx *tenant.Tx) error {
		dbtest.Item(t, tx, o.account, "USD-1", "2026-02-01", 4_321, "USD")
		dbtest.Item(t, tx, o.account, "JPY-1", "2026-02-02", 98_765, "JPY")
		dbtest.Item(t, tx, o.account, "CREDIT", "2026-02-03", -100_000, "JPY")
		return nil
	})
	e := o.open(t)
	o.print(t, e.ID)
	is(t, "named", o.ask(t, `SELECT string_agg(i.number || ' ' || x.amount || ' ' || x.currency, ', ' ORDER BY i.number) FROM agenda_action_items x JOIN items i ON i.id = x.item_id`),
		"INV-1 123456 EUR, INV-2 7701 EUR, USD-1 4321 USD")
}
