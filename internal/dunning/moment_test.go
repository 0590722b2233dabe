package dunning_test

import (
	"strings"
	"testing"
	"time"

	"dunwell/internal/customer"
	"dunwell/internal/day"
	"dunwell/internal/dbtest"
	"dunwell/internal/dunning"
	"dunwell/internal/errs"
	"dunwell/internal/message"
	"dunwell/internal/smtptest"
	"dunwell/internal/tenant"
)

// What becomes of an e-mail that Done waits for, whatever the mail server does: it
// ends, Done is said only of what was sent, and nothing else counts as a level.
func TestWhatBecomesOfAReminder(t *testing.T) {
	t.Parallel()
	does := func(at smtptest.Step, act smtptest.Act) func(*testing.T, *agency) {
		return func(_ *testing.T, o *agency) { o.answers(at, act) }
	}
	for name, c := range map[string]struct {
		does  func(*testing.T, *agency)
		state message.State
	}{
		"it is taken":     {does("", smtptest.Take), message.Sent},
		"it is refused":   {does(smtptest.To, smtptest.Refuse), message.Failed},
		"nobody can know": {does(smtptest.Body, smtptest.Lose), message.Unknown},
		"they opt out": {func(t *testing.T, o *agency) {
			o.do(t, o.Manager, func(tx *tenant.Tx) error {
				return customer.Permit(t.Context(), tx, o.debtor, o.anna, 0, customer.Permission{Channel: customer.Mail, State: customer.OptOut, GivenOn: tx.Today(),
					Source: "They said so", ReviewOn: tx.Today().Add(30)})
			})
		}, message.Failed},
		"it is stopped": {func(t *testing.T, o *agency) {
			o.exec(t, `INSERT INTO stops (tenant_id, customer_id, kind, reason, since, review_on) VALUES ($1, $2, 'bankruptcy', 'The court wrote', '2026-03-16', '2026-06-01')`, o.ID, o.debtor)
			o.do(t, o.System(), func(tx *tenant.Tx) error { tx.Touch(o.debtor); return nil })
		}, message.Discarded},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newAgency(t)
			e := o.open(t)
			id := o.mail(t, o.Collector, e.ID, dunning.Order{})
			o.done(t, e.ID, dunning.Completion{})
			c.does(t, o)
			for range 3 {
				o.deliver(t)
			}
			is(t, "message", o.ask(t, `SELECT state FROM messages WHERE id = $1`, id), string(c.state))
			reached := "INV-1 -, INV-2 -"
			if c.state == message.Sent {
				reached = "INV-1 5, INV-2 5"
			}
			is(t, "reached", o.reached(t), reached)
			got := o.entry(t, e.ID)
			if (got.State == dunning.Done) != (c.state == message.Sent) || got.State == dunning.Open && got.DoneAskedAt != nil {
				t.Errorf("entry %+v", got)
			}
		})
	}
}

// An e-mail that waits does not go out for what has been changed meanwhile: the due
// date was moved, all of it was put off, the least amount was raised.
func TestChangedBeforeItIsSent(t *testing.T) {
	t.Parallel()
	for name, sql := range map[string]string{
		"the due date of one is moved": `UPDATE items SET due_on = '2026-04-20' WHERE number = 'INV-2'`,
		"the due dates are moved":      `UPDATE items SET due_on = '2026-04-20'`,
		"it has no due date any more":  `UPDATE items SET due_on = NULL WHERE number = 'INV-1'`,
		"the customer is paused":       `UPDATE customers SET dunning_paused_until = '2026-04-01', dunning_pause_reason = 'They asked'`,
		"one is disputed":              `UPDATE items SET status_id = (SELECT id FROM item_statuses WHERE family = 'dispute') WHERE number = 'INV-2'`,
		"one that it lists is paid": `
			WITH money AS (
				INSERT INTO payments (tenant_id, customer_id, account_id, number, value_on, currency, amount)
				SELECT tenant_id, customer_id, account_id, 'BANK', '2026-03-16', currency, amount FROM items WHERE number = 'INV-3'
				RETURNING tenant_id, account_id, id, amount)
			INSERT INTO applications (tenant_id, account_id, currency, item_id, payment_id, amount, value_on)
			SELECT m.tenant_id, m.account_id, 'EUR', i.id, m.id, m.amount, '2026-03-16' FROM money m, items i WHERE i.number = 'INV-3'`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newAgency(t)
			o.do(t, o.Admin, func(tx *tenant.Tx) error { // it has no level yet, and is listed all the same
				dbtest.Item(t, tx, o.account, "INV-3", "2026-03-14", 3_303, "EUR")
				return nil
			})
			id := o.mail(t, o.Collector, o.open(t).ID, dunning.Order{})
			if !strings.Contains(o.ask(t, `SELECT body FROM messages`), "INV-3") {
				t.Fatal("the e-mail does not list INV-3")
			}
			o.exec(t, sql)
			o.do(t, o.System(), func(tx *tenant.Tx) error { tx.Touch(o.debtor); return nil })
			o.deliver(t)
			is(t, "message", o.ask(t, `SELECT state FROM messages WHERE id = $1`, id), "discarded")
			if n := len(o.sink.Taken()); n != 0 {
				t.Errorf("%d e-mails went out", n)
			}
		})
	}
}

