package message_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"dunwell/internal/contactrule"
	"dunwell/internal/customer"
	"dunwell/internal/dbtest"
	"dunwell/internal/inbox"
	"dunwell/internal/message"
	"dunwell/internal/provider/twiliotest"
	"dunwell/internal/tenant"
)

// reply has an SMS come in.
func (p *phones) reply(t testing.TB, id, from, body string) {
	t.Helper()
	p.write(t, p.System(), func(tx *tenant.Tx) error {
		return p.box.ReceiveSMS(t.Context(), tx, message.In{ProviderID: id, From: from, To: twiliotest.SMSFrom, Body: body, At: tx.Now})
	})
}

// waits are the open entries of the inbox, the newest first, as kind, customer and
// text.
func (p *phones) waits(t testing.TB) (list []string) {
	t.Helper()
	p.read(t, func(tx *tenant.Tx) error {
		entries, err := inbox.List(t.Context(), tx, inbox.Filter{State: inbox.Open, Limit: 50})
		for _, e := range entries {
			list = append(list, fmt.Sprintf("%s of %d: %s", e.Kind, e.CustomerID, e.Body))
		}
		return err
	})
	return list
}

// S5.14: an answer is the customer's whose number it comes from, once.
func TestReplyComesIn(t *testing.T) {
	t.Parallel()
	p := newPhones(t)
	sent := p.send(t, p.Collector, p.sms("When do you pay?"))
	p.deliver(t)
	p.reply(t, "SM1", hers, "On Friday, with my card 4111 1111 1111 1111")
	p.reply(t, "SM1", hers, "On Friday, with my card 4111 1111 1111 1111")
	if got := p.waits(t); len(got) != 1 || !strings.HasPrefix(got[0], fmt.Sprintf("reply of %d: On Friday, with my card", p.debtor)) || strings.Contains(got[0], "1111 1111 1111") {
		t.Errorf("in the inbox: %q", got)
	}
	p.read(t, func(tx *tenant.Tx) error {
		entries, err := inbox.List(t.Context(), tx, inbox.Filter{State: inbox.Open, Limit: 50})
		if e := entries[0]; e.MessageID != sent || e.PointID != p.number || e.Person != "Anna Holm" {
			t.Errorf("the entry is %+v", e)
		}
		return err
	})
	if got := p.journal(t)[0]; !strings.HasPrefix(got, "sms: Anna Holm wrote: On Friday") || strings.Contains(got, "1111 1111") {
		t.Errorf("the journal says %q", got)
	}
	// A machine that says the same at once from two lines is heard once.
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			err := p.Write(t.Context(), p.System(), func(tx *tenant.Tx) error {
				return p.box.ReceiveSMS(t.Context(), tx, message.In{ProviderID: "SM2", From: hers, To: twiliotest.SMSFrom, Body: "Hello?"})
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if got := p.waits(t); len(got) != 2 {
		t.Errorf("in the inbox: %q", got)
	}
}

// Of several customers with the number it is the one last written to.
func TestSeveralWithTheNumber(t *testing.T) {
	t.Parallel()
	p := newPhones(t)
	var second, there int64
	p.write(t, p.Admin, func(tx *tenant.Tx) error {
		second, _ = dbtest.Customer(t, tx, "C-2")
		there = p.add(t, tx, second, hers)
		return nil
	})
	p.reply(t, "SM1", hers, "one")
	p.send(t, p.Collector, message.New{CustomerID: second, Channel: customer.SMS, PointID: there, Body: "To the second"})
	p.deliver(t)
	p.reply(t, "SM2", hers, "two")
	p.send(t, p.Collector, p.sms("To the first"))
	p.deliver(t)
	p.reply(t, "SM3", hers, "three")
	p.reply(t, "SM4", "+4790611299", "four")
	p.reply(t, "SM5", "ACME", "five")
	want := []string{"stranger of 0: five", "stranger of 0: four", fmt.Sprintf("reply of %d: three", p.debtor), fmt.Sprintf("reply of %d: two", second), fmt.Sprintf("reply of %d: one", p.debtor)}
	if got := p.waits(t); strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("in the inbox: %q, want %q", got, want)
	}
}

// STOP opts the number out for every customer who has it, at once, and is answered
// once; START takes that back. What is not allowed any more does not go out.
func TestStopAndStart(t *testing.T) {
	t.Parallel()
	p := newPhones(t)
	var second, there int64
	p.write(t, p.Admin, func(tx *tenant.Tx) error {
		second, _ = dbtest.Customer(t, tx, "C-2")
		there = p.add(t, tx, second, hers)
		return nil
	})
	queued := p.send(t, p.Collector, p.sms("Please pay"))
	job := p.asked[len(p.asked)-1]
	p.reply(t, "SM1", hers, "Stop.")
	p.reply(t, "SM1", hers, "Stop.")
	p.reply(t, "SM2", hers, "STOP")
	for _, point := range [][2]int64{{p.debtor, p.number}, {second, there}} {
		if r := p.may(t, point[0], point[1]); r.Verdict != contactrule.No || !strings.Contains(r.Reason, "opted out") {
			t.Errorf("SMS to %v are %v, %s", point, r.Verdict, r.Reason)
		}
	}
	if _, err := p.box.Deliver(t.Context(), job); err != nil {
		t.Fatal(err)
	}
	p.is(t, queued, message.Failed, "opted out")
	p.deliver(t) // the answer
	taken := p.twilio.Taken()
	if len(p.asked) != 2 || len(taken) != 1 || taken[0].Form.Get("To") != hers || taken[0].Form.Get("Body") != "Acme Finance AS: you will get no more SMS from us. Reply START to get them again." {
		t.Fatalf("answered %d times, %v", len(p.asked)-1, taken)
	}
	if got := p.waits(t); len(got) != 1 || !strings.HasPrefix(got[0], "failed") {
		t.Errorf("in the inbox: %q", got) // nothing to answer, but what did not go out
	}
	journal := strings.Join(p.journal(t), "\n")
	for _, want := range []string{"permission: Opted out of SMS for +47 90 61 12 04 on Mon 16 Mar 2026. Source: Their own SMS. Evidence: Stop.", "sms: Anna Holm wrote: Stop.", "message: Answered by SMS to Anna Holm"} {
		if strings.Count(journal, want) != 1 {
			t.Errorf("the journal says %q %d times:\n%s", want, strings.Count(journal, want), journal)
		}
	}
	p.reply(t, "SM3", hers, "START")
	p.reply(t, "SM4", hers, "start")
	p.reply(t, "SM2", hers, "STOP") // of yesterday, once more
	p.deliver(t)
	if r := p.may(t, second, there); r.Verdict != contactrule.Allowed {
		t.Errorf("after START SMS are %v, %s", r.Verdict, r.Reason)
	}
	if taken := p.twilio.Taken(); len(p.asked) != 3 || !strings.Contains(taken[1].Form.Get("Body"), "you get our SMS again") {
		t.Errorf("answered %d times, %v", len(p.asked)-1, taken)
	}
	p.is(t, p.send(t, p.Collector, p.sms("Thank you")), message.Queued, "")
}

// What the provider has answered itself is not answered again; whose number nobody
// knows waits for a person.
func TestStopElsewhere(t *testing.T) {
	t.Parallel()
	p := newPhones(t)
	p.write(t, p.System(), func(tx *tenant.Tx) error {
		return p.box.ReceiveSMS(t.Context(), tx, message.In{ProviderID: "SM1", From: hers, To: twiliotest.SMSFrom, Body: "leave me alone", Kind: inbox.Stop, Pictures: []string{"https://api.twilio.example/1"}})
	})
	if r := p.may(t, p.debtor, p.number); r.Verdict != contactrule.No || len(p.asked) != 0 {
		t.Errorf("SMS are %v, answered %d times", r.Verdict, len(p.asked))
	}
	p.reply(t, "SM2", "+4790611299", "STOP")
	if got := p.waits(t); len(got) != 1 || got[0] != "stranger of 0: STOP" || len(p.asked) != 0 {
		t.Errorf("in the inbox: %q", got)
	}
	// The provider knows of the opt-out before we do: its refusal is no trouble.
	p.reply(t, "SM3", hers, "START")
	p.reply(t, "SM4", hers, "STOP")
	p.twilio.Tell(func(twiliotest.Request) twiliotest.Act { return twiliotest.OptedOut })
	p.deliver(t)
	var id int64
	if err := p.owner.QueryRow(t.Context(), `SELECT max(id) FROM messages`).Scan(&id); err != nil {
		t.Fatal(err)
	}
	p.is(t, id, message.Discarded, "The provider has answered it itself.")
	if got := p.waits(t); len(got) != 1 {
		t.Errorf("in the inbox: %q", got)
	}
}

// A STOP of somebody whom nobody knows, and one that comes in while the number is being
// added to a customer, keep what is sent to the number from going out.
func TestStopOfANumberToCome(t *testing.T) {
	t.Parallel()
	p := newPhones(t)
	const unknown, meanwhile = "+4790611298", "+4790611299"
	p.reply(t, "SM1", unknown, "STOP")
	var known, late int64
	p.write(t, p.Collector, func(tx *tenant.Tx) error {
		known, late = p.add(t, tx, p.debtor, unknown), p.add(t, tx, p.debtor, meanwhile)
		p.reply(t, "SM2", meanwhile, "STOP")
		return nil
	})
	if r := p.may(t, p.debtor, known); r.Verdict != contactrule.No || !strings.Contains(r.Reason, "opted out") {
		t.Errorf("SMS to the number of a stranger who said STOP are %v, %s", r.Verdict, r.Reason)
	}
	n := p.sms("Please pay")
	n.PointID = late
	id := p.send(t, p.Collector, n)
	p.deliver(t)
	p.is(t, id, message.Failed, "opted out")
	if r := p.may(t, p.debtor, late); r.Verdict != contactrule.No || len(p.twilio.Taken()) != 0 {
		t.Errorf("SMS to the number that said STOP meanwhile are %v, %s; %d went out", r.Verdict, r.Reason, len(p.twilio.Taken()))
	}
	if journal := strings.Join(p.journal(t), "\n"); strings.Count(journal, "permission: Opted out of SMS for +47 90 61 12 99") != 1 {
		t.Errorf("the journal says\n%s", journal)
	}
}

// The answer to STOP goes out at night, and makes no reminder and no contact of it.
func TestConfirmationIsNoContact(t *testing.T) {
	t.Parallel()
	p := newPhones(t)
	p.exec(t, `UPDATE customers SET kind = 'consumer', language = 'fr' WHERE id = $1`, p.debtor)
	p.exec(t, `INSERT INTO contact_rules (tenant_id, name, kind, channel, weekdays, from_time, to_time, source, as_of)
		VALUES ($1, 'hours', 'consumer', 'sms', 127, '08:00', '21:00', 'law', '2021-01-01')`, p.ID)
	p.Now = func() time.Time { return time.Date(2026, 3, 16, 2, 0, 0, 0, time.UTC) }
	p.reply(t, "SM1", hers, "ARRÊT")
	if wait := p.deliver(t); wait != 0 {
		t.Errorf("it waits %s", wait)
	}
	if got := p.twilio.Taken(); len(got) != 1 || !strings.Contains(got[0].Form.Get("Body"), "vous ne recevrez plus de SMS") {
		t.Errorf("answered with %v", got)
	}
	// Nobody's name, number or text of another company is touched by it.
	beta := tenantOf(t, p.books, "beta")
	p.write(t, beta.System(), func(tx *tenant.Tx) error {
		id, _ := dbtest.Customer(t, tx, "B-1")
		point := p.add(t, tx, id, hers)
		all, err := contactrule.Of(t.Context(), tx, id)
		if r := all.For(point, customer.SMS); r.Verdict != contactrule.Allowed {
			t.Errorf("in another company SMS are %v, %s", r.Verdict, r.Reason)
		}
		return err
	})
}
