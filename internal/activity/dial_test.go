package activity_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"dunwell/internal/activity"
	"dunwell/internal/contactrule"
	"dunwell/internal/errs"
	"dunwell/internal/member"
	"dunwell/internal/message"
	"dunwell/internal/provider/twiliotest"
	"dunwell/internal/tenant"
)

// exchange is the office with a telephone system, and jobs that the test works itself.
type exchange struct {
	*office
	board  *activity.Switchboard
	system *twiliotest.Server
	jobs   []activity.DialArgs
}

func newExchange(t testing.TB) *exchange {
	t.Helper()
	x := &exchange{office: newOffice(t), system: twiliotest.New(t)}
	x.board = &activity.Switchboard{Box: &message.Outbox{DB: x.DB, Secrets: twiliotest.Box(t), URL: "https://dunwell.example",
		Enqueue: func(_ context.Context, _ pgx.Tx, args ...river.JobArgs) ([]int64, error) {
			x.jobs = append(x.jobs, args[0].(activity.DialArgs))
			return []int64{int64(len(x.jobs))}, nil
		}}}
	x.board.Box.Provider.URL = x.system.URL
	x.do(t, x.Admin, func(tx *tenant.Tx) error {
		twiliotest.SetUp(t, tx, x.board.Box.Secrets)
		return nil
	})
	x.do(t, x.Collector, func(tx *tenant.Tx) error { return member.SetPhone(t.Context(), tx, "+47 90 61 12 01") })
	return x
}

func (x *exchange) tryDial(t testing.TB, who tenant.Who, a contactrule.Attempt) (id int64, err error) {
	t.Helper()
	a.CustomerID = x.debtor
	err = x.Write(t.Context(), who, func(tx *tenant.Tx) (err error) {
		id, err = x.board.Dial(t.Context(), tx, a)
		return err
	})
	return id, err
}

