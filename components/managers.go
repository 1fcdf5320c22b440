package components

import (
	"cmp"

	"github.com/pulumi/pulumi-docker/sdk/v4/go/docker"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/seed-3bc5c20b/azswarm/components/internal/authority"
	"github.com/seed-3bc5c20b/azswarm/components/internal/azure"
	"github.com/seed-3bc5c20b/azswarm/components/internal/inputs"
	"github.com/seed-3bc5c20b/azswarm/components/internal/machine"
	"github.com/seed-3bc5c20b/azswarm/components/internal/orchestrator"
	"github.com/seed-3bc5c20b/azswarm/components/internal/stash"
	"github.com/seed-3bc5c20b/azswarm/internal/pki"
	"github.com/seed-3bc5c20b/azswarm/internal/ports"
	"github.com/seed-3bc5c20b/azswarm/internal/rules"
)

// SwarmManagerSetArgs are the arguments of [NewSwarmManagerSet].
type SwarmManagerSetArgs struct {
	// Consul cluster that coordinates the managers, which are in its network. Required. One set of managers a network.
	Consul *ConsulCluster `pulumi:"consul"`
	// Count of managers: odd, 1 to 7. Of 3, one may fail; of 5, two. Default 3.
	Count int `pulumi:"count,optional"`
	// Machine is the kind of virtual machine. Default size Standard_B2als_v2.
	Machine MachineArgs `pulumi:"machine,optional"`
	// Engine that workers run. Required with [Classic], which needs an engine with the Consul cluster store: Docker removed it
	// in version 23.0, and distributions leave it out. Refused with [SwarmMode].
	Engine EngineArchive `pulumi:"engine,optional"`
	// SwarmImage is the image of the standalone Swarm, with a tag. Default [DefaultSwarmImage] with [Classic]; refused with
	// [SwarmMode].
	SwarmImage pulumi.StringInput `pulumi:"swarmImage,optional"`
	// Autolock has the Swarm's data on a manager's disk locked whenever its engine stops. The key is in Consul, where only managers
	// may read it, and opens a manager that restarts. Default false; refused with [Classic], whose managers keep no data.
	Autolock bool `pulumi:"autolock,optional"`
	// RotateCA replaces the authority of the Swarm API, and with it every server's and client's certificate, when it is
	// raised.
	RotateCA int `pulumi:"rotateCa,optional"`
}

// SwarmManagerSet is the managers of a Swarm, and a load balancer in front of their API. None of them is special: they
// find out through Consul who starts the Swarm, the others join, and any of them can be replaced.
//
// Managers run no applications. It is registered as complete once every manager is reachable in the raft; with [Classic],
// once every manager is the primary or forwards to it.
type SwarmManagerSet struct {
	pulumi.ResourceState

	// Addresses of the managers.
	Addresses pulumi.StringArrayOutput `pulumi:"addresses"`
	// Endpoint is the Swarm API, "tcp://<address>:2376". It takes clients with a certificate of ClientCA.
	Endpoint pulumi.StringOutput `pulumi:"endpoint"`
	// ClientCA, ClientCertificate and ClientKey are what a client needs, PEM. Secret.
	ClientCA          pulumi.StringOutput `pulumi:"clientCa"`
	ClientCertificate pulumi.StringOutput `pulumi:"clientCertificate"`
	ClientKey         pulumi.StringOutput `pulumi:"clientKey"`

	args     SwarmManagerSetArgs
	swarm    *orchestrator.Swarm
	provider *docker.Provider
}

