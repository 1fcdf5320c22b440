package cmd

import (
	"errors"
	"fmt"
	"path"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed-3bc5c20b/azswarm/lab/azure"
	azurefault "github.com/seed-3bc5c20b/azswarm/lab/azure/fault"
	"github.com/seed-3bc5c20b/azswarm/lab/session"
)

// newAzureFaults are the faults of Azure itself.
func newAzureFaults(o *options) []*cobra.Command {
	size := &cobra.Command{
		Use:   "size SIZE…",
		Short: "Sell VM sizes out",
		Long: `size makes Azure refuse new machines of a size, and changes to it, as where it has no more of them (SkuNotAvailable).
Machines that exist stay.`,
		Example: `  lab fault size Standard_B2als_v2
  lab heal size/Standard_B2als_v2`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return withTable(o, func(table azurefault.Table) error {
				for _, size := range args {
					if err := table.RefuseSize(size); err != nil {
						return err
					}
					fmt.Fprintf(c.OutOrStdout(), "size/%s: %s\n", size, soldOut(size))
				}
				return nil
			})
		},
	}
	quota := &cobra.Command{
		Use:   "quota CORES",
		Short: "Limit the virtual CPUs of the region",
		Long: `quota makes Azure refuse what would take the subscription's virtual CPUs in the region beyond so many (OperationNotAllowed).
Machines that exist count, and stay.`,
		Example: `  lab fault quota 8
  lab heal quota/cores`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			cores, err := strconv.Atoi(args[0])
			if err != nil || cores < 0 {
				return fmt.Errorf("quota %q: must be a number of cores, from 0", args[0])
			}
			return withTable(o, func(table azurefault.Table) error {
				if err := table.LimitCores(cores); err != nil {
					return err
				}
				fmt.Fprintf(c.OutOrStdout(), "quota/cores: %s\n", limited(cores))
				return nil
			})
		},
	}
	return append([]*cobra.Command{size, quota, newFaultCall(o)}, newModelFaults(o)...)
}

// answers are what a call can get, by the value of the flag.
var answers = map[string]func() azurefault.Answer{
	"409":     azurefault.Conflict,
	"429":     func() azurefault.Answer { return azurefault.Throttled(20) },
	"500":     azurefault.ServerError,
	"timeout": azurefault.TimedOut,
}

func newFaultCall(o *options) *cobra.Command {
	call := azurefault.Call{Count: 1}
	var answer string
	c := &cobra.Command{
		Use:   "call [TYPE [OPERATION]]",
		Short: "Make the next calls to Azure fail",
		Long: `call makes requests to Azure fail: the next one, or as many as --times says, of resources of TYPE (VirtualMachine,
compute:VirtualMachine or Microsoft.Compute/virtualMachines; "any" and by default any) and of OPERATION (create, read, update,
delete; by default any).

--error is what the request gets: 409 (another operation is in progress), 429 (too many requests, with Retry-After), 500, or timeout
(the change is made, and then nobody answers). Pulumi's provider repeats what gets the first three, and an update only takes longer;
with --insist its repetitions fail too, and the update with them.`,
		Example: `  lab fault call VirtualMachine create --error 429 --times 3
  lab fault call NetworkInterface --name web-1 --error 500 --insist
  lab heal call/1`,
		Args: cobra.MaximumNArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			with, known := answers[answer]
			if !known {
				return fmt.Errorf("--error %s: must be 409, 429, 500 or timeout", answer)
			}
			if call.Count < 1 {
				return fmt.Errorf("--times %d: must be 1 or more", call.Count)
			}
			call.Answer = with()
			if len(args) > 0 && args[0] != "any" {
				call.Type = args[0]
			}
			if len(args) > 1 {
				call.Operation = azurefault.Operation(args[1])
			}
			return withTable(o, func(table azurefault.Table) error {
				id, err := table.Add(call)
				if err != nil {
					return err
				}
				fmt.Fprintf(c.OutOrStdout(), "call/%d: %s\n", id, calls(call))
				return nil
			})
		},
	}
	c.Flags().StringVar(&answer, "error", "500", "what the calls get: 409, 429, 500 or timeout")
	c.Flags().IntVar(&call.Count, "times", 1, "how many calls fail")
	c.Flags().IntVar(&call.Skip, "skip", 0, "how many calls pass first")
	c.Flags().StringVar(&call.Name, "name", "", "only calls about the resource with this name in Azure")
	c.Flags().BoolVar(&call.Insist, "insist", false, "fail the provider's repetitions of a call too")
	return c
}

