//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"
)

// Paths that all tests share.
var (
	repository string // the checkout
	workspace  string // everything the tests write, in the checkout's .lab, which git ignores
	labBinary  string // the lab command
)

// names are the labs that tests use, so that a later run can remove what an earlier one, if killed, left behind.
var names = []string{
	"e2e-dev", "e2e-prod", "e2e-invalid", "e2e-imported", "e2e-preview", "e2e-truth", "e2e-classic", "e2e-faults",
	"e2e-faults-paper", "e2e-healed-paper", "e2e-cache",
}

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (int, error) {
	var err error
	if repository, err = filepath.Abs("../.."); err != nil {
		return 1, err
	}
	workspace = filepath.Join(repository, ".lab", "e2e")
	labBinary = filepath.Join(workspace, "lab")
	if err := prepare(); err != nil {
		return 1, err
	}
	if checkout, err = readCheckout(); err != nil {
		return 1, err
	}
	processes = startRecorder()
	code := m.Run()
	processes.stop()
	printTimings()
	// A failed test's lab stays for a look at it; the next run removes it.
	if code == 0 {
		err = removeLabs()
	} else {
		fmt.Printf("labs of failed tests stay until the next run; their commands' output is in %s; look with\n  XDG_STATE_HOME=%s %s status --name …\n",
			transcripts(), stateHome(), labBinary)
	}
	return code, err
}

// prepare starts from nothing but the caches, which all labs of this user share.
func prepare() error {
	if err := os.MkdirAll(workspace, 0o700); err != nil {
		return err
	}
	build := exec.Command("go", "build", "-o", labBinary, ".")
	build.Dir, build.Env = filepath.Join(repository, "lab"), append(os.Environ(), "CGO_ENABLED=0")
	if output, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("build the lab command: %w\n%s", err, output)
	}
	if err := removeLabs(); err != nil {
		return err
	}
	for _, dir := range []string{transcripts(), temporary()} {
		if err := os.RemoveAll(dir); err != nil {
			return err
		}
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
	}
	return nil
}

func removeLabs() error {
	for _, name := range names {
		l := lab{name: name}
		if output, err := l.exec("down").CombinedOutput(); err != nil {
			return fmt.Errorf("lab down --name %s: %w\n%s", name, err, output)
		}
	}
	return nil
}

func stateHome() string   { return filepath.Join(workspace, "state") }
func transcripts() string { return filepath.Join(workspace, "transcripts") }
func temporary() string   { return filepath.Join(workspace, "tmp") }

// timing is how long one command of a test took.
type timing struct {
	test, command string
	took          time.Duration
}

var timings []timing

// printTimings shows what the suite's time was spent on.
func printTimings() {
	if len(timings) == 0 {
		return
	}
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "\nSECONDS\t  TEST AND COMMAND\t")
	var total time.Duration
	for test := range slices.Values(timings) {
		total += test.took
		fmt.Fprintf(table, "%.1f\t  %s: %s\n", test.took.Seconds(), test.test, strings.Join(strings.Fields(test.command), " "))
	}
	fmt.Fprintf(table, "%.1f\t  all of them\n", total.Seconds())
	_ = table.Flush()
}
