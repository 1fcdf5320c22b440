package components_test

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/seed-3bc5c20b/azswarm/components"
	"github.com/seed-3bc5c20b/azswarm/internal/graphtest"
)

// run is pulumi.Run for examples: against mocks, whose public addresses are all the same.
func run(program pulumi.RunFunc) {
	if err := pulumi.RunErr(program, pulumi.WithMocks("azswarm", "example", &graphtest.Graph{})); err != nil {
		fmt.Println(err)
	}
}

// show prints an output, where a program would export it.
func show(name string, output pulumi.StringOutput) {
	output.ApplyT(func(text string) string {
		fmt.Println(name+":", text)
		return text
	})
}

// joined makes a line of a list.
func joined(texts pulumi.StringArrayOutput) pulumi.StringOutput {
	return texts.ApplyT(func(texts []string) string { return strings.Join(texts, " ") }).(pulumi.StringOutput)
}

// A whole cluster from what a stack's configuration says.
func ExampleNewCluster() {
	run(func(ctx *pulumi.Context) error {
		cluster, err := components.NewCluster(ctx, "prod", &components.ClusterArgs{
			AdminCIDRs: []string{"198.51.100.0/24"},
			Workers: []components.ClusterPoolArgs{{
				Name:   "web",
				Count:  3,
				Labels: pulumi.StringMap{"tier": pulumi.String("web")},
				Ports:  []components.ApplicationPort{{Port: 443}},
			}},
		})
		if err != nil {
			return err
		}
		show("Swarm API", cluster.SwarmEndpoint)
		return nil
	})
	// Output: Swarm API: tcp://203.0.113.10:2376
}

// A network with a port that is open to users, for a pool that serves it.
func ExampleNewNetwork() {
	run(func(ctx *pulumi.Context) error {
		network, err := components.NewNetwork(ctx, "prod", &components.NetworkArgs{
			AdminCIDRs:   []string{"198.51.100.0/24"},
			Applications: map[string]components.ApplicationPort{"shop": {Port: 443}},
		})
		if err != nil {
			return err
		}
		show("bastion", network.BastionAddress)
		return nil
	})
	// Output: bastion: 203.0.113.10
}

// Consul servers in a network.
func ExampleNewConsulCluster() {
	run(func(ctx *pulumi.Context) error {
		network, err := components.NewNetwork(ctx, "prod", &components.NetworkArgs{AdminCIDRs: []string{"198.51.100.0/24"}})
		if err != nil {
			return err
		}
		servers, err := components.NewConsulCluster(ctx, "consul", &components.ConsulClusterArgs{
			Network: network,
			Servers: 3,
		})
		if err != nil {
			return err
		}
		show("servers", joined(servers.Addresses))
		return nil
	})
	// Output: servers: 10.20.1.4 10.20.1.5 10.20.1.6
}

// Managers of a Swarm, which Consul coordinates.
func ExampleNewSwarmManagerSet() {
	run(func(ctx *pulumi.Context) error {
		network, err := components.NewNetwork(ctx, "prod", &components.NetworkArgs{AdminCIDRs: []string{"198.51.100.0/24"}})
		if err != nil {
			return err
		}
		servers, err := components.NewConsulCluster(ctx, "consul", &components.ConsulClusterArgs{Network: network})
		if err != nil {
			return err
		}
		managers, err := components.NewSwarmManagerSet(ctx, "managers", &components.SwarmManagerSetArgs{
			Consul:   servers,
			Count:    3,
			Autolock: true,
		})
		if err != nil {
			return err
		}
		show("Swarm API", managers.Endpoint)
		return nil
	})
	// Output: Swarm API: tcp://203.0.113.10:2376
}

// Another pool of workers beside those of a cluster.
func ExampleNewWorkerPool() {
	run(func(ctx *pulumi.Context) error {
		cluster, err := components.NewCluster(ctx, "prod", &components.ClusterArgs{AdminCIDRs: []string{"198.51.100.0/24"}})
		if err != nil {
			return err
		}
		batch, err := components.NewWorkerPool(ctx, "batch", &components.WorkerPoolArgs{
			Managers: cluster.Managers(),
			Count:    2,
			Machine:  components.MachineArgs{VMSize: "Standard_D4as_v5"},
			Labels:   pulumi.StringMap{"tier": pulumi.String("batch")},
		})
		if err != nil {
			return err
		}
		show("workers", joined(batch.Addresses))
		return nil
	})
	// Output: workers: 10.20.128.4 10.20.128.5
}

// A network for the containers of a pool, to which services are attached by its id.
func ExampleNewOverlayNetwork() {
	run(func(ctx *pulumi.Context) error {
		cluster, err := components.NewCluster(ctx, "prod", &components.ClusterArgs{
			AdminCIDRs: []string{"198.51.100.0/24"},
			Workers:    []components.ClusterPoolArgs{{Name: "web", Count: 2}},
		})
		if err != nil {
			return err
		}
		front, err := components.NewOverlayNetwork(ctx, "front", &components.OverlayNetworkArgs{
			Managers: cluster.Managers(),
			Workers:  cluster.Pools(),
			Subnet:   "10.100.0.0/24",
		})
		if err != nil {
			return err
		}
		show("network", front.NetworkID)
		return nil
	})
}
