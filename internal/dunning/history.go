package dunning

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/day"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
)

// Reminder is an item that a customer was reminded of, at a level. One that was
// taken back says when and why.
type Reminder struct {
	ID         int64
	EntryID    int64
	ItemID     int64
	Number     string // of the item
	DueOn      day.Day
	Level      int
	LevelName  string
	Kind       ActionKind // by what
	MessageID  int64      // 0: it was not written
	On         day.Day
	PayBy      day.Day
	Amount     int64 // that was named
	Currency   money.Currency
	Member     string // who said Done; empty: the program
	At         time.Time
	ReversedAt *time.Time
	Reversed   string // why it was taken back
}

// historyRows is how many reminders a history has at most.
const historyRows = 1000

// History lists the reminders of a customer, the newest first, up to a thousand:
// those of items that are paid, too.
func History(ctx context.Context, tx *tenant.Tx, customer int64) ([]Reminder, error) {
	rows, _ := tx.Query(ctx, `
		SELECT r.id, r.entry_id, r.item_id, i.number, i.due_on, r.level_number AS level,
			CASE a.level_id WHEN r.level_id THEN a.level_name ELSE l.name END AS level_name, a.kind, coalesce(a.message_id, 0) AS message_id,
			r.reminded_on AS on, r.pay_by, r.amount, r.currency, coalesce(u.name, '') AS member, r.at, b.at AS reversed_at, coalesce(b.reason, '') AS reversed
		FROM reminders r
		JOIN items i ON i.tenant_id = @tenant AND i.id = r.item_id
		JOIN agenda_actions a ON a.tenant_id = @tenant AND a.id = r.action_id
		JOIN levels l ON l.tenant_id = @tenant AND l.id = r.level_id
		LEFT JOIN reminders b ON b.tenant_id = @tenant AND b.reverses = r.id
		LEFT JOIN members m ON m.tenant_id = @tenant AND m.id = r.member_id
		LEFT JOIN users u ON u.id = m.user_id
		WHERE r.tenant_id = @tenant AND r.customer_id = @customer AND r.reverses IS NULL
		ORDER BY r.id DESC
		LIMIT @most`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customer": customer, "most": historyRows})
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Reminder])
	if err != nil {
		return nil, fmt.Errorf("read a customer's reminders: %w", err)
	}
	return list, nil
}
