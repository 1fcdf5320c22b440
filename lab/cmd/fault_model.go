package cmd

import (
	"errors"
	"fmt"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed-3bc5c20b/azswarm/lab/azure"
	"github.com/seed-3bc5c20b/azswarm/lab/cloud"
	"github.com/seed-3bc5c20b/azswarm/lab/session"
)

// newModelFaults are what others do to resources in Azure, without Pulumi learning of it. None works while another command
// has the model in its hands.
func newModelFaults(o *options) []*cobra.Command {
	remove := &cobra.Command{
		Use:   "delete RESOURCE…",
		Short: "Delete resources behind Pulumi's back",
		Long: `delete deletes resources as somebody does in Azure's portal, without Pulumi learning of it. It refuses what Azure refuses, such as
an interface that a machine uses. RESOURCE is an ARM id, or the end of one: networkSecurityGroups/azswarm-workers. Nothing heals it but
"pulumi refresh" and "lab up".`,
		Example: `  lab fault delete virtualMachines/web-1
  lab fault delete virtualNetworks/azswarm/subnets/workers
  lab exec -- pulumi refresh --yes && lab up`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return withModel(c, o, func(a *attached) error {
				for _, name := range args {
					id, err := findResource(a.provider.Resources(), name)
					if err != nil {
						return err
					}
					if err := a.provider.Remove(c.Context(), id); err != nil {
						return fmt.Errorf("delete %s: %w", name, err)
					}
					fmt.Fprintf(c.OutOrStdout(), "deleted %s\n", id)
				}
				return nil
			})
		},
	}
	drift := &cobra.Command{
		Use:   "drift RESOURCE PROPERTY=VALUE…",
		Short: "Change properties of a resource behind Pulumi's back",
		Long: `drift changes what Azure holds of a resource, as a person in Azure's portal, a policy or Azure itself does, without Pulumi learning
of it; no rule of Azure's is asked. RESOURCE is an ARM id, or the end of one. PROPERTY is a path as Pulumi's SDKs name it, such as
networkProfile.networkInterfaces[0].deleteOption; VALUE is text, or JSON where the property is no text, and nothing after the "="
takes the property away. Nothing heals it but another drift, or "pulumi refresh" and "lab up" where azswarm sets the property.`,
		Example: `  lab fault drift virtualMachines/web-0 osProfile.linuxConfiguration.patchSettings.assessmentMode=AutomaticByPlatform
  lab fault drift virtualMachines/web-0 storageProfile.osDisk.diskSizeGB=128 tags.costCenter=42
  lab fault drift networkSecurityGroups/azswarm-workers/securityRules/deny-all access=Allow
  lab exec -- pulumi refresh --yes && lab exec -- pulumi preview --diff`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) < 2 {
				return errors.New("name a resource and what of it changes, as in virtualMachines/web-0 tags.costCenter=42")
			}
			for _, change := range args[1:] {
				if property, _, ok := strings.Cut(change, "="); !ok || property == "" {
					return fmt.Errorf("change %q: must be PROPERTY=VALUE", change)
				}
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			return withModel(c, o, func(a *attached) error {
				id, err := findResource(a.provider.Resources(), args[0])
				if err != nil {
					return err
				}
				for _, change := range args[1:] {
					property, value, _ := strings.Cut(change, "=")
					if err := a.provider.Drift(c.Context(), id, property, value); err != nil {
						return err
					}
					fmt.Fprintf(c.OutOrStdout(), "changed %s: %s\n", id, change)
				}
				return nil
			})
		},
	}
	deallocate := &cobra.Command{
		Use:   "deallocate MACHINE…",
		Short: "Deallocate machines",
		Long: `deallocate shuts machines down and gives their hosts back, as "az vm deallocate" does, which ends what they cost. Azure then leaves
out the type and the size of their disks where it is asked about them. A machine that is replaced is not deallocated.

MACHINE is a name that "lab status" lists, or the machine's in Azure where the lab has no machines.`,
		Example: `  lab fault deallocate web-0 web-1
  lab heal deallocate/web-0 deallocate/web-1`,
		Args: machinesNeeded,
		RunE: func(c *cobra.Command, args []string) error {
			return withModel(c, o, func(a *attached) error {
				for _, name := range args {
					id, err := findResource(a.provider.Resources(), "virtualMachines/"+name)
					if err != nil {
						return err
					}
					if err := a.provider.Deallocate(c.Context(), id); err != nil {
						return fmt.Errorf("deallocate %s: %w", name, err)
					}
					fmt.Fprintf(c.OutOrStdout(), "%s%s: %s\n", deallocatedPrefix, path.Base(id), isDeallocated(id))
				}
				return nil
			})
		},
	}
	for _, c := range []*cobra.Command{remove, drift, deallocate} {
		o.addProgramFlags(c)
	}
	return []*cobra.Command{remove, drift, deallocate}
}

// deallocatedPrefix begins the name of the fault of a deallocated machine.
const deallocatedPrefix = "deallocate/"

func isDeallocated(id string) string { return path.Base(id) + " is deallocated" }

// withModel gives a function the lab with its Azure, as the last program left it.
func withModel(c *cobra.Command, o *options, do func(*attached) error) (err error) {
	lab, err := existing(o)
	if err != nil {
		return err
	}
	if err := o.lastProgram(c, lab); err != nil {
		return err
	}
	a, err := attach(c, o, false)
	if err != nil {
		return err
	}
	defer func() { err = firstError(err, a.Close()) }()
	return do(a)
}

// listDeallocated lists the machines that are deallocated. It only looks: the model may be in other hands.
func listDeallocated(lab *session.Lab) ([]listed, error) {
	if _, err := os.Stat(lab.AzureDir()); err != nil {
		return nil, nil // nothing was ever deployed
	}
	provider, err := azure.New(azure.Options{StateDir: lab.AzureDir(), Cloud: cloud.NewPaper()})
	if err != nil {
		return nil, err
	}
	var all []listed
	for _, id := range provider.Deallocated() {
		all = append(all, listed{deallocatedPrefix + path.Base(id), isDeallocated(id)})
	}
	return all, nil
}

// allocate starts deallocated machines again, by the names of their faults, and returns the names of those that were.
func allocate(c *cobra.Command, o *options, lab *session.Lab, names []string) (started []string, err error) {
	off, err := listDeallocated(lab)
	if err != nil {
		return nil, err
	}
	for _, f := range off {
		if slices.ContainsFunc(names, func(name string) bool { return strings.EqualFold(name, f.name) }) {
			started = append(started, f.name)
		}
	}
	if len(started) == 0 {
		return nil, nil
	}
	return started, withModel(c, o, func(a *attached) error {
		for _, id := range a.provider.Deallocated() {
			if !slices.Contains(started, deallocatedPrefix+path.Base(id)) {
				continue
			}
			if err := a.provider.Allocate(c.Context(), id); err != nil {
				return fmt.Errorf("start %s: %w", path.Base(id), err)
			}
		}
		return nil
	})
}
