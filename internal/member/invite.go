package member

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// Invitation is a person to be let into the company.
type Invitation struct {
	Email, Name            string
	Role                   tenant.Role
	BranchID, DepartmentID *int64 // nil: none
}

// Invited is what became of an invitation.
type Invited struct {
	MemberID int64
	Name     string
	// Token is for the one-time link that lets a new person set a password. It is
	// empty where the account was there already: whoever has no password yet then
	// gets a link from the operator, for it opens the other company too.
	Token string
}

func (i *Invitation) check() error {
	var inv errs.Invalid
	at, err := mail.ParseAddress(i.Email)
	inv.Check(err == nil && at.Address == i.Email && len(i.Email) <= 254 && tenant.PlainLetters(i.Email), "email", "Give an e-mail address such as anna@example.com, in plain letters.")
	inv.Check(slices.Contains(tenant.Roles, i.Role), "role", "Choose a role.")
	var name errs.Invalid
	if errors.As(checkName(&i.Name), &name) {
		inv.Check(false, "name", name["name"])
	}
	return inv.Err()
}

// Invite lets a person into the company. Whoever has an account already, from
// another company, keeps its name and password.
func Invite(ctx context.Context, tx *tenant.Tx, i Invitation) (Invited, error) {
	if err := mayManage(tx.Actor); err != nil {
		return Invited{}, err
	}
	i.Email, i.Name = normal(i.Email), strings.TrimSpace(i.Name)
	if err := i.check(); err != nil {
		return Invited{}, err
	}
	if err := checkPlace(ctx, tx, i.BranchID, i.DepartmentID); err != nil {
		return Invited{}, err
	}
	userID, err := ensureUser(ctx, tx, i.Email, i.Name)
	if err != nil {
		return Invited{}, err
	}
	id, err := join(ctx, tx, userID, i)
	if err != nil {
		return Invited{}, err
	}
	d, err := Find(ctx, tx, id)
	if err != nil {
		return Invited{}, err
	}
	out := Invited{MemberID: id, Name: d.Name}
	if out.Token, err = firstLink(ctx, tx, d); err != nil {
		return Invited{}, err
	}
	return out, tx.Audit(ctx, tenant.Event{Kind: "people.invited", Subject: "member", SubjectID: id,
		Data: tenant.Change{After: d.terms()}})
}

// ensureUser finds or makes the account and holds it until the transaction ends,
// so that two companies that invite one person take turns.
func ensureUser(ctx context.Context, tx *tenant.Tx, email, name string) (id int64, err error) {
	args := pgx.NamedArgs{"email": email, "name": name}
	_, err = tx.Exec(ctx, `
		INSERT INTO users (email, name)
		VALUES (@email, @name)
		ON CONFLICT (email) DO NOTHING`, args)
	if err == nil {
		err = tx.QueryRow(ctx, `SELECT id FROM users WHERE email = @email FOR NO KEY UPDATE`, args).Scan(&id)
	}
	if err != nil {
		return 0, fmt.Errorf("find or make the account: %w", err)
	}
	return id, nil
}

func join(ctx context.Context, tx *tenant.Tx, userID int64, i Invitation) (id int64, err error) {
	err = tx.QueryRow(ctx, `
		INSERT INTO members (user_id, role, branch_id, department_id)
		VALUES (@user, @role, @branch, @department)
		ON CONFLICT (tenant_id, user_id) DO NOTHING
		RETURNING id`,
		pgx.NamedArgs{"user": userID, "role": i.Role, "branch": i.BranchID, "department": i.DepartmentID}).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, errs.Invalid{"email": "This person is in your list of people already. Open the entry there to change it or to let the person in again."}
	}
	if err != nil {
		return 0, fmt.Errorf("add the member: %w", err)
	}
	return id, nil
}

// firstLink makes the link of somebody invited for the first time. Somebody
// known elsewhere gets none, and an older link of theirs ends: whoever holds it
// could set the password and enter this company too.
func firstLink(ctx context.Context, tx *tenant.Tx, d Detail) (string, error) {
	if !d.Elsewhere && !d.HasPassword {
		return CreateLink(ctx, tx, d.UserID, FirstPassword)
	}
	_, err := tx.Exec(ctx, `DELETE FROM user_links WHERE user_id = $1 AND used_at IS NULL`, d.UserID)
	if err != nil {
		return "", fmt.Errorf("end older links: %w", err)
	}
	return "", nil
}
