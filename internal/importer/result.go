package importer

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/customer"
)

// result counts what was found.
func (l *load) result(ctx context.Context) (r Result, err error) {
	err = l.tx.QueryRow(ctx, `
		SELECT count(*), count(*) FILTER (WHERE l.outcome = 'new'), count(*) FILTER (WHERE l.outcome = 'changed'),
			count(*) FILTER (WHERE l.outcome = 'unchanged'), count(*) FILTER (WHERE l.outcome = 'refused')
		FROM `+l.stage.load+` l`).Scan(&r.Read, &r.New, &r.Changed, &r.Unchanged, &r.Refused)
	if err != nil {
		return r, fmt.Errorf("count import: %w", err)
	}
	if l.options.Kind == Items {
		err = l.tx.QueryRow(ctx, `
			SELECT count(DISTINCT l.customer_number) FILTER (WHERE l.customer_id IS NULL), count(*) FILTER (WHERE l.pay_origin = 'carried')
			FROM load_items l
			WHERE l.outcome = 'new'`).Scan(&r.CustomersCreated, &r.PartPaid)
		if err != nil {
			return r, fmt.Errorf("count new customers and what was paid before: %w", err)
		}
	}
	if l.options.Kind == Customers {
		if r.Changes, r.OwnersEmptied, r.BranchesEmptied, err = customer.Changes(ctx, l.tx, MaxChanges); err != nil {
			return r, err
		}
		rows, _ := l.tx.Query(ctx, `
			SELECT k.field, k.value, count(*)
			FROM load_customers l
			CROSS JOIN LATERAL (VALUES ('owner', l.kept_owner), ('branch', l.kept_branch)) AS k (field, value)
			WHERE l.outcome <> 'refused' AND k.value IS NOT NULL
			GROUP BY k.field, k.value
			ORDER BY count(*) DESC, k.field, k.value
			LIMIT $1`, maxKept)
		if r.Kept, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Kept]); err != nil {
			return r, fmt.Errorf("who was named and has left: %w", err)
		}
		rows, _ = l.tx.Query(ctx, `
			SELECT l.line, l.number, s.number
			FROM load_customers l
			JOIN customers c ON c.tenant_id = $1 AND c.id = l.customer_id
			JOIN customers s ON s.tenant_id = $1 AND s.id = c.merged_into
			WHERE l.outcome <> 'refused'
			ORDER BY l.line
			LIMIT $2`, l.tx.Actor.TenantID, maxMerged)
		if r.Merged, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Merged]); err != nil {
			return r, fmt.Errorf("who was merged into another: %w", err)
		}
		if err = l.tx.QueryRow(ctx, `
			SELECT count(*) FILTER (WHERE p.fault IS NOT NULL), count(*) FILTER (WHERE p.silenced)
			FROM load_points p`).Scan(&r.LeftOut, &r.OptedOut); err != nil {
			return r, fmt.Errorf("count what is left out or opted out: %w", err)
		}
	} else {
		rows, _ := l.tx.Query(ctx, `
			SELECT l.currency, round(sum(l.amount) / 10::numeric ^ min(l.decimals), min(l.decimals))::text
			FROM `+l.stage.load+` l
			WHERE l.outcome <> 'refused'
			GROUP BY l.currency
			ORDER BY l.currency`)
		if r.Totals, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Total]); err != nil {
			return r, fmt.Errorf("total import: %w", err)
		}
	}
	if l.options.Kind != Payments {
		if r.Alike, err = l.alike(ctx); err != nil {
			return r, err
		}
	}
	r.Unread, r.Assumed = l.reader.unread, l.assumed
	r.Rejects, err = l.rejects(ctx)
	return r, err
}

// alike compares the numbers of new customers to each other and to those here. An import
// of items has them where it makes customers.
func (l *load) alike(ctx context.Context) ([]Alike, error) {
	fresh := `SELECT l.line, l.number FROM load_customers l WHERE l.outcome = 'new'`
	if l.options.Kind == Items {
		fresh = `SELECT min(l.line) AS line, l.customer_number AS number FROM load_items l WHERE l.outcome = 'new' AND l.customer_id IS NULL GROUP BY l.customer_number`
	}
	rows, _ := l.tx.Query(ctx, `
		WITH fresh AS MATERIALIZED (`+fresh+`)
		SELECT f.line, f.number, min(o.number)
		FROM fresh f
		JOIN (
			SELECT c.number FROM customers c WHERE c.tenant_id = $1
			UNION ALL SELECT n.number FROM fresh n) o ON lower(o.number) = lower(f.number) AND o.number <> f.number
		GROUP BY f.line, f.number
		ORDER BY f.line
		LIMIT $2`, l.tx.Actor.TenantID, maxAlike)
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Alike])
	if err != nil {
		return nil, fmt.Errorf("numbers alike: %w", err)
	}
	return all, nil
}

// digest stands for what is done to each row, as a sum that needs no memory: two
// checks of a file with the same digest do the same to the ledger. A customer or
// an item that is changed counts with its version, since what it changes from was
// shown too.
func (l *load) digest(ctx context.Context) (sum string, err error) {
	does := `SELECT concat(l.line, '/', l.outcome, '/', ` + l.does + `) AS row FROM ` + l.stage.load + ` l`
	if l.options.Kind == Customers {
		does += ` UNION ALL SELECT concat(p.line, '/', p.kind, '/', p.value, '/', p.point_id) FROM load_points p`
	}
	err = l.tx.QueryRow(ctx, `SELECT sum(hashtextextended(d.row, 0))::text FROM (`+does+`) d`).Scan(&sum)
	if err != nil {
		return "", fmt.Errorf("digest of import: %w", err)
	}
	return sum, nil
}

// rejectsSQL names the column of each refused row as the file does.
func (l *load) rejectsSQL() string {
	faults := `SELECT l.line, l.fault FROM ` + l.stage.load + ` l`
	if l.options.Kind == Customers {
		faults += ` UNION ALL SELECT p.line, p.fault FROM load_points p`
	}
	return `
		SELECT f.line, coalesce(@columns::jsonb ->> f.fault[1], '') AS col, left(f.fault[2], 200) AS value, f.fault[3] AS reason
		FROM (` + faults + `) f
		WHERE f.fault IS NOT NULL
		ORDER BY f.line`
}

func (l *load) rejects(ctx context.Context) ([]Reject, error) {
	rows, _ := l.tx.Query(ctx, l.rejectsSQL()+` LIMIT @limit`,
		pgx.NamedArgs{"columns": l.options.Map.Columns, "limit": MaxRejects})
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Reject])
	if err != nil {
		return nil, fmt.Errorf("rejects: %w", err)
	}
	return all, nil
}
