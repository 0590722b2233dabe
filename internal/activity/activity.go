// Package activity is what people do with a customer by speaking: the calls they
// place and take with what came of them, and the conversations they had elsewhere.
// One save of it keeps all that follows: promise, call back, follow-up, agenda. What
// is written it leaves to message, and whether one may call to contactrule.
package activity

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/customer"
	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// CanWork tells who calls customers and writes down what was said: everybody who
// sees them, never the program itself.
func CanWork(a tenant.Actor) bool { return !a.System() && a.Is(tenant.Collector) }

const mayNotWork = errs.Forbidden("Only people who work customers call them and write down what was said. Ask one of them.")

// Call is a call that was placed or taken.
type Call struct {
	ID         int64
	CustomerID int64
	Customer   string // its name
	PointID    int64  // 0: a number that is not on file
	Number     string // E.164
	Person     string // empty: nobody knows
	Title      string
	Role       customer.Role
	Incoming   bool
	Accounts   []string // it is about, by their numbers; none: all
	MemberID   int64    // who placed or took it; 0: the program itself
	Member     string
	At         time.Time
	// Outcome is what came of it, empty where nobody has said so yet; SavedBy and
	// SavedAt tell who did, and when.
	Outcome string
	SavedBy string
	SavedAt *time.Time
}

// Open tells that its outcome is still asked for.
func (c Call) Open() bool { return c.SavedAt == nil }

// Point is the telephone that was called, for its number and link.
func (c Call) Point() customer.ContactPoint {
	return customer.ContactPoint{ID: c.PointID, Kind: customer.Phone, Value: c.Number, Person: c.Person, Title: c.Title, Role: c.Role}
}

// With names whom the call is with: "Anna Holm, +47 22 41 09 33".
func (c Call) With() string {
	if c.Person == "" {
		return c.Point().Shown()
	}
	return c.Person + ", " + c.Point().Shown()
}

const callColumns = `
	SELECT c.id, c.customer_id, k.name AS customer, coalesce(c.contact_point_id, 0) AS point_id, c.number, coalesce(p.person, '') AS person,
		coalesce(p.title, '') AS title, coalesce(p.role, '') AS role, c.direction = 'in' AS incoming,
		ARRAY(
			SELECT a.number
			FROM call_attempt_accounts x
			JOIN accounts a ON a.tenant_id = @tenant AND a.id = x.account_id
			WHERE x.tenant_id = @tenant AND x.call_attempt_id = c.id
			ORDER BY a.number) AS accounts,
		coalesce(c.member_id, 0) AS member_id, coalesce(u.name, 'Dunwell') AS member, c.at,
		coalesce(concat_ws(': ', v.data->>'name', nullif(v.data->>'text', '')), '') AS outcome, coalesce(vu.name, 'Dunwell') AS saved_by, v.at AS saved_at
	FROM call_attempts c
	JOIN customers k ON k.tenant_id = @tenant AND k.id = c.customer_id
	LEFT JOIN contact_points p ON p.tenant_id = @tenant AND p.id = c.contact_point_id
	LEFT JOIN members m ON m.tenant_id = @tenant AND m.id = c.member_id
	LEFT JOIN users u ON u.id = m.user_id
	LEFT JOIN call_events v ON v.tenant_id = @tenant AND v.customer_id = c.customer_id AND v.call_attempt_id = c.id AND v.kind = 'outcome'
	LEFT JOIN members vm ON vm.tenant_id = @tenant AND vm.id = v.member_id
	LEFT JOIN users vu ON vu.id = vm.user_id`

// Find reads a call with the customer.
func Find(ctx context.Context, tx *tenant.Tx, customerID, id int64) (Call, error) {
	rows, _ := tx.Query(ctx, callColumns+`
		WHERE c.tenant_id = @tenant AND c.customer_id = @customer AND c.id = @id`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customer": customerID, "id": id})
	c, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Call])
	if errors.Is(err, pgx.ErrNoRows) {
		return c, fmt.Errorf("call %d: %w", id, errs.NotFound)
	}
	if err != nil {
		return c, fmt.Errorf("find call: %w", err)
	}
	return c, nil
}
