package cmd

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/access"
)

// withFiles calls use with a directory of keys and certificates that is there for its time, and for this user, only: what is saved
// may be another cluster's of the same name.
func withFiles(outputs access.Outputs, use func(dir string) error) (err error) {
	dir, err := os.MkdirTemp(os.Getenv("XDG_RUNTIME_DIR"), "azswarm-") // in memory where there is such a directory
	if err != nil {
		return fmt.Errorf("keep keys and certificates while a command runs: %w", err)
	}
	defer func() {
		if gone := os.RemoveAll(dir); err == nil {
			err = gone
		}
	}()
	if err := access.Save(dir, outputs); err != nil {
		return err
	}
	return use(dir)
}

// runChild runs a program on this one's terminal, and hands on what ends it.
func runChild(cmd *exec.Cmd) error {
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(signals)
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start %s: %w", cmd.Args[0], err)
	}
	ended := make(chan struct{})
	defer close(ended)
	go func() {
		for {
			select {
			case <-ended:
				return
			case s := <-signals:
				// The terminal's keys reach it anyway; here they only must not end this program, which has files to remove.
				if s == syscall.SIGTERM || s == syscall.SIGHUP {
					_ = cmd.Process.Signal(s)
				}
			}
		}
	}()
	err := cmd.Wait()
	if exit := new(exec.ExitError); errors.As(err, &exit) && exit.ExitCode() > 0 {
		return statusError(exit.ExitCode()) // it has said why
	}
	return err
}
