package components

import (
	"maps"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// cluster is a whole small cluster, which tests vary.
type cluster struct {
	network  NetworkArgs
	consul   ConsulClusterArgs
	managers SwarmManagerSetArgs
	pools    map[string]WorkerPoolArgs
	overlay  OverlayNetworkArgs
	without  string // the argument in which a component is not given another
}

func newCluster() *cluster {
	return &cluster{
		network: NetworkArgs{AdminCIDRs: []string{"198.51.100.0/24"}},
		pools:   map[string]WorkerPoolArgs{"web": {Count: 2, Labels: pulumi.StringMap{"tier": pulumi.String("web")}}},
	}
}

// archive is an engine as [Classic] takes it.
var archive = EngineArchive{URL: "https://example.com/docker-20.10.24.tgz", SHA256: strings.Repeat("0a", 32)}

// newClassic is the same cluster with the standalone Swarm.
func newClassic() *cluster {
	c := newCluster()
	c.network.Orchestrator = Classic
	c.managers.Engine = archive
	return c
}

func (c *cluster) deploy(ctx *pulumi.Context) error {
	network, err := NewNetwork(ctx, "net", &c.network)
	if err != nil {
		return err
	}
	if c.without != "network" {
		c.consul.Network = network
	}
	consul, err := NewConsulCluster(ctx, "consul", &c.consul)
	if err != nil {
		return err
	}
	if c.without != "consul" {
		c.managers.Consul = consul
	}
	managers, err := NewSwarmManagerSet(ctx, "managers", &c.managers)
	if err != nil {
		return err
	}
	var pools []*WorkerPool
	for _, name := range slices.Sorted(maps.Keys(c.pools)) {
		args := c.pools[name]
		if c.without != "managers" {
			args.Managers = managers
		}
		pool, err := NewWorkerPool(ctx, name, &args)
		if err != nil {
			return err
		}
		pools = append(pools, pool)
	}
	c.overlay.Managers, c.overlay.Workers = managers, pools
	_, err = NewOverlayNetwork(ctx, "front", &c.overlay)
	return err
}
