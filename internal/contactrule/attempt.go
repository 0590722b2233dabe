package contactrule

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"dunwell/internal/customer"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// Attempt is a call that is placed or taken.
type Attempt struct {
	CustomerID int64
	PointID    int64  // 0: a number that is not on file
	Number     string // as typed, where PointID is 0
	Incoming   bool
	AccountIDs []int64 // it is about; empty: all of them
	Override   string  // see Ask
}

// Outcome is what came of a call.
type Outcome struct {
	Conversation bool // with the debtor
	Data         any  // what else is known of it
}

// Record keeps a call with its outcome: Place and Conclude in one.
func Record(ctx context.Context, tx *tenant.Tx, a Attempt, o Outcome) (id int64, err error) {
	if id, err = Place(ctx, tx, a); err != nil {
		return 0, err
	}
	return id, Conclude(ctx, tx, a.CustomerID, id, o)
}

// Place keeps a call, so that it counts from now on. One that is placed is held to
// the rules first, as Check does: what they bar is not to be done. It writes no note:
// that is for whoever knows what was said.
func Place(ctx context.Context, tx *tenant.Tx, a Attempt) (id int64, err error) {
	c, err := customer.Lock(ctx, tx, a.CustomerID)
	if err != nil {
		return 0, err
	}
	care, err := customer.CareOf(ctx, tx, c.ID)
	if err != nil {
		return 0, err
	}
	if err := a.locate(c, care); err != nil {
		return 0, err
	}
	if err := ours(ctx, tx, Ask{CustomerID: a.CustomerID, AccountIDs: a.AccountIDs}); err != nil {
		return 0, err
	}
	if !a.Incoming {
		if err := Check(ctx, tx, a.ask(care)); err != nil {
			return 0, err
		}
	}
	return a.insert(ctx, tx)
}

// locate finds the number of the point, or the point of the number.
func (a *Attempt) locate(c customer.Customer, care customer.Care) error {
	if a.PointID != 0 {
		i := slices.IndexFunc(care.Points, func(p customer.ContactPoint) bool { return p.ID == a.PointID })
		if i < 0 {
			return fmt.Errorf("contact point %d: %w", a.PointID, errs.NotFound)
		}
		if care.Points[i].Kind != customer.Phone {
			return errs.Invalid{"point": "Choose a telephone number."}
		}
		a.Number = care.Points[i].Value
		return nil
	}
	number, err := customer.ParsePhone(a.Number, c.Country)
	if err != nil {
		return errs.Invalid{"number": "Choose a number that is on file, or give one with + and its country code, such as +47 22 41 09 33."}
	}
	a.Number = number
	for _, p := range care.InUse() {
		if p.Kind == customer.Phone && p.Value == number {
			a.PointID = p.ID
			return nil
		}
	}
	return nil
}

// ask is what the rules are asked. A number of which nobody knows whose it is
// counts as the one to try first; where there is none, only a stop bars it.
func (a Attempt) ask(care customer.Care) Ask {
	k := Ask{CustomerID: a.CustomerID, AccountIDs: a.AccountIDs, PointID: a.PointID, Channel: customer.Call, Override: a.Override}
	if k.PointID == 0 {
		if p := care.First(customer.Phone); p != nil {
			k.PointID = p.ID
		} else {
			k.Channel = customer.Letter
		}
	}
	return k
}

// insert writes the call with its accounts.
func (a Attempt) insert(ctx context.Context, tx *tenant.Tx) (id int64, err error) {
	direction := "out"
	if a.Incoming {
		direction = "in"
	}
	err = tx.QueryRow(ctx, `
		WITH call AS (
			INSERT INTO call_attempts (customer_id, contact_point_id, direction, number, asked_for, member_id, at)
			VALUES (@customer, nullif(@point::bigint, 0), @direction, @number, @direction = 'out' AND EXISTS (
				SELECT FROM contact_requests w
				WHERE w.tenant_id = @tenant AND w.customer_id = @customer AND w.contact_point_id = @point AND w.channel = 'call'
					AND coalesce(w.not_before, w.at) <= @now AND w.until > @now), nullif(@member::bigint, 0), @now)
			RETURNING id
		), about AS (
			INSERT INTO call_attempt_accounts (customer_id, call_attempt_id, account_id)
			SELECT DISTINCT @customer::bigint, call.id, n.account
			FROM call, unnest(@accounts::bigint[]) AS n (account)
		)
		SELECT id FROM call`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customer": a.CustomerID, "point": a.PointID, "direction": direction, "number": a.Number,
			"member": tx.Actor.MemberID, "now": tx.Now, "accounts": a.AccountIDs}).Scan(&id)
	if err != nil {
		return 0, fmt.Errorf("record a call: %w", err)
	}
	return id, nil
}

// Conclude keeps what came of a call that has no outcome yet.
func Conclude(ctx context.Context, tx *tenant.Tx, customerID, call int64, o Outcome) error {
	if o.Data == nil {
		o.Data = struct{}{}
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO call_events (customer_id, call_attempt_id, kind, conversation, data, member_id, at)
		VALUES (@customer, @call, 'outcome', @conversation, @data, nullif(@member::bigint, 0), @now)`,
		pgx.NamedArgs{"customer": customerID, "call": call, "conversation": o.Conversation, "data": o.Data, "member": tx.Actor.MemberID, "now": tx.Now})
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.ConstraintName == "call_events_one_outcome" {
		return errs.Conflict("Somebody has said already what came of this call.")
	}
	if err != nil {
		return fmt.Errorf("keep what came of a call: %w", err)
	}
	tx.Touch(customerID)
	return nil
}
