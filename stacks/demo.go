package stacks

import (
	"github.com/pulumi/pulumi-docker/sdk/v4/go/docker"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/seed-3bc5c20b/azswarm/components"
	"github.com/seed-3bc5c20b/azswarm/internal/config"
	"github.com/seed-3bc5c20b/azswarm/internal/ports"
)

// The demonstration: two containers on two workers that talk to each other over an overlay network.
const (
	demoNetwork = "overlayCottonCandy"
	demoServer  = "nginx_test"
	demoClient  = "client_test"
	demoImage   = "nginx:1.28"
	demoPort    = 8000 // where the server's worker publishes it, for Registrator to register
)

// demoContainer is a container of the demonstration, whatever runs it.
type demoContainer struct {
	name, worker string
	image        pulumi.StringInput
	command      []string // nil: the image's
	published    int      // port of the worker for port 80 of the container; 0 for none
}

// deployDemo runs the demonstration on the first two workers.
func deployDemo(ctx *pulumi.Context, settings *config.Config, cluster *components.Cluster) error {
	overlay, err := components.NewOverlayNetwork(ctx, "demo", &components.OverlayNetworkArgs{
		Managers:    cluster.Managers(),
		Workers:     cluster.Pools(),
		NetworkName: demoNetwork,
	})
	if err != nil {
		return err
	}
	provider, err := cluster.Managers().DockerProvider(ctx)
	if err != nil {
		return err
	}
	var workers []string
	for _, node := range cluster.Network().Nodes() {
		if node.Tier == string(ports.Workers) {
			workers = append(workers, node.Name)
		}
	}
	deploy := demoContainer.service
	if settings.Orchestrator == string(components.Classic) {
		deploy = demoContainer.container
	}
	image, err := cluster.Managers().PinImage(ctx, "demo-image", settings.Images.Name(demoImage))
	if err != nil {
		return err
	}
	for _, c := range []demoContainer{
		{name: demoServer, image: image, worker: workers[0], published: demoPort},
		{name: demoClient, image: image, worker: workers[1], command: []string{"sleep", "infinity"}},
	} {
		if err := deploy(c, ctx, overlay, pulumi.Provider(provider), pulumi.Parent(overlay), cluster.Network().DeletedTogether()); err != nil {
			return err
		}
	}
	ctx.Export("demo", pulumi.Map{
		"network": pulumi.String(demoNetwork), "server": pulumi.String(demoServer), "client": pulumi.String(demoClient),
		"clientNode": pulumi.String(workers[1]), "url": pulumi.String("http://" + demoServer + "/"),
	})
	return nil
}

// service registers it as a service of one task.
func (c demoContainer) service(ctx *pulumi.Context, overlay *components.OverlayNetwork, opts ...pulumi.ResourceOption) error {
	spec := docker.ServiceTaskSpecContainerSpecArgs{Image: c.image}
	if c.command != nil {
		spec.Commands = pulumi.ToStringArray(c.command)
	}
	var published docker.ServiceEndpointSpecPortArray
	if c.published != 0 {
		published = docker.ServiceEndpointSpecPortArray{docker.ServiceEndpointSpecPortArgs{
			TargetPort: pulumi.Int(80), PublishedPort: pulumi.Int(c.published), PublishMode: pulumi.String("host"),
		}}
	}
	_, err := docker.NewService(ctx, c.name, &docker.ServiceArgs{
		Name: pulumi.String(c.name),
		TaskSpec: docker.ServiceTaskSpecArgs{
			ContainerSpec:     spec,
			NetworksAdvanceds: docker.ServiceTaskSpecNetworksAdvancedArray{docker.ServiceTaskSpecNetworksAdvancedArgs{Name: overlay.NetworkID}},
			Placement: docker.ServiceTaskSpecPlacementArgs{
				Constraints: pulumi.ToStringArray([]string{"node.hostname==" + c.worker}),
			},
		},
		// A name for every task, none for a virtual address: both containers are reached directly.
		EndpointSpec: docker.ServiceEndpointSpecArgs{Mode: pulumi.String("dnsrr"), Ports: published},
		// Without it the service counts as created before any task runs.
		ConvergeConfig: docker.ServiceConvergeConfigArgs{Delay: pulumi.String("2s"), Timeout: pulumi.String("5m")},
	}, opts...)
	return err
}

// container registers it as a container: the standalone Swarm has no services. Like a service's task it is called after what it
// runs and where; the others find it by its alias. A change of the worker is therefore another container.
func (c demoContainer) container(ctx *pulumi.Context, overlay *components.OverlayNetwork, opts ...pulumi.ResourceOption) error {
	name := c.name + "." + c.worker
	args := &docker.ContainerArgs{
		Name:    pulumi.String(name),
		Image:   c.image,
		Restart: pulumi.String("always"),
		// The provider's 15 s are not enough for a busy machine to start a container on an overlay network.
		ContainerReadRefreshTimeoutMilliseconds: pulumi.Int(120_000),
		NetworksAdvanced: docker.ContainerNetworksAdvancedArray{docker.ContainerNetworksAdvancedArgs{
			Name: overlay.NetworkID, Aliases: pulumi.ToStringArray([]string{c.name}),
		}},
		Envs: pulumi.ToStringArray([]string{"constraint:node==" + c.worker}),
	}
	if c.command != nil {
		args.Command = pulumi.ToStringArray(c.command)
	}
	if c.published != 0 {
		args.Ports = docker.ContainerPortArray{docker.ContainerPortArgs{Internal: pulumi.Int(80), External: pulumi.Int(c.published)}}
	}
	// The Swarm takes constraints for itself, and the engine adds its own log options: the container would be made anew whenever
	// either is seen.
	_, err := docker.NewContainer(ctx, name, args, append(opts, pulumi.IgnoreChanges([]string{"envs", "logOpts"}))...)
	return err
}
