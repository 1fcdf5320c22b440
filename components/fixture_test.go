package components

import (
	"maps"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// cluster is a whole small cluster, which tests vary.
type cluster struct {
	network  NetworkArgs
	consul   ConsulClusterArgs
	managers SwarmManagerSetArgs
	pools    map[string]WorkerPoolArgs
}

func newCluster() *cluster {
	return &cluster{
		network: NetworkArgs{AdminCIDRs: []string{"198.51.100.0/24"}},
		pools:   map[string]WorkerPoolArgs{"web": {Count: 2, Labels: map[string]string{"tier": "web"}}},
	}
}

func (c *cluster) deploy(ctx *pulumi.Context) error {
	network, err := NewNetwork(ctx, "net", &c.network)
	if err != nil {
		return err
	}
	c.consul.Network = network
	consul, err := NewConsulCluster(ctx, "consul", &c.consul)
	if err != nil {
		return err
	}
	c.managers.Network, c.managers.Consul = network, consul
	managers, err := NewSwarmManagerSet(ctx, "managers", &c.managers)
	if err != nil {
		return err
	}
	var pools []*WorkerPool
	for _, name := range slices.Sorted(maps.Keys(c.pools)) {
		args := c.pools[name]
		args.Network, args.Consul, args.Managers = network, consul, managers
		pool, err := NewWorkerPool(ctx, name, &args)
		if err != nil {
			return err
		}
		pools = append(pools, pool)
	}
	_, err = NewOverlayNetwork(ctx, "front", &OverlayNetworkArgs{Managers: managers, Workers: pools})
	return err
}
