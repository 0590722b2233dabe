package tenant

import (
	"context"
	"fmt"
	"sync"

	"github.com/jackc/pgx/v5"
)

// named are the arguments of a statement by name, as pgx.NamedArgs, but a statement
// is read for its names only once: pgx does it each time, which is a good part of
// what a page costs. A name that is not given is an error.
type named map[string]any

// numbered is a statement with numbers in place of the names.
type numbered struct {
	sql   string
	names []any // strings, in the order of the numbers
}

// statements are those that were read before. Their texts are the program's own:
// there are only so many.
var statements sync.Map

// RewriteQuery is called by pgx.
func (args named) RewriteQuery(ctx context.Context, conn *pgx.Conn, sql string, _ []any) (string, []any, error) {
	known, ok := statements.Load(sql)
	if !ok {
		names := pgx.NamedArgs{}
		for name := range args {
			names[name] = name
		}
		text, order, err := names.RewriteQuery(ctx, conn, sql, nil)
		if err != nil {
			return "", nil, err
		}
		for i, name := range order {
			if name == nil {
				return "", nil, fmt.Errorf("no argument for $%d of %s", i+1, text)
			}
		}
		known, _ = statements.LoadOrStore(sql, numbered{text, order})
	}
	statement := known.(numbered)
	values := make([]any, len(statement.names))
	for i, name := range statement.names {
		values[i] = args[name.(string)]
	}
	return statement.sql, values, nil
}
