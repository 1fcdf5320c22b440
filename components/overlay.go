package components

import (
	"errors"
	"fmt"
	"net/netip"

	"github.com/pulumi/pulumi-docker/sdk/v4/go/docker"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/seed-3bc5c20b/azswarm/components/internal/kept"
)

// OverlayNetworkArgs are the arguments of [NewOverlayNetwork].
type OverlayNetworkArgs struct {
	// Managers of the Swarm. Required.
	Managers *SwarmManagerSet
	// Workers whose pools have to be ready before the network is of use to its services.
	Workers []*WorkerPool
	// NetworkName is the network's name in Docker. Default the component's name.
	NetworkName string
	// Subnet is an IPv4 CIDR of /8 to /29 for the network's containers. Default one that the Swarm picks.
	Subnet string
	// Internal keeps the network's containers from reaching anything outside it.
	Internal bool
	// NotAttachable reserves the network for services; by default single containers may join as well. Refused with [Classic],
	// which has no services.
	NotAttachable bool
}

// OverlayNetwork is a Docker network across the hosts of a Swarm.
//
// Docker's provider has to reach the Swarm in previews as well, so a program with an OverlayNetwork can only be previewed
// while its Swarm can be reached.
type OverlayNetwork struct {
	pulumi.ResourceState

	// NetworkID is the network's id in Docker. Services must refer to it by id.
	NetworkID pulumi.StringOutput `pulumi:"networkId"`
}

// NewOverlayNetwork registers an [OverlayNetwork]. It fails before anything is registered if an argument is not allowed.
func NewOverlayNetwork(ctx *pulumi.Context, name string, args *OverlayNetworkArgs, opts ...pulumi.ResourceOption) (*OverlayNetwork, error) {
	if args == nil {
		args = &OverlayNetworkArgs{}
	}
	a := *args
	ipam, err := a.validate(name)
	if err != nil {
		return nil, err
	}
	o := &OverlayNetwork{}
	if err := ctx.RegisterComponentResource("azswarm:index:OverlayNetwork", name, o, opts...); err != nil {
		return nil, err
	}
	provider, err := a.Managers.DockerProvider(ctx)
	if err != nil {
		return nil, err
	}
	ready := []pulumi.Resource{a.Managers.ready}
	for _, pool := range a.Workers {
		if pool.ready != nil {
			ready = append(ready, pool.ready)
		}
	}
	// No Options: Docker adds one of its own, and the provider would replace the network at every update.
	network, err := docker.NewNetwork(ctx, name, &docker.NetworkArgs{
		Name: pulumi.String(a.NetworkName), Driver: pulumi.String("overlay"),
		Attachable: a.attachable(), Internal: pulumi.Bool(a.Internal), IpamConfigs: ipam,
	}, pulumi.Parent(o), pulumi.Provider(provider), pulumi.DependsOn(ready), pulumi.DeletedWith(a.Managers.args.Network.lifetime))
	if err != nil {
		return nil, err
	}
	o.NetworkID = network.ID().ToStringOutput()
	return o, ctx.RegisterResourceOutputs(o, pulumi.Map{"networkId": o.NetworkID})
}

// validate fills in defaults, reports everything wrong, and returns the network's address configuration.
func (a *OverlayNetworkArgs) validate(name string) (docker.NetworkIpamConfigArray, error) {
	if a.Managers == nil {
		return nil, fmt.Errorf("OverlayNetwork %q: Managers is nil; it is required", name)
	}
	if a.NetworkName == "" {
		a.NetworkName = name
	}
	errs := []error{}
	if !nodeLabel.MatchString(a.NetworkName) {
		errs = append(errs, refused("NetworkName", "%q; must be letters, digits, dots, hyphens and underscores", a.NetworkName))
	}
	if a.NotAttachable && a.Managers.args.Orchestrator == Classic {
		errs = append(errs, refused("NotAttachable", "reserves the network for services, which Orchestrator %q doesn't have", Classic))
	}
	var ipam docker.NetworkIpamConfigArray
	if a.Subnet != "" {
		subnet, err := parseCIDR("Subnet", a.Subnet)
		switch {
		case err != nil:
			errs = append(errs, err)
		case subnet.Bits() < 8 || subnet.Bits() > 29:
			errs = append(errs, refused("Subnet", "%q; must be /8 to /29", a.Subnet))
		case subnet.Overlaps(a.Managers.args.Network.plan.Space):
			errs = append(errs, refused("Subnet", "%q overlaps the virtual network %s", a.Subnet, a.Managers.args.Network.plan.Space))
		default:
			ipam = docker.NetworkIpamConfigArray{docker.NetworkIpamConfigArgs{
				Subnet: pulumi.String(a.Subnet),
				// Without it the provider finds the one Docker chose at the next refresh, and replaces the network.
				Gateway: pulumi.String(firstHost(subnet).String()),
			}}
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("OverlayNetwork %q: %w", name, err)
	}
	return ipam, nil
}

// attachable is left out with [Classic], whose engines know no such property and would report another.
func (a *OverlayNetworkArgs) attachable() pulumi.BoolPtrInput {
	if a.Managers.args.Orchestrator == Classic {
		return nil
	}
	return pulumi.Bool(!a.NotAttachable)
}

func firstHost(subnet netip.Prefix) netip.Addr { return subnet.Addr().Next() }

// DockerProvider returns the provider for Docker resources of the Swarm: services, networks, secrets. Resources that use it
// are created once the managers are ready. It is one for all callers.
//
// The provider connects whenever it is configured, in previews too, but not before the managers have been ready once.
func (s *SwarmManagerSet) DockerProvider(ctx *pulumi.Context) (*docker.Provider, error) {
	if s.provider != nil {
		return s.provider, nil
	}
	// The address alone is known long before a manager answers at it.
	answered, err := kept.Once(ctx, s.name+"-answered", s.ready.Stdout, pulumi.Parent(s))
	if err != nil {
		return nil, err
	}
	endpoint := pulumi.All(s.Endpoint, answered).ApplyT(func(values []any) string { return values[0].(string) }).(pulumi.StringOutput)
	provider, err := docker.NewProvider(ctx, s.name+"-api", &docker.ProviderArgs{
		Host: endpoint, CaMaterial: s.ClientCA, CertMaterial: s.ClientCertificate, KeyMaterial: s.ClientKey,
	}, pulumi.Parent(s), pulumi.DependsOn([]pulumi.Resource{s.ready}))
	s.provider = provider
	return provider, err
}
