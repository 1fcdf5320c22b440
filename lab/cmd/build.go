package cmd

import (
	"fmt"

	"github.com/spf13/cobra"
)

func newBuild(o *options) *cobra.Command {
	c := &cobra.Command{
		Use:   "build",
		Short: "Build what the lab needs, and nothing more",
		Long: `build makes the pinned Pulumi CLI, the image that machines are made of, and the container images that can't be
pulled here, unless they are in the cache already. "lab up" does the same on its way.`,
		Example: `  lab build                    # before going offline
  lab build --build-tools      # the pinned Pulumi CLI even where one is installed`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			set, err := ensureArtifacts(c.Context(), o, "", c.ErrOrStderr())
			if err != nil {
				return err
			}
			fmt.Fprintf(c.OutOrStdout(), "pulumi      %s\nmachines    %s\nregistry    %s\n", set.Pulumi, set.NodeImage, set.Registry)
			for _, substitute := range set.Substituted {
				fmt.Fprintf(c.OutOrStdout(), "substitute  %s\n", substitute)
			}
			return nil
		},
	}
	o.addToolFlags(c)
	return c
}
