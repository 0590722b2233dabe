package customer

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

const pointMoved = errs.Conflict("Somebody else changed this contact point meanwhile. Open it again, look at what it says now, and change that.")

// AddPoint adds a contact point. Where its number or address was opted out
// before, under whatever name, it is still; where the number itself said STOP, to whom
// ever, or the address opted out with another customer, too.
func AddPoint(ctx context.Context, tx *tenant.Tx, customer int64, p Point) (id int64, err error) {
	c, err := Lock(ctx, tx, customer)
	if err != nil {
		return 0, err
	}
	if err := p.check(c.Country); err != nil {
		return 0, err
	}
	if err := unprefer(ctx, tx, customer, 0, p); err != nil {
		return 0, err
	}
	err = tx.QueryRow(ctx, `
		INSERT INTO contact_points (customer_id, account_id, kind, value, person, title, role, preferred)
		VALUES (@customer, nullif(@account, 0), @kind, @value, @person, @title, @role, @preferred)
		RETURNING id`, p.args(tx, customer, 0)).Scan(&id)
	if err != nil {
		return 0, pointRefused(err)
	}
	if err := carryOptOuts(ctx, tx, customer, id); err != nil {
		return 0, err
	}
	if err := journal(ctx, tx, customer, "contact_point", "Added "+p.describe()+".", "contact_point", id); err != nil {
		return 0, err
	}
	return id, heed(ctx, tx, id, p.Value, true)
}

// EditPoint changes a contact point that still has the version. Consent was given
// for a number, so a new number has none; an opt-out stays. The number or address that
// it was is out of use from then on, with its opt-outs.
func EditPoint(ctx context.Context, tx *tenant.Tx, customer, id int64, version int, p Point) error {
	c, err := Lock(ctx, tx, customer)
	if err != nil {
		return err
	}
	was, err := livePoint(ctx, tx, customer, id, version)
	if err != nil {
		return err
	}
	p.Kind = was.Kind
	if err := p.check(c.Country); err != nil {
		return err
	}
	before := was.point()
	if before == p {
		return nil
	}
	if err := unprefer(ctx, tx, customer, id, p); err != nil {
		return err
	}
	if was.Value != p.Value {
		if err := keepFormer(ctx, tx, was); err != nil {
			return err
		}
	}
	_, err = tx.Exec(ctx, `
		UPDATE contact_points
		SET account_id = nullif(@account, 0), value = @value, person = @person, title = @title, role = @role,
			preferred = @preferred, version = version + 1, bad_at = CASE value WHEN @value THEN bad_at END,
			bad_why = CASE value WHEN @value THEN bad_why ELSE '' END
		WHERE tenant_id = @tenant AND id = @id`, p.args(tx, customer, id))
	if err != nil {
		return pointRefused(err)
	}
	if was.Value != p.Value {
		if err := withdrawConsents(ctx, tx, was); err != nil {
			return err
		}
		if err := carryOptOuts(ctx, tx, customer, id); err != nil {
			return err
		}
	}
	text := fmt.Sprintf("Changed from %s to %s.", before.describe(), p.describe())
	if before.AccountID != p.AccountID {
		text += " The account that it belongs to changed too."
	}
	if err := journal(ctx, tx, customer, "contact_point", text, "contact_point", id); err != nil || was.Value == p.Value {
		return err
	}
	return heed(ctx, tx, id, p.Value, true)
}

// keepFormer keeps the number or address that a point is to lose as one that it was, so
// that no file brings it back and whoever adds it meets its opt-outs. Once is enough, and
// nobody counts as having it: it may have been a slip.
func keepFormer(ctx context.Context, tx *tenant.Tx, was ContactPoint) error {
	var former int64
	err := tx.QueryRow(ctx, `
		INSERT INTO contact_points (customer_id, kind, value, person, role, retired_at, former)
		SELECT p.customer_id, p.kind, p.value, p.person, p.role, @now, true
		FROM contact_points p
		WHERE p.tenant_id = @tenant AND p.id = @id AND NOT EXISTS (
			SELECT FROM contact_points o
			WHERE o.tenant_id = @tenant AND o.customer_id = p.customer_id AND o.kind = p.kind AND o.value = p.value AND o.id <> p.id)
		RETURNING id`, pgx.NamedArgs{"tenant": tx.Actor.TenantID, "id": was.ID, "now": tx.Now}).Scan(&former)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil // another point has it, or had it, with its opt-outs
	}
	if err != nil {
		return fmt.Errorf("keep former contact point: %w", err)
	}
	return carryOptOuts(ctx, tx, was.CustomerID, former)
}

// RetirePoint takes a contact point out of use. What was said through it, and an
// opt-out of its number or address, stays.
func RetirePoint(ctx context.Context, tx *tenant.Tx, customer, id int64, version int) error {
	if _, err := Lock(ctx, tx, customer); err != nil {
		return err
	}
	was, err := livePoint(ctx, tx, customer, id, version)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		UPDATE contact_points
		SET retired_at = @now, preferred = false, version = version + 1
		WHERE tenant_id = @tenant AND id = @id`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "id": id, "now": tx.Now})
	if err != nil {
		return fmt.Errorf("retire contact point: %w", err)
	}
	return journal(ctx, tx, customer, "contact_point", "No longer in use: "+was.point().describe()+".", "contact_point", id)
}

// livePoint reads a point that is to be changed; the customer is locked.
func livePoint(ctx context.Context, tx *tenant.Tx, customer, id int64, version int) (ContactPoint, error) {
	p, err := FindPoint(ctx, tx, customer, id)
	if err == nil && (p.Version != version || p.Retired) {
		return p, pointMoved
	}
	return p, err
}

func (p ContactPoint) point() Point {
	was := Point{Kind: p.Kind, Value: p.Value, Person: p.Person, Title: p.Title, Role: p.Role, Preferred: p.Preferred}
	if p.AccountID != nil {
		was.AccountID = *p.AccountID
	}
	return was
}

func (p Point) args(tx *tenant.Tx, customer, id int64) pgx.NamedArgs {
	return pgx.NamedArgs{"tenant": tx.Actor.TenantID, "customer": customer, "id": id, "account": p.AccountID, "kind": p.Kind,
		"value": p.Value, "person": p.Person, "title": p.Title, "role": p.Role, "preferred": p.Preferred}
}

// unprefer makes room: one number and one address are preferred at a time.
func unprefer(ctx context.Context, tx *tenant.Tx, customer, id int64, p Point) error {
	if !p.Preferred {
		return nil
	}
	rows, _ := tx.Query(ctx, `
		UPDATE contact_points
		SET preferred = false, version = version + 1
		WHERE tenant_id = @tenant AND customer_id = @customer AND kind = @kind AND preferred AND id <> @id
		RETURNING id, kind, value, person, title, role`,
		p.args(tx, customer, id))
	was, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByNameLax[ContactPoint])
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("unprefer: %w", err)
	}
	return journal(ctx, tx, customer, "contact_point", "No longer preferred, another is: "+was.point().describe()+".", "contact_point", was.ID)
}

func pointRefused(err error) error {
	switch {
	case violates(err, "contact_points_once"):
		return errs.Invalid{"value": "This customer has it already for that person. Open that one, or give another."}
	case violates(err, "contact_points_tenant_id_customer_id_account_id_fkey"):
		return errs.Invalid{"account": "This customer has no such account. Choose one of the list."}
	case err != nil && strings.Contains(err.Error(), "contact_points_check"):
		return errs.Invalid{"value": "This cannot be kept as it stands. Check it and give it again."}
	}
	return fmt.Errorf("write contact point: %w", err)
}
