package importer_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"dunwell/internal/importer"
	"dunwell/internal/tenant"
)

// queue remembers the jobs instead of running them.
type queue []river.JobArgs

func (q *queue) enqueue(_ context.Context, _ pgx.Tx, args river.JobArgs) error {
	*q = append(*q, args)
	return nil
}

// work does the jobs, each twice: the second time must do nothing.
func (q *queue) work(t *testing.T, d desk) {
	t.Helper()
	for _, job := range *q {
		for range 2 {
			var err error
			switch a := job.(type) {
			case importer.CheckArgs:
				err = importer.Check(t.Context(), d.DB, a)
			case importer.ApplyArgs:
				err = importer.Apply(t.Context(), d.DB, a)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	*q = nil
}

// as does something as that member.
func (d desk) as(t *testing.T, who tenant.Who, f func(tx *tenant.Tx) error) error {
	t.Helper()
	return d.Write(t.Context(), who, f)
}

func (d desk) must(t *testing.T, f func(tx *tenant.Tx) error) {
	t.Helper()
	if err := d.as(t, d.Manager, f); err != nil {
		t.Fatal(err)
	}
}

// upload stores a file as the manager.
func (d desk) upload(t *testing.T, o importer.Options, file string) (id int64) {
	t.Helper()
	d.must(t, func(tx *tenant.Tx) (err error) {
		id, err = importer.Store(t.Context(), tx, o, strings.NewReader(file))
		return err
	})
	return id
}

func (d desk) find(t *testing.T, id int64) (i importer.Import) {
	t.Helper()
	d.must(t, func(tx *tenant.Tx) (err error) {
		i, err = importer.Find(t.Context(), tx, id)
		return err
	})
	return i
}

// A file's way: stored, looked at, mapped, checked, applied.
func TestUpload(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	var q queue
	file := "Kundennummer;Name;Ort\n0007;M\xfcller;Bergen\n8;;Oslo\n9;Ny;Oslo;\n"
	id := d.upload(t, importer.Options{Kind: importer.Customers, FileName: "kunden.csv"}, file)
	d.must(t, func(tx *tenant.Tx) error {
		p, err := importer.Look(t.Context(), tx, id)
		want(t, "header", strings.Join(p.Header, "|"), "Kundennummer|Name|Ort")
		want(t, "rows", strings.Join(p.Rows[0], "|"), "0007|Müller|Bergen")
		m := importer.Propose(importer.Customers, p.Header)
		want(t, "proposed", m.Columns["number"]+m.Columns["name"]+m.Columns["city"], "KundennummerNameOrt")
		return errors.Join(err, importer.Submit(t.Context(), tx, id, m, q.enqueue))
	})
	want(t, "state", string(d.find(t, id).State), "checking")
	q.work(t, d)
	i := d.find(t, id)
	if i.State != importer.Checked || counts(*i.Result) != "3 2 0 0 1" || i.RowsDone != 3 || !i.CanApply() || i.Member != "acme manager" || i.Size != int64(len(file)) {
		t.Errorf("%+v", i)
	}
	want(t, "customers", d.ask(t, `SELECT count(*) FROM customers`), "0")
	d.must(t, func(tx *tenant.Tx) error {
		return importer.EachReject(t.Context(), tx, id, 50, func(j importer.Reject) error {
			if j.Row != 3 || j.Column != "Name" {
				t.Errorf("%+v", j)
			}
			return nil
		})
	})
	d.must(t, func(tx *tenant.Tx) error { return d.start(t, tx, id, &q) })
	q.work(t, d)
	i = d.find(t, id)
	if i.State != importer.Applied || counts(*i.Result) != "3 2 0 0 1" || i.FinishedAt == nil {
		t.Errorf("%+v", i)
	}
	want(t, "author", d.ask(t, `SELECT DISTINCT author, text FROM notes`), "acme manager Created by the import of kunden.csv.")
	want(t, "left", d.ask(t, `SELECT (SELECT count(*) FROM import_chunks), (SELECT count(*) FROM import_rejects)`), "0 1")
	d.must(t, func(tx *tenant.Tx) error {
		m, err := importer.Suggest(t.Context(), tx, importer.Customers, []string{"Ort", "Name", "Kundennummer"})
		want(t, "as the last file", m.Columns["city"], "Ort")
		return err
	})
}

// A file larger than one piece comes back whole, and its progress is told.
func TestUploadOfManyPieces(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	var q queue
	var b strings.Builder
	b.WriteString("number,name\n")
	const rows = 45_000
	for n := range rows {
		b.WriteString(strings.Repeat("0", 20) + string(rune('A'+n%26)) + strings.Repeat("1", n%20) + ",A customer with a long name to fill the pieces\n")
	}
	id := d.upload(t, importer.Options{Kind: importer.Customers, FileName: "c.csv"}, b.String())
	want(t, "pieces", d.ask(t, `SELECT count(*) FROM import_chunks`), "4")
	d.must(t, func(tx *tenant.Tx) error {
		return importer.Submit(t.Context(), tx, id, plainMap("number,name"), q.enqueue)
	})
	q.work(t, d)
	if r := d.find(t, id).Result; r == nil || r.Read != rows || r.New != 260 {
		t.Errorf("%+v", r)
	}
}

// A file that turns out unusable says why, and ends.
func TestUploadUnusable(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	var q queue
	id := d.upload(t, importer.Options{Kind: importer.Customers, FileName: "c.csv"}, "number,name\n")
	d.must(t, func(tx *tenant.Tx) error {
		return importer.Submit(t.Context(), tx, id, plainMap("number,name"), q.enqueue)
	})
	q.work(t, d)
	i := d.find(t, id)
	if i.State != importer.Failed || i.Error != "The file holds a header and no rows." || i.FinishedAt == nil {
		t.Errorf("%+v", i)
	}
	want(t, "left", d.ask(t, `SELECT count(*) FROM import_chunks`), "0")
}

// A person who may no longer import when the job begins does not import.
func TestUploaderDemoted(t *testing.T) {
	t.Parallel()
	for _, change := range []string{`UPDATE members SET role = 'collector' WHERE role = 'manager'`, `UPDATE members SET active = false WHERE role = 'manager'`} {
		d := newDesk(t)
		var q queue
		id := d.upload(t, importer.Options{Kind: importer.Customers, FileName: "a\x00\n\xff" + strings.Repeat("b", 300)}, debtors)
		d.must(t, func(tx *tenant.Tx) error {
			return importer.Submit(t.Context(), tx, id, plainMap("number,name"), q.enqueue)
		})
		d.exec(t, change)
		q.work(t, d)
		want(t, "import", d.ask(t, `SELECT state, left(error, 36), left(file_name, 3), char_length(file_name) FROM imports`),
			"unusable acme manager may no longer import fi a?b 255")
	}
}

// Whoever discards an import wins over the job that works on it.
func TestDiscardWhileApplying(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	var q queue
	id := d.upload(t, importer.Options{Kind: importer.Customers, FileName: "c.csv"}, debtors)
	d.must(t, func(tx *tenant.Tx) error {
		return importer.Submit(t.Context(), tx, id, plainMap("number,name"), q.enqueue)
	})
	q.work(t, d)
	d.must(t, func(tx *tenant.Tx) error { return d.start(t, tx, id, &q) })
	var wg sync.WaitGroup
	d.must(t, func(tx *tenant.Tx) error { // another import goes on
		_, err := tx.Exec(t.Context(), `SELECT pg_advisory_xact_lock(hashtext('import'), $1::bigint::integer)`, d.ID)
		wg.Go(func() { q.work(t, d) })
		err = errors.Join(err, blocks(t, tx))
		d.must(t, func(tx *tenant.Tx) error { return importer.Discard(t.Context(), tx, id) })
		return err
	})
	wg.Wait()
	want(t, "state", string(d.find(t, id).State), "discarded")
	want(t, "customers", d.ask(t, `SELECT count(*) FROM customers`), "0")
}

// What the database refuses although the check let it pass ends the import with the
// reason. The job's error is for the log; tried again it does nothing.
func TestRefusedByTheDatabase(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	if _, err := d.Owner(t).Exec(t.Context(), `ALTER TABLE accounts ADD CONSTRAINT no_eight CHECK (number <> '8')`); err != nil {
		t.Fatal(err)
	}
	var q queue
	id := d.upload(t, importer.Options{Kind: importer.Customers, FileName: "c.csv"}, debtors)
	d.must(t, func(tx *tenant.Tx) error {
		return importer.Submit(t.Context(), tx, id, plainMap("number,name"), q.enqueue)
	})
	q.work(t, d)
	d.must(t, func(tx *tenant.Tx) error { return d.start(t, tx, id, &q) })
	apply := importer.ApplyArgs{Tenant: d.ID, ID: id}
	if err := importer.Apply(t.Context(), d.DB, apply); err == nil || !strings.Contains(err.Error(), "no_eight") {
		t.Errorf("%v, want the refusal for the log", err)
	}
	i := d.find(t, id)
	want(t, "state", string(i.State), "unusable")
	want(t, "reason", i.Error, "The database refused a value in it (no_eight), which the check should have said. Nothing of the file was applied. "+
		"Tell whoever runs Dunwell, who finds more in its log.")
	want(t, "left", d.ask(t, `SELECT (SELECT count(*) FROM customers), (SELECT count(*) FROM import_chunks)`), "0 0")
	if err := importer.Apply(t.Context(), d.DB, apply); err != nil {
		t.Errorf("again: %v", err)
	}
}
