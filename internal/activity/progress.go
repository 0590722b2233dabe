package activity

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// Leg is an end of a call that the telephone system places; empty: the call itself.
type Leg string

// The ends. Ours is rung first, and theirs once somebody has picked up here.
const (
	Ours   Leg = "member"
	Theirs Leg = "customer"
)

// Heard is what the telephone system says of an end, or what became of asking it.
type Heard string

// Whatever is heard is heard once of an end, in any order. Nothing follows Refused
// and Unclear by itself: the person dials, or says what came of it.
const (
	Asked     Heard = "asked"    // to be handed to the telephone system
	Dialling  Heard = "dialling" // is being handed to it
	Dialled   Heard = "dialled"  // it took the call
	Refused   Heard = "refused"  // it did not
	Unclear   Heard = "unclear"  // nobody knows whether it did
	Ringing   Heard = "ringing"
	Answered  Heard = "answered"
	Busy      Heard = "busy"
	NoAnswer  Heard = "no_answer"
	Cancelled Heard = "cancelled" // hung up before anybody picked up
	Failed    Heard = "failed"
	Completed Heard = "completed"
)

// Signal is what is heard of an end of a call.
type Signal struct {
	CallID  int64
	Leg     Leg
	Heard   Heard
	ID      string // of the call at the telephone system; empty: it gave none
	Seconds int    // that it lasted, of one that is Completed
	Words   string // why it is Refused, or Failed
}

// Hear keeps what the telephone system says of a call, once, and tells whether it is
// news. It comes twice, late and in any order. What is said of a call that the
// telephone system was not asked for, or under another's id, is not found.
func Hear(ctx context.Context, tx *tenant.Tx, s Signal) (bool, error) {
	tag, err := tx.Exec(ctx, `
		INSERT INTO call_events (customer_id, call_attempt_id, kind, leg, data)
		SELECT c.customer_id, c.id, @heard, @leg, jsonb_strip_nulls(jsonb_build_object(
			'id', nullif(@id, ''), 'seconds', nullif(@seconds::int, 0), 'words', nullif(@words, '')))
		FROM call_attempts c
		WHERE c.tenant_id = @tenant AND c.id = @call
			AND EXISTS (
				SELECT FROM call_events e
				WHERE e.tenant_id = @tenant AND e.customer_id = c.customer_id AND e.call_attempt_id = c.id AND e.kind = 'asked')
			AND (@id = '' OR NOT EXISTS (
				SELECT FROM call_events e
				WHERE e.tenant_id = @tenant AND e.customer_id = c.customer_id AND e.call_attempt_id = c.id AND e.kind = 'dialled' AND e.data->>'id' <> @id))
		ON CONFLICT DO NOTHING`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "call": s.CallID, "heard": s.Heard, "leg": s.Leg, "id": s.ID, "seconds": s.Seconds, "words": s.Words})
	if err != nil {
		return false, fmt.Errorf("keep what was heard of a call: %w", err)
	}
	if tag.RowsAffected() > 0 {
		return true, nil
	}
	return false, known(ctx, tx, s)
}

// known tells whether the same was heard before; else it is about no call of ours.
func known(ctx context.Context, tx *tenant.Tx, s Signal) error {
	var before bool
	err := tx.QueryRow(ctx, `
		SELECT EXISTS (
			SELECT FROM call_events e
			WHERE e.tenant_id = @tenant AND e.call_attempt_id = @call AND e.kind = @heard AND e.leg = @leg)`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "call": s.CallID, "heard": s.Heard, "leg": s.Leg}).Scan(&before)
	if err != nil {
		return fmt.Errorf("look what was heard of a call: %w", err)
	}
	if !before {
		return fmt.Errorf("call %d through the telephone system: %w", s.CallID, errs.NotFound)
	}
	return nil
}

// Progress is how far the telephone system got with a call; empty: it was not asked.
type Progress map[Leg]map[Heard]event

type event struct {
	Leg     Leg
	Heard   Heard
	Seconds int
	Words   string
}

