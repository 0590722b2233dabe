package document

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"iter"
	"time"
)

// Store keeps the contents of documents by their keys: what was put under a key
// is all there or not there, and never changes. A key is of lower case letters,
// digits, "_" and "-", in parts joined by "/".
type Store interface {
	// Put keeps what r reads to its end. Where it fails, nothing stands under the
	// key.
	Put(ctx context.Context, key string, r io.Reader) error
	// Get opens what was put; the error is fs.ErrNotExist where nothing was.
	Get(ctx context.Context, key string) (io.ReadCloser, error)
	// Delete takes away what was put; nothing being there is no error.
	Delete(ctx context.Context, key string) error
	// Keys lists what lies under a prefix that ends in "/", and was put before that
	// moment; so too what was begun to be put and never ended, under a name that
	// only Delete takes.
	Keys(ctx context.Context, prefix string, before time.Time) iter.Seq2[string, error]
}

// newKey is a key that nobody can guess, in the part of the store that is the
// tenant's. Its second part spreads the keys over folders.
func newKey(tenantID int64) string {
	random := make([]byte, 16)
	_, _ = rand.Read(random) // never fails
	return fmt.Sprintf("%s%x/%x", prefix(tenantID), random[:1], random)
}

func prefix(tenantID int64) string { return fmt.Sprintf("%d/", tenantID) }

// Contents reads the contents of these documents one after the other, each as it is
// asked for. The first that cannot be read is the last.
func Contents(ctx context.Context, store Store, docs []Document) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for _, d := range docs {
			content, err := contentOf(ctx, store, d)
			if !yield(content, err) || err != nil {
				return
			}
		}
	}
}

func contentOf(ctx context.Context, store Store, d Document) (b []byte, err error) {
	r, err := store.Get(ctx, d.BlobKey)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", d.Name, err)
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	return io.ReadAll(r)
}
