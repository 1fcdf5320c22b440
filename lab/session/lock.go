package session

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// Lock is held by the one command that may change a lab.
type Lock struct {
	file *os.File
}

// Lock takes the lab's lock for a command, or fails at once, naming the process and command that hold it. The
// kernel drops the lock with the process, however that ends.
func (l *Lab) Lock(command string) (*Lock, error) {
	// Beside the lab's directory, so that removing the lab doesn't remove the lock under its holder.
	path := l.Dir + ".lock"
	for {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return nil, fmt.Errorf("lock lab %s: %w", l.Name, err)
		}
		file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
		if errors.Is(err, fs.ErrNotExist) { // the last lab's lock went, and its directory with it
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("lock lab %s: %w", l.Name, err)
		}
		if err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
			holder := readHolder(file)
			_ = file.Close()
			if errors.Is(err, unix.EWOULDBLOCK) {
				return nil, fmt.Errorf("lab %s is in use by %s: wait for it, or choose another lab with --name", l.Name, holder)
			}
			return nil, fmt.Errorf("lock lab %s: %w", l.Name, err)
		}
		if !isFileAt(file, path) { // the holder before us removed it
			_ = file.Close()
			continue
		}
		lock := &Lock{file: file}
		if err := lock.describe(command); err != nil {
			_ = file.Close()
			return nil, fmt.Errorf("lock lab %s: %w", l.Name, err)
		}
		return lock, nil
	}
}

// Release gives the lab free.
func (k *Lock) Release() {
	// Removed while still held: whoever waits on this file notices that it is gone and starts over.
	_ = os.Remove(k.file.Name())
	_ = k.file.Close()
	_ = os.Remove(filepath.Dir(k.file.Name())) // the home of all labs; stays if there are any
}

func (k *Lock) describe(command string) error {
	if err := k.file.Truncate(0); err != nil {
		return err
	}
	_, err := k.file.WriteAt(fmt.Appendf(nil, "process %d (%s)", os.Getpid(), command), 0)
	return err
}

// amongLabs runs what no two labs of this user may do at the same time, and waits for its turn.
func (l *Lab) amongLabs(do func() error) error {
	home, err := os.Open(filepath.Dir(l.Dir))
	if err != nil {
		return fmt.Errorf("lock the labs' directory: %w", err)
	}
	defer func() { _ = home.Close() }() // gives the lock free
	if err := unix.Flock(int(home.Fd()), unix.LOCK_EX); err != nil {
		return fmt.Errorf("lock the labs' directory: %w", err)
	}
	return do()
}

func readHolder(file *os.File) string {
	content := make([]byte, 512)
	n, _ := file.ReadAt(content, 0)
	if text := strings.TrimSpace(string(content[:n])); text != "" {
		return text
	}
	return "another command"
}

func isFileAt(file *os.File, path string) bool {
	ours, err := file.Stat()
	if err != nil {
		return false
	}
	there, err := os.Stat(path)
	return err == nil && os.SameFile(ours, there)
}
