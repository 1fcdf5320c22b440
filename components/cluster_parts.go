package components

import (
	"fmt"
	"strconv"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/seed-3bc5c20b/azswarm/components/internal/inputs"
	"github.com/seed-3bc5c20b/azswarm/internal/rules"
)

// The arguments of a cluster's parts, from those of the cluster with defaults.

func (a *ClusterArgs) network() *NetworkArgs {
	args := &NetworkArgs{
		AddressSpace:      a.Network,
		AdminCIDRs:        a.AdminCIDRs,
		ResourceGroupName: a.ResourceGroupName,
		Applications:      map[string]ApplicationPort{},
		Orchestrator:      a.Orchestrator,
		ImageCache:        a.imageCache(),
		Spread:            a.Spread,
		FaultDomains:      a.FaultDomains,
		Tags:              a.Tags,
	}
	for _, pool := range a.Workers {
		for _, port := range pool.Ports {
			args.Applications[pool.application(port)] = port
		}
	}
	for _, open := range a.InternalPorts {
		text := strconv.Itoa(open.Port)
		if open.LastPort > open.Port {
			text += "-" + strconv.Itoa(open.LastPort)
		}
		args.InternalPorts = append(args.InternalPorts, text)
	}
	return args
}

// application is what a port of the pool is called in the network.
func (p *ClusterPoolArgs) application(port ApplicationPort) string {
	return fmt.Sprintf("%s-%d-%s", p.Name, port.Port, port.defaulted().Protocol)
}

// imageCache has the images of every worker, before the workers ask.
func (a *ClusterArgs) imageCache() ImageCache {
	if a.Images.Cache == nil {
		return ImageCache{}
	}
	cache := ImageCache{
		Image:    a.Images.Cache,
		Upstream: a.Images.Upstream,
		Preload:  pulumi.StringArray{a.image(a.Consul.Image), a.image(a.Registrator.Image)},
	}
	if a.Orchestrator == Classic {
		cache.Preload = append(cache.Preload, a.image(a.Classic.Image))
	}
	return cache
}

// image is the name an image is pulled by; nil for none.
func (a *ClusterArgs) image(named pulumi.StringInput) pulumi.StringInput {
	if named == nil {
		return nil
	}
	return inputs.MapText(named, func(image string) string { return rules.ImageName(a.Images.Registry, image) })
}

func (a *ClusterArgs) consul(network *Network) *ConsulClusterArgs {
	timeout, _ := time.ParseDuration(a.Consul.ReconnectTimeout) // validated
	return &ConsulClusterArgs{
		Network:           network,
		Servers:           a.Consul.Servers,
		AllowSingleServer: a.Consul.AllowSingleServer,
		Machine:           MachineArgs{VMSize: a.Consul.VMSize},
		Image:             a.image(a.Consul.Image),
		NodeServices:      a.Consul.NodeServices,
		ReconnectTimeout:  timeout,
	}
}

func (a *ClusterArgs) managers(servers *ConsulCluster) *SwarmManagerSetArgs {
	return &SwarmManagerSetArgs{
		Consul:     servers,
		Count:      a.Managers.Count,
		Machine:    MachineArgs{VMSize: a.Managers.VMSize},
		Engine:     a.Engine,
		SwarmImage: a.image(a.Classic.Image),
		Autolock:   a.Managers.Autolock,
		RotateCA:   a.Rotate.DockerCA,
	}
}

func (a *ClusterArgs) pool(pool ClusterPoolArgs, managers *SwarmManagerSet) *WorkerPoolArgs {
	args := &WorkerPoolArgs{
		Managers:         managers,
		Count:            pool.Count,
		Block:            *pool.Block,
		Machine:          MachineArgs{VMSize: pool.VMSize},
		Labels:           pool.Labels,
		RegistratorImage: a.image(a.Registrator.Image),
	}
	for _, port := range pool.Ports {
		args.Applications = append(args.Applications, pool.application(port))
	}
	return args
}
