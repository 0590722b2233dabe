package message_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"dunwell/internal/customer"
	"dunwell/internal/message"
	"dunwell/internal/smtptest"
	"dunwell/internal/tenant"
)

// However the mail server behaves, the message ends where it must, and what may
// have been taken is never sent again by itself.
func TestWhatTheServerDoes(t *testing.T) {
	t.Parallel()
	b := newBooks(t)
	var mu sync.Mutex
	var at smtptest.Step
	var act smtptest.Act
	b.sink.Tell(func(step smtptest.Step, _ string) smtptest.Act {
		mu.Lock()
		defer mu.Unlock()
		if step == at {
			return act
		}
		return smtptest.Take
	})
	for _, c := range []struct {
		name  string
		at    smtptest.Step
		act   smtptest.Act
		state message.State
		says  string
		taken int
	}{
		{"takes it", "", smtptest.Take, message.Sent, "", 1},
		{"refuses the sender", smtptest.From, smtptest.Refuse, message.Failed, "The mail server refused it: 550 5.1.1 No such user here", 0},
		{"refuses the address", smtptest.To, smtptest.Refuse, message.Failed, "550 5.1.1 No such user here", 0},
		{"refuses the text", smtptest.Body, smtptest.Refuse, message.Failed, "550 5.1.1 No such user here", 0},
		{"refuses at length", smtptest.To, smtptest.Rambly, message.Failed, "554 5.7.0 spam or [31mworse spam or", 0},
		{"greylists", smtptest.To, smtptest.Later, message.Queued, "Tried again in 1m0s. The mail server did not take it: 451 4.7.1 Greylisted", 0},
		{"is busy after all of it", smtptest.Body, smtptest.Later, message.Queued, "451 4.7.1 Greylisted", 0},
		{"leaves at the beginning", smtptest.From, smtptest.Drop, message.Queued, "Tried again", 0},
		{"leaves before the text", smtptest.To, smtptest.Drop, message.Queued, "Tried again", 0},
		{"leaves in the middle of a word", smtptest.To, smtptest.Half, message.Queued, "Tried again", 0},
		{"leaves after the text", smtptest.Body, smtptest.Drop, message.Unknown, "before it answered", 0},
		{"leaves in the middle of its answer", smtptest.Body, smtptest.Half, message.Unknown, "before it answered", 0},
		{"takes it and leaves", smtptest.Body, smtptest.Lose, message.Unknown, "before it answered", 1},
	} {
		mu.Lock()
		at, act = c.at, c.act
		mu.Unlock()
		before := len(b.sink.Taken())
		id := b.send(t, b.Collector, b.mail(c.name))
		wait := b.deliver(t)
		d := b.is(t, id, c.state, c.says)
		if len(d.Error) > 1000 || strings.ContainsAny(d.Error, "\n\t\x1b") || (wait > 0) != (c.state == message.Queued) {
			t.Errorf("%s: it waits %s, error %q", c.name, wait, d.Error)
		}
		if got := len(b.sink.Taken()) - before; got != c.taken {
			t.Errorf("%s: taken %d times, want %d", c.name, got, c.taken)
		}
		// Whatever comes of it, the job done again at once sends nothing.
		mu.Lock()
		at = ""
		mu.Unlock()
		if b.deliver(t); len(b.sink.Taken())-before != c.taken {
			t.Errorf("%s: it was sent again by itself", c.name)
		}
	}
}

// A server that says nothing is left, before it had the text or after.
func TestServerIsSilent(t *testing.T) {
	t.Parallel()
	b := newBooks(t)
	impatient, err := message.NewServer(b.sink.URL()+"?timeout=700ms", "mail@dunwell.example", nil)
	if err != nil {
		t.Fatal(err)
	}
	b.box.Server = impatient
	for step, want := range map[smtptest.Step]message.State{smtptest.From: message.Queued, smtptest.To: message.Queued, smtptest.Body: message.Unknown} {
		b.sink.Tell(func(s smtptest.Step, _ string) smtptest.Act {
			if s == step {
				return smtptest.Hang
			}
			return smtptest.Take
		})
		id := b.send(t, b.Collector, b.mail(string(step)))
		b.deliver(t)
		b.is(t, id, want, "timeout")
	}
}

