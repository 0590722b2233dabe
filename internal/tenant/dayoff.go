package tenant

import (
	"context"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/day"
)

// DaysOff are the days on which the company does not work: weekends and its
// holidays.
type DaysOff map[day.Day]string // the holidays, by name

// DaysOffOf reads the holidays from one day to another, both included, for
// everybody who plans something.
func DaysOffOf(ctx context.Context, tx *Tx, from, to day.Day) (off DaysOff, err error) {
	b := tx.Batch()
	QueueDaysOff(b, from, to, &off)
	err = b.Send(ctx)
	return off, err
}

// QueueDaysOff is DaysOffOf in a batch.
func QueueDaysOff(b *Batch, from, to day.Day, into *DaysOff) {
	b.Queue("read days off", `
		SELECT day, name
		FROM holidays
		WHERE tenant_id = @tenant AND day BETWEEN @from AND @to`,
		pgx.NamedArgs{"tenant": b.Tx.Actor.TenantID, "from": from, "to": to}, func(rows pgx.Rows) error {
			off := DaysOff{}
			var d day.Day
			var name string
			_, err := pgx.ForEachRow(rows, []any{&d, &name}, func() error {
				off[d] = name
				return nil
			})
			*into = off
			return err
		})
}

// Why says why nobody works on the day: "a Saturday", "a holiday (Labour Day)";
// empty where it is worked.
func (off DaysOff) Why(d day.Day) string {
	switch name, holiday := off[d]; {
	case holiday:
		return "a holiday (" + name + ")"
	case d.Weekend():
		return "a " + d.Weekday().String()
	}
	return ""
}

// From is the day itself where it is worked, else the next one that is.
func (off DaysOff) From(d day.Day) day.Day {
	for off.Why(d) != "" {
		d = d.Add(1)
	}
	return d
}

// Until is the day itself where it is worked, else the last one before it that is.
func (off DaysOff) Until(d day.Day) day.Day {
	for off.Why(d) != "" {
		d = d.Add(-1)
	}
	return d
}
