package customer

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"dunwell/internal/errs"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// StageCustomers makes the temporary table load_customers, a row a customer of a
// file. Its rows with the outcome new (customer_id is NULL) and changed are what
// Load writes. Lines, faults, the other outcomes and what was kept are the importer's own. The
// table load_accounts may hold the accounts of new customers, load_points what
// ReadPoints found.
func StageCustomers(ctx context.Context, tx *tenant.Tx) error {
	_, err := tx.Exec(ctx, `
		CREATE TEMPORARY TABLE load_customers (
			line bigint NOT NULL,
			fault text[],
			outcome text NOT NULL,
			customer_id bigint,
			seen_version integer,
			number text,
			name text,
			kind text,
			street text NOT NULL DEFAULT '',
			postal_code text NOT NULL DEFAULT '',
			city text NOT NULL DEFAULT '',
			region text NOT NULL DEFAULT '',
			country text NOT NULL DEFAULT '',
			language text NOT NULL DEFAULT '',
			owner_id bigint,
			branch_id bigint,
			kept_owner text, -- of before: who was named has left, and the branch is retired
			kept_branch text,
			tags text[] NOT NULL DEFAULT '{}',
			person text, -- whom the numbers and addresses reach, which ReadPoints reads
			phones text[],
			mobiles text[],
			emails text[],
			note text -- what Load writes to the customer's journal
		) ON COMMIT DROP;
		CREATE TEMPORARY TABLE load_points (
			line bigint NOT NULL,
			fault text[], -- field, value and reason; what has one is not written
			kind text NOT NULL,
			value text,
			person text,
			said text,
			point_id bigint, -- of the customer before: it is given the person
			silenced boolean NOT NULL DEFAULT false -- it begins opted out
		) ON COMMIT DROP;
		CREATE INDEX ON load_points (line);
		CREATE TEMPORARY TABLE load_accounts (
			customer_number text NOT NULL,
			kind text NOT NULL,
			number text NOT NULL,
			opened_on date
		) ON COMMIT DROP`)
	if err != nil {
		return fmt.Errorf("stage customers: %w", err)
	}
	return nil
}

// Load writes the customers that load_customers holds: a new one with its
// accounts, or a trade account of the customer's number where none are given, and
// a note for each. from says where they come from, as in "the import of
// debtors.csv". It refuses with errs.Conflict where a customer is no longer as it
// was looked at.
func Load(ctx context.Context, tx *tenant.Tx, from string) error {
	args := pgx.NamedArgs{"tenant": tx.Actor.TenantID, "from": from}
	if _, err := tx.Exec(ctx, describeChanges, args); err != nil {
		return loading(err)
	}
	if err := changeLoaded(ctx, tx); err != nil {
		return err
	}
	if err := nameLoaded(ctx, tx); err != nil {
		return err
	}
	for _, sql := range []string{`
		INSERT INTO customers (number, name, kind, street, postal_code, city, region, country, language, owner_id, branch_id, tags)
		SELECT l.number, l.name, l.kind, l.street, l.postal_code, l.city, l.region, l.country, l.language, l.owner_id, l.branch_id, l.tags
		FROM load_customers l
		WHERE l.outcome = 'new'
		ORDER BY l.line`, `
		UPDATE load_customers n
		SET customer_id = c.id, note = format('Created by %s.', @from::text) || coalesce(' Added ' || ` + pointsOf + ` || '.', '')
		FROM customers c
		WHERE c.tenant_id = @tenant AND c.number = n.number AND n.outcome = 'new'`, `
		INSERT INTO accounts (customer_id, kind, number, opened_on)
		SELECT l.customer_id, coalesce(a.kind, 'trade'), coalesce(a.number, l.number), a.opened_on
		FROM load_customers l
		LEFT JOIN load_accounts a ON a.customer_number = l.number
		WHERE l.outcome = 'new'`,
		insertPoints,
	} {
		if _, err := tx.Exec(ctx, sql, args); err != nil {
			return loading(err)
		}
	}
	if _, err := tx.Exec(ctx, heedLoaded, tx.Actor.TenantID); err != nil {
		return loading(err)
	}
	return journalLoaded(ctx, tx)
}