// What somebody wrote in their own words asks for no item: it goes out although all of
// them was paused meanwhile; asking for money in own words does not.
func TestOwnWordsAreSentAllTheSame(t *testing.T) {
	t.Parallel()
	for demands, want := range map[bool]string{false: "sent", true: "discarded"} {
		o := newAgency(t)
		o.do(t, o.Collector, func(tx *tenant.Tx) error {
			_, err := o.Box.Send(t.Context(), tx, message.New{CustomerID: o.debtor, Channel: customer.Mail, PointID: o.anna, Subject: "Your account", Body: "Please call us.", Demands: demands})
			return err
		})
		is(t, "an action of the entry", o.ask(t, `SELECT count(*) FROM agenda_actions WHERE message_id IS NOT NULL`), "1")
		o.exec(t, `UPDATE customers SET dunning_paused_until = '2026-04-01', dunning_pause_reason = 'They asked'`)
		o.do(t, o.System(), func(tx *tenant.Tx) error { tx.Touch(o.debtor); return nil })
		o.deliver(t)
		is(t, "message", o.ask(t, `SELECT state FROM messages`), want)
	}
}

// Of a batch that was started, nothing is written to whom the rules leave out when
// its turn comes; the batch says so.
func TestChangedBeforeItsTurn(t *testing.T) {
	t.Parallel()
	o := newAgency(t)
	o.many(t, 3) // C-2, C-3 and C-4 owe 100.00, 100.77 and 101.54
	ids, of := o.all(t)
	var batch int64
	o.do(t, o.Manager, func(tx *tenant.Tx) (err error) {
		batch, _, err = o.Start(t.Context(), tx, dunning.Choice{IDs: ids}, dunning.Bulk{Kind: dunning.BulkMail})
		return err
	})
	o.exec(t, `INSERT INTO policy_minimums (tenant_id, policy_id, currency, amount) SELECT $1, id, 'EUR', 10001 FROM policies WHERE name = 'Standard'`, o.ID)
	o.do(t, o.Manager, func(tx *tenant.Tx) error {
		for sql, number := range map[string]string{
			`UPDATE customers SET policy_id = (SELECT id FROM policies WHERE name = 'By hand') WHERE number = $1`:             "C-3",
			`UPDATE customers SET dunning_paused_until = '2026-04-01', dunning_pause_reason = 'They asked' WHERE number = $1`: "C-4",
		} {
			if _, err := tx.Exec(t.Context(), sql, number); err != nil {
				return err
			}
			tx.Touch(o.entry(t, of[number]).CustomerID)
		}
		return nil
	})
	o.work(t)
	o.do(t, o.Manager, func(tx *tenant.Tx) error {
		b, left, err := dunning.FindBatch(t.Context(), tx, batch)
		why := map[string]string{}
		for _, s := range left {
			why[s.Number] = s.Why
		}
		if b.Done != 1 || !strings.Contains(why["C-2"], "below the least amount") || !strings.Contains(why["C-3"], "withdrawn") || !strings.Contains(why["C-4"], "withdrawn") {
			t.Errorf("batch %+v, left %v", b, why)
		}
		return err
	})
	is(t, "written to", o.ask(t, `SELECT string_agg(c.number, ' ') FROM messages m JOIN customers c ON c.id = m.customer_id`), "C-1")
}

// In the morning the figures may be of the day before, until the night's job has
// brought them up to date: a letter goes by what is overdue today.
func TestLetterBeforeTheFigures(t *testing.T) {
	t.Parallel()
	o := newAgency(t)
	o.exec(t, `UPDATE items SET due_on = '2026-03-17'`)
	o.do(t, o.System(), func(tx *tenant.Tx) error { tx.Touch(o.debtor); return nil })
	o.at(6, 9, 0)
	o.run(t)
	is(t, "figures", o.ask(t, `SELECT overdue FROM customer_totals WHERE customer_id = $1`, o.debtor), "0")
	e := o.open(t)
	o.print(t, e.ID)
	o.mail(t, o.Collector, e.ID, dunning.Order{})
	o.deliver(t)
	is(t, "messages", o.ask(t, `SELECT string_agg(state, ' ') FROM messages`), "sent sent")
}

