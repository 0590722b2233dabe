package contact

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

var codeForm = regexp.MustCompile(`^[A-Z0-9][A-Z0-9-]{0,11}$`)

// check brings what was typed into form and refuses what cannot be used: groups and
// types that are not offered, unless it had them before.
func (o *Terms) check(groups []Entry, all []Type, was Terms) error {
	var inv errs.Invalid
	o.Code = strings.ToUpper(strings.TrimSpace(o.Code))
	tenant.OneLine(&inv, &o.Action, "action")
	inv.Check(codeForm.MatchString(o.Code), "code", "Give a code of up to 12 letters, digits and hyphens, such as CALL1.")
	checkName(&inv, &o.Name)
	inv.Check(utf8.RuneCountInString(o.Action) <= 200, "action", "This holds 200 characters at most. Shorten it.")
	inv.Check(o.GroupID == was.GroupID && was.GroupID != 0 || slices.ContainsFunc(groups, func(g Entry) bool { return g.ID == o.GroupID && !g.Retired }),
		"group", "Choose a group of the list.")
	inv.Check(o.NextTypeID == was.NextTypeID || o.NextTypeID == 0 || slices.ContainsFunc(all, func(t Type) bool { return t.ID == o.NextTypeID && t.Offered() }),
		"next_type", "There is no such code in use. Choose one of the list.")
	inv.Check(o.NextDelay >= -1 && o.NextDelay <= 365, "next_delay", "Give a number of days from 0 to 365, or leave it empty.")
	return inv.Err()
}

// AddType adds one at the end of its group.
func AddType(ctx context.Context, tx *tenant.Tx, o Terms) (id int64, err error) {
	all, groups, err := lockTypes(ctx, tx)
	if err != nil {
		return 0, err
	}
	if err := o.check(groups, all, Terms{}); err != nil {
		return 0, err
	}
	args := o.args(tx, 0)
	args["position"] = len(all) + 1
	err = tx.QueryRow(ctx, `
		INSERT INTO contact_types (group_id, code, name, action, conversation, next_type_id, next_delay_days, position)
		VALUES (@group, @code, @name, @action, @conversation, nullif(@next::bigint, 0), nullif(@delay::smallint, -1), @position)
		RETURNING id`, args).Scan(&id)
	if err != nil {
		return 0, codeTaken(err, o.Code)
	}
	return id, audit(ctx, tx, "contact_type", "added", id, nil, o.facts(groups, all))
}

// ChangeType changes one that still has the version which the actor saw. Contacts
// keep what it said when they were made.
func ChangeType(ctx context.Context, tx *tenant.Tx, id int64, version int, o Terms) error {
	all, groups, err := lockTypes(ctx, tx)
	if err != nil {
		return err
	}
	was, err := pickType(all, id)
	if err != nil {
		return err
	}
	if err := o.check(groups, all, was.Terms); err != nil {
		return err
	}
	if was.Version != version {
		return errs.Conflict("Somebody else changed this type meanwhile. Look at what it says now, and save again.")
	}
	if was.Terms == o {
		return nil
	}
	args := o.args(tx, id)
	args["position"] = len(all) + 1
	_, err = tx.Exec(ctx, `
		UPDATE contact_types
		SET position = CASE WHEN group_id = @group THEN position ELSE @position END, group_id = @group, code = @code, name = @name, action = @action,
			conversation = @conversation, next_type_id = nullif(@next::bigint, 0), next_delay_days = nullif(@delay::smallint, -1), version = version + 1
		WHERE tenant_id = @tenant AND id = @id`, args)
	if err != nil {
		return codeTaken(err, o.Code)
	}
	return audit(ctx, tx, "contact_type", "changed", id, was.facts(groups, all), o.facts(groups, all))
}

