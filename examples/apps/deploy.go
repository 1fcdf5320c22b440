package main

import (
	"github.com/pulumi/pulumi-docker/sdk/v4/go/docker"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// deploy runs a web server, and a client that asks it for a page over an overlay network, both of an image. With its digest,
// NAME:TAG@sha256:…, it is the same on every node. Without, the provider adds the digest when it creates the services, and takes
// the tag for another image at the next update, once.
func deploy(ctx *pulumi.Context, swarm *docker.Provider, image string) error {
	// No Options: Docker adds one of its own, and the provider would replace the network at every update.
	front, err := docker.NewNetwork(ctx, "front", &docker.NetworkArgs{
		Name: pulumi.String("front"), Driver: pulumi.String("overlay"), Attachable: pulumi.Bool(true),
	}, pulumi.Provider(swarm))
	if err != nil {
		return err
	}
	web, err := newService(ctx, swarm, service{
		name: "web", image: image, network: front, tier: "web", replicas: 1,
		ports: docker.ServiceEndpointSpecPortArray{docker.ServiceEndpointSpecPortArgs{
			// On the node itself: the load balancer of the pool finds it there, and Registrator registers it in Consul.
			TargetPort: pulumi.Int(80), PublishedPort: pulumi.Int(80), PublishMode: pulumi.String("host"),
		}},
	})
	if err != nil {
		return err
	}
	client, err := newService(ctx, swarm, service{
		name: "client", image: image, network: front, replicas: 1,
		// The server's name is all the client knows. It ends, and is started anew, when it gets no answer.
		command: []string{"sh", "-c", "while curl --fail --silent --output /dev/null --retry 5 --retry-all-errors http://web/; do sleep 5; done"},
	}, pulumi.DependsOn([]pulumi.Resource{web}))
	if err != nil {
		return err
	}
	ctx.Export("services", pulumi.StringArray{web.Name, client.Name})
	return nil
}

// service is what the services of this program differ in.
type service struct {
	name     string
	image    string
	network  *docker.Network
	tier     string // worker pool by its nodes' label "tier"; any if empty
	replicas int
	command  []string // default the image's
	ports    docker.ServiceEndpointSpecPortArray
}

func newService(ctx *pulumi.Context, swarm *docker.Provider, s service, opts ...pulumi.ResourceOption) (*docker.Service, error) {
	constraints := []string{"node.role==worker"}
	if s.tier != "" {
		constraints = append(constraints, "node.labels.tier=="+s.tier)
	}
	container := docker.ServiceTaskSpecContainerSpecArgs{
		Image: pulumi.String(s.image),
		// What Registrator calls it in Consul; the image's name otherwise.
		Env: pulumi.StringMap{"SERVICE_NAME": pulumi.String(s.name)},
	}
	if len(s.command) > 0 {
		container.Commands = pulumi.ToStringArray(s.command)
	}
	return docker.NewService(ctx, s.name, &docker.ServiceArgs{
		Name: pulumi.String(s.name),
		TaskSpec: docker.ServiceTaskSpecArgs{
			ContainerSpec: container,
			// By id: given by name, the network would look like another one at the next update.
			NetworksAdvanceds: docker.ServiceTaskSpecNetworksAdvancedArray{
				docker.ServiceTaskSpecNetworksAdvancedArgs{Name: s.network.ID()},
			},
			Placement: docker.ServiceTaskSpecPlacementArgs{Constraints: pulumi.ToStringArray(constraints)},
		},
		Mode: docker.ServiceModeArgs{Replicated: docker.ServiceModeReplicatedArgs{Replicas: pulumi.Int(s.replicas)}},
		// The name stands for the containers themselves, not for a virtual address, which takes IPVS in the kernel.
		EndpointSpec: docker.ServiceEndpointSpecArgs{Mode: pulumi.String("dnsrr"), Ports: s.ports},
		// Without it the service counts as created before any of its containers runs.
		ConvergeConfig: docker.ServiceConvergeConfigArgs{Delay: pulumi.String("2s"), Timeout: pulumi.String("5m")},
	}, append(opts, pulumi.Provider(swarm))...)
}
