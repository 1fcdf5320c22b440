package machine

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/seed-3bc5c20b/azswarm/components/internal/remote"
	"github.com/seed-3bc5c20b/azswarm/internal/bootstrap"
)

// Membership is how a machine becomes a member of its cluster and stops being one.
type Membership struct {
	// Join runs on the machine, once nobody else works there and its host is as it has to be: a call of its script, with values that
	// other resources may decide, and secrets.
	Join        bootstrap.Script
	JoinValues  pulumi.StringMap
	JoinCall    string // parted by semicolons: the shell's -e does not hold left of an &&
	JoinSecrets pulumi.Map
	After       []pulumi.Resource // what must exist before the machine can join

	// Peers runs on the bastion and asks other members, so a machine that is lost can be removed too.
	Peers       bootstrap.Script
	PeersValues pulumi.StringMap
	Ready       string // call: the others say the machine is a member in order
	Remove      string // call: take the machine out, alive or not
	KnownHosts  pulumi.StringOutput
}

// NewMember registers the Membership of a machine: a command that joins, and one that is done when the others call the machine
// a member, and takes it out again when it is deleted.
func (s *Site) NewMember(ctx *pulumi.Context, m *Machine, how Membership) (*remote.Command, error) {
	opts := func(after ...pulumi.Resource) []pulumi.ResourceOption {
		return []pulumi.ResourceOption{pulumi.Parent(m.Set), s.Together(), pulumi.DependsOn(after)}
	}
	how.Join.Files = append([]string{"host"}, how.Join.Files...)
	join, err := remote.NewCommand(ctx, m.Name+"-join", s.Access, remote.Args{
		Target: m.target(), Script: how.Join, Values: how.JoinValues, Create: "alone; ensure_host; " + how.JoinCall, Secrets: how.JoinSecrets, Triggers: m.Triggers,
	}, opts(append(how.After, m.Booted)...)...)
	if err != nil {
		return nil, err
	}
	// A member that joined with other text or secrets, or whose machine restarts with another size, is checked again before
	// the next one changes.
	checked := pulumi.Map{"joined": fingerprint(join), "vmSize": pulumi.String(m.vmSize)}
	if m.Drained != nil { // has its work again, even where the update ended in between
		checked["drained"] = m.Drained.Stdout
	}
	return remote.NewCommand(ctx, m.Name+"-member", s.Access, remote.Args{
		Script: how.Peers, Values: how.PeersValues, Create: how.Ready, Delete: how.Remove, Peers: how.KnownHosts, Triggers: m.Triggers,
		Secrets: checked,
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
