package session

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Process is a process that runs on behalf of a lab.
type Process struct {
	ID   int
	Name string // of its executable
}

// Processes lists the processes that run with the lab's environment: Pulumi's own, the program, and what a user runs in `lab exec`.
func (l *Lab) Processes() ([]Process, error) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil, fmt.Errorf("look for processes of lab %s: %w", l.Name, err)
	}
	mark := []byte("PULUMI_HOME=" + l.pulumiHome())
	var found []Process
	for _, entry := range entries {
		id, err := strconv.Atoi(entry.Name())
		if err != nil || id == os.Getpid() {
			continue
		}
		// Processes come and go, and others' can't be read: whatever fails here is none of ours.
		environment, err := os.ReadFile(filepath.Join("/proc", entry.Name(), "environ"))
		if err != nil || !hasEntry(environment, mark) {
			continue
		}
		if executable, err := os.Readlink(filepath.Join("/proc", entry.Name(), "exe")); err == nil {
			found = append(found, Process{id, filepath.Base(executable)})
		}
	}
	return found, nil
}

// EndLeftovers ends what a Pulumi CLI that was killed left running, as its language host doesn't notice, and removes the
// files it left. Only the holder of the lab's lock may call it. It returns the names of the processes it ended.
func (l *Lab) EndLeftovers() ([]string, error) {
	processes, err := l.Processes()
	if err != nil {
		return nil, err
	}
	var ended []string
	for _, process := range processes {
		// A shell in `lab exec`, or an editor started from it, is the user's.
		if strings.HasPrefix(process.Name, "pulumi") && unix.Kill(process.ID, unix.SIGKILL) == nil {
			ended = append(ended, process.Name)
		}
	}
	files, err := filepath.Glob(filepath.Join(l.tempDir(), "*"))
	for _, file := range files {
		err = errors.Join(err, os.RemoveAll(file))
	}
	return ended, err
}

func hasEntry(environment, entry []byte) bool {
	for candidate := range bytes.SplitSeq(environment, []byte{0}) {
		if bytes.Equal(candidate, entry) {
			return true
		}
	}
	return false
}