// ProgressOf reads how far the telephone system got with a call of the customer.
func ProgressOf(ctx context.Context, tx *tenant.Tx, customerID, call int64) (Progress, error) {
	rows, _ := tx.Query(ctx, `
		SELECT e.leg, e.kind AS heard, coalesce((e.data->>'seconds')::int, 0) AS seconds, coalesce(e.data->>'words', '') AS words
		FROM call_events e
		WHERE e.tenant_id = @tenant AND e.customer_id = @customer AND e.call_attempt_id = @call AND e.kind <> 'outcome'`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customer": customerID, "call": call})
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[event])
	if err != nil {
		return nil, fmt.Errorf("read what was heard of a call: %w", err)
	}
	p := Progress{}
	for _, e := range list {
		if p[e.Leg] == nil {
			p[e.Leg] = map[Heard]event{}
		}
		p[e.Leg][e.Heard] = e
	}
	return p, nil
}

// Any tells that the telephone system was asked for the call.
func (p Progress) Any() bool { return p.is("", Asked) }

func (p Progress) is(leg Leg, h Heard) bool {
	_, ok := p[leg][h]
	return ok
}

// ends are how a call ends, with what is said of it: the first that was heard
// counts, whatever came last.
var ends = []struct {
	leg   Leg
	heard Heard
	says  string
}{
	{Theirs, Completed, "The call is over."},
	{Theirs, Busy, "Their line was busy."},
	{Theirs, NoAnswer, "Nobody picked up."},
	{Theirs, Cancelled, "You hung up before anybody picked up."},
	{Theirs, Failed, "Their number could not be reached."},
	{Ours, Busy, "Your own line was busy, so they were not rung. Dial the number yourself."},
	{Ours, NoAnswer, "You did not pick up, so they were not rung. Dial the number yourself."},
	{Ours, Cancelled, "It was broken off before you picked up, so they were not rung. Dial the number yourself."},
	{Ours, Failed, "Your own number could not be reached, so they were not rung. Dial the number yourself, and look at your number under Your account."},
	{Ours, Completed, "You hung up before they were rung."},
	{"", Refused, "The telephone system did not take the call. Dial the number yourself."},
}

// stages are the states of a call that goes on, the furthest first.
var stages = []struct {
	leg   Leg
	heard Heard
	says  string
}{
	{Theirs, Answered, "You are connected."},
	{Theirs, Ringing, "It rings at their end."},
	{Ours, Answered, "You picked up. Press 1, and they are rung."},
	{Ours, Ringing, "Your telephone rings. Pick up and press 1, and they are rung."},
	{"", Unclear, "Nobody knows whether the telephone system took the call. If your telephone does not ring, dial the number yourself."},
	{"", Dialled, "The telephone system rings you. Pick up and press 1, and they are rung."},
}

// Over tells that nothing more is to be expected of the telephone system.
func (p Progress) Over() bool {
	for _, e := range ends {
		if p.is(e.leg, e.heard) {
			return true
		}
	}
	return p.is("", Unclear) && len(p[Ours]) == 0
}

// String says how far it got, in a sentence.
func (p Progress) String() string {
	for _, e := range ends {
		switch was := p[e.leg][e.heard]; {
		case !p.is(e.leg, e.heard):
		case e.heard == Completed && was.Seconds > 0 && e.leg == Theirs:
			return "The call is over. It lasted " + lasted(was.Seconds) + "."
		case e.leg == Ours && len(p[Theirs]) > 0:
			return "The call is over."
		case was.Words != "":
			return e.says + " It says: " + was.Words
		default:
			return e.says
		}
	}
	for _, s := range stages {
		if p.is(s.leg, s.heard) {
			return s.says
		}
	}
	return "The call is handed to the telephone system."
}

// withLength adds how long the call lasted to what came of it, where that is known.
func (p Progress) withLength(text string) string {
	seconds := p[Theirs][Completed].Seconds
	if seconds == 0 {
		return text
	}
	return strings.TrimSuffix(text, ".") + ". It lasted " + lasted(seconds) + "."
}

func lasted(seconds int) string {
	if seconds < 60 {
		return fmt.Sprintf("%d s", seconds)
	}
	return fmt.Sprintf("%d min %d s", seconds/60, seconds%60)
}
