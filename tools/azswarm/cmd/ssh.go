package cmd

import (
	"errors"
	"os/exec"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/access"
)

func newSSH(o *options) *cobra.Command {
	c := &cobra.Command{
		Use:   "ssh [flags] NODE [COMMAND…]",
		Short: "Log in to a machine through the bastion, or run a command there",
		Long: `ssh runs the ssh client with the key and the pinned host keys of the stack's outputs. NODE is a name that "azswarm status" lists,
or "bastion". Options of the ssh client may come before NODE, after "--". Its exit code is handed on.`,
		Example: `  azswarm ssh managers-0
  azswarm ssh web-1 sudo docker ps
  azswarm ssh --stack prod consul-0 sudo journalctl -u docker
  azswarm ssh -- -L 8500:127.0.0.1:8500 consul-0`,
		Args:              atLeastOne("name a machine", "managers-0"),
		ValidArgsFunction: completeNodes(o),
		RunE: func(c *cobra.Command, args []string) error {
			cluster, err := o.cluster(c.Context())
			if err != nil {
				return err
			}
			if err := cluster.outputs.Reachable(); err != nil {
				return err
			}
			if len(args[0]) > 0 && args[0][0] != '-' { // an option's value may look like a name: the ssh client knows
				if _, err := cluster.outputs.Node(args[0]); err != nil {
					return err
				}
			}
			client, err := exec.LookPath("ssh")
			if err != nil {
				return errors.New("there is no ssh client on this machine: install openssh-client")
			}
			return withFiles(cluster.outputs, func(dir string) error {
				return runChild(exec.Command(client, append([]string{"-F", filepath.Join(dir, access.ConfigFile)}, args...)...))
			})
		},
	}
	c.Flags().SetInterspersed(false) // what follows the machine's name belongs to the command
	return c
}

// completeNodes offers the machines of what is saved: asking Pulumi takes seconds.
func completeNodes(o *options) cobra.CompletionFunc {
	return func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveDefault
		}
		cluster, err := o.loadSaved()
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		names := []string{access.BastionName}
		for _, node := range cluster.outputs.Nodes {
			if node.Tier != access.TierBastion {
				names = append(names, node.Name)
			}
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	}
}
