package importer

import (
	"context"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/spreadsheet"
	"dunwell/internal/tenant"
)

// EachReject calls f for the refused rows of an import in the file's order, at
// most limit of them.
func EachReject(ctx context.Context, tx *tenant.Tx, id int64, limit int, f func(Reject) error) error {
	if !CanImport(tx.Actor) {
		return ErrOnlyManagers
	}
	rows, _ := tx.Query(ctx, `
		SELECT r.line, r.col, r.value, r.reason
		FROM import_rejects r
		WHERE r.tenant_id = @tenant AND r.import_id = @import
		ORDER BY r.line, r.id
		LIMIT @limit`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "import": id, "limit": limit})
	var j Reject
	_, err := pgx.ForEachRow(rows, []any{&j.Row, &j.Column, &j.Value, &j.Reason}, func() error { return f(j) })
	if err != nil {
		return fmt.Errorf("rejects of import %d: %w", id, err)
	}
	return nil
}

// RowsKept is how many days refused rows are kept as the file has them, from when the
// import ended; why they were refused is kept for good.
const RowsKept = 31

// ForgetRows throws away refused rows of imports that ended before the moment.
func ForgetRows(ctx context.Context, tx *tenant.Tx, before time.Time) error {
	_, err := tx.Exec(ctx, `
		UPDATE import_rejects r
		SET cells = NULL
		FROM imports i
		WHERE r.tenant_id = @tenant AND r.cells IS NOT NULL AND i.tenant_id = @tenant AND i.id = r.import_id AND i.finished_at < @before`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "before": before})
	if err != nil {
		return fmt.Errorf("forget refused rows: %w", err)
	}
	return nil
}

// maxKeptCell is how many characters of a refused row's cell are kept: more than any
// field takes.
const maxKeptCell = 4000

// keepRejects writes down what is refused, with the rows as the file has them, which is
// read once more for that.
func (l *load) keepRejects(ctx context.Context) error {
	args := pgx.NamedArgs{"tenant": l.tx.Actor.TenantID, "import": l.importID, "columns": l.options.Map.Columns}
	if _, err := l.tx.Exec(ctx, `DELETE FROM import_rejects WHERE tenant_id = @tenant AND import_id = @import`, args); err != nil {
		return err
	}
	rows, _ := l.tx.Query(ctx, `SELECT DISTINCT r.line FROM (`+l.rejectsSQL()+`) r ORDER BY r.line`, args)
	lines, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil || len(lines) == 0 {
		return err
	}
	c, err := l.reader.open(ctx)
	if err != nil {
		return err
	}
	if _, err := l.tx.Exec(ctx, `CREATE TEMPORARY TABLE refused_rows (line bigint, cells text[]) ON COMMIT DROP`); err != nil {
		return err
	}
	_, err = l.tx.CopyFrom(ctx, pgx.Identifier{"refused_rows"}, []string{"line", "cells"}, pgx.CopyFromFunc(func() ([]any, error) {
		if len(lines) == 0 {
			return nil, nil
		}
		for {
			raw, _, err := c.in.next()
			if err != nil {
				return nil, err
			}
			if c.in.line == lines[0] {
				lines = lines[1:]
				return []any{c.in.line, c.kept(raw)}, nil
			}
		}
	}))
	if err != nil {
		return err
	}
	_, err = l.tx.Exec(ctx, `
		INSERT INTO import_rejects (import_id, line, col, value, reason, cells)
		SELECT @import::bigint, r.line, r.col, r.value, r.reason, w.cells
		FROM (`+l.rejectsSQL()+`) r
		LEFT JOIN refused_rows w ON w.line = r.line
		ORDER BY r.line`, args)
	return err
}

// kept are the cells as texts that can be stored and may be.
func (c *cells) kept(raw [][]byte) []string {
	out := make([]string, len(raw))
	for i, cell := range raw {
		text, _ := c.file.decode(cell)
		out[i] = cut(storable(text), maxKeptCell)
	}
	return out
}

// whyRefused heads the column that WriteRejects adds. A file that comes back has it, and
// no field is read from it.
const whyRefused = "Why refused"

// WriteRejects writes all refused rows of an import as CSV for spreadsheets: as the file
// has them, in its order, with the reason behind, so that they can be mended there and
// loaded again.
func WriteRejects(ctx context.Context, tx *tenant.Tx, w io.Writer, i Import) error {
	if !CanImport(tx.Actor) {
		return ErrOnlyManagers
	}
	var header []string
	if i.Result != nil {
		header = i.Result.Header
	}
	again := len(header) > 0 && header[len(header)-1] == whyRefused // it came back
	if again {
		header = header[:len(header)-1]
	}
	out, err := spreadsheet.CSV(w)
	if err != nil {
		return err
	}
	if err := out.Write(toMend(header, len(header), whyRefused)); err != nil {
		return err
	}
	rows, _ := tx.Query(ctx, `
		SELECT r.line, coalesce(r.cells, '{}'), string_agg(concat_ws(': ', nullif(r.col, ''), r.reason), ' ' ORDER BY r.id)
		FROM import_rejects r
		WHERE r.tenant_id = $1 AND r.import_id = $2
		GROUP BY r.line, r.cells
		ORDER BY r.line`, tx.Actor.TenantID, i.ID)
	var line int64
	var cells []string
	var why string
	_, err = pgx.ForEachRow(rows, []any{&line, &cells, &why}, func() error {
		if again {
			cells = sentBack(cells, len(header))
		}
		return out.Write(toMend(cells, len(header), fmt.Sprintf("Row %d: %s", line, why)))
	})
	if err != nil {
		return fmt.Errorf("rejects of import %d: %w", i.ID, err)
	}
	out.Flush()
	return out.Error()
}

// sentBack are the cells without the reason that was behind so many columns, or behind
// fewer or more cells of a row that has not so many.
func sentBack(cells []string, columns int) []string {
	for len(cells) > columns && strings.TrimSpace(cells[len(cells)-1]) == "" {
		cells = cells[:len(cells)-1]
	}
	if len(cells) == columns+1 || len(cells) > 0 && isWhy.MatchString(cells[len(cells)-1]) {
		return cells[:len(cells)-1]
	}
	return cells
}

// isWhy finds what WriteRejects wrote under whyRefused.
var isWhy = regexp.MustCompile(`^Row \d+: `)

// toMend is a row of so many columns to be mended, with a last cell behind them. A row that
// is refused for its number of cells has as many as it had, so that it is refused again
// unless somebody mends it.
func toMend(cells []string, columns int, last string) []string {
	row := make([]string, 0, columns+1)
	for i, cell := range cells {
		if i >= columns && strings.TrimSpace(strings.Join(cells[i:], "")) == "" {
			break
		}
		if !keepsZeros.MatchString(cell) {
			cell = spreadsheet.NoFormula(cell)
		}
		row = append(row, cell)
	}
	for len(cells) == 0 && len(row) < columns {
		row = append(row, "")
	}
	return append(row, last)
}

// keepsZeros is ="008", which a spreadsheet shows as 008.
var keepsZeros = regexp.MustCompile(`^="[^"]*"$`)
