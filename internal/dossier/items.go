package dossier

import (
	"context"
	"time"

	"dunwell/internal/day"
	"dunwell/internal/money"
)

// account is what the customer owes under.
type account struct {
	Number    string
	Kind      string
	OpenedOn  day.Day
	CreatedAt time.Time
}

func (m *making) accounts(ctx context.Context) error {
	return table(ctx, m, "accounts.csv", []string{"Account", "Kind", "Opened on", "Recorded at"}, `
		SELECT a.number, a.kind, a.opened_on, a.created_at
		FROM accounts a
		WHERE a.tenant_id = @tenant AND a.customer_id = @customer
		ORDER BY a.id`, func(a account) []string {
		return []string{a.Number, a.Kind, a.OpenedOn.String(), m.moment(a.CreatedAt)}
	})
}

// item is what is owed, or a credit note, as it stands now.
type item struct {
	Number     string
	Account    string
	Kind       string
	IssuedOn   day.Day
	DueOn      day.Day
	Currency   money.Currency
	Amount     int64
	Open       int64
	Status     string
	Family     string
	PausedTo   day.Day
	PauseWhy   string
	PausedBy   string
	RemindedOn day.Day
	Reached    string
	PayBy      day.Day
	CreatedAt  time.Time
}

func (m *making) items(ctx context.Context) error {
	head := []string{"Item", "Account", "Kind", "Issued on", "Due on", "Currency", "Amount", "Open", "Status", "Family", "Paused until", "Paused because", "Paused by",
		"Last reminded on", "Reached the level of day", "To be paid by", "Recorded at"}
	return table(ctx, m, "items.csv", head, people+`
		SELECT i.number, a.number AS account, i.kind, i.issued_on, i.due_on, i.currency, i.amount, i.open_amount AS open, s.name AS status, s.family,
			i.paused_until AS paused_to, coalesce(i.pause_reason, '') AS pause_why, coalesce(p.name, '') AS paused_by,
			i.reminded_on, coalesce(i.reached_days::text, '') AS reached, i.pay_by, i.created_at
		FROM items i
		JOIN accounts a ON a.tenant_id = @tenant AND a.id = i.account_id
		JOIN item_statuses s ON s.tenant_id = @tenant AND s.id = i.status_id
		LEFT JOIN people p ON p.id = i.paused_by
		WHERE i.tenant_id = @tenant AND i.customer_id = @customer
		ORDER BY i.id`, func(i item) []string {
		return []string{i.Number, i.Account, words(i.Kind), i.IssuedOn.String(), i.DueOn.String(), string(i.Currency), plain(i.Amount, i.Currency), plain(i.Open, i.Currency), i.Status, words(i.Family),
			i.PausedTo.String(), i.PauseWhy, i.PausedBy, i.RemindedOn.String(), i.Reached, i.PayBy.String(), m.moment(i.CreatedAt)}
	})
}

// turned is an item that got another status.
type turned struct {
	At     time.Time
	Number string
	Was    string
	Status string
	Reason string
	By     string
}

func (m *making) statuses(ctx context.Context) error {
	return table(ctx, m, "item_statuses.csv", []string{"At", "Item", "From", "To", "Reason", "By"}, people+`
		SELECT h.at, i.number, f.name AS was, s.name AS status, h.reason, coalesce(p.name, 'Dunwell') AS by
		FROM items i
		JOIN item_status_changes h ON h.tenant_id = @tenant AND h.item_id = i.id
		JOIN item_statuses f ON f.tenant_id = @tenant AND f.id = h.from_id
		JOIN item_statuses s ON s.tenant_id = @tenant AND s.id = h.to_id
		LEFT JOIN people p ON p.id = h.member_id
		WHERE i.tenant_id = @tenant AND i.customer_id = @customer
		ORDER BY h.id`, func(t turned) []string {
		return []string{m.moment(t.At), t.Number, t.Was, t.Status, t.Reason, t.By}
	})
}

// back is an item that went back to where it is chased.
type back struct {
	At     time.Time
	Number string
	CaseID int64
	Level  string
	By     string
}

func (m *making) returns(ctx context.Context) error {
	return table(ctx, m, "item_returns.csv", []string{"At", "Item", "Case", "Goes on after the level", "By"}, people+`
		SELECT r.at, i.number, coalesce(r.case_id, 0) AS case_id, coalesce(l.name, '') AS level, coalesce(p.name, 'Dunwell') AS by
		FROM item_returns r
		JOIN items i ON i.tenant_id = @tenant AND i.id = r.item_id
		LEFT JOIN levels l ON l.tenant_id = @tenant AND l.id = r.level_id
		LEFT JOIN people p ON p.id = r.member_id
		WHERE r.tenant_id = @tenant AND r.customer_id = @customer
		ORDER BY r.id`, func(b back) []string {
		return []string{m.moment(b.At), b.Number, number(b.CaseID), b.Level, b.By}
	})
}
