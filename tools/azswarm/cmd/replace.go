package cmd

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/access"
	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/stack"
)

func newReplace(o *options) *cobra.Command {
	var yes bool
	c := &cobra.Command{
		Use:   "replace NODE…",
		Short: "Replace machines by new ones",
		Long: `replace has Pulumi replace machines of the stack: it shows the plan, asks, and shows the progress, as "pulumi up" does, which it
runs in the project's directory. A machine is drained and leaves the cluster before it goes, and its successor has its name and
address; machines of one tier are replaced one after the other. What else the program or its configuration would change is in the same
plan: look at it. After a failure, "pulumi up" goes on where it stopped.`,
		Example: `  azswarm replace web-1
  azswarm replace --stack prod consul-0 consul-1
  azswarm replace --yes web-2`,
		Args:              atLeastOne("name a machine", "web-1"),
		ValidArgsFunction: completeNodes(o),
		RunE: func(c *cobra.Command, args []string) error {
			if o.saved {
				return errors.New("--saved: machines are replaced by Pulumi, in the directory of its project")
			}
			cluster, err := o.cluster(c.Context())
			if err != nil {
				return err
			}
			urns, err := o.machines(c.Context(), cluster.outputs, args)
			if err != nil {
				return err
			}
			arguments := []string{"up"}
			for _, urn := range urns {
				arguments = append(arguments, "--replace", urn)
			}
			if yes {
				arguments = append(arguments, "--yes")
			}
			update, err := o.stack.Command(context.WithoutCancel(c.Context()), arguments...) // an interrupted update ends by itself
			if err != nil {
				return err
			}
			return runChild(update)
		},
	}
	c.Flags().BoolVarP(&yes, "yes", "y", false, "don't ask")
	return c
}

// machines are the URNs of virtual machines, by their names. All that are none are in one error.
func (o *options) machines(ctx context.Context, outputs access.Outputs, names []string) ([]string, error) {
	resources, err := o.stack.Resources(ctx)
	if err != nil {
		return nil, err
	}
	var urns []string
	var failures []error
	for _, name := range names {
		node, err := outputs.Node(name)
		if err != nil {
			failures = append(failures, err)
			continue
		}
		at := slices.IndexFunc(resources, func(r stack.Resource) bool {
			return strings.HasPrefix(r.Type, "azure-native:compute") && strings.HasSuffix(r.URN, ":VirtualMachine::"+node.Name)
		})
		if at < 0 {
			failures = append(failures, fmt.Errorf("node %q: the stack's state has no virtual machine of that name", node.Name))
			continue
		}
		urns = append(urns, resources[at].URN)
	}
	return urns, errors.Join(failures...)
}
