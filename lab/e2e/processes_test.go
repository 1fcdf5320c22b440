//go:build e2e

package e2e

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// Programs that run on behalf of a lab, by the name of their executable, or how it begins.
const (
	engine  = "pulumi"
	program = "pulumi-go." // as the language host compiles it
)

// ownProcesses returns the processes of a lab whose executable has this name; any if it is "".
func (l *lab) ownProcesses(executable string) []int {
	mark := []byte("PULUMI_HOME=" + l.home() + "/")
	var found []int
	for _, id := range allProcesses() {
		// Most can't be read or have gone; they are none of the lab's.
		environment, err := os.ReadFile(filepath.Join("/proc", id, "environ"))
		if err != nil || !bytes.Contains(environment, mark) {
			continue
		}
		path, err := os.Readlink(filepath.Join("/proc", id, "exe"))
		name := filepath.Base(path)
		if err != nil || executable != "" && name != executable && !(strings.HasSuffix(executable, ".") && strings.HasPrefix(name, executable)) {
			continue
		}
		number, _ := strconv.Atoi(id) // it is one: allProcesses says so
		found = append(found, number)
	}
	return found
}

// kill ends a lab's processes of this executable the hard way. There must be one.
func (l *lab) kill(t *testing.T, executable string) {
	t.Helper()
	found := l.ownProcesses(executable)
	if len(found) == 0 {
		t.Fatalf("no process %s of lab %s runs", executable, l.name)
	}
	for _, id := range found {
		if err := unix.Kill(id, unix.SIGKILL); err != nil {
			t.Fatalf("kill %s: %v", executable, err)
		}
	}
}

// eventually waits until the condition holds, for at most the time given; why tells what is missing.
func eventually(t *testing.T, what string, limit time.Duration, condition func() (why error)) {
	t.Helper()
	deadline := time.Now().Add(limit)
	for {
		why := condition()
		if why == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s: not so after %s: %v", what, limit, why)
		}
		time.Sleep(200 * time.Millisecond)
	}
}
