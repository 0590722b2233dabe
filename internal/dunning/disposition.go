package dunning

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// Disposition is an outcome of a call, as people pick it.
type Disposition struct {
	ID int64
	Outcome
	Retired bool
	Version int
}

// Outcome is what is typed of a disposition.
type Outcome struct {
	Name         string
	RightParty   bool // it was the debtor, or who speaks for it
	Conversation bool // the debt was spoken about
	Nobody       bool // nobody was there; no call that came in ends so
	DelayDays    int  // when to try again, in working days; -1: it is not proposed
	Opens        Opening
}

// Opening is what an outcome asks for besides the text and the follow-up.
type Opening string

// What there is to be asked for.
const (
	OpensNothing  Opening = ""
	OpensPromise  Opening = "promise"
	OpensCallBack Opening = "call_back"
	OpensCopies   Opening = "copies"
	OpensDispute  Opening = "dispute"
	OpensWrong    Opening = "wrong_number"
)

// Openings lists them in the order in which they are offered.
var Openings = []Opening{OpensNothing, OpensPromise, OpensCallBack, OpensCopies, OpensDispute, OpensWrong}

// Name is what is asked for as people read it.
func (o Opening) Name() string {
	switch o {
	case OpensPromise:
		return "a promise to pay"
	case OpensCallBack:
		return "when to call back"
	case OpensCopies:
		return "copies to send"
	case OpensDispute:
		return "what is disputed"
	case OpensWrong:
		return "whether the number goes out of use"
	}
	return "nothing more"
}

// Dispositions lists those in use in their order, for everybody.
func Dispositions(ctx context.Context, tx *tenant.Tx) ([]Disposition, error) {
	return dispositions(ctx, tx, ` AND d.retired_at IS NULL`)
}

// AllDispositions lists those in use in their order, then the retired ones.
func AllDispositions(ctx context.Context, tx *tenant.Tx) ([]Disposition, error) {
	if err := mayReadSetup(tx.Actor); err != nil {
		return nil, err
	}
	return dispositions(ctx, tx, "")
}

// FindDisposition reads one, in use or not.
func FindDisposition(ctx context.Context, tx *tenant.Tx, id int64) (Disposition, error) {
	all, err := dispositions(ctx, tx, "")
	if err != nil {
		return Disposition{}, err
	}
	return pickDisposition(all, id)
}

func pickDisposition(all []Disposition, id int64) (Disposition, error) {
	at := slices.IndexFunc(all, func(d Disposition) bool { return d.ID == id })
	if at < 0 {
		return Disposition{}, fmt.Errorf("disposition %d: %w", id, errs.NotFound)
	}
	return all[at], nil
}

func dispositions(ctx context.Context, tx *tenant.Tx, which string) ([]Disposition, error) {
	rows, _ := tx.Query(ctx, `
		SELECT d.id, d.name, d.right_party, d.conversation, d.nobody, coalesce(d.delay_days, -1), d.opens, d.retired_at IS NOT NULL AS retired, d.version
		FROM dispositions d
		WHERE d.tenant_id = @tenant`+which+`
		ORDER BY retired, d.position, lower(d.name), d.id`, pgx.NamedArgs{"tenant": tx.Actor.TenantID})
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (d Disposition, err error) {
		err = row.Scan(&d.ID, &d.Name, &d.RightParty, &d.Conversation, &d.Nobody, &d.DelayDays, &d.Opens, &d.Retired, &d.Version)
		return d, err
	})
	if err != nil {
		return nil, fmt.Errorf("read dispositions: %w", err)
	}
	return list, nil
}

// check brings what was typed into form and refuses what cannot be used.
func (o *Outcome) check() error {
	var inv errs.Invalid
	checkName(&inv, &o.Name, 60)
	inv.Check(o.RightParty || !o.Conversation, "conversation", "The debt is spoken about with the right party only: tick that too, or take this back.")
	inv.Check(!o.RightParty || !o.Nobody, "nobody", "With the right party somebody was there: take one of the two ticks away.")
	inv.Check(slices.Contains(Openings, o.Opens), "opens", "Choose one of the list.")
	inv.Check(o.Opens != OpensPromise || o.Conversation, "opens", "A promise is made by who was spoken to: tick that the debt was spoken about, or ask for something else.")
	inv.Check(o.Opens != OpensWrong || !o.RightParty, "opens", "Who was the right party has the right number: take that tick away, or ask for something else.")
	if o.DelayDays != -1 {
		checkDays(&inv, o.DelayDays, 0, 365, "delay_days")
	}
	return inv.Err()
}

// AddDisposition adds one at the end of the list.
func AddDisposition(ctx context.Context, tx *tenant.Tx, o Outcome) (id int64, err error) {
	all, err := lockDispositions(ctx, tx)
	if err != nil {
		return 0, err
	}
	if err := o.check(); err != nil {
		return 0, err
	}
	args := o.args(tx, 0)
	args["position"] = len(all) + 1
	err = tx.QueryRow(ctx, `
		INSERT INTO dispositions (name, right_party, conversation, nobody, delay_days, opens, position)
		VALUES (@name, @right, @conversation, @nobody, nullif(@delay::integer, -1), @opens, @position)
		RETURNING id`, args).Scan(&id)
	if err != nil {
		return 0, dispositionTaken(err, o.Name)
	}
	return id, auditSetup(ctx, tx, "disposition.added", id, nil, o.facts())
}

