package components

import (
	"cmp"
	"encoding/json"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/seed-3bc5c20b/azswarm/components/internal/inputs"
	"github.com/seed-3bc5c20b/azswarm/components/internal/machine"
	"github.com/seed-3bc5c20b/azswarm/components/internal/remote"
	"github.com/seed-3bc5c20b/azswarm/components/internal/stash"
	"github.com/seed-3bc5c20b/azswarm/internal/bootstrap"
	"github.com/seed-3bc5c20b/azswarm/internal/keys"
	"github.com/seed-3bc5c20b/azswarm/internal/pki"
	"github.com/seed-3bc5c20b/azswarm/internal/ports"
	"github.com/seed-3bc5c20b/azswarm/internal/rules"
)

// DefaultConsulImage is the image of Consul agents where none is named.
const DefaultConsulImage = rules.DefaultConsulImage

// datacenter is the name of Consul's data centre; it is part of the names in the servers' certificates.
const datacenter = "dc1"

// agentPort is where an agent serves its HTTP API.
const agentPort = 8500

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

	args         ConsulClusterArgs
	servers      *machine.Set
	gossip       pulumi.StringOutput
	ca           pulumi.StringMapOutput
	tokens       pulumi.StringMapOutput // of the platform
	applications pulumi.StringMapOutput // tokens of applications
	planned      []string               // addresses
	ready        *remote.Command
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
	if err := c.newSecrets(ctx, name); err != nil {
		return nil, err
	}
	var err error
	if c.planned, err = c.args.Network.site.Addresses(ports.Consul, c.args.Servers); err != nil {
		return nil, err
	}
	c.servers, err = c.args.Network.site.NewSet(ctx, name, machine.SetArgs{
		Tier:           ports.Consul,
		Count:          c.args.Servers,
		Kind:           c.args.Machine.kind(),
		MaxUnavailable: 1,
		Member:         func(m *machine.Machine) (pulumi.Resource, error) { return c.newServer(ctx, m) },
	}, pulumi.Parent(c))
	if err != nil {
		return nil, err
	}
	if c.ready, err = c.newReady(ctx, name); err != nil {
		return nil, err
	}
	c.Addresses = c.servers.Addresses
	c.ManagementToken = c.token(management)
	c.ApplicationToken = c.applications.MapIndex(pulumi.String(application))
	c.AgentURL = pulumi.Sprintf("http://%s:%d", bridgeAddress, agentPort)
	return c, ctx.RegisterResourceOutputs(c, pulumi.Map{
		"addresses": c.Addresses, "managementToken": pulumi.ToSecret(c.ManagementToken),
		"applicationToken": pulumi.ToSecret(c.ApplicationToken), "agentUrl": c.AgentURL,
	})
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

// newSecrets keeps everything random of the cluster.
func (c *ConsulCluster) newSecrets(ctx *pulumi.Context, name string) error {
	child := pulumi.Parent(c)
	gossip, err := stash.New(ctx, name+"-gossip", 0, func() (map[string]string, error) {
		key, err := keys.NewGossip()
		return map[string]string{"key": key}, err
	}, child)
	if err != nil {
		return err
	}
	c.gossip = gossip.MapIndex(pulumi.String("key"))
	c.ca, err = stash.New(ctx, name+"-ca", 0, newCA(name+" agents"), child)
	if err != nil {
		return err
	}
	c.tokens, err = stash.New(ctx, name+"-tokens", 0, func() (map[string]string, error) {
		return newACLTokens(management, discovery, serverAgent, managerAgent, workerAgent, swarmManager, swarmWorker, registrator)
	}, child)
	if err != nil {
		return err
	}
	// Apart from the others: what is kept never changes, and clusters that are older than this token lack it there.
	c.applications, err = stash.New(ctx, name+"-application", 0, func() (map[string]string, error) { return newACLTokens(application) }, child)
	if err != nil {
		return err
	}
	if c.args.Network.args.Orchestrator == Classic {
		c.tokens, err = withClassicTokens(ctx, name, c.tokens, child)
	}
	return err
}

