package activity

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/contactrule"
	"dunwell/internal/customer"
	"dunwell/internal/day"
	"dunwell/internal/dunning"
	"dunwell/internal/errs"
	"dunwell/internal/followup"
	"dunwell/internal/ledger"
	"dunwell/internal/note"
	"dunwell/internal/promise"
	"dunwell/internal/tenant"
)

// Conclusion is what came of a call, with what follows from it. A message about a
// part stands at its name and the field: promise-amount, call_back-on, follow_up-due_on.
type Conclusion struct {
	DispositionID int64
	Text          string         // what was said, in whatever words; may be empty
	Promise       *promise.Plan  // nil: none, as of all that follow
	CallBack      *CallBack      // when the debtor asked to be called
	Copies        *Copies        // that the debtor asked for
	Disputed      []int64        // items; none: which ones the text says
	Retire        bool           // the number that was called is somebody else's: it is taken out of use
	Followup      *followup.Plan // its text, where it has none, is what came of the call
	Ticked        []int64        // follow-ups of the customer that are done with it
	Done          *Done          // the open entry of the agenda is done with that
}

// Days are those on which something is to be done by it.
func (c Conclusion) Days() (days []day.Day) {
	if c.CallBack != nil {
		days = append(days, c.CallBack.On)
	}
	if c.Followup != nil {
		days = append(days, c.Followup.DueOn)
	}
	return days
}

// Kept is what a save kept besides the outcome.
type Kept struct {
	PromiseID int64
	Done      Finished
}

// Conclude says what came of a call that was placed or taken, once: whoever says it
// a second time is told what was said. It keeps all of it or nothing.
func Conclude(ctx context.Context, tx *tenant.Tx, customerID, call int64, c Conclusion) (k Kept, err error) {
	if !CanWork(tx.Actor) {
		return k, mayNotWork
	}
	if err := ledger.Hold(ctx, tx, []int64{customerID}); err != nil {
		return k, err
	}
	was, err := take(ctx, tx, customerID, call)
	if err != nil {
		return k, err
	}
	d, err := dunning.CheckOutcome(ctx, tx, c.DispositionID, &c.Text)
	if err != nil {
		return k, err
	}
	if err := c.check(was.Incoming, d); err != nil {
		return k, err
	}
	if err := contactrule.Conclude(ctx, tx, customerID, call, d.Of(c.Text)); err != nil {
		return k, err
	}
	about, err := c.about(ctx, tx, customerID)
	if err != nil {
		return k, err
	}
	if err := was.journal(ctx, tx, d, c.Text, about...); err != nil {
		return k, err
	}
	if err := dunning.Adopt(ctx, tx, customerID); err != nil {
		return k, err
	}
	if err := c.follow(ctx, tx, was, d, about, &k); err != nil {
		return k, err
	}
	if c.Done != nil {
		k.Done, err = c.Done.finish(ctx, tx, customerID)
	}
	return k, err
}

