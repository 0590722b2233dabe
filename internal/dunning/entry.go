// Package dunning reminds customers of what they owe: the levels that an
// administrator sets up, the run that finds who is to be reminded today and why,
// and the entries of the agenda with what people do about them. What may be chased
// the ledger says; message sends, contactrule tells whether one may.
package dunning

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/customer"
	"dunwell/internal/day"
	"dunwell/internal/errs"
	"dunwell/internal/ledger"
	"dunwell/internal/money"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// State is how far the work on an entry has come.
type State string

// The states. Withdrawn: nothing was left to be done before anybody did it.
const (
	Open      State = "open"
	Done      State = "done"
	Withdrawn State = "withdrawn"
)

// Why is what made an entry open.
type Why string

// The reasons. Last: the last level was sent and a manager is asked; ChosenDay: the
// day that somebody chose for the customer has come.
const (
	WhyLevel         Why = "level"
	WhyRepeat        Why = "repeat"
	WhyLast          Why = "last"
	WhyChosenDay     Why = "chosen_day"
	WhyBrokenPromise Why = "broken_promise"
	WhyReply         Why = "reply"
	WhyBounce        Why = "bounce"
	WhyReversal      Why = "reversal"
)

// Entry is a customer who is to be reminded now, or was. What it says of the level,
// the item and the money is as of AsOf.
type Entry struct {
	ID         int64
	CustomerID int64
	Number     string // of the customer, as Name is
	Name       string
	OwnerID    int64 // the member who works the customer; 0: nobody
	State      State
	OpenedOn   day.Day
	AsOf       day.Day // when it was last looked at
	PolicyID   int64
	LevelID    int64 // 0: no level is reached
	Level      int
	LevelName  string
	Why        Why
	ItemID     int64 // the oldest of those that are due for the level
	ItemNumber string
	DueOn      day.Day // of that item
	Items      int     // how many are due for the level
	AfterDays  int     // of the level
	RemindedOn day.Day // when that item was last reminded of
	Currency   money.Currency
	ToCollect  int64 // net of credit, in that currency
	Currencies int   // in how many something is to be collected
	LaterOn    day.Day
	// LaterReason is why it was put away until LaterOn.
	LaterReason string
	DoneAskedAt *time.Time // Done was said and waits for a message to be sent
	ClosedAt    *time.Time
	Version     int
}

// entryColumns and entrySource read entries as e.
const (
	entryColumns = `e.id, e.customer_id, c.number, c.name, coalesce(e.owner_id, 0) AS owner_id, e.state, e.opened_on, e.as_of, e.policy_id,
		coalesce(e.level_id, 0) AS level_id, e.level_number AS level, coalesce(l.name, '') AS level_name, e.why, e.item_id, i.number AS item_number,
		e.due_on, e.items, coalesce(l.after_days, 0) AS after_days, i.reminded_on, e.currency, e.to_collect, e.currencies, e.later_on, e.later_reason,
		e.done_asked_at, e.closed_at, e.version`
	entrySource = `agenda_entries e
	JOIN customers c ON c.tenant_id = @tenant AND c.id = e.customer_id
	JOIN items i ON i.tenant_id = @tenant AND i.id = e.item_id
	LEFT JOIN levels l ON l.tenant_id = @tenant AND l.id = e.level_id`
)

// FindEntry reads an entry, open or closed.
func FindEntry(ctx context.Context, tx *tenant.Tx, id int64) (Entry, error) {
	return findEntry(ctx, tx, id, "")
}

func findEntry(ctx context.Context, tx *tenant.Tx, id int64, lock string) (Entry, error) {
	rows, _ := tx.Query(ctx, `
		SELECT `+entryColumns+`
		FROM `+entrySource+`
		WHERE e.tenant_id = @tenant AND e.id = @id `+lock, pgx.NamedArgs{"tenant": tx.Actor.TenantID, "id": id})
	e, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Entry])
	if errors.Is(err, pgx.ErrNoRows) {
		return Entry{}, fmt.Errorf("agenda entry: %w", errs.NotFound)
	}
	if err != nil {
		return Entry{}, fmt.Errorf("find agenda entry: %w", err)
	}
	return e, nil
}

// OpenEntry reads the customer's open entry, if there is one.
func OpenEntry(ctx context.Context, tx *tenant.Tx, customer int64) (e Entry, found bool, err error) {
	b := tx.Batch()
	QueueOpen(b, customer, &e)
	err = b.Send(ctx)
	return e, e.ID != 0, err
}

