package dunning_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"dunwell/internal/dunning"
	"dunwell/internal/errs"
	"dunwell/internal/ledger"
	"dunwell/internal/message"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
)

// Payments, runs, Done, the outbox and a batch that meet at the same customers take
// turns: nobody is told of a deadlock, nothing waits for ever and nothing is done
// twice.
func TestAllAtOnce(t *testing.T) {
	t.Parallel()
	const debtors = 12
	o := newAgency(t)
	o.many(t, debtors-1)
	ids, _ := o.all(t)
	var batch int64
	o.do(t, o.Manager, func(tx *tenant.Tx) (err error) {
		batch, _, err = o.Start(t.Context(), tx, dunning.Choice{IDs: ids[:debtors/2]}, dunning.Bulk{Kind: dunning.BulkApprove})
		return err
	})
	for _, id := range ids[debtors/2:] {
		o.mail(t, o.Collector, id, dunning.Order{})
	}
	ctx := context.WithoutCancel(t.Context())
	var all sync.WaitGroup
	try := func(f func() error) {
		all.Go(func() {
			err := f()
			var refused errs.Conflict
			var invalid errs.Invalid
			if err != nil && !errors.As(err, &refused) && !errors.As(err, &invalid) {
				t.Error(err)
			}
		})
	}
	try(func() error { return o.Work(ctx, dunning.BatchArgs{Tenant: o.ID, Batch: batch}) })
	for range 3 {
		try(func() error {
			return o.Write(ctx, o.Manager, func(tx *tenant.Tx) error {
				_, err := dunning.Run(ctx, tx, tx.Today())
				return err
			})
		})
	}
	for _, id := range ids {
		e := o.entry(t, id)
		try(func() error {
			return o.Write(ctx, o.Collector, func(tx *tenant.Tx) error {
				return dunning.Complete(ctx, tx, id, dunning.Completion{Version: e.Version})
			})
		})
		try(func() error { return o.pay(ctx, e.CustomerID, 1_003) })
		try(func() error { return o.deliverOne(ctx, e.CustomerID) })
	}
	all.Wait()
	o.work(t)
	o.deliver(t)
	is(t, "one e-mail each at most", o.ask(t, `SELECT count(*) = count(DISTINCT customer_id) FROM messages`), "true")
	is(t, "Done that still waits", o.ask(t, `SELECT count(*) FROM agenda_entries WHERE state = 'open' AND done_asked_at IS NOT NULL`), "0")
	is(t, "reminders without a message that was sent", o.ask(t, `SELECT count(*) FROM reminders r JOIN agenda_actions a ON a.id = r.action_id
		JOIN messages m ON m.id = a.message_id WHERE m.state <> 'sent' AND r.reverses IS NULL`), "0")
	is(t, "batch entries that wait", o.ask(t, `SELECT count(*) FROM batch_entries WHERE state = 'waiting'`), "0")
}

// pay records a payment of the customer's oldest item.
func (o *agency) pay(ctx context.Context, customer, minor int64) error {
	return o.Write(ctx, o.Collector, func(tx *tenant.Tx) error {
		accounts, err := ledger.AccountsOf(ctx, tx, customer)
		if err != nil {
			return err
		}
		items, err := ledger.Payables(ctx, tx, customer, accounts[0].ID, "EUR", 10)
		if err != nil {
			return err
		}
		_, err = ledger.Record(ctx, tx, ledger.Payment{CustomerID: customer, AccountID: accounts[0].ID, Number: fmt.Sprint("P-", customer), ValueOn: tx.Today(),
			Amount: money.New(minor, "EUR"), Lines: ledger.Propose(items, minor)})
		return err
	})
}

// deliverOne does the job of the customer's message, if one waits.
func (o *agency) deliverOne(ctx context.Context, customer int64) error {
	var ref uuid.UUID
	err := o.Read(ctx, o.System(), func(tx *tenant.Tx) error {
		return tx.QueryRow(ctx, `SELECT reference FROM messages WHERE customer_id = $1 AND state = 'queued'`, customer).Scan(&ref)
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = o.Box.Deliver(ctx, message.SendArgs{Tenant: o.ID, Reference: ref})
	return err
}

// An entry whose turn always fails waits while the others go on; it is left out in the
// end, so that it can be worked by hand and the batch ends.
func TestEntryThatAlwaysFails(t *testing.T) {
	t.Parallel()
	o := newAgency(t)
	o.many(t, 2)
	ids, of := o.all(t)
	o.exec(t, `CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'broken'; END $$`)
	o.exec(t, fmt.Sprintf(`CREATE TRIGGER broken BEFORE INSERT ON agenda_actions FOR EACH ROW WHEN (NEW.entry_id = %d) EXECUTE FUNCTION broken()`, of["C-2"]))
	var a dunning.BatchArgs
	o.do(t, o.Manager, func(tx *tenant.Tx) (err error) {
		a.Tenant = o.ID
		a.Batch, _, err = o.Start(t.Context(), tx, dunning.Choice{IDs: ids}, dunning.Bulk{Kind: dunning.BulkPrint})
		return err
	})
	read := func() (b dunning.Batch, left []dunning.Skipped) {
		o.do(t, o.Manager, func(tx *tenant.Tx) (err error) {
			b, left, err = dunning.FindBatch(t.Context(), tx, a.Batch)
			return err
		})
		return b, left
	}
	for n := range 8 {
		if b, _ := read(); b.Left != 0 || b.FinishedAt != nil || n > 0 && b.Done != 2 {
			t.Fatalf("after %d attempts: %+v", n, b)
		}
		if err := o.Work(t.Context(), a); err == nil || !strings.Contains(err.Error(), "broken") {
			t.Errorf("attempt %d says %v", n+1, err)
		}
	}
	b, left := read()
	if b.Done != 2 || b.FinishedAt == nil || len(left) != 1 || left[0].Number != "C-2" ||
		left[0].Why != "It failed 8 times. Your administrator finds in the log why. Work this one in the agenda." {
		t.Errorf("batch %+v, left %+v", b, left)
	}
}
