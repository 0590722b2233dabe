package contact

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/dunning"
	"dunwell/internal/tenant"
)

// Add writes a contact down: the contact, its place in the diary of whoever follows
// it up, and its note, or none of them.
func Add(ctx context.Context, tx *tenant.Tx, customerID int64, p Plan) (id int64, err error) {
	if err := hold(ctx, tx, customerID); err != nil {
		return 0, err
	}
	return p.add(ctx, tx, customerID, nil)
}

// FollowUp adds the next link of the chain: the contact of that version is followed
// by a new one and leaves the diary.
func FollowUp(ctx context.Context, tx *tenant.Tx, customerID, id int64, version int, p Plan) (next int64, err error) {
	before, err := standing(ctx, tx, customerID, id, version)
	if err != nil {
		return 0, err
	}
	if next, err = p.add(ctx, tx, customerID, &before); err != nil {
		return 0, err
	}
	_, err = tx.Exec(ctx, `
		UPDATE contacts
		SET ended = 'followed', next_id = @next, ended_at = @now, ended_by = nullif(@member::bigint, 0), version = version + 1
		WHERE tenant_id = @tenant AND id = @id`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "id": id, "next": next, "now": tx.Now, "member": tx.Actor.MemberID})
	if err != nil {
		return 0, fmt.Errorf("follow a contact up: %w", err)
	}
	return next, nil
}

// add writes the contact, as the first of a chain or behind another one.
func (p Plan) add(ctx context.Context, tx *tenant.Tx, customerID int64, before *Contact) (id int64, err error) {
	var was Plan
	if before != nil {
		was = before.plan()
		was.TypeID = before.Proposed() // which it was planned to be
		was.Next, was.ExecutiveID = Next{}, 0
	}
	c, err := p.check(ctx, tx, customerID, was)
	if err != nil {
		return 0, err
	}
	args := p.args(tx, c)
	args["customer"], args["first"], args["now"], args["author"] = customerID, nil, tx.Now, tx.Actor.MemberID
	if before != nil {
		args["first"] = before.FirstID
	}
	err = tx.QueryRow(ctx, `
		INSERT INTO contacts (customer_id, department_id, type_id, code, type_name, action, description, executive_id, branch_id, origin_id, strength_id,
			vehicle_id, assignee_id, due_on, due_at, next_type_id, first_id, author_id, created_at)
		VALUES (@customer, nullif(@department::bigint, 0), @type, @code, @name, @action, @description, @executive, @branch, nullif(@origin::bigint, 0),
			nullif(@strength::bigint, 0), nullif(@vehicle::bigint, 0), @assignee, @on, nullif(@at, '')::time, nullif(@next_type::bigint, 0), @first,
			nullif(@author::bigint, 0), @now)
		RETURNING id`, args).Scan(&id)
	if err != nil {
		return 0, fmt.Errorf("write a contact: %w", err)
	}
	if err := journal(ctx, tx, customerID, id, said, p.line(tx, c, before)); err != nil {
		return 0, err
	}
	if !c.Conversation {
		return id, nil
	}
	return id, dunning.Acted(ctx, tx, customerID, *c.Code+" "+*c.TypeName+": "+p.Description)
}

// args are the plan as it is written.
func (p Plan) args(tx *tenant.Tx, c chosen) pgx.NamedArgs {
	return pgx.NamedArgs{"tenant": tx.Actor.TenantID, "department": p.DepartmentID, "type": p.TypeID, "code": *c.Code, "name": *c.TypeName, "action": *c.Action,
		"description": p.Description, "executive": p.ExecutiveID, "branch": c.BranchID, "origin": p.OriginID, "strength": p.StrengthID, "vehicle": p.VehicleID,
		"assignee": p.Next.AssigneeID, "on": p.Next.On, "at": p.Next.At, "next_type": p.Next.TypeID}
}

// line is what the journal says of a new contact.
func (p Plan) line(tx *tenant.Tx, c chosen, before *Contact) string {
	text := "Contact " + *c.Code + " " + *c.TypeName
	if before != nil {
		text += fmt.Sprintf(", which follows %s of %s", before.Type(), before.CreatedAt.In(tx.Actor.Tenant.Zone).Format("2 Jan 2006"))
	}
	if c.Vehicle != nil {
		text += ", about " + *c.Vehicle
	}
	text += ": " + p.Description + "\nFollow-up: " + when(p.Next.On, p.Next.At) + ", " + *c.Assignee
	if c.NextType != nil {
		text += ", " + *c.NextType
	}
	return text + "."
}

// Proposed is the type that the follow-up of a contact is to be: the one that was
// planned, else its own.
func (c Contact) Proposed() int64 {
	if c.NextTypeID != nil {
		return *c.NextTypeID
	}
	return c.TypeID
}
