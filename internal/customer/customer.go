// Package customer has the debtors: who they are, where they live, who in the
// company works them. What they owe is the ledger's, what happened to them stands
// in their journal.
package customer

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"dunwell/internal/day"
	"dunwell/internal/errs"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// Kind tells a business from a consumer: the law differs.
type Kind string

// The kinds of customers.
const (
	Business Kind = "business"
	Consumer Kind = "consumer"
)

// Kinds lists the kinds of customers.
var Kinds = []Kind{Business, Consumer}

// Customer is a debtor.
type Customer struct {
	ID         int64
	Number     string
	Name       string
	Kind       Kind
	Street     string
	PostalCode string
	City       string
	Region     string
	Country    string // ISO 3166, two letters; empty: not known
	Language   string // ISO 639, two letters; empty: the tenant's
	TimeZone   string // an IANA name; empty: the tenant's
	OwnerID    *int64 // the member who works this customer
	Owner      string
	BranchID   *int64
	Branch     string
	PolicyID   *int64   // of dunning, that somebody chose; nil: the rules say which
	Policy     string   // its name
	Tags       []string // in order
	ArchivedAt *time.Time
	MergedInto *int64  // the customer that this one turned out to be
	Merged     []int64 // those that turned out to be this one
	// WatchReason says why to be careful with the customer, up to and including
	// WatchUntil; empty where nobody said so. See Watched.
	WatchReason string
	WatchUntil  day.Day
	OpenCases   int
	Reminders
	Version int
}

// Reminders is what holds dunning back from the customer.
type Reminders struct {
	Manual      bool    // a reminder is due on NextOn and not before
	NextOn      day.Day // zero: nobody chose a day
	PausedUntil day.Day // up to and including; it may have passed, see Paused; zero: never paused
	PauseReason string
}

// Paused tells that nobody is to remind the customer today.
func (r Reminders) Paused(today day.Day) bool {
	return !r.PausedUntil.IsZero() && !r.PausedUntil.Before(today)
}

// HasAddress tells that a letter can be sent to the customer.
func (c Customer) HasAddress() bool { return c.Street != "" || c.City != "" }

// Address is the postal address in one line, empty where none is known.
func (c Customer) Address() string {
	var parts []string
	for _, p := range []string{c.Street, strings.TrimSpace(c.PostalCode + " " + c.City), c.Region, c.Country} {
		if p != "" {
			parts = append(parts, p)
		}
	}
	return strings.Join(parts, ", ")
}

// findSQL looks up the names beside the customer one by one: for one row that takes
// less time than to begin a join.
const findSQL = `
	SELECT c.id, c.number, c.name, c.kind, c.street, c.postal_code, c.city, c.region, c.country, c.language, c.time_zone,
		c.owner_id, coalesce((SELECT u.name FROM members m JOIN users u ON u.id = m.user_id WHERE m.tenant_id = @tenant AND m.id = c.owner_id), '') AS owner,
		c.branch_id, coalesce((SELECT b.name FROM branches b WHERE b.tenant_id = @tenant AND b.id = c.branch_id), '') AS branch,
		c.policy_id, coalesce((SELECT p.name FROM policies p WHERE p.tenant_id = @tenant AND p.id = c.policy_id), '') AS policy,
		c.tags, c.archived_at, c.merged_into,
		ARRAY(SELECT d.id FROM customers d WHERE d.tenant_id = @tenant AND d.merged_into = @id ORDER BY d.id) AS merged,
		coalesce(c.watch_reason, '') AS watch_reason, c.watch_until,
		(SELECT count(*) FROM cases k WHERE k.tenant_id = @tenant AND k.customer_id = @id AND k.open) AS open_cases,
		c.reminder_mode = 'manual' AS manual, c.next_reminder_on AS next_on, c.dunning_paused_until AS paused_until, coalesce(c.dunning_pause_reason, '') AS pause_reason,
		c.version
	FROM customers c
	WHERE c.tenant_id = @tenant AND c.id = @id `

// Find reads a customer of the tenant.
func Find(ctx context.Context, tx *tenant.Tx, id int64) (Customer, error) {
	return find(ctx, tx, id, "")
}

