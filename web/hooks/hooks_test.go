package hooks_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"dunwell/internal/customer"
	"dunwell/internal/dbtest"
	"dunwell/internal/inbox"
	"dunwell/internal/message"
	"dunwell/internal/provider"
	"dunwell/internal/provider/twiliotest"
	"dunwell/internal/tenant"
	"dunwell/web/webtest"
)

// line is a company whose SMS go through a provider in the test's process, with a
// debtor who has a number.
type line struct {
	*webtest.Site
	c      *dbtest.Company
	twilio *twiliotest.Server
	debtor int64
	point  int64
}

const hers = "+4790611204"

func newLine(t *testing.T) *line {
	t.Helper()
	l := &line{Site: webtest.New(t)}
	l.c = dbtest.Tenant(t, l.Database, "acme")
	l.twilio = l.Telephone(t, l.c)
	l.do(t, l.c.Admin, func(tx *tenant.Tx) (err error) {
		l.debtor, _ = dbtest.Customer(t, tx, "C-1")
		l.point, err = customer.AddPoint(t.Context(), tx, l.debtor, customer.Point{Kind: customer.Phone, Value: hers, Person: "Anna Holm", Role: customer.Debtor})
		return err
	})
	l.StartJobs(t)
	return l
}

func (l *line) do(t *testing.T, who tenant.Who, f func(tx *tenant.Tx) error) {
	t.Helper()
	if err := l.Write(t.Context(), who, f); err != nil {
		t.Fatal(err)
	}
}

// send sends an SMS and gives it as the provider took it.
func (l *line) send(t *testing.T, body string) (id int64, q twiliotest.Request) {
	t.Helper()
	n := len(l.twilio.Taken())
	l.do(t, l.c.Collector, func(tx *tenant.Tx) (err error) {
		id, err = l.Outbox.Send(t.Context(), tx, message.New{CustomerID: l.debtor, Channel: customer.SMS, PointID: l.point, Body: body})
		return err
	})
	return id, l.twilio.Wait(t, n+1)[n]
}

func (l *line) state(t *testing.T, id int64) (d message.Detail) {
	t.Helper()
	l.do(t, l.c.Admin, func(tx *tenant.Tx) (err error) {
		d, err = message.Find(t.Context(), tx, l.debtor, id)
		return err
	})
	return d
}

// incoming is the address for SMS that come in.
func (l *line) incoming(t *testing.T, c *dbtest.Company) (address string) {
	t.Helper()
	l.do(t, c.System(), func(tx *tenant.Tx) (err error) {
		address, err = l.Outbox.Incoming(tx)
		return err
	})
	return address
}

// waits is how many entries of the inbox are open.
func (l *line) waits(t *testing.T, c *dbtest.Company) (n int) {
	t.Helper()
	l.do(t, c.Admin, func(tx *tenant.Tx) error {
		list, err := inbox.List(t.Context(), tx, inbox.Filter{State: inbox.Open, Limit: 50})
		n = len(list)
		return err
	})
	return n
}

// S5.13: the delivery of an SMS is heard by signed callback: twice, out of order,
// forged, by many at once, and once more a day later it is one state.
func TestDelivery(t *testing.T) {
	t.Parallel()
	l := newLine(t)
	id, q := l.send(t, "Please call us")
	for _, step := range []struct {
		status, code string
		want         int
		state        message.State
	}{
		{"delivered", "", http.StatusOK, message.Delivered}, // perhaps before the provider's own answer was written down
		{"sent", "", http.StatusOK, message.Delivered},
		{"queued", "", http.StatusOK, message.Delivered},
		{"undelivered", "30003", http.StatusOK, message.Delivered},
		{"delivered", "", http.StatusOK, message.Delivered},
		{"levitating", "", http.StatusOK, message.Delivered},
	} {
		if got := q.Say(t, step.status, step.code); got != step.want {
			t.Errorf("%s is answered with %d", step.status, got)
		}
		if d := l.state(t, id); d.State != step.state || d.ProviderID != q.SID {
			t.Errorf("after %s it is %s, %q", step.status, d.State, d.ProviderID)
		}
	}
	id, q = l.send(t, "Please call us again")
	var all sync.WaitGroup
	for range 6 {
		all.Go(func() {
			if got := q.Say(t, "undelivered", "30006"); got != http.StatusOK {
				t.Errorf("one of many at once is answered with %d", got)
			}
		})
	}
	all.Wait()
	failed := 0
	for _, e := range l.state(t, id).Events {
		if e.State == message.Failed {
			failed++
		}
	}
	if d := l.state(t, id); d.State != message.Failed || failed != 1 || !strings.Contains(d.Error, "The number is a landline, or its network takes no SMS (30006)") {
		t.Errorf("it is %s with %d failures: %s", d.State, failed, d.Error)
	}
	if l.waits(t, l.c) != 1 {
		t.Errorf("%d entries in the inbox", l.waits(t, l.c))
	}
}

