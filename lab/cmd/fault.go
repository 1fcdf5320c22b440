package cmd

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/seed-3bc5c20b/azswarm/lab/containers"
	"github.com/seed-3bc5c20b/azswarm/lab/fault"
	"github.com/seed-3bc5c20b/azswarm/lab/session"
)

func newFault(o *options) *cobra.Command {
	c := &cobra.Command{
		Use:   "fault",
		Short: "Break something of a running lab on purpose",
		Long: `fault makes machines, racks, networks, disks or Azure itself fail, and keeps them so until "lab heal" ends it: neither
"lab up" nor a reboot of this machine mends anything before. Each fault has a name, which is printed, and which "lab fault list"
lists. To make one that is there already changes nothing.

Faults may be made and healed while another command works, such as "lab up".`,
		Example: `  lab fault kill managers-0              # power loss
  lab fault domain 1                     # a rack fails, with all machines on it
  lab fault cut workers consul           # the subnets don't reach each other
  lab fault call VirtualMachine create   # the next one fails
  lab fault list
  lab heal --all`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newFaultList(o))
	c.AddCommand(newMachineFaults(o)...)
	c.AddCommand(newPlaceFaults(o)...)
	c.AddCommand(newPacketFaults(o)...)
	c.AddCommand(newFaultFill(o), newFaultDropSSH(o))
	c.AddCommand(newAzureFaults(o)...)
	return c
}

func newFaultList(o *options) *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   "List the faults in force",
		Long:    `list shows every fault in force with its name, which is what "lab heal" takes.`,
		Example: `  lab fault list`,
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			lab, err := existing(o)
			if err != nil {
				return err
			}
			all, err := listFaults(lab)
			if err != nil {
				return err
			}
			if len(all) == 0 {
				fmt.Fprintln(c.OutOrStdout(), "nothing is broken on purpose")
			}
			return printFaults(c.OutOrStdout(), all)
		},
	}
}

// listed is a fault as it is listed, of whatever kind.
type listed struct{ name, what string }

// listFaults lists all faults of a lab: those of its machines and those of its Azure.
func listFaults(lab *session.Lab) ([]listed, error) {
	faults, err := fault.Store{Path: containers.FaultsFile(lab.CloudDir())}.List()
	if err != nil {
		return nil, err
	}
	var all []listed
	for _, f := range faults {
		all = append(all, listed{f.Name(), f.String()})
	}
	ofAzure, err := listAzureFaults(lab)
	return append(all, ofAzure...), err
}

// warnOfFaults names the faults in force: they explain much of what goes wrong.
func warnOfFaults(lab *session.Lab, w io.Writer) error {
	all, err := listFaults(lab)
	if err != nil || len(all) == 0 {
		return err
	}
	names := make([]string, len(all))
	for i, f := range all {
		names[i] = f.name
	}
	fmt.Fprintf(w, "broken on purpose, until `lab heal`: %s\n", strings.Join(names, ", "))
	return nil
}

func printFaults(w io.Writer, all []listed) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, f := range all {
		fmt.Fprintf(table, "%s\t%s\n", f.name, f.what)
	}
	return table.Flush()
}

// existing is the lab that a command is about, which must have been set up.
func existing(o *options) (*session.Lab, error) {
	lab, err := session.Find(o.name)
	if err != nil {
		return nil, err
	}
	return lab, lab.Require()
}

// withCloud gives the lab's cloud to a function. It takes no lock: faults come when they like.
func withCloud(o *options, do func(*session.Lab, *containers.Cloud) error) error {
	lab, err := existing(o)
	if err != nil {
		return err
	}
	record, err := lab.Record()
	if err != nil {
		return err
	}
	if record.NoMachines {
		return fmt.Errorf("lab %s has no machines: what can break in it is Azure (size, quota, call, delete, drift, deallocate)", lab.Name)
	}
	cloud, err := containers.New(containers.Options{
		Lab: lab.Name, StateDir: lab.CloudDir(), Executable: lab.Executable(), Public: record.PublicAddresses, Operator: record.Operator,
		NodeImage: "none", // no machine is made
	})
	if err != nil {
		return err
	}
	return cmp.Or(do(lab, cloud), cloud.Close())
}

// breakIt puts faults in force and says what they are.
func breakIt(c *cobra.Command, cloud *containers.Cloud, faults ...fault.Fault) error {
	for _, f := range faults {
		if err := cloud.Fault(c.Context(), f); err != nil {
			return err
		}
		fmt.Fprintf(c.OutOrStdout(), "%s: %s\n", f.Name(), f)
	}
	return nil
}