// MoveType moves one a place up within its group, or down.
func MoveType(ctx context.Context, tx *tenant.Tx, id int64, up bool) error {
	all, _, err := lockTypes(ctx, tx)
	if err != nil {
		return err
	}
	was, err := pickType(all, id)
	if err != nil {
		return err
	}
	if was.Retired {
		return errs.Conflict("This type is retired, so that it has no place in the list. Take it back first.")
	}
	same := slices.DeleteFunc(all, func(t Type) bool { return t.Retired || t.GroupID != was.GroupID })
	order := tenant.OrderOf(same, func(t Type) int64 { return t.ID })
	from, to := order.Shift(id, up)
	if from == to {
		return nil
	}
	if err := order.Keep(ctx, tx, "contact_types"); err != nil {
		return err
	}
	return audit(ctx, tx, "contact_type", "moved", id, map[string]any{"place": from}, map[string]any{"place": to})
}

// RetireType takes one out of what people choose from.
func RetireType(ctx context.Context, tx *tenant.Tx, id int64) error {
	return setTypeRetired(ctx, tx, id, true)
}

// TakeBackType puts a retired one back, at the end of its group.
func TakeBackType(ctx context.Context, tx *tenant.Tx, id int64) error {
	return setTypeRetired(ctx, tx, id, false)
}

func setTypeRetired(ctx context.Context, tx *tenant.Tx, id int64, retired bool) error {
	all, groups, err := lockTypes(ctx, tx)
	if err != nil {
		return err
	}
	was, err := pickType(all, id)
	if err != nil || was.Retired == retired {
		return err
	}
	_, err = tx.Exec(ctx, `
		UPDATE contact_types
		SET retired_at = CASE WHEN @retired THEN @now::timestamptz END, position = @position, version = version + 1
		WHERE tenant_id = @tenant AND id = @id`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "id": id, "retired": retired, "now": tx.Now, "position": len(all) + 1})
	if errors.As(codeTaken(err, was.Code), new(errs.Invalid)) {
		return errs.Conflict(fmt.Sprintf("Another type in use has the code %s too. Give one of the two another code, then take this one back.", was.Code))
	}
	if err != nil {
		return fmt.Errorf("retire a type of contact: %w", err)
	}
	if retired {
		return audit(ctx, tx, "contact_type", "retired", id, was.facts(groups, all), nil)
	}
	return audit(ctx, tx, "contact_type", "taken_back", id, nil, was.facts(groups, all))
}

// lockTypes asks for permission and reads all types and groups, which nobody else
// changes until the transaction ends.
func lockTypes(ctx context.Context, tx *tenant.Tx) (all []Type, groups []Entry, err error) {
	if groups, err = Groups.lock(ctx, tx); err != nil {
		return nil, nil, err
	}
	all, err = types(ctx, tx, "0")
	return all, groups, err
}

func (o Terms) args(tx *tenant.Tx, id int64) pgx.NamedArgs {
	return pgx.NamedArgs{"tenant": tx.Actor.TenantID, "id": id, "group": o.GroupID, "code": o.Code, "name": o.Name, "action": o.Action,
		"conversation": o.Conversation, "next": o.NextTypeID, "delay": o.NextDelay}
}

// facts are what the audit record says of a type.
func (o Terms) facts(groups []Entry, all []Type) map[string]any {
	facts := map[string]any{"code": o.Code, "name": o.Name, "action": o.Action, "counts_as_conversation": o.Conversation,
		"follow_up": "the same again", "working_days_to_the_follow_up": any("not proposed")}
	if o.NextDelay >= 0 {
		facts["working_days_to_the_follow_up"] = o.NextDelay
	}
	for _, g := range groups {
		if g.ID == o.GroupID {
			facts["group"] = g.Name
		}
	}
	for _, t := range all {
		if t.ID == o.NextTypeID {
			facts["follow_up"] = t.Label()
		}
	}
	return facts
}

// codeTaken says so where another one in use has the code; other errors pass.
func codeTaken(err error, code string) error {
	switch {
	case err == nil:
		return nil
	case breaks(err, "contact_types_code"):
		return errs.Invalid{"code": fmt.Sprintf("There is a type with the code %s already. Choose another code, or change that one.", code)}
	}
	return fmt.Errorf("save a type of contact: %w", err)
}
