package tenant

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/day"
	"dunwell/internal/errs"
)

// Holiday is a day on which the company does not work, besides weekends.
type Holiday struct {
	Day  day.Day
	Name string
}

// CanReadHolidays tells who may see the list.
func CanReadHolidays(a Actor) bool { return a.Is(Manager) }

// CanSetHolidays tells who may change the list.
func CanSetHolidays(a Actor) bool { return a.Is(Admin) }

// maxHolidays is how many lines are taken at once.
const maxHolidays = 400

var onlyAdmins = errs.Forbidden("Only administrators change the holidays. Ask one of yours.")

// Holidays lists the company's days off from one day to another, both included,
// in order.
func Holidays(ctx context.Context, tx *Tx, from, to day.Day) ([]Holiday, error) {
	if !CanReadHolidays(tx.Actor) {
		return nil, errs.Forbidden("Only managers and administrators see the list of holidays.")
	}
	rows, _ := tx.Query(ctx, `
		SELECT day, name
		FROM holidays
		WHERE tenant_id = @tenant AND day BETWEEN @from AND @to
		ORDER BY day`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "from": from, "to": to})
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Holiday])
	if err != nil {
		return nil, fmt.Errorf("list holidays: %w", err)
	}
	return list, nil
}

// ParseHolidays reads a line a holiday, a day as YYYY-MM-DD and its name. Empty
// lines are left out; every line that cannot be read is named.
func ParseHolidays(text string) ([]Holiday, error) {
	var list []Holiday
	var wrong []string
	lines := bufio.NewScanner(strings.NewReader(text))
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" {
			continue
		}
		first, name, _ := strings.Cut(line, " ")
		d, err := day.Parse(first)
		if err != nil || strings.TrimSpace(name) == "" {
			wrong = append(wrong, fmt.Sprint(n))
			continue
		}
		list = append(list, Holiday{d, strings.TrimSpace(name)})
	}
	if len(wrong) > 0 {
		return nil, errs.Invalid{"lines": fmt.Sprintf("Not a day and a name, such as 2027-01-01 New Year: line %s. Nothing was added.", strings.Join(wrong[:min(len(wrong), 10)], ", "))}
	}
	if len(list) == 0 || lines.Err() != nil {
		return nil, errs.Invalid{"lines": "Give a line for each holiday, such as 2027-01-01 New Year."}
	}
	return list, nil
}

func checkHolidays(list []Holiday) error {
	var inv errs.Invalid
	inv.Check(len(list) <= maxHolidays, "lines", fmt.Sprintf("These are %d lines; at most %d are taken at once.", len(list), maxHolidays))
	for i := range list {
		h := &list[i]
		inv.Check(!h.Day.IsZero(), "day", "Give a day.")
		OneLine(&inv, &h.Name, "name")
		n := utf8.RuneCountInString(h.Name)
		inv.Check(n > 0 && n <= 120, "name", "Give the holiday's name, at most 120 characters.")
		year, _, _ := h.Day.Date()
		inv.Check(year >= 2000 && year <= 2100, "day", fmt.Sprintf("%s is not a year that is worked in. Look at the day again.", h.Day.Long()))
	}
	return inv.Err()
}

// AddHolidays adds days to the list and returns how many were new. A day that is
// in it already keeps its name.
func AddHolidays(ctx context.Context, tx *Tx, list []Holiday) (int, error) {
	if !CanSetHolidays(tx.Actor) {
		return 0, onlyAdmins
	}
	if err := checkHolidays(list); err != nil {
		return 0, err
	}
	days, names := make([]day.Day, len(list)), make([]string, len(list))
	for i, h := range list {
		days[i], names[i] = h.Day, h.Name
	}
	rows, _ := tx.Query(ctx, `
		INSERT INTO holidays (day, name)
		SELECT n.day, n.name
		FROM unnest(@days::date[], @names::text[]) AS n (day, name)
		ON CONFLICT DO NOTHING
		RETURNING day, name`, pgx.NamedArgs{"days": days, "names": names})
	added, err := pgx.CollectRows(rows, pgx.RowToStructByName[Holiday])
	if err != nil {
		return 0, fmt.Errorf("add holidays: %w", err)
	}
	if len(added) == 0 {
		return 0, nil
	}
	return len(added), tx.Audit(ctx, Event{Kind: "holiday.added", Data: Change{After: byDay(added)}})
}

// RemoveHoliday takes a day off the list.
func RemoveHoliday(ctx context.Context, tx *Tx, d day.Day) error {
	if !CanSetHolidays(tx.Actor) {
		return onlyAdmins
	}
	h := Holiday{Day: d}
	err := tx.QueryRow(ctx, `DELETE FROM holidays WHERE tenant_id = $1 AND day = $2 RETURNING name`, tx.Actor.TenantID, d).Scan(&h.Name)
	if errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("holiday %s: %w", d, errs.NotFound)
	}
	if err != nil {
		return fmt.Errorf("remove holiday: %w", err)
	}
	return tx.Audit(ctx, Event{Kind: "holiday.removed", Data: Change{Before: byDay([]Holiday{h})}})
}

func byDay(list []Holiday) map[string]string {
	names := make(map[string]string, len(list))
	for _, h := range list {
		names[h.Day.String()] = h.Name
	}
	return names
}

// NextWorkingDay is the nth working day after a day, the first for n = 1: no
// weekend and no holiday of the company. It is what every proposal of a date
// goes by.
func NextWorkingDay(ctx context.Context, tx *Tx, from day.Day, n int) (day.Day, error) {
	rows, _ := tx.Query(ctx, `SELECT day FROM holidays WHERE tenant_id = $1 AND day > $2`, tx.Actor.TenantID, from)
	off, err := pgx.CollectRows(rows, pgx.RowTo[day.Day])
	if err != nil {
		return day.Day{}, fmt.Errorf("next working day: %w", err)
	}
	d := from
	for n = max(n, 1); n > 0; {
		if d = d.Add(1); working(d, off) {
			n--
		}
	}
	return d, nil
}

func workingDayBefore(d day.Day, off []day.Day) day.Day {
	for d = d.Add(-1); !working(d, off); {
		d = d.Add(-1)
	}
	return d
}

func working(d day.Day, off []day.Day) bool { return !d.Weekend() && !slices.Contains(off, d) }
