// Package orchestrator is what both orchestrators of containers have in common: how machines become managers and workers of a Swarm,
// and what each orchestrator has to say to that.
package orchestrator

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/seed-3bc5c20b/azswarm/components/internal/consul"
	"github.com/seed-3bc5c20b/azswarm/components/internal/machine"
	"github.com/seed-3bc5c20b/azswarm/internal/bootstrap"
)

// ClientPort is where the Swarm serves the Docker API to clients, through the load balancer, and engines theirs.
const ClientPort = 2376

// Orchestrator is what differs between the two. The scripts of both define the same functions.
type Orchestrator interface {
	// APIPort is where managers serve the Swarm API.
	APIPort() int
	// ListNodes is the part of a docker command that lists the nodes.
	ListNodes() string
	// RunsServices says whether the Swarm knows services, and not only containers.
	RunsServices() bool
	// ManagerServices and WorkerServices are what the machines serve themselves, for Consul's catalog.
	ManagerServices() []consul.Service
	WorkerServices() []consul.Service
	// AddTokens adds the tokens that only this orchestrator needs to those of the Consul cluster, which parent is.
	AddTokens(ctx *pulumi.Context, cluster *consul.Cluster, parent pulumi.Resource) error
	// Policies are Consul's, by name, and TokenPolicies which of them each token has.
	Policies(cluster *consul.Cluster) map[string]string
	TokenPolicies() map[string][]string
	// Manager and Worker say how a machine joins, beyond what every member does.
	Manager(ctx *pulumi.Context, s *Swarm, m *machine.Machine) (Joining, error)
	Worker(ctx *pulumi.Context, s *Swarm, m *machine.Machine, labels pulumi.StringMap) (Joining, error)
	// ManagersAskEngines says whether a manager's certificate is a client's, too.
	ManagersAskEngines() bool
	// Member is what the bastion's script about members needs, and Ready the one that waits for all.
	Member(s *Swarm, labels pulumi.StringMap) Asking
	Ready(s *Swarm, labels pulumi.StringMap) Asking
	// Drain is how a worker gives up its work for a restart of its machine. Without a call, it does not.
	Drain() Draining
	// Identity tells which Swarm the managers are in, once they are ready, where that can change.
	Identity(ctx *pulumi.Context, s *Swarm, parent pulumi.Resource) error
}

// Joining is how a machine joins.
type Joining struct {
	Files      []string
	Parameters []bootstrap.Parameter
	Values     pulumi.StringMap // parameters that other resources may decide
	Secrets    pulumi.Map
	After      []pulumi.Resource // what must exist before
}

// Asking is what a script on the bastion needs to ask members.
type Asking struct {
	Files      []string
	Parameters []bootstrap.Parameter
	Values     pulumi.StringMap
}

// Draining is the script on the bastion that has a worker's work run elsewhere, and what to call of it.
type Draining struct {
	Files []string
	Call  string
}
