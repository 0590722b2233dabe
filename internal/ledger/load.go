package ledger

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// ImportedDispute is the reason of a status change that a file asked for. A
// dispute with this reason ends when the file says so; any other does not.
const ImportedDispute = "The imported file says whether the item is disputed."

const moved = errs.Conflict("The ledger changed while the file was being applied. Apply it again.")

// StageItems makes the temporary table load_items, a row an item of a file. Its
// rows with the outcome new (item_id is NULL) and changed are what LoadItems
// writes; seen_version and seen_applied are the item's when it was looked at.
// pay is money to be set against the item, by a payment called pay_number of the
// day pay_on and of an Origin. Lines, faults and the other outcomes are the importer's own.
func StageItems(ctx context.Context, tx *tenant.Tx) error {
	return stage(ctx, tx, `
		CREATE TEMPORARY TABLE load_items (
			line bigint NOT NULL,
			fault text[],
			outcome text NOT NULL,
			number text,
			customer_number text,
			customer_id bigint,
			account_id bigint,
			item_id bigint,
			seen_version integer,
			seen_applied bigint,
			kind text,
			issued_on date,
			due_on date,
			currency text,
			decimals smallint,
			amount bigint,
			from_status_id bigint,
			status_id bigint,
			pay bigint,
			pay_on date,
			pay_number text,
			pay_origin text NOT NULL DEFAULT 'recorded'
		) ON COMMIT DROP`)
}

// StagePayments makes the temporary table load_payments, a row a payment of a
// file. Its rows with the outcome new are what LoadPayments writes; apply of the
// amount is set against the item, value-dated apply_on.
func StagePayments(ctx context.Context, tx *tenant.Tx) error {
	return stage(ctx, tx, `
		CREATE TEMPORARY TABLE load_payments (
			line bigint NOT NULL,
			fault text[],
			outcome text NOT NULL,
			number text,
			customer_id bigint,
			account_id bigint,
			value_on date,
			currency text,
			decimals smallint,
			amount bigint,
			item_id bigint,
			seen_applied bigint,
			apply bigint,
			apply_on date
		) ON COMMIT DROP`)
}

func stage(ctx context.Context, tx *tenant.Tx, sql string) error {
	if _, err := tx.Exec(ctx, sql); err != nil {
		return fmt.Errorf("stage: %w", err)
	}
	return nil
}

// LoadItems writes the items that load_items holds, with their changes of
// status, payments and applications. It refuses with errs.Conflict where an item
// is no longer as it was looked at.
func LoadItems(ctx context.Context, tx *tenant.Tx) error {
	if err := lockLoaded(ctx, tx, `SELECT l.account_id FROM load_items l WHERE l.outcome = 'changed' OR l.outcome = 'new' AND l.pay > 0`); err != nil {
		return err
	}
	if err := changeItems(ctx, tx); err != nil {
		return err
	}
	err := load(ctx, tx, `
		INSERT INTO items (customer_id, account_id, kind, number, issued_on, due_on, currency, amount, status_id)
		SELECT l.customer_id, l.account_id, l.kind, l.number, l.issued_on, l.due_on, l.currency, l.amount, l.status_id
		FROM load_items l
		WHERE l.outcome = 'new'`, `
		INSERT INTO item_status_changes (item_id, from_id, to_id, member_id, reason)
		SELECT i.id, l.from_status_id, l.status_id, nullif(@member, 0), @reason
		FROM load_items l
		JOIN items i ON i.tenant_id = @tenant AND i.number = l.number
		WHERE l.outcome IN ('new', 'changed') AND l.status_id <> l.from_status_id`, `
		INSERT INTO payments (customer_id, account_id, number, origin, value_on, currency, amount, member_id)
		SELECT l.customer_id, l.account_id, l.pay_number, l.pay_origin, l.pay_on, l.currency, l.pay, nullif(@member, 0)
		FROM load_items l
		WHERE l.outcome IN ('new', 'changed') AND l.pay > 0`, `
		INSERT INTO applications (account_id, currency, item_id, payment_id, amount, value_on, member_id)
		SELECT l.account_id, l.currency, i.id, p.id, l.pay, greatest(l.pay_on, l.issued_on), nullif(@member, 0)
		FROM load_items l
		JOIN items i ON i.tenant_id = @tenant AND i.number = l.number
		JOIN payments p ON p.tenant_id = @tenant AND p.number = l.pay_number
		WHERE l.outcome IN ('new', 'changed') AND l.pay > 0`)
	if err != nil {
		return err
	}
	return touchLoaded(ctx, tx, `SELECT DISTINCT l.customer_id FROM load_items l WHERE l.outcome IN ('new', 'changed')`)
}

