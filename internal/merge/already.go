package merge

import (
	"context"
	"fmt"
	"time"

	"dunwell/internal/customer"
	"dunwell/internal/tenant"
)

// Already is a merging that somebody else did first.
type Already struct {
	Gone, Stays customer.Customer
	By          string
	At          time.Time // in the company's zone
}

// String says it in a sentence.
func (a Already) String() string {
	return fmt.Sprintf("%s, %s, was merged into %s, %s, already: it was %s on %s. Nothing of yours was done.",
		a.Gone.Number, a.Gone.Name, a.Stays.Number, a.Stays.Name, a.By, a.At.Format("Mon 2 Jan, 15:04"))
}

// FindAlready tells of two customers whether one was merged into the other, or into a
// third; nil: both are customers of their own.
func FindAlready(ctx context.Context, tx *tenant.Tx, one, other int64) (*Already, error) {
	for _, id := range []int64{one, other} {
		gone, err := customer.Find(ctx, tx, id)
		if err != nil {
			return nil, err
		}
		if gone.MergedInto == nil {
			continue
		}
		a := Already{Gone: gone}
		if a.Stays, err = customer.Find(ctx, tx, *gone.MergedInto); err != nil {
			return nil, err
		}
		err = tx.QueryRow(ctx, `
			SELECT author, at
			FROM notes
			WHERE tenant_id = $1 AND customer_id = $2 AND kind = 'merge'
			ORDER BY seq DESC
			LIMIT 1`, tx.Actor.TenantID, gone.ID).Scan(&a.By, &a.At)
		if err != nil {
			return nil, fmt.Errorf("find who merged a customer: %w", err)
		}
		a.At = a.At.In(tx.Actor.Tenant.Zone)
		return &a, nil
	}
	return nil, nil
}
