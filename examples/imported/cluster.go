package main

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/seed-3bc5c20b/azswarm/components"
)

// cluster is what the rest of the program needs to know of the Swarm.
type cluster struct {
	network  *components.Network
	managers *components.SwarmManagerSet
	web      *components.WorkerPool
}

// newCluster builds a small Swarm: one Consul server and one manager survive nothing, but cost little.
func newCluster(ctx *pulumi.Context, addressSpace string, operators []string) (*cluster, error) {
	web := components.ApplicationPort{Port: 80}
	network, err := components.NewNetwork(ctx, "imported", &components.NetworkArgs{
		AddressSpace: addressSpace,
		AdminCIDRs:   operators,
		Applications: []components.ApplicationPort{web},
	})
	if err != nil {
		return nil, err
	}
	consul, err := components.NewConsulCluster(ctx, "consul", &components.ConsulClusterArgs{
		Network: network, Servers: 1, AllowSingleServer: true,
	})
	if err != nil {
		return nil, err
	}
	managers, err := components.NewSwarmManagerSet(ctx, "managers", &components.SwarmManagerSetArgs{
		Network: network, Consul: consul, Count: 1,
	})
	if err != nil {
		return nil, err
	}
	pool, err := components.NewWorkerPool(ctx, "web", &components.WorkerPoolArgs{
		Network: network, Consul: consul, Managers: managers, Count: 1, Block: 0,
		Labels: map[string]string{"tier": "web"},
		Ports:  []components.ApplicationPort{web},
	})
	if err != nil {
		return nil, err
	}
	_, err = components.NewWorkerPool(ctx, "batch", &components.WorkerPoolArgs{
		Network: network, Consul: consul, Managers: managers, Count: 1, Block: 1,
		Labels: map[string]string{"tier": "batch"},
	})
	if err != nil {
		return nil, err
	}
	return &cluster{network, managers, pool}, nil
}

// export hands out how to get in: by SSH through the bastion, and to the Swarm's API with a certificate.
func (c *cluster) export(ctx *pulumi.Context) {
	ctx.Export("adminUser", c.network.AdminUser)
	ctx.Export("bastion", pulumi.Map{"host": c.network.BastionAddress, "user": c.network.AdminUser})
	ctx.Export("sshPrivateKey", pulumi.ToSecret(c.network.SSHPrivateKey))
	ctx.Export("knownHosts", c.network.KnownHosts())
	nodes := pulumi.MapArray{}
	for _, node := range c.network.Nodes() {
		nodes = append(nodes, pulumi.Map{
			"name": pulumi.String(node.Name), "tier": pulumi.String(node.Tier), "address": pulumi.String(node.Address.String()),
		})
	}
	ctx.Export("nodes", nodes)
	ctx.Export("swarmEndpoint", c.managers.Endpoint)
	ctx.Export("swarmClient", pulumi.ToSecret(pulumi.Map{
		"ca": c.managers.ClientCA, "cert": c.managers.ClientCertificate, "key": c.managers.ClientKey,
	}))
	ctx.Export("webAddress", c.web.PublicAddress)
}
