package importer_test

import (
	"errors"
	"strings"
	"testing"

	"dunwell/internal/errs"
	"dunwell/internal/importer"
	"dunwell/internal/tenant"
)

func TestUploadRefused(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	future, past := d.Now().AddDate(0, 0, 1), d.Now().AddDate(0, 0, -1)
	for _, c := range []struct {
		name  string
		o     importer.Options
		file  string
		field string
	}{
		{"empty", importer.Options{Kind: importer.Customers, FileName: "a.csv"}, "", "file"},
		{"title", importer.Options{Kind: importer.Customers, FileName: "a.csv"}, "Debtors of March\n" + debtors, "file"},
		{"xlsx", importer.Options{Kind: importer.Customers, FileName: "a.csv"}, "PK\x03\x04", "file"},
		{"no kind", importer.Options{FileName: "a.csv"}, debtors, "kind"},
		{"no currency", importer.Options{Kind: importer.Items, Currency: "XXQ", FileName: "a.csv"}, debtors, "currency"},
		{"future", importer.Options{Kind: importer.Payments, LoadedTo: &future, FileName: "a.csv"}, debtors, "loaded_to"},
		{"items to a day", importer.Options{Kind: importer.Items, LoadedTo: &past, FileName: "a.csv"}, debtors, "loaded_to"},
	} {
		err := d.as(t, d.Manager, func(tx *tenant.Tx) error {
			_, err := importer.Store(t.Context(), tx, c.o, strings.NewReader(c.file))
			return err
		})
		var inv errs.Invalid
		if !errors.As(err, &inv) || inv[c.field] == "" {
			t.Errorf("%s: %v, want a message for %s", c.name, err, c.field)
		}
	}
	want(t, "kept", d.ask(t, `SELECT count(*) FROM imports`), "0")
}

// A first line that is longer than any header is called so, uploaded or brought in, and
// the longest one is read.
func TestLongHeader(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	long := func(bytes int) string { return "number,name," + strings.Repeat("x", bytes-13) + "\n7,Alm,\n" } // the end of the line counts
	for _, c := range []struct{ name, file, want string }{
		{"as long as may be", long(64 << 10), ""},
		{"a byte longer", long(64<<10 + 1), "The first line is longer"},
		{"after a mark", "\ufeff" + long(64<<10+1), "The first line is longer"},
		{"one cell alone is", strings.Repeat(strings.Repeat("y", 200_000)+",", 5) + "\n1,2\n", "The first line is longer"},
	} {
		o := plain(importer.Customers, "number,name")
		o.DryRun = true
		_, err := d.run(t, o, c.file)
		if u := importer.Unusable(""); c.want == "" && err != nil || c.want != "" && (!errors.As(err, &u) || !strings.HasPrefix(string(u), c.want)) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
		err = d.as(t, d.Manager, func(tx *tenant.Tx) error {
			_, err := importer.Store(t.Context(), tx, importer.Options{Kind: importer.Customers, FileName: "a.csv"}, strings.NewReader(c.file))
			return err
		})
		inv := errs.Invalid{}
		if c.want == "" && err != nil || c.want != "" && (!errors.As(err, &inv) || !strings.HasPrefix(inv["file"], c.want)) {
			t.Errorf("%s, uploaded: %v, want %q", c.name, err, c.want)
		}
	}
}

// What is not in the right state is refused with a reason.
func TestStates(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	var q queue
	id := d.upload(t, importer.Options{Kind: importer.Customers, AllOrNothing: true, FileName: "c.csv"}, debtors+"9,\n")
	start := func(tx *tenant.Tx) error { return d.start(t, tx, id, &q) }
	submit := func(tx *tenant.Tx) error {
		return importer.Submit(t.Context(), tx, id, plainMap("number,name"), q.enqueue)
	}
	discard := func(tx *tenant.Tx) error { return importer.Discard(t.Context(), tx, id) }
	conflict := func(what string, f func(*tenant.Tx) error) {
		t.Helper()
		if err := d.as(t, d.Manager, f); !errors.As(err, new(errs.Conflict)) {
			t.Errorf("%s: %v, want a conflict", what, err)
		}
	}
	conflict("apply before the check", start)
	err := d.as(t, d.Manager, func(tx *tenant.Tx) error { return importer.Submit(t.Context(), tx, id, plainMap("number"), q.enqueue) })
	if !errors.As(err, new(errs.Invalid)) {
		t.Errorf("a map without name: %v", err)
	}
	d.must(t, submit)
	conflict("submit while checking", submit)
	q.work(t, d)
	conflict("apply what has refused rows, all or nothing", start)
	d.must(t, submit) // with another map it may be checked again
	q.work(t, d)
	d.must(t, discard)
	conflict("discard twice", discard)
	conflict("submit what is discarded", submit)
	if len(q) != 0 {
		t.Errorf("refused steps left jobs: %v", q)
	}
	want(t, "left", d.ask(t, `SELECT count(*) FROM import_chunks`), "0")
}

// Imports are for managers, and of their own company.
func TestWhoMayImport(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	other := newDesk(t)
	id := d.upload(t, importer.Options{Kind: importer.Customers, FileName: "c.csv"}, debtors)
	var q queue
	for name, f := range map[string]func(tx *tenant.Tx) error{
		"find": func(tx *tenant.Tx) error { _, err := importer.Find(t.Context(), tx, id); return err },
		"look": func(tx *tenant.Tx) error { _, err := importer.Look(t.Context(), tx, id); return err },
		"submit": func(tx *tenant.Tx) error {
			return importer.Submit(t.Context(), tx, id, plainMap("number,name"), q.enqueue)
		},
		"start":   func(tx *tenant.Tx) error { return importer.Start(t.Context(), tx, id, "", q.enqueue) },
		"discard": func(tx *tenant.Tx) error { return importer.Discard(t.Context(), tx, id) },
	} {
		if err := d.as(t, d.Collector, f); !errors.As(err, new(errs.Forbidden)) {
			t.Errorf("%s as a collector: %v", name, err)
		}
		if err := other.as(t, other.Admin, f); !errors.Is(err, errs.NotFound) {
			t.Errorf("%s from another company: %v", name, err)
		}
	}
	for name, f := range map[string]func(tx *tenant.Tx) error{
		"store": func(tx *tenant.Tx) error {
			_, err := importer.Store(t.Context(), tx, importer.Options{Kind: importer.Customers, FileName: "c.csv"}, strings.NewReader(debtors))
			return err
		},
		"list":    func(tx *tenant.Tx) error { _, err := importer.List(t.Context(), tx, 0, 10); return err },
		"rejects": func(tx *tenant.Tx) error { return importer.EachReject(t.Context(), tx, id, 1, nil) },
	} {
		if err := d.as(t, d.Collector, f); !errors.As(err, new(errs.Forbidden)) {
			t.Errorf("%s as a collector: %v", name, err)
		}
	}
	second := d.upload(t, importer.Options{Kind: importer.Customers, FileName: "d.csv"}, debtors)
	d.must(t, func(tx *tenant.Tx) error {
		all, err := importer.List(t.Context(), tx, 0, 10)
		if len(all) != 2 || all[0].ID != second {
			t.Errorf("list: %+v", all)
		}
		page, err2 := importer.List(t.Context(), tx, second, 10)
		if len(page) != 1 || page[0].ID != id {
			t.Errorf("second page: %+v", page)
		}
		return errors.Join(err, err2)
	})
}
