package devpg

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"
)

// folder is one that the server's user can reach and whose path is short,
// which t.TempDir's is not.
func folder(t *testing.T) string {
	t.Helper()
	base, err := os.MkdirTemp("/tmp", "devpg")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(base, 0o755); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(base, "pg")
	t.Cleanup(func() {
		if err := Stop(context.Background(), "", dir); err != nil {
			t.Error(err)
		}
		if to, err := os.Readlink(filepath.Join(dir, "data")); err == nil {
			if err := os.RemoveAll(filepath.Dir(to)); err != nil {
				t.Error(err)
			}
		}
		if err := os.RemoveAll(base); err != nil {
			t.Error(err)
		}
	})
	return dir
}

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) }) // Stop may have closed it already
	return conn
}

func ask(t *testing.T, url, query string) string {
	t.Helper()
	var answer string
	if err := connect(t, url).QueryRow(t.Context(), query).Scan(&answer); err != nil {
		t.Fatal(err)
	}
	return answer
}

func TestStartThreeAtOnceStopStartAgain(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	urls := make([]string, 3)
	var g errgroup.Group
	for i := range urls {
		g.Go(func() (err error) {
			urls[i], err = Start(t.Context(), "", dir, false)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	url := urls[0]
	if urls[1] != url || urls[2] != url {
		t.Errorf("three starts gave %q", urls)
	}
	if got := ask(t, url, `SELECT lower('ŁÓDŹ')`); got != "łódź" {
		t.Errorf("lower of ŁÓDŹ is %q", got)
	}
	if got := ask(t, url, `SELECT current_setting('listen_addresses') || current_setting('fsync')`); got != "off" {
		t.Errorf("listens on, and fsync: %q; want no address and off", got)
	}
	if _, err := connect(t, url).Exec(t.Context(), `CREATE TABLE kept (n integer)`); err != nil {
		t.Fatal(err)
	}

	for range 2 {
		if err := Stop(t.Context(), "", dir); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := pgx.Connect(t.Context(), url); err == nil {
		t.Error("it answers after Stop")
	}
	if _, err := Start(t.Context(), "", dir, true); err != nil {
		t.Fatal(err)
	}
	if got := ask(t, url, `SELECT to_regclass('kept')::text || current_setting('fsync')`); got != "kepton" {
		t.Errorf("table and fsync after the second start: %q", got)
	}
}

// A cluster in memory that went with a restart of the machine is made anew.
func TestLostMemory(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	data := filepath.Join(dir, "data")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(dir, "gone", "data"), data); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		url, err := Start(t.Context(), "", dir, false)
		if err != nil {
			t.Fatal(err)
		}
		if got := ask(t, url, `SELECT current_setting('data_directory')`); got != data {
			t.Errorf("the cluster lies in %s, want %s", got, data)
		}
	}
	if to, err := os.Readlink(data); err == nil && filepath.Dir(to) == filepath.Join(dir, "gone") {
		t.Errorf("it lies in %s, which is gone", to)
	}
}

func TestStopWhereNothingIs(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	if err := Stop(t.Context(), "", dir); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("Stop left a folder: %v", err)
	}
}

func TestRefusedFolders(t *testing.T) {
	t.Parallel()
	made := folder(t)
	write(t, filepath.Join(made, "data", "PG_VERSION"), "9\n")
	for _, c := range []struct{ name, dir, want string }{
		{"too long", "/tmp/" + strings.Repeat("x", 84), "too long a path"},
		{"comma", "/tmp/a,b", "a comma, quote or backslash"},
		{"another version's data", made, "made by Postgres 9, which is not found"},
	} {
		_, err := Start(t.Context(), "", c.dir, false)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v; want %q", c.name, err, c.want)
		}
	}
}

// A half-made cluster is what a killed initdb leaves behind.
func TestHalfMadeIsMadeAnew(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	write(t, filepath.Join(dir, "data.new", "PG_VERSION"), "15\n")
	url, err := Start(t.Context(), "", dir, false)
	if err != nil {
		t.Fatal(err)
	}
	if got := ask(t, url, `SELECT 'yes'`); got != "yes" {
		t.Error(got)
	}
}

func TestClosedParent(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	if err := os.Chmod(filepath.Dir(dir), 0o700); err != nil {
		t.Fatal(err)
	}
	_, err := Start(t.Context(), "", dir, false)
	if os.Geteuid() != 0 { // then the server runs as us, who may enter
		if err != nil {
			t.Error(err)
		}
		return
	}
	if err == nil || !strings.Contains(err.Error(), filepath.Dir(dir)+" is closed to others") {
		t.Errorf("%v; want the closed folder named", err)
	}
}

// Not parallel: it changes the environment.
func TestPrograms(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("PG_BIN", dir)
	if _, err := programs(t.Context(), "", 0); err == nil || !strings.Contains(err.Error(), "PG_BIN") {
		t.Errorf("empty PG_BIN: %v", err)
	}
	for _, c := range []struct {
		version string
		found   bool
	}{{"14.9", false}, {"15.0", true}, {"18.4 (Debian 18.4-1)", true}} {
		write(t, filepath.Join(dir, "initdb"), "#!/bin/sh\necho 'initdb (PostgreSQL) "+c.version+"'\n")
		got, err := programs(t.Context(), "", 0)
		if (err == nil) != c.found || c.found && got != dir {
			t.Errorf("Postgres %s: %q, %v; want found %v", c.version, got, err, c.found)
		}
	}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
}
