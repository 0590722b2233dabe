package cases

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/day"
	"dunwell/internal/ledger"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
)

// Proposal is what a status proposes for the items that get it.
type Proposal struct {
	Action Action
	Case   Opening // title, owner, resolver and the day
}

// Propose reads what the status proposes, for whoever acts. The zero status proposes
// no case and the days of an ongoing item.
func Propose(ctx context.Context, tx *tenant.Tx, s ledger.StatusSetup) (Proposal, error) {
	p := Proposal{Case: Opening{Title: s.CaseTitle, OwnerID: s.CaseOwnerID}}
	if p.Case.Title == "" {
		p.Case.Title = s.Name
	}
	if s.CaseRule == ledger.CaseSuggest || s.CaseRule == ledger.CaseCreate {
		p.Action, p.Case.ResolverID = NewCase, s.CaseResolverID
	}
	delay := s.DelayDays
	if s.ID == 0 {
		delay = usualDelay
	}
	var err error
	if p.Case.NextOn, err = tenant.NextWorkingDay(ctx, tx, tx.Today(), max(delay, 1)); err != nil {
		return p, err
	}
	if s.ID != 0 && delay == 0 {
		p.Case.NextOn = tx.Today()
	}
	return p, present(ctx, tx, &p.Case)
}

// usualDelay is how many days of work are proposed where no status says it.
const usualDelay = 10

// present leaves out who has gone since the status was set up: the owner is then
// whoever acts, or where that is the program itself the first manager.
func present(ctx context.Context, tx *tenant.Tx, o *Opening) error {
	err := tx.QueryRow(ctx, `
		SELECT coalesce(
				(SELECT m.id FROM members m WHERE m.tenant_id = @tenant AND m.id = @owner AND m.active),
				nullif(@me::bigint, 0),
				(SELECT min(m.id) FROM members m WHERE m.tenant_id = @tenant AND m.active AND m.role <> 'collector'), 0),
			coalesce((SELECT r.id FROM resolvers r WHERE r.tenant_id = @tenant AND r.id = @resolver AND r.retired_at IS NULL), 0)`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "owner": o.OwnerID, "me": tx.Actor.MemberID, "resolver": o.ResolverID}).Scan(&o.OwnerID, &o.ResolverID)
	if err != nil {
		return fmt.Errorf("find who works a case: %w", err)
	}
	return nil
}

// Level is one by which a customer is reminded.
type Level struct {
	ID   int64
	Name string
}

// Levels lists those of the customer's policy, the first one first.
func Levels(ctx context.Context, tx *tenant.Tx, customerID int64) ([]Level, error) {
	rows, _ := tx.Query(ctx, `
		SELECT l.id, l.name
		FROM customer_policies p
		JOIN levels l ON l.tenant_id = @tenant AND l.policy_id = p.policy_id AND l.retired_at IS NULL
		WHERE p.tenant_id = @tenant AND p.customer_id = @customer
		ORDER BY l.after_days, l.id`, pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customer": customerID})
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Level])
	if err != nil {
		return nil, fmt.Errorf("list levels: %w", err)
	}
	return list, nil
}

// Owed is an item of a customer of which something is owed, as it is chosen for a
// change of status.
type Owed struct {
	ID       int64
	Number   string
	DueOn    day.Day
	Currency money.Currency
	Open     int64
	StatusID int64
	Status   string
	Colour   string // of the status
	Version  int
	CaseID   int64 // the open case that it is in; 0: none
	Case     string
}

// OwedBy lists them, the oldest first: a thousand at most.
func OwedBy(ctx context.Context, tx *tenant.Tx, customerID int64) ([]Owed, error) {
	rows, _ := tx.Query(ctx, `
		SELECT i.id, i.number, i.due_on, i.currency, i.open_amount AS open, i.status_id, s.name AS status, s.colour, i.version,
			coalesce(k.id, 0) AS case_id, coalesce(k.title, '') AS case
		FROM items i
		JOIN item_statuses s ON s.tenant_id = @tenant AND s.id = i.status_id
		LEFT JOIN case_items q ON q.tenant_id = @tenant AND q.item_id = i.id AND q.open
		LEFT JOIN cases k ON k.tenant_id = @tenant AND k.id = q.case_id
		WHERE i.tenant_id = @tenant AND i.customer_id = @customer AND i.open_amount > 0
		ORDER BY i.due_on, i.id
		LIMIT 1000`, pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customer": customerID})
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Owed])
	if err != nil {
		return nil, fmt.Errorf("list what is owed: %w", err)
	}
	return list, nil
}
