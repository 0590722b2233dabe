package diary

import (
	"cmp"
	"slices"

	"dunwell/internal/day"
)

// Timed is a reason with its hour, and whose it is.
type Timed struct {
	CustomerID int64
	Customer   string
	Reason
}

// TimedShown is how many of today's hours Read returns at most. No more, so that on
// the first page all of them are of the customers that stand there.
const TimedShown = PageSize

// timed are the hours of today on the first page, which are all there are up to
// TimedShown: whoever has an hour stands by it before all who have a later one.
func (d *Day) timed(today day.Day) (list []Timed) {
	for _, e := range d.Entries {
		for _, r := range e.all {
			if r.DueAt != "" && r.DueOn == today {
				list = append(list, Timed{e.CustomerID, e.Name, r})
			}
		}
	}
	slices.SortStableFunc(list, func(a, b Timed) int { return cmp.Compare(a.DueAt, b.DueAt) })
	return list[:min(len(list), TimedShown)]
}

// timedSQL reads the hours of today for the pages after the first.
const timedSQL = `
	SELECT r.customer_id, c.name AS customer, r.kind, r.id, r.due_on, to_char(r.due_at, 'HH24:MI') AS due_at, left(r.text, 200) AS text
	FROM (
		SELECT r.customer_id, r.kind, r.id, r.due_on, r.due_at, r.text
		FROM ({reasons}) r
		WHERE r.due_on = @today AND r.due_at IS NOT NULL
		ORDER BY r.due_at
		FETCH FIRST @hours ROWS WITH TIES) r
	JOIN customers c ON c.tenant_id = @tenant AND c.id = r.customer_id
	ORDER BY r.due_at, c.name_key, r.id
	LIMIT @hours`
