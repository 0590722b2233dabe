package dunning

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/tenant"
)

// RunArgs asks for a tenant's run of a day: once a day.
type RunArgs struct {
	Tenant int64  `json:"tenant"`
	Day    string `json:"day"`
}

// Kind names the job.
func (RunArgs) Kind() string { return "dunning_run" }

// TenantID is the tenant whose customers are evaluated.
func (a RunArgs) TenantID() int64 { return a.Tenant }

// RunDue tells whether the company's run of today is to be made: dunning is on, its
// hour has come, and the program has made none today. A day that was missed needs
// none of its own: today's run finds all that opened since.
func RunDue(ctx context.Context, tx *tenant.Tx) (due bool, err error) {
	err = tx.QueryRow(ctx, `
		SELECT t.dunning_on AND t.dunning_hour <= @hour AND NOT EXISTS (
			SELECT FROM dunning_runs r
			WHERE r.tenant_id = @tenant AND r.as_of >= @today AND r.member_id IS NULL)
		FROM tenants t
		WHERE t.id = @tenant`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "today": tx.Today(), "hour": tx.Now.In(tx.Actor.Tenant.Zone).Hour()}).Scan(&due)
	if err != nil {
		return false, fmt.Errorf("ask whether a run is due: %w", err)
	}
	return due, nil
}

// RunOfDay is the body of the job. What was decided when it was asked for is asked
// again: somebody may have switched dunning off.
func RunOfDay(ctx context.Context, tx *tenant.Tx, _ RunArgs) error {
	due, err := RunDue(ctx, tx)
	if err != nil || !due {
		return err
	}
	_, err = RunOnly(ctx, tx, tx.Today())
	return err
}
