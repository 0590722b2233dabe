package devpg

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// Where files lie in memory, and how many bytes must be free there: tests make a
// thousand small databases, which a disk's file system takes four times as long for;
// what is measured makes a large one.
const (
	memory = "/dev/shm"
	room   = 8 << 30
)

// inMemory makes of data a link to a folder in memory, unless there is a cluster, no
// such place, or no room. What was lost with a restart of the machine is made anew.
func inMemory(data string) error {
	if _, err := os.Stat(data); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if to, err := os.Readlink(data); err == nil {
		if _, err := os.Stat(filepath.Dir(to)); err == nil {
			return nil // the last start died before the cluster was made
		}
	}
	var disk syscall.Statfs_t
	if err := syscall.Statfs(memory, &disk); err != nil || disk.Bavail*uint64(disk.Bsize) < room {
		return nil //nolint:nilerr // then on the disk, as ever
	}
	folder, err := os.MkdirTemp(memory, "dunwell-")
	if err != nil {
		return nil //nolint:nilerr // then on the disk, as ever
	}
	if err := os.Remove(data); err != nil && !errors.Is(err, fs.ErrNotExist) { // a link to what is gone
		return err
	}
	return os.Symlink(filepath.Join(folder, "data"), data)
}
