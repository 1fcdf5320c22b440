package orchestrator

import (
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/seed-3bc5c20b/azswarm/components/internal/machine"
	"github.com/seed-3bc5c20b/azswarm/components/internal/remote"
	"github.com/seed-3bc5c20b/azswarm/internal/bootstrap"
)

// newMember registers the membership of a machine in the Swarm, with its labels. The joining half is given.
func (s *Swarm) newMember(ctx *pulumi.Context, m *machine.Machine, role string, labels pulumi.StringMap, member machine.Membership) (pulumi.Resource, error) {
	member.Peers = s.Peers(role, m.Name)
	member.Peers.Parameters = append(member.Peers.Parameters,
		bootstrap.Parameter{Name: "NODE", Value: m.Name}, bootstrap.Parameter{Name: "ADDRESS", Value: m.Address.String()})
	asking := s.Orchestrator.Member(s, labels)
	member.Peers.Parameters = append(member.Peers.Parameters, asking.Parameters...)
	member.PeersValues = asking.Values
	keys := m.Set.KnownHosts
	if role == "worker" { // asks managers about itself: with all of its pool's keys, the state would grow with their square
		keys = m.KnownHosts()
	}
	member.Ready, member.Remove, member.KnownHosts = "swarm_member_ready", "remove_swarm_member", s.Known(m.Set, keys)
	return s.Consul.Site.NewMember(ctx, m, member)
}

// Peers is the script on the bastion that asks about nodes.
func (s *Swarm) Peers(role, nodes string) bootstrap.Script {
	return bootstrap.Script{
		Parameters: []bootstrap.Parameter{
			{Name: "ROLE", Value: role}, {Name: "NODES", Value: nodes},
			s.peers(),
			{Name: "CONSUL_PEERS", Value: strings.Join(s.Consul.Addresses, " ")},
		},
		Files: append([]string{"peers", "consul-member"}, s.Orchestrator.Member(s, nil).Files...),
	}
}

// peers tells a script where the managers are.
func (s *Swarm) peers() bootstrap.Parameter {
	return bootstrap.Parameter{Name: "MANAGER_PEERS", Value: strings.Join(s.Planned, " ")}
}

// NewReady registers the command that is done when all machines of a set are ready in their role.
func (s *Swarm) NewReady(ctx *pulumi.Context, name, role string, labels pulumi.StringMap, set *machine.Set, parent pulumi.Resource) (*remote.Command, error) {
	script := s.Peers(role, strings.Join(set.Names(), " "))
	script.Parameters = append(script.Parameters, set.AddressesParameter())
	asking := s.Orchestrator.Ready(s, labels)
	script.Parameters = append(script.Parameters, asking.Parameters...)
	return remote.NewCommand(ctx, name+"-ready", s.Consul.Site.Access, remote.Args{
		Script: script, Values: asking.Values, Create: "swarm_ready", Peers: s.Known(set, set.KnownHosts), Triggers: set.Triggers(),
		// Where servers are other ones, as after the loss of all, the nodes are to be in order with those.
		Secrets: pulumi.Map{"consul": s.Consul.Ready.ID()},
	}, pulumi.Parent(parent), s.Consul.Site.Together(), pulumi.DependsOn(set.Members))
}

// Known is the known_hosts of whom a command on the bastion talks to: the servers of both clusters, and those machines of a set
// whose keys are given.
func (s *Swarm) Known(set *machine.Set, keys pulumi.StringOutput) pulumi.StringOutput {
	lines := pulumi.StringArray{s.Consul.Machines.KnownHosts, keys}
	if s.Managers != nil && s.Managers != set {
		lines = append(lines, s.Managers.KnownHosts)
	}
	return machine.JoinLines(lines)
}
