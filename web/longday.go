package web

import (
	"context"
	"fmt"
	"time"

	"dunwell/internal/diary"
	"dunwell/internal/tenant"
)

// KeepCounts keeps how much there is to do in a member's long day, for a minute and until
// the person does something: to count it takes longer than to read a page of it.
func (a *App) KeepCounts(ctx context.Context, tx *tenant.Tx, member int64, c diary.Counts) {
	a.Sessions.Put(ctx, longDay, fmt.Sprint(tx.Actor.TenantID, member, tx.Today(), tx.Now.Unix(), c.Total, c.Late, c.Reviews))
}

// KeptCounts are those; zero where none are kept.
func (a *App) KeptCounts(ctx context.Context, tx *tenant.Tx, member int64) (c diary.Counts) {
	var tenantID, of, at int64
	var today string
	n, _ := fmt.Sscan(a.Sessions.GetString(ctx, longDay), &tenantID, &of, &today, &at, &c.Total, &c.Late, &c.Reviews)
	age := tx.Now.Sub(time.Unix(at, 0))
	if n < 7 || tenantID != tx.Actor.TenantID || of != member || today != fmt.Sprint(tx.Today()) || age < 0 || age >= time.Minute {
		return diary.Counts{}
	}
	return c
}

const longDay = "long day"