// fieldChanges says each change of a row n of load_customers, while its customer c
// still is as it was.
const (
	fieldChanges = `array_remove(ARRAY[
		CASE WHEN n.name <> c.name THEN format('name from “%s” to “%s”', c.name, n.name) END,
		CASE WHEN n.kind <> c.kind THEN format('kind from %s to %s', c.kind, n.kind) END,
		CASE WHEN n.street <> c.street THEN format('street from “%s” to “%s”', c.street, n.street) END,
		CASE WHEN n.postal_code <> c.postal_code THEN format('postal code from “%s” to “%s”', c.postal_code, n.postal_code) END,
		CASE WHEN n.city <> c.city THEN format('city from “%s” to “%s”', c.city, n.city) END,
		CASE WHEN n.region <> c.region THEN format('region from “%s” to “%s”', c.region, n.region) END,
		CASE WHEN n.country <> c.country THEN format('country from “%s” to “%s”', c.country, n.country) END,
		CASE WHEN n.language <> c.language THEN format('language from “%s” to “%s”', c.language, n.language) END,
		CASE WHEN n.owner_id IS DISTINCT FROM c.owner_id
			THEN format('owner from %s to %s', coalesce(had.name, 'nobody'), coalesce(has.name, 'nobody')) END,
		CASE WHEN n.branch_id IS DISTINCT FROM c.branch_id
			THEN format('branch from %s to %s', coalesce(old.name, 'none'), coalesce(new.name, 'none')) END,
		CASE WHEN n.tags <> c.tags THEN format('tags from “%s” to “%s”', array_to_string(c.tags, ', '), array_to_string(n.tags, ', ')) END,
		'contact person added to ' || ` + personsOf + `,
		'added ' || ` + pointsOf + `], NULL)`
	changesFrom = `load_customers n
		JOIN customers c ON c.tenant_id = @tenant AND c.id = n.customer_id
		LEFT JOIN members hadm ON hadm.tenant_id = @tenant AND hadm.id = c.owner_id
		LEFT JOIN users had ON had.id = hadm.user_id
		LEFT JOIN members hasm ON hasm.tenant_id = @tenant AND hasm.id = n.owner_id
		LEFT JOIN users has ON has.id = hasm.user_id
		LEFT JOIN branches old ON old.tenant_id = @tenant AND old.id = c.branch_id
		LEFT JOIN branches new ON new.tenant_id = @tenant AND new.id = n.branch_id`
)

const describeChanges = `
	UPDATE load_customers l
	SET note = d.note
	FROM (
		SELECT n.line, format('Changed by %s: ', @from::text) || array_to_string(` + fieldChanges + `, '; ') || '.' AS note
		FROM ` + changesFrom + `
		WHERE n.outcome = 'changed') d
	WHERE l.line = d.line`

// Change is what a row of a file does to a customer.
type Change struct {
	Row    int64    `json:"row"`
	Number string   `json:"number"`
	Name   string   `json:"name"`   // as it is now
	Fields []string `json:"fields"` // as the journal will say each, such as: branch from Oslo to Bergen
}

// Changes are the first rows of load_customers that change a customer, at most
// limit, and how many customers would lose their owner and their branch. It is to
// be asked before Load.
func Changes(ctx context.Context, tx *tenant.Tx, limit int) (first []Change, owners, branches int64, err error) {
	rows, _ := tx.Query(ctx, `
		SELECT n.line, c.number, c.name, `+fieldChanges+`
		FROM `+changesFrom+`
		WHERE n.line IN (SELECT l.line FROM load_customers l WHERE l.outcome = 'changed' ORDER BY l.line LIMIT @limit)
		ORDER BY n.line`, pgx.NamedArgs{"tenant": tx.Actor.TenantID, "limit": limit})
	if first, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Change]); err != nil {
		return nil, 0, 0, fmt.Errorf("changes of customers: %w", err)
	}
	err = tx.QueryRow(ctx, `
		SELECT count(*) FILTER (WHERE c.owner_id IS NOT NULL AND l.owner_id IS NULL),
			count(*) FILTER (WHERE c.branch_id IS NOT NULL AND l.branch_id IS NULL)
		FROM load_customers l
		JOIN customers c ON c.tenant_id = $1 AND c.id = l.customer_id
		WHERE l.outcome = 'changed'`, tx.Actor.TenantID).Scan(&owners, &branches)
	if err != nil {
		return nil, 0, 0, fmt.Errorf("owners lost: %w", err)
	}
	return first, owners, branches, nil
}

