package cmd

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"
	"golang.org/x/term"

	"github.com/seed-3bc5c20b/azswarm/lab/session"
	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/access"
)

func newSSH(o *options) *cobra.Command {
	var console bool
	c := &cobra.Command{
		Use:   "ssh [flags] NODE [COMMAND…]",
		Short: "Log in to a machine through the bastion, or run a command there",
		Long: `ssh connects as an operator does: to the bastion, and through it to the machine, with the key and the pinned host
keys of the stack's outputs. NODE is a name that "lab status" lists, or "bastion".

With --console it takes the way that Azure calls the serial console: a root shell in the machine whether or not its
network and sshd work.`,
		Example: `  lab ssh managers-0
  lab ssh managers-0 sudo docker node ls
  lab ssh --console consul-1 journalctl -b`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return fmt.Errorf("name a machine, as in `%s managers-0` (`lab status` lists them)", c.CommandPath())
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			lab, err := session.Find(o.name)
			if err != nil {
				return err
			}
			if err := requireMachines(lab); err != nil {
				return err
			}
			if console {
				return runConsole(c, lab, args[0], args[1:])
			}
			return runSSH(lab, args[0], args[1:])
		},
	}
	c.Flags().BoolVar(&console, "console", false, "a root shell that needs neither network nor sshd")
	c.Flags().SetInterspersed(false) // what follows the machine's name belongs to the command
	return c
}

// runSSH becomes the ssh client.
func runSSH(lab *session.Lab, node string, command []string) error {
	outputs, err := access.Load(lab.AccessDir())
	if err != nil {
		return err
	}
	if err := outputs.Reachable(); err != nil {
		return err
	}
	if node != access.BastionName {
		if _, err := outputs.Node(node); err != nil {
			return err
		}
	}
	path, err := exec.LookPath("ssh")
	if err != nil {
		return errors.New("there is no ssh client on this machine: install openssh-client, or use `lab ssh --console`")
	}
	config := filepath.Join(lab.AccessDir(), access.ConfigFile)
	args := append([]string{"ssh", "-F", config, node}, command...)
	return fmt.Errorf("start ssh: %w", unix.Exec(path, args, os.Environ()))
}

// runConsole becomes `docker exec` in the machine.
func runConsole(c *cobra.Command, lab *session.Lab, node string, command []string) error {
	machine, err := findMachine(c.Context(), lab, node)
	if err != nil {
		return err
	}
	if len(command) == 0 {
		command = []string{"/bin/bash", "-l"}
	} else {
		// As ssh does it: the words are joined and read by a shell.
		command = []string{"/bin/bash", "-lc", strings.Join(command, " ")}
	}
	return dockerExec(machine.Container, command...)
}

// dockerExec becomes `docker exec`.
func dockerExec(container string, command ...string) error {
	path, err := exec.LookPath("docker")
	if err != nil {
		return errors.New("there is no docker client on this machine")
	}
	args := []string{"docker", "exec", "--interactive"}
	if term.IsTerminal(int(os.Stdin.Fd())) && term.IsTerminal(int(os.Stdout.Fd())) {
		args = append(args, "--tty")
	}
	args = append(append(args, container), command...)
	return fmt.Errorf("start docker: %w", unix.Exec(path, args, os.Environ()))
}
