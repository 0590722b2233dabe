package activity

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"dunwell/internal/contactrule"
	"dunwell/internal/errs"
	"dunwell/internal/message"
	"dunwell/internal/provider"
	"dunwell/internal/tenant"
)

// Switchboard has the company's telephone system place calls: it rings the member
// who calls, and then the customer. Each call is handed over once; what the telephone
// system may have taken is never handed over again.
type Switchboard struct {
	// Box has the way out, the jobs, and the address of the site.
	Box *message.Outbox
}

// The callbacks of a call, as their addresses name them.
const (
	HookConnect = "connect"  // our end has picked up: what comes next?
	HookOurs    = "call"     // how our end goes
	HookTheirs  = "customer" // how theirs does
)

// ringWithin is how long after the press the customer is rung at the latest.
const ringWithin = 10 * time.Minute

// inTime is how long after the press a call is still placed: nobody waits longer, and
// whether one may call was asked then.
const inTime = time.Minute

// DialArgs asks to hand over one call.
type DialArgs struct {
	Tenant int64 `json:"tenant"`
	Call   int64 `json:"call"`
}

// Kind names the job.
func (DialArgs) Kind() string { return "dial_call" }

// CallQueue has the calls that are to be handed over, so that nothing else makes a
// person wait.
const CallQueue = "calls"

// InsertOpts puts the job into its queue. It is not tried again.
func (DialArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: CallQueue, MaxAttempts: 1}
}

