package statementrun

import (
	"context"
	"fmt"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/customer"
	"dunwell/internal/day"
	"dunwell/internal/errs"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
)

// Whom says which customers a run is for, by how they stand on its day.
type Whom string

// The two.
const (
	Open    Whom = "open"    // something is not settled, owed or in their favour
	Overdue Whom = "overdue" // something is past its due date
)

// Choice is whom a run is for, and as of which day. Archived customers get no
// statement, and those who were merged into others are such.
type Choice struct {
	AsOf     day.Day // zero: today
	Whom     Whom
	Tag      string // only who has it; empty: everybody
	OwnerID  int64  // only whose customers; 0: everybody's
	BranchID int64  // only of it; 0: of all
}

// What a run takes.
const (
	maxCustomers = 20_000
	maxAhead     = 31 // days
)

// check brings the choice into form and refuses what cannot be.
func (ch *Choice) check(today day.Day) error {
	if ch.AsOf.IsZero() {
		ch.AsOf = today
	}
	ch.Tag = customer.TidyTag(ch.Tag)
	var inv errs.Invalid
	inv.Check(!ch.AsOf.After(today.Add(maxAhead)), "as_of", "Give a day up to a month ahead: what will be open later nobody knows.")
	inv.Check(ch.Whom == Open || ch.Whom == Overdue, "whom", "Choose who gets a statement.")
	inv.Check(utf8.RuneCountInString(ch.Tag) <= customer.MaxTag, "tag", fmt.Sprintf("A tag has %d characters at most.", customer.MaxTag))
	return inv.Err()
}

// found refuses an owner or a branch who is not there.
func (ch Choice) found(ctx context.Context, tx *tenant.Tx) error {
	var there bool
	err := tx.QueryRow(ctx, `
		SELECT (@owner::bigint = 0 OR EXISTS (SELECT FROM members m WHERE m.tenant_id = @tenant AND m.id = @owner))
			AND (@branch::bigint = 0 OR EXISTS (SELECT FROM branches b WHERE b.tenant_id = @tenant AND b.id = @branch))`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "owner": ch.OwnerID, "branch": ch.BranchID}).Scan(&there)
	if err != nil {
		return fmt.Errorf("look for the owner and the branch: %w", err)
	}
	if !there {
		return fmt.Errorf("owner or branch of a statement run: %w", errs.NotFound)
	}
	return nil
}

// candidate is a customer whom a choice fits.
type candidate struct {
	customer.Customer
	stands []stand // one a currency, the tenant's own first
	why    string  // no statement is made
}

// stand is how a customer stands in a currency on the day.
type stand struct {
	Currency              money.Currency
	Open, Overdue, Credit int64
}

// candidates reads whom the choice fits, in the order of their numbers.
func (ch Choice) candidates(ctx context.Context, tx *tenant.Tx) (list []candidate, err error) {
	tagged := ""
	if ch.Tag != "" {
		tagged = `
				AND c.id IN (SELECT tagged_customers(@tag))`
	}
	rows, _ := tx.Query(ctx, `
		WITH lines AS (
			SELECT o.customer_id, o.currency, greatest(o.open_amount, 0) AS open, greatest(-o.open_amount, 0) AS credit,
				CASE WHEN o.open_amount > 0 AND o.due_on < @as_of THEN o.open_amount ELSE 0 END AS overdue
			FROM open_items(@as_of) o
			WHERE o.tenant_id = @tenant
			UNION ALL
			SELECT o.customer_id, o.currency, 0, o.unapplied, 0
			FROM open_credits(@as_of) o
			WHERE o.tenant_id = @tenant
		), stands AS (
			SELECT customer_id, currency, sum(open)::bigint AS open, sum(overdue)::bigint AS overdue, sum(credit)::bigint AS credit
			FROM lines
			GROUP BY customer_id, currency
		), fit AS (
			SELECT c.id, c.number, c.name, c.kind, c.street, c.city, c.country, c.region, c.time_zone
			FROM customers c
			WHERE c.tenant_id = @tenant AND c.archived_at IS NULL
				AND (@owner::bigint = 0 OR c.owner_id = @owner)
				AND (@branch::bigint = 0 OR c.branch_id = @branch)`+tagged+`
				AND c.id IN (SELECT s.customer_id FROM stands s WHERE @whom = 'open' OR s.overdue > 0)
			ORDER BY c.number, c.id
			LIMIT @most
		)
		SELECT c.id, c.number, c.name, c.kind, c.street, c.city, c.country, c.region, c.time_zone, s.currency, s.open, s.overdue, s.credit
		FROM fit c
		JOIN stands s ON s.customer_id = c.id
		ORDER BY c.number, c.id, s.currency <> @own, s.currency`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "as_of": ch.AsOf, "owner": ch.OwnerID, "branch": ch.BranchID, "tag": ch.Tag, "whom": ch.Whom,
			"own": tx.Actor.Tenant.Currency, "most": maxCustomers + 1})
	var c customer.Customer
	var s stand
	_, err = pgx.ForEachRow(rows, []any{&c.ID, &c.Number, &c.Name, &c.Kind, &c.Street, &c.City, &c.Country, &c.Region, &c.TimeZone, &s.Currency, &s.Open, &s.Overdue, &s.Credit}, func() error {
		if n := len(list); n == 0 || list[n-1].ID != c.ID {
			list = append(list, candidate{Customer: c})
		}
		list[len(list)-1].stands = append(list[len(list)-1].stands, s)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("find who gets a statement: %w", err)
	}
	if len(list) > maxCustomers {
		return nil, errs.Invalid{"": "More than 20,000 customers fit, the most that a run takes. Choose a tag, an owner or a branch."}
	}
	return list, nil
}
