package promise

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/tenant"
)

// DecideArgs asks to decide the promises of a tenant whose last day is over: once
// an hour, as far as payments are loaded by then.
type DecideArgs struct {
	Tenant int64  `json:"tenant"`
	Hour   string `json:"hour"`
}

// Kind names the job.
func (DecideArgs) Kind() string { return "decide_promises" }

// TenantID is the tenant whose promises are decided.
func (a DecideArgs) TenantID() int64 { return a.Tenant }

// ripeSQL chooses the instalments i that can be decided although nothing was paid.
const ripeSQL = `
	FROM instalments i
	WHERE i.tenant_id = @tenant AND i.state = 'open' AND i.grace_on < @over`

// Ripe tells that there is something to be decided by itself.
func Ripe(ctx context.Context, tx *tenant.Tx) (ripe bool, err error) {
	over := loadedTo(tx)
	if over.IsZero() {
		return false, nil
	}
	err = tx.QueryRow(ctx, `SELECT EXISTS (SELECT`+ripeSQL+`)`, pgx.NamedArgs{"tenant": tx.Actor.TenantID, "over": over}).Scan(&ripe)
	if err != nil {
		return false, fmt.Errorf("ask whether promises are to be decided: %w", err)
	}
	return ripe, nil
}

// DecideOfHour is the body of the job.
func DecideOfHour(ctx context.Context, tx *tenant.Tx, _ DecideArgs) error {
	return DecideAll(ctx, tx)
}
