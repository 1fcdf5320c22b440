package components

import (
	"regexp"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/seed-3bc5c20b/azswarm/components/internal/machine"
	"github.com/seed-3bc5c20b/azswarm/components/internal/remote"
	"github.com/seed-3bc5c20b/azswarm/components/internal/stash"
	"github.com/seed-3bc5c20b/azswarm/internal/bootstrap"
)

// newCarried registers the command after which the first manager's machine has the Swarm of the one before it, where that was the
// only manager. Where the Swarm is lost instead, it says so.
func (s *SwarmManagerSet) newCarried(ctx *pulumi.Context, m *machine.Machine) (*remote.Command, error) {
	script := s.peersScript("manager", m.Name)
	script.Parameters = append(script.Parameters,
		bootstrap.Parameter{Name: "NODE", Value: m.Name}, bootstrap.Parameter{Name: "ADDRESS", Value: m.Address.String()},
		bootstrap.Parameter{Name: "MANAGER_KV", Value: managerKV(s.name)}, bootstrap.Parameter{Name: "WORKER_KV", Value: workerKV(s.name)})
	n := s.network()
	return remote.NewCommand(ctx, m.Name+"-carried", n.site.Access, remote.Args{
		Script: script, Create: "carry_in", Peers: s.known(m.Set, m.Set.KnownHosts), Triggers: m.Triggers, Shown: true,
	}, pulumi.Parent(m.Set), n.site.Together(), pulumi.DependsOn([]pulumi.Resource{m.Booted, s.args.Consul.ready}))
}

var swarmID = regexp.MustCompile(`(?m)^Swarm ([a-z0-9]+)$`)

// keepIdentity keeps which Swarm the managers are in, as they say when they are ready. Workers join again when it is another one.
func (s *SwarmManagerSet) keepIdentity(ctx *pulumi.Context) error {
	if s.orchestrator() != SwarmMode {
		return nil
	}
	said := s.ready.Stdout.ApplyT(func(text string) string {
		if match := swarmID.FindStringSubmatch(text); match != nil {
			return match[1]
		}
		return "" // on paper
	}).(pulumi.StringOutput)
	var err error
	s.swarm, err = stash.Latest(ctx, s.name+"-swarm", said, pulumi.Parent(s))
	return err
}
