package components

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/seed-3bc5c20b/azswarm/components/internal/remote"
	"github.com/seed-3bc5c20b/azswarm/internal/bootstrap"
)

// membership is how a machine becomes a member of its cluster and stops being one.
type membership struct {
	// join runs on the machine.
	join        bootstrap.Script
	joinValues  pulumi.StringMap
	joinCall    string
	joinSecrets pulumi.Map
	after       []pulumi.Resource // what must exist before the machine can join

	// peers runs on the bastion and asks other members, so a machine that is lost can be removed too.
	peers       bootstrap.Script
	peersValues pulumi.StringMap
	ready       string // call: the others say the machine is a member in order
	remove      string // call: take the machine out, alive or not
	knownHosts  pulumi.StringOutput
}

// newMember registers the membership of a machine: a command that joins, and one that is done when the others call the machine
// a member, and takes it out again when it is deleted.
func (n *Network) newMember(ctx *pulumi.Context, m *Machine, s membership) (*remote.Command, error) {
	opts := func(after ...pulumi.Resource) []pulumi.ResourceOption {
		return []pulumi.ResourceOption{pulumi.Parent(m.set), n.DeletedTogether(), pulumi.DependsOn(after)}
	}
	join, err := remote.NewCommand(ctx, m.Name+"-join", n.access, remote.Args{
		Target: m.target(), Script: s.join, Values: s.joinValues, Create: s.joinCall, Secrets: s.joinSecrets, Triggers: m.triggers,
	}, opts(append(s.after, m.booted)...)...)
	if err != nil {
		return nil, err
	}
	return remote.NewCommand(ctx, m.Name+"-member", n.access, remote.Args{
		Script: s.peers, Values: s.peersValues, Create: s.ready, Delete: s.remove, Peers: s.knownHosts, Triggers: m.triggers,
		// A member that joined with other text or secrets, or whose machine restarts with another size, is checked again before
		// the next one changes.
		Secrets: pulumi.Map{"joined": fingerprint(join), "vmSize": pulumi.String(m.vmSize)},
	}, opts(join)...)
}

// fingerprint changes with what a command does and the secrets it gets.
func fingerprint(command *remote.Command) pulumi.StringOutput {
	return pulumi.All(command.Create, command.Stdin).ApplyT(func(parts []any) (string, error) {
		text, err := json.Marshal(parts)
		sum := sha256.Sum256(text)
		return hex.EncodeToString(sum[:]), err
	}).(pulumi.StringOutput)
}