// changeItems updates what is still as it was looked at, and that must be all.
func changeItems(ctx context.Context, tx *tenant.Tx) error {
	var asked int64
	err := tx.QueryRow(ctx, `SELECT count(*) FROM load_items l WHERE l.outcome = 'changed'`).Scan(&asked)
	if err != nil {
		return fmt.Errorf("count changed items: %w", err)
	}
	tag, err := tx.Exec(ctx, `
		UPDATE items i
		SET issued_on = l.issued_on, due_on = l.due_on, amount = l.amount, status_id = l.status_id, version = i.version + 1
		FROM load_items l
		WHERE i.tenant_id = $1 AND i.id = l.item_id AND l.outcome = 'changed'
			AND (i.version, i.applied) = (l.seen_version, l.seen_applied)`, tx.Actor.TenantID)
	if err != nil {
		return loading(err)
	}
	if tag.RowsAffected() != asked {
		return moved
	}
	return nil
}

// LoadPayments writes the payments that load_payments holds, with their
// applications. It refuses with errs.Conflict where something was set against
// one of the items since it was looked at.
func LoadPayments(ctx context.Context, tx *tenant.Tx) error {
	if err := lockLoaded(ctx, tx, `SELECT l.account_id FROM load_payments l WHERE l.outcome = 'new'`); err != nil {
		return err
	}
	var late bool
	err := tx.QueryRow(ctx, `
		SELECT EXISTS (
			SELECT 1
			FROM load_payments l
			JOIN items i ON i.tenant_id = $1 AND i.id = l.item_id
			WHERE l.outcome = 'new' AND l.apply > 0 AND i.applied <> l.seen_applied)`, tx.Actor.TenantID).Scan(&late)
	if err != nil {
		return fmt.Errorf("look at paid items: %w", err)
	}
	if late {
		return moved
	}
	err = load(ctx, tx, `
		INSERT INTO payments (customer_id, account_id, number, value_on, currency, amount, member_id)
		SELECT l.customer_id, l.account_id, l.number, l.value_on, l.currency, l.amount, nullif(@member, 0)
		FROM load_payments l
		WHERE l.outcome = 'new'`, `
		INSERT INTO applications (account_id, currency, item_id, payment_id, amount, value_on, member_id)
		SELECT l.account_id, l.currency, l.item_id, p.id, l.apply, l.apply_on, nullif(@member, 0)
		FROM load_payments l
		JOIN payments p ON p.tenant_id = @tenant AND p.number = l.number
		WHERE l.outcome = 'new' AND l.apply > 0`)
	if err != nil {
		return err
	}
	return touchLoaded(ctx, tx, `SELECT DISTINCT l.customer_id FROM load_payments l WHERE l.outcome = 'new'`)
}

// lockLoaded makes the load and those who move money of these accounts take
// turns: all locks first, in the order of the ids. So the payments of an account
// get their ids in the order in which they become known.
func lockLoaded(ctx context.Context, tx *tenant.Tx, accounts string) error {
	_, err := tx.Exec(ctx, `
		SELECT a.id
		FROM accounts a
		WHERE a.tenant_id = $1 AND a.id IN (`+accounts+`)
		ORDER BY a.id
		FOR NO KEY UPDATE`, tx.Actor.TenantID)
	if err != nil {
		return fmt.Errorf("lock accounts: %w", err)
	}
	return nil
}

func load(ctx context.Context, tx *tenant.Tx, statements ...string) error {
	args := pgx.NamedArgs{"tenant": tx.Actor.TenantID, "member": tx.Actor.MemberID, "reason": ImportedDispute}
	for _, sql := range statements {
		if _, err := tx.Exec(ctx, sql, args); err != nil {
			return loading(err)
		}
	}
	return nil
}

// loading tells a number that somebody else used meanwhile from a fault.
func loading(err error) error {
	var pg *pgconn.PgError
	if errors.As(err, &pg) && (pg.Code == "23505" || pg.ConstraintName == "items_not_overapplied") {
		return moved
	}
	return fmt.Errorf("load: %w", err)
}

func touchLoaded(ctx context.Context, tx *tenant.Tx, customers string) error {
	rows, _ := tx.Query(ctx, customers)
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return fmt.Errorf("touch: %w", err)
	}
	tx.Touch(ids...)
	return nil
}