// NewSwarmManagerSet registers a [SwarmManagerSet]. It fails before anything is registered if an argument is not allowed.
func NewSwarmManagerSet(ctx *pulumi.Context, name string, args *SwarmManagerSetArgs, opts ...pulumi.ResourceOption) (*SwarmManagerSet, error) {
	if args == nil {
		args = &SwarmManagerSetArgs{}
	}
	s := &SwarmManagerSet{args: *args}
	if err := s.args.validate(name); err != nil {
		return nil, err
	}
	if err := inputs.Register(ctx, "SwarmManagerSet", name, s.args, s, opts); err != nil {
		return nil, err
	}
	child := pulumi.Parent(s)
	n := s.network()
	n.managers = name
	balancer, err := n.site.Scope.NewLoadBalancer(ctx, name, n.VirtualNetworkID, []azure.BalancedPort{
		{Frontend: orchestrator.ClientPort, Backend: n.orchestrator.APIPort(), Protocol: ports.TCP},
	}, s)
	if err != nil {
		return nil, err
	}
	ca, err := stash.New(ctx, name+"-ca", s.args.RotateCA, authority.New(name+" API"), child)
	if err != nil {
		return nil, err
	}
	client, err := stash.FromOutput(ctx, name+"-client", s.args.RotateCA, authority.Issue(ca, pki.Request{CommonName: "operator", Client: true}), child)
	if err != nil {
		return nil, err
	}
	if err := s.setSwarm(name, ca, balancer.Address); err != nil {
		return nil, err
	}
	managers, err := n.site.NewSet(ctx, name, machine.SetArgs{
		Tier:           ports.Managers,
		Count:          s.args.Count,
		Kind:           s.args.Machine.kind(),
		MaxUnavailable: 1,
		BackendPools:   []pulumi.StringInput{balancer.BackendPool},
		ConsulDNS:      true,
		Member:         func(m *machine.Machine) (pulumi.Resource, error) { return s.swarm.NewManager(ctx, m) },
	}, child)
	if err != nil {
		return nil, err
	}
	s.swarm.Managers = managers
	if s.swarm.Ready, err = s.swarm.NewReady(ctx, name, "manager", pulumi.StringMap{}, managers, s); err != nil {
		return nil, err
	}
	if err := n.orchestrator.Identity(ctx, s.swarm, s); err != nil {
		return nil, err
	}
	s.Addresses = managers.Addresses
	s.Endpoint = pulumi.Sprintf("tcp://%s:%d", balancer.Address, orchestrator.ClientPort)
	s.ClientCA = ca.MapIndex(pulumi.String("certificate"))
	s.ClientCertificate = client.MapIndex(pulumi.String("certificate"))
	s.ClientKey = client.MapIndex(pulumi.String("key"))
	return s, ctx.RegisterResourceOutputs(s, pulumi.Map{
		"addresses":         s.Addresses,
		"endpoint":          s.Endpoint,
		"clientCa":          pulumi.ToSecret(s.ClientCA),
		"clientCertificate": pulumi.ToSecret(s.ClientCertificate),
		"clientKey":         pulumi.ToSecret(s.ClientKey),
	})
}

// validate fills in defaults and reports everything wrong.
func (a *SwarmManagerSetArgs) validate(name string) error {
	heading := rules.Heading("SwarmManagerSet", name)
	if a.Consul == nil {
		return rules.Invalid(heading, "consul", "is missing")
	}
	network := a.Consul.args.Network
	a.Count = cmp.Or(a.Count, rules.DefaultManagers)
	a.Machine.setDefaults(rules.DefaultControlVMSize, rules.DefaultDisk)
	var p rules.Problems
	p.ComponentName("name", name)
	if other := network.managers; other != "" {
		p.Add("consul", "is of a network that has the managers %s already; a network has one set", other)
	}
	a.Machine.validate(&p, "machine")
	p.OneOf("count", a.Count, rules.Managers)
	network.args.checkQuorum(&p, "count", a.Count)
	p.Number("rotateCa", a.RotateCA, rules.Rotation)
	a.validateOrchestrator(&p, heading, network.args.Orchestrator)
	return p.Err(heading)
}

// validateOrchestrator reports what is wrong with what is of one orchestrator only.
func (a *SwarmManagerSetArgs) validateOrchestrator(p *rules.Problems, heading string, made Orchestrator) {
	const networks = "the network's orchestrator"
	a.Engine.judge(p, "engine", made, networks)
	if a.Autolock {
		p.Autolock("autolock", string(made), networks)
	}
	switch {
	case made == Classic:
		a.SwarmImage = inputs.CheckedImage(p, heading, "swarmImage", a.SwarmImage, rules.DefaultSwarmImage)
	case a.SwarmImage != nil:
		p.ClassicOnly("swarmImage", networks, "")
	}
}

// setSwarm says what the managers' machines are told of their Swarm.
func (s *SwarmManagerSet) setSwarm(name string, ca pulumi.StringMapOutput, address pulumi.StringOutput) error {
	n := s.network()
	planned, err := n.site.Addresses(ports.Managers, s.args.Count)
	s.swarm = &orchestrator.Swarm{
		Name:         name,
		Orchestrator: n.orchestrator,
		Consul:       s.args.Consul.inner,
		Planned:      planned,
		Address:      address,
		CA:           ca,
		RotateCA:     s.args.RotateCA,
		Cache:        orchestrator.Cache(n.args.ImageCache),
		Autolock:     s.args.Autolock,
		EngineURL:    s.args.Engine.URL,
		EngineSHA256: s.args.Engine.SHA256,
		Image:        s.args.SwarmImage,
	}
	return err
}

// network is that of the managers.
func (s *SwarmManagerSet) network() *Network { return s.args.Consul.args.Network }
