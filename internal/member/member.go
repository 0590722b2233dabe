// Package member has the people who sign in: their password and sign-ins, which
// belong to the person, and their role, branch and department, which belong to
// one company. It does not decide what a role may do elsewhere: each rule stands
// beside what it protects.
package member

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// Member is a person inside one company.
type Member struct {
	ID, UserID   int64
	Name, Email  string
	Role         tenant.Role
	BranchID     *int64
	Branch       string
	DepartmentID *int64
	Department   string
	Phone        string // where the telephone system rings them, E.164; empty: nowhere
	Active       bool
	// HasPassword is false until the first one-time link was used.
	HasPassword bool
	// ResetAskedAt is set where "forgotten password" was pressed and no link was
	// made since.
	ResetAskedAt *time.Time
	Version      int
}

// CanRead tells who may see the company's people and their roles.
func CanRead(a tenant.Actor) bool { return a.Is(tenant.Manager) }

// CanManage tells who may invite people and change what they may do.
func CanManage(a tenant.Actor) bool { return a.Is(tenant.Admin) }

func mayManage(a tenant.Actor) error {
	if CanManage(a) {
		return nil
	}
	return errs.Forbidden("Only administrators change people, branches and departments. Ask one of yours.")
}

const columns = `m.id, m.user_id, u.name, u.email, m.role, m.branch_id, coalesce(b.name, '') AS branch,
	m.department_id, coalesce(d.name, '') AS department, m.phone, m.active, u.password_hash IS NOT NULL AS has_password,
	u.reset_asked_at, m.version`

const source = `members m
	JOIN users u ON u.id = m.user_id
	LEFT JOIN branches b ON b.tenant_id = m.tenant_id AND b.id = m.branch_id
	LEFT JOIN departments d ON d.tenant_id = m.tenant_id AND d.id = m.department_id`

// List is everybody of the company, those who left last.
func List(ctx context.Context, tx *tenant.Tx) ([]Member, error) {
	if !CanRead(tx.Actor) {
		return nil, errs.Forbidden("Only managers and administrators see the list of people.")
	}
	rows, _ := tx.Query(ctx, `
		SELECT `+columns+`
		FROM `+source+`
		WHERE m.tenant_id = $1
		ORDER BY m.active DESC, lower(u.name), m.id`,
		tx.Actor.TenantID)
	return pgx.CollectRows(rows, pgx.RowToStructByName[Member])
}

// Detail is a member with what an administrator should know before a change.
type Detail struct {
	Member
	// Customers is how many customers have this member as owner.
	Customers int
	// Elsewhere tells that the person is or was a member of another company too.
	Elsewhere bool
}

// Find is one member.
func Find(ctx context.Context, tx *tenant.Tx, id int64) (Detail, error) {
	if !CanRead(tx.Actor) {
		return Detail{}, errs.Forbidden("Only managers and administrators see the people of the company.")
	}
	rows, _ := tx.Query(ctx, `
		SELECT `+columns+`,
			(SELECT count(*) FROM customers c WHERE c.tenant_id = m.tenant_id AND c.owner_id = m.id) AS customers,
			works_elsewhere(m.user_id) AS elsewhere
		FROM `+source+`
		WHERE m.tenant_id = $1 AND m.id = $2`,
		tx.Actor.TenantID, id)
	d, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Detail])
	if errors.Is(err, pgx.ErrNoRows) {
		return Detail{}, fmt.Errorf("member %d: %w", id, errs.NotFound)
	}
	return d, err
}

// Choice is a member to choose from a list.
type Choice struct {
	ID   int64
	Name string
}

// Choices lists the active members by name, for everybody.
func Choices(ctx context.Context, tx *tenant.Tx) ([]Choice, error) {
	rows, _ := tx.Query(ctx, `
		SELECT m.id, u.name
		FROM members m
		JOIN users u ON u.id = m.user_id
		WHERE m.tenant_id = $1 AND m.active
		ORDER BY lower(u.name), m.id`,
		tx.Actor.TenantID)
	return pgx.CollectRows(rows, pgx.RowToStructByName[Choice])
}

// lock reads the member for a change and holds it until the transaction ends.
func lock(ctx context.Context, tx *tenant.Tx, id int64) (Member, error) {
	rows, _ := tx.Query(ctx, `
		SELECT `+columns+`
		FROM `+source+`
		WHERE m.tenant_id = $1 AND m.id = $2
		FOR NO KEY UPDATE OF m`,
		tx.Actor.TenantID, id)
	m, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Member])
	if errors.Is(err, pgx.ErrNoRows) {
		return Member{}, fmt.Errorf("member %d: %w", id, errs.NotFound)
	}
	return m, err
}
