// Package stacks turns a stack's configuration into a Swarm.
package stacks

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/seed-3bc5c20b/azswarm/components"
	"github.com/seed-3bc5c20b/azswarm/internal/config"
)

// Deploy is the program: configuration to cluster to outputs.
func Deploy(ctx *pulumi.Context) error {
	settings, err := config.Load(ctx)
	if err != nil {
		return err
	}
	cluster, err := components.NewCluster(ctx, "azswarm", clusterArgs(settings))
	if err != nil {
		return err
	}
	for name, output := range cluster.Outputs() {
		ctx.Export(name, output)
	}
	if settings.Demo {
		return deployDemo(ctx, settings, cluster)
	}
	return nil
}
