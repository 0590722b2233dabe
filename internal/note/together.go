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

// inItsOwn has pins and corrections looked up in the journal that the note stands in.
func inItsOwn(sql string) string {
	for _, of := range []string{"p", "x", "c", "o"} {
		sql = strings.ReplaceAll(sql, of+".customer_id = @customer", of+".customer_id = n.customer_id")
	}
	return sql
}
