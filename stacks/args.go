package stacks

import (
	"net/netip"
	"slices"

	"github.com/seed-3bc5c20b/azswarm/components"
)

func (c *Config) networkArgs() *components.NetworkArgs {
	return &components.NetworkArgs{
		AddressSpace: c.Network.String(),
		AdminCIDRs:   texts(c.AdminCIDRs),
		Applications: c.applications(),
		Spread:       components.Spread(c.Spread),
		Tags:         c.Tags,
		RotateSSH:    c.Rotate["ssh"],
	}
}

func (c *Config) consulArgs(network *components.Network) *components.ConsulClusterArgs {
	return &components.ConsulClusterArgs{
		Network:           network,
		Servers:           c.Consul.Servers,
		AllowSingleServer: c.Consul.AllowSingleServer,
		Machine:           components.MachineArgs{VMSize: c.Consul.VMSize},
		Image:             c.Consul.Image,
		RotateGossip:      c.Rotate["gossip"],
		RotateTokens:      c.Rotate["tokens"],
		RotateCA:          c.Rotate["consulCa"],
	}
}

func (c *Config) managersArgs(network *components.Network, consul *components.ConsulCluster) *components.SwarmManagerSetArgs {
	return &components.SwarmManagerSetArgs{
		Network:      network,
		Consul:       consul,
		Count:        c.Managers.Count,
		Machine:      components.MachineArgs{VMSize: c.Managers.VMSize},
		Orchestrator: components.Orchestrator(c.Orchestrator),
		RotateCA:     c.Rotate["dockerCa"],
	}
}

func (c *Config) poolArgs(pool WorkerPool, network *components.Network, consul *components.ConsulCluster, managers *components.SwarmManagerSet) *components.WorkerPoolArgs {
	return &components.WorkerPoolArgs{
		Network:          network,
		Consul:           consul,
		Managers:         managers,
		Count:            pool.Count,
		Block:            pool.Block,
		Machine:          components.MachineArgs{VMSize: pool.VMSize},
		Labels:           pool.Labels,
		Ports:            pool.applications(),
		RegistratorImage: c.Registrator.Image,
	}
}

// applications are the ports of all pools. Where pools serve the same one, it is opened once, for the sources of each: the
// workers' subnet is one network.
func (c *Config) applications() []components.ApplicationPort {
	type target struct {
		port     int
		protocol components.Protocol
	}
	var all []components.ApplicationPort
	at := map[target]int{}
	for _, pool := range c.Workers {
		for _, port := range pool.applications() {
			key := target{port.Target, port.Protocol}
			if i, open := at[key]; open {
				all[i].Sources = union(all[i].Sources, port.Sources)
				continue
			}
			at[key] = len(all)
			all = append(all, port)
		}
	}
	return all
}

func union(a, b []string) []string {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}

func (p WorkerPool) applications() []components.ApplicationPort {
	var ports []components.ApplicationPort
	for _, port := range p.Ports {
		ports = append(ports, components.ApplicationPort{
			Port: port.Port, Target: port.TargetPort, Protocol: components.Protocol(port.Protocol), Sources: texts(port.Sources),
		})
	}
	return ports
}

func texts(prefixes []netip.Prefix) []string {
	var texts []string
	for _, prefix := range prefixes {
		texts = append(texts, prefix.String())
	}
	return texts
}
