// Package classic is Docker's standalone Swarm, which keeps its nodes, its leader and its overlay networks in Consul.
package classic

import (
	"net/netip"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/seed-3bc5c20b/azswarm/components/internal/authority"
	"github.com/seed-3bc5c20b/azswarm/components/internal/consul"
	"github.com/seed-3bc5c20b/azswarm/components/internal/inputs"
	"github.com/seed-3bc5c20b/azswarm/components/internal/machine"
	"github.com/seed-3bc5c20b/azswarm/components/internal/orchestrator"
	"github.com/seed-3bc5c20b/azswarm/components/internal/stash"
	"github.com/seed-3bc5c20b/azswarm/internal/bootstrap"
	"github.com/seed-3bc5c20b/azswarm/internal/pki"
	"github.com/seed-3bc5c20b/azswarm/internal/rules"
)

// apiPort is where managers serve the Swarm API, as in Docker's documentation of it.
const apiPort = 4000

// Swarm is the orchestrator.
type Swarm struct{}

// Swarm implements all of it.
var _ orchestrator.Orchestrator = Swarm{}

// APIPort is that of `swarm manage`.
func (Swarm) APIPort() int { return apiPort }

// ListNodes lists containers: there is no command for nodes.
func (Swarm) ListNodes() string { return "ps" }

// RunsServices is false.
func (Swarm) RunsServices() bool { return false }

// ManagersAskEngines is true: those of the workers, and the primary.
func (Swarm) ManagersAskEngines() bool { return true }

// ManagerServices are the Swarm API.
func (Swarm) ManagerServices() []consul.Service {
	return []consul.Service{{Name: rules.SwarmManagerService, Port: apiPort}}
}

// WorkerServices are the engines' APIs.
func (Swarm) WorkerServices() []consul.Service {
	return []consul.Service{{Name: rules.DockerAPIService, Port: orchestrator.ClientPort}}
}

// Manager runs `swarm manage`.
func (Swarm) Manager(_ *pulumi.Context, s *orchestrator.Swarm, _ *machine.Machine) (orchestrator.Joining, error) {
	return orchestrator.Joining{
		Files:   []string{"consul", "consul-keeper", "engine", "classic-manager", "image-cache"},
		Values:  pulumi.StringMap{"SWARM_IMAGE": s.Image},
		Secrets: pulumi.Map{manage: s.Consul.Token(manage)},
	}, nil
}

// Worker has an engine that the managers ask, with a certificate, and tells Consul of it.
func (Swarm) Worker(ctx *pulumi.Context, s *orchestrator.Swarm, m *machine.Machine, labels pulumi.StringMap) (orchestrator.Joining, error) {
	certificate, err := stash.FromOutput(ctx, m.Name+"-api", s.RotateCA, authority.Issue(s.CA, pki.Request{
		CommonName: m.Name,
		DNSNames:   []string{m.Name, "localhost"},
		IPs:        []netip.Addr{m.Address},
		Server:     true,
	}), pulumi.Parent(m.Set))
	if err != nil {
		return orchestrator.Joining{}, err
	}
	secrets := pulumi.Map{join: s.Consul.Token(join), engine: s.Consul.Token(engine)}
	s.AddAPISecrets(secrets, certificate)
	return orchestrator.Joining{
		Files: []string{"image-mirrors", "consul", "consul-keeper", "engine", "classic-engine", "classic-worker", "registrator"},
		Parameters: []bootstrap.Parameter{
			{Name: "ENGINE_URL", Value: s.EngineURL},
			{Name: "ENGINE_SHA256", Value: s.EngineSHA256},
		},
		Values:  pulumi.StringMap{"SWARM_IMAGE": s.Image, "LABELS": inputs.JSON(labels)},
		Secrets: secrets,
	}, nil
}

// Member has its labels itself.
func (Swarm) Member(*orchestrator.Swarm, pulumi.StringMap) orchestrator.Asking {
	return orchestrator.Asking{Files: []string{"classic-member"}}
}

// Drain there is none: nothing moves containers.
func (Swarm) Drain() orchestrator.Draining { return orchestrator.Draining{} }

// Ready needs nothing of its own.
func (Swarm) Ready(*orchestrator.Swarm, pulumi.StringMap) orchestrator.Asking {
	return orchestrator.Asking{}
}

// Identity is that of the Consul cluster.
func (Swarm) Identity(*pulumi.Context, *orchestrator.Swarm, pulumi.Resource) error { return nil }
