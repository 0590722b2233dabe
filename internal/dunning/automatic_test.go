package dunning_test

import (
	"strings"
	"testing"

	"dunwell/internal/contactrule"
	"dunwell/internal/customer"
	"dunwell/internal/dunning"
	"dunwell/internal/errs"
	"dunwell/internal/message"
	"dunwell/internal/tenant"
)

// automatic makes the levels automatic, with the payments loaded up to the Friday.
func (o *agency) automatic(t testing.TB) {
	t.Helper()
	o.exec(t, `UPDATE levels SET mode = 'automatic'`)
	o.exec(t, `UPDATE tenants SET payments_loaded_to = '2026-03-13 17:00+00' WHERE id = $1`, o.ID)
}

// tick is what the schedule does.
func (o *agency) tick(t testing.TB) {
	t.Helper()
	if err := o.SendAutomatic(t.Context()); err != nil {
		t.Fatal(err)
	}
	o.work(t)
	o.deliver(t)
}

// What an automatic level would write is not held until somebody has it sent: without
// a mail server nothing is written, and with one the sums are those of that day.
func TestAutomaticWithoutAMailServer(t *testing.T) {
	t.Parallel()
	o := newAgency(t)
	server := o.Box.Server
	o.Box.Server = nil
	o.automatic(t)
	o.run(t)
	o.at(0, 10, 0)
	o.tick(t)
	is(t, "written without a server", o.ask(t, `SELECT count(*) FROM messages`), "0")
	is(t, "entries", o.ask(t, `SELECT string_agg(state, ' ') FROM agenda_entries`), "open")
	o.Box.Server = server
	o.at(1, 10, 0)
	o.exec(t, `UPDATE tenants SET payments_loaded_to = '2026-03-16 17:00+00' WHERE id = $1`, o.ID)
	o.run(t)
	o.tick(t)
	is(t, "sent with one", o.ask(t, `SELECT string_agg(state, ' ') FROM messages`), "sent")
	is(t, "entries then", o.ask(t, `SELECT string_agg(state, ' ') FROM agenda_entries`), "done")
}

// S2.24, S2.25, and the same reminder sent a hundred times: the job runs every minute
// of a day and the customer gets one message; nobody's level is automatic by itself.
func TestEveryMinuteOfADay(t *testing.T) {
	t.Parallel()
	o := newAgency(t)
	o.run(t)
	o.tick(t)
	if n := len(o.sink.Taken()); n != 0 {
		t.Fatalf("%d sent by manual levels", n)
	}
	o.automatic(t)
	for minute := range 24 * 60 {
		o.at(0, minute/60, minute%60)
		if minute%97 == 0 {
			o.run(t)
		}
		if err := o.SendAutomatic(t.Context()); err != nil {
			t.Fatal(err)
		}
		if minute%30 == 0 {
			o.work(t)
			o.deliver(t)
		}
	}
	if n := len(o.sink.Taken()); n != 1 {
		t.Errorf("%d messages", n)
	}
	is(t, "reminders", o.ask(t, `SELECT count(*) || ' ' || count(DISTINCT item_id) FROM reminders`), "2 2")
	is(t, "closed by the program", o.ask(t, `SELECT count(*) FROM agenda_entries WHERE state = 'done' AND closed_by IS NULL`), "1")
	is(t, "batches", o.ask(t, `SELECT count(*) FROM batches`), "1")
}

