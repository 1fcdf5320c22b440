package cmd

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/access"
	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/proof"
)

// proofTimeout bounds the questions asked of a cluster that has just said it is ready.
const proofTimeout = 2 * time.Minute

func newUp(o *options) *cobra.Command {
	var skipProof bool
	c := &cobra.Command{
		Use:   "up",
		Short: "Bring the cluster up, or to what the program says now",
		Long: `up builds what the lab needs (the first time: several minutes), runs "pulumi up" against the simulated Azure,
and then proves that the cluster works: it logs in through the bastion and asks Consul for its members, a manager for
its nodes, the catalog for the services that Registrator found, and one container for a page of another across the
overlay network.

Run it again after a change; where nothing changed it says so within seconds. After a reboot of this machine, or a
crash, it starts what should be running.

With --no-machines it stops at the model of Azure: everything is checked, named and refused as before, but no machine is
started and no command runs. That takes seconds, and needs no Docker. A lab keeps to one or the other for its whole life.`,
		Example: `  lab up                                   # the stack "dev" of the project in this directory
  lab up --stack prod --name big           # another stack in a lab of its own
  lab up --dir examples/minimal            # another program
  lab up --real-plugins                    # with the installed command and docker plugins
  lab up --no-machines --name paper        # against the model of Azure alone`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) (err error) {
			started := time.Now()
			a, err := attach(c, o, true)
			if err != nil {
				return err
			}
			defer func() { err = firstError(err, a.Close()) }()
			if err := a.provider.Reconcile(c.Context()); err != nil {
				return fmt.Errorf("bring the machines to what the model of Azure says: %w", err)
			}
			if !o.noMachines {
				warnOfKernel(c.ErrOrStderr())
			}
			heading(c.OutOrStdout(), "pulumi up: stack %s of %s, in lab %s", a.Stack, a.Project.Name, a.Lab.Name)
			if !a.Lab.Compiled() {
				fmt.Fprintln(c.OutOrStdout(), "compiling the program; with an empty Go cache, Azure's SDK takes some minutes of that")
			}
			if err := a.Up(c.Context()); err != nil {
				return err
			}
			outputs, err := a.publish(c.Context())
			if err != nil {
				return err
			}
			if !skipProof && !o.noMachines {
				if err := prove(c.Context(), c.OutOrStdout(), outputs); err != nil {
					return err
				}
			}
			a.explain(c.OutOrStdout(), outputs)
			changed := ""
			if a.Unchanged() {
				changed = ": nothing had to change"
			}
			state := "up"
			if o.noMachines {
				state = "up on paper, without machines"
			}
			fmt.Fprintf(c.OutOrStdout(), "\nlab %s is %s%s (%s)\n", a.Lab.Name, state, changed, time.Since(started).Round(time.Second))
			return nil
		},
	}
	o.addProgramFlags(c)
	c.Flags().BoolVar(&skipProof, "skip-proof", false, "don't ask the cluster afterwards whether it works")
	return c
}

// prove asks the cluster whether it works and prints the answers.
func prove(ctx context.Context, w io.Writer, outputs access.Outputs) error {
	if len(outputs.Nodes) == 0 {
		return nil // a program of another kind: there is no cluster to ask
	}
	ctx, cancel := context.WithTimeout(ctx, proofTimeout)
	defer cancel()
	client, err := access.Dial(ctx, outputs)
	if err != nil {
		return fmt.Errorf("pulumi succeeded, but the cluster can't be asked: %w", err)
	}
	defer func() { _ = client.Close() }()
	results, err := proof.Run(ctx, client, outputs)
	heading(w, "proof: asked over SSH through the bastion %s", outputs.Bastion.Host)
	proof.Print(w, results)
	if err != nil {
		failed := slices.DeleteFunc(results, func(result proof.Result) bool { return result.Err == nil })
		return fmt.Errorf("pulumi succeeded, but the cluster is not what it should be: see what FAILED above (%d of the proofs)", len(failed))
	}
	return nil
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
