package importer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/riverqueue/river"

	"dunwell/internal/tenant"
)

// CheckArgs asks to check an uploaded file.
type CheckArgs struct {
	Tenant int64 `json:"tenant"`
	ID     int64 `json:"id"`
}

// Kind names the job.
func (CheckArgs) Kind() string { return "import_check" }

// ApplyArgs asks to apply a checked file.
type ApplyArgs struct {
	Tenant int64 `json:"tenant"`
	ID     int64 `json:"id"`
}

// Kind names the job.
func (ApplyArgs) Kind() string { return "import_apply" }

// Enqueue inserts a job in the caller's transaction.
type Enqueue func(ctx context.Context, tx pgx.Tx, args river.JobArgs) error

// Check is the body of the job that checks an uploaded file. Done twice, or
// after the import moved on, it does nothing.
func Check(ctx context.Context, db *tenant.DB, a CheckArgs) error {
	return work(ctx, db, a.Tenant, a.ID, Checking)
}

// Apply is the body of the job that applies a checked file: wholly, or not at
// all where it fails or would no longer do what was shown. Done twice it does
// nothing the second time.
func Apply(ctx context.Context, db *tenant.DB, a ApplyArgs) error {
	return work(ctx, db, a.Tenant, a.ID, Applying)
}

func work(ctx context.Context, db *tenant.DB, tenantID, id int64, state State) error {
	var r Result
	f, err := fetch(ctx, db, tenantID, id, state)
	if err == nil {
		r, err = workOn(ctx, db, tenantID, id, state, f)
		err = errors.Join(err, f.Close())
	}
	fail := func(why string) error {
		return db.Write(ctx, tenant.System(tenantID), func(tx *tenant.Tx) error { return finish(ctx, tx, id, state, Failed, why) })
	}
	var u Unusable
	var pg *pgconn.PgError
	switch {
	case errors.Is(err, errUndo):
		return nil
	case errors.As(err, &u):
		return fail(string(u))
	case errors.As(err, &pg) && (strings.HasPrefix(pg.Code, "22") || strings.HasPrefix(pg.Code, "23")):
		// a value that does not fit never will; the error is for the log, and the next try finds the import ended
		why := fmt.Sprintf("The database refused a value in it (%s), which the check should have said. Nothing of the file was applied. "+
			"Tell whoever runs Dunwell, who finds more in its log.", cmp.Or(pg.ConstraintName, pg.Code))
		return errors.Join(fmt.Errorf("import %d: %w", id, err), fail(why))
	case err != nil:
		return fmt.Errorf("import %d: %w", id, err)
	case state == Applying:
		return analyze(ctx, db, r)
	}
	return nil
}

// fetch copies the uploaded file to disk; errUndo where the import is no longer
// in that state.
func fetch(ctx context.Context, db *tenant.DB, tenantID, id int64, state State) (f *spool, err error) {
	err = db.Read(ctx, tenant.System(tenantID), func(tx *tenant.Tx) error {
		i, err := find(ctx, tx, id)
		if err != nil {
			return err
		}
		if i.State != state {
			return errUndo
		}
		rows, _ := tx.Query(ctx, `
			SELECT c.content
			FROM import_chunks c
			WHERE c.tenant_id = $1 AND c.import_id = $2
			ORDER BY c.seq`, tenantID, id)
		defer rows.Close()
		f, err = newSpool(ctx, &chunkReader{rows: rows})
		return err
	})
	return f, err
}

// chunkReader reads an uploaded file piece by piece.
type chunkReader struct {
	rows pgx.Rows
	rest []byte
}

func (c *chunkReader) Read(p []byte) (int, error) {
	for len(c.rest) == 0 {
		if !c.rows.Next() {
			if err := c.rows.Err(); err != nil {
				return 0, err
			}
			return 0, io.EOF
		}
		if err := c.rows.Scan(&c.rest); err != nil {
			return 0, err
		}
	}
	n := copy(p, c.rest)
	c.rest = c.rest[n:]
	return n, nil
}

// workOn is the job's one transaction. The import's row is written last, so that
// its progress can be told meanwhile; whoever discarded it in between wins.
func workOn(ctx context.Context, db *tenant.DB, tenantID, id int64, state State, f *spool) (r Result, err error) {
	err = db.Write(ctx, tenant.System(tenantID), func(tx *tenant.Tx) error {
		i, err := find(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := actAs(ctx, tx, i.MemberID); err != nil {
			return err
		}
		l, err := newLoad(ctx, tx, f, i.Options)
		if err != nil {
			return err
		}
		l.importID = id
		l.progress = func(rows int64) { tellProgress(ctx, db, tenantID, id, rows) }
		var next State
		if r, next, err = l.judge(ctx, i); err != nil {
			return err
		}
		return l.end(ctx, state, next, r)
	})
	return r, err
}

// actAs lets the job work in the name of the member who asked for it, so that
// notes and payments name a person, and ends it where that person may no longer
// import.
func actAs(ctx context.Context, tx *tenant.Tx, member *int64) error {
	if member == nil {
		return nil
	}
	a := &tx.Actor
	var active bool
	err := tx.QueryRow(ctx, `
		SELECT m.id, m.user_id, m.role, m.active, u.name, u.email
		FROM members m
		JOIN users u ON u.id = m.user_id
		WHERE m.tenant_id = $1 AND m.id = $2`, a.TenantID, *member).Scan(&a.MemberID, &a.UserID, &a.Role, &active, &a.Name, &a.Email)
	if err != nil {
		return fmt.Errorf("act as member %d: %w", *member, err)
	}
	if !active || !CanImport(*a) {
		return unusable("%s may no longer import files. Somebody else has to upload it again.", a.Name)
	}
	return nil
}

// step is after how many rows the progress is told.
const step = 20_000

// tellProgress writes how far a job is, in a transaction of its own. It is a
// courtesy: where no connection is free for it in time, the job goes on without.
func tellProgress(ctx context.Context, db *tenant.DB, tenantID, id, rows int64) {
	if rows%step != 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	_ = db.Write(ctx, tenant.System(tenantID), func(tx *tenant.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE imports SET rows_done = $3 WHERE tenant_id = $1 AND id = $2`, tenantID, id, rows)
		return err
	})
}
