// Package stacks turns a stack's configuration into the components of a Swarm.
package stacks

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/seed-3bc5c20b/azswarm/components"
	"github.com/seed-3bc5c20b/azswarm/internal/config"
)

// Deploy is the program: configuration to components to outputs.
func Deploy(ctx *pulumi.Context) error {
	config, err := config.Load(ctx)
	if err != nil {
		return err
	}
	network, err := components.NewNetwork(ctx, "azswarm", networkArgs(config))
	if err != nil {
		return err
	}
	consul, err := components.NewConsulCluster(ctx, "consul", consulArgs(config, network))
	if err != nil {
		return err
	}
	managers, err := components.NewSwarmManagerSet(ctx, "managers", managersArgs(config, network, consul))
	if err != nil {
		return err
	}
	var pools []*components.WorkerPool
	for _, pool := range config.Workers {
		workers, err := components.NewWorkerPool(ctx, pool.Name, poolArgs(config, pool, network, consul, managers))
		if err != nil {
			return err
		}
		pools = append(pools, workers)
	}
	export(ctx, config, network, consul, managers, pools)
	if config.Demo {
		return deployDemo(ctx, config, network, managers, pools)
	}
	return nil
}
