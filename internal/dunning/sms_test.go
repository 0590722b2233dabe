package dunning_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"

	"dunwell/internal/customer"
	"dunwell/internal/dunning"
	"dunwell/internal/errs"
	"dunwell/internal/ledger"
	"dunwell/internal/message"
	"dunwell/internal/provider"
	"dunwell/internal/provider/twiliotest"
	"dunwell/internal/tenant"
)

// telephone gives the company a provider in this process, and has its first level
// remind by SMS.
func (o *agency) telephone(t testing.TB) *twiliotest.Server {
	t.Helper()
	server := twiliotest.New(t)
	o.Box.Secrets, o.Box.Provider = twiliotest.Box(t), provider.Options{URL: server.URL}
	o.do(t, o.Admin, func(tx *tenant.Tx) error {
		twiliotest.SetUp(t, tx, o.Box.Secrets)
		list, err := message.Templates(t.Context(), tx, customer.SMS)
		if err != nil {
			return err
		}
		_, err = tx.Exec(t.Context(), `
			UPDATE level_actions
			SET kind = 'sms', template_id = $2
			WHERE tenant_id = $1 AND kind = 'email'`, o.ID, list[0].ID)
		return err
	})
	return server
}

// hear has the provider say what became of the last SMS.
func (o *agency) hear(t testing.TB, q twiliotest.Request, state message.State) {
	t.Helper()
	path := q.Form.Get("StatusCallback")
	tenantID, id, attempt, err := o.Box.StatusOf(path[strings.LastIndex(path, "/")+1:])
	if err != nil {
		t.Fatal(err)
	}
	o.do(t, tenant.System(tenantID), func(tx *tenant.Tx) error {
		return message.Report(t.Context(), tx, message.Progress{MessageID: id, Attempt: attempt, ProviderID: q.SID, To: q.Form.Get("To"), State: state, Words: provider.Why("30005")})
	})
}

// An SMS of a level goes out at once, counts once the provider has it, and is done;
// one that does not arrive takes the reminder back.
func TestLevelBySMS(t *testing.T) {
	t.Parallel()
	o := newAgency(t)
	server := o.telephone(t)
	o.run(t)
	e := o.open(t)
	for range 2 { // there is one a cycle
		o.do(t, o.Collector, func(tx *tenant.Tx) error {
			_, err := o.SMS(t.Context(), tx, e.ID, dunning.Order{})
			return err
		})
	}
	o.deliver(t)
	taken := server.Taken()
	if len(taken) != 1 || taken[0].Form.Get("To") != "+4722410933" || taken[0].Form.Get("Body") != "Acme Finance AS: please pay EUR 1,311.57 by 23 Mar 2026. Customer number C-1." {
		t.Fatalf("handed over: %v", taken)
	}
	if err := o.tryDone(t, o.Collector, e.ID, dunning.Completion{Version: o.entry(t, e.ID).Version}); err != nil {
		t.Fatal(err)
	}
	is(t, "reminders", o.ask(t, `SELECT count(*) FROM reminders WHERE reverses IS NULL`), "2")
	o.hear(t, taken[0], message.Delivered)
	is(t, "after it was delivered", o.ask(t, `SELECT count(*) FROM reminders WHERE reverses IS NOT NULL`), "0")
	is(t, "the entry", fmt.Sprint(o.entry(t, e.ID).State), "done")
}

// What the provider took and the network did not deliver takes the reminder back.
func TestUndeliveredSMSReversesTheReminder(t *testing.T) {
	t.Parallel()
	o := newAgency(t)
	server := o.telephone(t)
	o.run(t)
	e := o.open(t)
	var id int64
	o.do(t, o.Collector, func(tx *tenant.Tx) (err error) {
		id, err = o.SMS(t.Context(), tx, e.ID, dunning.Order{})
		return err
	})
	o.deliver(t)
	if err := o.tryDone(t, o.Collector, e.ID, dunning.Completion{Version: o.entry(t, e.ID).Version}); err != nil {
		t.Fatal(err)
	}
	o.hear(t, server.Taken()[0], message.Sent)
	o.hear(t, server.Taken()[0], message.Failed)
	o.hear(t, server.Taken()[0], message.Failed)
	is(t, "reversed", o.ask(t, `SELECT count(*) || ' ' || min(reason) FROM reminders WHERE reverses IS NOT NULL`), "2 The SMS was not sent.")
	is(t, "levels reached", o.ask(t, `SELECT count(*) FROM items WHERE reached_days IS NOT NULL`), "0")
	if again := o.open(t); again.ID == 0 || again.ID == e.ID {
		t.Errorf("the customer comes back with entry %d after %d", again.ID, e.ID)
	}
	// What is sent again would count for neither entry.
	err := o.Write(t.Context(), o.Manager, func(tx *tenant.Tx) error {
		_, _, err := o.Box.Retry(t.Context(), tx, []int64{id})
		return err
	})
	refuses[errs.Conflict](t, err, "taken back")
	is(t, "the SMS", o.ask(t, `SELECT state FROM messages`), "failed")
}

