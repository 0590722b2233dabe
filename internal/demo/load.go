package demo

import (
	"context"
	"fmt"
	"iter"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/customer"
	"dunwell/internal/ledger"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// from is where the customers come from, as their journals say it.
const from = "the take-over of the earlier system's books"

// loader writes made-up books in bulk. It makes them up anew for each table, so
// that a million items need not fit into memory.
type loader struct {
	tx       *tenant.Tx
	options  Options
	members  map[string]int64 // by e-mail address
	branches map[string]int64 // by name
	statuses map[string]int64 // by family
	accounts map[string]owned // by number
	settlers []int64          // who settle disputes
}

// owned are an account's own id and its customer's.
type owned struct{ id, customer int64 }

func (l *loader) load(ctx context.Context) error {
	if _, err := l.tx.Exec(ctx, `SET LOCAL work_mem = '64MB'`); err != nil {
		return fmt.Errorf("prepare: %w", err)
	}
	for _, step := range []func(context.Context) error{l.customers, l.items, l.payments, l.applications, l.journals, l.care, l.followups, l.documents, l.figures, l.reminded, l.promised, l.disputed} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (l *loader) customers(ctx context.Context) error {
	if err := customer.StageCustomers(ctx, l.tx); err != nil {
		return err
	}
	if err := l.fill(ctx, l.customerRows()); err != nil {
		return err
	}
	if err := l.fill(ctx, l.accountRows()); err != nil {
		return err
	}
	if err := customer.Load(ctx, l.tx, from); err != nil {
		return err
	}
	if err := l.analyze(ctx); err != nil {
		return err
	}
	return l.findAccounts(ctx)
}

func (l *loader) findAccounts(ctx context.Context) error {
	rows, _ := l.tx.Query(ctx, `
		SELECT a.number, a.id, a.customer_id
		FROM accounts a
		WHERE a.tenant_id = $1`, l.tx.Actor.TenantID)
	l.accounts = map[string]owned{}
	var number string
	var o owned
	_, err := pgx.ForEachRow(rows, []any{&number, &o.id, &o.customer}, func() error {
		l.accounts[number] = o
		return nil
	})
	if err != nil {
		return fmt.Errorf("find accounts: %w", err)
	}
	return nil
}

func (l *loader) items(ctx context.Context) error {
	if err := ledger.StageItems(ctx, l.tx); err != nil {
		return err
	}
	if err := l.fill(ctx, l.itemRows()); err != nil {
		return err
	}
	return ledger.LoadItems(ctx, l.tx)
}

func (l *loader) payments(ctx context.Context) error {
	if err := ledger.StagePayments(ctx, l.tx); err != nil {
		return err
	}
	if err := l.fill(ctx, l.paymentRows()); err != nil {
		return err
	}
	return ledger.LoadPayments(ctx, l.tx)
}

func (l *loader) applications(ctx context.Context) error {
	if err := l.analyze(ctx); err != nil {
		return err
	}
	if err := ledger.StageApplications(ctx, l.tx); err != nil {
		return err
	}
	if err := l.fill(ctx, l.applicationRows()); err != nil {
		return err
	}
	return ledger.LoadApplications(ctx, l.tx)
}

// analyze tells the planner what has come into the ledger so far: the next step
// looks it up.
func (l *loader) analyze(ctx context.Context) error {
	if _, err := l.tx.Exec(ctx, `SELECT analyze_ledger()`); err != nil {
		return fmt.Errorf("analyze: %w", err)
	}
	return nil
}

// journals writes what the earlier system knew, some thousands at a time.
func (l *loader) journals(ctx context.Context) error {
	var notes []note.New
	for c := range Generate(l.options) {
		for _, text := range c.Notes {
			notes = append(notes, note.New{CustomerID: l.accounts[c.Accounts[0].Number].customer, Kind: "import", Text: text})
		}
		if len(notes) >= 20_000 {
			if err := note.AddMany(ctx, l.tx, notes); err != nil {
				return err
			}
			notes = notes[:0]
		}
	}
	return note.AddMany(ctx, l.tx, notes)
}

// figures makes the totals of everybody at once, as the night does.
func (l *loader) figures(ctx context.Context) error {
	if err := ledger.RefreshAll(ctx, l.tx); err != nil {
		return err
	}
	return l.analyze(ctx)
}

// fill copies rows into a temporary table and tells the planner what is in it.
func (l *loader) fill(ctx context.Context, f filling) error {
	next, stop := iter.Pull(f.rows)
	defer stop()
	_, err := l.tx.CopyFrom(ctx, pgx.Identifier{f.table}, f.names(), pgx.CopyFromFunc(func() ([]any, error) {
		row, _ := next() // nil ends it
		return row, nil
	}))
	if err == nil {
		_, err = l.tx.Exec(ctx, `ANALYZE `+f.table)
	}
	if err != nil {
		return fmt.Errorf("fill %s: %w", f.table, err)
	}
	return nil
}
