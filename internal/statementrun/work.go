package statementrun

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// Args asks to make the statements of a run.
type Args struct {
	Tenant int64 `json:"tenant"`
	Run    int64 `json:"run"`
}

// Kind names the job.
func (Args) Kind() string { return "make_statements" }

const (
	// hands is how many statements are made at once.
	hands = 4
	// mostAttempts is how often one is tried that fails for no reason that can be told.
	// With the pauses of a job between them that takes more than an hour.
	mostAttempts = 8
	// mostTold is of how many failures a hand's error tells.
	mostTold = 10
)

// Work is the body of the job. Each statement is made, kept, noted and marked in one
// transaction of its own: killed at any moment and started again, or done twice at
// once, it loses nothing and does nothing twice. It holds a statement a hand.
func (d *Desk) Work(ctx context.Context, a Args) error {
	var all sync.WaitGroup
	var seen attempted
	failed := make([]error, hands)
	for i := range hands {
		all.Go(func() { failed[i] = d.workAll(ctx, a, &seen) })
	}
	all.Wait()
	return errors.Join(errors.Join(failed...), d.finish(ctx, a))
}

// attempted are the customers whose statements did not come to be, so that another hand
// does not try them at once.
type attempted struct {
	sync.Mutex
	customers []int64
}

func (s *attempted) add(customer int64) {
	s.Lock()
	defer s.Unlock()
	s.customers = append(s.customers, customer)
}

func (s *attempted) list() []int64 {
	s.Lock()
	defer s.Unlock()
	return append([]int64{}, s.customers...) // none is an empty list to the database
}

// finish ends the run where nobody waits any more.
func (d *Desk) finish(ctx context.Context, a Args) error {
	return d.Box.DB.Write(ctx, tenant.System(a.Tenant), func(tx *tenant.Tx) error {
		_, err := tx.Exec(ctx, `
			UPDATE statement_runs
			SET finished_at = clock_timestamp()
			WHERE tenant_id = $1 AND id = $2 AND finished_at IS NULL
				AND NOT EXISTS (SELECT FROM statement_run_customers c WHERE c.tenant_id = $1 AND c.run_id = $2 AND c.state = 'waiting')`, a.Tenant, a.Run)
		if err != nil {
			return fmt.Errorf("finish a statement run: %w", err)
		}
		return nil
	})
}

// workAll makes what waits, one after the other. What is refused is left with its
// reason; what fails waits for the next attempt, and the others go on.
func (d *Desk) workAll(ctx context.Context, a Args, seen *attempted) error {
	var failed []error
	for {
		customer, err := d.workNext(ctx, a, seen)
		switch why, refused := errs.Refusal(err); {
		case err == nil && customer == 0:
			return errors.Join(failed...)
		case refused && customer != 0:
			err = d.leave(ctx, a, customer, why)
		case err != nil && customer != 0 && ctx.Err() == nil:
			seen.add(customer) // it may have failed at the very end
			err = errors.Join(fmt.Errorf("customer %d: %w", customer, err), d.failed(ctx, a, customer))
		}
		if ctx.Err() != nil || err != nil && customer == 0 {
			return errors.Join(append(failed, err)...)
		}
		if err != nil && len(failed) < mostTold { // the others are counted with each customer
			failed = append(failed, err)
		}
	}
}

// workNext makes the next statement that nobody else makes; 0: there is none.
func (d *Desk) workNext(ctx context.Context, a Args, seen *attempted) (customer int64, err error) {
	err = d.Box.DB.Write(ctx, tenant.System(a.Tenant), func(tx *tenant.Tx) error {
		t, err := takeTurn(ctx, tx, a.Run, seen.list())
		for err == nil && slices.Contains(seen.list(), t.Customer) { // let go by another hand just now
			t, err = takeTurn(ctx, tx, a.Run, seen.list())
		}
		if err != nil || t.Customer == 0 {
			return err
		}
		customer = t.Customer
		made, err := d.make(ctx, tx, t)
		if err != nil {
			seen.add(customer) // while it is held
			return err
		}
		_, err = tx.Exec(ctx, `
			UPDATE statement_run_customers
			SET state = 'done', document_id = @document, at = clock_timestamp()
			WHERE tenant_id = @tenant AND run_id = @run AND customer_id = @customer`,
			pgx.NamedArgs{"tenant": a.Tenant, "run": a.Run, "customer": customer, "document": made})
		if err != nil {
			return fmt.Errorf("mark a customer of a statement run: %w", err)
		}
		return nil
	})
	return customer, err
}

// leave marks a customer for whom nothing is made.
func (d *Desk) leave(ctx context.Context, a Args, customer int64, why string) error {
	return d.mark(ctx, a, `
		UPDATE statement_run_customers
		SET state = 'left', why = left(@why, 1000), at = clock_timestamp()
		WHERE tenant_id = @tenant AND run_id = @run AND customer_id = @customer AND state = 'waiting'`, pgx.NamedArgs{"customer": customer, "why": why})
}

// failed counts an attempt that failed; the last one leaves the customer out, so that
// one of them does not hold up the run for ever.
func (d *Desk) failed(ctx context.Context, a Args, customer int64) error {
	return d.mark(ctx, a, `
		UPDATE statement_run_customers
		SET attempts = attempts + 1, state = CASE WHEN attempts + 1 < @most THEN state ELSE 'left' END, why = CASE WHEN attempts + 1 < @most THEN why ELSE @why END,
			at = CASE WHEN attempts + 1 < @most THEN at ELSE clock_timestamp() END
		WHERE tenant_id = @tenant AND run_id = @run AND customer_id = @customer AND state = 'waiting'`,
		pgx.NamedArgs{"customer": customer, "most": mostAttempts,
			"why": fmt.Sprintf("It failed %d times. Your administrator finds in the log why; make this one on the customer's page.", mostAttempts)})
}

func (d *Desk) mark(ctx context.Context, a Args, sql string, args pgx.NamedArgs) error {
	args["tenant"], args["run"] = a.Tenant, a.Run
	return d.Box.DB.Write(ctx, tenant.System(a.Tenant), func(tx *tenant.Tx) error {
		if _, err := tx.Exec(ctx, sql, args); err != nil {
			return fmt.Errorf("leave a customer of a statement run: %w", err)
		}
		return nil
	})
}
