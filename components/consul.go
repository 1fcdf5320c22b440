package components

import (
	"cmp"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/seed-3bc5c20b/azswarm/components/internal/consul"
	"github.com/seed-3bc5c20b/azswarm/components/internal/inputs"
	"github.com/seed-3bc5c20b/azswarm/components/internal/machine"
	"github.com/seed-3bc5c20b/azswarm/internal/ports"
	"github.com/seed-3bc5c20b/azswarm/internal/rules"
)

// DefaultConsulImage is the image of Consul agents where none is named.
const DefaultConsulImage = rules.DefaultConsulImage

// ConsulClusterArgs are the arguments of [NewConsulCluster].
type ConsulClusterArgs struct {
	// Network the servers are in. Required. One Consul cluster a network.
	Network *Network `pulumi:"network"`
	// Servers is the number of servers: 3 or 5, of which 1 or 2 may fail. Default 3.
	Servers int `pulumi:"servers,optional"`
	// AllowSingleServer accepts Servers: 1, a cluster that is down while its server is and loses its data with it.
	AllowSingleServer bool `pulumi:"allowSingleServer,optional"`
	// Machine is the kind of virtual machine. Default size Standard_B2als_v2.
	Machine MachineArgs `pulumi:"machine,optional"`
	// Image of the agents, with a tag: Consul 1.20 or newer. Default [DefaultConsulImage].
	Image pulumi.StringInput `pulumi:"image,optional"`
	// NodeServices run on every manager and worker, outside of containers, and are registered by the node's agent.
	NodeServices []NodeService `pulumi:"nodeServices,optional"`
	// ReconnectTimeout is how long a manager or worker that has failed, and its services, stay in the catalog, marked as
	// critical: 30 seconds to 72 hours. DNS no longer has them within seconds. Default 1 hour.
	ReconnectTimeout time.Duration `pulumi:"reconnectTimeout,optional"`
}

// ConsulCluster is a cluster of Consul servers: gossip encrypted, RPC with mutual TLS and verified host names, access
// control that denies by default. HTTP is on the loopback interface and, where there are containers, on Docker's bridge; no
// other machine reaches it. Data lives on the OS disk and outlives redeployments of the machine, unlike Azure's temporary
// disk /mnt.
//
// It is registered as complete once every server is a voter that the cluster calls healthy, and all policies and tokens
// exist.
type ConsulCluster struct {
	pulumi.ResourceState

	// Addresses of the servers.
	Addresses pulumi.StringArrayOutput `pulumi:"addresses"`
	// ManagementToken may do everything. Secret.
	ManagementToken pulumi.StringOutput `pulumi:"managementToken"`
	// ApplicationToken is for applications: it finds services and nodes, reads and writes keys under "app/", and takes locks on
	// managers and workers. Secret.
	ApplicationToken pulumi.StringOutput `pulumi:"applicationToken"`
	// AgentURL is where every container on a manager or worker reaches its node's agent.
	AgentURL pulumi.StringOutput `pulumi:"agentUrl"`

	args  ConsulClusterArgs
	inner *consul.Cluster
}

// NewConsulCluster registers a [ConsulCluster]. It fails before anything is registered if an argument is not allowed.
func NewConsulCluster(ctx *pulumi.Context, name string, args *ConsulClusterArgs, opts ...pulumi.ResourceOption) (*ConsulCluster, error) {
	if args == nil {
		args = &ConsulClusterArgs{}
	}
	c := &ConsulCluster{args: *args}
	if err := c.args.validate(name); err != nil {
		return nil, err
	}
	if err := inputs.Register(ctx, "ConsulCluster", name, c.args, c, opts); err != nil {
		return nil, err
	}
	c.args.Network.consul = name
	n := c.args.Network
	addresses, err := n.site.Addresses(ports.Consul, c.args.Servers)
	if err != nil {
		return nil, err
	}
	c.inner = &consul.Cluster{
		Name:             name,
		Site:             n.site,
		Servers:          c.args.Servers,
		Addresses:        addresses,
		Image:            c.args.Image,
		Services:         c.args.services(),
		ReconnectTimeout: c.args.ReconnectTimeout,
	}
	if err := c.inner.NewSecrets(ctx, c); err != nil {
		return nil, err
	}
	if err := n.orchestrator.AddTokens(ctx, c.inner, c); err != nil {
		return nil, err
	}
	c.inner.Machines, err = n.site.NewSet(ctx, name, machine.SetArgs{
		Tier:           ports.Consul,
		Count:          c.args.Servers,
		Kind:           c.args.Machine.kind(),
		MaxUnavailable: 1,
		Member:         func(m *machine.Machine) (pulumi.Resource, error) { return c.inner.NewServer(ctx, m) },
	}, pulumi.Parent(c))
	if err != nil {
		return nil, err
	}
	if err := c.inner.NewReady(ctx, n.orchestrator.Policies(c.inner), n.orchestrator.TokenPolicies(), c); err != nil {
		return nil, err
	}
	c.Addresses = c.inner.Machines.Addresses
	c.ManagementToken = c.inner.Token(consul.Management)
	c.ApplicationToken = c.inner.ApplicationToken()
	c.AgentURL = pulumi.Sprintf("http://%s:%d", consul.BridgeAddress, consul.AgentPort)
	return c, ctx.RegisterResourceOutputs(c, pulumi.Map{
		"addresses":        c.Addresses,
		"managementToken":  pulumi.ToSecret(c.ManagementToken),
		"applicationToken": pulumi.ToSecret(c.ApplicationToken),
		"agentUrl":         c.AgentURL,
	})
}

// services are the nodes' own, as agents register them.
func (a *ConsulClusterArgs) services() []consul.Service {
	var services []consul.Service
	for _, service := range a.NodeServices {
		services = append(services, consul.Service(service))
	}
	return services
}

// validate fills in defaults and reports everything wrong.
func (a *ConsulClusterArgs) validate(name string) error {
	heading := rules.Heading("ConsulCluster", name)
	if a.Network == nil {
		return rules.Invalid(heading, "network", "is missing")
	}
	a.Servers = cmp.Or(a.Servers, rules.DefaultServers)
	a.ReconnectTimeout = cmp.Or(a.ReconnectTimeout, rules.DefaultReconnectTimeout)
	a.Machine.setDefaults(rules.DefaultControlVMSize, rules.DefaultDisk)
	var p rules.Problems
	p.ComponentName("name", name)
	if other := a.Network.consul; other != "" {
		p.Add("network", "has the Consul cluster %s already; a network has one", other)
	}
	a.Machine.validate(&p, "machine")
	a.Image = inputs.CheckedImage(&p, heading, "image", a.Image, rules.DefaultConsulImage)
	validateNodeServices(&p, "nodeServices", a.NodeServices)
	p.Duration("reconnectTimeout", a.ReconnectTimeout, rules.ReconnectTimeout)
	p.OneOf("servers", a.Servers, rules.Servers(a.AllowSingleServer))
	a.Network.args.checkQuorum(&p, "servers", a.Servers)
	return p.Err(heading)
}
