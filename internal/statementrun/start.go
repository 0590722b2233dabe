package statementrun

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// Start has a job make the statements of all whom the choice fits; those who get none
// are kept with the reason. A company has one run going on at a time: of two who start
// one, the second is told.
func (d *Desk) Start(ctx context.Context, tx *tenant.Tx, ch Choice) (run int64, err error) {
	p, err := Read(ctx, tx, ch)
	if err != nil {
		return 0, err
	}
	if p.Customers == 0 {
		return 0, errs.Invalid{"": "Nobody would get a statement. Choose another day, or other customers."}
	}
	ch = p.Choice
	err = tx.QueryRow(ctx, `
		INSERT INTO statement_runs (as_of, whom, tag, owner_id, branch_id, member_id, at)
		VALUES (@as_of, @whom, @tag, nullif(@owner::bigint, 0), nullif(@branch::bigint, 0), @member, @now)
		ON CONFLICT DO NOTHING
		RETURNING id`,
		pgx.NamedArgs{"as_of": ch.AsOf, "whom": ch.Whom, "tag": ch.Tag, "owner": ch.OwnerID, "branch": ch.BranchID, "member": tx.Actor.MemberID, "now": tx.Now}).Scan(&run)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, goesOn(ctx, tx)
	}
	if err != nil {
		return 0, fmt.Errorf("begin a statement run: %w", err)
	}
	if err := p.keep(ctx, tx, run); err != nil {
		return 0, err
	}
	if err := d.worker().Begin(ctx, tx, run); err != nil {
		return 0, err
	}
	return run, tx.Audit(ctx, tenant.Event{Kind: "statement_run.started", Data: map[string]any{"run": run, "as_of": ch.AsOf, "whom": ch.Whom,
		"customers": p.Customers, "left_out": len(p.LeftOut)}})
}

// goesOn refuses a second run while one goes on.
func goesOn(ctx context.Context, tx *tenant.Tx) error {
	list, err := List(ctx, tx, 0, 1)
	if err != nil {
		return err
	}
	said := "Another statement run"
	if len(list) > 0 && list[0].FinishedAt == nil {
		said = fmt.Sprintf("A statement run that %s started at %s", list[0].Member, list[0].At.In(tx.Actor.Tenant.Zone).Format("15:04"))
	}
	return errs.Conflict(said + " still goes on. Wait until it is finished and look whether it is the one you want: it stands first under Statements.")
}

// keep writes who gets a statement and who does not.
func (p Plan) keep(ctx context.Context, tx *tenant.Tx, run int64) error {
	customers, whys := make([]int64, len(p.list)), make([]string, len(p.list))
	for i, c := range p.list {
		customers[i], whys[i] = c.ID, c.why
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO statement_run_customers (run_id, customer_id, state, why, at)
		SELECT @run, n.customer, CASE n.why WHEN '' THEN 'waiting' ELSE 'left' END, left(n.why, 1000), CASE WHEN n.why <> '' THEN clock_timestamp() END
		FROM unnest(@customers::bigint[], @whys::text[]) AS n (customer, why)
		ORDER BY n.customer`, pgx.NamedArgs{"run": run, "customers": customers, "whys": whys})
	if err != nil {
		return fmt.Errorf("fill a statement run: %w", err)
	}
	return nil
}
