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
	"testing"
	"time"

	"dunwell/internal/document"
	"dunwell/internal/dunning"
	"dunwell/internal/jobs"
	"dunwell/internal/message"
	"dunwell/internal/tenant"
)

// TestMain makes of this program a worker of batches where it is told to be one, so
// that a test can kill it.
func TestMain(m *testing.M) {
	if database := os.Getenv("BATCH_WORKER"); database != "" {
		if err := workBatches(context.Background(), database, os.Getenv("BATCH_SMTP"), os.Getenv("BATCH_BLOBS")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
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

// A program is killed eight times while it works a batch of 80: nothing is lost,
// and each customer has one letter, one action and one Done.
func TestKilledWhileItWorksABatch(t *testing.T) {
	t.Parallel()
	const debtors, kills = 80, 8
	o := newAgency(t)
	o.many(t, debtors-1)
	o.exec(t, `UPDATE level_actions SET kind = 'letter', template_id = (SELECT id FROM templates WHERE name = 'Third reminder') WHERE kind = 'email'`)
	ids, _ := o.all(t)
	var batch int64
	o.do(t, o.Manager, func(tx *tenant.Tx) (err error) {
		batch, err = o.Start(t.Context(), tx, dunning.Choice{IDs: ids}, dunning.Bulk{Kind: dunning.BulkApprove})
		return err
	})
	blobs := t.TempDir()
	state := func() (b dunning.Batch, left []dunning.Skipped) {
		o.do(t, o.Manager, func(tx *tenant.Tx) (err error) {
			b, left, err = dunning.FindBatch(t.Context(), tx, batch)
			return err
		})
		return b, left
	}
	spread := 0
	for round := 0; ; round++ {
		var said bytes.Buffer
		cmd := exec.CommandContext(context.WithoutCancel(t.Context()), os.Args[0])
		cmd.Env = append(os.Environ(), "BATCH_WORKER="+o.OwnerURL, "BATCH_SMTP="+o.sink.URL(), "BATCH_BLOBS="+blobs)
		cmd.Stderr = &said
		in, err := cmd.StdinPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		before, _ := state()
		target := before.Done + 1 + rand.IntN(debtors/kills)
		for end := time.Now().Add(60 * time.Second); ; time.Sleep(3 * time.Millisecond) {
			b, _ := state()
			if round < kills && b.Done >= target || b.FinishedAt != nil {
				break
			}
			if time.Now().After(end) {
				t.Fatalf("round %d: %+v: %s", round, b, said.String())
			}
		}
		_ = cmd.Process.Kill()
		_, _ = io.WriteString(in, "\n")
		_ = cmd.Wait()
		b, left := state()
		if b.FinishedAt == nil {
			spread++
			continue
		}
		if b.Done != debtors || len(left) != 0 || b.Letters != debtors {
			t.Errorf("batch %+v, left %+v", b, left)
		}
		break
	}
	if spread < kills/2 {
		t.Errorf("only %d kills before it was finished", spread)
	}
	is(t, "messages, actions, customers written to", o.ask(t, `SELECT concat_ws(' ', (SELECT count(*) FROM messages), (SELECT count(*) FROM agenda_actions),
		(SELECT count(DISTINCT customer_id) FROM messages), (SELECT count(*) FROM agenda_entries WHERE state = 'done'))`), fmt.Sprintf("%[1]d %[1]d %[1]d %[1]d", debtors))
	is(t, "letters noted", o.ask(t, `SELECT count(*) FROM notes WHERE kind = 'letter'`), fmt.Sprint(debtors))
}
