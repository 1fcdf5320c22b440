// Package stacks turns a stack's configuration into the components of a Swarm.
package stacks

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/seed-3bc5c20b/azswarm/components"
)

// Deploy is the program: configuration to components to outputs.
func Deploy(ctx *pulumi.Context) error {
	config, err := LoadConfig(ctx)
	if err != nil {
		return err
	}
	network, err := components.NewNetwork(ctx, "azswarm", config.networkArgs())
	if err != nil {
		return err
	}
	consul, err := components.NewConsulCluster(ctx, "consul", config.consulArgs(network))
	if err != nil {
		return err
	}
	managers, err := components.NewSwarmManagerSet(ctx, "managers", config.managersArgs(network, consul))
	if err != nil {
		return err
	}
	var pools []*components.WorkerPool
	for _, pool := range config.Workers {
		workers, err := components.NewWorkerPool(ctx, pool.Name, config.poolArgs(pool, network, consul, managers))
		if err != nil {
			return err
		}
		pools = append(pools, workers)
	}
	export(ctx, config, network, consul, managers, pools)
	if config.Demo {
		return deployDemo(ctx, network, managers, pools)
	}
	return nil
}
