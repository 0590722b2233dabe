package dunning_test

import (
	"errors"
	"testing"

	"dunwell/internal/customer"
	"dunwell/internal/dbtest"
	"dunwell/internal/dunning"
	"dunwell/internal/errs"
	"dunwell/internal/ledger"
	"dunwell/internal/message"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
)

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
