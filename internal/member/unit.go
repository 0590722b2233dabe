package member

import (
	"context"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// Units are the parts that a company divides its people into: Branches or
// Departments. A unit in use is retired, never deleted: old records keep it.
type Units struct{ table, noun string }

// The two kinds of units.
var (
	Branches    = Units{table: "branches", noun: "branch"}
	Departments = Units{table: "departments", noun: "department"}
)

// Unit is one branch or department.
type Unit struct {
	ID      int64
	Name    string
	Retired bool
	// Members is how many active members it has.
	Members int
}

// String is the noun for one of them: branch, department.
func (u Units) String() string { return u.noun }

// List is all of them in their order, the retired ones last, for everybody. Of the
// branches, a collector who is held to one is told of that one.
func (u Units) List(ctx context.Context, tx *tenant.Tx) (list []Unit, err error) {
	b := tx.Batch()
	u.Queue(b, &list)
	err = b.Send(ctx)
	return list, err
}

// Queue is List in a batch.
func (u Units) Queue(b *tenant.Batch, into *[]Unit) {
	seen := ""
	if u == Branches {
		seen = `AND coalesce(t.id = nullif(current_setting('app.branches'), 'all')::bigint, true)`
	}
	b.Queue("list units", `
		SELECT t.id, t.name, t.retired_at IS NOT NULL AS retired,
			(SELECT count(*) FROM members m
			WHERE m.tenant_id = t.tenant_id AND m.`+u.noun+`_id = t.id AND m.active) AS members
		FROM `+u.table+` t
		WHERE t.tenant_id = @tenant `+seen+`
		ORDER BY retired, t.position, lower(t.name), t.id`,
		pgx.NamedArgs{"tenant": b.Tx.Actor.TenantID}, tenant.Into(into))
}

// Add makes a new one.
func (u Units) Add(ctx context.Context, tx *tenant.Tx, name string) (id int64, err error) {
	if err := mayManage(tx.Actor); err != nil {
		return 0, err
	}
	if err := u.checkName(&name); err != nil {
		return 0, err
	}
	err = tx.QueryRow(ctx, `
		INSERT INTO `+u.table+` (name, position)
		SELECT $2, coalesce(max(t.position) + 1, 0)
		FROM `+u.table+` t
		WHERE t.tenant_id = $1 AND t.position > 0
		RETURNING id`, tx.Actor.TenantID, name).Scan(&id)
	if err != nil {
		return 0, u.taken(err, name)
	}
	return id, u.audit(ctx, tx, "added", id, nil, name)
}

// Rename changes the name from what was shown to whoever changes it.
func (u Units) Rename(ctx context.Context, tx *tenant.Tx, id int64, from, to string) error {
	was, err := u.lock(ctx, tx, id)
	if err != nil {
		return err
	}
	if err := u.checkName(&to); err != nil {
		return err
	}
	if was.Name != from {
		return errs.Conflict(fmt.Sprintf("Somebody else renamed this %s meanwhile: it is now called %s. Nothing of yours was saved. Open the page again and decide anew.", u.noun, was.Name))
	}
	if to == from {
		return nil
	}
	_, err = tx.Exec(ctx, `
		UPDATE `+u.table+`
		SET name = @name
		WHERE tenant_id = @tenant AND id = @id`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "id": id, "name": to})
	if err != nil {
		return u.taken(err, to)
	}
	return u.audit(ctx, tx, "renamed", id, was.Name, to)
}

// Retire takes it out of the lists one chooses from; who has it keeps it.
func (u Units) Retire(ctx context.Context, tx *tenant.Tx, id int64) error {
	return u.setRetired(ctx, tx, id, true)
}

// Reopen puts it back into the lists.
func (u Units) Reopen(ctx context.Context, tx *tenant.Tx, id int64) error {
	return u.setRetired(ctx, tx, id, false)
}

func (u Units) setRetired(ctx context.Context, tx *tenant.Tx, id int64, retired bool) error {
	was, err := u.lock(ctx, tx, id)
	if err != nil || was.Retired == retired {
		return err
	}
	_, err = tx.Exec(ctx, `
		UPDATE `+u.table+`
		SET retired_at = CASE WHEN @retired THEN @now::timestamptz END
		WHERE tenant_id = @tenant AND id = @id`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "id": id, "retired": retired, "now": tx.Now})
	if err != nil {
		return fmt.Errorf("retire or reopen the %s: %w", u.noun, err)
	}
	if retired {
		return u.audit(ctx, tx, "retired", id, was.Name, nil)
	}
	return u.audit(ctx, tx, "reopened", id, nil, was.Name)
}

// lock asks for permission and holds the unit until the transaction ends.
func (u Units) lock(ctx context.Context, tx *tenant.Tx, id int64) (Unit, error) {
	if err := mayManage(tx.Actor); err != nil {
		return Unit{}, err
	}
	rows, _ := tx.Query(ctx, `
		SELECT id, name, retired_at IS NOT NULL AS retired, 0 AS members
		FROM `+u.table+`
		WHERE tenant_id = $1 AND id = $2
		FOR NO KEY UPDATE`,
		tx.Actor.TenantID, id)
	unit, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Unit])
	if errors.Is(err, pgx.ErrNoRows) {
		return Unit{}, fmt.Errorf("%s %d: %w", u.noun, id, errs.NotFound)
	}
	return unit, err
}

func (u Units) checkName(name *string) error {
	var inv errs.Invalid
	tenant.OneLine(&inv, name, "name")
	n := utf8.RuneCountInString(*name)
	inv.Check(n > 0, "name", "Give the "+u.noun+" a name.")
	inv.Check(n <= 120, "name", "Use at most 120 characters.")
	return inv.Err()
}

// taken says so where the name is another one's; other errors pass.
func (u Units) taken(err error, name string) error {
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.ConstraintName == u.table+"_tenant_id_name_key" {
		return errs.Invalid{"name": fmt.Sprintf("There is a %s called %s already, perhaps among the retired ones.", u.noun, name)}
	}
	return fmt.Errorf("save the %s: %w", u.noun, err)
}

func (u Units) audit(ctx context.Context, tx *tenant.Tx, verb string, id int64, before, after any) error {
	name := func(v any) any {
		if v == nil {
			return nil
		}
		return map[string]any{"name": v}
	}
	return tx.Audit(ctx, tenant.Event{Kind: u.noun + "." + verb, Subject: u.noun, SubjectID: id,
		Data: tenant.Change{Before: name(before), After: name(after)}})
}
