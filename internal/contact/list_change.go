package contact

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"dunwell/internal/errs"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// Add puts a name at the end of the list.
func (l List) Add(ctx context.Context, tx *tenant.Tx, name string) (id int64, err error) {
	all, err := l.lock(ctx, tx)
	if err != nil {
		return 0, err
	}
	if name, err = tidy(name); err != nil {
		return 0, err
	}
	err = tx.QueryRow(ctx, `
		INSERT INTO `+l.table+` (name, position)
		VALUES ($1, $2)
		RETURNING id`, name, len(all)+1).Scan(&id)
	if err != nil {
		return 0, l.taken(err, name)
	}
	return id, l.audit(ctx, tx, "added", id, nil, map[string]any{"name": name})
}

// Rename changes the name of an entry of that version. Contacts that have it say the
// new name.
func (l List) Rename(ctx context.Context, tx *tenant.Tx, id int64, version int, name string) error {
	was, _, err := l.hold(ctx, tx, id)
	if err != nil {
		return err
	}
	if name, err = tidy(name); err != nil {
		return err
	}
	if was.Version != version {
		return errs.Conflict(fmt.Sprintf("Somebody else changed this %s meanwhile: it is now called %s. Look at it, and save again.", l.noun, was.Name))
	}
	if name == was.Name {
		return nil
	}
	_, err = tx.Exec(ctx, `
		UPDATE `+l.table+`
		SET name = @name, version = version + 1
		WHERE tenant_id = @tenant AND id = @id`, pgx.NamedArgs{"tenant": tx.Actor.TenantID, "id": id, "name": name})
	if err != nil {
		return l.taken(err, name)
	}
	return l.audit(ctx, tx, "renamed", id, map[string]any{"name": was.Name}, map[string]any{"name": name})
}

// Move moves an entry a place up in the list, or down.
func (l List) Move(ctx context.Context, tx *tenant.Tx, id int64, up bool) error {
	was, all, err := l.hold(ctx, tx, id)
	if err != nil {
		return err
	}
	if was.Retired {
		return errs.Conflict("This " + l.noun + " is retired, so that it has no place in the list. Take it back first.")
	}
	order := tenant.OrderOf(slices.DeleteFunc(all, func(e Entry) bool { return e.Retired }), func(e Entry) int64 { return e.ID })
	from, to := order.Shift(id, up)
	if from == to {
		return nil
	}
	if err := order.Keep(ctx, tx, l.table); err != nil {
		return err
	}
	return l.audit(ctx, tx, "moved", id, map[string]any{"place": from}, map[string]any{"place": to})
}

// Retire takes an entry out of what people choose from. The types of a group are no
// longer offered either.
func (l List) Retire(ctx context.Context, tx *tenant.Tx, id int64) error {
	return l.setRetired(ctx, tx, id, true)
}

// TakeBack puts a retired entry back, at the end of the list.
func (l List) TakeBack(ctx context.Context, tx *tenant.Tx, id int64) error {
	return l.setRetired(ctx, tx, id, false)
}

func (l List) setRetired(ctx context.Context, tx *tenant.Tx, id int64, retired bool) error {
	was, all, err := l.hold(ctx, tx, id)
	if err != nil || was.Retired == retired {
		return err
	}
	_, err = tx.Exec(ctx, `
		UPDATE `+l.table+`
		SET retired_at = CASE WHEN @retired THEN @now::timestamptz END, position = @position, version = version + 1
		WHERE tenant_id = @tenant AND id = @id`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "id": id, "retired": retired, "now": tx.Now, "position": len(all) + 1})
	if errors.As(l.taken(err, was.Name), new(errs.Invalid)) {
		return errs.Conflict(fmt.Sprintf("Another %s in use is called %s too. Give one of the two another name, then take this one back.", l.noun, was.Name))
	}
	if err != nil {
		return fmt.Errorf("retire %s: %w", l.noun, err)
	}
	if retired {
		return l.audit(ctx, tx, "retired", id, map[string]any{"name": was.Name}, nil)
	}
	return l.audit(ctx, tx, "taken_back", id, nil, map[string]any{"name": was.Name})
}

// lock asks for permission and reads the whole list, which nobody else changes until
// the transaction ends.
func (l List) lock(ctx context.Context, tx *tenant.Tx) ([]Entry, error) {
	if err := maySetUp(tx.Actor); err != nil {
		return nil, err
	}
	if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtext($1), $2::bigint::integer)`, l.table, tx.Actor.TenantID); err != nil {
		return nil, fmt.Errorf("hold the list: %w", err)
	}
	return l.read(ctx, tx, "0")
}

func (l List) hold(ctx context.Context, tx *tenant.Tx, id int64) (Entry, []Entry, error) {
	all, err := l.lock(ctx, tx)
	if err != nil {
		return Entry{}, nil, err
	}
	e, err := l.pick(all, id)
	return e, all, err
}

func (l List) audit(ctx context.Context, tx *tenant.Tx, verb string, id int64, before, after map[string]any) error {
	return audit(ctx, tx, "contact_"+l.noun, verb, id, before, after)
}

func audit(ctx context.Context, tx *tenant.Tx, noun, verb string, id int64, before, after map[string]any) error {
	change := tenant.Change{}
	if before != nil {
		change.Before = before
	}
	if after != nil {
		change.After = after
	}
	return tx.Audit(ctx, tenant.Event{Kind: noun + "." + verb, Subject: noun, SubjectID: id, Data: change})
}

// taken says so where another one in use has the name; other errors pass.
func (l List) taken(err error, name string) error {
	switch {
	case err == nil:
		return nil
	case breaks(err, l.table+"_name"):
		return errs.Invalid{"name": fmt.Sprintf("There is a %s called %s already. Choose another name, or change that one.", l.noun, name)}
	}
	return fmt.Errorf("save %s: %w", l.noun, err)
}

func breaks(err error, constraint string) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.ConstraintName == constraint
}

// maxName is how many characters a name of a list holds.
const maxName = 60

// tidy brings a name into form and refuses what cannot be used.
func tidy(name string) (string, error) {
	var inv errs.Invalid
	checkName(&inv, &name)
	return name, inv.Err()
}

func checkName(inv *errs.Invalid, name *string) {
	tenant.OneLine(inv, name, "name")
	inv.Check(*name != "", "name", "Give it a name, by which people find it in the list.")
	inv.Check(utf8.RuneCountInString(*name) <= maxName, "name", fmt.Sprintf("This holds %d characters at most. Shorten it.", maxName))
	inv.Check(!note.HasCard(*name), "name", note.NoCard)
}
