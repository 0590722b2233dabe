package document

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/errs"
	"dunwell/internal/tenant"
)

// Outcome is what came of a file in an archive of copies.
type Outcome string

// The outcomes.
const (
	Taken   Outcome = "taken"
	There   Outcome = "there"   // the item has the same copy already
	Unknown Outcome = "unknown" // no item has the number
	Refused Outcome = "refused" // Reason says why
)

// CopyLine is what came of one file.
type CopyLine struct {
	Name       string  `json:"name"`
	Outcome    Outcome `json:"outcome"`
	Reason     string  `json:"reason,omitempty"`
	Number     string  `json:"number,omitempty"` // of the item; empty: there is none
	CustomerID int64   `json:"customer_id,omitempty"`
	Customer   string  `json:"customer,omitempty"` // the name of that time

	exact bool // the name is the item's number to the letter
}

func (l *CopyLine) refuse(reason string) { l.Outcome, l.Reason = Refused, reason }

// CopyUpload is an archive that was uploaded.
type CopyUpload struct {
	ID                             int64
	FileName                       string
	Size                           int64
	Taken, There, Unknown, Refused int
	Files                          []CopyLine // in the order of the archive; only FindCopyUpload reads them
	Member                         string
	At                             time.Time
}

func record(ctx context.Context, tx *tenant.Tx, name string, size int64, lines []CopyLine) (id int64, err error) {
	counts := map[Outcome]int{}
	for _, l := range lines {
		counts[l.Outcome]++
	}
	err = tx.QueryRow(ctx, `
		INSERT INTO copy_uploads (file_name, size, taken, there, unknown, refused, files, member_id, at)
		VALUES (@name, @size, @taken, @there, @unknown, @refused, @files, nullif(@member::bigint, 0), @now)
		RETURNING id`,
		pgx.NamedArgs{"name": name, "size": size, "taken": counts[Taken], "there": counts[There], "unknown": counts[Unknown],
			"refused": counts[Refused], "files": lines, "member": tx.Actor.MemberID, "now": tx.Now}).Scan(&id)
	if err != nil {
		return 0, fmt.Errorf("record copies: %w", err)
	}
	return id, nil
}

const uploadColumns = `u.id, u.file_name, u.size, u.taken, u.there, u.unknown, u.refused, coalesce(w.name, 'Dunwell') AS member, u.at`

const uploadSource = `copy_uploads u
	LEFT JOIN members m ON m.tenant_id = @tenant AND m.id = u.member_id
	LEFT JOIN users w ON w.id = m.user_id`

// CopyUploads lists the archives that were uploaded, the newest first; before
// is the id of the last one of the page before, 0 for the first page.
func CopyUploads(ctx context.Context, tx *tenant.Tx, before int64, limit int) ([]CopyUpload, error) {
	if !CanUploadCopies(tx.Actor) {
		return nil, ErrOnlyManagers
	}
	rows, _ := tx.Query(ctx, `
		SELECT `+uploadColumns+`, NULL::jsonb AS files
		FROM `+uploadSource+`
		WHERE u.tenant_id = @tenant AND (@before::bigint = 0 OR u.id < @before)
		ORDER BY u.id DESC
		LIMIT @limit`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "before": before, "limit": limit})
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[CopyUpload])
	if err != nil {
		return nil, fmt.Errorf("list copies: %w", err)
	}
	return list, nil
}

// FindCopyUpload reads the report on an archive.
func FindCopyUpload(ctx context.Context, tx *tenant.Tx, id int64) (CopyUpload, error) {
	if !CanUploadCopies(tx.Actor) {
		return CopyUpload{}, ErrOnlyManagers
	}
	rows, _ := tx.Query(ctx, `
		SELECT `+uploadColumns+`, u.files
		FROM `+uploadSource+`
		WHERE u.tenant_id = @tenant AND u.id = @id`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "id": id})
	u, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[CopyUpload])
	if errors.Is(err, pgx.ErrNoRows) {
		return u, errs.NotFound
	}
	if err != nil {
		return u, fmt.Errorf("find copies: %w", err)
	}
	return u, nil
}