// At half past eleven at night and half past midnight, on both sides of a change of
// the clock, in three parts of the world: a day is the company's own, and the due
// date is the same everywhere.
func TestDaysAroundMidnight(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	for i, c := range []struct{ zone, midnight string }{
		{"Pacific/Auckland", "2026-04-05"}, {"Pacific/Auckland", "2026-04-06"}, // the clock goes back in the first of these nights
		{"America/Los_Angeles", "2026-03-08"}, {"America/Los_Angeles", "2026-03-09"},
		{"Europe/Berlin", "2026-03-29"}, {"Europe/Berlin", "2026-03-30"},
	} {
		d := &desk{Database: db, Company: dbtest.Tenant(t, db, strings.ToLower(strings.ReplaceAll(c.zone, "/", "-"))[:7]+c.midnight[8:])}
		zone, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		on, err := day.Parse(c.midnight)
		if err != nil {
			t.Fatal(err)
		}
		midnight := on.Time(zone)
		db.Now = func() time.Time { return midnight.AddDate(0, 0, -3) }
		d.do(t, d.Admin, func(tx *tenant.Tx) error {
			_, d.account = dbtest.Customer(t, tx, "C-1")
			policy(t, tx, "House", rules{levels: []int{5}})
			_, err := tx.Exec(t.Context(), `
				WITH p AS (UPDATE policies SET is_default = true)
				UPDATE tenants SET dunning_on = true, time_zone = $2 WHERE id = $1`, d.ID, c.zone)
			dbtest.Item(t, tx, d.account, "I", on.Add(-5).String(), int64(4_101+i), "EUR")
			return err
		})
		for at, want := range map[time.Time]string{
			midnight.Add(-30 * time.Minute): "not C-1: The next level opens on " + on.Long() + ".",
			midnight.Add(30 * time.Minute):  "C-1 at 1: I/1",
		} {
			db.Now = func() time.Time { return at }
			d.do(t, d.System(), func(tx *tenant.Tx) error {
				r, err := dunning.Preview(t.Context(), tx, tx.Today())
				if got := says(r); !strings.HasPrefix(got, want) {
					t.Errorf("%s at %s: %s, want %s", c.zone, at.In(zone), got, want)
				}
				return err
			})
		}
		if n := d.count(t, `SELECT count(*) FROM items WHERE tenant_id = $1 AND due_on = $2`, d.ID, on.Add(-5)); n != 1 {
			t.Errorf("%s: the due date has moved", c.zone)
		}
	}
}

// A run as of a day to come would let none be made before it: only a trial company
// goes ahead like that. A preview looks ahead everywhere.
func TestRunOfADayToCome(t *testing.T) {
	t.Parallel()
	d := newDesk(t, rules{levels: []int{5}})
	tomorrow := dbToday.Add(1)
	run := func() error {
		return d.Write(t.Context(), d.Manager, func(tx *tenant.Tx) error {
			_, err := dunning.Run(t.Context(), tx, tomorrow)
			return err
		})
	}
	if _, err := d.Owner(t).Exec(t.Context(), `UPDATE tenants SET trial = false`); err != nil {
		t.Fatal(err)
	}
	refuses[errs.Invalid](t, run(), "no run could be made before Tue 17 Mar 2026 any more")
	d.do(t, d.Manager, func(tx *tenant.Tx) error {
		_, err := dunning.Preview(t.Context(), tx, tomorrow)
		return err
	})
	if _, err := d.Owner(t).Exec(t.Context(), `UPDATE tenants SET trial = true`); err != nil {
		t.Fatal(err)
	}
	if err := run(); err != nil {
		t.Error(err)
	}
}

// Switched off, nobody gets into the agenda by what happens to a customer either.
func TestSwitchedOffOpensNothing(t *testing.T) {
	t.Parallel()
	d := newDesk(t, rules{levels: []int{5}})
	d.run(t, "2026-03-16")
	d.sql(t, `UPDATE tenants SET dunning_on = false`)
	d.item(t, "I", "2026-03-01", 4_099)
	if got := d.agenda(t); got != "" {
		t.Errorf("the agenda has %s", got)
	}
	d.sql(t, `UPDATE tenants SET dunning_on = true`)
	if got := d.agenda(t); got != "C-1 1 level I 1 4099 EUR 1" {
		t.Errorf("switched on again it has %q", got)
	}
}
