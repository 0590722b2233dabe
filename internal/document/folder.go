package document

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path"
	"regexp"
	"strings"
	"time"
)

// Folder is a Store in a folder of this machine, which belongs to one database:
// what no row of it knows is swept away.
type Folder struct{ root *os.Root }

// OpenFolder opens the folder, and makes it where it is missing, for nobody but
// the program's own user. Close it at the end.
func OpenFolder(dir string) (*Folder, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of documents: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open the folder of documents: %w", err)
	}
	return &Folder{root}, nil
}

// Close ends the use of the folder.
func (f *Folder) Close() error { return f.root.Close() }

// begun is what the name of a file ends in until all of it is there.
const begun = ".part"

var keyForm = regexp.MustCompile(`^[a-z0-9_-]+(/[a-z0-9_-]+)+$`)

// checked refuses what is no key: os.Root keeps a path inside the folder, and
// this keeps it in the form that the table allows.
func checked(key string) (string, error) {
	if !keyForm.MatchString(key) {
		return "", fmt.Errorf("%q is no key of a document", key)
	}
	return key, nil
}

// Put writes under another name, and renames once all of it is on the disk: a
// crash leaves no half file under the key.
func (f *Folder) Put(ctx context.Context, key string, r io.Reader) (err error) {
	name, err := checked(key)
	if err != nil {
		return err
	}
	dir := path.Dir(name)
	if err = f.mkdir(dir); err == nil {
		err = f.write(ctx, name+begun, r)
	}
	if err == nil {
		err = f.root.Rename(name+begun, name)
	}
	if err == nil {
		err = f.sync(dir)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("put document: %w", err), f.remove(name+begun), f.remove(name))
	}
	return nil
}

func (f *Folder) write(ctx context.Context, name string, r io.Reader) error {
	file, err := f.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, &waiting{ctx, r})
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}

// mkdir makes the folder of a key, and has each new one's name on the disk.
func (f *Folder) mkdir(dir string) error {
	if _, err := f.root.Stat(dir); err == nil {
		return nil
	}
	above := path.Dir(dir)
	if above != "." {
		if err := f.mkdir(above); err != nil {
			return err
		}
	}
	if err := f.root.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return f.sync(above)
}

// sync has the names in a folder on the disk.
func (f *Folder) sync(dir string) error {
	d, err := f.root.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Get opens the file.
func (f *Folder) Get(_ context.Context, key string) (io.ReadCloser, error) {
	name, err := checked(key)
	if err != nil {
		return nil, err
	}
	file, err := f.root.Open(name)
	if err != nil {
		return nil, fmt.Errorf("get document: %w", err)
	}
	return file, nil
}

// Delete removes the file, or what was begun of one.
func (f *Folder) Delete(_ context.Context, key string) error {
	if _, err := checked(strings.TrimSuffix(key, begun)); err != nil {
		return err
	}
	return f.remove(key)
}

func (f *Folder) remove(name string) error {
	if err := f.root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("delete document: %w", err)
	}
	return nil
}

// Keys walks the folder of the prefix.
func (f *Folder) Keys(ctx context.Context, prefix string, before time.Time) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		err := fs.WalkDir(f.root.FS(), strings.TrimSuffix(prefix, "/"), func(name string, d fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) { // nothing was ever put there, or it has gone meanwhile
				return nil
			}
			if err := errors.Join(err, ctx.Err()); err != nil || d.IsDir() {
				return err
			}
			info, err := d.Info()
			if errors.Is(err, fs.ErrNotExist) || err == nil && !info.ModTime().Before(before) {
				return nil
			}
			if err != nil {
				return err
			}
			if !yield(name, nil) {
				return fs.SkipAll
			}
			return nil
		})
		if err != nil {
			yield("", fmt.Errorf("list documents: %w", err))
		}
	}
}

// waiting stops reading where nobody waits any more.
type waiting struct {
	ctx context.Context
	r   io.Reader
}

func (w *waiting) Read(p []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	return w.r.Read(p)
}
