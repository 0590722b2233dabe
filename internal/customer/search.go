package customer

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/tenant"
)

// MaxQuery is how many characters of what is typed into the search count.
const MaxQuery = 200

// Hit is a customer found while somebody types.
type Hit struct {
	ID       int64
	Number   string
	Name     string
	Kind     Kind
	City     string
	Archived bool
	// By is what found the customer: name, number, account, item, person, phone,
	// email, registration, or merged: the name or number of a customer who turned out
	// to be this one. Match is the item's number, the person's name and so on; empty
	// for the customer's own name and number.
	By, Match string
}

// candidates is how many are looked at for each way of finding; the best of them
// are shown.
const candidates = 200

// Search finds the customers that what was typed may mean, the likeliest first:
// parts of names (of people at the customer too), the beginning of a number of
// the customer, an account, an item or a registration, any four digits of a phone
// number, the beginning of a part of an e-mail address. Less than two letters or
// digits find nobody. Archived customers come last; one that was merged leads to the
// other.
func Search(ctx context.Context, tx *tenant.Tx, typed string, limit int) ([]Hit, error) {
	rows, _ := tx.Query(ctx, `
		WITH found AS (
			SELECT DISTINCT ON (coalesce(d.merged_into, s.customer_id)) coalesce(d.merged_into, s.customer_id) AS customer_id,
				CASE WHEN d.merged_into IS NOT NULL AND s.kind IN ('name', 'number') THEN 'merged' ELSE s.kind END AS kind, s.source, s.place
			FROM search_customers(@typed, @candidates) s
			JOIN customers d ON d.tenant_id = @tenant AND d.id = s.customer_id
			ORDER BY coalesce(d.merged_into, s.customer_id), s.place, d.merged_into IS NOT NULL
		), best AS (
			SELECT c.id, c.number, c.name, c.kind, c.city, c.archived_at IS NOT NULL AS archived, f.kind AS by, f.source,
				row_number() OVER (ORDER BY c.archived_at IS NOT NULL, f.place, c.name_key, c.id) AS place
			FROM found f
			JOIN customers c ON c.tenant_id = @tenant AND c.id = f.customer_id
			ORDER BY place
			LIMIT @limit
		)
		SELECT b.id, b.number, b.name, b.kind, b.city, b.archived, b.by,
			coalesce(CASE b.by WHEN 'person' THEN p.person ELSE p.value END, v.registration, a.number, i.number, m.number || ', ' || m.name, '') AS match
		FROM best b
		LEFT JOIN contact_points p ON b.by IN ('person', 'phone', 'email') AND p.tenant_id = @tenant AND p.id = b.source
		LEFT JOIN vehicles v ON b.by = 'registration' AND v.tenant_id = @tenant AND v.id = b.source
		LEFT JOIN accounts a ON b.by = 'account' AND a.tenant_id = @tenant AND a.id = b.source
		LEFT JOIN items i ON b.by = 'item' AND i.tenant_id = @tenant AND i.id = b.source
		LEFT JOIN customers m ON b.by = 'merged' AND m.tenant_id = @tenant AND m.id = b.source
		ORDER BY b.place`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "typed": cut(typed), "candidates": candidates, "limit": limit})
	hits, err := pgx.CollectRows(rows, pgx.RowToStructByName[Hit])
	if err != nil {
		return nil, fmt.Errorf("search customers: %w", err)
	}
	shown(hits)
	return hits, nil
}

// shown writes the telephone numbers by which customers were found as people read them.
func shown(hits []Hit) {
	for i, h := range hits {
		if h.By == string(Phone) {
			hits[i].Match = showPhone(h.Match).international
		}
	}
}

// cut keeps the beginning that counts.
func cut(typed string) string {
	if r := []rune(typed); len(r) > MaxQuery {
		return string(r[:MaxQuery])
	}
	return typed
}