// ChangeDisposition changes one that still has the version which the actor saw.
// Calls that were logged with it keep what it said then.
func ChangeDisposition(ctx context.Context, tx *tenant.Tx, id int64, version int, o Outcome) error {
	was, _, err := lockDisposition(ctx, tx, id)
	if err != nil {
		return err
	}
	if err := o.check(); err != nil {
		return err
	}
	if was.Version != version {
		return errs.Conflict("Somebody else changed this outcome meanwhile. Look at what it says now, and save again.")
	}
	if was.Outcome == o {
		return nil
	}
	_, err = tx.Exec(ctx, `
		UPDATE dispositions
		SET name = @name, right_party = @right, conversation = @conversation, nobody = @nobody, delay_days = nullif(@delay::integer, -1),
			opens = @opens, version = version + 1
		WHERE tenant_id = @tenant AND id = @id`, o.args(tx, id))
	if err != nil {
		return dispositionTaken(err, o.Name)
	}
	return auditSetup(ctx, tx, "disposition.changed", id, was.facts(), o.facts())
}

// MoveDisposition moves one a place up in the list, or down.
func MoveDisposition(ctx context.Context, tx *tenant.Tx, id int64, up bool) error {
	d, all, err := lockDisposition(ctx, tx, id)
	if err != nil {
		return err
	}
	if d.Retired {
		return errs.Conflict("This outcome is retired, so that it has no place in the list. Take it back first.")
	}
	inUse := slices.DeleteFunc(all, func(o Disposition) bool { return o.Retired })
	order := tenant.OrderOf(inUse, func(o Disposition) int64 { return o.ID })
	from, to := order.Shift(id, up)
	if from == to {
		return nil
	}
	if err := order.Keep(ctx, tx, "dispositions"); err != nil {
		return err
	}
	return auditSetup(ctx, tx, "disposition.moved", id, map[string]any{"place": from}, map[string]any{"place": to})
}

// RetireDisposition takes one out of the list that people pick from.
func RetireDisposition(ctx context.Context, tx *tenant.Tx, id int64) error {
	return setDispositionRetired(ctx, tx, id, true)
}

// TakeBackDisposition puts a retired one back, at the end of the list.
func TakeBackDisposition(ctx context.Context, tx *tenant.Tx, id int64) error {
	return setDispositionRetired(ctx, tx, id, false)
}

func setDispositionRetired(ctx context.Context, tx *tenant.Tx, id int64, retired bool) error {
	was, all, err := lockDisposition(ctx, tx, id)
	if err != nil || was.Retired == retired {
		return err
	}
	_, err = tx.Exec(ctx, `
		UPDATE dispositions
		SET retired_at = CASE WHEN @retired THEN @now::timestamptz END, position = @position, version = version + 1
		WHERE tenant_id = @tenant AND id = @id`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "id": id, "retired": retired, "now": tx.Now, "position": len(all) + 1})
	if errors.As(dispositionTaken(err, was.Name), new(errs.Invalid)) {
		return errs.Conflict(fmt.Sprintf("Another outcome in use is called %s too. Give one of the two another name, then take this one back.", was.Name))
	}
	if err != nil {
		return fmt.Errorf("retire disposition: %w", err)
	}
	if retired {
		return auditSetup(ctx, tx, "disposition.retired", id, was.facts(), nil)
	}
	return auditSetup(ctx, tx, "disposition.taken_back", id, nil, was.facts())
}

// lockDispositions asks for permission and reads the whole list, which nobody else
// changes until the transaction ends.
func lockDispositions(ctx context.Context, tx *tenant.Tx) ([]Disposition, error) {
	if err := maySet(tx.Actor); err != nil {
		return nil, err
	}
	_, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtext('dispositions'), $1::bigint::integer)`, tx.Actor.TenantID)
	if err != nil {
		return nil, fmt.Errorf("hold the dispositions: %w", err)
	}
	return dispositions(ctx, tx, "")
}

func lockDisposition(ctx context.Context, tx *tenant.Tx, id int64) (Disposition, []Disposition, error) {
	all, err := lockDispositions(ctx, tx)
	if err != nil {
		return Disposition{}, nil, err
	}
	d, err := pickDisposition(all, id)
	return d, all, err
}

func (o Outcome) args(tx *tenant.Tx, id int64) pgx.NamedArgs {
	return pgx.NamedArgs{"tenant": tx.Actor.TenantID, "id": id, "name": o.Name, "right": o.RightParty, "conversation": o.Conversation, "nobody": o.Nobody,
		"delay": o.DelayDays, "opens": o.Opens}
}

func (o Outcome) facts() map[string]any {
	again := any("not proposed")
	if o.DelayDays >= 0 {
		again = o.DelayDays
	}
	return map[string]any{"name": o.Name, "right_party": o.RightParty, "conversation": o.Conversation, "nobody_there": o.Nobody,
		"working_days_to_the_next_try": again, "asks_for": o.Opens.Name()}
}

// dispositionTaken says so where another one in use has the name; other errors
// pass.
func dispositionTaken(err error, name string) error {
	switch {
	case err == nil:
		return nil
	case breaks(err, "dispositions_name"):
		return errs.Invalid{"name": fmt.Sprintf("There is an outcome called %s already. Choose another name, or change that one.", name)}
	}
	return fmt.Errorf("save disposition: %w", err)
}