// QueueFind is Find in a batch.
func QueueFind(b *tenant.Batch, id int64, into *Customer) {
	b.Queue("find customer", findSQL, pgx.NamedArgs{"tenant": b.Tx.Actor.TenantID, "id": id}, func(rows pgx.Rows) (err error) {
		*into, err = one(rows)
		return err
	})
}

// Archived refuses work on a customer that was put away, Merged on one that turned out
// to be another.
const (
	Archived = errs.Conflict("This customer is archived: only notes can be added. A manager can take the customer back, then go on.")
	Merged   = errs.Conflict("This customer was merged into another one and stays archived. Work with that one.")
)

// Asleep is Archived or Merged where the customer is; nil for one who is worked.
func (c Customer) Asleep() error {
	switch {
	case c.MergedInto != nil:
		return Merged
	case c.ArchivedAt != nil:
		return Archived
	}
	return nil
}

// Lock reads a customer that is to be worked and holds it until the end of the
// transaction, so that two who change one customer take turns. It returns one who is
// Asleep with that error.
func Lock(ctx context.Context, tx *tenant.Tx, id int64) (Customer, error) {
	c, err := find(ctx, tx, id, "FOR NO KEY UPDATE OF c")
	if err == nil {
		err = c.Asleep()
	}
	return c, err
}

func find(ctx context.Context, tx *tenant.Tx, id int64, lock string) (Customer, error) {
	rows, _ := tx.Query(ctx, findSQL+lock, pgx.NamedArgs{"tenant": tx.Actor.TenantID, "id": id})
	c, err := one(rows)
	if err != nil {
		return Customer{}, fmt.Errorf("find customer: %w", err)
	}
	return c, nil
}

// one reads the only row; where there is none, the customer is not found.
func one(rows pgx.Rows) (Customer, error) {
	c, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Customer])
	if errors.Is(err, pgx.ErrNoRows) {
		return c, errs.NotFound
	}
	return c, err
}

// journal writes what was done to the customer.
func journal(ctx context.Context, tx *tenant.Tx, customer int64, kind, text, subject string, id int64) error {
	_, err := note.Add(ctx, tx, note.New{CustomerID: customer, Kind: kind, Text: text, Subject: subject, SubjectID: id})
	return err
}

// tidy brings a text of one line into form and refuses one that is too long, or holds
// what cannot be read.
func tidy(inv *errs.Invalid, text *string, field string, limit int) {
	*text = squeeze(*text)
	tenant.OneLine(inv, text, field)
	inv.Check(utf8.RuneCountInString(*text) <= limit, field, tooLong(limit))
}

// squeeze leaves single blanks, and nothing of signs without a shape alone, such as a
// space of no width.
func squeeze(line string) string {
	line = strings.Join(strings.Fields(line), " ")
	if !strings.ContainsFunc(line, unicode.IsGraphic) {
		return ""
	}
	return line
}

func tooLong(limit int) string {
	return fmt.Sprintf("This holds %d characters at most. Shorten it.", limit)
}

// explain is tidy for what must be given, such as a reason; missing says what. A
// payment card number is refused.
func explain(inv *errs.Invalid, text *string, field string, limit int, missing string) {
	tidy(inv, text, field, limit)
	given(inv, *text, field, missing)
}

// tell is explain for what may have several lines.
func tell(inv *errs.Invalid, text *string, field string, limit int, missing string) {
	lines := strings.Split(*text, "\n")
	for i := range lines {
		lines[i] = squeeze(lines[i])
	}
	*text = strings.Trim(strings.Join(lines, "\n"), "\n")
	inv.Check(utf8.RuneCountInString(*text) <= limit, field, tooLong(limit))
	given(inv, *text, field, missing)
}

func given(inv *errs.Invalid, text, field, missing string) {
	inv.Check(text != "", field, missing)
	inv.Check(!note.HasCard(strings.ReplaceAll(text, "\n", " ")), field, note.NoCard)
}

// ahead refuses a day that is not after today, or more than a year away.
func ahead(inv *errs.Invalid, d, today day.Day, field string) {
	inv.Check(d.After(today) && !d.After(today.AddMonths(12)), field, "Give a day after today and within a year.")
}

// violates tells that the error is a breach of that constraint.
func violates(err error, constraint string) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.ConstraintName == constraint
}
