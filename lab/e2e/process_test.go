//go:build e2e

package e2e

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/seed-3bc5c20b/azswarm/lab/e2e/suites"
)

// Paths that the tests of a suite share.
var (
	repository string // the checkout
	shelf      string // what all suites share, in the checkout's .lab, which git ignores
	workspace  string // everything the tests of this suite write, on the shelf
	labBinary  string // the lab command
)

// findPaths settles where a suite's files are.
func findPaths(suite string) error {
	var err error
	if repository, err = filepath.Abs("../.."); err != nil {
		return err
	}
	shelf = filepath.Join(repository, ".lab", "e2e")
	workspace, labBinary = filepath.Join(shelf, suite), filepath.Join(shelf, "lab")
	return os.MkdirAll(workspace, 0o700)
}

// stateHome holds all suites' labs, so that each sees which address ranges the others have taken.
func stateHome() string   { return filepath.Join(shelf, "state") }
func transcripts() string { return filepath.Join(workspace, "transcripts") }
func temporary() string   { return filepath.Join(workspace, "tmp") }

// testFlag is a flag of go test itself.
func testFlag(name string) (string, error) {
	f := flag.Lookup("test." + name)
	if f == nil {
		return "", fmt.Errorf("go test has no flag -%s", name)
	}
	return f.Value.String(), nil
}

// prepareAll starts from nothing but the caches, which all labs of this user share, and remembers what this machine and the
// checkout are like.
func prepareAll() error {
	// The operators' program stands beside the lab, where `lab exec` finds it.
	for dir, binary := range map[string]string{
		"lab":           labBinary,
		"tools/azswarm": filepath.Join(filepath.Dir(labBinary), "azswarm"),
	} {
		build := exec.Command("go", "build", "-o", binary, ".")
		build.Dir, build.Env = filepath.Join(repository, dir), append(os.Environ(), "CGO_ENABLED=0")
		if output, err := build.CombinedOutput(); err != nil {
			return fmt.Errorf("build %s: %w\n%s", dir, err, output)
		}
	}
	if err := installCompiler(); err != nil {
		return err
	}
	for _, n := range needs { // an earlier run, if killed or failed, left its labs behind
		if err := removeLabs(n.Labs); err != nil {
			return err
		}
	}
	return rememberBefore()
}

// runSuite runs the tests of a suite in this process, which ends with the one that runs all suites.
func runSuite(m *testing.M, name string) (int, error) {
	if err := findPaths(name); err != nil {
		return 1, err
	}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		fmt.Println("e2e: the process that runs all suites is gone")
		os.Exit(1)
	}()
	i := slices.IndexFunc(needs, func(n suites.Named) bool { return n.Name == name })
	if i < 0 {
		return 1, fmt.Errorf("there is no suite %q", name)
	}
	for _, dir := range []string{transcripts(), temporary()} {
		if err := os.RemoveAll(dir); err != nil {
			return 1, err
		}
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return 1, err
		}
	}
	var err error
	if timings, err = os.Create(filepath.Join(workspace, "timings")); err != nil {
		return 1, err
	}
	if needs[i].Recorded {
		processes = startRecorder()
		defer processes.stop()
	}
	code := m.Run()
	// A failed test's lab stays for a look at it; the next run removes it.
	if code == 0 {
		err = removeLabs(needs[i].Labs)
	}
	return code, err
}

func removeLabs(names []string) error {
	for _, name := range names {
		l := lab{name: name}
		if output, err := l.exec("down").CombinedOutput(); err != nil {
			return fmt.Errorf("lab down --name %s: %w\n%s", name, err, output)
		}
	}
	return nil
}

// timings is where a suite writes how long each of its commands took.
var timings *os.File

func noteTiming(t *testing.T, command string, took time.Duration) {
	t.Helper()
	if err := json.NewEncoder(timings).Encode(suites.Timing{Test: t.Name(), Command: command, Took: took}); err != nil {
		t.Errorf("note how long a command took: %v", err)
	}
}
