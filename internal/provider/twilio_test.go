package provider_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/twilio/twilio-go/client"

	"dunwell/internal/dbtest"
	"dunwell/internal/errs"
	"dunwell/internal/provider"
	"dunwell/internal/provider/twiliotest"
	"dunwell/internal/secret"
	"dunwell/internal/tenant"
)

// office is a company with a provider in this process.
type office struct {
	*dbtest.Database
	*dbtest.Company
	box    *secret.Box
	server *twiliotest.Server
}

func newOffice(t *testing.T) *office {
	t.Helper()
	o := &office{Database: dbtest.New(t), box: twiliotest.Box(t), server: twiliotest.New(t)}
	o.Company = dbtest.Tenant(t, o.Database, "acme")
	return o
}

func (o *office) do(t *testing.T, who tenant.Who, f func(tx *tenant.Tx) error) {
	t.Helper()
	if err := o.Write(t.Context(), who, f); err != nil {
		t.Fatal(err)
	}
}

// open is the company's way out as it stands.
func (o *office) open(t *testing.T, box *secret.Box, options provider.Options) (g provider.Gateway, s provider.Settings, err error) {
	t.Helper()
	rerr := o.Read(t.Context(), o.System(), func(tx *tenant.Tx) error {
		g, s, err = provider.Open(t.Context(), tx, box, options)
		return nil
	})
	if rerr != nil {
		t.Fatal(rerr)
	}
	return g, s, err
}

// However the provider behaves, the verdict is what can be known.
func TestVerdicts(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.do(t, o.Admin, func(tx *tenant.Tx) error { twiliotest.SetUp(t, tx, o.box); return nil })
	g, s, err := o.open(t, o.box, provider.Options{URL: o.server.URL, Patience: 300 * time.Millisecond})
	if err != nil || s.SMSFrom != twiliotest.SMSFrom {
		t.Fatal(s, err)
	}
	for _, c := range []struct {
		name  string
		act   twiliotest.Act
		want  provider.Verdict
		says  string
		taken int
	}{
		{"takes it", twiliotest.Take, provider.Accepted, "", 1},
		{"is busy", twiliotest.Busy, provider.NotYet, "Too Many Requests (20429)", 0},
		{"is down", twiliotest.Down, provider.NotYet, "Internal Server Error (20500)", 0},
		{"is cut off by a proxy", twiliotest.Cut, provider.Unclear, "did not say whether it took it", 0},
		{"refuses the number", twiliotest.Refuse, provider.Refused, "Invalid 'To' Phone Number: +4790611204 (21211)", 0},
		{"knows an opt-out", twiliotest.OptedOut, provider.Refused, "unsubscribed recipient (21610)", 0},
		{"leaves", twiliotest.Drop, provider.Unclear, "EOF", 0},
		{"takes it and leaves", twiliotest.Lose, provider.Unclear, "EOF", 1},
		{"takes it and says nothing", twiliotest.Hang, provider.Unclear, "deadline", 1},
	} {
		o.server.Tell(func(twiliotest.Request) twiliotest.Act { return c.act })
		before, asked := len(o.server.Taken()), o.server.Asked()
		a := g.SendSMS(t.Context(), provider.SMS{To: "+4790611204", From: s.SMSFrom, Body: "Hello", Callback: "https://dunwell.example/x"})
		if a.Verdict != c.want || !strings.Contains(a.Words, c.says) || strings.Contains(a.Words, twiliotest.SID) || (a.ID != "") != (c.want == provider.Accepted) {
			t.Errorf("%s: %+v, want verdict %d, %q", c.name, a, c.want, c.says)
		}
		if got := len(o.server.Taken()) - before; got != c.taken || o.server.Asked() != asked+1 {
			t.Errorf("%s: taken %d times of %d", c.name, got, o.server.Asked()-asked)
		}
		d := g.Dial(t.Context(), provider.Dial{Member: "+4790611299", From: s.CallFrom, Connect: "https://dunwell.example/y", Callback: "https://dunwell.example/z"})
		if d.Verdict != c.want {
			t.Errorf("%s: a call is %+v", c.name, d)
		}
	}
	first := o.server.Taken()
	if f := first[0].Form; f.Get("To") != "+4790611204" || f.Get("From") != twiliotest.SMSFrom || f.Get("Body") != "Hello" || f.Get("StatusCallback") != "https://dunwell.example/x" {
		t.Errorf("the SMS was handed over as %v", f)
	}
	if f := first[1].Form; first[1].Kind != "Calls" || f.Get("To") != "+4790611299" || f.Get("From") != twiliotest.CallFrom || f.Get("Url") != "https://dunwell.example/y" ||
		f.Get("StatusCallback") != "https://dunwell.example/z" || len(f["StatusCallbackEvent"]) != 4 {
		t.Errorf("the call was handed over as %v", f)
	}
}

