package session

import (
	"bufio"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestRunHandsOnTheExitCode(t *testing.T) {
	for script, want := range map[string]int{"exit 3": 3, "kill -KILL $$": 137} {
		err := process{args: []string{"/bin/sh", "-c", script}}.run(t.Context())
		var exit *ExitError
		if !errors.As(err, &exit) || exit.Code != want || exit.Command != "sh" {
			t.Errorf("%s: %v, want exit code %d of sh", script, err, want)
		}
	}
}

func TestRunLooksCommandsUpInTheirOwnPath(t *testing.T) {
	dir := t.TempDir()
	write(t, dir+"/greet", "#!/bin/sh\necho hello\n")
	if err := os.Chmod(dir+"/greet", 0o700); err != nil {
		t.Fatal(err)
	}
	var output strings.Builder
	if err := (process{args: []string{"greet"}, env: []string{"PATH=" + dir}, stdout: &output}).run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if output.String() != "hello\n" {
		t.Errorf("output %q", output.String())
	}
	if err := (process{args: []string{"greet"}, env: []string{"PATH=/nonexistent"}}).run(t.Context()); err == nil {
		t.Error("a command outside its PATH was found")
	}
}

func TestInterruptIsPassedOnOnceAndThenKills(t *testing.T) {
	// The script says that it is ready, and each time it is interrupted, and never ends by itself. A signal that comes just before
	// bash reads is handled when that ends.
	const script = `trap 'echo interrupted' INT; echo ready; while :; do read -t 0.1 -r _ <&3 || :; done 3<>"$1"`
	fifo := t.TempDir() + "/fifo"
	if err := unix.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	reader, writer := io.Pipe()
	done := make(chan error, 1)
	go func() {
		done <- process{args: []string{"/bin/bash", "-c", script, "sh", fifo}, stdout: writer}.run(t.Context())
	}()
	lines := bufio.NewScanner(reader)
	for _, want := range []string{"ready", "interrupted"} {
		if !lines.Scan() || lines.Text() != want {
			t.Fatalf("the process said %q, want %q", lines.Text(), want)
		}
		if err := unix.Kill(unix.Getpid(), unix.SIGINT); err != nil {
			t.Fatal(err)
		}
	}
	var exit *ExitError
	if err := <-done; !errors.As(err, &exit) || exit.Code != 137 {
		t.Errorf("after a second interrupt: %v, want it killed (137)", err)
	}
}
