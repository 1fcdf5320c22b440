package swarmmode

import (
	"regexp"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/seed-3bc5c20b/azswarm/components/internal/machine"
	"github.com/seed-3bc5c20b/azswarm/components/internal/orchestrator"
	"github.com/seed-3bc5c20b/azswarm/components/internal/remote"
	"github.com/seed-3bc5c20b/azswarm/components/internal/stash"
	"github.com/seed-3bc5c20b/azswarm/internal/bootstrap"
)

// newCarried registers the command after which the first manager's machine has the Swarm of the one before it, where that was the
// only manager. Where the Swarm is lost instead, it says so.
func newCarried(ctx *pulumi.Context, s *orchestrator.Swarm, m *machine.Machine) (*remote.Command, error) {
	script := s.Peers("manager", m.Name)
	script.Parameters = append(script.Parameters, append([]bootstrap.Parameter{
		{Name: "NODE", Value: m.Name},
		{Name: "ADDRESS", Value: m.Address.String()},
	}, keyPaths(s)...)...)
	return remote.NewCommand(ctx, m.Name+"-carried", s.Consul.Site.Access, remote.Args{
		Script: script, Create: "carry_in", Peers: s.Known(m.Set, m.Set.KnownHosts), Triggers: m.Triggers, Shown: true,
	}, pulumi.Parent(m.Set), s.Consul.Site.Together(), pulumi.DependsOn([]pulumi.Resource{m.Booted, s.Consul.Ready}))
}

var swarmID = regexp.MustCompile(`(?m)^Swarm ([a-z0-9]+)$`)

// Identity keeps which Swarm the managers are in, as they say when they are ready. Workers join again when it is another one.
func (Mode) Identity(ctx *pulumi.Context, s *orchestrator.Swarm, parent pulumi.Resource) error {
	said := s.Ready.Stdout.ApplyT(func(text string) string {
		if match := swarmID.FindStringSubmatch(text); match != nil {
			return match[1]
		}
		return "" // on paper
	}).(pulumi.StringOutput)
	var err error
	s.ID, err = stash.Latest(ctx, s.Name+"-swarm", said, pulumi.Parent(parent))
	return err
}
