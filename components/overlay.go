package components

import (
	"cmp"
	"net/netip"

	"github.com/pulumi/pulumi-docker/sdk/v4/go/docker"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/seed-3bc5c20b/azswarm/components/internal/inputs"
	"github.com/seed-3bc5c20b/azswarm/components/internal/stash"
	"github.com/seed-3bc5c20b/azswarm/internal/rules"
)

// OverlayNetworkArgs are the arguments of [NewOverlayNetwork].
type OverlayNetworkArgs struct {
	// Managers of the Swarm. Required.
	Managers *SwarmManagerSet `pulumi:"managers"`
	// Workers whose pools have to be ready before the network is of use to its services: pools of these managers.
	Workers []*WorkerPool `pulumi:"workers,optional"`
	// NetworkName is the network's name in Docker. Default the component's name.
	NetworkName string `pulumi:"networkName,optional"`
	// Subnet is an IPv4 CIDR of /8 to /29 for the network's containers. Default one that the Swarm picks.
	Subnet string `pulumi:"subnet,optional"`
	// Internal keeps the network's containers from reaching anything outside it.
	Internal bool `pulumi:"internal,optional"`
	// Attachable lets single containers join the network, and not only services. Default true; false is refused with [Classic],
	// which has no services.
	Attachable *bool `pulumi:"attachable,optional"`
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
	if err := inputs.Register(ctx, "OverlayNetwork", name, a, o, opts); err != nil {
		return nil, err
	}
	provider, err := a.Managers.DockerProvider(ctx)
	if err != nil {
		return nil, err
	}
	ready := []pulumi.Resource{a.Managers.swarm.Ready}
	for _, pool := range a.Workers {
		if pool.ready != nil {
			ready = append(ready, pool.ready)
		}
	}
	// No Options: Docker adds one of its own, and the provider would replace the network at every update.
	network, err := docker.NewNetwork(ctx, name, &docker.NetworkArgs{
		Name: pulumi.String(a.NetworkName), Driver: pulumi.String("overlay"),
		Attachable: a.attachable(), Internal: pulumi.Bool(a.Internal), IpamConfigs: ipam,
	}, pulumi.Parent(o), pulumi.Provider(provider), pulumi.DependsOn(ready), a.Managers.network().site.Together())
	if err != nil {
		return nil, err
	}
	o.NetworkID = network.ID().ToStringOutput()
	return o, ctx.RegisterResourceOutputs(o, pulumi.Map{"networkId": o.NetworkID})
}

// validate fills in defaults, reports everything wrong, and returns the network's address configuration.
func (a *OverlayNetworkArgs) validate(name string) (docker.NetworkIpamConfigArray, error) {
	heading := rules.Heading("OverlayNetwork", name)
	if a.Managers == nil {
		return nil, rules.Invalid(heading, "managers", "is missing")
	}
	a.NetworkName = cmp.Or(a.NetworkName, name)
	var p rules.Problems
	p.OverlayName("networkName", a.NetworkName)
	for i, pool := range a.Workers {
		if pool == nil || pool.args.Managers != a.Managers {
			p.Add(rules.Item("workers", i), "is no pool of these managers; a network reaches the nodes of one Swarm")
		}
	}
	if !a.Managers.network().orchestrator.RunsServices() && a.Attachable != nil && !*a.Attachable {
		p.Refuse("attachable", false, "reserves the network for services, which orchestrator %s doesn't have; must be true", Classic)
	}
	if a.Subnet == "" {
		return nil, p.Err(heading)
	}
	space := a.Managers.network().site.Plan.Space
	subnet, ok := p.CIDR("subnet", a.Subnet, rules.Overlay, nil)
	if ok && subnet.Bits() > 29 {
		p.Refuse("subnet", a.Subnet, "must be /29 or wider")
	}
	if ok && subnet.Overlaps(space) {
		p.Refuse("subnet", a.Subnet, "overlaps the virtual network %s", space)
	}
	return docker.NetworkIpamConfigArray{docker.NetworkIpamConfigArgs{
		Subnet: pulumi.String(a.Subnet),
		// Without it the provider finds the one Docker chose at the next refresh, and replaces the network.
		Gateway: pulumi.String(firstHost(subnet).String()),
	}}, p.Err(heading)
}

// attachable is left out with [Classic], whose engines know no such property and would report another.
func (a *OverlayNetworkArgs) attachable() pulumi.BoolPtrInput {
	if !a.Managers.network().orchestrator.RunsServices() {
		return nil
	}
	return pulumi.Bool(a.Attachable == nil || *a.Attachable)
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
	answered, err := stash.Once(ctx, s.swarm.Name+"-answered", s.swarm.Ready.Stdout, pulumi.Parent(s))
	if err != nil {
		return nil, err
	}
	endpoint := pulumi.All(s.Endpoint, answered).ApplyT(func(values []any) string { return values[0].(string) }).(pulumi.StringOutput)
	provider, err := docker.NewProvider(ctx, s.swarm.Name+"-api", &docker.ProviderArgs{
		Host: endpoint, CaMaterial: s.ClientCA, CertMaterial: s.ClientCertificate, KeyMaterial: s.ClientKey,
	}, pulumi.Parent(s), pulumi.DependsOn([]pulumi.Resource{s.swarm.Ready}))
	s.provider = provider
	return provider, err
}