func (x *exchange) dial(t testing.TB) int64 {
	t.Helper()
	id, err := x.tryDial(t, x.Collector, contactrule.Attempt{PointID: x.anna})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func (x *exchange) hear(t testing.TB, s activity.Signal) (news bool, err error) {
	t.Helper()
	err = x.Write(t.Context(), x.System(), func(tx *tenant.Tx) (err error) {
		news, err = activity.Hear(t.Context(), tx, s)
		return err
	})
	return news, err
}

// says is how far the telephone system got, as people read it, and whether that is all.
func (x *exchange) says(t testing.TB, call int64) (text string, over bool) {
	t.Helper()
	x.do(t, x.Collector, func(tx *tenant.Tx) error {
		p, err := activity.ProgressOf(t.Context(), tx, x.debtor, call)
		text, over = p.String(), p.Over()
		return err
	})
	return text, over
}

// S5.3: the telephone system is asked once to ring the member, and is told where it
// learns the customer's number; the attempt counts and its outcome is asked for as of
// every call.
func TestDial(t *testing.T) {
	t.Parallel()
	x := newExchange(t)
	id := x.dial(t)
	is(t, "rows", x.rows(t), "1 1 1 0")
	if len(x.jobs) != 1 || x.jobs[0] != (activity.DialArgs{Tenant: x.ID, Call: id}) {
		t.Fatalf("jobs %+v", x.jobs)
	}
	var all sync.WaitGroup
	for range 4 { // the job is worked by several at once, and again later
		all.Go(func() {
			if err := x.board.Work(t.Context(), x.jobs[0]); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if err := x.board.Work(t.Context(), x.jobs[0]); err != nil {
		t.Fatal(err)
	}
	taken := x.system.Taken()
	if len(taken) != 1 {
		t.Fatalf("the telephone system has %d calls, want 1", len(taken))
	}
	f := taken[0].Form
	is(t, "rings", f.Get("To"), "+4790611201")
	is(t, "shows", f.Get("From"), twiliotest.CallFrom)
	for field, hook := range map[string]string{"Url": activity.HookConnect, "StatusCallback": activity.HookOurs} {
		token, ok := strings.CutPrefix(f.Get(field), "https://dunwell.example/hooks/twilio/"+hook+"/")
		tenantID, call, err := x.board.CallOf(hook, token)
		if !ok || err != nil || tenantID != x.ID || call != id {
			t.Errorf("%s is %s: %d %d %v", field, f.Get(field), tenantID, call, err)
		}
		if _, _, err := x.board.CallOf(activity.HookTheirs, token); err == nil {
			t.Errorf("%s is good for another purpose", field)
		}
	}
	is(t, "kept", x.ask(t, `SELECT string_agg(kind || coalesce(' ' || (data->>'id'), ''), ', ' ORDER BY id) FROM call_events`), "asked, dialling, dialled "+taken[0].SID)
	text, over := x.says(t, id)
	if over || !strings.HasPrefix(text, "The telephone system rings you.") {
		t.Errorf("it says %q, over: %v", text, over)
	}
	_, err := x.tryDial(t, x.Collector, contactrule.Attempt{PointID: x.anna})
	refuses[errs.Conflict](t, err, "no outcome yet")
}

// What the telephone system answers becomes what is said, and is never asked twice.
func TestDialAnswers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		act  twiliotest.Act
		kept activity.Heard
		says string
		over bool
	}{
		"takes it":          {twiliotest.Take, activity.Dialled, "rings you", false},
		"is busy":           {twiliotest.Busy, activity.Refused, "did not take the call. Dial the number yourself.", true},
		"is down":           {twiliotest.Down, activity.Refused, "Internal Server Error", true},
		"refuses":           {twiliotest.Refuse, activity.Refused, "Invalid 'To' Phone Number", true},
		"takes it and dies": {twiliotest.Lose, activity.Unclear, "Nobody knows whether", true},
		"is cut off":        {twiliotest.Cut, activity.Unclear, "Nobody knows whether", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := newExchange(t)
			x.system.Tell(func(twiliotest.Request) twiliotest.Act { return c.act })
			id := x.dial(t)
			for range 2 {
				if err := x.board.Work(t.Context(), x.jobs[0]); err != nil {
					t.Fatal(err)
				}
			}
			if n := x.system.Asked(); n != 1 {
				t.Errorf("asked %d times, want once", n)
			}
			is(t, "kept", x.ask(t, `SELECT string_agg(kind, ',' ORDER BY id) FROM call_events`), "asked,dialling,"+string(c.kept))
			if text, over := x.says(t, id); over != c.over || !strings.Contains(text, c.says) {
				t.Errorf("it says %q, over: %v", text, over)
			}
			is(t, "asked for the outcome", x.ask(t, `SELECT count(*) FROM open_calls`), "1")
			if c.kept != activity.Unclear {
				return
			}
			if _, err := x.hear(t, activity.Signal{CallID: id, Leg: activity.Ours, Heard: activity.Ringing, ID: "CA1"}); err != nil {
				t.Fatal(err)
			}
			if text, over := x.says(t, id); over || !strings.HasPrefix(text, "Your telephone rings.") {
				t.Errorf("once it rings it says %q, over: %v", text, over)
			}
		})
	}
}

func notFound(t testing.TB, what string, err error) {
	t.Helper()
	if !errors.Is(err, errs.NotFound) {
		t.Errorf("%s: %v, want not found", what, err)
	}
}

func TestDialRefused(t *testing.T) {
	t.Parallel()
	x := newExchange(t)
	_, err := x.tryDial(t, x.Manager, contactrule.Attempt{PointID: x.anna})
	refuses[errs.Conflict](t, err, "Nobody said at which number you are rung")
	_, err = x.tryDial(t, x.Collector, contactrule.Attempt{PointID: x.anna, Incoming: true})
	refuses[errs.Invalid](t, err, "there is nothing to dial")
	x.at(5, 10, 0) // Saturday
	_, err = x.tryDial(t, x.Collector, contactrule.Attempt{PointID: x.anna})
	refuses[errs.Forbidden](t, err, "Saturdays")
	x.at(0, 10, 0)
	if _, err := x.owner.Exec(t.Context(), `UPDATE providers SET call_from = ''`); err != nil {
		t.Fatal(err)
	}
	_, err = x.tryDial(t, x.Collector, contactrule.Attempt{PointID: x.anna})
	refuses[errs.Conflict](t, err, "No telephone system that places calls is set up")
	is(t, "rows", x.rows(t), "0 0 0 0")
	if len(x.jobs) != 0 || x.system.Asked() != 0 {
		t.Errorf("%d jobs, asked %d times; want none", len(x.jobs), x.system.Asked())
	}
}

// What stands in the way once the job comes is said, and nobody is rung.
func TestDialTooLate(t *testing.T) {
	t.Parallel()
	x := newExchange(t)
	said := x.dial(t)
	x.conclude(t, said, activity.Conclusion{DispositionID: x.outcome(t, "No answer")})
	x.at(0, 14, 0)
	gone := x.dial(t)
	if _, err := x.owner.Exec(t.Context(), `UPDATE providers SET call_from = ''`); err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"What came of it was said before", "is not set up any more"} {
		if err := x.board.Work(t.Context(), x.jobs[i]); err != nil {
			t.Fatal(err)
		}
		if text, over := x.says(t, x.jobs[i].Call); !over || !strings.Contains(text, want) {
			t.Errorf("call %d says %q, over: %v", i, text, over)
		}
	}
	if x.system.Asked() != 0 || gone == said {
		t.Errorf("asked %d times, want never", x.system.Asked())
	}
	if err := x.board.Work(t.Context(), activity.DialArgs{Tenant: x.beta.ID, Call: gone}); err != nil {
		t.Errorf("a job of another company: %v", err)
	}
}

