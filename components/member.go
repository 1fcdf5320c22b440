package components

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/seed-3bc5c20b/azswarm/components/internal/remote"
	"github.com/seed-3bc5c20b/azswarm/internal/bootstrap"
)

// newJoin registers the command that makes a machine part of its cluster.
func (n *Network) newJoin(ctx *pulumi.Context, m *Machine, script bootstrap.Script, secrets pulumi.Map, after ...pulumi.Resource) (*remote.Command, error) {
	return remote.NewCommand(ctx, m.Name+"-join", n.access, remote.Args{
		Target: &m.endpoint, Create: pulumi.String(script.Render()), Secrets: secrets, Triggers: m.triggers,
	}, pulumi.Parent(m.set), pulumi.DeletedWith(n.lifetime), pulumi.DependsOn(append(after, m.booted)))
}

// newMember registers the command that is done when the others call the machine a member, and that on deletion takes it out
// of the cluster. It runs on the bastion and asks the survivors, so a machine that is lost can be removed too.
func (n *Network) newMember(ctx *pulumi.Context, m *Machine, script bootstrap.Script, ready, remove string, known pulumi.StringOutput, join *remote.Command) (*remote.Command, error) {
	render := func(call string) pulumi.StringOutput { return n.renderForBastion(script, call, known) }
	return remote.NewCommand(ctx, m.Name+"-member", n.access, remote.Args{
		Create: render(ready), Delete: render(remove), Triggers: m.triggers,
		// A member that joined with other text or secrets is checked again, before the next one changes.
		Secrets: n.bastionSecrets(pulumi.Map{"joined": fingerprint(join)}),
	}, pulumi.Parent(m.set), pulumi.DeletedWith(n.lifetime), pulumi.DependsOn([]pulumi.Resource{join}))
}

// newBastionCommand registers a command that runs on the bastion and asks machines for something.
func (n *Network) newBastionCommand(ctx *pulumi.Context, name string, script bootstrap.Script, known pulumi.StringOutput, secrets pulumi.Map, triggers pulumi.ArrayInput, opts ...pulumi.ResourceOption) (*remote.Command, error) {
	return remote.NewCommand(ctx, name, n.access, remote.Args{
		Create: n.renderForBastion(script, script.Call, known), Secrets: n.bastionSecrets(secrets), Triggers: triggers,
	}, append(opts, pulumi.DeletedWith(n.lifetime))...)
}

// fingerprint changes with what a command does and the secrets it gets.
func fingerprint(command *remote.Command) pulumi.StringOutput {
	return pulumi.All(command.Create, command.Stdin).ApplyT(func(parts []any) (string, error) {
		text, err := json.Marshal(parts)
		sum := sha256.Sum256(text)
		return hex.EncodeToString(sum[:]), err
	}).(pulumi.StringOutput)
}

func (n *Network) bastionSecrets(secrets pulumi.Map) pulumi.Map {
	all := pulumi.Map{"sshKey": n.SSHPrivateKey}
	maps.Copy(all, secrets)
	return all
}

func (n *Network) renderForBastion(script bootstrap.Script, call string, known pulumi.StringOutput) pulumi.StringOutput {
	return known.ApplyT(func(known string) string {
		s := script
		s.Call = call
		s.Parameters = append([]bootstrap.Parameter{{Name: "ADMIN", Value: adminUser}, {Name: "KNOWN_HOSTS", Value: known}}, script.Parameters...)
		return s.Render()
	}).(pulumi.StringOutput)
}
