// Package dbtest gives each test a migrated database of its own, reached as app,
// and named fixtures made through the domains. It is for tests only.
package dbtest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"dunwell/internal/devpg"
	"dunwell/internal/dunning"
	"dunwell/internal/tenant"
	"dunwell/migrations"
)

// Root is the folder of go.mod.
func Root() string {
	dir, err := os.Getwd()
	if err != nil {
		panic(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			panic("no go.mod above " + dir)
		}
		dir = filepath.Dir(dir)
	}
}

// template is migrated once a process, and once a schema in the cluster.
var template = sync.OnceValues(func() (string, error) {
	ctx := context.Background()
	server := os.Getenv("TEST_DATABASE_URL")
	if server == "" {
		var err error
		root := Root()
		if server, err = devpg.Start(ctx, root, filepath.Join(root, "var", "testpg"), false); err != nil {
			return "", err
		}
	}
	return server, prepare(ctx, server)
})

// prepare makes the template database of this schema where it is missing.
func prepare(ctx context.Context, server string) error {
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, `SELECT pg_advisory_lock(hashtext('dunwell.template'))`); err != nil {
		return err
	}
	name := templateName()
	var there bool
	if err := conn.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)`, name).Scan(&there); err != nil || there {
		return err
	}
	making := name + "_making"
	for _, q := range []string{`DROP DATABASE IF EXISTS ` + making + ` WITH (FORCE)`, `CREATE DATABASE ` + making} {
		if _, err := conn.Exec(ctx, q); err != nil {
			return err
		}
	}
	if err := migrations.Up(ctx, URL(server, making)); err != nil {
		return err
	}
	_, err = conn.Exec(ctx, `ALTER DATABASE `+making+` RENAME TO `+name)
	return err
}

// templateName follows from the migrations that this program carries, which may be
// others by now than those in the folder.
func templateName() string {
	h := sha256.New()
	files, err := fs.Glob(migrations.Files, "*.sql")
	if err != nil {
		panic(err)
	}
	for _, f := range files {
		b, err := fs.ReadFile(migrations.Files, f)
		if err != nil {
			panic(err)
		}
		fmt.Fprintf(h, "%s %d\n%s", f, len(b), b)
	}
	return "tpl_" + hex.EncodeToString(h.Sum(nil))[:16]
}

// URL names another database of the same server.
func URL(server, database string) string {
	scheme, rest, _ := strings.Cut(server, "://")
	host, query, _ := strings.Cut(rest, "?")
	authority, _, _ := strings.Cut(host, "/")
	return scheme + "://" + authority + "/" + database + "?" + query
}

// Database is a test's own database.
type Database struct {
	*tenant.DB
	// OwnerURL reaches it as a superuser: for what app must not be able to do.
	OwnerURL string
	Queries  *Counter
}

// Monday is the moment at which tests stand unless they say otherwise:
// 2026-03-16 09:30 UTC.
var Monday = time.Date(2026, 3, 16, 9, 30, 0, 0, time.UTC)

// New makes a database for the test and drops it afterwards, unless the test
// failed and KEEP_TEST_DB is set. Its clock stands at Monday.
func New(t testing.TB) *Database {
	t.Helper()
	return Copy(t, templateName())
}

// Copy is New with what the database of that name holds, which Fill has made.
func Copy(t testing.TB, name string) *Database {
	t.Helper()
	_, measured := t.(*testing.B)
	db, drop, err := create(name, measured)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		db.Close()
		if t.Failed() && os.Getenv("KEEP_TEST_DB") != "" {
			t.Logf("kept database %s", db.OwnerURL)
			return
		}
		if err := drop(); err != nil {
			t.Fatal(err)
		}
	})
	return db
}

// Fill makes a database of which many tests get copies: what they have in common is
// made once. It belongs to the process, which drops it.
func Fill(fill func(*Database) error) (name string, drop func() error, err error) {
	db, drop, err := create(templateName(), false)
	if err != nil {
		return "", drop, err
	}
	defer db.Close()
	return db.Pool.Config().ConnConfig.Database, drop, fill(db)
}

// create makes a database from another one, and opens it. Unless something is measured
// in it, each statement is planned once a connection: a test holds a few rows, and for
// those the database thinks longer than it works, by a third of all its time.
func create(from string, measured bool) (db *Database, drop func() error, err error) {
	drop = func() error { return nil }
	server, err := template()
	if err != nil {
		return nil, drop, err
	}
	name := fmt.Sprintf("test_%d_%d", os.Getpid(), time.Now().UnixNano())
	if err := exec(server, `CREATE DATABASE `+name+` STRATEGY FILE_COPY TEMPLATE `+from); err != nil {
		return nil, drop, err
	}
	drop = func() error { return exec(server, `DROP DATABASE `+name+` WITH (FORCE)`) }
	db = &Database{OwnerURL: URL(server, name), Queries: &Counter{}}
	pool, err := tenant.Open(context.Background(), db.OwnerURL, "", func(c *pgxpool.Config) {
		c.ConnConfig.Tracer = db.Queries
		c.MaxConns = 8
		if !measured {
			c.ConnConfig.RuntimeParams["plan_cache_mode"] = "force_generic_plan"
		}
	})
	if err != nil {
		return nil, drop, err
	}
	db.DB = &tenant.DB{Pool: pool, Now: func() time.Time { return Monday }, BeforeCommit: dunning.Refresh}
	return db, drop, nil
}

func exec(url, sql string) error {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, sql); err != nil {
		return fmt.Errorf("%s: %w", sql, err)
	}
	return nil
}

// Owner connects as the superuser, past row security.
func (db *Database) Owner(t testing.TB) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(context.Background(), db.OwnerURL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

// Wait waits until the condition, a query of one boolean, is true; a job may take a while.
func (db *Database) Wait(t testing.TB, condition string) {
	t.Helper()
	owner := db.Owner(t)
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		var ok bool
		if err := owner.QueryRow(t.Context(), condition).Scan(&ok); err != nil {
			t.Fatal(err)
		}
		if ok {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("never true: %s", condition)
		}
	}
}

// Ask has queue put its question into a batch of its own, and returns the answer.
func Ask[T any](t testing.TB, tx *tenant.Tx, queue func(b *tenant.Batch, into *T)) (answer T, err error) {
	t.Helper()
	b := tx.Batch()
	queue(b, &answer)
	err = b.Send(t.Context())
	return answer, err
}
