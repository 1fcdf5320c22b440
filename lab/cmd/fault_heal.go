package cmd

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed-3bc5c20b/azswarm/lab/containers"
	"github.com/seed-3bc5c20b/azswarm/lab/fault"
	"github.com/seed-3bc5c20b/azswarm/lab/session"
)

// azureKinds are the kinds of faults of Azure itself, by how their names begin.
var azureKinds = []string{"size", "quota", "call", "deallocate"}

func newHeal(o *options) *cobra.Command {
	var everything bool
	c := &cobra.Command{
		Use:   "heal FAULT…",
		Short: "End what \"lab fault\" broke",
		Long: `heal ends faults, by the names that "lab fault list" lists, or all of them. Machines that had no power start, as Azure starts them
again; heal doesn't wait until they are back in their cluster. To heal what is not broken changes nothing.`,
		Example: `  lab heal kill/managers-0 cut/consul/workers
  lab heal --all`,
		Args: func(c *cobra.Command, args []string) error {
			if everything == (len(args) > 0) {
				return fmt.Errorf("name the faults to end, as in `%s stop/managers-0`, or give --all (`lab fault list` lists them)", c.CommandPath())
			}
			for _, name := range args {
				if err := checkFaultName(name); err != nil {
					return err
				}
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			lab, err := existing(o)
			if err != nil {
				return err
			}
			if everything {
				all, err := listFaults(lab)
				if err != nil {
					return err
				}
				for _, f := range all {
					args = append(args, f.name)
				}
			}
			return heal(c, o, lab, args)
		},
	}
	c.Flags().BoolVar(&everything, "all", false, "end all faults of the lab")
	o.addProgramFlags(c)
	return c
}

func checkFaultName(name string) error {
	kind, target, _ := strings.Cut(name, "/")
	if slices.Contains(azureKinds, kind) && target != "" {
		return nil
	}
	return fault.CheckName(name, azureKinds...)
}

// heal ends faults by name.
func heal(c *cobra.Command, o *options, lab *session.Lab, names []string) error {
	var healed fault.Faults
	ofMachines := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return fault.CheckName(name) != nil })
	if len(ofMachines) > 0 { // all at once: a machine may have several
		err := withCloud(o, func(_ *session.Lab, cloud *containers.Cloud) (err error) {
			healed, err = cloud.Heal(c.Context(), ofMachines...)
			return err
		})
		if err != nil {
			return err
		}
	}
	started, err := allocate(c, o, lab, names)
	if err != nil {
		return err
	}
	for _, name := range names {
		_, found := healed.Find(name)
		found = found || slices.ContainsFunc(started, func(f string) bool { return strings.EqualFold(f, name) })
		if !found {
			if found, err = healAzure(lab, name); err != nil {
				return err
			}
		}
		if found {
			fmt.Fprintf(c.OutOrStdout(), "healed %s\n", name)
		} else {
			fmt.Fprintf(c.OutOrStdout(), "%s was not in force\n", name)
		}
	}
	if len(names) == 0 {
		fmt.Fprintln(c.OutOrStdout(), "nothing is broken on purpose")
	}
	return nil
}
