package message_test

import (
	"strings"
	"testing"
	"time"

	"dunwell/internal/message"
	"dunwell/internal/smtptest"
	"dunwell/internal/tenant"
)

// What a program that died left behind: what it was sending is Unknown, what it
// had queued gets a job again; what is on its way is left alone.
func TestRecover(t *testing.T) {
	t.Parallel()
	b := newBooks(t)
	realJobs(t, b)
	ids := map[string]int64{}
	for _, name := range []string{"sending", "just now", "waits", "snoozed", "done", "gone", "stuck", "runs"} {
		ids[name] = b.send(t, b.Collector, b.mail(name))
	}
	job := func(name, set string) {
		b.exec(t, `UPDATE river_job SET `+set+` WHERE id = (SELECT job_id FROM messages WHERE id = $1)`, ids[name])
	}
	b.exec(t, `UPDATE messages SET state = 'sending', state_at = now() - interval '1 minute' WHERE id = $1`, ids["sending"])
	b.exec(t, `UPDATE messages SET state = 'sending', state_at = now() WHERE id = $1`, ids["just now"])
	b.exec(t, `UPDATE messages SET due_at = now() + interval '1 hour' WHERE id = $1`, ids["snoozed"])
	job("snoozed", `state = 'completed', finalized_at = now()`)
	job("done", `state = 'completed', finalized_at = now()`)
	b.exec(t, `DELETE FROM river_job WHERE id = (SELECT job_id FROM messages WHERE id = $1)`, ids["gone"])
	job("stuck", `state = 'running', attempted_at = now() - interval '1 minute'`)
	job("runs", `state = 'running', attempted_at = now()`)
	before := jobsOf(t, b)
	for range 2 {
		if err := b.box.Recover(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	after := jobsOf(t, b)
	for name, again := range map[string]bool{"sending": false, "just now": false, "waits": false, "snoozed": false, "done": true, "gone": true, "stuck": true, "runs": false} {
		if got := before[ids[name]] != after[ids[name]]; got != again {
			t.Errorf("%s: it has another job %v, want %v", name, got, again)
		}
	}
	b.is(t, ids["sending"], message.Unknown, "nobody knows whether it was taken")
	if d := b.find(t, ids["just now"]); d.State != message.Sending {
		t.Errorf("what is being sent is %s", d.State)
	}
	if said := b.journal(t)[0]; !strings.HasPrefix(said, "message: The e-mail “sending” to Anna Holm may or may not have been sent. The program stopped") {
		t.Errorf("the journal says %q", said)
	}
}

// jobsOf has the job of each message.
func jobsOf(t *testing.T, b *books) map[int64]int64 {
	t.Helper()
	rows, err := b.owner.Query(t.Context(), `SELECT id, job_id FROM messages`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	jobs := map[int64]int64{}
	for rows.Next() {
		var id, job int64
		if err := rows.Scan(&id, &job); err != nil {
			t.Fatal(err)
		}
		jobs[id] = job
	}
	return jobs
}

// A job that finds what a dead worker was sending does not send it.
func TestDeliverAfterADeath(t *testing.T) {
	t.Parallel()
	b := newBooks(t)
	id := b.send(t, b.Collector, b.mail("x"))
	b.exec(t, `UPDATE messages SET state = 'sending', state_at = now() - interval '1 minute'`)
	b.deliver(t)
	b.is(t, id, message.Unknown, "The program stopped")
	if len(b.sink.Taken()) != 0 {
		t.Error("it was sent")
	}
}

// A worker that was only slow knows better than the sweep.
func TestSlowWorker(t *testing.T) {
	t.Parallel()
	b := newBooks(t)
	b.box.Lease = 50 * time.Millisecond
	swept := make(chan bool)
	b.sink.Tell(func(step smtptest.Step, _ string) smtptest.Act {
		if step == smtptest.Body {
			<-swept
		}
		return smtptest.Take
	})
	id := b.send(t, b.Collector, b.mail("x"))
	ended := make(chan error, 1)
	go func() {
		_, err := b.box.Deliver(t.Context(), b.asked[0])
		ended <- err
	}()
	for state := message.Queued; state != message.Unknown; {
		time.Sleep(20 * time.Millisecond)
		if err := b.box.Recover(t.Context()); err != nil {
			t.Fatal(err)
		}
		b.read(t, func(tx *tenant.Tx) error {
			d, err := message.Find(t.Context(), tx, b.debtor, id)
			state = d.State
			return err
		})
	}
	close(swept)
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	b.is(t, id, message.Sent, "")
}