// What the telephone system says comes twice and in any order; of another's call, or
// under another id, nothing is kept.
func TestHear(t *testing.T) {
	t.Parallel()
	x := newExchange(t)
	id := x.dial(t)
	if err := x.board.Work(t.Context(), x.jobs[0]); err != nil {
		t.Fatal(err)
	}
	sid := x.system.Taken()[0].SID
	for i, c := range []struct {
		leg   activity.Leg
		heard activity.Heard
		says  string
		over  bool
	}{
		{activity.Ours, activity.Answered, "You picked up. Press 1", false},
		{activity.Ours, activity.Ringing, "You picked up. Press 1", false}, // late
		{activity.Theirs, activity.Ringing, "It rings at their end.", false},
		{activity.Ours, activity.Completed, "The call is over.", true}, // before the end of theirs
		{activity.Theirs, activity.Completed, "It lasted 2 min 5 s.", true},
		{activity.Theirs, activity.Answered, "It lasted 2 min 5 s.", true}, // late
	} {
		for again := range 2 {
			news, err := x.hear(t, activity.Signal{CallID: id, Leg: c.leg, Heard: c.heard, ID: sid, Seconds: 125})
			if err != nil || news != (again == 0) {
				t.Errorf("%d, time %d: news %v, %v", i, again, news, err)
			}
		}
		if text, over := x.says(t, id); over != c.over || !strings.Contains(text, c.says) {
			t.Errorf("%d: it says %q, over: %v", i, text, over)
		}
	}
	is(t, "events", x.ask(t, `SELECT count(*) FROM call_events`), "9")
	x.at(0, 14, 0)
	plain, err := x.tryPlace(t, x.Manager, contactrule.Attempt{PointID: x.anna})
	if err != nil {
		t.Fatal(err)
	}
	_, err = x.hear(t, activity.Signal{CallID: id, Leg: activity.Ours, Heard: activity.Busy, ID: "CAother"})
	notFound(t, "another's id", err)
	_, err = x.hear(t, activity.Signal{CallID: plain, Leg: activity.Ours, Heard: activity.Busy})
	notFound(t, "a call that was dialled by hand", err)
	err = x.Write(t.Context(), x.beta.System(), func(tx *tenant.Tx) error {
		_, err := activity.Hear(t.Context(), tx, activity.Signal{CallID: id, Leg: activity.Ours, Heard: activity.Busy, ID: sid})
		return err
	})
	notFound(t, "another company's", err)
	x.conclude(t, id, activity.Conclusion{DispositionID: x.outcome(t, "Spoke: disputes"), Text: "Wrong goods"})
	is(t, "journal", x.journal(t, "call"), "call: Call to Anna Holm, +47 22 41 09 33. Spoke: disputes: Wrong goods. It lasted 2 min 5 s.")
}

// A call whose program died is ended as what it is: unclear where it was being handed
// over, refused where it never was.
func TestRecoverCalls(t *testing.T) {
	t.Parallel()
	x := newExchange(t)
	var ids [3]int64
	for i, c := range []struct {
		kinds []string
		ago   string
	}{{[]string{"asked"}, "5 minutes"}, {[]string{"asked", "dialling"}, "5 minutes"}, {[]string{"asked", "dialling"}, "30 seconds"}} {
		id, err := x.tryPlace(t, x.Manager, contactrule.Attempt{PointID: x.anna, Incoming: true})
		if err != nil {
			t.Fatal(err)
		}
		ids[i] = id
		for _, kind := range c.kinds {
			if _, err := x.owner.Exec(t.Context(), fmt.Sprintf(`INSERT INTO call_events (tenant_id, customer_id, call_attempt_id, kind, at) VALUES ($1, $2, $3, $4, now() - interval '%s')`, c.ago), x.ID, x.debtor, id, kind); err != nil {
				t.Fatal(err)
			}
		}
	}
	for range 2 {
		if err := x.board.Recover(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	is(t, "kept", x.ask(t, `SELECT string_agg(call_attempt_id - $1 || ' ' || kind, ', ' ORDER BY id) FROM call_events WHERE kind NOT IN ('asked', 'dialling')`, ids[0]), "0 refused, 1 unclear")
	if n := x.system.Asked(); n != 0 {
		t.Errorf("asked %d times, want never", n)
	}
}
