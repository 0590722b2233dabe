package promise

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/day"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
)

// Outcome is a decision that was made just now about an instalment.
type Outcome struct {
	CustomerID int64
	PromiseID  int64
	ID         int64 // of the instalment
	From       State
	State      State
	Amount     money.Amount
	Received   int64 // minor units
}

// Failed tells that the customer did not do what was promised, which was not known
// before.
func (o Outcome) Failed() bool { return o.State.failed() && !o.From.failed() }

// Recovered tells that the money came in time although it had been said that it did
// not.
func (o Outcome) Recovered() bool { return o.From.failed() && !o.State.failed() }

// Decide brings the promises of these customers to what the ledger says, and returns
// what was decided. Done again it changes nothing. It is for the hook before commit,
// ahead of the customers' figures; elsewhere tx.Touch does it.
//
// An instalment is kept with money of its account and currency that was not in the
// ledger when the promise was made and is value-dated up to its last day, applied or
// not. Each cent counts once: first for what is due first, and there first what was
// recorded first. That it was not kept is only said when that day is over and all
// payments of it are loaded; from then on it stays said, unless money turns up.
func Decide(ctx context.Context, tx *tenant.Tx, customers []int64) ([]Outcome, error) {
	promisers, list, err := verdicts(ctx, tx, customers)
	if err != nil || len(promisers) == 0 {
		return nil, err
	}
	var said []verdict
	for _, v := range list {
		if v.said() {
			said = append(said, v)
		}
	}
	if len(list) > 0 {
		if err := carryOut(ctx, tx, list, said); err != nil {
			return nil, err
		}
	}
	outcomes := make([]Outcome, len(said))
	for n, v := range said {
		outcomes[n] = v.Outcome
	}
	return outcomes, holdBack(ctx, tx, promisers)
}

// DecideAll has decided, at the end of the transaction, what time makes ripe:
// instalments whose last day is over and whose payments are loaded. Whoever says up to
// when they are loaded calls it. It waits for nobody: an account whose money is being
// moved is left to who moves it, or to the next hour.
func DecideAll(ctx context.Context, tx *tenant.Tx) error {
	over := loadedTo(tx)
	if over.IsZero() {
		return nil
	}
	rows, _ := tx.Query(ctx, `
		SELECT a.customer_id
		FROM accounts a
		WHERE a.tenant_id = @tenant AND a.id IN (
			SELECT p.account_id
			FROM promises p
			WHERE p.tenant_id = @tenant AND p.id IN (SELECT i.promise_id`+ripeSQL+`))
		ORDER BY a.id
		FOR NO KEY UPDATE SKIP LOCKED`, pgx.NamedArgs{"tenant": tx.Actor.TenantID, "over": over})
	customers, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return fmt.Errorf("find the promises to be decided: %w", err)
	}
	tx.Touch(customers...)
	return nil
}

// loadedTo is the day up to which, itself left out, all payments are loaded; zero
// where nobody has said so yet.
func loadedTo(tx *tenant.Tx) day.Day {
	to := tx.Actor.Tenant.PaymentsLoadedTo
	if to == nil {
		return day.Day{}
	}
	d := day.Of(to.In(tx.Actor.Tenant.Zone))
	if today := tx.Today(); d.After(today) {
		return today
	}
	return d
}

// verdict is what is decided about an instalment.
type verdict struct {
	Outcome
	claim  claim
	inputs Inputs
}

// said tells that it is a decision: not only that some of the money came.
func (v verdict) said() bool {
	return v.State != v.From || v.State == PartKept && v.Received != v.claim.Received
}

// claim is an instalment that money can be taken for.
type claim struct {
	ID, CustomerID, PromiseID, AssigneeID int64
	Number                                int
	DueOn, GraceOn                        day.Day
	Minor, Tolerance                      int64
	KnownTo                               int64
	Received                              int64
	State                                 State
	FollowUpID                            int64
}

// due orders what is due first before the rest.
func (c claim) due(d claim) int {
	return cmp.Or(c.GraceOn.Sub(d.GraceOn), c.DueOn.Sub(d.DueOn), cmp.Compare(c.PromiseID, d.PromiseID), cmp.Compare(c.Number, d.Number))
}

// stands says how the instalment stands with that much money.
func (c claim) stands(received int64, over day.Day) State {
	switch {
	case received >= max(c.Minor-c.Tolerance, 1):
		return Kept
	case !c.State.failed() && !c.GraceOn.Before(over):
		return Open
	case received > 0:
		return PartKept
	}
	return Broken
}

// receipt is a payment with what is left of it to be taken.
type receipt struct {
	ID   int64
	On   day.Day
	Left int64
}

// pool is all that counts for and against the promises of an account in a currency.
type pool struct {
	currency money.Currency
	claims   []claim
	receipts []receipt
}

// share gives each claim its money, what is due first before the rest.
func (p *pool) share(yield func(c claim, received int64, taken []Taken)) {
	slices.SortFunc(p.claims, claim.due)
	slices.SortFunc(p.receipts, func(a, b receipt) int { return cmp.Compare(a.ID, b.ID) })
	for _, c := range p.claims {
		received, taken := int64(0), []Taken{}
		for n := range p.receipts {
			r := &p.receipts[n]
			part := min(r.Left, c.Minor-received)
			if part > 0 && r.ID > c.KnownTo && !r.On.After(c.GraceOn) {
				r.Left, received = r.Left-part, received+part
				taken = append(taken, Taken{r.ID, r.On, part})
			}
		}
		yield(c, received, taken)
	}
}
