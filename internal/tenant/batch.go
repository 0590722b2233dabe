package tenant

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Batch is what is asked of the database in one round trip. Domains put their
// questions into it, the screen that shows the answers sends it. The answers are
// there once it was sent, and only if that went well. What an answer makes one ask
// besides goes into the same batch and takes a second round trip.
type Batch struct {
	Tx    *Tx
	batch pgx.Batch
	unfit error

	seldom []seldom
	lastly []func()
}

// Batch begins an empty one.
func (tx *Tx) Batch() *Batch { return &Batch{Tx: tx} }

// PlanOnce has the database plan what is asked from here on once a connection, by the
// indexes: for pages that are opened all day, whose questions take less time than a
// plan. Left to itself it plans anew each time where the table seemed empty, or reads
// whole tables because for some argument much would be found. Not for questions whose
// best plan depends on what is asked for. It lasts as long as the transaction.
func (b *Batch) PlanOnce() {
	b.Queue("say how to plan", `SELECT set_config('plan_cache_mode', 'force_generic_plan', true), set_config('enable_seqscan', 'off', true)`, nil,
		func(rows pgx.Rows) error {
			rows.Close()
			return rows.Err()
		})
}

// Queue adds a question; read gets its rows. Doing is what an error says was
// being done.
func (b *Batch) Queue(doing, sql string, args pgx.NamedArgs, read func(pgx.Rows) error) {
	b.batch.Queue(sql, named(args)).Query(func(rows pgx.Rows) error {
		err := read(rows)
		if err != nil {
			err = fmt.Errorf("%s: %w", doing, err)
		}
		// What was read and does not fit, such as no row where one is needed, is
		// no reason for pgx to throw away all statements that it has prepared.
		if err != nil && rows.Err() == nil {
			b.unfit = errors.Join(b.unfit, err)
			return nil
		}
		return err
	})
}

// Lastly has f called when all that was asked is there.
func (b *Batch) Lastly(f func()) { b.lastly = append(b.lastly, f) }

// Send asks everything.
func (b *Batch) Send(ctx context.Context) error {
	for (b.batch.Len() > 0 || len(b.seldom) > 0) && b.unfit == nil {
		b.queueSeldom()
		now := b.batch
		b.batch = pgx.Batch{}
		if err := b.Tx.SendBatch(ctx, &now).Close(); err != nil {
			return err
		}
	}
	if b.unfit == nil {
		for _, f := range b.lastly {
			f()
		}
		b.lastly = nil
	}
	return b.unfit
}

// First reads the first row; nil stays where there is none.
func First[T any](at **T) func(pgx.Rows) error {
	return func(rows pgx.Rows) error {
		row, err := pgx.CollectOneRow(rows, pgx.RowToAddrOfStructByName[T])
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		*at = row
		return err
	}
}