// QueueOpen is OpenEntry in a batch; where there is none, nothing is changed.
func QueueOpen(b *tenant.Batch, customer int64, into *Entry) {
	b.Queue("find the open entry", `
		SELECT `+entryColumns+`
		FROM `+entrySource+`
		WHERE e.tenant_id = @tenant AND e.customer_id = @customer AND e.state = 'open'`,
		pgx.NamedArgs{"tenant": b.Tx.Actor.TenantID, "customer": customer}, func(rows pgx.Rows) error {
			var open *Entry
			err := tenant.First(&open)(rows)
			if open != nil {
				*into = *open
			}
			return err
		})
}

// CanWork tells who works entries: everybody who sees the customer.
func CanWork(a tenant.Actor) bool { return a.System() || a.Role.AtLeast(tenant.Collector) }

// hold reads an open entry that is to be worked. It holds the customer with what it
// owes, and the entry, until the transaction ends: of two who act at once the second
// is told what the first did.
func hold(ctx context.Context, tx *tenant.Tx, id int64) (Entry, error) {
	if !CanWork(tx.Actor) {
		return Entry{}, errs.Forbidden("Only members of the company work its agenda.")
	}
	e, err := FindEntry(ctx, tx, id)
	if err != nil {
		return e, err
	}
	if err := ledger.Hold(ctx, tx, []int64{e.CustomerID}); err != nil {
		return e, err
	}
	if _, err := customer.Lock(ctx, tx, e.CustomerID); err != nil {
		return e, err
	}
	e, err = findEntry(ctx, tx, id, "FOR NO KEY UPDATE OF e")
	if err == nil && e.State != Open {
		err = over(ctx, tx, e)
	}
	return e, err
}

// over says who closed an entry, when, and after doing what.
func over(ctx context.Context, tx *tenant.Tx, e Entry) error {
	at := e.ClosedAt.In(tx.Actor.Tenant.Zone).Format("Mon 2 Jan, 15:04")
	if e.State == Withdrawn {
		return errs.Conflict(fmt.Sprintf("Nothing is left to be done about %s: the entry was withdrawn on %s.", e.Name, at))
	}
	var by string
	err := tx.QueryRow(ctx, `
		SELECT coalesce(u.name, 'Dunwell')
		FROM agenda_entries e
		LEFT JOIN members m ON m.tenant_id = $1 AND m.id = e.closed_by
		LEFT JOIN users u ON u.id = m.user_id
		WHERE e.tenant_id = $1 AND e.id = $2`, tx.Actor.TenantID, e.ID).Scan(&by)
	if err != nil {
		return fmt.Errorf("find who closed an entry: %w", err)
	}
	actions, err := Actions(ctx, tx, e.ID)
	if err != nil {
		return err
	}
	return errs.Conflict(fmt.Sprintf("%s said on %s that this is done%s. Nothing was changed.", by, at, lastOf(tx, actions, ", after ")))
}

// moved refuses a change of an entry that somebody worked meanwhile, and says what
// was done. seen is the version that was shown.
func (e Entry) moved(ctx context.Context, tx *tenant.Tx, seen int) error {
	if e.Version == seen {
		return nil
	}
	actions, err := Actions(ctx, tx, e.ID)
	if err != nil {
		return err
	}
	what := lastOf(tx, actions, " The last that was done: ")
	switch {
	case e.DoneAskedAt != nil:
		what += " Somebody said that it is done; that waits for the message to be sent."
	case e.LaterOn.After(tx.Today()):
		what += " It was put away until " + e.LaterOn.Long() + "."
	}
	return errs.Conflict("This entry has changed since you looked at it." + what + " Look at it as it is now, then decide.")
}

// journal writes what was done about the entry.
func (e Entry) journal(ctx context.Context, tx *tenant.Tx, kind, text string) error {
	_, err := note.Add(ctx, tx, note.New{CustomerID: e.CustomerID, Kind: kind, Text: text, Subject: "agenda_entry", SubjectID: e.ID})
	return err
}

// at names the level of the entry: ", level 2 (Second reminder)", empty where none
// is reached.
func (e Entry) at() string {
	if e.Level == 0 {
		return ""
	}
	return fmt.Sprintf(", level %d (%s)", e.Level, e.LevelName)
}