// Nothing is believed that the provider did not sign for just this address.
func TestForged(t *testing.T) {
	t.Parallel()
	l := newLine(t)
	beta := dbtest.Tenant(t, l.Database, "beta")
	id, q := l.send(t, "Please call us")
	_, other := l.send(t, "Another one")
	status := q.Form.Get("StatusCallback")
	moved := q.Status("delivered", "")
	moved.Set("To", "+4790611299")
	elsewhere := twiliotest.Incoming("9", hers, "Hello")
	elsewhere.Set("To", "+4722410999")
	foreign := twiliotest.Incoming("9", hers, "Hello")
	foreign.Set("AccountSid", "AC00000000000000000000000000000000")
	long := twiliotest.Incoming("9", hers, strings.Repeat("a", 70<<10))
	broken := twiliotest.Incoming("9", hers, "a\x00b\xff")
	sms := l.incoming(t, l.c)
	for name, c := range map[string]struct {
		address, token string
		form           url.Values
		want           int
	}{
		"another token":             {status, "0000000000000000000000000000dead", q.Status("failed", "30003"), http.StatusForbidden},
		"another message's sid":     {status, twiliotest.Token, other.Status("failed", "30003"), http.StatusNotFound},
		"another number":            {status, twiliotest.Token, moved, http.StatusNotFound},
		"an altered address":        {status[:len(status)-3] + "AAA", twiliotest.Token, q.Status("failed", ""), http.StatusNotFound},
		"an address of another use": {strings.Replace(sms, "/sms/", "/status/", 1), twiliotest.Token, q.Status("failed", ""), http.StatusNotFound},
		"another company's number":  {sms, twiliotest.Token, elsewhere, http.StatusForbidden},
		"another account":           {sms, twiliotest.Token, foreign, http.StatusForbidden},
		"another company's address": {l.incoming(t, beta), twiliotest.Token, twiliotest.Incoming("9", hers, "Hello"), http.StatusConflict},
		"more than is read":         {sms, twiliotest.Token, long, http.StatusBadRequest},
		"what is no text":           {sms, twiliotest.Token, broken, http.StatusBadRequest},
	} {
		if got, body := twiliotest.Post(t, c.address, c.token, c.form); got != c.want || strings.Contains(body, twiliotest.Token) {
			t.Errorf("%s is answered with %d, %s; want %d", name, got, body, c.want)
		}
	}
	if d := l.state(t, id); d.State != message.Sent || l.waits(t, l.c) != 0 || l.waits(t, beta) != 0 {
		t.Errorf("it is %s, and %d and %d entries are in the inboxes", d.State, l.waits(t, l.c), l.waits(t, beta))
	}
	for name, p := range map[string]webtest.Page{
		"unsigned":   l.Nobody(t).Post(strings.TrimPrefix(status, l.URL), q.Status("failed", "")),
		"signed in":  l.As(t, l.c.Admin).Post(strings.TrimPrefix(status, l.URL), q.Status("failed", "")),
		"by reading": l.Nobody(t).Get(strings.TrimPrefix(status, l.URL)),
	} {
		if p.Code != http.StatusForbidden && p.Code != http.StatusMethodNotAllowed {
			t.Errorf("%s is answered with %d", name, p.Code)
		}
	}
}

// S5.14: what a debtor answers comes in once, whoever repeats it when.
func TestIncoming(t *testing.T) {
	t.Parallel()
	l := newLine(t)
	address := l.incoming(t, l.c)
	id, _ := l.send(t, "When do you pay?")
	reply := twiliotest.Incoming("1", hers, "On Friday 😀")
	reply.Set("NumMedia", "1")
	reply.Set("MediaUrl0", "https://api.twilio.example/media/1")
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if got, body := twiliotest.Post(t, address, twiliotest.Token, reply); got != http.StatusOK || body != "<Response/>" {
				t.Errorf("answered with %d, %s", got, body)
			}
		})
	}
	all.Wait()
	l.do(t, l.c.Admin, func(tx *tenant.Tx) error {
		list, err := inbox.List(t.Context(), tx, inbox.Filter{State: inbox.Open, Limit: 50})
		if len(list) != 1 || list[0].CustomerID != l.debtor || list[0].MessageID != id || !strings.HasPrefix(list[0].Body, "On Friday 😀") || !strings.Contains(list[0].Body, "media/1") {
			t.Errorf("in the inbox: %+v", list)
		}
		return err
	})
	if got, _ := twiliotest.Post(t, address, twiliotest.Token, twiliotest.Incoming("2", "+4790611299", "Who are you?")); got != http.StatusOK || l.waits(t, l.c) != 2 {
		t.Errorf("a stranger is answered with %d, %d entries", got, l.waits(t, l.c))
	}
}

