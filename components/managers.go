package components

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-docker/sdk/v4/go/docker"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/seed-3bc5c20b/azswarm/components/internal/azure"
	"github.com/seed-3bc5c20b/azswarm/components/internal/inputs"
	"github.com/seed-3bc5c20b/azswarm/components/internal/machine"
	"github.com/seed-3bc5c20b/azswarm/components/internal/remote"
	"github.com/seed-3bc5c20b/azswarm/components/internal/stash"
	"github.com/seed-3bc5c20b/azswarm/internal/bootstrap"
	"github.com/seed-3bc5c20b/azswarm/internal/pki"
	"github.com/seed-3bc5c20b/azswarm/internal/ports"
	"github.com/seed-3bc5c20b/azswarm/internal/rules"
)

// apiPort is where the Swarm serves the Docker API to clients, through the load balancer.
const apiPort = 2376

// controlPort is where managers serve the Swarm's control plane.
const controlPort = 2377

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

	name     string
	args     SwarmManagerSetArgs
	balancer *azure.Balancer
	ca       pulumi.StringMapOutput
	managers *machine.Set
	planned  []string
	ready    *remote.Command
	swarm    pulumi.StringOutput // id of the Swarm, with [SwarmMode]
	provider *docker.Provider
}

// NewSwarmManagerSet registers a [SwarmManagerSet]. It fails before anything is registered if an argument is not allowed.
func NewSwarmManagerSet(ctx *pulumi.Context, name string, args *SwarmManagerSetArgs, opts ...pulumi.ResourceOption) (*SwarmManagerSet, error) {
	if args == nil {
		args = &SwarmManagerSetArgs{}
	}
	s := &SwarmManagerSet{name: name, args: *args}
	if err := s.args.validate(name); err != nil {
		return nil, err
	}
	if err := inputs.Register(ctx, "SwarmManagerSet", name, s.args, s, opts); err != nil {
		return nil, err
	}
	child := pulumi.Parent(s)
	n := s.network()
	n.managers = name
	var err error
	if s.balancer, err = n.site.Scope.NewLoadBalancer(ctx, name, n.VirtualNetworkID, []azure.BalancedPort{{Frontend: apiPort, Backend: s.backendPort(), Protocol: ports.TCP}}, s); err != nil {
		return nil, err
	}
	if s.ca, err = stash.New(ctx, name+"-ca", s.args.RotateCA, newCA(name+" API"), child); err != nil {
		return nil, err
	}
	client, err := stash.FromOutput(ctx, name+"-client", s.args.RotateCA, issue(s.ca, pki.Request{CommonName: "operator", Client: true}), child)
	if err != nil {
		return nil, err
	}
	if s.planned, err = n.site.Addresses(ports.Managers, s.args.Count); err != nil {
		return nil, err
	}
	s.managers, err = n.site.NewSet(ctx, name, machine.SetArgs{
		Tier:           ports.Managers,
		Count:          s.args.Count,
		Kind:           s.args.Machine.kind(),
		MaxUnavailable: 1,
		BackendPools:   []pulumi.StringInput{s.balancer.BackendPool},
		ConsulDNS:      true,
		Member:         func(m *machine.Machine) (pulumi.Resource, error) { return s.newManager(ctx, m) },
	}, child)
	if err != nil {
		return nil, err
	}
	if s.ready, err = s.newReady(ctx, name, "manager", pulumi.StringMap{}, s.managers, s); err != nil {
		return nil, err
	}
	if err := s.keepIdentity(ctx); err != nil {
		return nil, err
	}
	s.Addresses = s.managers.Addresses
	s.Endpoint = pulumi.Sprintf("tcp://%s:%d", s.balancer.Address, apiPort)
	s.ClientCA = s.ca.MapIndex(pulumi.String("certificate"))
	s.ClientCertificate = client.MapIndex(pulumi.String("certificate"))
	s.ClientKey = client.MapIndex(pulumi.String("key"))
	return s, ctx.RegisterResourceOutputs(s, pulumi.Map{
		"addresses": s.Addresses, "endpoint": s.Endpoint, "clientCa": pulumi.ToSecret(s.ClientCA),
		"clientCertificate": pulumi.ToSecret(s.ClientCertificate), "clientKey": pulumi.ToSecret(s.ClientKey),
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
func (a *SwarmManagerSetArgs) validateOrchestrator(p *rules.Problems, heading string, orchestrator Orchestrator) {
	const networks = "the network's orchestrator"
	a.Engine.judge(p, "engine", orchestrator, networks)
	if a.Autolock {
		p.Autolock("autolock", string(orchestrator), networks)
	}
	switch {
	case orchestrator == Classic:
		a.SwarmImage = inputs.CheckedImage(p, heading, "swarmImage", a.SwarmImage, rules.DefaultSwarmImage)
	case a.SwarmImage != nil:
		p.ClassicOnly("swarmImage", networks, rules.SwarmIsPartOfTheEngine)
	}
}

// network is that of the managers, and orchestrator what the network is made for.
func (s *SwarmManagerSet) network() *Network          { return s.args.Consul.args.Network }
func (s *SwarmManagerSet) orchestrator() Orchestrator { return s.network().args.Orchestrator }

// newManager registers what makes a machine a manager.
func (s *SwarmManagerSet) newManager(ctx *pulumi.Context, m *machine.Machine) (pulumi.Resource, error) {
	c := s.args.Consul
	certificate, err := stash.FromOutput(ctx, m.Name+"-api", s.args.RotateCA, s.serverCertificate(m), pulumi.Parent(m.Set))
	if err != nil {
		return nil, err
	}
	config, err := json.Marshal(c.clientConfig(m, s.managerServices()...))
	if err != nil {
		return nil, err
	}
	secrets := c.clientSecrets(managerAgent, swarmManager)
	s.addAPISecrets(secrets, certificate)
	s.addTokens(secrets, classicManage)
	cache, err := s.imageCacheParameters(ctx, m, secrets)
	if err != nil {
		return nil, err
	}
	after := []pulumi.Resource{c.ready}
	if s.orchestrator() == SwarmMode && m.Name == machine.MemberName(s.name, 0) {
		carried, err := s.newCarried(ctx, m)
		if err != nil {
			return nil, err
		}
		after = append(after, carried)
	}
	return s.newMember(ctx, m, "manager", pulumi.StringMap{}, machine.Membership{
		Join: bootstrap.Script{
			Parameters: append([]bootstrap.Parameter{
				{Name: "NODE", Value: m.Name}, {Name: "ADDRESS", Value: m.Address.String()},
			}, slices.Concat(s.managerParameters(), c.clientParameters(string(config)))...),
			Files: s.scripts().manager,
		},
		JoinValues: inputs.Values(c.clientValues(), cache, s.classicValues()),
		JoinCall:   "alone && ensure_consul && join_as_manager && ensure_image_cache", JoinSecrets: secrets, After: after,
	})
}

// serverCertificate is for a manager's own address and the load balancer's.
func (s *SwarmManagerSet) serverCertificate(m *machine.Machine) pulumi.StringMapOutput {
	return s.balancer.Address.ApplyT(func(address string) (pulumi.StringMapOutput, error) {
		public, err := netip.ParseAddr(address)
		if err != nil {
			return pulumi.StringMapOutput{}, fmt.Errorf("address of the load balancer: %w", err)
		}
		return issue(s.ca, pki.Request{
			CommonName: m.Name, DNSNames: []string{m.Name, "localhost"},
			IPs: []netip.Addr{m.Address, public, netip.MustParseAddr("127.0.0.1")}, Server: true,
			Client: s.orchestrator() == Classic, // of the workers' engines, and of the primary
		}), nil
	}).(pulumi.StringMapOutput)
}

// addAPISecrets adds what a machine serves the Docker API with.
func (s *SwarmManagerSet) addAPISecrets(secrets pulumi.Map, certificate pulumi.StringMapOutput) {
	secrets["dockerCa"] = s.ca.MapIndex(pulumi.String("certificate"))
	secrets["dockerCertificate"] = certificate.MapIndex(pulumi.String("certificate"))
	secrets["dockerKey"] = certificate.MapIndex(pulumi.String("key"))
}

// swarmParameters say which Swarm it is and where its managers are.
func (s *SwarmManagerSet) swarmParameters() []bootstrap.Parameter {
	return []bootstrap.Parameter{
		{Name: "MANAGER_ADDRESSES", Value: strings.Join(s.planned, " ")},
		{Name: "MANAGER_KV", Value: managerKV(s.name)}, {Name: "WORKER_KV", Value: workerKV(s.name)},
	}
}

// newMember registers the membership of a machine in the Swarm, with its labels. The joining half is given.
func (s *SwarmManagerSet) newMember(ctx *pulumi.Context, m *machine.Machine, role string, labels pulumi.StringMap, member machine.Membership) (pulumi.Resource, error) {
	member.Peers = s.peersScript(role, m.Name)
	member.Peers.Parameters = append(member.Peers.Parameters,
		bootstrap.Parameter{Name: "NODE", Value: m.Name}, bootstrap.Parameter{Name: "ADDRESS", Value: m.Address.String()})
	if s.orchestrator() == SwarmMode {
		member.PeersValues = pulumi.StringMap{"LABELS": inputs.JSON(labels)}
		member.Peers.Parameters = append(member.Peers.Parameters,
			bootstrap.Parameter{Name: "FIRST", Value: machine.MemberName(s.name, 0)},
			bootstrap.Parameter{Name: "MANAGER_KV", Value: managerKV(s.name)}, bootstrap.Parameter{Name: "WORKER_KV", Value: workerKV(s.name)})
	}
	keys := m.Set.KnownHosts
	if role == "worker" { // asks managers about itself: with all of its pool's keys, the state would grow with their square
		keys = m.KnownHosts()
	}
	member.Ready, member.Remove, member.KnownHosts = "swarm_member_ready", "remove_swarm_member", s.known(m.Set, keys)
	return s.network().site.NewMember(ctx, m, member)
}

func (s *SwarmManagerSet) peersScript(role, nodes string) bootstrap.Script {
	return bootstrap.Script{
		Parameters: []bootstrap.Parameter{
			{Name: "ROLE", Value: role}, {Name: "NODES", Value: nodes},
			{Name: "MANAGER_PEERS", Value: strings.Join(s.planned, " ")},
			{Name: "CONSUL_PEERS", Value: strings.Join(s.args.Consul.planned, " ")},
		},
		Files: append([]string{"peers", "consul-member"}, s.scripts().member...),
	}
}

// newReady registers the command that is done when all machines of a set are ready in their role.
func (s *SwarmManagerSet) newReady(ctx *pulumi.Context, name, role string, labels pulumi.StringMap, set *machine.Set, parent pulumi.Resource) (*remote.Command, error) {
	n := s.network()
	script := s.peersScript(role, strings.Join(set.Names(), " "))
	script.Parameters = append(script.Parameters, set.AddressesParameter())
	var labelled pulumi.StringMap
	if s.orchestrator() == SwarmMode {
		labelled = pulumi.StringMap{"LABELS": inputs.JSON(labels)}
		script.Parameters = append(script.Parameters, bootstrap.Parameter{Name: "WORKER_KV", Value: workerKV(s.name)})
	}
	return remote.NewCommand(ctx, name+"-ready", n.site.Access, remote.Args{
		Script: script, Values: labelled, Create: "swarm_ready", Peers: s.known(set, set.KnownHosts), Triggers: set.Triggers(),
		// Where servers are other ones, as after the loss of all, the nodes are to be in order with those.
		Secrets: pulumi.Map{"consul": s.args.Consul.ready.ID()},
	}, pulumi.Parent(parent), n.site.Together(), pulumi.DependsOn(set.Members))
}

// known is the known_hosts of whom a command on the bastion talks to: the servers of both clusters, and those machines of a set
// whose keys are given.
func (s *SwarmManagerSet) known(set *machine.Set, keys pulumi.StringOutput) pulumi.StringOutput {
	lines := pulumi.StringArray{s.args.Consul.servers.KnownHosts, keys}
	if s.managers != nil && s.managers != set {
		lines = append(lines, s.managers.KnownHosts)
	}
	return machine.JoinLines(lines)
}
