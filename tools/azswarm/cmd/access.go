package cmd

import (
	"fmt"
	"io"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/access"
	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/gather"
)

func newAccess(o *options) *cobra.Command {
	var name string
	var remove bool
	c := &cobra.Command{
		Use:   "access [STACK]",
		Short: "Put keys, certificates and an ssh configuration into files, and make a docker context",
		Long: `access writes what gets an operator into the machines into a directory that only this user can read: the SSH key, known_hosts, an
ssh_config, and the client certificate of the Swarm's API. Where there is a docker client, it makes a docker context of it. It says
what to do with both, and what is there is refreshed in place: run it again when machines were added or a secret was rotated.

The directory is below XDG_STATE_HOME, or ~/.local/state, and has the stack's name. Two stacks of the same name need a --name for one
of them.`,
		Example: `  azswarm access                     # of the stack that is selected
  azswarm access prod
  azswarm access --cwd ~/clusters/eu --name prod-eu prod
  azswarm access --remove prod       # leave nothing of it on this machine`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: completeSaved,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				if o.stack.Name != "" && o.stack.Name != args[0] {
					return fmt.Errorf("stack %s or %s? name it as an argument or with --stack, not both", args[0], o.stack.Name)
				}
				o.stack.Name = args[0]
			}
			if o.saved {
				return fmt.Errorf("access saves what --saved uses: leave the flag out")
			}
			if remove {
				return removeAccess(c, o, name)
			}
			return saveAccess(c, o, name)
		},
	}
	c.Flags().StringVar(&name, "name", "", "name to save the stack under (default: the stack's)")
	c.Flags().BoolVar(&remove, "remove", false, "delete what was saved of the stack, and its docker context")
	return c
}

func saveAccess(c *cobra.Command, o *options, name string) error {
	cluster, err := o.cluster(c.Context())
	if err != nil {
		return err
	}
	if err := cluster.outputs.Reachable(); err != nil {
		return err
	}
	if name == "" {
		name = cluster.name
	}
	dir, err := accessDir(name)
	if err != nil {
		return err
	}
	before, err := access.Load(dir)
	if err != nil {
		return err
	}
	if before.ResourceGroup != "" && before.ResourceGroup != cluster.outputs.ResourceGroup {
		fmt.Fprintf(c.ErrOrStderr(), "%s had the cluster in resource group %s, and has that in %s now (--name keeps both)\n",
			name, before.ResourceGroup, cluster.outputs.ResourceGroup)
	}
	if err := access.Save(dir, cluster.outputs); err != nil {
		return err
	}
	context, err := putContext(c.Context(), name, cluster.outputs, dir)
	if err != nil {
		// The files are there, and worth more than the context.
		fmt.Fprintf(c.ErrOrStderr(), "no docker context: %v\n", err)
	}
	sayNext(c.OutOrStdout(), name, cluster.outputs, dir, context)
	return nil
}

// sayNext prints commands that can be used as they are.
func sayNext(w io.Writer, name string, outputs access.Outputs, dir string, context bool) {
	manager := aManager(outputs)
	fmt.Fprintf(w, "saved     %s\n\n", dir)
	fmt.Fprintf(w, "log in    azswarm ssh --saved --stack %s %s\n", name, manager)
	fmt.Fprintf(w, "          ssh -F %s %s\n", shellWord(filepath.Join(dir, access.ConfigFile)), manager)
	if context {
		fmt.Fprintf(w, "docker    docker --context %s %s\n", contextName(name), listNodes(outputs))
	} else if hasEndpoint(outputs) {
		fmt.Fprintf(w, "docker    DOCKER_HOST=%s DOCKER_TLS_VERIFY=1 DOCKER_CERT_PATH=%s docker %s\n",
			outputs.SwarmEndpoint, shellWord(filepath.Join(dir, access.DockerDir)), listNodes(outputs))
	}
	fmt.Fprintf(w, "consul    azswarm consul --saved --stack %s members\n", name)
	fmt.Fprintf(w, "remove    azswarm access --remove %s\n", name)
}

// shellWord quotes a path where a shell would read it as something else.
func shellWord(path string) string {
	for _, r := range path {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '/', r == '.', r == '_', r == '-':
		default:
			return gather.Quote(path)
		}
	}
	return path
}

func removeAccess(c *cobra.Command, o *options, name string) error {
	if name == "" {
		var err error
		if name, err = o.stack.ShortName(c.Context()); err != nil {
			return err
		}
	}
	dir, err := accessDir(name)
	if err != nil {
		return err
	}
	if err := access.Remove(dir); err != nil {
		return err
	}
	if err := removeContext(c.Context(), name); err != nil {
		return err
	}
	fmt.Fprintf(c.OutOrStdout(), "nothing of %s is left in %s\n", name, dir)
	return nil
}

// completeSaved offers the stacks that are saved.
func completeSaved(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	names, _ := savedNames()
	return names, cobra.ShellCompDirectiveNoFileComp
}