// STOP is heard everywhere at once, and answered once.
func TestStop(t *testing.T) {
	t.Parallel()
	l := newLine(t)
	address := l.incoming(t, l.c)
	for range 2 {
		twiliotest.Post(t, address, twiliotest.Token, twiliotest.Incoming("1", hers, "STOP"))
	}
	advanced := twiliotest.Incoming("2", hers, "stop it now, all of you")
	advanced.Set("OptOutType", "STOP")
	twiliotest.Post(t, address, twiliotest.Token, advanced)
	if got := l.twilio.Wait(t, 1); !strings.Contains(got[0].Form.Get("Body"), "no more SMS") || got[0].Say(t, "delivered", "") != http.StatusOK {
		t.Errorf("answered with %v", got[0].Form)
	}
	profile := l.As(t, l.c.Collector).Get(fmt.Sprintf("/customers/%d", l.debtor))
	profile.Has(t, http.StatusOK, "opted out")
	err := l.Write(t.Context(), l.c.Collector, func(tx *tenant.Tx) error {
		_, err := l.Outbox.Send(t.Context(), tx, message.New{CustomerID: l.debtor, Channel: customer.SMS, PointID: l.point, Body: "x"})
		return err
	})
	if err == nil || !strings.Contains(err.Error(), "opted out") || len(l.twilio.Taken()) != 1 {
		t.Errorf("after STOP an SMS is answered with %v", err)
	}
	start := twiliotest.Incoming("3", hers, "")
	start.Set("OptOutType", "START")
	twiliotest.Post(t, address, twiliotest.Token, start)
	if _, q := l.send(t, "Thank you"); q.Form.Get("Body") != "Thank you" {
		t.Errorf("after START the provider has %v", q.Form)
	}
}

// Who opted out with the provider has opted out here, also where that is heard after the
// SMS was taken: once, for everybody who has the number.
func TestOptedOutWithTheProvider(t *testing.T) {
	t.Parallel()
	l := newLine(t)
	l.do(t, l.c.Admin, func(tx *tenant.Tx) error {
		second, _ := dbtest.Customer(t, tx, "C-2")
		_, err := customer.AddPoint(t.Context(), tx, second, customer.Point{Kind: customer.Phone, Value: hers, Role: customer.Debtor})
		return err
	})
	states := func() (n int) {
		l.do(t, l.c.Admin, func(tx *tenant.Tx) error {
			return tx.QueryRow(t.Context(), `SELECT count(*) FROM permissions WHERE state = 'opt_out' AND source = 'The provider, which they told so'`).Scan(&n)
		})
		return n
	}
	id, q := l.send(t, "Please call us")
	_, other := l.send(t, "Please call us again")
	if other.Say(t, "undelivered", "30003") != http.StatusOK || other.Say(t, "failed", "21610 and more") != http.StatusOK || states() != 0 {
		t.Errorf("%d opt-outs by another reason", states())
	}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if got := q.Say(t, "undelivered", "21610"); got != http.StatusOK {
				t.Errorf("answered with %d", got)
			}
		})
	}
	all.Wait()
	if d := l.state(t, id); d.State != message.Failed || !strings.Contains(d.Error, "(21610)") || states() != 2 {
		t.Errorf("it is %s, %q, with %d opt-outs, want 2", d.State, d.Error, states())
	}
	l.As(t, l.c.Collector).Get(fmt.Sprintf("/customers/%d", l.debtor)).Has(t, http.StatusOK, "opted out")

	// Its own answer to STOP is no trouble.
	address := l.incoming(t, l.c)
	taken := len(l.twilio.Taken())
	twiliotest.Post(t, address, twiliotest.Token, twiliotest.Incoming("1", hers, "START"))
	l.twilio.Wait(t, taken+1)
	twiliotest.Post(t, address, twiliotest.Token, twiliotest.Incoming("2", hers, "STOP"))
	confirms, waits := l.twilio.Wait(t, taken+2)[taken+1], l.waits(t, l.c)
	if got := confirms.Say(t, "failed", "21610"); got != http.StatusOK || l.waits(t, l.c) != waits || states() != 2 {
		t.Errorf("answered with %d, %d entries and %d opt-outs", got, l.waits(t, l.c), states())
	}
}

// A company without a provider hears nothing.
func TestProviderRemoved(t *testing.T) {
	t.Parallel()
	l := newLine(t)
	id, q := l.send(t, "Please call us")
	l.do(t, l.c.Admin, func(tx *tenant.Tx) error {
		s, err := provider.Load(t.Context(), tx)
		if err != nil {
			return err
		}
		return provider.Remove(t.Context(), tx, s.Version)
	})
	if got := q.Say(t, "delivered", ""); got != http.StatusConflict {
		t.Errorf("answered with %d", got)
	}
	if d := l.state(t, id); d.State == message.Delivered {
		t.Error("it is believed")
	}
}
