package stacks

import (
	"github.com/pulumi/pulumi-docker/sdk/v4/go/docker"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/seed-3bc5c20b/azswarm/components"
)

// The demonstration: two containers on two workers that talk to each other over an overlay network.
const (
	demoNetwork = "overlayCottonCandy"
	demoServer  = "nginx_test"
	demoClient  = "client_test"
	demoImage   = "nginx:1.28"
	demoPort    = 8000 // where the server's worker publishes it, for Registrator to register
)

// deployDemo runs the demonstration on the first two workers.
func deployDemo(ctx *pulumi.Context, network *components.Network, managers *components.SwarmManagerSet, pools []*components.WorkerPool) error {
	overlay, err := components.NewOverlayNetwork(ctx, "demo", &components.OverlayNetworkArgs{
		Managers: managers, Workers: pools, NetworkName: demoNetwork,
	})
	if err != nil {
		return err
	}
	provider, err := managers.DockerProvider(ctx)
	if err != nil {
		return err
	}
	var workers []string
	for _, node := range network.Nodes() {
		if node.Tier == string(components.WorkersTier) {
			workers = append(workers, node.Name)
		}
	}
	services := []struct {
		name, worker string
		spec         docker.ServiceTaskSpecContainerSpecArgs
		published    docker.ServiceEndpointSpecPortArray
	}{
		{demoServer, workers[0], docker.ServiceTaskSpecContainerSpecArgs{Image: pulumi.String(demoImage)},
			docker.ServiceEndpointSpecPortArray{docker.ServiceEndpointSpecPortArgs{
				TargetPort: pulumi.Int(80), PublishedPort: pulumi.Int(demoPort), PublishMode: pulumi.String("host"),
			}}},
		{demoClient, workers[1], docker.ServiceTaskSpecContainerSpecArgs{
			Image: pulumi.String(demoImage), Commands: pulumi.ToStringArray([]string{"sleep", "infinity"}),
		}, nil},
	}
	for _, service := range services {
		_, err := docker.NewService(ctx, service.name, &docker.ServiceArgs{
			Name: pulumi.String(service.name),
			TaskSpec: docker.ServiceTaskSpecArgs{
				ContainerSpec:     service.spec,
				NetworksAdvanceds: docker.ServiceTaskSpecNetworksAdvancedArray{docker.ServiceTaskSpecNetworksAdvancedArgs{Name: overlay.NetworkID}},
				Placement: docker.ServiceTaskSpecPlacementArgs{
					Constraints: pulumi.ToStringArray([]string{"node.hostname==" + service.worker}),
				},
			},
			// A name for every task, none for a virtual address: both containers are reached directly.
			EndpointSpec: docker.ServiceEndpointSpecArgs{Mode: pulumi.String("dnsrr"), Ports: service.published},
			// Without it the service counts as created before any task runs.
			ConvergeConfig: docker.ServiceConvergeConfigArgs{Delay: pulumi.String("2s"), Timeout: pulumi.String("5m")},
		}, pulumi.Provider(provider), pulumi.Parent(overlay), network.DeletedTogether())
		if err != nil {
			return err
		}
	}
	ctx.Export("demo", pulumi.Map{
		"network": pulumi.String(demoNetwork), "server": pulumi.String(demoServer), "client": pulumi.String(demoClient),
		"clientNode": pulumi.String(workers[1]), "url": pulumi.String("http://" + demoServer + "/"),
	})
	return nil
}
