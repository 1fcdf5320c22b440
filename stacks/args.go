package stacks

import (
	"fmt"
	"slices"

	"github.com/seed-3bc5c20b/azswarm/components"
	"github.com/seed-3bc5c20b/azswarm/internal/config"
)

func networkArgs(c *config.Config) *components.NetworkArgs {
	return &components.NetworkArgs{
		AddressSpace:  c.Network.String(),
		AdminCIDRs:    texts(c.AdminCIDRs),
		Applications:  applications(c),
		InternalPorts: texts(c.Internal),
		Orchestrator:  components.Orchestrator(c.Orchestrator),
		ImageCache:    c.Images.Cache != "",
		Spread:        components.Spread(c.Spread),
		FaultDomains:  c.FaultDomains,
		Tags:          c.Tags,
	}
}

func consulArgs(c *config.Config, network *components.Network) *components.ConsulClusterArgs {
	return &components.ConsulClusterArgs{
		Network:           network,
		Servers:           c.Consul.Servers,
		AllowSingleServer: c.Consul.AllowSingleServer,
		Machine:           components.MachineArgs{VMSize: c.Consul.VMSize},
		Image:             c.Consul.Image,
		NodeServices:      nodeServices(c),
		ReconnectTimeout:  c.Consul.ReconnectTimeout,
	}
}

func nodeServices(c *config.Config) []components.NodeService {
	var services []components.NodeService
	for _, service := range c.Consul.NodeServices {
		services = append(services, components.NodeService(service))
	}
	return services
}

func managersArgs(c *config.Config, network *components.Network, consul *components.ConsulCluster) *components.SwarmManagerSetArgs {
	return &components.SwarmManagerSetArgs{
		Network:      network,
		Consul:       consul,
		Count:        c.Managers.Count,
		Machine:      components.MachineArgs{VMSize: c.Managers.VMSize},
		Orchestrator: components.Orchestrator(c.Orchestrator),
		Engine:       components.EngineArchive{URL: c.Engine.URL, SHA256: c.Engine.SHA256},
		SwarmImage:   c.Classic.Image,
		ImageCache:   imageCache(c),
		RotateCA:     c.Rotate["dockerCa"],
		Autolock:     c.Managers.Autolock,
	}
}

// imageCache has the images of every worker, before the workers ask.
func imageCache(c *config.Config) components.ImageCache {
	if c.Images.Cache == "" {
		return components.ImageCache{}
	}
	cache := components.ImageCache{Image: c.Images.Cache, Upstream: c.Images.Upstream, Preload: []string{c.Consul.Image, c.Registrator.Image}}
	if c.Classic.Image != "" {
		cache.Preload = append(cache.Preload, c.Classic.Image)
	}
	return cache
}

func poolArgs(c *config.Config, pool config.WorkerPool, network *components.Network, consul *components.ConsulCluster, managers *components.SwarmManagerSet) *components.WorkerPoolArgs {
	return &components.WorkerPoolArgs{
		Network:          network,
		Consul:           consul,
		Managers:         managers,
		Count:            pool.Count,
		Block:            pool.Block,
		Machine:          components.MachineArgs{VMSize: pool.VMSize},
		Labels:           pool.Labels,
		Ports:            poolPorts(pool),
		RegistratorImage: c.Registrator.Image,
	}
}

// applications are the ports of all pools. Pools that serve the same one open it once: the workers' subnet is one network,
// and the configuration has the same sources for it everywhere.
func applications(c *config.Config) []components.ApplicationPort {
	var all []components.ApplicationPort
	for _, pool := range c.Workers {
		for _, port := range poolPorts(pool) {
			open := slices.ContainsFunc(all, func(other components.ApplicationPort) bool {
				return other.Target == port.Target && other.Protocol == port.Protocol
			})
			if !open {
				all = append(all, port)
			}
		}
	}
	return all
}

func poolPorts(p config.WorkerPool) []components.ApplicationPort {
	var ports []components.ApplicationPort
	for _, port := range p.Ports {
		ports = append(ports, components.ApplicationPort{
			Port: port.Port, Target: port.TargetPort, Protocol: components.Protocol(port.Protocol), Sources: texts(port.Sources),
		})
	}
	return ports
}

func texts[T fmt.Stringer](values []T) []string {
	var texts []string
	for _, value := range values {
		texts = append(texts, value.String())
	}
	return texts
}
