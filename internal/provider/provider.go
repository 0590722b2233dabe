// Package provider is the way out to the telephone network: it hands SMS and calls
// to the provider that the company has an account with, and keeps the settings of
// that account and of the company's mailbox. It decides nothing about what is sent,
// and keeps nothing of it.
package provider

import (
	"context"
	"net/http"
	"time"

	"dunwell/internal/errs"
)

// Gateway takes SMS and calls. It may take as long as Patience, and is never asked
// while a transaction is open.
type Gateway interface {
	SendSMS(ctx context.Context, s SMS) Answer
	Dial(ctx context.Context, c Dial) Answer
}

// SMS is a text on its way.
type SMS struct {
	To, From string // E.164
	Body     string
	Callback string // the address that is told what became of it
}

// Dial is a call on its way: the member is rung, and once they answer, Connect is
// asked what comes next, which is to ring the customer.
type Dial struct {
	Member   string // E.164, as the next
	From     string
	Connect  string // an address that answers with TwiML
	Callback string // the address that is told how it goes
}

// Verdict is what became of what was handed to somebody who carries it.
type Verdict int

// The verdicts.
const (
	Accepted Verdict = iota
	Refused          // for good
	NotYet           // it was not taken, and may be later
	Unclear          // it had all of it, and its answer was not heard
)

// Answer is a verdict with what the provider said, or what broke.
type Answer struct {
	Verdict Verdict
	ID      string // what the provider calls it, where it was taken
	Words   string
	Code    int // the provider's own number of a refusal; 0: none
	// Price is what it costs as a decimal number, with its currency; both are empty
	// where the provider does not say, as mostly before it has delivered.
	Price, Currency string
}

// Why nothing can be handed over.
const (
	// ErrNone is returned where the company has no provider.
	ErrNone = errs.Conflict("No provider of SMS and calls is set up. An administrator does so under Admin, Telephone and SMS.")
	// ErrLocked is returned where its password cannot be read.
	ErrLocked = errs.Conflict("The provider’s password cannot be read with this installation’s key. An administrator gives it again under Admin, Telephone and SMS.")
)

// None is the gateway of a company without a provider: it takes nothing, and what
// is handed to it waits.
type None struct{}

// SendSMS does not take it.
func (None) SendSMS(context.Context, SMS) Answer {
	return Answer{Verdict: NotYet, Words: string(ErrNone)}
}

// Dial does not take it.
func (None) Dial(context.Context, Dial) Answer {
	return Answer{Verdict: NotYet, Words: string(ErrNone)}
}

// Options are how the provider is reached.
type Options struct {
	// URL stands in for the provider's own address, in tests; empty: its own.
	URL string
	// Patience is shorter than the package's in tests; zero means that one.
	Patience time.Duration
	// Transport is kept open for the next message; nil: http.DefaultTransport.
	Transport http.RoundTripper
}
