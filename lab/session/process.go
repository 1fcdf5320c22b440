package session

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

// process is one run of a command line tool on behalf of the lab.
type process struct {
	args   []string
	dir    string
	env    []string
	stdin  io.Reader
	stdout io.Writer
	stderr io.Writer
	// interactive leaves the process in the terminal's foreground, where it may ask questions.
	interactive bool
}

// ExitError is a command that ran and failed, having said why itself.
type ExitError struct {
	// Command is the name of the command.
	Command string
	// Code is its exit code; 128 plus the signal's number if a signal ended it.
	Code int
}

func (e *ExitError) Error() string {
	return fmt.Sprintf("%s failed with exit code %d", e.Command, e.Code)
}

// run runs the process to its end. The first interrupt of this program is passed on once, which asks Pulumi to
// finish what is under way and stop; the second kills.
func (p process) run(ctx context.Context) error {
	path, err := lookPath(p.args[0], p.env)
	if err != nil {
		return err
	}
	command := exec.Command(path, p.args[1:]...)
	command.Dir, command.Env = p.dir, p.env
	command.Stdin, command.Stdout, command.Stderr = p.stdin, p.stdout, p.stderr
	command.SysProcAttr = &unix.SysProcAttr{
		// Apart from the terminal's foreground, a Ctrl-C reaches Pulumi once, through us, and not twice, which
		// it takes as the demand to drop everything.
		Setpgid: !p.interactive,
		// If we are killed, the providers die with us; Pulumi must not carry on without them.
		Pdeathsig: unix.SIGKILL,
	}
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, unix.SIGTERM, unix.SIGHUP)
	defer signal.Stop(signals)

	done := make(chan error, 1)
	started := make(chan error, 1)
	go func() {
		// Pdeathsig fires when the *thread* that started the process ends: keep it.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := command.Start()
		started <- err
		if err == nil {
			done <- command.Wait()
		}
	}()
	if err := <-started; err != nil {
		return fmt.Errorf("start %s: %w", p.args[0], err)
	}
	cancelled, interrupts := ctx.Done(), 0
	for {
		select {
		case err := <-done:
			return exitError(p.args[0], err)
		case <-cancelled:
			cancelled = nil
			p.signal(command, unix.SIGINT)
		case received := <-signals:
			interrupts++
			switch {
			case interrupts > 1:
				p.signal(command, unix.SIGKILL)
			case p.interactive && received == os.Interrupt: // the terminal has told it already
			default:
				p.signal(command, unix.SIGINT)
			}
		}
	}
}

func (p process) signal(command *exec.Cmd, signal unix.Signal) {
	target := command.Process.Pid
	if !p.interactive && signal == unix.SIGKILL {
		target = -target // the whole group: what it started goes with it
	}
	_ = unix.Kill(target, signal) // fails only if it has ended
}

func exitError(name string, err error) error {
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return err
	}
	code := exit.ExitCode()
	if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		code = 128 + int(status.Signal())
	}
	return &ExitError{Command: filepath.Base(name), Code: code}
}

// lookPath finds a command in the PATH it will run with, not in ours.
func lookPath(name string, env []string) (string, error) {
	if filepath.Base(name) != name {
		return name, nil
	}
	for _, dir := range filepath.SplitList(lookup(env, "PATH")) {
		path := filepath.Join(dir, name)
		if info, err := os.Stat(path); err == nil && !info.IsDir() && info.Mode()&0o111 != 0 {
			return path, nil
		}
	}
	return "", fmt.Errorf("command %q is not in PATH", name)
}
