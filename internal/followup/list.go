package followup

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/tenant"
)

// Panel is what the header of a customer shows: the active follow-ups that come
// first, without who wrote them, and how many there are in all.
type Panel struct {
	First []Followup
	Total int
}

// InPanel is how many follow-ups a header carries at most; the window has them
// all.
const InPanel = 10

// QueuePanel asks in a batch for the customer's active follow-ups, the oldest first:
// those that are late, then by day and hour, within a day those of any time last. It
// is one query, however many there are.
func QueuePanel(b *tenant.Batch, customerID int64, into *Panel) {
	b.Queue("follow-ups of the panel", `
		SELECT f.id, f.customer_id, f.assignee_id, u.name AS assignee, m.active AS working, f.due_on,
			coalesce(to_char(f.due_at, 'HH24:MI'), '') AS due_at, f.text, 'active' AS state, f.version, (
				SELECT count(*)
				FROM follow_ups n
				WHERE n.tenant_id = @tenant AND n.customer_id = @customer AND n.ended IS NULL) AS total
		FROM (
			SELECT *
			FROM follow_ups
			WHERE tenant_id = @tenant AND customer_id = @customer AND ended IS NULL
			ORDER BY due_on, due_at, id
			LIMIT `+strconv.Itoa(InPanel)+`) f
		JOIN members m ON m.tenant_id = @tenant AND m.id = f.assignee_id
		JOIN users u ON u.id = m.user_id
		ORDER BY f.due_on, f.due_at, f.id`,
		pgx.NamedArgs{"tenant": b.Tx.Actor.TenantID, "customer": customerID}, func(rows pgx.Rows) error {
			list, err := tenant.Collect(rows, pgx.RowToAddrOfStructByNameLax[struct {
				Followup
				Total int
			}])
			for _, f := range list {
				into.First, into.Total = append(into.First, f.Followup), f.Total
			}
			return err
		})
}

// Filter chooses follow-ups of one customer in one state.
type Filter struct {
	CustomerID int64
	State      State
	After      *Followup // the last one of the page before; nil: from the first
	Limit      int
}

// order is how a state's list runs and goes on: what is active by day and hour,
// what ended by the moment of its end, the newest first.
var order = map[State]string{
	Active: `AND f.ended IS NULL
			AND (@id::bigint = 0 OR (f.due_on, coalesce(f.due_at, '24:00'), f.id) > (@on::date, coalesce(nullif(@at, '')::time, '24:00'), @id))
		ORDER BY f.due_on, f.due_at, f.id`,
	Done: `AND f.ended = 'done'
			AND (@id::bigint = 0 OR (f.ended_at, f.id) < (@ended::timestamptz, @id))
		ORDER BY f.ended_at DESC, f.id DESC`,
	Deleted: `AND f.ended = 'deleted'
			AND (@id::bigint = 0 OR (f.ended_at, f.id) < (@ended::timestamptz, @id))
		ORDER BY f.ended_at DESC, f.id DESC`,
}

// List reads a page of the customer's follow-ups.
func List(ctx context.Context, tx *tenant.Tx, f Filter) (list []Followup, err error) {
	b := tx.Batch()
	queueList(b, f, tenant.Into(&list))
	err = b.Send(ctx)
	return list, err
}

func queueList(b *tenant.Batch, f Filter, read func(pgx.Rows) error) {
	after := Followup{EndedAt: &time.Time{}}
	if f.After != nil {
		after = *f.After
	}
	b.Queue("list follow-ups", `
		SELECT `+columns+`
		FROM `+source+`
		WHERE f.tenant_id = @tenant AND f.customer_id = @customer `+order[f.State]+`
		LIMIT @limit`,
		pgx.NamedArgs{"tenant": b.Tx.Actor.TenantID, "customer": f.CustomerID, "id": after.ID, "on": after.DueOn, "at": after.DueAt,
			"ended": after.EndedAt, "limit": f.Limit}, read)
}

// Count tells how many follow-ups the customer has in each state.
func Count(ctx context.Context, tx *tenant.Tx, customerID int64) (map[State]int, error) {
	rows, _ := tx.Query(ctx, `
		SELECT coalesce(ended, 'active'), count(*)
		FROM follow_ups
		WHERE tenant_id = $1 AND customer_id = $2
		GROUP BY 1`, tx.Actor.TenantID, customerID)
	counts := map[State]int{}
	var s State
	var n int
	_, err := pgx.ForEachRow(rows, []any{&s, &n}, func() error {
		counts[s] = n
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("count follow-ups: %w", err)
	}
	return counts, nil
}
