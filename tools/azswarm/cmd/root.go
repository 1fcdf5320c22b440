// Package cmd is the azswarm command: what operators do with a cluster that azswarm made, whatever backend has its stack.
package cmd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

// Execute runs the command line and returns the exit code.
func Execute() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return code(newRoot().ExecuteContext(ctx))
}

// statusError is an exit code of a command that has said all there is to say.
type statusError int

func (e statusError) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

// code prints an error and returns the exit code it makes.
func code(err error) int {
	var status statusError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &status):
		return int(status)
	}
	fmt.Fprintln(os.Stderr, "azswarm:", err)
	return 1
}

// atLeastOne wants an argument of a command, and shows with an example what it would be.
func atLeastOne(want, example string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) == 0 {
			return fmt.Errorf("%s, as in `%s %s`", want, c.CommandPath(), example)
		}
		return nil
	}
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "azswarm",
		Short: "Get into a cluster that azswarm made, see how it is, and drain, replace or add machines",
		Long: `azswarm is for those who run a cluster that the azswarm Pulumi program made. It reads the stack's outputs with the Pulumi
CLI, from whatever backend that uses, and reaches the machines over SSH through the bastion, with the keys and pinned host keys of the
outputs. Only "drain", "replace" and "scale" change anything, and ask first.

Without flags, the stack is the one that "pulumi stack select" selected in the working directory. In a lab, put "lab exec --" in front.`,
		Example: `  azswarm access prod                # keys and certificates into files, and how to use them
  azswarm ssh managers-0             # log in to a machine
  azswarm docker node ls             # docker, against the Swarm
  azswarm status                     # is all well?
  azswarm diagnose                   # if not: what a maintainer would ask for, in one file
  azswarm drain web-1                # have a worker's work run elsewhere
  azswarm replace web-1              # a new machine in the place of one
  azswarm scale web 5                # more machines, or fewer`,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	o := &options{}
	root.PersistentFlags().StringVarP(&o.stack.Dir, "cwd", "C", "", "directory of the Pulumi project (default: the working directory)")
	root.PersistentFlags().StringVarP(&o.stack.Name, "stack", "s", "", "stack (default: the one that is selected)")
	root.PersistentFlags().BoolVar(&o.saved, "saved", false, `use what "azswarm access" saved of the stack, without asking Pulumi`)
	root.AddCommand(newAccess(o), newSSH(o), newDocker(o), newConsul(o), newUI(o), newStatus(o), newDiagnose(o), newDrain(o), newReplace(o), newScale(o))
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return fmt.Errorf("%w (see `%s --help`)", err, c.CommandPath())
	})
	return root
}
