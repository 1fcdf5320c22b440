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

// EndLeftovers ends what a Pulumi CLI that was killed left running, as its language host doesn't notice, and removes the
// files it left. Only the holder of the lab's lock may call it. It returns the names of the processes it ended.
func (l *Lab) EndLeftovers() ([]string, error) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil, fmt.Errorf("look for processes of lab %s: %w", l.Name, err)
	}
	mark := []byte("PULUMI_HOME=" + l.pulumiHome())
	var ended []string
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil || pid == os.Getpid() {
			continue
		}
		// Processes come and go, and others' can't be read: whatever fails here is none of ours.
		environment, err := os.ReadFile(filepath.Join("/proc", entry.Name(), "environ"))
		if err != nil || !hasEntry(environment, mark) {
			continue
		}
		program, err := os.Readlink(filepath.Join("/proc", entry.Name(), "exe"))
		// A shell in `lab exec`, or an editor started from it, is the user's.
		if name := filepath.Base(program); err == nil && strings.HasPrefix(name, "pulumi") {
			if unix.Kill(pid, unix.SIGKILL) == nil {
				ended = append(ended, name)
			}
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
