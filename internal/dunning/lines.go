package dunning

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/day"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
)

// Line is an item of a customer that an entry is about, or that is held back.
type Line struct {
	ItemID      int64
	AccountID   int64
	Account     string // the number
	Number      string
	Kind        string
	IssuedOn    day.Day
	DueOn       day.Day
	Days        int   // overdue
	Open        int64 // owed
	Collectable int64 // of it, what may be chased
	Currency    money.Currency
	Status      string
	Colour      string // of the status
	CaseID      int64  // the open case that it stands in; 0: none
	Case        string
	Held        string  // why nothing may be chased: disputed, paused or stopped; else free
	Reached     int     // the number of the level it has reached; 0: none
	NextLevelID int64   // the level that it is due for now; 0: none
	Next        int     // its number
	ComesOn     day.Day // when the next level opens; zero: none, or it is open
}

// fitsSQL tells of an item d whether its account and currency are reminded of at
// all: not where credit covers them, or they are below the minimum.
const fitsSQL = `LEFT JOIN (
		SELECT f.customer_id, f.account_id, f.currency, bool_or(f.fits) AS fits
		FROM fitting f
		GROUP BY f.customer_id, f.account_id, f.currency) f ON f.customer_id = d.customer_id AND f.account_id = d.account_id AND f.currency = d.currency`

var linesSQL = evaluateSome + `
	SELECT i.id AS item_id, d.account_id, a.number AS account, i.number, i.kind, i.issued_on, d.due_on, d.days, d.open_amount AS open, d.collectable, d.currency, d.held,
		t.name AS status, t.colour, coalesce(c.id, 0) AS case_id, coalesce(c.title, '') AS case,
		coalesce(d.reached, 0) AS reached, coalesce(CASE WHEN f.fits AND d.next > 0 THEN s.ids[d.next] END, 0) AS next_level_id,
		CASE WHEN f.fits AND d.next > 0 THEN d.next ELSE 0 END AS next,
		CASE
			WHEN d.next = -1 THEN CASE WHEN k.next_reminder_on > d.reminded_on THEN k.next_reminder_on ELSE d.reminded_on + 14 END
			WHEN d.opens_on > @as_of THEN d.opens_on
		END AS comes_on
	FROM due d
	JOIN items i ON i.tenant_id = @tenant AND i.id = d.mark & (1::bigint << 40) - 1
	JOIN accounts a ON a.tenant_id = @tenant AND a.id = d.account_id
	JOIN customers k ON k.tenant_id = @tenant AND k.id = d.customer_id
	JOIN item_statuses t ON t.tenant_id = @tenant AND t.id = i.status_id
	LEFT JOIN case_items q ON q.tenant_id = @tenant AND q.item_id = i.id AND q.open
	LEFT JOIN cases c ON c.tenant_id = @tenant AND c.id = q.case_id
	LEFT JOIN steps s ON s.id = d.policy_id
	` + fitsSQL + `
	WHERE d.days > 0 OR d.next > 0
	ORDER BY d.mark`

// Lines lists the customer's items that an entry is about and those of the overdue
// that are held back, the oldest first.
func Lines(ctx context.Context, tx *tenant.Tx, customer int64) ([]Line, error) {
	on, err := standsOn(ctx, tx)
	if err != nil {
		return nil, err
	}
	rows, _ := tx.Query(ctx, linesSQL, evaluationArgs(tx, on, []int64{customer}))
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Line])
	if err != nil {
		return nil, fmt.Errorf("read lines: %w", err)
	}
	return list, nil
}
