package document

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"golang.org/x/text/unicode/norm"

	"dunwell/internal/errs"
	"dunwell/internal/note"
	"dunwell/internal/tenant"
)

// CanUploadCopies tells who may upload copies of many invoices at once: who
// also imports, since it reaches the customers of all branches.
func CanUploadCopies(a tenant.Actor) bool { return a.Is(tenant.Manager) }

// ErrOnlyManagers refuses whoever may not upload copies of many invoices.
const ErrOnlyManagers = errs.Forbidden("Only managers and admins upload copies of many invoices at once. Upload yours on the customer's page, or ask a manager.")

// copies are the files of an archive on their way to their items.
type copies struct {
	files []*zip.File
	lines []CopyLine
	rows  []row // of the files of the same place
}

// UploadCopies keeps the files of a ZIP archive as the copies of the items whose
// numbers they are named after, and returns the id of the report on each. Case
// and punctuation of the names do not matter. A file is taken whole or not at
// all; one that is refused does not keep the others out.
func UploadCopies(ctx context.Context, tx *tenant.Tx, store Store, name string, content io.ReaderAt, size int64) (int64, error) {
	if !CanUploadCopies(tx.Actor) {
		return 0, ErrOnlyManagers
	}
	files, err := openArchive(content, size)
	if err != nil {
		return 0, err
	}
	// One archive of a company at a time: each sees what the one before took.
	if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtext('copies'), $1::bigint::integer)`, tx.Actor.TenantID); err != nil {
		return 0, fmt.Errorf("wait for other copies: %w", err)
	}
	c := &copies{files: files, lines: make([]CopyLine, len(files)), rows: make([]row, len(files))}
	for _, step := range []func(context.Context, *tenant.Tx) error{c.match, c.examine, c.compare} {
		if err := step(ctx, tx); err != nil {
			return 0, err
		}
	}
	if err := c.keep(ctx, tx, store); err != nil {
		return 0, err
	}
	return record(ctx, tx, safeName(name), size, c.lines)
}

// match finds the items that the files are named after.
func (c *copies) match(ctx context.Context, tx *tenant.Tx) error {
	names := make([]string, len(c.files))
	for i, f := range c.files {
		names[i] = numberOf(f.Name)
		c.lines[i] = CopyLine{Name: safeName(f.Name), Outcome: Unknown}
	}
	rows, _ := tx.Query(ctx, `
		SELECT n.place, i.id, i.number, i.customer_id, c.name, c.archived_at IS NOT NULL
		FROM items_numbered(@names) n
		JOIN items i ON i.tenant_id = @tenant AND i.id = n.item_id
		JOIN customers c ON c.tenant_id = @tenant AND c.id = i.customer_id
		ORDER BY n.place, i.number <> (@names::text[])[n.place + 1], i.id`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "names": names})
	var place int
	var item, customer int64
	var number, debtor string
	var archived bool
	_, err := pgx.ForEachRow(rows, []any{&place, &item, &number, &customer, &debtor, &archived}, func() error {
		line := &c.lines[place]
		switch {
		case c.rows[place].subjectID == 0:
			c.rows[place] = row{customerID: customer, subject: OfItem, subjectID: item, about: number}
			line.Outcome, line.Number, line.CustomerID, line.Customer = Taken, number, customer, debtor
			line.exact = number == names[place]
			if archived {
				line.refuse("The customer is archived. Take the customer back first.")
			}
		case !line.exact && line.Outcome != Refused:
			line.refuse(fmt.Sprintf("The name fits %s and %s. Name the file exactly as the item.", line.Number, number))
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("find the items of copies: %w", err)
	}
	return nil
}

// numberOf is a file's name without folders and ending. A number may end like a
// file: 2026.0042.
func numberOf(name string) string {
	name = norm.NFC.String(strings.ToValidUTF8(name, ""))
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	end := ending(name)
	if strings.ContainsFunc(end, func(r rune) bool { return r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' }) {
		name = strings.TrimSuffix(name, end)
	}
	return strings.TrimSpace(strings.ReplaceAll(name, "\x00", ""))
}

// examine reads the files that have an item, and refuses what is not fit to be
// kept.
func (c *copies) examine(ctx context.Context, _ *tenant.Tx) error {
	return c.eachTaken(ctx, func(i int) error {
		var err error
		c.rows[i].file, err = readPacked(c.files[i], func(r io.Reader) error {
			_, err := io.Copy(io.Discard, r)
			return err
		})
		var inv errs.Invalid
		if errors.As(err, &inv) {
			c.lines[i].refuse(inv["file"])
			return nil
		}
		return err
	})
}

// eachTaken calls f with the place of each file that is to be taken as yet.
func (c *copies) eachTaken(ctx context.Context, f func(i int) error) error {
	for i := range c.lines {
		if c.lines[i].Outcome != Taken {
			continue
		}
		if err := errors.Join(ctx.Err(), f(i)); err != nil {
			return err
		}
	}
	return nil
}

// compare leaves out what an item has already, or has from a file before.
func (c *copies) compare(ctx context.Context, tx *tenant.Tx) error {
	type same struct {
		item int64
		sum  [32]byte
	}
	seen := map[same]bool{}
	var places []int
	var items []int64
	var sums [][]byte
	_ = c.eachTaken(ctx, func(i int) error {
		r := c.rows[i]
		if s := (same{r.subjectID, [32]byte(r.file.sum)}); seen[s] {
			c.lines[i].Outcome = There
		} else {
			seen[s] = true
			places, items, sums = append(places, i), append(items, r.subjectID), append(sums, r.file.sum)
		}
		return nil
	})
	rows, _ := tx.Query(ctx, `
		SELECT n.place - 1
		FROM unnest(@items::bigint[], @sums::bytea[]) WITH ORDINALITY AS n (item, sum, place)
		WHERE EXISTS (
			SELECT FROM documents d
			WHERE d.tenant_id = @tenant AND d.subject = 'item' AND d.subject_id = n.item AND d.sha256 = n.sum AND d.removed_at IS NULL)`,
		pgx.NamedArgs{"tenant": tx.Actor.TenantID, "items": items, "sums": sums})
	there, err := pgx.CollectRows(rows, pgx.RowTo[int])
	if err != nil {
		return fmt.Errorf("compare copies: %w", err)
	}
	for _, place := range there {
		c.lines[places[place]].Outcome = There
	}
	return nil
}

// keep writes what is left: the contents, the rows, and a line in the journal of
// each customer.
func (c *copies) keep(ctx context.Context, tx *tenant.Tx, store Store) error {
	var rows []row
	err := c.eachTaken(ctx, func(i int) (err error) {
		r := &c.rows[i]
		r.key = newKey(tx.Actor.TenantID)
		_, err = readPacked(c.files[i], func(content io.Reader) error { return store.Put(ctx, r.key, content) })
		rows = append(rows, *r)
		return err
	})
	if err != nil || len(rows) == 0 {
		return err
	}
	docs, err := insert(ctx, tx, rows)
	if err != nil {
		return err
	}
	byCustomer := map[int64][]Document{}
	for _, d := range docs {
		byCustomer[d.CustomerID] = append(byCustomer[d.CustomerID], d)
	}
	var notes []note.New
	for _, id := range slices.Sorted(maps.Keys(byCustomer)) {
		notes = append(notes, lineOf(byCustomer[id]))
	}
	return note.AddMany(ctx, tx, notes)
}
