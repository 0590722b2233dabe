package devpg

import (
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// dropRoot lets the server run as postgres, else as nobody: Postgres refuses to
// run as root. That user must be able to reach the folder.
func (s *server) dropRoot() error {
	u, err := user.Lookup("postgres")
	if err != nil {
		if u, err = user.Lookup("nobody"); err != nil {
			return fmt.Errorf("a user to run Postgres as: %w", err)
		}
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return err
	}
	for p := filepath.Dir(s.dir); ; p = filepath.Dir(p) {
		fi, err := os.Stat(p)
		if err != nil || fi.Mode()&1 == 0 {
			return fmt.Errorf("user %s cannot reach %s, because %s is closed to others: set DUNWELL_DATA to another folder", u.Username, s.dir, p)
		}
		if p == "/" {
			break
		}
	}
	s.attr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	if to, err := os.Readlink(s.data); err == nil {
		if err := os.Chown(filepath.Dir(to), int(uid), int(gid)); err != nil {
			return err
		}
	}
	return os.Chown(s.dir, int(uid), int(gid))
}
