package cmd

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/seed-3bc5c20b/azswarm/lab/artifacts"
	"github.com/seed-3bc5c20b/azswarm/lab/containers"
)

func newEngine() *cobra.Command {
	return &cobra.Command{
		Use:   "engine",
		Short: "Build the Docker Engine of the classic orchestrator, and say where machines download it",
		Long: `engine builds a static archive of the Docker Engine that classic Swarm needs, unless it is in the cache already, and
prints its URL and its SHA-256 for the stack's configuration. The machines of every lab reach the URL, also of labs
that are up; this machine does not. The archive is laid out like Docker's own of the same version.

Only the classic orchestrator needs it, so "lab up" and "lab build" don't make it.`,
		Example: `  lab engine`,
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			cache, err := cacheDir()
			if err != nil {
				return err
			}
			engine, err := artifacts.EnsureEngine(c.Context(), artifacts.Options{Cache: cache, Progress: c.ErrOrStderr()})
			if err != nil {
				return err
			}
			fmt.Fprintf(c.OutOrStdout(), "url         https://%s/%s\nsha256      %s\n", containers.DownloadsHost, engine.Path, engine.SHA256)
			for _, substitute := range engine.Substituted {
				fmt.Fprintf(c.OutOrStdout(), "substitute  %s\n", substitute)
			}
			return nil
		},
	}
}
