package document_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"dunwell/internal/document"
	"dunwell/internal/tenant"
)

// onDisk lists the files below the store's folder.
func (d *desk) onDisk(t *testing.T) (files []string) {
	t.Helper()
	err := filepath.WalkDir(d.dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			files = append(files, strings.TrimPrefix(path, d.dir+"/"))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestFolderIsForNobodyElse(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "var", "blobs")
	store, err := document.OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	if err := store.Put(t.Context(), "1/ab/abc", strings.NewReader("x")); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]fs.FileMode{"": 0o700, "1/ab": 0o700, "1/ab/abc": 0o600} {
		info, err := os.Stat(filepath.Join(dir, path))
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%s has %v, %v; want %v", path, info.Mode().Perm(), err, want)
		}
	}
}

// What cannot be read to its end leaves nothing under the key.
func TestNothingIsHalfThere(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	broken := io.MultiReader(strings.NewReader("the beginning"), iotest.ErrReader(errors.New("the line broke")))
	if err := d.store.Put(t.Context(), "1/ab/abc", broken); err == nil || !strings.Contains(err.Error(), "the line broke") {
		t.Errorf("got %v", err)
	}
	left, cancel := context.WithCancel(t.Context())
	cancel()
	if err := d.store.Put(left, "1/ab/abd", strings.NewReader("x")); !errors.Is(err, context.Canceled) {
		t.Errorf("nobody waits any more: %v", err)
	}
	if files := d.onDisk(t); len(files) != 0 {
		t.Errorf("on the disk are %q", files)
	}
	if _, err := d.store.Get(t.Context(), "1/ab/abc"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("get: %v", err)
	}
	if err := d.store.Delete(t.Context(), "1/ab/abc"); err != nil {
		t.Errorf("delete what is not there: %v", err)
	}
}

func TestKeysStayInTheFolder(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for _, key := range []string{"", "a", "../a/b", "1/../../a", "/etc/passwd", "1/A/b", "1/ab/a.b", "1//a", "1/ab/abc.part"} {
		if err := d.store.Put(t.Context(), key, strings.NewReader("x")); err == nil {
			t.Errorf("put %q", key)
		}
		if _, err := d.store.Get(t.Context(), key); err == nil {
			t.Errorf("got %q", key)
		}
	}
	if err := d.store.Delete(t.Context(), "../a/b"); err == nil {
		t.Error("deleted outside")
	}
}

// The sweep takes what has no row and is older than a day, of the own company
// only; a removed document has a row.
func TestSweep(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	docs := d.must(t, "", "kept.txt", "a", "removed.txt", "b")
	if err := d.remove(t, docs[1].ID); err != nil {
		t.Fatal(err)
	}
	own := func(name string) string { return filepath.Dir(filepath.Dir(docs[0].BlobKey)) + "/zz/" + name }
	lost, fresh, foreign := own("lost"), own("fresh"), "999/zz/foreign"
	for _, key := range []string{lost, fresh, foreign} {
		if err := d.store.Put(t.Context(), key, strings.NewReader("x")); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(d.dir, own("begun.part")), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	for _, name := range d.onDisk(t) {
		at := now.Add(-25 * time.Hour)
		if name == fresh {
			at = now.Add(-23 * time.Hour)
		}
		if err := os.Chtimes(filepath.Join(d.dir, name), at, at); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []int{2, 0} {
		d.read(t, d.System(), func(tx *tenant.Tx) error {
			n, err := document.Sweep(t.Context(), tx, d.store, now.Add(-24*time.Hour))
			if n != want {
				t.Errorf("%d swept, want %d", n, want)
			}
			return err
		})
	}
	left := d.onDisk(t)
	for _, key := range []string{docs[0].BlobKey, docs[1].BlobKey, fresh, foreign} {
		if !slices.Contains(left, key) {
			t.Errorf("%s is gone", key)
		}
	}
	if len(left) != 4 {
		t.Errorf("left are %q", left)
	}
}
