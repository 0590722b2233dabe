package ledger

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/day"
	"dunwell/internal/errs"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
)

// Source tells which of the two a Posting is.
type Source string

// What a Posting is.
const (
	OfItem    Source = "item"
	OfPayment Source = "payment"
)

// Posting is an item or a payment as a row of a list, as of a day. Amounts are
// minor units, below zero for what is credit. Status and pause are as they are
// now; a payment has none.
type Posting struct {
	Source      Source
	ID          int64
	Kind        string // of the item, or "payment"
	Number      string
	AccountID   int64
	Account     string  // its account's number
	IssuedOn    day.Day // of a payment: its value date
	DueOn       day.Day // zero: it has none
	Currency    money.Currency
	Amount      int64
	Open        int64 // as of the day
	Returned    bool  // a payment that was taken back by the day
	StatusID    int64
	Status      string
	Family      string
	PauseReason string
	PausedUntil day.Day // zero: not paused, or no longer
	PausedBy    string
	Version     int // of the item
	// Place is where it stands in the list; a page of the list begins after a Key.
	Place int
}

// Key is the posting's place in the list it was read from.
func (p Posting) Key() PostingKey { return PostingKey{p.Place, p.Source, p.ID} }

// DaysLate is how many days the item is overdue; 0 or less where it is not, or
// where nothing of it is owed.
func (p Posting) DaysLate(asOf day.Day) int {
	if p.DueOn.IsZero() || p.Open <= 0 {
		return 0
	}
	return asOf.Sub(p.DueOn)
}

// Owed tells an item of which something is owed.
func (p Posting) Owed() bool { return p.Open > 0 }

// Credit tells a payment or a credit note of which something is left.
func (p Posting) Credit() bool { return p.Open < 0 }

// Show chooses which of a customer's postings are listed.
type Show string

// What can be shown. Each held item stands under one reason, as in Figure: one
// that is disputed and paused is shown with the disputed.
const (
	ShowOpen     Show = "open"     // what is not settled, credits first, then the longest due
	ShowOverdue  Show = "overdue"  // items past their due date
	ShowDisputed Show = "disputed" // items in dispute or litigation
	ShowPaused   Show = "paused"
	ShowCredits  Show = "credits" // payments and credit notes with something left
	ShowAll      Show = "all"     // settled ones and all payments too, the newest first
)

// Shows lists what can be shown.
var Shows = []Show{ShowOpen, ShowOverdue, ShowDisputed, ShowPaused, ShowCredits, ShowAll}

// PostingFilter chooses postings of one customer.
type PostingFilter struct {
	CustomerID int64
	AsOf       day.Day
	Show       Show
	AccountID  int64          // 0: all accounts
	Currency   money.Currency // empty: all
	After      PostingKey     // the last row of the page before; zero: from the start
	Limit      int
}

// PostingKey is where a page of postings ends.
type PostingKey struct {
	Place  int
	Source Source
	ID     int64
}

// postingsSQL reads a customer's postings that were there by the day. The marks
// choose: only what was open then, or all; and the order.
const postingsSQL = `
	WITH postings AS (
		SELECT 'item' AS source, i.item_id AS id, i.kind, i.number, i.account_id, i.issued_on, i.due_on,
			i.currency, i.amount, i.open_amount AS open, false AS returned, i.status_id
		FROM %[1]s(@as_of) i
		WHERE i.tenant_id = @tenant AND i.customer_id = @customer
		UNION ALL
		SELECT 'payment', p.id, 'payment', p.number, p.account_id, p.value_on, NULL,
			p.currency, -p.amount, -coalesce(c.unapplied, 0), (p.returned_on <= @as_of) IS TRUE, NULL
		FROM payments p
		%[2]s JOIN open_credits(@as_of) c ON c.tenant_id = p.tenant_id AND c.customer_id = p.customer_id AND c.payment_id = p.id
		WHERE p.tenant_id = @tenant AND p.customer_id = @customer AND p.value_on <= @as_of
	), listed AS (
		SELECT p.source, p.id, p.kind, p.number, p.account_id, p.issued_on, p.due_on, p.currency, p.amount, p.open, p.returned,
			coalesce(s.id, 0) AS status_id, coalesce(s.name, '') AS status, coalesce(s.family, '') AS family,
			%[3]s AS place
		FROM postings p
		LEFT JOIN item_statuses s ON s.tenant_id = @tenant AND s.id = p.status_id
		WHERE (@account::bigint = 0 OR p.account_id = @account)
			AND (@currency = '' OR p.currency = @currency)
			AND (@id::bigint = 0 OR p.source = @source AND p.id = @id)
			AND CASE @show::text
				WHEN 'overdue' THEN p.open > 0 AND p.due_on < @as_of
				WHEN 'disputed' THEN p.open > 0 AND s.family IN ('dispute', 'litigation')
				WHEN 'paused' THEN p.open > 0 AND s.family NOT IN ('dispute', 'litigation') AND EXISTS (
					SELECT 1 FROM items i
					WHERE i.tenant_id = @tenant AND i.customer_id = @customer AND i.id = p.id AND i.paused_until >= @today)
				WHEN 'credits' THEN p.open < 0
				ELSE true
			END
	)`

