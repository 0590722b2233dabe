package dunning_test

import (
	"fmt"
	"testing"

	"dunwell/internal/contactrule"
	"dunwell/internal/customer"
	"dunwell/internal/day"
	"dunwell/internal/dbtest"
	"dunwell/internal/dunning"
	"dunwell/internal/message"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
)

// first is the level that the debtors are at.
func (o *agency) first(t testing.TB) (l dunning.Level) {
	t.Helper()
	o.do(t, o.Manager, func(tx *tenant.Tx) error {
		var id int64
		err := tx.QueryRow(t.Context(), `SELECT id FROM levels WHERE name = 'First reminder'`).Scan(&id)
		if err == nil {
			l, err = dunning.FindLevel(t.Context(), tx, id)
		}
		return err
	})
	return l
}

// change makes the change of the first level, or only looks at what it would do.
func (o *agency) change(t testing.TB, save bool, how func(*dunning.LevelTerms)) (g dunning.Going) {
	t.Helper()
	l := o.first(t)
	terms := l.LevelTerms
	terms.Actions = append([]dunning.LevelAction(nil), terms.Actions...)
	how(&terms)
	change := func(tx *tenant.Tx) error { return dunning.ChangeLevel(t.Context(), tx, l.ID, l.Version, terms) }
	o.do(t, o.Admin, func(tx *tenant.Tx) (err error) {
		if save {
			g, err = o.Changed(t.Context(), tx, change)
			return err
		}
		e, err := o.EffectOf(t.Context(), tx, tx.Today().Add(1), change)
		g = e.Going
		return err
	})
	if after := o.first(t); !save && after.Version != l.Version {
		t.Error("something of the change is left")
	}
	return g
}

func byItself(l *dunning.LevelTerms) { l.Mode = dunning.ModeAutomatic }

// Whom a level that becomes automatic writes to is said before, by currency, with who
// follows later; and it is whom the job writes to then.
func TestGoing(t *testing.T) {
	t.Parallel()
	o := newAgency(t)
	o.exec(t, `UPDATE tenants SET payments_loaded_to = '2026-03-13 17:00+00'`)
	o.many(t, 6)
	o.do(t, o.Admin, func(tx *tenant.Tx) error {
		_, account, _, _ := debtor(t, tx, "C-20")
		dbtest.Item(t, tx, account, "INV-20", "2026-02-20", 8_803, "SEK")
		dbtest.Item(t, tx, account, "INV-21", "2026-02-21", 9_907, "USD")
		return contactrule.Seed(t.Context(), tx)
	})
	o.exec(t, `UPDATE customers SET kind = 'business'`)
	o.exec(t, `UPDATE customers SET kind = 'consumer' WHERE number = 'C-2'`)                                         // not before 08:00 in Oslo
	o.exec(t, `UPDATE contact_points SET retired_at = now() WHERE value = 'c-3@debtor.example'`)                     // left out
	o.exec(t, `UPDATE customers SET reminder_mode = 'manual', next_reminder_on = '2026-03-16' WHERE number = 'C-5'`) // never by itself
	o.at(0, 6, 59)
	o.run(t)
	_, of := o.all(t)
	if err := o.postpone(t, of["C-4"], day.New(2026, 3, 20), "They pay on Thursday"); err != nil {
		t.Fatal(err)
	}
	o.do(t, o.Collector, func(tx *tenant.Tx) error { return dunning.Act(t.Context(), tx, of["C-6"], "Told them at the counter.") }) // only has to be said to be done
	want := dunning.Going{Customers: 4, Emails: 4, Later: 1, Mixed: 1, Said: 1, Begins: true,
		Sums: []money.Amount{money.New(131_157+10_000+10_385, "EUR"), money.New(8_803, "SEK")}}
	same := func(what string, got, want dunning.Going) {
		t.Helper()
		if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
			t.Errorf("%s: got %+v, want %+v", what, got, want)
		}
	}
	same("tried", o.change(t, false, byItself), want)
	if g := o.change(t, false, func(l *dunning.LevelTerms) { l.Name = "Another name" }); !g.None() {
		t.Errorf("a level by hand: %+v", g)
	}

	server := o.Box.Server
	o.Box.Server = nil
	held := want
	held.Held, held.HeldWhy = 3, noServer
	same("without a server", o.change(t, false, byItself), held)
	o.Box.Server = server
	o.exec(t, `UPDATE tenants SET payments_loaded_to = NULL`)
	waits := want
	waits.Waits = o.waits(t)
	same("without the payments", o.change(t, false, byItself), waits)
	o.exec(t, `UPDATE tenants SET payments_loaded_to = '2026-03-13 17:00+00'`)

	same("saved", o.change(t, true, byItself), want)
	if g := o.change(t, false, func(*dunning.LevelTerms) {}); !g.None() {
		t.Errorf("nothing is changed: %+v", g)
	}
	other := want
	other.Begins, other.Said = false, 1
	same("another text", o.change(t, false, func(l *dunning.LevelTerms) { l.Actions[0].TemplateID = o.otherText(t) }), other)
	same("by hand again", o.change(t, false, func(l *dunning.LevelTerms) { l.Mode = dunning.ModeConfirm }), dunning.Going{Stays: 4})
	o.tick(t)
	is(t, "written to at once", o.ask(t, `SELECT string_agg(c.number, ' ' ORDER BY c.number) FROM messages m JOIN customers c ON c.id = m.customer_id WHERE m.channel = 'email'`), "C-1 C-20 C-7")
	is(t, "said to be done", o.ask(t, `SELECT e.state FROM agenda_entries e WHERE e.id = $1`, of["C-6"]), "done")
	o.at(0, 7, 0)
	o.tick(t)
	is(t, "and at eight", o.ask(t, `SELECT string_agg(c.number, ' ' ORDER BY c.number) FROM messages m JOIN customers c ON c.id = m.customer_id WHERE m.channel = 'email'`), "C-1 C-2 C-20 C-7")
}

