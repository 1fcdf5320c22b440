// Package consul is what a Consul cluster is made of: its servers, its agents' configuration, and who may do what.
package consul

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/seed-3bc5c20b/azswarm/components/internal/authority"
	"github.com/seed-3bc5c20b/azswarm/components/internal/machine"
	"github.com/seed-3bc5c20b/azswarm/components/internal/remote"
	"github.com/seed-3bc5c20b/azswarm/components/internal/stash"
	"github.com/seed-3bc5c20b/azswarm/internal/bootstrap"
	"github.com/seed-3bc5c20b/azswarm/internal/keys"
	"github.com/seed-3bc5c20b/azswarm/internal/pki"
)

// Datacenter is the name of Consul's data centre; it is part of the names in the servers' certificates.
const Datacenter = "dc1"

// AgentPort is where an agent serves its HTTP API.
const AgentPort = 8500

// Cluster is a Consul cluster.
type Cluster struct {
	Name             string
	Site             *machine.Site
	Servers          int      // their number
	Addresses        []string // of the servers
	Image            pulumi.StringInput
	Services         []Service     // that every manager and worker registers
	ReconnectTimeout time.Duration // how long a node that has failed stays in the catalog

	CA       pulumi.StringMapOutput
	Tokens   pulumi.StringMapOutput // of the platform
	Machines *machine.Set           // the servers
	Ready    *remote.Command

	gossip       pulumi.StringOutput
	applications pulumi.StringMapOutput // tokens of applications
}

// NewSecrets keeps everything random of the cluster, but for what only an orchestrator needs.
func (c *Cluster) NewSecrets(ctx *pulumi.Context, parent pulumi.Resource) error {
	child, name := pulumi.Parent(parent), c.Name
	gossip, err := stash.New(ctx, name+"-gossip", 0, func() (map[string]string, error) {
		key, err := keys.NewGossip()
		return map[string]string{"key": key}, err
	}, child)
	if err != nil {
		return err
	}
	c.gossip = gossip.MapIndex(pulumi.String("key"))
	c.CA, err = stash.New(ctx, name+"-ca", 0, authority.New(name+" agents"), child)
	if err != nil {
		return err
	}
	c.Tokens, err = stash.New(ctx, name+"-tokens", 0, func() (map[string]string, error) {
		return NewTokens(Management, Discovery, ServerAgent, ManagerAgent, WorkerAgent, SwarmManager, SwarmWorker, Registrator)
	}, child)
	if err != nil {
		return err
	}
	// Apart from the others: what is kept never changes, and clusters that are older than this token lack it there.
	c.applications, err = stash.New(ctx, name+"-application", 0, func() (map[string]string, error) { return NewTokens(Application) }, child)
	return err
}

// NewServer registers what makes a machine a server of the cluster.
func (c *Cluster) NewServer(ctx *pulumi.Context, m *machine.Machine) (pulumi.Resource, error) {
	certificate, err := stash.FromOutput(ctx, m.Name+"-tls", 0, authority.Issue(c.CA, pki.Request{
		CommonName: m.Name, DNSNames: []string{"server." + Datacenter + ".consul", "localhost"}, Server: true, Client: true, Lasting: true,
	}), pulumi.Parent(m.Set))
	if err != nil {
		return nil, err
	}
	config, err := json.Marshal(c.serverConfig(m))
	if err != nil {
		return nil, err
	}
	return c.Site.NewMember(ctx, m, machine.Membership{
		Join: bootstrap.Script{
			Parameters: []bootstrap.Parameter{
				{Name: "NODE", Value: m.Name}, {Name: "CONSUL_SERVER", Value: "true"},
				{Name: "CONSUL_CONFIG", Value: string(config)},
			},
			Files: []string{"consul"},
		},
		JoinValues: pulumi.StringMap{"CONSUL_IMAGE": c.Image},
		JoinCall:   "ensure_consul",
		JoinSecrets: pulumi.Map{
			"ca": c.CA.MapIndex(pulumi.String("certificate")), "gossip": c.gossip,
			"certificate": certificate.MapIndex(pulumi.String("certificate")), "key": certificate.MapIndex(pulumi.String("key")),
			"management": c.Token(Management), "token": c.Token(Management), "agent": c.Token(ServerAgent), "discovery": c.Token(Discovery),
		},
		Peers: bootstrap.Script{
			Parameters: []bootstrap.Parameter{
				{Name: "NODE", Value: m.Name}, {Name: "ADDRESS", Value: m.Address.String()},
				{Name: "CONSUL_PEERS", Value: strings.Join(c.Addresses, " ")},
			},
			Files: []string{"peers", "consul-member"},
		},
		Ready: "consul_member_ready", Remove: "remove_consul_member", KnownHosts: m.Set.KnownHosts,
	})
}

// NewReady registers the command that is done when the cluster is, and its tokens have their policies.
func (c *Cluster) NewReady(ctx *pulumi.Context, policies map[string]string, tokens map[string][]string, parent pulumi.Resource) error {
	rulesText, err := json.Marshal(policies)
	if err != nil {
		return err
	}
	tokensText, err := json.Marshal(tokens)
	if err != nil {
		return err
	}
	c.Ready, err = remote.NewCommand(ctx, c.Name+"-ready", c.Site.Access, remote.Args{
		Script: bootstrap.Script{
			Parameters: []bootstrap.Parameter{
				{Name: "NODES", Value: strings.Join(c.Machines.Names(), " ")},
				{Name: "CONSUL_PEERS", Value: strings.Join(c.Addresses, " ")},
				c.Machines.AddressesParameter(),
				{Name: "ACL_POLICIES", Value: string(rulesText)},
				{Name: "ACL_TOKENS", Value: string(tokensText)},
			},
			Files: []string{"peers", "consul-acl", "consul-member"},
		},
		Create:   "consul_ready",
		Peers:    c.Machines.KnownHosts,
		Secrets:  pulumi.Map{"tokens": c.Tokens, "applications": c.applications},
		Triggers: c.Machines.Triggers(),
	}, pulumi.Parent(parent), c.Site.Together(), pulumi.DependsOn(c.Machines.Members))
	return err
}

// ApplicationToken is that of applications.
func (c *Cluster) ApplicationToken() pulumi.StringOutput {
	return c.applications.MapIndex(pulumi.String(Application))
}

// Token is one of the platform's, by what it is for.
func (c *Cluster) Token(name string) pulumi.StringOutput {
	return c.Tokens.MapIndex(pulumi.String(name))
}
