package dbtest

import (
	"context"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
)

// Counter counts the statements sent to the database, those of a batch one by
// one, and the round trips that they took, so that a test can hold a page to a
// fixed number of both.
type Counter struct{ n, trips atomic.Int64 }

// Take returns the count of statements and starts again from zero.
func (c *Counter) Take() int64 { return c.n.Swap(0) }

// TakeTrips returns the count of round trips and starts again from zero.
func (c *Counter) TakeTrips() int64 { return c.trips.Swap(0) }

// TraceQueryStart counts a statement.
func (c *Counter) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	c.n.Add(1)
	c.trips.Add(1)
	return ctx
}

// TraceQueryEnd does nothing.
func (c *Counter) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// TraceBatchStart counts a round trip: each of its statements is counted by itself.
func (c *Counter) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	c.trips.Add(1)
	return ctx
}

// TraceBatchQuery counts a statement of a batch.
func (c *Counter) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) { c.n.Add(1) }

// TraceBatchEnd does nothing.
func (c *Counter) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}
