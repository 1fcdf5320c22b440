package stacks

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/seed-3bc5c20b/azswarm/components"
	"github.com/seed-3bc5c20b/azswarm/internal/config"
)

// clusterArgs are what the configuration says, as the component takes it.
func clusterArgs(c *config.Config) *components.ClusterArgs {
	args := &components.ClusterArgs{
		AdminCIDRs:   texts(c.AdminCIDRs),
		Network:      c.Network.String(),
		Orchestrator: components.Orchestrator(c.Orchestrator),
		Engine:       components.EngineArchive{URL: c.Engine.URL, SHA256: c.Engine.SHA256},
		Classic:      components.ClusterClassicArgs{Image: named(c.Classic.Image)},
		Spread:       components.Spread(c.Spread),
		FaultDomains: c.FaultDomains,
		Images: components.ClusterImagesArgs{
			Registry: c.Images.Registry,
			Cache:    named(c.Images.Cache),
			Upstream: c.Images.Upstream,
		},
		Consul: components.ClusterConsulArgs{
			Servers:           c.Consul.Servers,
			AllowSingleServer: c.Consul.AllowSingleServer,
			VMSize:            c.Consul.VMSize,
			Image:             named(c.Consul.Image),
			ReconnectTimeout:  c.Consul.ReconnectTimeout.String(),
		},
		Managers: components.ClusterManagersArgs{
			Count:    c.Managers.Count,
			VMSize:   c.Managers.VMSize,
			Autolock: c.Managers.Autolock,
		},
		Registrator: components.ClusterRegistratorArgs{Image: named(c.Registrator.Image)},
		Tags:        pulumi.ToStringMap(c.Tags),
		Rotate:      components.ClusterRotateArgs{DockerCA: c.Rotate["dockerCa"]},
	}
	for _, service := range c.Consul.NodeServices {
		args.Consul.NodeServices = append(args.Consul.NodeServices, components.NodeService(service))
	}
	for _, pool := range c.Workers {
		args.Workers = append(args.Workers, poolArgs(pool))
	}
	for _, open := range c.Internal {
		args.InternalPorts = append(args.InternalPorts, components.ClusterPortsArgs{Port: open.First, LastPort: open.Last})
	}
	return args
}

func poolArgs(pool config.WorkerPool) components.ClusterPoolArgs {
	args := components.ClusterPoolArgs{
		Name:   pool.Name,
		Count:  pool.Count,
		VMSize: pool.VMSize,
		Labels: pulumi.ToStringMap(pool.Labels),
		Block:  &pool.Block,
	}
	for _, port := range pool.Ports {
		args.Ports = append(args.Ports, components.ApplicationPort{
			Port:       port.Port,
			TargetPort: port.TargetPort,
			Protocol:   components.Protocol(port.Protocol),
			Sources:    texts(port.Sources),
		})
	}
	return args
}

// named is an image, if one is.
func named(image string) pulumi.StringInput {
	if image == "" {
		return nil
	}
	return pulumi.String(image)
}

func texts[T fmt.Stringer](values []T) []string {
	var texts []string
	for _, value := range values {
		texts = append(texts, value.String())
	}
	return texts
}