// What the server puts off is tried again, and given up one day.
func TestGivenUp(t *testing.T) {
	t.Parallel()
	b := newBooks(t)
	b.sink.Tell(func(smtptest.Step, string) smtptest.Act { return smtptest.Later })
	id := b.send(t, b.Collector, b.mail("x"))
	for i, want := range []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour, 4 * time.Hour, 0} {
		b.exec(t, `UPDATE messages SET due_at = now()`)
		if wait := b.deliver(t); wait != want {
			t.Fatalf("after attempt %d it waits %s, want %s", i+1, wait, want)
		}
	}
	b.is(t, id, message.Failed, "Given up after 6 attempts.")
	if said := b.journal(t)[0]; !strings.Contains(said, "was not sent. Given up after 6 attempts.") {
		t.Errorf("the journal says %q", said)
	}
	// A person who has it sent again begins anew.
	b.write(t, b.Manager, func(tx *tenant.Tx) error {
		_, _, err := b.box.Retry(t.Context(), tx, []int64{id})
		return err
	})
	if wait := b.deliver(t); wait != time.Minute {
		t.Errorf("after the new beginning it waits %s", wait)
	}
}

// The server that is down costs no message.
func TestServerIsDown(t *testing.T) {
	t.Parallel()
	b := newBooks(t)
	up := b.box.Server
	down, err := message.NewServer("smtp://127.0.0.1:1?timeout=1s", "mail@dunwell.example", nil)
	if err != nil {
		t.Fatal(err)
	}
	b.box.Server = down
	id := b.send(t, b.Collector, b.mail("x"))
	b.deliver(t)
	b.is(t, id, message.Queued, "connection refused")
	b.box.Server = up
	b.exec(t, `UPDATE messages SET due_at = now()`)
	b.deliver(t)
	b.is(t, id, message.Sent, "")
}

// Connections are used again, and one that the server ended meanwhile is replaced
// without the message noticing.
func TestConnectionsAreKept(t *testing.T) {
	t.Parallel()
	b := newBooks(t)
	for range 5 {
		b.send(t, b.Collector, b.mail("x"))
		b.deliver(t)
	}
	if n := b.sink.Connections(); n != 1 {
		t.Errorf("%d connections for five messages, want 1", n)
	}
	drops := 1
	b.sink.Tell(func(step smtptest.Step, _ string) smtptest.Act {
		if step == smtptest.From && drops > 0 {
			drops--
			return smtptest.Drop
		}
		return smtptest.Take
	})
	id := b.send(t, b.Collector, b.mail("x"))
	b.deliver(t)
	b.is(t, id, message.Sent, "")
	if n := b.sink.Connections(); n != 2 || len(b.sink.Taken()) != 6 {
		t.Errorf("%d connections, %d messages", n, len(b.sink.Taken()))
	}
}

// Asked again when it goes out: what happened in between counts.
func TestAskedAgainWhenItGoesOut(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		between func(t *testing.T, b *books, tx *tenant.Tx) error
		says    string
	}{
		"stopped": {func(t *testing.T, b *books, tx *tenant.Tx) error {
			_, err := customer.PlaceStop(t.Context(), tx, b.debtor, customer.Stop{Kind: "attorney", Reason: "x", Since: tx.Today(), ReviewOn: tx.Today().Add(9)})
			return err
		}, "a stop is in force"},
		"opted out": {func(t *testing.T, b *books, tx *tenant.Tx) error {
			return customer.Permit(t.Context(), tx, b.debtor, b.anna, 0, customer.Permission{Channel: customer.Mail, State: customer.OptOut, GivenOn: tx.Today(), Source: "x", ReviewOn: tx.Today().Add(9)})
		}, "opted out on 16 Mar"},
		"archived": {func(t *testing.T, b *books, tx *tenant.Tx) error {
			_, err := tx.Exec(t.Context(), `UPDATE customers SET archived_at = now() WHERE id = $1`, b.debtor)
			return err
		}, "the customer is archived"},
		"retired": {func(t *testing.T, b *books, tx *tenant.Tx) error {
			return customer.RetirePoint(t.Context(), tx, b.debtor, b.anna, 1)
		}, "no longer in use"},
		"moved": {func(t *testing.T, b *books, tx *tenant.Tx) error {
			return customer.EditPoint(t.Context(), tx, b.debtor, b.anna, 1, customer.Point{Kind: customer.Email, Value: "new@debtor.example", Role: customer.Debtor})
		}, "The address was changed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBooks(t)
			id := b.send(t, b.Collector, b.mail("x"))
			b.write(t, b.Manager, func(tx *tenant.Tx) error { return c.between(t, b, tx) })
			if wait := b.deliver(t); wait != 0 {
				t.Errorf("it waits %s", wait)
			}
			b.is(t, id, message.Failed, c.says)
			if len(b.sink.Taken()) != 0 {
				t.Error("it was sent")
			}
			if said := b.journal(t)[0]; !strings.Contains(said, "was not sent.") || !strings.Contains(said, c.says) {
				t.Errorf("the journal says %q", said)
			}
		})
	}
}

