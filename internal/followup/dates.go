package followup

import (
	"context"
	"slices"

	"dunwell/internal/day"
	"dunwell/internal/tenant"
)

// Quick is a day that is offered with one press.
type Quick struct {
	Label string
	On    day.Day
}

// QuickDates offers days to come, all of them worked: what would fall on a day
// off moves to the next day that is worked, the end of the month to the last one
// that is. Where nothing is left of the month, it is the end of the next. A day that
// would be offered twice has its first name only.
func QuickDates(ctx context.Context, tx *tenant.Tx) ([]Quick, error) {
	today := tx.Today()
	off, err := tenant.DaysOffOf(ctx, tx, today, today.AddMonths(2).Add(31))
	if err != nil {
		return nil, err
	}
	end := off.Until(lastOfMonth(today))
	if !end.After(today) {
		end = off.Until(lastOfMonth(lastOfMonth(today).Add(1)))
	}
	var list []Quick
	for _, q := range []Quick{{"Tomorrow", off.From(today.Add(1))}, {"In 3 days", off.From(today.Add(3))}, {"Next week", off.From(today.Add(7))}, {"End of month", end}} {
		if !slices.ContainsFunc(list, func(before Quick) bool { return before.On == q.On }) {
			list = append(list, q)
		}
	}
	return list, nil
}

func lastOfMonth(d day.Day) day.Day {
	y, m, _ := d.Date()
	return day.New(y, m+1, 0)
}

// Warning says that nobody works on the day, empty where somebody does, and for no
// day. Such a day is not refused: somebody may want it.
func Warning(ctx context.Context, tx *tenant.Tx, on day.Day) (string, error) {
	if on.IsZero() {
		return "", nil
	}
	off, err := tenant.DaysOffOf(ctx, tx, on, on)
	if err != nil || off.Why(on) == "" {
		return "", err
	}
	return on.Long() + " is " + off.Why(on) + "; nobody may be there to do it.", nil
}
