package ledger

import (
	"cmp"
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/day"
	"dunwell/internal/errs"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
)

// Show chooses which of a customer's postings are listed.
type Show string

// What can be shown. Each held item stands under one reason, as in Figure: one
// that is disputed and paused is shown with the disputed.
const (
	ShowOpen     Show = "open"     // what is not settled, credits first, then the longest due
	ShowOverdue  Show = "overdue"  // items past their due date
	ShowDisputed Show = "disputed" // items in dispute, in litigation or in a case
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

	rowsOnly bool // nobody asks for the sums
}

// PostingKey is where a page of postings ends.
type PostingKey struct {
	Place  int
	Source Source
	ID     int64
}

// postingsSQL lists a customer's postings, of each no more than its place takes: there
// may be thousands. The marks name the items and the credits, what stands where in the
// list, and which are chosen.
const postingsSQL = `
	WITH postings AS (
		SELECT 'item' COLLATE "C" AS source, i.id, i.account_id, i.issued_on, i.due_on, i.currency, i.open_amount AS open, false AS returned, i.status_id, i.later
		FROM (%[1]s) i
		UNION ALL
		SELECT 'payment', p.id, p.account_id, p.value_on, NULL, p.currency, -p.unapplied, p.returned, NULL, p.later
		FROM (%[2]s) p
	), listed AS (
		SELECT p.source, p.id, p.account_id, p.currency, p.due_on, p.open, p.returned, p.later, %[3]s AS place
		FROM postings p
		WHERE (@account::bigint = 0 OR p.account_id = @account)
			AND (@currency = '' OR p.currency = @currency)
			AND (%[4]s OR p.later)
	)`

// pagePostings cuts the page out before it looks up what is shown of a row. Where any
// row says later, one of the page does.
const pagePostings = `, page AS (
		SELECT source, id, account_id, currency, open, returned, later, place
		FROM listed
		WHERE @after_id::bigint = 0 OR (place, source, id) > (@after_place, @after_source, @after_id)
		ORDER BY later DESC, place, source, id
		LIMIT @limit
	)
	SELECT p.source, p.id, coalesce(i.kind, 'payment') AS kind, coalesce(i.number, y.number) AS number, coalesce(y.origin, '') AS origin, p.account_id, a.number AS account,
		coalesce(i.issued_on, y.value_on) AS issued_on, i.due_on, p.currency, coalesce(i.amount, -y.amount) AS amount, p.open, p.returned,
		coalesce(s.id, 0) AS status_id, coalesce(s.name, '') AS status, coalesce(s.family, '') AS family, coalesce(s.colour, '') AS colour, p.later, p.place,
		CASE WHEN i.paused_until >= @today THEN i.pause_reason ELSE '' END AS pause_reason,
		CASE WHEN i.paused_until >= @today THEN i.paused_until END AS paused_until,
		coalesce(i.paused_by, 0) AS pauser_id, coalesce(i.version, 0) AS version,
		CASE WHEN p.source = 'item' THEN (
			SELECT count(*)
			FROM documents d
			WHERE d.tenant_id = @tenant AND d.subject = 'item' AND d.subject_id = p.id AND d.removed_at IS NULL) ELSE 0 END AS documents
	FROM page p
	JOIN accounts a ON a.tenant_id = @tenant AND a.id = p.account_id
	LEFT JOIN items i ON p.source = 'item' AND i.tenant_id = @tenant AND i.id = p.id
	LEFT JOIN payments y ON p.source = 'payment' AND y.tenant_id = @tenant AND y.id = p.id
	LEFT JOIN item_statuses s ON s.tenant_id = @tenant AND s.id = i.status_id
	ORDER BY p.place, p.source, p.id`

// inDispute tells that the status of a posting p says so.
const inDispute = `p.status_id = ANY(ARRAY(SELECT s.id FROM item_statuses s WHERE s.tenant_id = @tenant AND s.family IN ('dispute', 'litigation')))`

// chosen is what of the postings p is shown.
var chosen = map[Show]string{
	ShowOpen:    `true`,
	ShowOverdue: `p.open > 0 AND p.due_on < @as_of`,
	ShowDisputed: `p.open > 0 AND (` + inDispute + ` OR EXISTS (
				SELECT FROM case_items q
				WHERE q.tenant_id = @tenant AND q.item_id = p.id AND q.open))`,
	ShowPaused: `p.open > 0 AND NOT ` + inDispute + ` AND EXISTS (
				SELECT FROM items i
				WHERE i.tenant_id = @tenant AND i.customer_id = @customer AND i.id = p.id AND i.paused_until >= @today)`,
	ShowCredits: `p.open < 0`,
	ShowAll:     `true`,
	showOne:     `p.source = @source AND p.id = @id`,
}

