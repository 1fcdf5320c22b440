package fault

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/seed-3bc5c20b/azswarm/lab/azure/arm"
)

// Set is all that is wrong.
type Set struct {
	Calls  []Call     `json:"calls,omitempty"`
	Limits arm.Limits `json:"limits,omitzero"`
	// Last is the id given last.
	Last int `json:"last,omitempty"`
}

// Table is the faults of one model. It is safe for concurrent use, by other processes too.
type Table struct{ dir string }

// NewTable is the table of the model in the directory. It need not exist yet.
func NewTable(stateDir string) Table { return Table{stateDir} }

func (t Table) path() string { return filepath.Join(t.dir, "faults") }

// Load reads the table. That of a model without faults is empty.
func (t Table) Load() (Set, error) {
	var set Set
	data, err := os.ReadFile(t.path())
	if errors.Is(err, fs.ErrNotExist) {
		return set, nil
	}
	if err == nil {
		err = json.Unmarshal(data, &set)
	}
	if err != nil {
		return set, fmt.Errorf("read the faults: %w", err)
	}
	return set, nil
}

// Add makes calls fail from now on, and returns the fault's id. Of several faults that match a request, the one added
// first answers.
func (t Table) Add(call Call) (id int, err error) {
	if err := call.validate(); err != nil {
		return 0, fmt.Errorf("fault: %w", err)
	}
	err = t.change(func(set *Set) error {
		set.Last++
		call.ID, id = set.Last, set.Last
		set.Calls = append(set.Calls, call)
		return nil
	})
	return id, err
}

// RefuseSize makes new machines of the size, and changes to it, fail as where Azure has sold out.
func (t Table) RefuseSize(size string) error {
	if !arm.IsSize(size) {
		return fmt.Errorf("fault: %q is not the name of a VM size, such as Standard_B2als_v2", size)
	}
	return t.change(func(set *Set) error {
		if !slices.ContainsFunc(set.Limits.SoldOut, func(s string) bool { return strings.EqualFold(s, size) }) {
			set.Limits.SoldOut = append(set.Limits.SoldOut, size)
		}
		return nil
	})
}

// LimitCores sets the quota of virtual CPUs in a region of the subscription. Machines that exist keep theirs.
func (t Table) LimitCores(cores int) error {
	if cores < 0 {
		return fmt.Errorf("fault: a quota of %d cores: must be 0 or more", cores)
	}
	return t.change(func(set *Set) error {
		set.Limits.Cores = &cores
		return nil
	})
}

// Clear removes the faults of calls with these ids, or, without any, everything. An unknown id is an error.
func (t Table) Clear(ids ...int) error {
	return t.change(func(set *Set) error {
		if len(ids) == 0 {
			*set = Set{Last: set.Last}
		}
		for _, id := range ids {
			i := slices.IndexFunc(set.Calls, func(c Call) bool { return c.ID == id })
			if i < 0 {
				return fmt.Errorf("fault: there is none with the id %d", id)
			}
			set.Calls = slices.Delete(set.Calls, i, i+1)
		}
		return nil
	})
}

// AllowSize gives a size back.
func (t Table) AllowSize(size string) error {
	return t.change(func(set *Set) error {
		set.Limits.SoldOut = slices.DeleteFunc(set.Limits.SoldOut, func(s string) bool { return strings.EqualFold(s, size) })
		return nil
	})
}

// LiftQuota takes the limit of virtual CPUs away.
func (t Table) LiftQuota() error {
	return t.change(func(set *Set) error {
		set.Limits.Cores = nil
		return nil
	})
}

// ClearLimits gives all sizes back, and lifts the quota.
func (t Table) ClearLimits() error {
	return t.change(func(set *Set) error {
		set.Limits = arm.Limits{}
		return nil
	})
}

// Limits are what machines have to keep to.
func (t Table) Limits() (arm.Limits, error) {
	set, err := t.Load()
	return set.Limits, err
}

// Strike counts a request, and returns the fault it runs into; nil if none.
func (t Table) Strike(operation Operation, token, name string) (*Call, error) {
	// Without a fault, and so nearly always, nothing is written.
	if set, err := t.Load(); err != nil || !slices.ContainsFunc(set.Calls, func(c Call) bool { return c.matches(operation, token, name) }) {
		return nil, err
	}
	var struck *Call
	err := t.change(func(set *Set) error {
		for i := range set.Calls {
			call := &set.Calls[i]
			switch {
			case !call.matches(operation, token, name):
			case call.Skip > 0:
				call.Skip--
			case struck == nil:
				call.Struck++
				call.Count = max(call.Count-1, Forever)
				copied := *call
				struck = &copied
			}
		}
		return nil
	})
	return struck, err
}

// change rewrites the table, one writer at a time on this machine.
func (t Table) change(edit func(*Set) error) error {
	if err := os.MkdirAll(t.dir, 0o700); err != nil {
		return fmt.Errorf("write the faults: %w", err)
	}
	lock, err := os.OpenFile(t.path()+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("write the faults: %w", err)
	}
	defer func() { _ = lock.Close() }() // and with it the lock is free
	if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX); err != nil {
		return fmt.Errorf("lock the faults: %w", err)
	}
	set, err := t.Load()
	if err != nil {
		return err
	}
	if err := edit(&set); err != nil {
		return err
	}
	data, err := json.MarshalIndent(set, "", "  ")
	if err == nil {
		err = os.WriteFile(t.path()+".new", data, 0o600)
	}
	if err == nil {
		err = os.Rename(t.path()+".new", t.path())
	}
	if err != nil {
		return fmt.Errorf("write the faults: %w", err)
	}
	return nil
}
