package importer

import (
	"context"
	"fmt"
	"io"
	"math"
	"strconv"

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

// WriteRejects writes all refused rows of an import as CSV for spreadsheets.
func WriteRejects(ctx context.Context, tx *tenant.Tx, w io.Writer, id int64) error {
	out, err := spreadsheet.CSV(w)
	if err != nil {
		return err
	}
	if err := out.Write([]string{"Row", "Column", "Value", "Reason"}); err != nil {
		return err
	}
	err = EachReject(ctx, tx, id, math.MaxInt32, func(j Reject) error {
		return out.Write([]string{strconv.FormatInt(j.Row, 10), spreadsheet.NoFormula(j.Column), spreadsheet.NoFormula(j.Value), j.Reason})
	})
	if err != nil {
		return err
	}
	out.Flush()
	return out.Error()
}
