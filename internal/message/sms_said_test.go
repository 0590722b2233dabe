package message_test

import (
	"net/url"
	"strings"
	"sync"
	"testing"

	"dunwell/internal/errs"
	"dunwell/internal/message"
	"dunwell/internal/provider/twiliotest"
	"dunwell/internal/tenant"
)

// However the provider behaves, the message ends where it must, and what may have
// been taken is never sent again by itself.
func TestWhatTheProviderDoes(t *testing.T) {
	t.Parallel()
	p := newPhones(t)
	var mu sync.Mutex
	var act twiliotest.Act
	p.twilio.Tell(func(twiliotest.Request) twiliotest.Act {
		mu.Lock()
		defer mu.Unlock()
		return act
	})
	for _, c := range []struct {
		name  string
		act   twiliotest.Act
		state message.State
		says  string
		taken int
	}{
		{"takes it", twiliotest.Take, message.Sent, "", 1},
		{"is busy", twiliotest.Busy, message.Queued, "Tried again in 1m0s. The provider did not take it: Too Many Requests (20429)", 0},
		{"is down", twiliotest.Down, message.Queued, "Tried again in 1m0s. The provider did not take it: Internal Server Error (20500)", 0},
		{"is cut off by a proxy", twiliotest.Cut, message.Unknown, "did not say whether it took it", 0},
		{"refuses the number", twiliotest.Refuse, message.Failed, "The provider refused it: Invalid 'To' Phone Number", 0},
		{"takes it and leaves", twiliotest.Lose, message.Unknown, "EOF", 1},
		{"takes it and says nothing", twiliotest.Hang, message.Unknown, "deadline", 1},
	} {
		mu.Lock()
		act = c.act
		mu.Unlock()
		before := len(p.twilio.Taken())
		id := p.send(t, p.Collector, p.sms(c.name))
		wait := p.deliver(t)
		p.is(t, id, c.state, c.says)
		if (wait > 0) != (c.state == message.Queued) {
			t.Errorf("%s: it waits %s", c.name, wait)
		}
		mu.Lock()
		act = twiliotest.Take
		mu.Unlock()
		if p.deliver(t); len(p.twilio.Taken())-before != c.taken {
			t.Errorf("%s: taken %d times, want %d", c.name, len(p.twilio.Taken())-before, c.taken)
		}
	}
}

// What the provider says in whatever order, once or twice, leads to one state.
func TestWhatTheProviderSays(t *testing.T) {
	t.Parallel()
	p := newPhones(t)
	const sent, delivered, failed = message.Sent, message.Delivered, message.Failed
	for name, c := range map[string]struct {
		says   []message.State
		want   message.State
		events int // of states that it came into
	}{
		"in order":           {[]message.State{sent, sent, delivered}, delivered, 4},
		"out of order":       {[]message.State{delivered, sent}, delivered, 4},
		"twice":              {[]message.State{delivered, delivered, sent, sent}, delivered, 4},
		"it failed":          {[]message.State{sent, failed, failed}, failed, 4},
		"failed, then late":  {[]message.State{failed, sent}, failed, 4},
		"the first end wins": {[]message.State{delivered, failed}, delivered, 4},
		"and so does this":   {[]message.State{failed, delivered}, failed, 4},
	} {
		id := p.send(t, p.Collector, p.sms(name))
		p.deliver(t)
		all := p.twilio.Taken()
		q := all[len(all)-1]
		for _, s := range c.says {
			if err := p.hear(t, q, s); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		says := ""
		if c.want == failed {
			says = "switched off or out of reach, or the number is not in use (30003)"
		}
		if d := p.is(t, id, c.want, says); len(d.Events) != c.events || d.SentAt == nil {
			t.Errorf("%s: events %+v", name, d.Events)
		}
	}
	if said := strings.Join(p.journal(t), "\n"); strings.Count(said, "was not delivered. The provider did not deliver it: The phone is switched off") != 3 {
		t.Errorf("the journal says %s", said)
	}
}

// What is said of another message, another number or another attempt changes nothing.
func TestSaidOfAnother(t *testing.T) {
	t.Parallel()
	p := newPhones(t)
	id := p.send(t, p.Collector, p.sms("x"))
	p.deliver(t)
	q := p.twilio.Taken()[0]
	other := q
	other.SID = "SM99999999999999999999999999999999"
	moved := q
	moved.Form = url.Values{"StatusCallback": q.Form["StatusCallback"], "To": {"+4790611299"}}
	for name, r := range map[string]twiliotest.Request{"another message of the provider's": other, "another number": moved} {
		if err := p.hear(t, r, message.Failed); err != errs.NotFound { //nolint:errorlint // nothing wraps it here
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, token := range map[string]string{"forged": "AAAAAAAAAAAAAAAAAAAAAAAAAAAA", "of a document": sign(t, p, "document", 1), "of nothing": sign(t, p, "sms status")} {
		if _, _, _, err := p.box.StatusOf(token); err != errs.NotFound { //nolint:errorlint // nothing wraps it here
			t.Errorf("a token %s: %v", name, err)
		}
	}
	p.is(t, id, message.Sent, "")
	// It failed, somebody sends it again, and what was said of the first attempt comes once more.
	if err := p.hear(t, q, message.Failed); err != nil {
		t.Fatal(err)
	}
	p.write(t, p.Manager, func(tx *tenant.Tx) error {
		_, _, err := p.box.Retry(t.Context(), tx, []int64{id})
		return err
	})
	p.deliver(t)
	if err := p.hear(t, q, message.Failed); err != nil {
		t.Fatal(err)
	}
	p.is(t, id, message.Sent, "")
	if err := p.hear(t, p.twilio.Taken()[1], message.Delivered); err != nil {
		t.Fatal(err)
	}
	p.is(t, id, message.Delivered, "")
}

func sign(t *testing.T, p *phones, purpose string, ids ...int64) string {
	t.Helper()
	token, err := p.box.Secrets.Sign(purpose, p.ID, ids...)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// The provider took it and was not heard. What it says later ends the doubt, and
// keeps a person's second try from going out twice.
func TestUnknownIsFound(t *testing.T) {
	t.Parallel()
	p := newPhones(t)
	p.twilio.Tell(func(twiliotest.Request) twiliotest.Act { return twiliotest.Lose })
	first := p.send(t, p.Collector, p.sms("first"))
	p.deliver(t)
	second := p.send(t, p.Collector, p.sms("second"))
	p.deliver(t)
	p.is(t, second, message.Unknown, "EOF")
	p.write(t, p.Manager, func(tx *tenant.Tx) error {
		return p.box.Decide(t.Context(), tx, second, p.find(t, second).Version, message.Queued, "She says she got nothing")
	})
	p.twilio.Tell(func(twiliotest.Request) twiliotest.Act { return twiliotest.Take })
	taken := p.twilio.Taken()
	for i, id := range []int64{first, second} {
		if err := p.hear(t, taken[i], message.Delivered); err != nil {
			t.Fatal(err)
		}
		if d := p.is(t, id, message.Delivered, "The provider said so."); d.ProviderID != taken[i].SID || d.SentAt == nil {
			t.Errorf("found as %+v", d.Message)
		}
	}
	p.deliver(t) // the second try
	if len(p.twilio.Taken()) != 2 {
		t.Error("it was sent twice")
	}
	if got := p.journal(t)[0]; !strings.Contains(got, "The SMS “second” to Anna Holm was sent after all.") {
		t.Errorf("the journal says %q", got)
	}
}
