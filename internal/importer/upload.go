package importer

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/errs"
	"dunwell/internal/money"
	"dunwell/internal/tenant"
)

// chunk is the size of the pieces in which an uploaded file is stored.
const chunk = 1 << 20

// Store keeps an uploaded file until its columns are mapped, and returns the
// import's id. What is no text file is refused.
func Store(ctx context.Context, tx *tenant.Tx, o Options, file io.ReadSeeker) (int64, error) {
	if !CanImport(tx.Actor) {
		return 0, ErrOnlyManagers
	}
	if err := o.validate(tx); err != nil {
		return 0, err
	}
	head := make([]byte, 2*maxHeader) // a mark and a line for Excel may stand before the header
	n, err := io.ReadFull(file, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return 0, fmt.Errorf("read upload: %w", err)
	}
	if err := glance(ctx, head[:n]); err != nil {
		var u Unusable
		if errors.As(err, &u) {
			return 0, errs.Invalid{"file": string(u)}
		}
		return 0, err
	}
	sum := sha256.New()
	sum.Write(head[:n])
	rest, err := io.Copy(sum, file)
	if err != nil {
		return 0, fmt.Errorf("read upload: %w", err)
	}
	id, err := insert(ctx, tx, o, sum.Sum(nil), int64(n)+rest, Uploaded)
	if err != nil {
		return 0, err
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return 0, fmt.Errorf("read upload: %w", err)
	}
	return id, storeChunks(ctx, tx, id, file)
}

// glance refuses what is no text, or begins with no header.
func glance(ctx context.Context, head []byte) error {
	r, header, err := begin(ctx, head)
	if err != nil {
		return err
	}
	return errors.Join(headed(header), r.file.Close())
}

// begin reads the header from the beginning of a file. The caller closes its spool.
func begin(ctx context.Context, head []byte) (*reader, []string, error) {
	f, err := newSpool(ctx, bytes.NewReader(head))
	if err != nil {
		return nil, nil, err
	}
	r := &reader{file: f}
	header, err := r.dialect(Map{})
	if err != nil {
		return nil, nil, errors.Join(err, f.Close())
	}
	r.columns = len(header)
	return r, header, nil
}

func (o *Options) validate(tx *tenant.Tx) error {
	var inv errs.Invalid
	inv.Check(slices.Contains(Kinds, o.Kind), "kind", "Say what the file holds.")
	o.FileName = fileName(o.FileName)
	if o.Currency != "" {
		c, err := money.ParseCurrency(o.Currency)
		inv.Check(err == nil, "currency", "Give a currency code such as EUR, or leave it empty.")
		o.Currency = string(c)
	}
	o.checkLoadedTo(&inv, tx.Now)
	return inv.Err()
}

func (o *Options) checkLoadedTo(inv *errs.Invalid, now time.Time) {
	if o.LoadedTo != nil {
		inv.Check(o.Kind == Payments, "loaded_to", "Only a file of payments says up to when payments are loaded. Leave it out.")
		inv.Check(!o.LoadedTo.After(now), "loaded_to", "Payments cannot be loaded up to a moment that is still to come.")
	}
}

// fileName makes a name fit to be kept and shown.
func fileName(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
	return cmp.Or(cut(strings.TrimSpace(s), 255), "file")
}

// storeChunks writes one piece after another, so that the file is never in
// memory as a whole.
func storeChunks(ctx context.Context, tx *tenant.Tx, id int64, file io.Reader) error {
	buf := make([]byte, chunk)
	for seq := 0; ; seq++ {
		n, err := io.ReadFull(file, buf)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
			return fmt.Errorf("read upload: %w", err)
		}
		_, err = tx.Exec(ctx, `INSERT INTO import_chunks (import_id, seq, content) VALUES ($1, $2, $3)`, id, seq, buf[:n])
		if err != nil {
			return fmt.Errorf("store upload: %w", err)
		}
	}
}

// Preview is the beginning of an uploaded file, for mapping its columns.
type Preview struct {
	Header   []string
	Rows     [][]string // the first few
	Repeated []string   // what several columns are called, which the header numbers
}

// Look reads the beginning of a stored file.
func Look(ctx context.Context, tx *tenant.Tx, id int64) (p Preview, err error) {
	if !CanImport(tx.Actor) {
		return p, ErrOnlyManagers
	}
	var head []byte
	err = tx.QueryRow(ctx, `
		SELECT c.content
		FROM import_chunks c
		WHERE c.tenant_id = $1 AND c.import_id = $2 AND c.seq = 0`, tx.Actor.TenantID, id).Scan(&head)
	if errors.Is(err, pgx.ErrNoRows) {
		return p, errs.NotFound
	}
	if err != nil {
		return p, fmt.Errorf("look at upload: %w", err)
	}
	r, header, err := begin(ctx, head)
	if err != nil {
		return p, err
	}
	defer func() { err = errors.Join(err, r.file.Close()) }()
	p.Header, p.Repeated = header, r.repeated
	c, err := r.open(ctx)
	if err != nil {
		return p, err
	}
	for len(p.Rows) < 3 && c.next() {
		row := make([]string, len(p.Header))
		for i, cell := range c.raw[:min(len(row), len(c.raw))] {
			text, _ := r.file.decode(cell)
			row[i] = cut(strings.ToValidUTF8(text, "?"), 60)
		}
		p.Rows = append(p.Rows, row)
	}
	return p, c.err
}
