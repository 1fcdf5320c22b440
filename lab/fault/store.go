package fault

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/sys/unix"
)

// Faults are those in force, ordered by when they began.
type Faults []Fault

// With is the faults and f, in the place of the one with its name.
func (fs Faults) With(f Fault) Faults { return append(fs.Without(f.Name()), f) }

// Without is the faults but the one with this name.
func (fs Faults) Without(name string) Faults {
	return slices.DeleteFunc(slices.Clone(fs), func(f Fault) bool { return f.Name() == name })
}

// Find returns the fault with this name.
func (fs Faults) Find(name string) (Fault, bool) {
	i := slices.IndexFunc(fs, func(f Fault) bool { return f.Name() == name })
	if i < 0 {
		return Fault{}, false
	}
	return fs[i], true
}

// Store is the file that keeps the faults of a lab.
type Store struct {
	// Path of the file. Beside it lies a lock.
	Path string
}

// Read calls use with the faults in force, which stay in force until it returns: others may read meanwhile, none may write.
func (s Store) Read(use func(Faults) error) error {
	return s.locked(unix.LOCK_SH, func() error {
		faults, err := s.load()
		if err != nil {
			return err
		}
		return use(faults)
	})
}

// List returns the faults in force, without waiting for anybody: what changes them replaces the file as a whole.
func (s Store) List() (Faults, error) { return s.load() }

// Write replaces the faults in force by what change returns. It keeps all others away until it is done. Faults that change
// returns with an error are kept all the same.
func (s Store) Write(change func(Faults) (Faults, error)) error {
	return s.locked(unix.LOCK_EX, func() error {
		faults, err := s.load()
		if err != nil {
			return err
		}
		faults, err = change(faults)
		return errors.Join(err, s.save(faults))
	})
}

// locked waits for its turn: what others do meanwhile takes seconds.
func (s Store) locked(how int, do func() error) error {
	if err := os.MkdirAll(filepath.Dir(s.Path), 0o700); err != nil {
		return fmt.Errorf("faults: %w", err)
	}
	lock, err := os.OpenFile(s.Path+".lock", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("faults: %w", err)
	}
	defer func() { _ = lock.Close() }() // gives the lock free
	for {
		err := unix.Flock(int(lock.Fd()), how)
		if err == nil {
			return do()
		}
		if !errors.Is(err, unix.EINTR) {
			return fmt.Errorf("lock the faults: %w", err)
		}
	}
}

func (s Store) load() (Faults, error) {
	text, err := os.ReadFile(s.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("faults: %w", err)
	}
	var faults Faults
	if err := json.Unmarshal(text, &faults); err != nil {
		return nil, fmt.Errorf("faults: %s: %w", s.Path, err)
	}
	return faults, nil
}

// save replaces the file as a whole, so that a crash leaves the old one or the new one.
func (s Store) save(faults Faults) error {
	text, err := json.MarshalIndent(faults, "", "  ")
	if err != nil {
		return fmt.Errorf("faults: %w", err)
	}
	if err := os.WriteFile(s.Path+".new", append(text, '\n'), 0o600); err != nil {
		return fmt.Errorf("faults: %w", err)
	}
	if err := os.Rename(s.Path+".new", s.Path); err != nil {
		return fmt.Errorf("faults: %w", err)
	}
	return nil
}