// What never reached the provider can be sent later; a wrong password is refused.
func TestNotReached(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.do(t, o.Admin, func(tx *tenant.Tx) error { twiliotest.SetUp(t, tx, o.box); return nil })
	sms := provider.SMS{To: "+4790611204", From: twiliotest.SMSFrom, Body: "Hello"}
	down, _, _ := o.open(t, o.box, provider.Options{URL: "http://127.0.0.1:1", Patience: time.Second})
	if a := down.SendSMS(t.Context(), sms); a.Verdict != provider.NotYet || !strings.Contains(a.Words, "connection refused") {
		t.Errorf("a provider that is away: %+v", a)
	}
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	g, _, _ := o.open(t, o.box, provider.Options{URL: o.server.URL})
	if a := g.SendSMS(stopped, sms); a.Verdict != provider.NotYet || o.server.Asked() != 0 {
		t.Errorf("stopped before it began: %+v", a)
	}
	empty := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusCreated) }))
	t.Cleanup(empty.Close)
	g, _, _ = o.open(t, o.box, provider.Options{URL: empty.URL})
	if a := g.SendSMS(t.Context(), sms); a.Verdict != provider.Unclear {
		t.Errorf("taken without a name: %+v", a)
	}
	o.do(t, o.Admin, func(tx *tenant.Tx) error {
		s, err := provider.Load(t.Context(), tx)
		return errors.Join(err, provider.Save(t.Context(), tx, o.box, provider.Typed{Settings: s, Token: "0000000000000000000000000000dead"}))
	})
	g, _, _ = o.open(t, o.box, provider.Options{URL: o.server.URL})
	if a := g.SendSMS(t.Context(), sms); a.Verdict != provider.Refused || a.Words != "The provider refused it: Authenticate (20003)" {
		t.Errorf("a wrong password: %+v", a)
	}
}

// Where nothing is set up, or the key is another one, nothing is taken.
func TestNoProvider(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	g, _, err := o.open(t, o.box, provider.Options{})
	if a := g.SendSMS(t.Context(), provider.SMS{}); !errors.Is(err, provider.ErrNone) || a.Verdict != provider.NotYet || a.Words != string(provider.ErrNone) {
		t.Errorf("without a provider: %v, %+v", err, a)
	}
	o.do(t, o.Admin, func(tx *tenant.Tx) error { twiliotest.SetUp(t, tx, o.box); return nil })
	for name, box := range map[string]*secret.Box{"another key": twiliotest.Box(t), "no key": nil} {
		g, _, err := o.open(t, box, provider.Options{})
		if a := g.Dial(t.Context(), provider.Dial{}); !errors.Is(err, provider.ErrLocked) || a.Verdict != provider.NotYet {
			t.Errorf("%s: %v, %+v", name, err, a)
		}
	}
}

// The example that Twilio's documentation and its libraries publish, by our own
// signer and by the library's check: what is signed here is what Twilio signs.
func TestPublishedSignature(t *testing.T) {
	t.Parallel()
	const address, published = "https://mycompany.com/myapp.php?foo=1&bar=2", "RSOYDt4T1cUTdK1PDd93/VVr8B8="
	form := url.Values{"CallSid": {"CA1234567890ABCDE"}, "Caller": {"+14158675309"}, "Digits": {"1234"}, "From": {"+14158675309"}, "To": {"+18005551212"}}
	if got := twiliotest.Signature("12345", address, form); got != published {
		t.Errorf("signed as %s, published is %s", got, published)
	}
	v := client.NewRequestValidator("12345")
	if !v.Validate(address, flat(form), published) || v.Validate(address, flat(form), "RSOYDt4T1cUTdK1PDd93/VVr8B9=") {
		t.Error("the published signature is refused, or another one is not")
	}
}

func flat(form url.Values) map[string]string {
	m := map[string]string{}
	for k := range form {
		m[k] = form.Get(k)
	}
	return m
}

// Only what the company's own account signed is believed.
func TestSigned(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.do(t, o.Admin, func(tx *tenant.Tx) error { twiliotest.SetUp(t, tx, o.box); return nil })
	beta := dbtest.Tenant(t, o.Database, "beta")
	const address = "https://dunwell.example/hooks/twilio/sms/abc?x=1"
	form := twiliotest.Incoming("1", "+4790611204", "Hello")
	good := twiliotest.Signature(twiliotest.Token, address, form)
	changed, other := twiliotest.Incoming("1", "+4790611204", "Goodbye"), twiliotest.Incoming("1", "+4790611204", "Hello")
	other.Set("AccountSid", "AC00000000000000000000000000000000")
	for name, c := range map[string]struct {
		who     tenant.Who
		address string
		form    url.Values
		sign    string
		ok      bool
	}{
		"as it was sent":       {o.System(), address, form, good, true},
		"another address":      {o.System(), address + "2", form, good, false},
		"another text":         {o.System(), address, changed, good, false},
		"another account":      {o.System(), address, other, twiliotest.Signature(twiliotest.Token, address, other), false},
		"another token":        {o.System(), address, form, twiliotest.Signature("0000000000000000000000000000dead", address, form), false},
		"no signature":         {o.System(), address, form, "", false},
		"a company without it": {beta.System(), address, form, good, false},
	} {
		err := o.Read(t.Context(), c.who, func(tx *tenant.Tx) error {
			_, err := provider.Signed(t.Context(), tx, o.box, c.address, flat(c.form), c.sign)
			return err
		})
		var forged errs.Forbidden
		if (err == nil) != c.ok || err != nil && !errors.As(err, &forged) && !errors.Is(err, provider.ErrNone) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
