package note

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/tenant"
)

// ListTogether reads the journals of the filter's customer and of those who were merged
// into it as one, the newest first. Before is the ID of a note here, not its number:
// each journal counts by itself.
func ListTogether(ctx context.Context, tx *tenant.Tx, f Filter, merged []int64) ([]Note, error) {
	if f.Before == 0 {
		f.Before = math.MaxInt64
	}
	if f.Kinds == nil {
		f.Kinds = []string{}
	}
	args := f.args(tx)
	args["all"] = append([]int64{f.CustomerID}, merged...)
	limit := ` LIMIT ` + strconv.Itoa(f.Limit)
	// The newest of each journal from its own index, and the newest of those.
	from := `unnest(@all::bigint[]) AS one (id)
		CROSS JOIN LATERAL (
			SELECT *
			FROM notes n
			WHERE` + strings.Replace(f.fits(), "n.customer_id = @customer AND n.seq < @before", "n.customer_id = one.id AND n.id < @before", 1) + `
				AND (@kinds::text[] = '{}' OR n.kind = ANY(@kinds))` + newestFirst + limit + `) n
		ORDER BY n.id DESC` + limit
	rows, _ := tx.Query(ctx, inItsOwn(reading(from))+`
	ORDER BY n.id DESC`, args)
	notes, err := pgx.CollectRows(rows, pgx.RowToStructByName[Note])
	if err != nil {
		return nil, fmt.Errorf("read journals together: %w", err)
	}
	return notes, nil
}

// eachTogether calls f with the notes of several journals, the first one first, each
// with the number of the customer in whose journal it stands, empty where nobody was
// merged.
func eachTogether(ctx context.Context, tx *tenant.Tx, customerID int64, merged []int64, f func(n Note, number string) error) error {
	if len(merged) == 0 {
		return Each(ctx, tx, customerID, func(n Note) error { return f(n, "") })
	}
	all := append([]int64{customerID}, merged...)
	args := pgx.NamedArgs{"tenant": tx.Actor.TenantID, "all": all}
	rows, _ := tx.Query(ctx, `SELECT c.id, c.number FROM customers c WHERE c.tenant_id = @tenant AND c.id = ANY(@all)`, args)
	numbers := make(map[int64]string, len(all))
	var id int64
	var number string
	_, err := pgx.ForEachRow(rows, []any{&id, &number}, func() error {
		numbers[id] = number
		return nil
	})
	if err != nil {
		return fmt.Errorf("read whose journals they are: %w", err)
	}
	return each(ctx, tx, inItsOwn(reading(`notes n WHERE n.tenant_id = @tenant AND n.customer_id = ANY(@all)`))+`
	ORDER BY n.id`, args, func(n Note) error { return f(n, numbers[n.CustomerID]) })
}

// inItsOwn has pins and corrections looked up in the journal that the note stands in.
func inItsOwn(sql string) string {
	for _, of := range []string{"p", "x", "c", "o"} {
		sql = strings.ReplaceAll(sql, of+".customer_id = @customer", of+".customer_id = n.customer_id")
	}
	return sql
}
