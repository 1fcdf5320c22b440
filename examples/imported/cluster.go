package main

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/seed-3bc5c20b/azswarm/components"
)

// newCluster builds a small Swarm: one Consul server and one manager survive nothing, but cost little.
func newCluster(ctx *pulumi.Context, addressSpace string, operators []string) (*components.Cluster, error) {
	return components.NewCluster(ctx, "imported", &components.ClusterArgs{
		AdminCIDRs: operators,
		Network:    addressSpace,
		Consul: components.ClusterConsulArgs{
			Servers:           1,
			AllowSingleServer: true,
		},
		Managers: components.ClusterManagersArgs{Count: 1},
		Workers: []components.ClusterPoolArgs{
			{
				Name:   "web",
				Count:  1,
				Labels: pulumi.StringMap{"tier": pulumi.String("web")},
				Ports:  []components.ApplicationPort{{Port: 80}},
			},
			{
				Name:   "batch",
				Count:  1,
				Labels: pulumi.StringMap{"tier": pulumi.String("batch")},
			},
		},
	})
}

// export hands out how to get in: by SSH through the bastion, and to the Swarm's API with a certificate.
func export(ctx *pulumi.Context, swarm *components.Cluster) {
	for name, output := range swarm.Outputs() {
		ctx.Export(name, output)
	}
	ctx.Export("webAddress", swarm.PoolAddresses.MapIndex(pulumi.String("web")))
}
