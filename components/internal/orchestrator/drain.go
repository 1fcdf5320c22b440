package orchestrator

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/seed-3bc5c20b/azswarm/components/internal/machine"
	"github.com/seed-3bc5c20b/azswarm/components/internal/remote"
	"github.com/seed-3bc5c20b/azswarm/internal/bootstrap"
)

// Drain is what registers, for a worker, the command that has its work run elsewhere before its machine restarts with another size;
// nil where nothing moves. It does nothing when it is created, as there is no machine then, and where the machine has the size
// already.
func (s *Swarm) Drain(ctx *pulumi.Context) func(machine.Node, string, ...pulumi.ResourceOption) (*remote.Command, error) {
	how := s.Orchestrator.Drain()
	if how.Call == "" {
		return nil
	}
	return func(node machine.Node, vmSize string, opts ...pulumi.ResourceOption) (*remote.Command, error) {
		script := bootstrap.Script{
			Parameters: []bootstrap.Parameter{
				{Name: "NODE", Value: node.Name},
				{Name: "ADDRESS", Value: node.Address.String()},
				s.peers(),
			},
			Files: append([]string{"peers"}, how.Files...),
		}
		return remote.NewCommand(ctx, node.Name+"-drained", s.Consul.Site.Access, remote.Args{
			Script:  script,
			Update:  how.Call,
			Peers:   machine.JoinLines(pulumi.StringArray{node.KnownHosts(), s.Managers.KnownHosts}),
			Secrets: pulumi.Map{"vmSize": pulumi.String(vmSize)},
		}, opts...)
	}
}