// newServer registers what makes a machine a server of the cluster.
func (c *ConsulCluster) newServer(ctx *pulumi.Context, m *machine.Machine) (pulumi.Resource, error) {
	certificate, err := stash.FromOutput(ctx, m.Name+"-tls", 0, issue(c.ca, pki.Request{
		CommonName: m.Name, DNSNames: []string{"server." + datacenter + ".consul", "localhost"}, Server: true, Client: true, Lasting: true,
	}), pulumi.Parent(m.Set))
	if err != nil {
		return nil, err
	}
	config, err := json.Marshal(c.serverConfig(m))
	if err != nil {
		return nil, err
	}
	return c.args.Network.site.NewMember(ctx, m, machine.Membership{
		Join: bootstrap.Script{
			Parameters: []bootstrap.Parameter{
				{Name: "NODE", Value: m.Name}, {Name: "CONSUL_SERVER", Value: "true"},
				{Name: "CONSUL_CONFIG", Value: string(config)},
			},
			Files: []string{"consul"},
		},
		JoinValues: pulumi.StringMap{"CONSUL_IMAGE": c.args.Image},
		JoinCall:   "alone && ensure_consul",
		JoinSecrets: pulumi.Map{
			"ca": c.ca.MapIndex(pulumi.String("certificate")), "gossip": c.gossip,
			"certificate": certificate.MapIndex(pulumi.String("certificate")), "key": certificate.MapIndex(pulumi.String("key")),
			"management": c.token(management), "token": c.token(management), "agent": c.token(serverAgent), "discovery": c.token(discovery),
		},
		Peers: bootstrap.Script{
			Parameters: []bootstrap.Parameter{
				{Name: "NODE", Value: m.Name}, {Name: "ADDRESS", Value: m.Address.String()},
				{Name: "CONSUL_PEERS", Value: strings.Join(c.planned, " ")},
			},
			Files: []string{"peers", "consul-member"},
		},
		Ready: "consul_member_ready", Remove: "remove_consul_member", KnownHosts: m.Set.KnownHosts,
	})
}

// newReady registers the command that is done when the cluster is.
func (c *ConsulCluster) newReady(ctx *pulumi.Context, name string) (*remote.Command, error) {
	policies, err := json.Marshal(c.args.Network.args.Orchestrator.policies(name, c.args.NodeServices))
	if err != nil {
		return nil, err
	}
	tokens, err := json.Marshal(c.args.Network.args.Orchestrator.tokenPolicies())
	if err != nil {
		return nil, err
	}
	n := c.args.Network
	return remote.NewCommand(ctx, name+"-ready", n.site.Access, remote.Args{
		Script: bootstrap.Script{
			Parameters: []bootstrap.Parameter{
				{Name: "NODES", Value: strings.Join(c.servers.Names(), " ")}, {Name: "CONSUL_PEERS", Value: strings.Join(c.planned, " ")},
				c.servers.AddressesParameter(),
				{Name: "ACL_POLICIES", Value: string(policies)}, {Name: "ACL_TOKENS", Value: string(tokens)},
			},
			Files: []string{"peers", "consul-acl", "consul-member"},
		},
		Create: "consul_ready", Peers: c.servers.KnownHosts, Secrets: pulumi.Map{"tokens": c.tokens, "applications": c.applications}, Triggers: c.servers.Triggers(),
	}, pulumi.Parent(c), n.site.Together(), pulumi.DependsOn(c.servers.Members))
}

func (c *ConsulCluster) token(name string) pulumi.StringOutput {
	return c.tokens.MapIndex(pulumi.String(name))
}

// newCA makes a certificate authority, as fields "certificate" and "key".
func newCA(name string) func() (map[string]string, error) {
	return func() (map[string]string, error) {
		ca, err := pki.NewCA(name, time.Now())
		return map[string]string{"certificate": ca.Certificate, "key": ca.Key}, err
	}
}

// issue makes a certificate, as fields "certificate" and "key".
func issue(ca pulumi.StringMapOutput, request pki.Request) pulumi.StringMapOutput {
	return ca.ApplyT(func(ca map[string]string) (map[string]string, error) {
		leaf, err := pki.Issue(pki.KeyPair{Certificate: ca["certificate"], Key: ca["key"]}, request, time.Now())
		return map[string]string{"certificate": leaf.Certificate, "key": leaf.Key}, err
	}).(pulumi.StringMapOutput)
}