// take takes the call from those whose outcome is asked for; of two who say it at
// once the second is told what the first said.
func take(ctx context.Context, tx *tenant.Tx, customerID, id int64) (Call, error) {
	tag, err := tx.Exec(ctx, `
		DELETE FROM open_calls
		WHERE tenant_id = @tenant AND customer_id = @customer AND call_attempt_id = @call`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customer": customerID, "call": id})
	if err != nil {
		return Call{}, fmt.Errorf("take a call without an outcome: %w", err)
	}
	c, err := Find(ctx, tx, customerID, id)
	if err == nil && tag.RowsAffected() == 0 {
		err = c.said(tx)
	}
	return c, err
}

// said tells what was kept of a call that has its outcome already.
func (c Call) said(tx *tenant.Tx) error {
	if c.Open() {
		return fmt.Errorf("call %d has no outcome and nobody is asked for it", c.ID)
	}
	return errs.Conflict(fmt.Sprintf("%s saved what came of this call on %s: “%s”. Nothing was saved a second time.",
		c.SavedBy, c.SavedAt.In(tx.Actor.Tenant.Zone).Format("Mon 2 Jan, 15:04"), c.Outcome))
}

// check refuses what does not go with the outcome.
func (c Conclusion) check(incoming bool, d dunning.Disposition) error {
	var inv errs.Invalid
	inv.Check(c.Promise == nil || d.Conversation, "disposition", "A promise is made by who was spoken to. Choose an outcome that says so.")
	d.CheckCall(&inv, incoming, c.Text)
	inv.Check(!c.Retire || d.Opens == dunning.OpensWrong, "disposition", "A number goes out of use where it is the wrong one. Choose an outcome that says so.")
	inv.Check(c.CallBack != nil || d.Opens != dunning.OpensCallBack, "call_back-on", "Give the day and the hour at which they want to be called.")
	return inv.Err()
}

// about are the numbers of the items that are disputed, or of which copies are asked for.
func (c Conclusion) about(ctx context.Context, tx *tenant.Tx, customerID int64) ([]string, error) {
	if c.Copies != nil {
		numbers, err := numbersOf(ctx, tx, customerID, c.Copies.Items)
		return numbers, under("copies-", err)
	}
	numbers, err := numbersOf(ctx, tx, customerID, c.Disputed)
	return numbers, under("dispute-", err)
}

// numbersOf are those of the items, each one of the customer's.
func numbersOf(ctx context.Context, tx *tenant.Tx, customerID int64, items []int64) (numbers []string, err error) {
	if len(items) == 0 {
		return nil, nil
	}
	var all bool
	err = tx.QueryRow(ctx, `
		SELECT count(*) = (SELECT count(DISTINCT t.id) FROM unnest($3::bigint[]) t (id)), coalesce(array_agg(i.number ORDER BY i.due_on, i.id), '{}')
		FROM items i
		WHERE i.tenant_id = $1 AND i.customer_id = $2 AND i.id = ANY($3)`, tx.Actor.TenantID, customerID, items).Scan(&all, &numbers)
	if err != nil {
		return nil, fmt.Errorf("find the items that a call is about: %w", err)
	}
	if !all {
		return nil, errs.Invalid{"items": "Tick items of this customer."}
	}
	return numbers, nil
}

// journal writes the one line that a call has, with the items that it is about.
func (c Call) journal(ctx context.Context, tx *tenant.Tx, d dunning.Disposition, text string, about ...string) error {
	what := "Call to "
	if c.Incoming {
		what = "Call from "
	}
	p, err := ProgressOf(ctx, tx, c.CustomerID, c.ID)
	if err != nil {
		return err
	}
	words := d.Words(text)
	if len(about) > 0 {
		words = strings.TrimSuffix(words, ".") + ". About " + strings.Join(about, ", ") + "."
	}
	_, err = note.Add(ctx, tx, note.New{CustomerID: c.CustomerID, Kind: "call", Text: what + c.With() + ". " + p.withLength(words),
		Subject: "call_attempt", SubjectID: c.ID, Data: map[string]any{"disposition": d.ID}})
	return err
}

// follow keeps what follows from the call about the items of these numbers.
func (c Conclusion) follow(ctx context.Context, tx *tenant.Tx, was Call, d dunning.Disposition, about []string, k *Kept) (err error) {
	if c.Promise != nil {
		if k.PromiseID, err = promise.Make(ctx, tx, was.CustomerID, *c.Promise); err != nil {
			return under("promise-", err)
		}
	}
	if c.CallBack != nil {
		if err := c.CallBack.plan(ctx, tx, was, c.Text); err != nil {
			return under("call_back-", err)
		}
	}
	if c.Copies != nil {
		if err := planCopies(ctx, tx, was, about); err != nil {
			return under("copies-", err)
		}
	}
	if c.Retire {
		if err := was.retire(ctx, tx); err != nil {
			return err
		}
	}
	if err := c.tick(ctx, tx, was.CustomerID); err != nil || c.Followup == nil {
		return err
	}
	if c.Followup.Text == "" {
		c.Followup.Text = d.Words(c.Text)
	}
	_, err = followup.Schedule(ctx, tx, was.CustomerID, *c.Followup)
	return under("follow_up-", err)
}

// tick ends the follow-ups that are done with the call. One that somebody else ended
// meanwhile is what was wanted.
func (c Conclusion) tick(ctx context.Context, tx *tenant.Tx, customerID int64) error {
	for _, id := range c.Ticked {
		f, err := followup.Find(ctx, tx, customerID, id)
		if err == nil && f.State == followup.Active {
			err = followup.Complete(ctx, tx, customerID, id, "")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// retire takes the number out of use, unless it was no number of the customer's or is
// out of use already.
func (c Call) retire(ctx context.Context, tx *tenant.Tx) error {
	if c.PointID == 0 {
		return nil
	}
	p, err := customer.FindPoint(ctx, tx, c.CustomerID, c.PointID)
	if err != nil || p.Retired {
		return err
	}
	return customer.RetirePoint(ctx, tx, c.CustomerID, p.ID, p.Version)
}

// part is an error of a part of what was typed; its messages name the part.
type part struct {
	error
	inv errs.Invalid
}

// Unwrap gives the messages first, then the error as it was.
func (p part) Unwrap() []error { return []error{p.inv, p.error} }

// under puts the part's name before the fields of what was refused; other errors
// pass.
func under(name string, err error) error {
	var inv errs.Invalid
	if !errors.As(err, &inv) {
		return err
	}
	named := errs.Invalid{}
	for field, message := range inv {
		if field != "" {
			field = name + field
		}
		named[field] = message
	}
	return part{err, named}
}

// onFile tells that the call was with somebody who may ask for another one.
func (c Call) onFile() bool { return c.PointID != 0 && c.Role != customer.ThirdParty }