// Hours that have closed meanwhile are waited for, unless a manager said why not.
func TestHours(t *testing.T) {
	t.Parallel()
	b := newBooks(t)
	b.exec(t, `UPDATE customers SET kind = 'consumer' WHERE id = $1`, b.debtor)
	b.exec(t, `INSERT INTO contact_rules (tenant_id, name, kind, channel, weekdays, from_time, to_time, source, as_of)
		VALUES ($1, 'hours', 'consumer', 'email', 127, '08:00', '21:00', 'law', '2021-01-01')`, b.ID)
	clock := func(hhmm string) {
		at, err := time.ParseInLocation("2006-01-02 15:04", "2026-03-16 "+hhmm, time.UTC)
		if err != nil {
			t.Fatal(err)
		}
		b.Now = func() time.Time { return at }
	}
	clock("19:59") // 20:59 in Oslo and Paris
	late := b.send(t, b.Manager, b.mail("late"))
	job := b.asked[0]
	clock("20:00")
	n := b.mail("urgent")
	if got := invalid(b.refused(t, b.Manager, n), "override"); !strings.Contains(got, "08:00") {
		t.Errorf("refused with %q", got)
	}
	n.Override = "They wait for it"
	urgent := b.send(t, b.Manager, n)
	if wait := b.deliver(t); wait != 0 {
		t.Errorf("what a manager overrode waits %s", wait)
	}
	b.is(t, urgent, message.Sent, "")
	wait, err := b.box.Deliver(t.Context(), job)
	if err != nil || wait != 11*time.Hour {
		t.Errorf("at 21:00 it waits %s, want until 08:00 (%v)", wait, err)
	}
	b.is(t, late, message.Queued, "It waits. ")
	clock("19:00")
	n.Override = "Kept for later" // while it is not needed
	early := b.send(t, b.Manager, n)
	clock("20:00")
	if wait := b.deliver(t); wait != 11*time.Hour {
		t.Errorf("a reason that was not needed when it was given lets it through: it waits %s", wait)
	}
	b.is(t, early, message.Queued, "It waits. ")
	clock("07:00") // of the same day, when hours are open
	b.exec(t, `UPDATE messages SET due_at = now() WHERE id = $1`, late)
	if wait, err := b.box.Deliver(t.Context(), job); wait != 0 || err != nil {
		t.Errorf("it waits %s, %v", wait, err)
	}
	b.is(t, late, message.Sent, "")
}

// Two workers with the same job, and a person who presses at the same moment.
func TestTwoAtOnce(t *testing.T) {
	t.Parallel()
	b := newBooks(t)
	id := b.send(t, b.Collector, b.mail("x"))
	var all sync.WaitGroup
	for range 6 {
		all.Go(func() {
			if _, err := b.box.Deliver(t.Context(), b.asked[0]); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	b.is(t, id, message.Sent, "")
	if n := len(b.sink.Taken()); n != 1 {
		t.Errorf("it was sent %d times", n)
	}
}

// Nobody can add to the header by what they type.
func TestHeaderInjection(t *testing.T) {
	t.Parallel()
	b := newBooks(t)
	n := b.mail("Hello\r\nBcc: everybody@evil.example\r\n\r\nEvil body")
	n.Body = "Text\r\n.\r\nMAIL FROM:<evil@evil.example>\r\n\r\nBcc: everybody@evil.example"
	b.exec(t, `UPDATE contact_points SET person = E'Anna "Ann" \\\\ O''Hara <x@evil.example>\nBcc: x@evil.example' WHERE id = $1`, b.anna)
	b.exec(t, `UPDATE letterheads SET sender = E'Acme\r\nBcc: y@evil.example'`)
	id := b.send(t, b.Collector, n)
	b.deliver(t)
	b.is(t, id, message.Sent, "")
	taken := b.sink.Wait(t, 1)
	if h := taken[0].Header(t); len(taken) != 1 || h.Get("Bcc") != "" || len(h["To"]) != 1 || taken[0].To != "anna@debtor.example" {
		t.Errorf("%d messages, header %v", len(taken), h)
	}
	if _, body := taken[0].Text(t); !strings.HasPrefix(body, "Text\n.\nMAIL FROM:") {
		t.Errorf("the body is %q", body)
	}
}
