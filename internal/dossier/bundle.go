package dossier

import (
	"archive/zip"
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"dunwell/internal/money"
	"dunwell/internal/spreadsheet"
	"dunwell/internal/tenant"
)

// bundle is the archive while it is written, file after file, with the sum of each.
type bundle struct {
	to  io.Writer // where the archive goes now
	zip *zip.Writer
	at  time.Time
	// folder is where files go, empty or with a slash at its end.
	folder string
	// sums are the lines of the manifest.
	sums []string
}

func newBundle(to io.Writer, at time.Time) *bundle {
	b := &bundle{to: to, at: at}
	b.zip = zip.NewWriter(b)
	return b
}

// Write is called by the archive: it goes on where it is told to, see turn.
func (b *bundle) Write(p []byte) (int, error) { return b.to.Write(p) }

// turn sends what is written from now on elsewhere.
func (b *bundle) turn(to io.Writer) error {
	err := b.zip.Flush()
	b.to = to
	return err
}

// add writes a file into the folder. One that is packed already is stored as it is.
func (b *bundle) add(name string, packed bool, write func(io.Writer) error) error {
	name = b.folder + name
	head := zip.FileHeader{Name: name, Method: zip.Deflate, Modified: b.at}
	if packed {
		head.Method = zip.Store
	}
	w, err := b.zip.CreateHeader(&head)
	if err != nil {
		return fmt.Errorf("begin %s: %w", name, err)
	}
	sum := sha256.New()
	out := bufio.NewWriterSize(io.MultiWriter(w, sum), 32<<10)
	if err := write(out); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	b.sums = append(b.sums, hex.EncodeToString(sum.Sum(nil))+"  "+name+"\n")
	return nil
}

func (b *bundle) text(name, text string) error {
	return b.add(name, false, func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	})
}

// manifest is the name of the file with the sums of all others.
const manifest = "manifest.sha256"

// close writes the manifest and the archive's table of contents.
func (b *bundle) close() error {
	if err := b.text(manifest, strings.Join(b.sums, "")); err != nil {
		return err
	}
	return b.zip.Close()
}

// making is a dossier while what the database knows is written.
type making struct {
	*bundle
	tx   *tenant.Tx
	args pgx.NamedArgs
}

// moment is how moments are written: in the tenant's time zone, with its distance.
func (m *making) moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(m.tx.Actor.Tenant.Zone).Format("2006-01-02 15:04:05 -07:00")
}

func (m *making) since(t *time.Time) string {
	if t == nil {
		return ""
	}
	return m.moment(*t)
}

// table writes a file of lines, one for each row that the question finds, as it comes.
func table[T any](ctx context.Context, m *making, name string, head []string, sql string, cells func(T) []string) error {
	return m.add(name, false, func(w io.Writer) error {
		out, err := spreadsheet.CSV(w)
		if err != nil {
			return err
		}
		if err := out.Write(head); err != nil {
			return err
		}
		err = each(ctx, m, sql, func(row T) error {
			line := cells(row)
			for i, cell := range line {
				line[i] = spreadsheet.NoFormula(cell)
			}
			return out.Write(line)
		})
		out.Flush()
		if err == nil {
			err = out.Error()
		}
		return err
	})
}

// each calls f with the rows one at a time.
func each[T any](ctx context.Context, m *making, sql string, f func(T) error) error {
	rows, _ := m.tx.Query(ctx, sql, m.args)
	defer rows.Close()
	for rows.Next() {
		row, err := pgx.RowToStructByName[T](rows)
		if err == nil {
			err = f(row)
		}
		if err != nil {
			return err
		}
	}
	return rows.Err()
}

// plain is an amount without its currency, which stands in a column of its own.
func plain(minor int64, c money.Currency) string { return money.New(minor, c).Plain() }

func yes(is bool) string {
	if is {
		return "yes"
	}
	return "no"
}

// number is an id, empty for none.
func number(id int64) string {
	if id == 0 {
		return ""
	}
	return fmt.Sprint(id)
}