// Automatic levels wait for the run, and for the payments unless a manager waives
// them, for today only.
func TestAutomaticWaits(t *testing.T) {
	t.Parallel()
	o := newAgency(t)
	o.exec(t, `UPDATE levels SET mode = 'automatic'`)
	waits := func(want string) {
		t.Helper()
		o.do(t, o.Manager, func(tx *tenant.Tx) error {
			got, _, err := o.AutomaticWaits(t.Context(), tx)
			if !strings.Contains(got, want) || (want == "") != (got == "") {
				t.Errorf("waits because %q, want %q", got, want)
			}
			return err
		})
	}
	waits("Today’s run has not been made yet.")
	o.run(t)
	waits("no payments were ever loaded")
	o.exec(t, `UPDATE tenants SET payments_loaded_to = '2026-03-12 23:00+00'`) // the midnight that ends the Thursday
	waits("payments are loaded to Thu 12 Mar only. Load them up to Fri 13 Mar")
	o.exec(t, `UPDATE tenants SET payments_loaded_to = '2026-03-12 22:59+00'`)
	waits("payments are loaded to Thu 12 Mar only. Load them up to Fri 13 Mar")
	o.tick(t)
	if n := len(o.sink.Taken()); n != 0 {
		t.Fatalf("%d sent before the payments", n)
	}
	refuses[errs.Forbidden](t, o.Write(t.Context(), o.Collector, func(tx *tenant.Tx) error { return dunning.WaivePayments(t.Context(), tx) }), "Only managers")
	for range 2 {
		o.do(t, o.Manager, func(tx *tenant.Tx) error { return dunning.WaivePayments(t.Context(), tx) })
	}
	is(t, "recorded", o.ask(t, `SELECT count(*) FROM audit_events WHERE kind = 'dunning.payments_waived'`), "1")
	waits("")
	o.tick(t)
	if n := len(o.sink.Taken()); n != 1 {
		t.Errorf("%d sent after it was waived", n)
	}
	o.at(1, 9, 0)
	o.run(t)
	waits("payments are loaded to Thu 12 Mar only. Load them up to Mon 16 Mar")
	o.exec(t, `UPDATE tenants SET payments_loaded_to = '2026-03-16 08:00+00'`)
	waits("")
	o.exec(t, `UPDATE tenants SET dunning_on = false`)
	waits("Dunning is switched off.")
}

// A letter printed by hand at 17:00 is what the level counts: the automatic run of
// the next morning sends nothing, and nothing that day either. Whether it is in the post
// only a person says: until then nothing is reached.
func TestByHandBeforeTheAutomaticRun(t *testing.T) {
	t.Parallel()
	for name, done := range map[string]bool{"said to be done": true, "not said to be done": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newAgency(t)
			o.at(0, 16, 0)
			e := o.open(t)
			o.print(t, e.ID)
			if done {
				o.done(t, e.ID, dunning.Completion{})
			}
			o.automatic(t)
			o.exec(t, `UPDATE tenants SET payments_loaded_to = '2026-03-16 23:00+00'`)
			o.at(1, 5, 0)
			o.run(t)
			o.tick(t)
			if n := len(o.sink.Taken()); n != 0 {
				t.Errorf("%d sent", n)
			}
			if !done {
				is(t, "reached before it is said", o.reached(t), "INV-1 -, INV-2 -")
				o.done(t, e.ID, dunning.Completion{})
			}
			is(t, "reached", o.reached(t), "INV-1 5, INV-2 5")
			is(t, "reminded on", o.ask(t, `SELECT string_agg(DISTINCT reminded_on::text, ' ') FROM reminders`), "2026-03-16")
		})
	}
}

// Who was written to from another screen before the entry opened is not written to
// by an automatic level within the gap.
func TestWrittenToBeforeTheEntryOpened(t *testing.T) {
	t.Parallel()
	o := newAgency(t)
	o.automatic(t)
	o.do(t, o.Collector, func(tx *tenant.Tx) error {
		_, err := o.Box.Send(t.Context(), tx, message.New{CustomerID: o.debtor, Channel: customer.Letter, Subject: "Pay", Body: "Pay now.", Demands: true})
		return err
	})
	// as if the entry had opened after it
	o.do(t, o.Collector, func(tx *tenant.Tx) error {
		return dunning.SetMode(t.Context(), tx, o.debtor, dunning.Mode{Version: o.version(t), Manual: true, NextOn: tx.Today().Add(1)})
	})
	o.do(t, o.Collector, func(tx *tenant.Tx) error {
		return dunning.SetMode(t.Context(), tx, o.debtor, dunning.Mode{Version: o.version(t)})
	})
	o.run(t)
	for _, c := range []struct {
		written string
		sent    int
	}{{"2026-03-10 12:00+00", 0}, {"2026-03-09 12:00+00", 1}} {
		o.exec(t, `UPDATE messages SET created_at = $1`, c.written)
		o.tick(t)
		if n := len(o.sink.Taken()); n != c.sent {
			t.Errorf("written to on %s: %d sent, want %d", c.written, n, c.sent)
		}
	}
}