// showOne is asked for by FindPosting alone.
const showOne Show = "one"

func (f PostingFilter) sql(items, credits string) string {
	place := `CASE WHEN p.open < 0 THEN -1000000 ELSE coalesce(p.due_on - DATE '2000-01-01', 1000000) END`
	if f.Show == ShowAll {
		place = `DATE '2000-01-01' - p.issued_on`
	}
	return fmt.Sprintf(postingsSQL, items, credits, place, cmp.Or(chosen[f.Show], chosen[ShowOpen]))
}

func (f PostingFilter) args(tx *tenant.Tx) pgx.NamedArgs {
	return pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customer": f.CustomerID, "as_of": f.AsOf, "today": tx.Today(),
		"account": f.AccountID, "currency": f.Currency, "own": tx.Actor.Tenant.Currency,
		"after_place": f.After.Place, "after_source": f.After.Source, "after_id": f.After.ID, "limit": f.Limit}
}

// PostingPage is a page of a customer's items and payments, and what all rows that
// the filter chooses come to, whatever the page: the tenant's own currency first.
type PostingPage struct {
	Rows []Posting
	Sums []Sum
}

// QueuePostings asks for a page in a batch.
func QueuePostings(b *tenant.Batch, f PostingFilter, into *PostingPage) {
	into.queueBeside(b, []int64{f.CustomerID}, f.args(b.Tx))
	switch {
	case f.Show == ShowAll:
		into.queue(b, f, allItems, allCredits)
	case f.AsOf != b.Tx.Today() || f.After.ID != 0:
		into.queue(b, f, openItems, openCredits)
	default:
		into.queue(b, f, storedItems, storedCredits)
	}
}

// queue asks for the rows among these items and credits. Where something happened to
// one later than the filter's day it asks anew, by what was open on that day. The sums
// it takes from the rows, and asks for them where the page has not got them all.
func (p *PostingPage) queue(b *tenant.Batch, f PostingFilter, items, credits string) {
	args := f.args(b.Tx)
	b.Queue("postings", f.sql(items, credits)+pagePostings, args, func(rows pgx.Rows) error {
		later, err := p.read(rows, b)
		switch {
		case err != nil:
			return err
		case later:
			p.queue(b, f, openItems, openCredits)
		case f.rowsOnly:
		case f.After.ID == 0 && len(p.Rows) < f.Limit:
			p.sum(f.AsOf, b.Tx.Actor.Tenant.Currency)
		case len(p.Rows) > 0:
			p.queueSums(b, f, items, credits)
		}
		return nil
	})
}

// Postings reads the rows of a page in a round trip of their own.
func Postings(ctx context.Context, tx *tenant.Tx, f PostingFilter) ([]Posting, error) {
	var p PostingPage
	f.rowsOnly = true
	b := tx.Batch()
	QueuePostings(b, f, &p)
	err := b.Send(ctx)
	return p.Rows, err
}

// postingRow is a row as it is read. Later tells that all of them may be wrong.
type postingRow struct {
	Posting
	PauserID int64 // 0: the program itself
	Later    bool
}

func (p *PostingPage) read(rows pgx.Rows, b *tenant.Batch) (later bool, err error) {
	*p = PostingPage{}
	list, err := tenant.Collect(rows, pgx.RowToAddrOfStructByNameLax[postingRow])
	paused := map[int64][]int{}
	for i, row := range list {
		later = later || row.Later
		if !row.PausedUntil.IsZero() {
			row.PausedBy = "Dunwell"
			paused[row.PauserID] = append(paused[row.PauserID], i)
		}
		p.Rows = append(p.Rows, row.Posting)
	}
	if !later && len(paused) > 0 {
		p.queuePausers(b, paused)
	}
	return later, err
}

// FindPosting reads one of the customer's items or payments as of the filter's
// day, whatever else the filter chooses.
func FindPosting(ctx context.Context, tx *tenant.Tx, f PostingFilter, source Source, id int64) (Posting, error) {
	one := PostingFilter{CustomerID: f.CustomerID, AsOf: f.AsOf, Show: showOne, Limit: 1}
	args := one.args(tx)
	args["source"], args["id"] = source, id
	var found PostingPage
	b := tx.Batch()
	b.Queue("find posting", one.sql(allItems, allCredits)+pagePostings, args, func(rows pgx.Rows) error {
		_, err := found.read(rows, b)
		return err
	})
	found.queueBeside(b, []int64{f.CustomerID}, args)
	if err := b.Send(ctx); err != nil {
		return Posting{}, err
	}
	if len(found.Rows) == 0 || id == 0 {
		return Posting{}, fmt.Errorf("%s %d: %w", source, id, errs.NotFound)
	}
	return found.Rows[0], nil
}
