// Package promise has the promises to pay: what a customer said would come by when,
// what came of it, and what may not be chased meanwhile. Money is the ledger's, and
// reminding of what was promised is the follow-ups'; here both are only looked at.
package promise

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/day"
	"dunwell/internal/errs"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
)

// State is where an instalment stands, or a promise as a whole.
type State string

// The states. A promise is open while one of its instalments is; it is kept or
// broken where all of them are, and otherwise kept in part.
const (
	Open      State = "open"
	Kept      State = "kept"
	PartKept  State = "part_kept"
	Broken    State = "broken"
	Replaced  State = "replaced"
	Withdrawn State = "withdrawn"
)

// States lists the states in the order in which people look at them.
var States = []State{Open, Broken, PartKept, Kept, Replaced, Withdrawn}

// failed tells a promise that was not kept, or not wholly.
func (s State) failed() bool { return s == Broken || s == PartKept }

// words says a state within a sentence.
func (s State) words() string {
	if s == PartKept {
		return "kept in part"
	}
	return string(s)
}

// Promise is a promise to pay. Amounts are minor units of its currency.
type Promise struct {
	ID           int64
	CustomerID   int64
	AccountID    int64
	Account      string // its number
	Currency     money.Currency
	Minor        int64
	Tolerance    int64 // by how much an instalment may be short
	Collectable  int64 // what could be collected when it was made
	AssigneeID   int64
	Assignee     string
	Text         string
	State        State
	Replacements int    // how many promises before it were replaced, one by the next
	Allowed      int    // how many may be, by the company's rules of today
	Running      bool   // an open instalment is not past its date: it would be replaced
	FollowedBy   *int64 // the promise made instead of it, or after its date
	AuthorID     *int64
	Author       string
	MadeOn       day.Day
	MadeAt       time.Time
	Version      int

	Instalments []Instalment `db:"-"` // by their dates
	Items       []Item       `db:"-"` // the oldest first
}

// Amount is what was promised in all.
func (p Promise) Amount() money.Amount { return money.New(p.Minor, p.Currency) }

// DueOn is the date of the next open instalment, or of the last one.
func (p Promise) DueOn() (on day.Day) {
	for _, i := range p.Instalments {
		if on = i.DueOn; i.State == Open {
			break
		}
	}
	return on
}

// Instalment is what was promised for one day.
type Instalment struct {
	ID         int64
	PromiseID  int64
	Number     int // within the promise, from 1
	DueOn      day.Day
	GraceOn    day.Day // money counts that came up to this day
	Minor      int64
	Received   int64 // of it, in minor units
	State      State
	FollowUpID *int64 // put on the assignee when it was not kept

	Decisions []Decision `db:"-"` // the oldest first
}

// Waiting tells that the last day for the money is over and nobody can say yet
// whether it came: payments are not loaded so far.
func (i Instalment) Waiting(today day.Day) bool { return i.State == Open && i.GraceOn.Before(today) }

// Item is what was promised of an item.
type Item struct {
	PromiseID int64
	ItemID    int64
	Number    string
	DueOn     day.Day
	Minor     int64
	Open      int64 // owed on the item now
	PassedOn  bool  // it went on to a later promise
}

// Decision is what was decided about an instalment, and from what.
type Decision struct {
	InstalmentID int64
	FromState    State
	State        State
	Received     int64
	Inputs       Inputs
	Person       string // whose change it followed from; empty: the program's own
	OnDay        day.Day
	At           time.Time
}

// Inputs are what a decision was made from. A Reason is a person's, of what was
// withdrawn; FollowedBy is the promise that replaced this one.
type Inputs struct {
	Amount     int64      `json:"amount"`
	Tolerance  int64      `json:"tolerance"`
	DueOn      day.Day    `json:"due_on"`
	GraceOn    day.Day    `json:"grace_on"`
	KnownTo    int64      `json:"known_to"` // the newest payment that was in the ledger when it was promised
	LoadedTo   *time.Time `json:"payments_loaded_to"`
	Payments   []Taken    `json:"payments"`
	FollowedBy int64      `json:"followed_by,omitempty"`
	Reason     string     `json:"reason,omitempty"`
}

// Taken is how much of a payment counts for an instalment.
type Taken struct {
	PaymentID int64   `json:"payment"`
	ValueOn   day.Day `json:"value_on"`
	Minor     int64   `json:"amount"`
}

// CanMake tells who writes down a promise, and replaces one.
func CanMake(a tenant.Actor) bool { return a.Is(tenant.Collector) }

// CanWithdraw tells who takes back a promise that is open: managers, and whoever
// wrote it down, on the same day, because it was written wrongly.
func CanWithdraw(a tenant.Actor, p Promise, today day.Day) bool {
	mine := p.AuthorID != nil && *p.AuthorID == a.MemberID && p.MadeOn == today
	return p.State == Open && (a.Is(tenant.Manager) || mine)
}

// CanSeeAll tells who looks at everybody's promises at once.
func CanSeeAll(a tenant.Actor) bool { return a.Is(tenant.Manager) }

const promisesSQL = `
	SELECT p.id, p.customer_id, p.account_id, a.number AS account, p.currency, p.amount AS minor, p.tolerance, p.collectable,
		p.assignee_id, au.name AS assignee, p.text, p.state, p.replacements, ` + replacedSQL + `, p.followed_by, p.author_id, coalesce(wu.name, 'Dunwell') AS author,
		p.made_on, p.made_at, p.version
	FROM promises p
	JOIN accounts a ON a.tenant_id = @tenant AND a.id = p.account_id
	JOIN members am ON am.tenant_id = @tenant AND am.id = p.assignee_id
	JOIN users au ON au.id = am.user_id
	LEFT JOIN members wm ON wm.tenant_id = @tenant AND wm.id = p.author_id
	LEFT JOIN users wu ON wu.id = wm.user_id
	WHERE p.tenant_id = @tenant AND p.customer_id = @customer `

// CustomerOf is the customer who made a promise.
func CustomerOf(ctx context.Context, tx *tenant.Tx, id int64) (customer int64, err error) {
	err = tx.QueryRow(ctx, `
		SELECT p.customer_id
		FROM promises p
		WHERE p.tenant_id = $1 AND p.id = $2`, tx.Actor.TenantID, id).Scan(&customer)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, fmt.Errorf("promise %d: %w", id, errs.NotFound)
	}
	if err != nil {
		return 0, fmt.Errorf("find a promise: %w", err)
	}
	return customer, nil
}

// Find reads one of the customer's promises, with its instalments, items and
// decisions.
func Find(ctx context.Context, tx *tenant.Tx, customerID, id int64) (Promise, error) {
	var list []Promise
	b := tx.Batch()
	queue(b, customerID, id, 1, &list)
	if err := b.Send(ctx); err != nil {
		return Promise{}, err
	}
	if len(list) == 0 {
		return Promise{}, fmt.Errorf("promise %d: %w", id, errs.NotFound)
	}
	return list[0], nil
}
