package provider

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
	"unicode"

	"github.com/govalues/decimal"
	"github.com/twilio/twilio-go/client"
	openapi "github.com/twilio/twilio-go/rest/api/v2010"

	"dunwell/internal/money"
)

// Patience is how long the provider may take over one message or call.
const Patience = 20 * time.Second

// twilio speaks to Twilio's API in the name of one account.
type twilio struct {
	sid, token string
	Options
}

// SendSMS hands over an SMS.
func (t twilio) SendSMS(ctx context.Context, s SMS) Answer {
	params := (&openapi.CreateMessageParams{}).SetTo(s.To).SetFrom(s.From).SetBody(s.Body)
	if s.Callback != "" {
		params.SetStatusCallback(s.Callback)
	}
	var a Answer
	w, err := t.ask(ctx, func(api *openapi.ApiService) error {
		m, err := api.CreateMessage(params)
		if err == nil {
			a.ID = value(m.Sid)
			a.Price, a.Currency = price(value(m.Price), value(m.PriceUnit))
		}
		return err
	})
	return ruling(a, w, err)
}

// price is what the provider says it takes, of which it writes the minus; empty
// where it says nothing that can be kept.
func price(amount, unit string) (string, string) {
	d, err := decimal.Parse(amount)
	c, unknown := money.ParseCurrency(strings.ToUpper(unit))
	if err != nil || unknown != nil || d.Scale() > 6 {
		return "", ""
	}
	return d.Abs().String(), string(c)
}

// Dial hands over a call.
func (t twilio) Dial(ctx context.Context, c Dial) Answer {
	params := (&openapi.CreateCallParams{}).SetTo(c.Member).SetFrom(c.From).SetUrl(c.Connect)
	if c.Callback != "" {
		params.SetStatusCallback(c.Callback).SetStatusCallbackEvent([]string{"initiated", "ringing", "answered", "completed"})
	}
	var a Answer
	w, err := t.ask(ctx, func(api *openapi.ApiService) error {
		m, err := api.CreateCall(params)
		if err == nil {
			a.ID = value(m.Sid)
		}
		return err
	})
	return ruling(a, w, err)
}

func value(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// ask makes one request and watches it.
func (t twilio) ask(ctx context.Context, do func(*openapi.ApiService) error) (*wire, error) {
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(t.Patience, Patience))
	defer cancel()
	w := &wire{Options: t.Options, ctx: ctx}
	c := &client.Client{Credentials: client.NewCredentials(t.sid, t.token), HTTPClient: &http.Client{Transport: w,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	c.SetAccountSid(t.sid)
	// Not by NewRequestHandler, which lets the environment say where it goes.
	return w, do(openapi.NewApiService(&client.RequestHandler{Client: c}))
}

// wire carries one request and remembers how far it came.
type wire struct {
	Options
	ctx    context.Context //nolint:containedctx // the library takes none
	status int
	wrote  atomic.Bool // all of the request
}

// RoundTrip carries the request.
func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(httptrace.WithClientTrace(w.ctx, &httptrace.ClientTrace{
		WroteRequest: func(i httptrace.WroteRequestInfo) { w.wrote.Store(i.Err == nil) },
	}))
	// A request that was sent must not be sent again by the transport on its own.
	r.GetBody = nil
	if w.URL != "" {
		to, err := url.Parse(w.URL)
		if err != nil {
			return nil, err
		}
		r.URL.Scheme, r.URL.Host, r.Host = to.Scheme, to.Host, to.Host
	}
	transport := w.Transport
	if transport == nil {
		transport = http.DefaultTransport
	}
	res, err := transport.RoundTrip(r)
	if err == nil {
		w.status = res.StatusCode
	}
	return res, err
}

// ruling is what the answer means. What the provider had whole and did not answer
// about in its own words is unclear: something between it and us may have given up
// waiting.
func ruling(a Answer, w *wire, err error) Answer {
	var said *client.TwilioRestError
	switch known := errors.As(err, &said) && said.Code != 0; {
	case err == nil && w.status/100 == 2 && a.ID != "":
		return a
	case w.status == 0 && !w.wrote.Load():
		return Answer{Verdict: NotYet, Words: "The provider was not reached: " + words(err)}
	case w.status == http.StatusTooManyRequests, w.status == http.StatusServiceUnavailable, known && w.status >= 500:
		return Answer{Verdict: NotYet, Words: "The provider did not take it: " + saying(w.status, said)}
	case w.status/100 == 4, known:
		a := Answer{Verdict: Refused, Words: "The provider refused it: " + saying(w.status, said)}
		if known {
			a.Code = said.Code
		}
		return a
	}
	return Answer{Verdict: Unclear, Words: "The provider had it and did not say whether it took it: " + words(err) + answered(w.status)}
}

func answered(status int) string {
	if status == 0 {
		return ""
	}
	return fmt.Sprintf(" (status %d)", status)
}

// saying is the provider's own sentence, else the status.
func saying(status int, said *client.TwilioRestError) string {
	if said == nil || said.Message == "" {
		return fmt.Sprintf("%d %s", status, http.StatusText(status))
	}
	return line(fmt.Sprintf("%s (%d)", said.Message, said.Code))
}

func words(err error) string {
	if err == nil {
		return "its answer named no message"
	}
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err // without the address, which names the account
	}
	return line(err.Error())
}

// line is a text in one line without what cannot be seen, and not too long.
func line(s string) string {
	r := []rune(strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) && !unicode.IsSpace(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))), " "))
	return string(r[:min(len(r), 400)])
}
