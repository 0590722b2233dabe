package dossier

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"time"

	"dunwell/internal/spreadsheet"
)

// paper is a document of the customer.
type paper struct {
	ID        int64
	Name      string
	MediaType string
	Size      int64
	SHA256    []byte
	BlobKey   string
	Subject   string
	About     string // the item's number, or the message's subject
	Author    string
	CreatedAt time.Time
	RemovedAt *time.Time
	RemovedBy string
	Sent      []int64 // the messages that took it along
}

const papersSQL = `
	SELECT d.id, d.name, d.media_type, d.size, d.sha256, d.blob_key, d.subject, coalesce(i.number, m.subject, w.subject, '') AS about,
		coalesce(u.name, 'Dunwell') AS author, d.created_at, d.removed_at, coalesce(ru.name, '') AS removed_by,
		ARRAY(SELECT s.message_id FROM message_documents s WHERE s.tenant_id = @tenant AND s.document_id = d.id ORDER BY s.message_id) AS sent
	FROM documents d
	LEFT JOIN items i ON i.tenant_id = @tenant AND d.subject = 'item' AND i.id = d.subject_id
	LEFT JOIN messages m ON m.tenant_id = @tenant AND d.subject IN ('message', 'letter') AND m.id = d.subject_id
	LEFT JOIN received w ON w.tenant_id = @tenant AND d.subject = 'received' AND w.id = d.subject_id
	LEFT JOIN members a ON a.tenant_id = @tenant AND a.id = d.author_id
	LEFT JOIN users u ON u.id = a.user_id
	LEFT JOIN members r ON r.tenant_id = @tenant AND r.id = d.removed_by
	LEFT JOIN users ru ON ru.id = r.user_id
	WHERE d.tenant_id = @tenant AND d.customer_id = @customer
	ORDER BY d.id`

// kept tells that the content belongs into a dossier: one that was removed does only
// where it was sent, since it may have been somebody else's.
func (p paper) kept() bool { return p.RemovedAt == nil || len(p.Sent) > 0 }

// packed tells that the content does not get smaller.
func (p paper) packed() bool { return !strings.HasPrefix(p.MediaType, "text/") }

// fetch writes the contents from the store, and then the list of the documents with
// what came of each.
func (d *Dossier) fetch(ctx context.Context, r record) error {
	d.folder = r.folder
	found := make([]string, len(r.papers))
	for i, p := range r.papers {
		var err error
		if found[i], err = d.fetchOne(ctx, p); err != nil {
			return err
		}
	}
	return d.add("documents.csv", false, func(w io.Writer) error {
		out, err := spreadsheet.CSV(w)
		if err != nil {
			return err
		}
		lines := [][]string{{"Document", "File", "What came of it", "Name", "Type", "Bytes", "About", "Sent with messages", "Brought by", "Brought at", "Removed at", "Removed by", "SHA-256 when it was received"}}
		for i, p := range r.papers {
			path := file{p.ID, p.Name}.path()
			if found[i] == removed || found[i] == missing {
				path = ""
			}
			line := []string{fmt.Sprint(p.ID), path, found[i], p.Name, p.MediaType, fmt.Sprint(p.Size), strings.TrimSpace(p.Subject + " " + p.About),
				strings.Trim(fmt.Sprint(p.Sent), "[]"), p.Author, d.moment(p.CreatedAt), d.since(p.RemovedAt), p.RemovedBy, hex.EncodeToString(p.SHA256)}
			for c := range line {
				line[c] = spreadsheet.NoFormula(line[c])
			}
			lines = append(lines, line)
		}
		return out.WriteAll(lines)
	})
}

// What came of a document that is not in the archive.
const (
	removed = "not in this archive: it was removed and never sent"
	missing = "MISSING in the store"
)

// fetchOne writes a content and says what came of it. One that is not in the store any
// more is said to be missing: the rest of the dossier is worth having.
func (d *Dossier) fetchOne(ctx context.Context, p paper) (string, error) {
	if !p.kept() {
		return removed, nil
	}
	content, err := d.store.Get(ctx, p.BlobKey)
	if errors.Is(err, fs.ErrNotExist) {
		return missing, nil
	}
	if err != nil {
		return "", fmt.Errorf("open document %d: %w", p.ID, err)
	}
	defer content.Close()
	sum := sha256.New()
	err = d.add(file{p.ID, p.Name}.path(), p.packed(), func(w io.Writer) error {
		_, err := io.Copy(io.MultiWriter(w, sum), content)
		return err
	})
	if err == nil && !bytes.Equal(sum.Sum(nil), p.SHA256) {
		return "CHANGED since it was received", nil
	}
	return "as it was received", err
}
