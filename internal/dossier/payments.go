package dossier

import (
	"context"
	"fmt"
	"time"

	"dunwell/internal/day"
	"dunwell/internal/money"
)

// payment is money that was received.
type payment struct {
	ID         int64
	Number     string
	Origin     string
	Account    string
	ValueOn    day.Day
	Currency   money.Currency
	Amount     int64
	Unapplied  int64
	ReturnedOn day.Day
	By         string
	CreatedAt  time.Time
}

// origins say how a payment came into the ledger.
var origins = map[string]string{
	"recorded":       "recorded",
	"carried":        "paid before the item was taken over, on a day that nobody knows: it has that of the file",
	"settled_before": "paid before the item was taken over, on that day",
	"reported":       "a file said that the item was paid",
}

func (m *making) payments(ctx context.Context) error {
	head := []string{"Payment", "Reference", "Origin", "Account", "Value date", "Currency", "Amount", "Not applied", "Returned on", "Recorded by", "Recorded at"}
	return table(ctx, m, "payments.csv", head, people+`
		SELECT p.id, p.number, p.origin, a.number AS account, p.value_on, p.currency, p.amount, p.unapplied, p.returned_on, coalesce(w.name, 'Dunwell') AS by, p.created_at
		FROM payments p
		JOIN accounts a ON a.tenant_id = @tenant AND a.id = p.account_id
		LEFT JOIN people w ON w.id = p.member_id
		WHERE p.tenant_id = @tenant AND p.customer_id = @customer
		ORDER BY p.id`, func(p payment) []string {
		return []string{fmt.Sprint(p.ID), p.Number, origins[p.Origin], p.Account, p.ValueOn.String(), string(p.Currency), plain(p.Amount, p.Currency), plain(p.Unapplied, p.Currency),
			p.ReturnedOn.String(), p.By, m.moment(p.CreatedAt)}
	})
}

// application is money that was set against an item, or taken back from it.
type application struct {
	ID       int64
	MadeAt   time.Time
	Number   string
	Payment  string
	Credit   string
	Currency money.Currency
	Amount   int64
	ValueOn  day.Day
	Reverses int64
	Reason   string
	By       string
}

func (m *making) applications(ctx context.Context) error {
	head := []string{"No.", "Made at", "Item", "From payment", "From credit note", "Currency", "Amount", "Value date", "Takes back no.", "Reason", "By"}
	return table(ctx, m, "applications.csv", head, people+`
		SELECT a.id, a.made_at, i.number, coalesce(p.number, '') AS payment, coalesce(c.number, '') AS credit, a.currency, a.amount, a.value_on,
			coalesce(a.reverses, 0) AS reverses, a.reason, coalesce(w.name, 'Dunwell') AS by
		FROM items i
		JOIN applications a ON a.tenant_id = @tenant AND a.item_id = i.id
		LEFT JOIN payments p ON p.tenant_id = @tenant AND p.id = a.payment_id
		LEFT JOIN items c ON c.tenant_id = @tenant AND c.id = a.credit_id
		LEFT JOIN people w ON w.id = a.member_id
		WHERE i.tenant_id = @tenant AND i.customer_id = @customer
		ORDER BY a.id`, func(a application) []string {
		return []string{fmt.Sprint(a.ID), m.moment(a.MadeAt), a.Number, a.Payment, a.Credit, string(a.Currency), plain(a.Amount, a.Currency), a.ValueOn.String(),
			number(a.Reverses), a.Reason, a.By}
	})
}
