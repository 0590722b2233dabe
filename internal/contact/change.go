package contact

import (
	"context"
	"fmt"
	"strings"

	"dunwell/internal/day"
	"dunwell/internal/tenant"
)

// Change makes an open contact what p says, the version given being the one that was
// shown. Failed attempts are counted anew where its follow-up is planned otherwise:
// somebody has decided.
func Change(ctx context.Context, tx *tenant.Tx, customerID, id int64, version int, p Plan) error {
	was, err := standing(ctx, tx, customerID, id, version)
	if err != nil {
		return err
	}
	c, err := p.check(ctx, tx, customerID, was.plan())
	if err != nil {
		return err
	}
	if p == was.plan() {
		return nil
	}
	if p.TypeID == was.TypeID { // it keeps what its type said then
		c.Code, c.TypeName, c.Action = &was.Code, &was.TypeName, &was.Action
	}
	if p.ExecutiveID == was.ExecutiveID {
		c.BranchID = was.BranchID
	}
	args := p.args(tx, c)
	args["id"], args["attempts"] = id, was.Attempts
	if p.Next != was.plan().Next {
		args["attempts"] = 0
	}
	_, err = tx.Exec(ctx, `
		UPDATE contacts
		SET department_id = nullif(@department::bigint, 0), type_id = @type, code = @code, type_name = @name, action = @action, description = @description,
			executive_id = @executive, branch_id = @branch, origin_id = nullif(@origin::bigint, 0), strength_id = nullif(@strength::bigint, 0),
			vehicle_id = nullif(@vehicle::bigint, 0), assignee_id = @assignee, due_on = @on, due_at = nullif(@at, '')::time,
			next_type_id = nullif(@next_type::bigint, 0), attempts = @attempts, version = version + 1
		WHERE tenant_id = @tenant AND id = @id`, args)
	if err != nil {
		return fmt.Errorf("change a contact: %w", err)
	}
	return journal(ctx, tx, customerID, id, changed, "Contact "+was.Type()+" changed: "+strings.Join(differences(was, p, c), "; ")+".")
}

// differences says what becomes of a contact, part after part.
func differences(was Contact, p Plan, c chosen) (list []string) {
	or := func(name *string) string {
		if name == nil {
			return ""
		}
		return *name
	}
	part := func(what, before, after string) {
		switch {
		case before == after:
		case after == "":
			list = append(list, fmt.Sprintf("no %s instead of %s", what, before))
		case before == "":
			list = append(list, what+" "+after)
		default:
			list = append(list, fmt.Sprintf("%s %s instead of %s", what, after, before))
		}
	}
	part("code", was.Type(), *c.Code+" "+*c.TypeName)
	part("executive", was.Executive, *c.Executive)
	part("department", was.Department, or(c.Department))
	part("origin", was.Origin, or(c.Origin))
	part("strength", was.Strength, or(c.Strength))
	if b := was.plan(); b.VehicleID != p.VehicleID {
		part("vehicle", was.Vehicle, or(c.Vehicle))
	}
	part("follow-up", was.When(), when(p.Next.On, p.Next.At))
	part("follow-up by", was.Assignee, *c.Assignee)
	part("follow-up as", was.NextType(), or(c.NextType))
	if was.Description != p.Description {
		list = append(list, "another description; it said: "+was.Description)
	}
	return list
}

// Reschedule gives an open contact another day, at any time of it where at is empty,
// and leaves the rest. No day at all puts it among what has no date.
func Reschedule(ctx context.Context, tx *tenant.Tx, customerID, id int64, version int, on day.Day, at string) error {
	c, err := Find(ctx, tx, customerID, id)
	if err != nil {
		return err
	}
	p := c.plan()
	p.Next.On, p.Next.At = on, at
	return Change(ctx, tx, customerID, id, version, p)
}
