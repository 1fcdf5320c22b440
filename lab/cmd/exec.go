package cmd

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/seed-3bc5c20b/azswarm/lab/session"
)

func newExec(o *options) *cobra.Command {
	c := &cobra.Command{
		Use:   "exec [flags] -- COMMAND [ARGUMENT…]",
		Short: "Run any command, such as pulumi preview, against the lab",
		Long: `exec runs a command while the lab's providers run, with an environment in which the Pulumi CLI acts on the lab:
its backend, its passphrase, its providers. The command's exit code becomes the lab's.

The command runs in the project's directory and on the stack named by --stack (or by --stack after the command
"pulumi"). Outside of any project, they are those that the lab was last brought up with. The configuration it reads is a
copy of Pulumi.STACK.yaml; what "pulumi config set" changes in the copy is used until the project's file changes.`,
		Example: `  lab exec -- pulumi preview --diff
  lab exec -- pulumi refresh --yes
  lab exec --stack prod -- pulumi config set azswarm:workers 5
  lab exec -- pulumi stack output --show-secrets sshPrivateKey
  lab exec -- bash                    # a shell in which pulumi means the lab`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return fmt.Errorf("name the command to run, as in `%s -- pulumi preview`", c.CommandPath())
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) (err error) {
			if err := o.programElsewhere(c); err != nil {
				return err
			}
			if stack, named := session.StackArgument(args); named && !c.Flags().Changed("stack") {
				o.stack = stack
			}
			a, err := attach(c, o, false)
			if err != nil {
				return err
			}
			defer func() { err = firstError(err, a.Close()) }()
			interactive := term.IsTerminal(int(os.Stdin.Fd()))
			if err := a.Run(c.Context(), a.Project.Dir, interactive, args...); err != nil {
				return err
			}
			if filepath.Base(args[0]) != "pulumi" || !a.HasStack() || !a.Owns(a.record) {
				return nil
			}
			_, err = a.publish(c.Context()) // the command may have changed who can be reached, and how
			return err
		},
	}
	o.addProgramFlags(c)
	// What follows the command belongs to it, with or without the dashes in between.
	c.Flags().SetInterspersed(false)
	return c
}