func (o *agency) version(t testing.TB) (version int) {
	t.Helper()
	if err := o.owner.QueryRow(t.Context(), `SELECT version FROM customers WHERE id = $1`, o.debtor).Scan(&version); err != nil {
		t.Fatal(err)
	}
	return version
}

// Before the hours of a consumer nothing is sent, and at their first minute it is.
func TestAutomaticKeepsTheHours(t *testing.T) {
	t.Parallel()
	o := newAgency(t)
	o.do(t, o.Admin, func(tx *tenant.Tx) error { return contactrule.Seed(t.Context(), tx) })
	o.exec(t, `UPDATE customers SET kind = 'consumer'`)
	o.automatic(t)
	for _, c := range []struct{ hour, minute, sent int }{{5, 0, 0}, {6, 59, 0}, {7, 0, 1}} { // 08:00 in Oslo
		o.at(0, c.hour, c.minute)
		o.run(t)
		o.tick(t)
		if n := len(o.sink.Taken()); n != c.sent {
			t.Errorf("at %02d:%02d UTC %d sent, want %d", c.hour, c.minute, n, c.sent)
		}
	}
}

// What an automatic level could not send is a person's: it is not tried again by
// itself, and the entry stays.
func TestAutomaticThatFailed(t *testing.T) {
	t.Parallel()
	o := newAgency(t)
	o.automatic(t)
	o.run(t)
	o.exec(t, `UPDATE contact_points SET value = 'nobody@debtor.example' WHERE id = $1`, o.anna)
	if err := o.SendAutomatic(t.Context()); err != nil {
		t.Fatal(err)
	}
	o.work(t)
	o.exec(t, `UPDATE contact_points SET value = 'anna@debtor.example' WHERE id = $1`, o.anna)
	o.deliver(t)
	for range 3 {
		o.at(1, 9, 0)
		o.run(t)
		o.exec(t, `UPDATE tenants SET payments_loaded_to = '2026-03-16 23:00+00'`)
		o.tick(t)
	}
	is(t, "messages", o.ask(t, `SELECT string_agg(state, ' ') FROM messages`), "failed")
	if e := o.open(t); e.ID == 0 || e.DoneAskedAt != nil {
		t.Errorf("entry %+v", e)
	}
}

// A level that is to be confirmed waits in the agenda for one click, by itself or in
// a bulk: nothing of it goes out before.
func TestConfirmFirst(t *testing.T) {
	t.Parallel()
	o := newAgency(t)
	o.many(t, 1)
	o.automatic(t)
	o.exec(t, `UPDATE levels SET mode = 'confirm'`)
	o.run(t)
	for range 3 {
		o.tick(t)
	}
	if n := len(o.sink.Taken()); n != 0 {
		t.Fatalf("%d sent before anybody confirmed", n)
	}
	ids, of := o.all(t)
	o.start(t, dunning.Choice{IDs: ids, Except: []int64{of["C-2"]}}, dunning.Bulk{Kind: dunning.BulkApprove})
	o.deliver(t)
	is(t, "confirmed", o.ask(t, `SELECT string_agg(c.number, ' ') FROM agenda_entries e JOIN customers c ON c.id = e.customer_id WHERE e.state = 'done'`), "C-1")
	if n := len(o.sink.Taken()); n != 1 {
		t.Errorf("%d sent", n)
	}
}
