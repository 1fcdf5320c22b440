//go:build e2e

package e2e

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// destroysEverything destroys the stack in order, removes the lab, and expects this machine to be as before it.
func destroysEverything(t *testing.T) {
	l := dev(t)
	ofThisLab := func(change string) bool { return strings.Contains(change, l.name) }
	if !slices.ContainsFunc(hostChanges(t), ofThisLab) {
		t.Error("a running lab changes nothing of this machine that the test looks at: it proves nothing")
	}
	l.pulumi(t, "destroy", "--yes", "--skip-preview", "--non-interactive")
	if left := l.state(t).Deployment.Resources; len(left) > 0 {
		t.Errorf("%d resources are left in the state, the first %s", len(left), left[0].URN)
	}
	if left := l.machines(t); len(left) > 0 {
		t.Errorf("machines are left: %v", left)
	}
	if left := l.modelled(t); len(left) > 0 {
		t.Errorf("the model of Azure still has %v", left)
	}
	shared = nil
	l.run(t, "down")
	l.expectGone(t)
}

// modelled lists what the model of Azure keeps, as files.
func (l *lab) modelled(t *testing.T) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(filepath.Join(l.home(), "azure"), func(path string, entry fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".json") {
			found = append(found, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// expectGone expects nothing of the lab to be left on this machine.
func (l *lab) expectGone(t *testing.T) {
	t.Helper()
	if os.Getenv(aloneVariable) != "" {
		keepsHost(t) // else when all suites have ended
	}
	for _, kind := range []string{"container", "volume", "network"} {
		list := []string{kind, "ls", "--quiet", "--filter", "label=azswarm.lab=" + l.name}
		if kind == "container" {
			list = append(list, "--all")
		}
		if output, err := exec.Command("docker", list...).Output(); err != nil || len(output) > 0 {
			t.Errorf("lab down leaves a %s: %v %s", kind, err, output)
		}
	}
	for _, path := range []string{l.home(), l.home() + ".lock"} {
		if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("lab down leaves %s: %v", path, err)
		}
	}
	left, err := os.ReadDir(temporary())
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range left {
		t.Errorf("temporary file %s is left", entry.Name())
	}
	if left := l.ownProcesses(""); len(left) > 0 {
		t.Errorf("processes are left: %s", fmt.Sprint(left))
	}
}
