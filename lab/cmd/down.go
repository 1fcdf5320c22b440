package cmd

import (
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-3bc5c20b/azswarm/lab/session"
)

func newDown(o *options) *cobra.Command {
	var destroy, keepCache, purge bool
	c := &cobra.Command{
		Use:   "down",
		Short: "Remove the lab, leaving nothing behind",
		Long: `down removes the lab's machines, routers and networks, the model of Azure, and the Pulumi state: no container,
network, address, firewall rule, process or file stays. It needs no working program or state for that, and may be
run again at any time.

What was built (the Pulumi CLI, images) is shared by all labs and kept for the next one, unless --purge is given.
With --destroy, "pulumi destroy" runs first, to see that it works.`,
		Example: `  lab down
  lab down --name big
  lab down --destroy           # in order, as against the real Azure, and then the rest
  lab down --purge             # what was built as well`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if purge && c.Flags().Changed("keep-cache") && keepCache {
				return fmt.Errorf("--purge removes the cache that --keep-cache keeps: give one of them")
			}
			lab, err := session.Find(o.name)
			if err != nil {
				return err
			}
			if destroy && lab.Exists() {
				if err := destroyStack(c, o, lab); err != nil {
					return fmt.Errorf("%w (nothing else was removed: `lab down` without --destroy needs no working program)", err)
				}
			}
			if err := remove(c, lab); err != nil {
				return err
			}
			if purge || c.Flags().Changed("keep-cache") && !keepCache {
				return purgeCache(c)
			}
			return nil
		},
	}
	o.addProgramFlags(c)
	c.Flags().BoolVar(&destroy, "destroy", false, "run `pulumi destroy` first")
	c.Flags().BoolVar(&keepCache, "keep-cache", true, "keep what was built for the next lab")
	c.Flags().BoolVar(&purge, "purge", false, "remove what was built as well")
	return c
}

// destroyStack runs pulumi destroy on the stack the lab was last brought up with, unless flags name another.
func destroyStack(c *cobra.Command, o *options, lab *session.Lab) (err error) {
	if err := o.lastProgram(c, lab); err != nil {
		return err
	}
	a, err := attach(c, o, false)
	if err != nil {
		return err
	}
	defer func() { err = firstError(err, a.Close()) }()
	heading(c.OutOrStdout(), "pulumi destroy: stack %s of %s, in lab %s", a.Stack, a.Project.Name, a.Lab.Name)
	return a.Destroy(c.Context())
}

// remove takes away all there is of the lab and says what that was.
func remove(c *cobra.Command, lab *session.Lab) error {
	started, ctx := time.Now(), c.Context()
	lock, err := lab.Lock(c.CommandPath())
	if err != nil {
		return err
	}
	defer lock.Release()
	if err := endLeftovers(c, lab); err != nil {
		return err
	}
	// A lab without machines needs no Docker, not even to be removed.
	if record, err := lab.Record(); err == nil && record.NoMachines {
		if err := lab.Remove(); err != nil {
			return err
		}
		fmt.Fprintf(c.OutOrStdout(), "removed lab %s, which had no machines, and its state in %s\n", lab.Name, lab.Dir)
		return nil
	}
	before, err := countObjects(ctx, lab)
	if err != nil {
		return err
	}
	_, statErr := os.Stat(lab.Dir)
	if before == (leftovers{}) && os.IsNotExist(statErr) {
		fmt.Fprintf(c.OutOrStdout(), "there is no lab %s: nothing to remove\n", lab.Name)
		return nil
	}
	if err := lab.Create(); err != nil { // containers may be there without their state
		return err
	}
	cloud, err := oldCloud(lab)
	if err != nil {
		return err
	}
	defer func() { _ = cloud.Close() }()
	if err := cloud.Down(ctx); err != nil {
		return err
	}
	if err := lab.Remove(); err != nil {
		return err
	}
	after, err := countObjects(ctx, lab)
	if err != nil {
		return err
	}
	if after != (leftovers{}) {
		return fmt.Errorf("lab %s: %d machines, %d routers and %d networks are still there: run `lab down` again",
			lab.Name, after.machines, after.routers, after.networks)
	}
	fmt.Fprintf(c.OutOrStdout(), "removed lab %s: %d machines, %d routers, %d networks, and its state in %s (%s)\n",
		lab.Name, before.machines, before.routers, before.networks, lab.Dir, time.Since(started).Round(100*time.Millisecond))
	return nil
}

func purgeCache(c *cobra.Command) error {
	dir, err := cacheDir()
	if err != nil {
		return err
	}
	if err := removeImages(c.Context()); err != nil {
		return err
	}
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("remove what was built: %w", err)
	}
	fmt.Fprintf(c.OutOrStdout(), "removed what was built, in %s\n", dir)
	return nil
}
