package dossier

import (
	"context"
	"fmt"
	"time"

	"dunwell/internal/day"
	"dunwell/internal/money"
)

// entry is a time at which the customer needed dunning.
type entry struct {
	ID         int64
	State      string
	OpenedOn   day.Day
	AsOf       day.Day
	Policy     string
	Level      int
	LevelName  string
	Why        string
	Number     string
	DueOn      day.Day
	Items      int
	Currency   money.Currency
	ToCollect  int64
	LaterOn    day.Day
	LaterWhy   string
	LaterBy    string
	LaterAt    *time.Time
	DoneAt     *time.Time
	DoneBy     string
	DoneNextOn day.Day
	ClosedAt   *time.Time
	ClosedBy   string
}

const agendaSQL = people + `
	SELECT e.id, e.state, e.opened_on, e.as_of, coalesce(p.name, '') AS policy, e.level_number AS level, coalesce(l.name, '') AS level_name, e.why, coalesce(i.number, '') AS number, e.due_on, e.items,
		e.currency, e.to_collect, e.later_on, e.later_reason AS later_why, coalesce(w.name, '') AS later_by, e.later_at,
		e.done_asked_at AS done_at, coalesce(d.name, '') AS done_by, e.done_next_on, e.closed_at, CASE WHEN e.closed_at IS NULL THEN '' ELSE coalesce(c.name, 'Dunwell') END AS closed_by
	FROM agenda_entries e
	LEFT JOIN policies p ON p.tenant_id = @tenant AND p.id = e.policy_id
	LEFT JOIN levels l ON l.tenant_id = @tenant AND l.id = e.level_id
	LEFT JOIN items i ON i.tenant_id = @tenant AND i.id = e.item_id
	LEFT JOIN people w ON w.id = e.later_by
	LEFT JOIN people d ON d.id = e.done_asked_by
	LEFT JOIN people c ON c.id = e.closed_by
	WHERE e.tenant_id = @tenant AND e.customer_id = @customer
	ORDER BY e.id`

func (m *making) agenda(ctx context.Context) error {
	head := []string{"Entry", "State", "Opened on", "As of", "Policy", "Level", "Name of the level", "Why", "Item", "Due on", "Items due for the level", "Currency", "To collect",
		"Put away until", "Put away because", "Put away by", "Put away at", "Done was said at", "Done was said by", "Next day chosen", "Closed at", "Closed by"}
	return table(ctx, m, "agenda.csv", head, agendaSQL, func(e entry) []string {
		return []string{fmt.Sprint(e.ID), e.State, e.OpenedOn.String(), e.AsOf.String(), e.Policy, fmt.Sprint(e.Level), e.LevelName, words(e.Why), e.Number, e.DueOn.String(), fmt.Sprint(e.Items),
			string(e.Currency), plain(e.ToCollect, e.Currency), e.LaterOn.String(), e.LaterWhy, e.LaterBy, m.since(e.LaterAt), m.since(e.DoneAt), e.DoneBy, e.DoneNextOn.String(),
			m.since(e.ClosedAt), e.ClosedBy}
	})
}

// action is what was done about an entry, with an item that it named.
type action struct {
	At        time.Time
	EntryID   int64
	Kind      string
	Level     int
	LevelName string
	MessageID int64
	CallID    int64
	Answered  *bool
	Text      string
	By        string
	Number    string
	ItemLevel string
	Currency  money.Currency
	Amount    int64
	PayBy     day.Day
	Along     bool
}

func (m *making) actions(ctx context.Context) error {
	head := []string{"At", "Entry", "What", "Level", "Name of the level", "Message", "Call", "Somebody was spoken to", "Text", "By",
		"Item", "Level of the item", "Currency", "Amount", "To be paid by", "Named along with others"}
	return table(ctx, m, "agenda_actions.csv", head, people+`
		SELECT a.at, a.entry_id, a.kind, a.level_number AS level, a.level_name, coalesce(a.message_id, 0) AS message_id, coalesce(a.call_attempt_id, 0) AS call_id, a.answered, a.text,
			coalesce(w.name, 'Dunwell') AS by, coalesce(i.number, '') AS number, coalesce(x.level_number::text, '') AS item_level, coalesce(x.currency, '') AS currency,
			coalesce(x.amount, 0) AS amount, x.pay_by, coalesce(x.along, false) AS along
		FROM agenda_actions a
		LEFT JOIN agenda_action_items x ON x.tenant_id = @tenant AND x.action_id = a.id
		LEFT JOIN items i ON i.tenant_id = @tenant AND i.id = x.item_id
		LEFT JOIN people w ON w.id = a.member_id
		WHERE a.tenant_id = @tenant AND a.customer_id = @customer
		ORDER BY a.id, x.item_id`, func(a action) []string {
		line := []string{m.moment(a.At), fmt.Sprint(a.EntryID), a.Kind, fmt.Sprint(a.Level), a.LevelName, number(a.MessageID), number(a.CallID), "", a.Text, a.By, "", "", "", "", "", ""}
		if a.Answered != nil {
			line[7] = yes(*a.Answered)
		}
		if a.Number == "" {
			return line
		}
		return append(line[:10], a.Number, a.ItemLevel, string(a.Currency), plain(a.Amount, a.Currency), a.PayBy.String(), yes(a.Along))
	})
}

// turn is what came of the customer in something that was done with many.
type turn struct {
	At        *time.Time
	Number    int64
	Kind      string
	AsOf      day.Day
	StartedAt time.Time
	By        string
	State     string
	Made      int64 // the message, or the document
	Why       string
}

func (m *making) bulkWork(ctx context.Context) error {
	head := []string{"Entry", "What", "Started at", "Started by", "State", "Worked at", "Message", "Left because"}
	return table(ctx, m, "bulk_work.csv", head, people+`
		SELECT x.at, x.entry_id AS number, b.kind, NULL::date AS as_of, b.at AS started_at, coalesce(w.name, 'Dunwell') AS by, x.state, coalesce(x.message_id, 0) AS made, x.why
		FROM batch_entries x
		JOIN batches b ON b.tenant_id = @tenant AND b.id = x.batch_id
		LEFT JOIN people w ON w.id = b.member_id
		WHERE x.tenant_id = @tenant AND x.customer_id = @customer
		ORDER BY x.batch_id, x.entry_id`, func(t turn) []string {
		return []string{fmt.Sprint(t.Number), t.Kind, m.moment(t.StartedAt), t.By, t.State, m.since(t.At), number(t.Made), t.Why}
	})
}

func (m *making) statementRuns(ctx context.Context) error {
	head := []string{"As of", "Started at", "Started by", "State", "Worked at", "Document", "Left because"}
	return table(ctx, m, "statement_runs.csv", head, people+`
		SELECT x.at, x.run_id AS number, '' AS kind, r.as_of, r.at AS started_at, coalesce(w.name, 'Dunwell') AS by, x.state, coalesce(x.document_id, 0) AS made, x.why
		FROM statement_run_customers x
		JOIN statement_runs r ON r.tenant_id = @tenant AND r.id = x.run_id
		LEFT JOIN people w ON w.id = r.member_id
		WHERE x.tenant_id = @tenant AND x.customer_id = @customer
		ORDER BY x.run_id`, func(t turn) []string {
		return []string{t.AsOf.String(), m.moment(t.StartedAt), t.By, t.State, m.since(t.At), number(t.Made), t.Why}
	})
}
