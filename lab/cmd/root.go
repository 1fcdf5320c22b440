// Package cmd is the lab command: a simulated Azure on this machine's Docker, for the same Pulumi program that
// deploys to the real one.
package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed-3bc5c20b/azswarm/internal/version"
	"github.com/seed-3bc5c20b/azswarm/lab/session"
)

// Execute runs the command line and returns the exit code.
func Execute() int {
	root := newRoot()
	err := root.ExecuteContext(context.Background())
	if err == nil {
		return 0
	}
	// A command that ran and failed has said why; what it told is not repeated, and its exit code is handed on.
	var exit *session.ExitError
	if errors.As(err, &exit) {
		if text := strings.TrimSpace(err.Error()); text != exit.Error() {
			fmt.Fprintln(os.Stderr, "lab:", text)
		}
		return exit.Code
	}
	fmt.Fprintln(os.Stderr, "lab:", err)
	return 1
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "lab",
		Short: "Run azswarm against a simulated Azure on this machine",
		Long: `lab runs the azswarm Pulumi program, unchanged, against a simulated Azure: the real Pulumi engine talks
to stand-ins for its providers, virtual machines are containers on this machine's Docker, and load balancers, NAT,
public addresses and network security groups do what they do in Azure. Nothing is sent to Azure and nothing is paid.

A lab keeps everything in one directory (under XDG_STATE_HOME, or ~/.local/state) and in containers marked as its
own. Between commands nothing runs but those containers.`,
		Example: `  lab up                             # a cluster of the stack "dev"
  lab ssh managers-0                 # log in to one of its machines
  lab exec -- pulumi preview         # any Pulumi command, against the lab
  lab down                           # leave nothing behind`,
		Version:       version.Version,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	o := &options{}
	root.PersistentFlags().StringVar(&o.name, "name", session.DefaultName, "name of the lab; labs of different names live side by side")
	root.AddCommand(newUp(o), newDown(o), newStatus(o), newSSH(o), newLogs(o), newExec(o), newPreview(o), newBuild(o), newEngine(), newFault(o), newHeal(o), newREST(o), newFabric())
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return fmt.Errorf("%w (see `%s --help`)", err, c.CommandPath())
	})
	return root
}

const (
	defaultDir   = "."
	defaultStack = "dev"
	// defaultOperator is reserved for documentation (RFC 5737).
	defaultOperator = "198.51.100.0/24"
)

// dockerHubAuto is the value of --docker-hub that finds out.
const dockerHubAuto = "auto"

// options are the flags that commands share.
type options struct {
	name         string
	dir          string
	stack        string
	operatorCIDR string
	realPlugins  bool
	noMachines   bool
	buildTools   bool
	dockerHub    string
}

// addProgramFlags adds the flags of commands that run the Pulumi program.
func (o *options) addProgramFlags(c *cobra.Command) {
	c.Flags().StringVar(&o.dir, "dir", defaultDir, "directory of the Pulumi project")
	c.Flags().StringVarP(&o.stack, "stack", "s", defaultStack, "stack, as in Pulumi.STACK.yaml")
	c.Flags().StringVar(&o.operatorCIDR, "operator-cidr", defaultOperator,
		"network of the operator's address, where the stack's configuration has no "+session.AdminCIDRsKey)
	c.Flags().BoolVar(&o.realPlugins, "real-plugins", false,
		"use the installed command and docker plugins instead of the lab's stand-ins")
	c.Flags().BoolVar(&o.noMachines, "no-machines", false,
		"run against the model of Azure alone: nothing is started, commands are not run, and Docker isn't needed")
	c.MarkFlagsMutuallyExclusive("no-machines", "real-plugins")
	o.addToolFlags(c)
}

// lastProgram makes the program and stack that the lab was last brought up with those of a command whose flags name none.
func (o *options) lastProgram(c *cobra.Command, lab *session.Lab) error {
	record, err := lab.Record()
	if err != nil {
		return err
	}
	if !c.Flags().Changed("dir") && record.Project != "" {
		o.dir = record.Project
	}
	if !c.Flags().Changed("stack") && record.Stack != "" {
		o.stack = record.Stack
	}
	o.noMachines = record.NoMachines
	return nil
}

// programElsewhere is lastProgram for a command that is called where no project is.
func (o *options) programElsewhere(c *cobra.Command) error {
	if c.Flags().Changed("dir") {
		return nil
	}
	if _, err := os.Stat(filepath.Join(o.dir, "Pulumi.yaml")); err == nil {
		return nil
	}
	lab, err := session.Find(o.name)
	if err != nil || !lab.Exists() {
		return err
	}
	return o.lastProgram(c, lab)
}

func (o *options) addToolFlags(c *cobra.Command) {
	c.Flags().BoolVar(&o.buildTools, "build-tools", false, "build the pinned Pulumi CLI even where one is installed")
	c.Flags().StringVar(&o.dockerHub, "docker-hub", dockerHubAuto,
		"take images from Docker Hub: always; never, but from what is built here; or auto: where it answers")
}

// nameFlag repeats the flag that names the lab, for command lines that are printed.
func (o *options) nameFlag() string {
	if o.name == session.DefaultName {
		return ""
	}
	return " --name " + o.name
}

// programFlags repeats the flags that name the program, its stack and what it runs against.
func (o *options) programFlags() string {
	text := ""
	if o.dir != defaultDir {
		text += " --dir " + o.dir
	}
	if o.stack != defaultStack {
		text += " --stack " + o.stack
	}
	if o.noMachines {
		text += " --no-machines"
	}
	return text
}

// heading separates the parts of a command's output.
func heading(w io.Writer, format string, args ...any) {
	fmt.Fprintf(w, "\n== %s\n", fmt.Sprintf(format, args...))
}