// findResource finds a resource of the model by its ARM id or the end of it. Subnets and security rules are found by their
// parent's.
func findResource(resources []azure.Resource, name string) (string, error) {
	end := "/" + strings.ToLower(strings.Trim(name, "/"))
	var found []string
	for _, r := range resources {
		if strings.HasSuffix(strings.ToLower(r.ID), end) {
			found = append(found, r.ID)
		}
	}
	if parent := path.Dir(path.Dir(end)); len(found) == 0 && strings.Count(parent, "/") > 1 {
		id, err := findResource(resources, parent)
		if err == nil {
			return id + "/" + path.Base(path.Dir(strings.Trim(name, "/"))) + "/" + path.Base(name), nil
		}
	}
	switch len(found) {
	case 0:
		var all []string
		for _, r := range resources {
			all = append(all, path.Base(path.Dir(r.ID))+"/"+path.Base(r.ID))
		}
		return "", fmt.Errorf("no resource %q: there are %s", name, strings.Join(all, ", "))
	case 1:
		return found[0], nil
	}
	return "", fmt.Errorf("resource %q: which of %s?", name, strings.Join(found, ", "))
}

// withTable gives the table of the lab's Azure to a function.
func withTable(o *options, do func(azurefault.Table) error) error {
	lab, err := existing(o)
	if err != nil {
		return err
	}
	return do(azurefault.NewTable(lab.AzureDir()))
}

// listAzureFaults lists what is wrong with the lab's Azure.
func listAzureFaults(lab *session.Lab) ([]listed, error) {
	set, err := azurefault.NewTable(lab.AzureDir()).Load()
	if err != nil {
		return nil, err
	}
	var all []listed
	for _, size := range set.Limits.SoldOut {
		all = append(all, listed{"size/" + size, soldOut(size)})
	}
	if set.Limits.Cores != nil {
		all = append(all, listed{"quota/cores", limited(*set.Limits.Cores)})
	}
	for _, call := range set.Calls {
		if call.Count != 0 {
			all = append(all, listed{fmt.Sprintf("call/%d", call.ID), calls(call)})
		}
	}
	off, err := listDeallocated(lab)
	return append(all, off...), err
}

func soldOut(size string) string { return "machines of size " + size + " are sold out" }
func limited(cores int) string   { return fmt.Sprintf("the region's quota is %d cores", cores) }

func calls(c azurefault.Call) string {
	what := strings.TrimSpace(strings.Join([]string{c.Type, string(c.Operation), c.Name}, " "))
	if what == "" {
		what = "any"
	}
	return fmt.Sprintf("%d calls (%s) get: %v", c.Count, what, c.Answer.Error())
}

// healAzure ends a fault of the lab's Azure, and tells whether it was in force.
func healAzure(lab *session.Lab, name string) (bool, error) {
	table := azurefault.NewTable(lab.AzureDir())
	all, err := listAzureFaults(lab)
	if err != nil {
		return false, err
	}
	for _, f := range all {
		if !strings.EqualFold(f.name, name) {
			continue
		}
		kind, target, _ := strings.Cut(f.name, "/")
		switch kind {
		case "size":
			return true, table.AllowSize(target)
		case "quota":
			return true, table.LiftQuota()
		case "call":
			id, err := strconv.Atoi(target)
			return true, errors.Join(err, table.Clear(id))
		}
	}
	return false, nil
}
