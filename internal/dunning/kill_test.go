package dunning_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/dbtest"
	"dunwell/internal/document"
	"dunwell/internal/dunning"
	"dunwell/internal/jobs"
	"dunwell/internal/message"
	"dunwell/internal/tenant"
)

// TestMain makes of this program a worker of batches, or one that makes a run, where
// it is told to be one, so that a test can kill it.
func TestMain(m *testing.M) {
	if database := os.Getenv("RUN_WORKER"); database != "" {
		if err := runOnce(context.Background(), database, os.Getenv("RUN_TENANT")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	if database := os.Getenv("BATCH_WORKER"); database != "" {
		if err := workBatches(context.Background(), database, os.Getenv("BATCH_SMTP"), os.Getenv("BATCH_BLOBS")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	code := m.Run()
	if books.drop != nil {
		if err := books.drop(); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}
	os.Exit(code)
}

// workBatches is what the program does: its jobs, and giving batches of dead ones
// another. It ends with whoever started it.
func workBatches(ctx context.Context, database, smtp, blobs string) error {
	pool, err := tenant.Open(ctx, database, "", nil)
	if err != nil {
		return err
	}
	store, err := document.OpenFolder(blobs)
	if err != nil {
		return err
	}
	server, err := message.NewServer(smtp, "mail@dunwell.example", nil)
	if err != nil {
		return err
	}
	monday := time.Date(2026, 3, 16, 9, 40, 0, 0, time.UTC)
	box := &message.Outbox{Store: store, Server: server, Lease: time.Second}
	client, err := jobs.New(&tenant.DB{Pool: pool, BeforeCommit: dunning.Refresh, Now: func() time.Time { return monday }}, box, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	if err := client.Start(ctx); err != nil {
		return err
	}
	go func() {
		desk := dunning.Desk{Box: box, Lease: time.Second}
		for ; ; time.Sleep(200 * time.Millisecond) {
			if err := desk.Recover(ctx); err != nil {
				fmt.Fprintln(os.Stderr, err)
			}
			if err := box.Recover(ctx); err != nil {
				fmt.Fprintln(os.Stderr, err)
			}
		}
	}()
	told := bufio.NewScanner(os.Stdin)
	told.Scan()
	return told.Err()
}

// hired is this program as a worker.
type hired struct {
	cmd  *exec.Cmd
	in   io.WriteCloser
	said bytes.Buffer
}

func hire(t testing.TB, env ...string) *hired {
	t.Helper()
	w := &hired{cmd: exec.CommandContext(context.WithoutCancel(t.Context()), os.Args[0])}
	w.cmd.Env = append(os.Environ(), env...)
	w.cmd.Stderr = &w.said
	var err error
	if w.in, err = w.cmd.StdinPipe(); err == nil {
		err = w.cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// kill is kill -9.
func (w *hired) kill() {
	_ = w.cmd.Process.Kill()
	_, _ = io.WriteString(w.in, "\n")
	_ = w.cmd.Wait()
}

// killedAtWork has workers work what waits, and kills each once the agency has come
// some steps further than it was, until all of it is settled. It returns how many
// died before.
func (o *agency) killedAtWork(t *testing.T, kills, step int, came, settled string) (died int) {
	t.Helper()
	blobs := t.TempDir()
	number := func() int {
		n, err := strconv.Atoi(o.ask(t, came))
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	for round := 0; ; round++ {
		w := hire(t, "BATCH_WORKER="+o.OwnerURL, "BATCH_SMTP="+o.sink.URL(), "BATCH_BLOBS="+blobs)
		target := number() + 1 + rand.IntN(step)
		for end := time.Now().Add(60 * time.Second); ; time.Sleep(3 * time.Millisecond) {
			if round < kills && number() >= target || o.ask(t, settled) == "true" {
				break
			}
			if time.Now().After(end) {
				w.kill()
				t.Fatalf("round %d: %d: %s", round, number(), w.said.String())
			}
		}
		w.kill()
		if o.ask(t, settled) == "true" {
			return died
		}
		died++
	}
}

const (
	workedSQL   = `SELECT count(*) FROM batch_entries WHERE state <> 'waiting'`
	finishedAll = `SELECT bool_and(finished_at IS NOT NULL) FROM batches`
	sentSQL     = `SELECT count(*) FROM messages WHERE state IN ('sent', 'unknown')`
	sentAll     = `SELECT bool_and(finished_at IS NOT NULL) AND NOT EXISTS (SELECT FROM messages WHERE state IN ('queued', 'sending')) FROM batches`
)

// startAll has the batch of everybody approved.
func (o *agency) startAll(t *testing.T) (batch int64) {
	t.Helper()
	ids, _ := o.all(t)
	o.do(t, o.Manager, func(tx *tenant.Tx) (err error) {
		batch, _, err = o.Start(t.Context(), tx, dunning.Choice{IDs: ids}, dunning.Bulk{Kind: dunning.BulkApprove})
		return err
	})
	return batch
}

// A program is killed five times while it works a batch of 50: nothing is lost,
// and each customer has one letter, one action and one Done.
func TestKilledWhileItWorksABatch(t *testing.T) {
	t.Parallel()
	const debtors, kills = 50, 5
	o := newAgency(t)
	o.many(t, debtors-1)
	o.exec(t, `UPDATE level_actions SET kind = 'letter', template_id = (SELECT id FROM templates WHERE name = 'Third reminder') WHERE kind = 'email'`)
	batch := o.startAll(t)
	if died := o.killedAtWork(t, kills, debtors/kills, workedSQL, finishedAll); died < kills/2 {
		t.Errorf("only %d kills before it was finished", died)
	}
	o.do(t, o.Manager, func(tx *tenant.Tx) error {
		b, left, err := dunning.FindBatch(t.Context(), tx, batch)
		if b.Done != debtors || len(left) != 0 || b.Letters != debtors {
			t.Errorf("batch %+v, left %+v", b, left)
		}
		return err
	})
	is(t, "messages, actions, customers written to", o.ask(t, `SELECT concat_ws(' ', (SELECT count(*) FROM messages), (SELECT count(*) FROM agenda_actions),
		(SELECT count(DISTINCT customer_id) FROM messages), (SELECT count(*) FROM agenda_entries WHERE state = 'done'))`), fmt.Sprintf("%[1]d %[1]d %[1]d %[1]d", debtors))
	is(t, "letters noted", o.ask(t, `SELECT count(*) FROM notes WHERE kind = 'letter'`), fmt.Sprint(debtors))
}

// A program is killed five times while it sends the e-mails of a batch of 50: nobody
// gets two, Done is said of each that was sent and of no other, and what nobody can
// know is Unknown and a person's.
func TestKilledWhileItSendsABatch(t *testing.T) {
	t.Parallel()
	const debtors, kills = 50, 5
	o := newAgency(t)
	o.many(t, debtors-1)
	o.startAll(t)
	if died := o.killedAtWork(t, kills, debtors/kills, sentSQL, sentAll); died < kills/2 {
		t.Errorf("only %d kills before all was sent", died)
	}
	is(t, "messages, actions, customers written to", o.ask(t, `SELECT concat_ws(' ', (SELECT count(*) FROM messages), (SELECT count(*) FROM agenda_actions),
		(SELECT count(DISTINCT customer_id) FROM messages))`), fmt.Sprintf("%[1]d %[1]d %[1]d", debtors))
	is(t, "sent but not done, or done but not sent", o.ask(t, `SELECT count(*) FROM agenda_entries e JOIN agenda_actions a ON a.entry_id = e.id JOIN messages m ON m.id = a.message_id
		WHERE (m.state = 'sent') <> (e.state = 'done')`), "0")
	is(t, "reminded of without a message, or the other way round", o.ask(t, `SELECT count(*) FROM agenda_actions a JOIN messages m ON m.id = a.message_id
		WHERE (m.state = 'sent') <> EXISTS (SELECT FROM reminders r WHERE r.action_id = a.id)`), "0")
	taken, sent := map[string]int{}, 0
	for _, m := range o.sink.Taken() {
		taken[m.To]++
	}
	rows, _ := o.owner.Query(t.Context(), `SELECT address, state FROM messages`)
	var to string
	var state message.State
	_, err := pgx.ForEachRow(rows, []any{&to, &state}, func() error {
		if n := taken[to]; n > 1 || state == message.Sent && n != 1 || state != message.Sent && state != message.Unknown {
			t.Errorf("to %s: %s, came %d times", to, state, n)
		}
		if state == message.Sent {
			sent++
		}
		return nil
	})
	if err != nil || sent < debtors-8*kills || sent == 0 {
		t.Errorf("%d of %d sent, %v", sent, debtors, err)
	}
	t.Logf("%d sent, %d unknown", sent, debtors-sent)
}

// runOnce is a program that makes the run of a company, as the night does.
func runOnce(ctx context.Context, database, company string) error {
	pool, err := tenant.Open(ctx, database, "", nil)
	if err != nil {
		return err
	}
	id, err := strconv.ParseInt(company, 10, 64)
	if err != nil {
		return err
	}
	db := &tenant.DB{Pool: pool, BeforeCommit: dunning.Refresh, Now: func() time.Time { return dbtest.Monday }}
	return db.Write(ctx, tenant.System(id), func(tx *tenant.Tx) error {
		return dunning.RunOfDay(ctx, tx, dunning.RunArgs{Tenant: id, Day: tx.Today().String()})
	})
}

// A program is killed with all entries of its run written and not yet committed, and
// then six times at any moment: each time all of the run is there, or nothing, and
// nobody waits for the dead.
func TestKilledWhileItRuns(t *testing.T) {
	t.Parallel()
	d := crowd(t)
	owner := d.Owner(t)
	work := func() *hired { return hire(t, "RUN_WORKER="+d.OwnerURL, "RUN_TENANT="+fmt.Sprint(d.ID)) }
	made := func() (entries, runs int) {
		return d.count(t, `SELECT count(*) FROM agenda_entries`), d.count(t, `SELECT count(*) FROM dunning_runs`)
	}
	// the record of the run is its last statement: there it waits
	if _, err := owner.Exec(t.Context(), `BEGIN; LOCK TABLE dunning_runs IN SHARE MODE`); err != nil {
		t.Fatal(err)
	}
	w := work()
	for end := time.Now().Add(60 * time.Second); d.count(t, `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%INSERT INTO dunning_runs%'`) == 0; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			w.kill()
			t.Fatalf("it never came to the end of its run: %s", w.said.String())
		}
	}
	w.kill()
	if _, err := owner.Exec(t.Context(), `COMMIT`); err != nil {
		t.Fatal(err)
	}
	if entries, runs := made(); entries+runs != 0 {
		t.Errorf("%d entries and %d records of a run that never was", entries, runs)
	}
	for range 6 {
		w := work()
		time.Sleep(time.Duration(rand.IntN(120)) * time.Millisecond)
		w.kill()
		if entries, runs := made(); (entries == 0) != (runs == 0) || runs > 1 {
			t.Errorf("%d entries and %d records", entries, runs)
		}
	}
	ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
	defer stop()
	r, err := d.runToday(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if entries, runs := made(); entries == 0 || runs == 2 && r.Opened != 0 || runs == 1 && r.Opened != entries {
		t.Errorf("in the end %d entries and %d runs, the last of which opened %d", entries, runs, r.Opened)
	}
	got := d.agenda(t)
	if all := d.fromScratch(t); got != all {
		t.Errorf("the agenda has\n%s\nand from nothing\n%s", got, all)
	}
}
