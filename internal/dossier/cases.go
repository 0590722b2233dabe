package dossier

import (
	"context"
	"fmt"
	"time"

	"dunwell/internal/day"
	"dunwell/internal/money"
)

// matter is a case. What was said about it stands in the journal.
type matter struct {
	ID         int64
	Title      string
	Status     string
	Owner      string
	Resolver   string
	NextOn     day.Day
	DeadlineOn day.Day
	ToldOf     day.Day
	OpenedAt   time.Time
	OpenedBy   string
	ClosedAt   *time.Time
	ClosedBy   string
}

func (m *making) cases(ctx context.Context) error {
	head := []string{"Case", "Title", "Status", "Owner", "Who settles it", "Next date", "Answer due by", "A manager was told of the day", "Opened at", "Opened by", "Closed at", "Closed by"}
	return table(ctx, m, "cases.csv", head, people+`
		SELECT k.id, k.title, k.status, o.name AS owner, coalesce(r.name, '') AS resolver, k.next_on, k.deadline_on, k.escalated_for AS told_of, k.opened_at,
			coalesce(w.name, 'Dunwell') AS opened_by, k.closed_at, CASE WHEN k.closed_at IS NULL THEN '' ELSE coalesce(c.name, 'Dunwell') END AS closed_by
		FROM cases k
		JOIN people o ON o.id = k.owner_id
		LEFT JOIN resolvers r ON r.tenant_id = @tenant AND r.id = k.resolver_id
		LEFT JOIN people w ON w.id = k.opened_by
		LEFT JOIN people c ON c.id = k.closed_by
		WHERE k.tenant_id = @tenant AND k.customer_id = @customer
		ORDER BY k.id`, func(k matter) []string {
		return []string{fmt.Sprint(k.ID), k.Title, words(k.Status), k.Owner, k.Resolver, k.NextOn.String(), k.DeadlineOn.String(), k.ToldOf.String(), m.moment(k.OpenedAt), k.OpenedBy,
			m.since(k.ClosedAt), k.ClosedBy}
	})
}

// questioned is an item of a case, also one that left it.
type questioned struct {
	CaseID   int64
	Number   string
	Currency money.Currency
	Amount   *int64 // nil: the whole item
	JoinedAt time.Time
	JoinedBy string
	LeftAt   *time.Time
	LeftBy   string
	LeftWhy  string
}

func (m *making) caseItems(ctx context.Context) error {
	head := []string{"Case", "Item", "Currency", "In question", "Put in at", "Put in by", "Left at", "Left by", "Left because"}
	return table(ctx, m, "case_items.csv", head, people+`
		SELECT q.case_id, i.number, q.currency, q.amount, q.joined_at, coalesce(j.name, 'Dunwell') AS joined_by, q.left_at,
			CASE WHEN q.left_at IS NULL THEN '' ELSE coalesce(l.name, 'Dunwell') END AS left_by, coalesce(q.left_why, '') AS left_why
		FROM case_items q
		JOIN items i ON i.tenant_id = @tenant AND i.id = q.item_id
		LEFT JOIN people j ON j.id = q.joined_by
		LEFT JOIN people l ON l.id = q.left_by
		WHERE q.tenant_id = @tenant AND q.customer_id = @customer
		ORDER BY q.case_id, q.id`, func(q questioned) []string {
		amount := "all of it"
		if q.Amount != nil {
			amount = plain(*q.Amount, q.Currency)
		}
		return []string{fmt.Sprint(q.CaseID), q.Number, string(q.Currency), amount, m.moment(q.JoinedAt), q.JoinedBy, m.since(q.LeftAt), q.LeftBy, q.LeftWhy}
	})
}

// link is one by which a colleague answers without signing in, or a use of it.
type link struct {
	CaseID    int64
	Resolver  string
	CreatedAt time.Time
	Author    string
	ExpiresAt time.Time
	RevokedAt *time.Time
	RevokedBy string
	Used      string
	UsedAt    *time.Time
	Verdict   string
	Address   string
}

func (m *making) caseLinks(ctx context.Context) error {
	head := []string{"Case", "For", "Made at", "Made by", "Good until", "Ended at", "Ended by", "Used", "Used at", "Verdict", "From"}
	return table(ctx, m, "case_links.csv", head, people+`
		SELECT l.case_id, r.name AS resolver, l.created_at, coalesce(w.name, 'Dunwell') AS author, l.expires_at, l.revoked_at,
			CASE WHEN l.revoked_at IS NULL THEN '' ELSE coalesce(e.name, 'Dunwell') END AS revoked_by,
			coalesce(u.kind, '') AS used, u.at AS used_at, coalesce(u.verdict, '') AS verdict, coalesce(u.address, '') AS address
		FROM resolver_links l
		JOIN resolvers r ON r.tenant_id = @tenant AND r.id = l.resolver_id
		LEFT JOIN resolver_link_uses u ON u.tenant_id = @tenant AND u.link_id = l.id
		LEFT JOIN people w ON w.id = l.author_id
		LEFT JOIN people e ON e.id = l.revoked_by
		WHERE l.tenant_id = @tenant AND l.customer_id = @customer
		ORDER BY l.id, u.id`, func(l link) []string {
		return []string{fmt.Sprint(l.CaseID), l.Resolver, m.moment(l.CreatedAt), l.Author, m.moment(l.ExpiresAt), m.since(l.RevokedAt), l.RevokedBy,
			l.Used, m.since(l.UsedAt), l.Verdict, l.Address}
	})
}
