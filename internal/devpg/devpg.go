// Package devpg starts a private Postgres for a desk and for tests, where no
// DATABASE_URL is given. It is not for production: it trusts whoever can reach
// its socket, which is its owner alone.
package devpg

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// server is one private Postgres: its programs, its folder, how it is run.
type server struct {
	bin, dir, data string
	attr           *syscall.SysProcAttr
}

// Start makes a cluster in dir if there is none, starts it if it is down, and
// returns its superuser's URL. The programs are the system's, or what npm
// brought into root. The server listens only on a Unix socket in dir and goes
// on running when this process ends; Stop ends it. fsync may be off for tests,
// whose new cluster is kept in memory then where there is room. Several processes
// may call Start at once.
func Start(ctx context.Context, root, dir string, fsync bool) (string, error) {
	dir, err := usable(dir)
	if err != nil {
		return "", err
	}
	unlock, err := lock(dir)
	if err != nil {
		return "", err
	}
	defer unlock()
	if !fsync {
		if err := inMemory(filepath.Join(dir, "data")); err != nil {
			return "", fmt.Errorf("private Postgres in %s: %w", dir, err)
		}
	}
	s, err := newServer(ctx, root, dir)
	if err != nil {
		return "", fmt.Errorf("private Postgres in %s: %w", dir, err)
	}
	if err := s.initdb(ctx); err != nil {
		return "", fmt.Errorf("private Postgres in %s: %w", dir, err)
	}
	return s.serve(ctx, fsync)
}

// Stop ends the server in dir; one that is down already, or was never made, is
// fine.
func Stop(ctx context.Context, root, dir string) error {
	if _, err := os.Stat(filepath.Join(dir, "data", "postmaster.pid")); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	dir, err := usable(dir)
	if err != nil {
		return err
	}
	s, err := newServer(ctx, root, dir)
	if err != nil {
		return fmt.Errorf("private Postgres in %s: %w", dir, err)
	}
	if s.run(ctx, "pg_ctl", "-D", s.data, "status") != nil {
		return nil
	}
	return s.run(ctx, "pg_ctl", "-D", s.data, "-m", "fast", "-w", "stop")
}

// usable makes the folder and returns its whole path, unless its socket could
// not be reached: a socket's path ends at 104 bytes, and Postgres reads commas
// and quotes in it as its own.
func usable(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	if len(dir) > 88 {
		return "", fmt.Errorf("%s is too long a path for a Unix socket: set DUNWELL_DATA to a shorter one", dir)
	}
	if strings.ContainsAny(dir, `,'"\`) {
		return "", fmt.Errorf("%s has a comma, quote or backslash, which Postgres cannot have in its socket's path: set DUNWELL_DATA to another one", dir)
	}
	return dir, errors.Join(os.MkdirAll(filepath.Dir(dir), 0o755), os.MkdirAll(dir, 0o700))
}

func lock(dir string) (func(), error) {
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return func() { _ = f.Close() }, nil
}

func newServer(ctx context.Context, root, dir string) (*server, error) {
	s := &server{dir: dir, data: filepath.Join(dir, "data")}
	made, err := madeBy(s.data)
	if err != nil {
		return nil, err
	}
	if s.bin, err = programs(ctx, root, made); err != nil {
		return nil, err
	}
	s.attr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C is for us, not for the server
	if os.Geteuid() == 0 {
		err = s.dropRoot()
	}
	return s, err
}

// initdb makes the cluster beside its place and moves it there whole, so that
// one half made and then killed is never taken for a good one.
func (s *server) initdb(ctx context.Context) error {
	made, err := madeBy(s.data)
	if err != nil || made != 0 {
		return err
	}
	place := s.data
	if to, err := os.Readlink(place); err == nil {
		place = to
	}
	half := place + ".new"
	if err := os.RemoveAll(half); err != nil {
		return err
	}
	err = s.run(ctx, "initdb", "-D", half, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--lc-ctype="+ctype(), "--no-sync")
	if err != nil {
		return err
	}
	return os.Rename(half, place)
}

// ctype is a locale that knows the letters of Unicode and is on every machine
// of the kind.
func ctype() string {
	if runtime.GOOS == "darwin" {
		return "en_US.UTF-8"
	}
	return "C.UTF-8"
}

// serve starts the server where it is down and waits until it answers.
func (s *server) serve(ctx context.Context, fsync bool) (string, error) {
	setting := map[bool]string{true: "on", false: "off"}[fsync]
	opts := fmt.Sprintf("-c listen_addresses='' -c port=5432 -c unix_socket_directories='%s' -c fsync=%s -c synchronous_commit=%[2]s "+
		"-c full_page_writes=%[2]s -c shared_buffers=256MB -c max_connections=200 -c max_wal_size=2GB", s.dir, setting)
	dsn := "postgres:///postgres?user=postgres&port=5432&host=" + url.QueryEscape(s.dir)
	log := filepath.Join(s.dir, "log")
	var err error
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		// status alone lies just after a crash, while the dead server is still a
		// zombie: so ask the server itself
		if s.run(ctx, "pg_ctl", "-D", s.data, "status") != nil {
			err = s.run(ctx, "pg_ctl", "-D", s.data, "-l", log, "-w", "-o", opts, "start")
		}
		conn, cerr := pgx.Connect(ctx, dsn)
		if cerr == nil {
			return dsn, conn.Close(ctx)
		}
		if time.Now().After(end) || ctx.Err() != nil {
			b, _ := os.ReadFile(log)
			return "", fmt.Errorf("postgres: %w; its log ends: %s", errors.Join(err, cerr), b[max(0, len(b)-1500):])
		}
	}
}

func (s *server) run(ctx context.Context, name string, arg ...string) error {
	var out strings.Builder
	c := exec.CommandContext(ctx, filepath.Join(s.bin, name), arg...)
	c.Dir, c.SysProcAttr = s.dir, s.attr
	c.Env = append(os.Environ(), "LC_ALL="+ctype(), "TZ=UTC")
	if name == "initdb" { // pg_ctl's server would keep the pipe open for ever
		c.Stdout, c.Stderr = &out, &out
	}
	if err := c.Run(); err != nil {
		return fmt.Errorf("%s: %w %s", name, err, out.String())
	}
	return nil
}