// Who waits for their turn in a batch of the program is not written to yet: a change says
// what it does to them, and does it. Those of a person's batch leave as that person said.
func TestGoingOfWhatIsBegun(t *testing.T) {
	t.Parallel()
	o := newAgency(t)
	o.many(t, 4)
	o.automatic(t)
	o.run(t)
	_, of := o.all(t)
	if err := o.postpone(t, of["C-5"], day.New(2026, 3, 20), "They pay on Thursday"); err != nil {
		t.Fatal(err)
	}
	o.do(t, o.Manager, func(tx *tenant.Tx) error {
		_, _, err := o.Start(t.Context(), tx, dunning.Choice{IDs: []int64{of["C-4"]}}, dunning.Bulk{Kind: dunning.BulkMail})
		return err
	})
	if err := o.SendAutomatic(t.Context()); err != nil {
		t.Fatal(err)
	}
	is(t, "begun", o.ask(t, `SELECT count(*) FROM batch_entries e JOIN batches b ON b.id = e.batch_id AND b.member_id IS NULL`), "3")
	says := func(what string, got, want dunning.Going) {
		t.Helper()
		if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
			t.Errorf("%s: got %+v, want %+v", what, got, want)
		}
	}
	byHand := func(l *dunning.LevelTerms) { l.Mode = dunning.ModeConfirm }
	says("nothing is changed", o.change(t, false, func(*dunning.LevelTerms) {}), dunning.Going{})
	says("by hand again", o.change(t, false, byHand), dunning.Going{Stays: 3})
	o.exec(t, `UPDATE batches SET on_day = on_day - 1`)
	says("the day after", o.change(t, false, byHand), dunning.Going{Stays: 3})
	other := func(l *dunning.LevelTerms) { l.Actions[0].TemplateID = o.otherText(t) }
	says("another text", o.change(t, true, other), dunning.Going{Customers: 3, Emails: 3, Sums: []money.Amount{money.New(131_157+10_000+10_077, "EUR")}})
	o.exec(t, `UPDATE customers SET reminder_mode = 'manual' WHERE number = 'C-3'`)
	says("saved", o.change(t, true, byHand), dunning.Going{Stays: 2})
	o.tick(t)
	is(t, "written to", o.ask(t, `SELECT string_agg(c.number, ' ') FROM messages m JOIN customers c ON c.id = m.customer_id`), "C-4")
	is(t, "left", o.ask(t, `SELECT count(*) FROM batch_entries WHERE state = 'left'`), "3")
}

// otherText is a second text for e-mail.
func (o *agency) otherText(t testing.TB) (id int64) {
	t.Helper()
	o.do(t, o.Admin, func(tx *tenant.Tx) (err error) {
		id, err = message.AddTemplate(t.Context(), tx, customer.Mail, message.Wording{Name: "Other words", Demands: true,
			Texts: map[string]message.Words{"en": {Subject: "Pay", Body: "Please pay {{ to_collect }}."}}})
		return err
	})
	return id
}