// Dial places a call as Place does, and has the telephone system ring the actor and
// then the customer. How far that gets, ProgressOf tells.
func (s *Switchboard) Dial(ctx context.Context, tx *tenant.Tx, a contactrule.Attempt) (id int64, err error) {
	l, err := LineOf(ctx, tx)
	switch {
	case err != nil:
		return 0, err
	case !l.Calls:
		return 0, errs.Conflict("No telephone system that places calls is set up. Dial the number yourself, or ask an administrator, who sets it up under Admin, Telephone and SMS.")
	case l.Phone == "":
		return 0, errs.Conflict("Nobody said at which number you are rung. Give it under Your account, or dial yourself.")
	case a.Incoming:
		return 0, errs.Invalid{"incoming": "They called: there is nothing to dial."}
	}
	if id, err = Place(ctx, tx, a); err != nil {
		return 0, err
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO call_events (customer_id, call_attempt_id, kind, data, member_id)
		VALUES (@customer, @call, 'asked', jsonb_build_object('rings', @phone::text), @member)`,
		pgx.NamedArgs{"customer": a.CustomerID, "call": id, "phone": l.Phone, "member": tx.Actor.MemberID})
	if err != nil {
		return 0, fmt.Errorf("ask for a call to be dialled: %w", err)
	}
	if _, err := s.Box.Enqueue(ctx, tx.Tx, DialArgs{tx.Actor.TenantID, id}); err != nil {
		return 0, fmt.Errorf("queue a call: %w", err)
	}
	return id, nil
}

// Work is the body of the job that hands over one call: it claims the call, asks the
// telephone system while no transaction is open, and writes down what that said. Done
// twice, or by two at once, it dials once.
func (s *Switchboard) Work(ctx context.Context, a DialArgs) error {
	var gate provider.Gateway
	var call provider.Dial
	err := s.Box.DB.Write(ctx, tenant.System(a.Tenant), func(tx *tenant.Tx) (err error) {
		gate, call, err = s.claim(ctx, tx, a.Call)
		return err
	})
	if err != nil || gate == nil {
		return err
	}
	got := gate.Dial(ctx, call)
	// What it said is written down even where the program is told to stop.
	ctx = context.WithoutCancel(ctx)
	return s.Box.DB.Write(ctx, tenant.System(a.Tenant), func(tx *tenant.Tx) error {
		_, err := Hear(ctx, tx, verdict(a.Call, got))
		return err
	})
}

// verdict is what is kept of the answer. A person waits: what could be taken later is
// not taken.
func verdict(call int64, a provider.Answer) Signal {
	s := Signal{CallID: call, Words: a.Words}
	switch a.Verdict {
	case provider.Accepted:
		s.Heard, s.ID = Dialled, a.ID
	case provider.Unclear:
		s.Heard = Unclear
	default:
		s.Heard = Refused
	}
	return s
}

// claim takes a call that is to be handed over; a nil gateway: there is nothing to do.
func (s *Switchboard) claim(ctx context.Context, tx *tenant.Tx, id int64) (gate provider.Gateway, call provider.Dial, err error) {
	var late, said bool
	err = tx.QueryRow(ctx, `
		SELECT e.data->>'rings', e.at < clock_timestamp() - @in_time::interval, NOT EXISTS (
			SELECT FROM open_calls o
			WHERE o.tenant_id = @tenant AND o.call_attempt_id = e.call_attempt_id)
		FROM call_events e
		WHERE e.tenant_id = @tenant AND e.call_attempt_id = @call AND e.kind = 'asked'`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "call": id, "in_time": inTime}).Scan(&call.Member, &late, &said)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, call, nil // rolled back, or of another database
	}
	if err != nil {
		return nil, call, fmt.Errorf("claim a call: %w", err)
	}
	if news, err := Hear(ctx, tx, Signal{CallID: id, Heard: Dialling}); err != nil || !news {
		return nil, call, err
	}
	switch {
	case late:
		err = errs.Conflict("It was not handed over within a minute, and nobody waits longer.")
	case said:
		err = errs.Conflict("What came of it was said before it was handed over.")
	default:
		gate, err = s.through(ctx, tx, id, &call)
	}
	var why errs.Conflict
	if errors.As(err, &why) {
		_, err = Hear(ctx, tx, Signal{CallID: id, Heard: Refused, Words: string(why)})
		return nil, call, err
	}
	return gate, call, err
}

// through finds the way out, and fills in where the call comes from and who is told
// how it goes.
func (s *Switchboard) through(ctx context.Context, tx *tenant.Tx, id int64, call *provider.Dial) (provider.Gateway, error) {
	gate, settings, err := provider.Open(ctx, tx, s.Box.Secrets, s.Box.Provider)
	if err != nil {
		return nil, err
	}
	if call.From = settings.CallFrom; call.From == "" {
		return nil, errs.Conflict("The number that calls come from is not set up any more.")
	}
	if call.Connect, err = s.Hook(tx.Actor.TenantID, id, HookConnect); err != nil {
		return nil, err
	}
	call.Callback, err = s.Hook(tx.Actor.TenantID, id, HookOurs)
	return gate, err
}

// Hook is the address at which the telephone system speaks about a call.
func (s *Switchboard) Hook(tenantID, call int64, hook string) (string, error) {
	token, err := s.Box.Secrets.Sign(hook, tenantID, call)
	if err != nil {
		return "", err
	}
	return s.Box.URL + "/hooks/twilio/" + hook + "/" + token, nil
}

// CallOf reads the end of such an address.
func (s *Switchboard) CallOf(hook, token string) (tenantID, call int64, err error) {
	tenantID, ids, err := s.Box.Secrets.Verify(hook, token)
	if err == nil && len(ids) != 1 {
		err = errs.NotFound
	}
	if err != nil {
		return 0, 0, err
	}
	return tenantID, ids[0], nil
}

// Onward is the number that is rung once our end has picked up. A call that is over,
// or too old, is not found: nobody is rung any more.
func Onward(ctx context.Context, tx *tenant.Tx, call int64) (number string, err error) {
	err = tx.QueryRow(ctx, `
		SELECT c.number
		FROM call_attempts c
		JOIN call_events e ON e.tenant_id = @tenant AND e.call_attempt_id = c.id AND e.kind = 'asked' AND e.at > clock_timestamp() - @most::interval
		WHERE c.tenant_id = @tenant AND c.id = @call AND NOT EXISTS (
			SELECT FROM call_events o
			WHERE o.tenant_id = @tenant AND o.call_attempt_id = c.id AND o.kind IN ('completed', 'busy', 'no_answer', 'cancelled', 'failed', 'outcome'))`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "call": call, "most": ringWithin}).Scan(&number)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", fmt.Errorf("call %d to go on with: %w", call, errs.NotFound)
	}
	if err != nil {
		return "", fmt.Errorf("look whom a call goes on to: %w", err)
	}
	return number, nil
}

// Recover goes through all companies: a call that was being handed over when the
// program died is Unclear, and one that never was is Refused.
func (s *Switchboard) Recover(ctx context.Context) error {
	return s.Box.DB.WriteEach(ctx, "recover calls", func(tx *tenant.Tx) error { return declareLost(ctx, tx) })
}

// declareLost ends the doubt about what nobody brought further. After a day it is of
// no use to anybody.
func declareLost(ctx context.Context, tx *tenant.Tx) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO call_events (customer_id, call_attempt_id, kind, data)
		SELECT e.customer_id, e.call_attempt_id, CASE WHEN d.id IS NULL THEN 'refused' ELSE 'unclear' END,
			jsonb_build_object('words', 'The program ended while it was handed over.')
		FROM call_events e
		LEFT JOIN call_events d ON d.tenant_id = @tenant AND d.customer_id = e.customer_id AND d.call_attempt_id = e.call_attempt_id AND d.kind = 'dialling'
		WHERE e.tenant_id = @tenant AND e.kind = 'asked' AND e.at BETWEEN clock_timestamp() - interval '1 day' AND clock_timestamp() - 2 * @in_time::interval
			AND NOT EXISTS (
				SELECT FROM call_events k
				WHERE k.tenant_id = @tenant AND k.customer_id = e.customer_id AND k.call_attempt_id = e.call_attempt_id AND k.kind IN ('dialled', 'refused', 'unclear'))
		ON CONFLICT DO NOTHING`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "in_time": inTime})
	if err != nil {
		return fmt.Errorf("look for lost calls: %w", err)
	}
	return nil
}
