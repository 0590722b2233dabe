package tenant

import "github.com/jackc/pgx/v5"

// Into reads rows into a list.
func Into[T any](list *[]T) func(pgx.Rows) error {
	return func(rows pgx.Rows) (err error) {
		*list, err = Collect(rows, pgx.RowToAddrOfStructByName[T])
		return err
	}
}

// Collect is pgx.CollectRows, but where each column goes it asks only for the first
// row, of read; pgx asks for each, which takes as long as to read it.
func Collect[T any](rows pgx.Rows, read pgx.RowToFunc[*T]) ([]T, error) {
	defer rows.Close()
	list := []T{}
	if !rows.Next() {
		return list, rows.Err()
	}
	first := scanned{CollectableRow: rows}
	row, err := read(&first)
	for {
		if err != nil {
			return nil, err
		}
		list = append(list, *row)
		if !rows.Next() {
			return list, rows.Err()
		}
		*row = *new(T) // what the row before points to is its own
		err = rows.Scan(first.into...)
	}
}

// scanned is a row that keeps where it was read into.
type scanned struct {
	pgx.CollectableRow
	into []any
}

// Scan is called by pgx.
func (s *scanned) Scan(into ...any) error {
	s.into = into
	return s.CollectableRow.Scan(into...)
}
