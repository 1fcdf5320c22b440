// Package swarmmode is the Docker Engine's built-in Swarm.
package swarmmode

import (
	"strconv"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/seed-3bc5c20b/azswarm/components/internal/consul"
	"github.com/seed-3bc5c20b/azswarm/components/internal/inputs"
	"github.com/seed-3bc5c20b/azswarm/components/internal/machine"
	"github.com/seed-3bc5c20b/azswarm/components/internal/orchestrator"
	"github.com/seed-3bc5c20b/azswarm/internal/bootstrap"
	"github.com/seed-3bc5c20b/azswarm/internal/cloudinit"
	"github.com/seed-3bc5c20b/azswarm/internal/rules"
)

// controlPort is where managers serve the Swarm's control plane.
const controlPort = 2377

// Mode is the orchestrator.
type Mode struct{}

// Mode implements all of it.
var _ orchestrator.Orchestrator = Mode{}

// APIPort is that of every engine.
func (Mode) APIPort() int { return orchestrator.ClientPort }

// ListNodes lists the nodes.
func (Mode) ListNodes() string { return "node ls" }

// RunsServices is true.
func (Mode) RunsServices() bool { return true }

// ManagersAskEngines is false: engines of workers serve nobody.
func (Mode) ManagersAskEngines() bool { return false }

// ManagerServices are the API and the control plane.
func (Mode) ManagerServices() []consul.Service {
	return []consul.Service{
		{Name: rules.DockerAPIService, Port: orchestrator.ClientPort},
		{Name: rules.SwarmManagerService, Port: controlPort},
	}
}

// WorkerServices are none.
func (Mode) WorkerServices() []consul.Service { return nil }

// AddTokens adds none.
func (Mode) AddTokens(*pulumi.Context, *consul.Cluster, pulumi.Resource) error { return nil }

// Policies are those of every cluster.
func (Mode) Policies(c *consul.Cluster) map[string]string { return consul.Policies(c.Name, c.Services) }

// TokenPolicies are those of every cluster.
func (Mode) TokenPolicies() map[string][]string { return consul.TokenPolicies }

// Manager has the Swarm of the machine before it, where that was the only one.
func (Mode) Manager(ctx *pulumi.Context, s *orchestrator.Swarm, m *machine.Machine) (orchestrator.Joining, error) {
	join := orchestrator.Joining{
		Files: []string{"consul", "consul-keeper", "engine", "swarm", "swarm-keeper", "swarm-manager", "image-cache"},
		Parameters: append([]bootstrap.Parameter{
			{Name: "OVERLAY_POOL", Value: cloudinit.OverlayPool},
			{Name: "AUTOLOCK", Value: strconv.FormatBool(s.Autolock)},
		}, parameters(s)...),
	}
	if m.Name != machine.MemberName(s.Name, 0) {
		return join, nil
	}
	carried, err := newCarried(ctx, s, m)
	join.After = []pulumi.Resource{carried}
	return join, err
}

// Worker joins anew when the Swarm is another one.
func (Mode) Worker(_ *pulumi.Context, s *orchestrator.Swarm, _ *machine.Machine, _ pulumi.StringMap) (orchestrator.Joining, error) {
	return orchestrator.Joining{
		Files:      []string{"image-mirrors", "consul", "consul-keeper", "swarm", "swarm-worker", "registrator"},
		Parameters: parameters(s),
		Secrets:    pulumi.Map{"swarm": s.ID}, // it is no secret
	}, nil
}

// parameters say which Swarm it is and where its managers are.
func parameters(s *orchestrator.Swarm) []bootstrap.Parameter {
	return append([]bootstrap.Parameter{{Name: "MANAGER_ADDRESSES", Value: strings.Join(s.Planned, " ")}}, keyPaths(s)...)
}

// keyPaths are where the Swarm's join data lies in Consul.
func keyPaths(s *orchestrator.Swarm) []bootstrap.Parameter {
	return []bootstrap.Parameter{
		{Name: "MANAGER_KV", Value: consul.ManagerKV(s.Name)},
		{Name: "WORKER_KV", Value: consul.WorkerKV(s.Name)},
	}
}

// Member has its labels from the managers.
func (Mode) Member(s *orchestrator.Swarm, labels pulumi.StringMap) orchestrator.Asking {
	return orchestrator.Asking{
		Files:      []string{"swarm-node", "swarm-member", "swarm-carry"},
		Parameters: append([]bootstrap.Parameter{{Name: "FIRST", Value: machine.MemberName(s.Name, 0)}}, keyPaths(s)...),
		Values:     pulumi.StringMap{"LABELS": inputs.JSON(labels)},
	}
}

// Drain has the work of a worker run elsewhere.
func (Mode) Drain() orchestrator.Draining {
	return orchestrator.Draining{Files: []string{"swarm-node"}, Call: "drained_for_restart"}
}

// Ready sees to the labels, too.
func (Mode) Ready(s *orchestrator.Swarm, labels pulumi.StringMap) orchestrator.Asking {
	return orchestrator.Asking{
		Parameters: []bootstrap.Parameter{{Name: "WORKER_KV", Value: consul.WorkerKV(s.Name)}},
		Values:     pulumi.StringMap{"LABELS": inputs.JSON(labels)},
	}
}
