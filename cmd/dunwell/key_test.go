package main

import (
	"os"
	"path/filepath"
	"sync"
	"testing"

	"dunwell/internal/config"
	"dunwell/internal/secret"
)

// A program with a Postgres of its own makes its key once, for itself alone; of two
// that start at once both have the same. One that shares a database has none.
func TestKey(t *testing.T) {
	t.Parallel()
	e := &env{cfg: config.Config{Data: filepath.Join(t.TempDir(), "new")}}
	var all sync.WaitGroup
	boxes := make([]*secret.Box, 4)
	for i := range boxes {
		all.Go(func() {
			var err error
			if boxes[i], err = e.secrets(); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	sealed, err := boxes[0].Seal(1, "x", "geheim")
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range boxes {
		if plain, err := b.Open(1, "x", sealed); plain != "geheim" || err != nil {
			t.Errorf("another key was made: %q, %v", plain, err)
		}
	}
	info, err := os.Stat(e.cfg.KeyFile())
	left, _ := filepath.Glob(filepath.Join(e.cfg.Data, "*"))
	if err != nil || info.Mode().Perm() != 0o600 || len(left) != 1 {
		t.Errorf("the key lies as %v, %v; the folder has %v", info, err, left)
	}
	shared := &env{cfg: config.Config{DatabaseURL: "postgres://x", Data: t.TempDir()}}
	if box, err := shared.secrets(); box.Ready() || err != nil {
		t.Errorf("beside another database: %v, %v", box.Ready(), err)
	}
	shared.cfg.Key = config.Secret(secret.NewKey())
	if box, err := shared.secrets(); !box.Ready() || err != nil {
		t.Errorf("with a key: %v, %v", box.Ready(), err)
	}
	shared.cfg.Key = "hunter2"
	if box, err := shared.secrets(); box.Ready() || err == nil {
		t.Errorf("with no key: %v, %v", box.Ready(), err)
	}
}