// An answer that comes in while the provider's own answer is written down is taken in:
// neither of the two waits for the other in a circle.
func TestAnswerWhileTheSMSIsHandedOver(t *testing.T) {
	t.Parallel()
	o := newAgency(t)
	o.telephone(t)
	o.run(t)
	e := o.open(t)
	o.do(t, o.Collector, func(tx *tenant.Tx) error {
		_, err := o.SMS(t.Context(), tx, e.ID, dunning.Order{})
		return err
	})
	send := message.SendArgs{Tenant: o.ID, Reference: uuid.MustParse(o.ask(t, `SELECT reference FROM messages`))}
	handed := make(chan error, 1)
	o.do(t, o.System(), func(tx *tenant.Tx) error {
		if err := ledger.Hold(t.Context(), tx, []int64{o.debtor}); err != nil {
			return err
		}
		go func() {
			_, err := o.Box.Deliver(t.Context(), send)
			handed <- err
		}()
		o.Wait(t, `SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')`)
		return o.Box.ReceiveSMS(t.Context(), tx, message.In{ProviderID: "SM1", From: "+4722410933", To: twiliotest.SMSFrom, Body: "Tomorrow"})
	})
	if err := <-handed; err != nil {
		t.Error(err)
	}
	is(t, "what came in answers the SMS", o.ask(t, `SELECT m.state FROM received r JOIN messages m ON m.id = r.message_id`), "sent")
}

// Automatic levels send SMS by themselves, once, and not to who opted out.
func TestAutomaticSMS(t *testing.T) {
	t.Parallel()
	o := newAgency(t)
	server := o.telephone(t)
	o.automatic(t)
	o.run(t)
	o.at(0, 10, 0)
	o.tick(t)
	o.tick(t)
	if n := len(server.Taken()); n != 1 {
		t.Errorf("%d SMS were sent", n)
	}
	is(t, "closed by the program", o.ask(t, `SELECT count(*) FROM agenda_entries WHERE state = 'done' AND closed_by IS NULL`), "1")
}

func TestSMSNotAllowed(t *testing.T) {
	t.Parallel()
	o := newAgency(t)
	server := o.telephone(t)
	o.run(t)
	e := o.open(t)
	o.do(t, o.System(), func(tx *tenant.Tx) error {
		_, err := customer.OptByWord(t.Context(), tx, "+4722410933", true, "Their own SMS", "STOP")
		return err
	})
	write := func() error {
		return o.Write(t.Context(), o.Collector, func(tx *tenant.Tx) error {
			_, err := o.SMS(t.Context(), tx, e.ID, dunning.Order{})
			return err
		})
	}
	refuses[errs.Forbidden](t, write(), "opted out")
	o.do(t, o.Manager, func(tx *tenant.Tx) error {
		p, err := o.Plan(t.Context(), tx, dunning.Choice{IDs: []int64{e.ID}}, dunning.Bulk{Kind: dunning.BulkApprove})
		if p.SMS != 0 || len(p.LeftOut) != 1 || !strings.Contains(p.LeftOut[0].Why, "opted out") {
			t.Errorf("the plan is %+v", p)
		}
		return err
	})
	o.do(t, o.Collector, func(tx *tenant.Tx) error {
		return customer.RetirePoint(t.Context(), tx, o.debtor, o.phone, 1)
	})
	refuses[errs.Invalid](t, write(), "No telephone number of this customer is on file")
	if server.Asked() != 0 {
		t.Error("something was handed over")
	}
}
