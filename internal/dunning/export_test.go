package dunning

import (
	"context"

	"dunwell/internal/day"
	"dunwell/internal/tenant"
)

// Verdict is what the evaluation says of a customer.
type Verdict = verdict

// Evaluate is the evaluation itself.
func Evaluate(ctx context.Context, tx *tenant.Tx, asOf day.Day) ([]Verdict, error) {
	return evaluate(ctx, tx, asOf, nil)
}

// EvaluateSQL is the beginning of a statement that goes on from judged.
var EvaluateSQL = evaluateAll

// ReadAgenda is QueueAgenda in a batch of its own.
func ReadAgenda(ctx context.Context, tx *tenant.Tx, f Filter) (a Agenda, err error) {
	b := tx.Batch()
	if err := QueueAgenda(b, f, &a); err != nil {
		return a, err
	}
	err = b.Send(ctx)
	return a, err
}

// AutomaticBulk is what the program does with what automatic levels send.
var AutomaticBulk = automaticBulk
