package message_test

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
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/document"
	"dunwell/internal/jobs"
	"dunwell/internal/message"
	"dunwell/internal/smtptest"
	"dunwell/internal/tenant"
)

// TestMain makes of this program a worker of the outbox where it is told to be
// one, so that a test can kill it.
func TestMain(m *testing.M) {
	if database := os.Getenv("OUTBOX_WORKER"); database != "" {
		if err := work(context.Background(), database, os.Getenv("OUTBOX_SMTP"), os.Getenv("OUTBOX_BLOBS")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// shortLease is that of the workers which are killed.
const shortLease = 4 * time.Second

// work is what the program does to send: it begins with the first line that it is
// told, and ends with whoever started it.
func work(ctx context.Context, database, smtp, blobs string) error {
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
	box := &message.Outbox{Store: store, Server: server, Lease: shortLease}
	client, err := jobs.New(&tenant.DB{Pool: pool}, box, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	told := bufio.NewScanner(os.Stdin)
	if err := pool.Ping(ctx); err != nil || !told.Scan() {
		return err
	}
	go func() {
		for {
			if err := box.Recover(ctx); err != nil {
				fmt.Fprintln(os.Stderr, err)
			}
			time.Sleep(500 * time.Millisecond)
		}
	}()
	if err := client.Start(ctx); err != nil {
		return err
	}
	told.Scan()
	return told.Err()
}

// worker is such a program.
type worker struct {
	cmd  *exec.Cmd
	in   io.WriteCloser
	said bytes.Buffer
	once sync.Once
}

func newWorker(t testing.TB, b *books, blobs string) *worker {
	t.Helper()
	w := &worker{cmd: exec.CommandContext(context.Background(), os.Args[0])}
	w.cmd.Env = append(os.Environ(), "OUTBOX_WORKER="+b.OwnerURL, "OUTBOX_SMTP="+b.sink.URL(), "OUTBOX_BLOBS="+blobs)
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

func (w *worker) begin(t *testing.T) {
	t.Helper()
	if _, err := io.WriteString(w.in, "go\n"); err != nil {
		t.Fatal(err, w.said.String())
	}
}

// kill is kill -9.
func (w *worker) kill() {
	w.once.Do(func() {
		_ = w.cmd.Process.Kill()
		_ = w.cmd.Wait()
	})
}

// A program is killed fifty times while it sends and two hundred or more wait
// their turn: as the mail server takes a message, just before and just after.
// Nothing is lost, nothing is sent twice, and what nobody can know is Unknown.
func TestKilledFiftyTimes(t *testing.T) {
	t.Parallel()
	const messages, kills, waiting = 600, 50, 200
	b := newBooks(t)
	blobs := t.TempDir()
	realJobs(t, b)
	b.write(t, b.Collector, func(tx *tenant.Tx) error {
		for i := range messages {
			if _, err := b.box.Send(t.Context(), tx, b.mail(fmt.Sprint("message ", i))); err != nil {
				return err
			}
		}
		return nil
	})
	var (
		mu     sync.Mutex
		now    *worker
		left   int
		how    int
		killed = make(chan bool, 1)
	)
	b.sink.Tell(func(step smtptest.Step, _ string) smtptest.Act {
		mu.Lock()
		defer mu.Unlock()
		if now == nil || step == smtptest.From || (how == 2) != (step == smtptest.To) {
			return smtptest.Take
		}
		if left--; left != 0 {
			return smtptest.Take
		}
		w, act := now, smtptest.Take
		now = nil
		switch how {
		case 0, 2: // before it hears that the message was taken, or before the text
			w.kill()
		case 1: // about when it writes down that it was
			go func() {
				time.Sleep(time.Duration(rand.IntN(6000)) * time.Microsecond)
				w.kill()
				killed <- true
			}()
			return smtptest.Take
		case 3: // as the server leaves
			w.kill()
			act = smtptest.Drop
		}
		killed <- true
		return act
	})
	next, fewest := newWorker(t, b, blobs), messages
	for round := range kills {
		w := next
		next = newWorker(t, b, blobs)
		mu.Lock()
		now, left, how = w, 1+rand.IntN(8), round%4
		mu.Unlock()
		w.begin(t)
		select {
		case <-killed:
			fewest = min(fewest, queued(t, b))
		case <-time.After(30 * time.Second):
			w.kill()
			t.Fatalf("round %d: it was not killed: %s", round, w.said.String())
		}
	}
	mu.Lock()
	now = nil
	mu.Unlock()
	next.begin(t)
	defer next.kill()
	states := settled(t, b, next)
	taken := map[string]int{}
	for _, m := range b.sink.Taken() {
		taken[m.ID]++
	}
	sent, unknown, unheard := 0, 0, 0
	for ref, state := range states {
		n := taken[ref+"@dunwell.example"]
		switch {
		case n > 1:
			t.Errorf("%s was sent %d times", ref, n)
		case state == message.Sent && n == 1:
			sent++
		case state == message.Unknown:
			unknown++
			unheard += n
		default:
			t.Errorf("%s is %s and was sent %d times", ref, state, n)
		}
	}
	t.Logf("%d sent, %d unknown, of which %d had been taken; %d waited at least", sent, unknown, unheard, fewest)
	if fewest < waiting {
		t.Errorf("only %d waited at one of the kills, want %d", fewest, waiting)
	}
	if len(states) != messages || len(taken) != sent+unheard || unheard < kills/4 {
		t.Errorf("%d messages, %d came; %d sent, %d unknown of which %d came", len(states), len(taken), sent, unknown, unheard)
	}
}

// queued counts the messages that wait their turn.
func queued(t *testing.T, b *books) (n int) {
	t.Helper()
	if err := b.owner.QueryRow(t.Context(), `SELECT count(*) FROM messages WHERE state = 'queued'`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// realJobs gives the outbox the jobs of the program, which nobody works here.
func realJobs(t testing.TB, b *books) {
	t.Helper()
	if _, err := jobs.New(b.DB, b.box, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
}

// settled waits until no message is on its way, and has the state of each.
func settled(t *testing.T, b *books, w *worker) map[string]message.State {
	t.Helper()
	for end := time.Now().Add(60 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		rows, _ := b.owner.Query(t.Context(), `SELECT reference::text, state FROM messages`)
		states, left := map[string]message.State{}, 0
		var ref string
		var state message.State
		if _, err := pgx.ForEachRow(rows, []any{&ref, &state}, func() error {
			states[ref] = state
			if state == message.Queued || state == message.Sending {
				left++
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if left == 0 {
			return states
		}
		if time.Now().After(end) {
			t.Fatalf("%d messages are still on their way: %s", left, w.said.String())
		}
	}
}
