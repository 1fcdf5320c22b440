package orchestrator

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/seed-3bc5c20b/azswarm/components/internal/authority"
	"github.com/seed-3bc5c20b/azswarm/components/internal/consul"
	"github.com/seed-3bc5c20b/azswarm/components/internal/inputs"
	"github.com/seed-3bc5c20b/azswarm/components/internal/machine"
	"github.com/seed-3bc5c20b/azswarm/components/internal/remote"
	"github.com/seed-3bc5c20b/azswarm/components/internal/stash"
	"github.com/seed-3bc5c20b/azswarm/internal/bootstrap"
	"github.com/seed-3bc5c20b/azswarm/internal/pki"
)

// Swarm is a Swarm as its machines are told of it.
type Swarm struct {
	Name         string
	Orchestrator Orchestrator
	Consul       *consul.Cluster
	Planned      []string               // addresses of the managers
	Address      pulumi.StringOutput    // public, of the load balancer
	CA           pulumi.StringMapOutput // of the API: "certificate" and "key"
	RotateCA     int
	Cache        Cache

	// What only one orchestrator has.
	Autolock                bool
	EngineURL, EngineSHA256 string
	Image                   pulumi.StringInput

	// What there is only once the managers are ready.
	Managers *machine.Set
	Ready    *remote.Command
	ID       pulumi.StringOutput // which Swarm it is, where that can change
}

// NewManager registers what makes a machine a manager.
func (s *Swarm) NewManager(ctx *pulumi.Context, m *machine.Machine) (pulumi.Resource, error) {
	certificate, err := stash.FromOutput(ctx, m.Name+"-api", s.RotateCA, s.serverCertificate(m), pulumi.Parent(m.Set))
	if err != nil {
		return nil, err
	}
	join, err := s.Orchestrator.Manager(ctx, s, m)
	if err != nil {
		return nil, err
	}
	config, err := json.Marshal(s.Consul.ClientConfig(m, s.Orchestrator.ManagerServices()...))
	if err != nil {
		return nil, err
	}
	secrets := merged(s.Consul.ClientSecrets(consul.ManagerAgent, consul.SwarmManager), join.Secrets)
	s.AddAPISecrets(secrets, certificate)
	cache, err := s.cacheValues(ctx, m, secrets)
	if err != nil {
		return nil, err
	}
	return s.newMember(ctx, m, "manager", pulumi.StringMap{}, machine.Membership{
		Join: bootstrap.Script{
			Parameters: append([]bootstrap.Parameter{
				{Name: "NODE", Value: m.Name},
				{Name: "ADDRESS", Value: m.Address.String()},
			}, slices.Concat(join.Parameters, s.Consul.ClientParameters(string(config)))...),
			Files: join.Files,
		},
		JoinValues:  inputs.Values(s.Consul.ClientValues(), cache, join.Values),
		JoinCall:    "ensure_consul; join_as_manager; ensure_image_cache",
		JoinSecrets: secrets,
		After:       append([]pulumi.Resource{s.Consul.Ready}, join.After...),
	})
}

// NewWorker registers what makes a machine a worker.
func (s *Swarm) NewWorker(ctx *pulumi.Context, m *machine.Machine, labels pulumi.StringMap, registrator pulumi.StringInput) (pulumi.Resource, error) {
	join, err := s.Orchestrator.Worker(ctx, s, m, labels)
	if err != nil {
		return nil, err
	}
	config, err := json.Marshal(s.Consul.ClientConfig(m, s.Orchestrator.WorkerServices()...))
	if err != nil {
		return nil, err
	}
	secrets := merged(s.Consul.ClientSecrets(consul.WorkerAgent, consul.SwarmWorker), join.Secrets)
	secrets["registrator"] = s.Consul.Token(consul.Registrator)
	return s.newMember(ctx, m, "worker", labels, machine.Membership{
		Join: bootstrap.Script{
			Parameters: append([]bootstrap.Parameter{
				{Name: "NODE", Value: m.Name},
				{Name: "ADDRESS", Value: m.Address.String()},
			}, slices.Concat(join.Parameters, s.mirrorParameters(secrets), s.Consul.ClientParameters(string(config)))...),
			Files: join.Files,
		},
		JoinValues:  inputs.Values(s.Consul.ClientValues(), join.Values, pulumi.StringMap{"REGISTRATOR_IMAGE": registrator}),
		JoinCall:    "ensure_mirrors; ensure_consul; join_as_worker; ensure_registrator",
		JoinSecrets: secrets,
		After:       append([]pulumi.Resource{s.Ready}, join.After...),
	})
}

func merged(secrets, more pulumi.Map) pulumi.Map {
	for name, secret := range more {
		secrets[name] = secret
	}
	return secrets
}

// serverCertificate is for a manager's own address and the load balancer's.
func (s *Swarm) serverCertificate(m *machine.Machine) pulumi.StringMapOutput {
	return s.Address.ApplyT(func(address string) (pulumi.StringMapOutput, error) {
		public, err := netip.ParseAddr(address)
		if err != nil {
			return pulumi.StringMapOutput{}, fmt.Errorf("address of the load balancer: %w", err)
		}
		return authority.Issue(s.CA, pki.Request{
			CommonName: m.Name, DNSNames: []string{m.Name, "localhost"},
			IPs: []netip.Addr{m.Address, public, netip.MustParseAddr("127.0.0.1")}, Server: true,
			Client: s.Orchestrator.ManagersAskEngines(),
		}), nil
	}).(pulumi.StringMapOutput)
}

// AddAPISecrets adds what a machine serves the Docker API with.
func (s *Swarm) AddAPISecrets(secrets pulumi.Map, certificate pulumi.StringMapOutput) {
	secrets["dockerCa"] = s.CA.MapIndex(pulumi.String("certificate"))
	secrets["dockerCertificate"] = certificate.MapIndex(pulumi.String("certificate"))
	secrets["dockerKey"] = certificate.MapIndex(pulumi.String("key"))
}