// changeLoaded updates what is still as it was looked at, and that must be all. Those
// who were merged into a customer follow to its branch.
func changeLoaded(ctx context.Context, tx *tenant.Tx) error {
	var asked int64
	err := tx.QueryRow(ctx, `SELECT count(*) FROM load_customers l WHERE l.outcome = 'changed'`).Scan(&asked)
	if err != nil {
		return fmt.Errorf("count changed customers: %w", err)
	}
	tag, err := tx.Exec(ctx, `
		UPDATE customers c
		SET name = l.name, kind = l.kind, street = l.street, postal_code = l.postal_code, city = l.city, region = l.region,
			country = l.country, language = l.language, owner_id = l.owner_id, branch_id = l.branch_id, tags = l.tags,
			version = c.version + 1
		FROM load_customers l
		WHERE c.tenant_id = $1 AND c.id = l.customer_id AND l.outcome = 'changed' AND c.version = l.seen_version`, tx.Actor.TenantID)
	if err != nil {
		return loading(err)
	}
	if tag.RowsAffected() != asked {
		return moved
	}
	_, err = tx.Exec(ctx, `
		UPDATE customers d
		SET branch_id = c.branch_id
		FROM load_customers l
		JOIN customers c ON c.tenant_id = $1 AND c.id = l.customer_id
		WHERE d.tenant_id = $1 AND d.merged_into = c.id AND l.outcome = 'changed' AND d.branch_id IS DISTINCT FROM c.branch_id`, tx.Actor.TenantID)
	if err != nil {
		return loading(err)
	}
	return nil
}

// nameLoaded gives points of before their person, and that must be all of them.
func nameLoaded(ctx context.Context, tx *tenant.Tx) error {
	var asked int64
	err := tx.QueryRow(ctx, `SELECT count(p.point_id) FROM load_points p`).Scan(&asked)
	if err != nil {
		return fmt.Errorf("count points without a person: %w", err)
	}
	tag, err := tx.Exec(ctx, writePersons, tx.Actor.TenantID)
	if err != nil {
		return loading(err)
	}
	if tag.RowsAffected() != asked {
		return moved
	}
	return nil
}

const moved = errs.Conflict("The customers changed while the file was being applied. Apply it again.")

// loading tells a number that somebody else used meanwhile from a fault.
func loading(err error) error {
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == "23505" {
		return moved
	}
	return fmt.Errorf("load customers: %w", err)
}

// journalLoaded writes the notes in order of the customers, a part at a time so
// that they need not fit into memory, and has new customers' figures made.
func journalLoaded(ctx context.Context, tx *tenant.Tx) error {
	const part = 50_000
	for last, n := int64(0), part; n == part; {
		rows, _ := tx.Query(ctx, `
			SELECT l.customer_id, CASE l.outcome WHEN 'new' THEN 'created' ELSE 'changed' END, l.note
			FROM load_customers l
			WHERE l.note IS NOT NULL AND l.customer_id > $1
			ORDER BY l.customer_id
			LIMIT $2`, last, part)
		notes, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (note.New, error) {
			var n note.New
			return n, row.Scan(&n.CustomerID, &n.Kind, &n.Text)
		})
		if err != nil {
			return fmt.Errorf("load customers: %w", err)
		}
		n = len(notes)
		if n == 0 {
			return nil
		}
		if err := note.AddMany(ctx, tx, notes); err != nil {
			return err
		}
		for _, w := range notes {
			tx.Touch(w.CustomerID)
		}
		last = notes[n-1].CustomerID
	}
	return nil
}
