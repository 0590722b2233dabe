package importer

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// State is how far an import is.
type State string

// The states. Uploaded waits for the columns to be mapped, Checked for somebody
// to apply it; Checking and Applying are jobs; the others are its end.
const (
	Uploaded  State = "uploaded"
	Checking  State = "checking"
	Checked   State = "checked"
	Applying  State = "applying"
	Applied   State = "applied"
	Failed    State = "unusable"
	Discarded State = "discarded"
)

// Busy tells that a job works on it.
func (s State) Busy() bool { return s == Checking || s == Applying }

// Ended tells that nothing more happens to it.
func (s State) Ended() bool { return s == Applied || s == Failed || s == Discarded }

// Import is a file on record.
type Import struct {
	ID         int64
	Options    Options
	Size       int64 // bytes
	State      State
	RowsDone   int64   // of the running job
	Result     *Result // without its rejects; nil before the first check
	Error      string  // why it is unusable
	MemberID   *int64  // who uploaded it; nil: a command
	Member     string
	CreatedAt  time.Time
	FinishedAt *time.Time
}

// CanApply tells that the file may be applied as it was checked.
func (i Import) CanApply() bool {
	return i.State == Checked && i.Result != nil && (i.Result.Refused == 0 || !i.Options.AllOrNothing) && i.Result.New+i.Result.Changed > 0
}

// Mark stands for what a check showed, and for how the file was read.
func (i Import) Mark() string {
	b, _ := json.Marshal([]any{i.Options.Map, i.Result}) // both were read from JSON
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// CanMap tells that its columns may be chosen, for the first time or again.
func (i Import) CanMap() bool { return i.State == Uploaded || i.State == Checked }

const importColumns = `i.id, i.kind, i.file_name, i.mapping, i.options, i.size, i.state, i.rows_done, i.result, i.error,
	i.member_id, coalesce(u.name, 'Dunwell') AS member, i.created_at, i.finished_at
	FROM imports i
	LEFT JOIN members m ON m.tenant_id = i.tenant_id AND m.id = i.member_id
	LEFT JOIN users u ON u.id = m.user_id`

func scanImport(row pgx.CollectableRow) (i Import, err error) {
	var (
		k    Kind
		name string
		m    Map
	)
	err = row.Scan(&i.ID, &k, &name, &m, &i.Options, &i.Size, &i.State, &i.RowsDone, &i.Result, &i.Error,
		&i.MemberID, &i.Member, &i.CreatedAt, &i.FinishedAt)
	i.Options.Kind, i.Options.FileName, i.Options.Map = k, name, m
	return i, err
}

// Find is the import of that id.
func Find(ctx context.Context, tx *tenant.Tx, id int64) (Import, error) {
	if !CanImport(tx.Actor) {
		return Import{}, ErrOnlyManagers
	}
	return find(ctx, tx, id)
}

func find(ctx context.Context, tx *tenant.Tx, id int64) (Import, error) {
	rows, _ := tx.Query(ctx, `
		SELECT `+importColumns+`
		WHERE i.tenant_id = $1 AND i.id = $2`, tx.Actor.TenantID, id)
	i, err := pgx.CollectExactlyOneRow(rows, scanImport)
	if errors.Is(err, pgx.ErrNoRows) {
		return i, errs.NotFound
	}
	if err != nil {
		return i, fmt.Errorf("find import: %w", err)
	}
	return i, nil
}

// List is the newest imports with an id below before (0: all), at most limit.
func List(ctx context.Context, tx *tenant.Tx, before int64, limit int) ([]Import, error) {
	if !CanImport(tx.Actor) {
		return nil, ErrOnlyManagers
	}
	rows, _ := tx.Query(ctx, `
		SELECT `+importColumns+`
		WHERE i.tenant_id = @tenant AND (@before::bigint = 0 OR i.id < @before)
		ORDER BY i.id DESC
		LIMIT @limit`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "before": before, "limit": limit})
	all, err := pgx.CollectRows(rows, scanImport)
	if err != nil {
		return nil, fmt.Errorf("list imports: %w", err)
	}
	return all, nil
}

func insert(ctx context.Context, tx *tenant.Tx, o Options, sha256 []byte, size int64, s State) (id int64, err error) {
	err = tx.QueryRow(ctx, `
		INSERT INTO imports (kind, file_name, sha256, size, mapping, options, state, member_id, created_at)
		VALUES (@kind, @name, @sha256, @size, @mapping, @options, @state, nullif(@member, 0), @now)
		RETURNING id`,
		pgx.NamedArgs{"kind": o.Kind, "name": o.FileName, "sha256": sha256, "size": size, "mapping": o.Map, "options": o,
			"state": s, "member": tx.Actor.MemberID, "now": tx.Now}).Scan(&id)
	if err != nil {
		return 0, fmt.Errorf("record import: %w", err)
	}
	return id, nil
}

// end writes down what came of it, unless the import is no longer where it was:
// then nothing of this transaction shall stay.
func (l *load) end(ctx context.Context, from, to State, r Result) error {
	r.Rejects, r.Header = nil, l.reader.header
	args := pgx.NamedArgs{"tenant": l.tx.Actor.TenantID, "import": l.importID, "from": from, "to": to, "result": r, "read": r.Read,
		"ended": to.Ended(), "now": l.tx.Now, "columns": l.options.Map.Columns}
	if err := l.keepRejects(ctx); err != nil {
		return fmt.Errorf("end import: %w", err)
	}
	tag, err := l.tx.Exec(ctx, `
		UPDATE imports
		SET state = @to, result = @result, rows_done = @read, finished_at = CASE WHEN @ended THEN @now::timestamptz END
		WHERE tenant_id = @tenant AND id = @import AND state = @from`, args)
	if err != nil {
		return fmt.Errorf("end import: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return errUndo
	}
	if to.Ended() {
		return forget(ctx, l.tx, l.importID)
	}
	return nil
}

// forget throws the uploaded file away.
func forget(ctx context.Context, tx *tenant.Tx, id int64) error {
	_, err := tx.Exec(ctx, `DELETE FROM import_chunks WHERE tenant_id = $1 AND import_id = $2`, tx.Actor.TenantID, id)
	if err != nil {
		return fmt.Errorf("forget the file of import %d: %w", id, err)
	}
	return nil
}
