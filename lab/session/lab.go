// Package session is a lab on disk and the Pulumi CLI running against it.
//
// A lab has a name and a directory of its own with everything that belongs to it: the model of Azure, the state
// of the Pulumi stacks, their passphrase, the CLI's home. Removing that directory (and the lab's containers)
// removes the lab.
package session

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// DefaultName is the name of the lab that commands use unless told otherwise.
const DefaultName = "azswarm"

// namePattern leaves room for what names of containers and networks add, and needs no quoting anywhere.
var namePattern = regexp.MustCompile(`^[a-z][a-z0-9-]{0,23}$`)

// Lab is one lab on this machine.
type Lab struct {
	// Name tells labs on the same machine apart.
	Name string
	// Dir holds all of the lab's files; only its owner may read it.
	Dir string
}

// StateHome is the directory that holds all labs of this user.
func StateHome() (string, error) {
	if dir := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "azswarm-lab"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("find the directory for the lab's state (set HOME or XDG_STATE_HOME): %w", err)
	}
	return filepath.Join(home, ".local", "state", "azswarm-lab"), nil
}

// Find returns the lab of this name, whether or not it exists.
func Find(name string) (*Lab, error) {
	if !namePattern.MatchString(name) {
		return nil, fmt.Errorf("lab name %q: allowed are a letter and up to 23 more of a-z, 0-9 and -", name)
	}
	home, err := StateHome()
	if err != nil {
		return nil, err
	}
	return &Lab{Name: name, Dir: filepath.Join(home, name)}, nil
}

// Names lists the labs this user has on this machine.
func Names() ([]string, error) {
	home, err := StateHome()
	if err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(home)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("list labs: %w", err)
	}
	var names []string
	for _, entry := range entries {
		if entry.IsDir() && namePattern.MatchString(entry.Name()) {
			names = append(names, entry.Name())
		}
	}
	slices.Sort(names)
	return names, nil
}

// Exists tells whether the lab has been set up.
func (l *Lab) Exists() bool {
	_, err := os.Stat(l.path("passphrase"))
	return err == nil
}

// Require fails, naming the labs there are, if the lab has not been set up.
func (l *Lab) Require() error {
	if l.Exists() {
		return nil
	}
	names, err := Names()
	if err != nil {
		return err
	}
	if len(names) == 0 {
		return fmt.Errorf("there is no lab %q: `lab up` makes one", l.Name)
	}
	return fmt.Errorf("there is no lab %q on this machine, but %s: choose one with --name", l.Name, strings.Join(names, ", "))
}

// Create makes the lab's directories and passphrase where they are missing.
func (l *Lab) Create() error {
	for _, dir := range []string{l.Dir, l.AzureDir(), l.pulumiHome(), l.backendDir(), l.path("bin"), l.tempDir(), l.programsDir()} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return fmt.Errorf("create the lab's state: %w", err)
		}
	}
	// A directory left by something else may be open to others; it will hold private keys.
	if err := os.Chmod(l.Dir, 0o700); err != nil {
		return fmt.Errorf("protect the lab's state: %w", err)
	}
	if err := l.installCompiler(); err != nil {
		return err
	}
	if err := l.installPolicyHost(); err != nil {
		return err
	}
	if l.Exists() {
		return nil
	}
	if err := writeFile(l.path("passphrase"), []byte(rand.Text()), 0o600); err != nil {
		return fmt.Errorf("write the lab's passphrase: %w", err)
	}
	return nil
}

// Empty deletes everything that programs left in the lab, but not what was compiled of them.
func (l *Lab) Empty() error {
	for _, path := range []string{l.AzureDir(), l.CloudDir(), l.AccessDir(), l.backendDir(), l.pulumiHome(), l.path("config"), l.path("lab.json"), l.path("passphrase")} {
		if err := os.RemoveAll(path); err != nil {
			return fmt.Errorf("empty lab %s: %w", l.Name, err)
		}
	}
	return nil
}

// Remove deletes all files of the lab.
func (l *Lab) Remove() error {
	if err := os.RemoveAll(l.Dir); err != nil {
		return fmt.Errorf("remove the state of lab %s: %w", l.Name, err)
	}
	return nil
}

// AzureDir holds the model of Azure.
func (l *Lab) AzureDir() string { return l.path("azure") }

// CloudDir holds what the machines and networks were made from.
func (l *Lab) CloudDir() string { return l.path("cloud") }

// AccessDir holds what gets an operator into the machines; see package access.
func (l *Lab) AccessDir() string { return l.path("access") }

// Executable is the lab's own copy of this program, for what has to run inside containers.
func (l *Lab) Executable() string { return l.path("bin", "lab") }

// InstallExecutable keeps this program as Executable. An equal one stays: containers have it mounted, and another
// file of the same name would not be theirs.
func (l *Lab) InstallExecutable(program []byte) error {
	if current, err := os.ReadFile(l.Executable()); err == nil && bytes.Equal(current, program) {
		return nil
	}
	if err := writeFile(l.Executable(), program, 0o755); err != nil {
		return fmt.Errorf("keep a copy of this program in the lab: %w", err)
	}
	return nil
}

func (l *Lab) pulumiHome() string { return l.path("pulumi") }
func (l *Lab) backendDir() string { return l.path("backend") }
func (l *Lab) tempDir() string    { return l.path("tmp") }

// programsDir holds the compiled programs, next to tempDir: hard links lead from one to the other.
func (l *Lab) programsDir() string { return l.path("programs") }

func (l *Lab) path(elements ...string) string {
	return filepath.Join(append([]string{l.Dir}, elements...)...)
}

// writeFile replaces a file in one step, so that a crash leaves the old one or the new one.
func writeFile(path string, content []byte, mode os.FileMode) error {
	temporary, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(temporary.Name()) }() // gone already when all went well
	_, err = temporary.Write(content)
	err = errors.Join(err, temporary.Chmod(mode), temporary.Close())
	if err != nil {
		return err
	}
	return os.Rename(temporary.Name(), path)
}
