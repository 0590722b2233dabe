package customer

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/errs"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// Weekdays is a set of days of the week: bit 0 is Monday, bit 6 Sunday.
type Weekdays int16

// The sets that have names of their own.
const (
	Workdays Weekdays = 0b0011111
	Weekend  Weekdays = 0b1100000
	Everyday Weekdays = 0b1111111
)

// DayNames are the days of the week from Monday.
var DayNames = [...]string{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"}

// Has tells whether the day, 0 for Monday, is in the set.
func (w Weekdays) Has(d int) bool { return w&(1<<d) != 0 }

// String is the set in words: "weekdays", "Mon, Thu".
func (w Weekdays) String() string {
	switch w {
	case Workdays:
		return "weekdays"
	case Weekend:
		return "weekends"
	case Everyday:
		return "every day"
	}
	var names []string
	for d, name := range DayNames {
		if w.Has(d) {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

// ContactTime is when a customer is best reached, or must not be tried, by the
// customer's own clock.
type ContactTime struct {
	ID       int64
	PointID  *int64 // nil: whichever point
	Point    string // its value
	Kind     string // Best or Forbidden
	Weekdays Weekdays
	From, To string // HH:MM; 00:00 to 24:00 is the whole day
	Remark   string
}

// The kinds of contact times.
const (
	Best      = "best"
	Forbidden = "forbidden"
)

// MaxTimes is how many times one customer can have.
const MaxTimes = 20

// String is the time in words: "weekdays 09:00–11:00".
func (t ContactTime) String() string {
	if t.From == "00:00" && t.To == "24:00" {
		return t.Weekdays.String() + ", all day"
	}
	return fmt.Sprintf("%s %s–%s", t.Weekdays, t.From, t.To)
}

const selectTimes = `
	SELECT t.id, t.contact_point_id AS point_id, coalesce(p.value, '') AS point, t.kind, t.weekdays,
		to_char(t.from_time, 'HH24:MI') AS from, to_char(t.to_time, 'HH24:MI') AS to, t.remark
	FROM contact_times t
	LEFT JOIN contact_points p ON p.tenant_id = @tenant AND p.id = t.contact_point_id
	WHERE t.tenant_id = @tenant AND t.customer_id = @customer`

var clock = regexp.MustCompile(`^([01]\d|2[0-3]):[0-5]\d$`)

func (t *ContactTime) check() error {
	var inv errs.Invalid
	if t.From == "" && t.To == "" {
		t.From, t.To = "00:00", "24:00"
	}
	inv.Check(t.Kind == Best || t.Kind == Forbidden, "kind", "Choose best or forbidden.")
	inv.Check(t.Weekdays > 0 && t.Weekdays <= Everyday, "weekdays", "Tick at least one day.")
	inv.Check(clock.MatchString(t.From), "from", "Give an hour such as 09:00, or leave both empty for the whole day.")
	inv.Check(t.To == "24:00" || clock.MatchString(t.To), "to", "Give an hour such as 11:00, or leave both empty for the whole day.")
	inv.Check(t.From < t.To || inv["from"] != "", "to", "The end comes after the beginning. For a night give two times, one a day.")
	tidy(&inv, &t.Remark, "remark", 300)
	inv.Check(!note.HasCard(t.Remark), "remark", note.NoCard)
	return inv.Err()
}

// AddTime records a time.
func AddTime(ctx context.Context, tx *tenant.Tx, customer int64, t ContactTime) error {
	if _, err := Lock(ctx, tx, customer); err != nil {
		return err
	}
	if err := t.check(); err != nil {
		return err
	}
	if err := t.agrees(ctx, tx, customer); err != nil {
		return err
	}
	err := tx.QueryRow(ctx, `
		INSERT INTO contact_times (customer_id, contact_point_id, kind, weekdays, from_time, to_time, remark, member_id)
		SELECT @customer, @point, @kind, @weekdays, @from::time, @to::time, @remark, nullif(@member, 0)
		WHERE (SELECT count(*) FROM contact_times WHERE tenant_id = @tenant AND customer_id = @customer) < @max
		RETURNING id`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customer": customer, "point": t.PointID, "kind": t.Kind, "weekdays": t.Weekdays,
			"from": t.From, "to": t.To, "remark": t.Remark, "member": tx.Actor.MemberID, "max": MaxTimes}).Scan(&t.ID)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return errs.Invalid{"": fmt.Sprintf("There is room for %d times and all are taken. Remove one that no longer holds.", MaxTimes)}
	case violates(err, "contact_times_tenant_id_customer_id_contact_point_id_fkey"):
		return errs.Invalid{"point": "This customer has no such contact point. Choose one of the list."}
	case err != nil:
		return fmt.Errorf("add time: %w", err)
	}
	return journal(ctx, tx, customer, "contact_time", t.describe("Added"), "contact_time", t.ID)
}

// agrees refuses what is there already, a best time that is forbidden and a forbidden
// one that is best, of the same point or of the customer as a whole.
func (t ContactTime) agrees(ctx context.Context, tx *tenant.Tx, customer int64) error {
	rows, _ := tx.Query(ctx, selectTimes+`
		AND t.contact_point_id IS NOT DISTINCT FROM @point AND CASE t.kind
			WHEN @kind THEN (t.weekdays, t.from_time, t.to_time) = (@weekdays, @from::time, @to::time)
			ELSE t.weekdays & @weekdays <> 0 AND t.from_time < @to::time AND @from::time < t.to_time END
	ORDER BY t.id
	LIMIT 1`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customer": customer, "kind": t.Kind, "point": t.PointID, "weekdays": t.Weekdays,
			"from": t.From, "to": t.To})
	against, err := pgx.CollectRows(rows, pgx.RowToStructByName[ContactTime])
	if err != nil {
		return fmt.Errorf("look for times to the contrary: %w", err)
	}
	if len(against) == 0 {
		return nil
	}
	if against[0].Kind == t.Kind {
		return errs.Invalid{"from": fmt.Sprintf("The %s time %s is there already.", t.Kind, t)}
	}
	return errs.Invalid{"from": fmt.Sprintf("These hours overlap the %s time %s. Remove that first, or choose other hours.", against[0].Kind, against[0])}
}

// RemoveTime takes a time away; its note keeps what it was.
func RemoveTime(ctx context.Context, tx *tenant.Tx, customer, id int64) error {
	if _, err := Lock(ctx, tx, customer); err != nil {
		return err
	}
	args := pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customer": customer, "id": id}
	rows, _ := tx.Query(ctx, selectTimes+` AND t.id = @id`, args)
	t, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[ContactTime])
	if errors.Is(err, pgx.ErrNoRows) {
		return errs.NotFound
	}
	if err != nil {
		return fmt.Errorf("find time: %w", err)
	}
	if _, err := tx.Exec(ctx, `DELETE FROM contact_times WHERE tenant_id = @tenant AND customer_id = @customer AND id = @id`, args); err != nil {
		return fmt.Errorf("remove time: %w", err)
	}
	return journal(ctx, tx, customer, "contact_time", t.describe("Removed"), "contact_time", id)
}

func (t ContactTime) describe(did string) string {
	what := "best time"
	if t.Kind == Forbidden {
		what = "forbidden time"
	}
	text := fmt.Sprintf("%s %s: %s.", did, what, t)
	if t.Remark != "" {
		text += " " + t.Remark
	}
	return text
}

// Holds tells that a moment, by the customer's own clock, lies in the time.
func (t ContactTime) Holds(at time.Time) bool {
	clock := at.Format("15:04")
	return t.Weekdays.Has((int(at.Weekday())+6)%7) && t.From <= clock && clock < t.To
}

// Zone is where the customer's clock runs: where nobody said, it is the company's.
func (c Customer) Zone(company *time.Location) *time.Location {
	if zone, err := time.LoadLocation(c.TimeZone); err == nil && c.TimeZone != "" {
		return zone
	}
	return company
}