// listPostings cuts the page out before it looks up what stands beside a row.
const listPostings = `, page AS (
		SELECT source, id, kind, number, account_id, issued_on, due_on, currency, amount, open, returned, status_id, status, family, place
		FROM listed
		WHERE @after_id::bigint = 0 OR (place, source, id) > (@after_place, @after_source, @after_id)
		ORDER BY place, source, id
		LIMIT @limit)
	SELECT p.source, p.id, p.kind, p.number, p.account_id, a.number AS account, p.issued_on, p.due_on, p.currency, p.amount, p.open, p.returned,
		p.status_id, p.status, p.family, p.place,
		CASE WHEN i.paused_until >= @today THEN i.pause_reason ELSE '' END AS pause_reason,
		CASE WHEN i.paused_until >= @today THEN i.paused_until END AS paused_until,
		CASE WHEN i.paused_until >= @today THEN coalesce(u.name, 'Dunwell') ELSE '' END AS paused_by,
		coalesce(i.version, 0) AS version
	FROM page p
	JOIN accounts a ON a.tenant_id = @tenant AND a.id = p.account_id
	LEFT JOIN items i ON p.source = 'item' AND i.tenant_id = @tenant AND i.id = p.id
	LEFT JOIN members m ON m.tenant_id = @tenant AND m.id = i.paused_by
	LEFT JOIN users u ON u.id = m.user_id
	ORDER BY p.place, p.source, p.id`

const sumPostings = `
	SELECT currency, count(*) AS rows,
		coalesce(sum(open) FILTER (WHERE open > 0), 0)::bigint AS open,
		coalesce(sum(open) FILTER (WHERE open > 0 AND due_on < @as_of), 0)::bigint AS overdue,
		coalesce(-sum(open) FILTER (WHERE open < 0), 0)::bigint AS credit
	FROM listed
	GROUP BY currency
	ORDER BY currency <> @own, currency`

var (
	openPostings = fmt.Sprintf(postingsSQL, "open_items", "",
		`CASE WHEN p.open < 0 THEN -1000000 ELSE coalesce(p.due_on - DATE '2000-01-01', 1000000) END`)
	allPostings = fmt.Sprintf(postingsSQL, "items_as_of", "LEFT", `DATE '2000-01-01' - p.issued_on`)
)

func (f PostingFilter) sql() string {
	if f.Show == ShowAll {
		return allPostings
	}
	return openPostings
}

func (f PostingFilter) args(tx *tenant.Tx) pgx.NamedArgs {
	return pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customer": f.CustomerID, "as_of": f.AsOf, "today": tx.Today(), "show": string(f.Show),
		"account": f.AccountID, "currency": f.Currency, "own": tx.Actor.Tenant.Currency, "source": "", "id": 0,
		"after_place": f.After.Place, "after_source": f.After.Source, "after_id": f.After.ID, "limit": f.Limit}
}

// Postings lists a customer's items and payments, a page of it.
func Postings(ctx context.Context, tx *tenant.Tx, f PostingFilter) ([]Posting, error) {
	return postings(ctx, tx, f.sql(), f.args(tx))
}

func postings(ctx context.Context, tx *tenant.Tx, sql string, args pgx.NamedArgs) ([]Posting, error) {
	rows, _ := tx.Query(ctx, sql+listPostings, args)
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Posting])
	if err != nil {
		return nil, fmt.Errorf("postings: %w", err)
	}
	return list, nil
}

// FindPosting reads one of the customer's items or payments as of the filter's
// day, whatever else the filter chooses.
func FindPosting(ctx context.Context, tx *tenant.Tx, f PostingFilter, source Source, id int64) (Posting, error) {
	args := PostingFilter{CustomerID: f.CustomerID, AsOf: f.AsOf, Show: ShowAll, Limit: 1}.args(tx)
	args["source"], args["id"] = source, id
	list, err := postings(ctx, tx, allPostings, args)
	if err == nil && (len(list) == 0 || id == 0) {
		return Posting{}, fmt.Errorf("%s %d: %w", source, id, errs.NotFound)
	}
	if err != nil {
		return Posting{}, err
	}
	return list[0], nil
}

// Sum is what the rows of a list come to in one currency, in minor units.
type Sum struct {
	Currency money.Currency
	Rows     int
	Open     int64 // owed
	Overdue  int64 // of it, past due
	Credit   int64
}

// SumPostings adds up all rows that the filter chooses, whatever the page; the
// tenant's own currency first.
func SumPostings(ctx context.Context, tx *tenant.Tx, f PostingFilter) ([]Sum, error) {
	rows, _ := tx.Query(ctx, f.sql()+sumPostings, f.args(tx))
	sums, err := pgx.CollectRows(rows, pgx.RowToStructByName[Sum])
	if err != nil {
		return nil, fmt.Errorf("sum postings: %w", err)
	}
	return sums, nil
}
