package components_test

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/seed-3bc5c20b/azswarm/components"
)

// A whole cluster: every component, in order.
func Example() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		network, err := components.NewNetwork(ctx, "prod", &components.NetworkArgs{
			AddressSpace: "10.20.0.0/16",
			AdminCIDRs:   []string{"198.51.100.0/24"},
			Applications: map[string]components.ApplicationPort{"shop": {Port: 443}},
		})
		if err != nil {
			return err
		}
		consul, err := components.NewConsulCluster(ctx, "consul", &components.ConsulClusterArgs{Network: network, Servers: 3})
		if err != nil {
			return err
		}
		managers, err := components.NewSwarmManagerSet(ctx, "managers", &components.SwarmManagerSetArgs{Consul: consul, Count: 3})
		if err != nil {
			return err
		}
		web, err := components.NewWorkerPool(ctx, "web", &components.WorkerPoolArgs{
			Managers:     managers,
			Count:        5,
			Machine:      components.MachineArgs{VMSize: "Standard_D2as_v5"},
			Labels:       pulumi.StringMap{"tier": pulumi.String("web")},
			Applications: []string{"shop"},
		})
		if err != nil {
			return err
		}
		ctx.Export("address", web.PublicAddress)
		return nil
	})
}
