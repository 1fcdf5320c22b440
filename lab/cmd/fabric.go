package cmd

import (
	"os/signal"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"github.com/seed-3bc5c20b/azswarm/lab/containers/fabric"
)

// newFabric is what the lab's router containers run; it is nothing for people.
func newFabric() *cobra.Command {
	c := &cobra.Command{
		Use:    "fabric",
		Short:  "Route a virtual network (runs inside the lab's router containers)",
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			ctx, stop := signal.NotifyContext(c.Context(), unix.SIGINT, unix.SIGTERM)
			defer stop()
			return fabric.Run(ctx)
		},
	}
	c.AddCommand(&cobra.Command{
		Use:   "apply",
		Short: "Put the router's new configuration in force",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return fabric.Apply(c.Context()) },
	})
	return c
}
