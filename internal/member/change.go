package member

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// Terms is what a person is in the company. Version is the one that was shown to
// whoever changes it.
type Terms struct {
	Role         tenant.Role
	BranchID     *int64
	DepartmentID *int64
	Phone        string // as typed, with its country code; empty: none
	Version      int
}

// Update changes role, branch, department and telephone number of an active member.
// Nobody changes their own role: an administrator who did would be locked out at once.
func Update(ctx context.Context, tx *tenant.Tx, id int64, t Terms) error {
	was, err := lockForChange(ctx, tx, id, t.Version)
	if err != nil {
		return err
	}
	if !was.Active {
		return errs.Conflict(was.Name + " no longer works here. Let the person in again first.")
	}
	if !slices.Contains(tenant.Roles, t.Role) {
		return errs.Invalid{"role": "Choose a role."}
	}
	if err := checkPlace(ctx, tx, changed(was.BranchID, t.BranchID), changed(was.DepartmentID, t.DepartmentID)); err != nil {
		return err
	}
	if t.Phone, err = parsePhone(t.Phone); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		UPDATE members
		SET role = @role, branch_id = @branch, department_id = @department, phone = @phone, version = version + 1
		WHERE tenant_id = @tenant AND id = @id`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "id": id, "role": t.Role, "branch": t.BranchID, "department": t.DepartmentID, "phone": t.Phone})
	if lastAdmin(err) {
		return errs.Invalid{"role": was.Name + " is the last administrator. Make somebody else an administrator first."}
	}
	if err != nil {
		return fmt.Errorf("change the member: %w", err)
	}
	if id == tx.Actor.MemberID && t.Role != was.Role {
		return errs.Invalid{"role": "You would take your own rights, and could not give them back. Ask another administrator to do it."}
	}
	return auditChange(ctx, tx, "people.changed", was)
}

// Deactivate ends a membership: the person's next request here is refused, and the days
// on which they would have been away come to an end with it. It does not
// look at what is open: handover.Deactivate asks who is to have that, and calls this. What
// they wrote stays, under their name.
func Deactivate(ctx context.Context, tx *tenant.Tx, id int64, version int) error {
	return setActive(ctx, tx, id, version, false)
}

// Reactivate lets a person in again, as what they were.
func Reactivate(ctx context.Context, tx *tenant.Tx, id int64, version int) error {
	return setActive(ctx, tx, id, version, true)
}

func setActive(ctx context.Context, tx *tenant.Tx, id int64, version int, active bool) error {
	was, err := lockForChange(ctx, tx, id, version)
	if err != nil || was.Active == active {
		return err
	}
	if !active {
		if err := endAbsences(ctx, tx, id); err != nil {
			return err
		}
	}
	_, err = tx.Exec(ctx, `
		UPDATE members
		SET active = @active, version = version + 1
		WHERE tenant_id = @tenant AND id = @id`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "id": id, "active": active})
	if lastAdmin(err) {
		return errs.Conflict(was.Name + " is the last administrator and cannot leave. Make somebody else an administrator first.")
	}
	if err != nil {
		return fmt.Errorf("change the membership: %w", err)
	}
	kind := "people.deactivated"
	if active {
		kind = "people.reactivated"
	}
	return auditChange(ctx, tx, kind, was)
}

// lockForChange asks for permission, reads the member and refuses a change that
// was made to an older version.
func lockForChange(ctx context.Context, tx *tenant.Tx, id int64, version int) (Member, error) {
	if err := mayManage(tx.Actor); err != nil {
		return Member{}, err
	}
	m, err := lock(ctx, tx, id)
	if err != nil {
		return Member{}, err
	}
	if m.Version != version {
		by, err := changedBy(ctx, tx, id)
		if err != nil {
			return Member{}, err
		}
		return Member{}, errs.Conflict(fmt.Sprintf(
			"Somebody else changed %s meanwhile: now %s. %sNothing of yours was saved: look at that, and decide anew.", m.Name, m, by))
	}
	return m, nil
}

// changedBy says who changed the member last, and when, as the audit record has it.
func changedBy(ctx context.Context, tx *tenant.Tx, id int64) (string, error) {
	var who string
	var at time.Time
	err := tx.QueryRow(ctx, `
		SELECT u.name, e.at
		FROM audit_events e
		JOIN members m ON m.tenant_id = e.tenant_id AND m.id = e.member_id
		JOIN users u ON u.id = m.user_id
		WHERE e.tenant_id = $1 AND e.subject = 'member' AND e.subject_id = $2
			AND e.kind IN ('people.changed', 'people.deactivated', 'people.reactivated', 'account.phone_changed')
		ORDER BY e.id DESC
		LIMIT 1`, tx.Actor.TenantID, id).Scan(&who, &at)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("find who changed the member: %w", err)
	}
	return fmt.Sprintf("It was %s on %s. ", who, at.In(tx.Actor.Tenant.Zone).Format("Mon 2 Jan, 15:04")), nil
}

// auditChange records what the member was and what it is now.
func auditChange(ctx context.Context, tx *tenant.Tx, kind string, was Member) error {
	now, err := lock(ctx, tx, was.ID)
	if err != nil {
		return err
	}
	return tx.Audit(ctx, tenant.Event{Kind: kind, Subject: "member", SubjectID: was.ID,
		Data: tenant.Change{Before: was.terms(), After: now.terms()}})
}

// terms is what the audit record keeps of a member, with names as of now.
func (m Member) terms() map[string]any {
	return map[string]any{"name": m.Name, "role": m.Role, "branch": m.Branch, "department": m.Department, "phone": m.Phone, "active": m.Active}
}

// String says what the member is in the company, in a few words.
func (m Member) String() string {
	s := string(m.Role)
	if m.Branch != "" {
		s += ", branch " + m.Branch
	}
	if m.Department != "" {
		s += ", department " + m.Department
	}
	if !m.Active {
		s += ", no longer working here"
	}
	return s
}

// changed is the new value where it differs from the old, else nil: a branch
// that was retired since may stay.
func changed(old, now *int64) *int64 {
	if old != nil && now != nil && *old == *now {
		return nil
	}
	return now
}

// checkPlace refuses a branch or department that is another company's or
// retired; nil is none.
func checkPlace(ctx context.Context, tx *tenant.Tx, branch, department *int64) error {
	var branchOK, departmentOK bool
	err := tx.QueryRow(ctx, `
		SELECT
			@branch::bigint IS NULL OR EXISTS (
				SELECT 1 FROM branches WHERE tenant_id = @tenant AND id = @branch AND retired_at IS NULL),
			@department::bigint IS NULL OR EXISTS (
				SELECT 1 FROM departments WHERE tenant_id = @tenant AND id = @department AND retired_at IS NULL)`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "branch": branch, "department": department}).Scan(&branchOK, &departmentOK)
	if err != nil {
		return fmt.Errorf("check branch and department: %w", err)
	}
	var inv errs.Invalid
	inv.Check(branchOK, "branch", "Choose a branch from the list.")
	inv.Check(departmentOK, "department", "Choose a department from the list.")
	return inv.Err()
}

func lastAdmin(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.ConstraintName == "members_last_admin"
}
