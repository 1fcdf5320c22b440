package machine

import (
	"encoding/base64"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/seed-3bc5c20b/azswarm/components/internal/azure"
	"github.com/seed-3bc5c20b/azswarm/components/internal/remote"
	"github.com/seed-3bc5c20b/azswarm/components/internal/stash"
	"github.com/seed-3bc5c20b/azswarm/internal/bootstrap"
	"github.com/seed-3bc5c20b/azswarm/internal/cloudinit"
	"github.com/seed-3bc5c20b/azswarm/internal/ports"
)

// Kind says what kind of virtual machine to use; all of it is said.
type Kind struct {
	VMSize     string      `pulumi:"vmSize"`
	Image      azure.Image `pulumi:"image"`
	OSDiskGiB  int         `pulumi:"osDiskGiB"`
	OSDiskType string      `pulumi:"osDiskType"`
}

// Machine is a member of a [Set], or the bastion.
type Machine struct {
	Node
	// Set is the one it is in; nil for the bastion.
	Set *Set
	// Triggers change when the machine is another one.
	Triggers pulumi.ArrayInput
	// Booted is the command after which cloud-init has finished; nil for the bastion.
	Booted pulumi.Resource
	// Drained is the command after which nothing that could run elsewhere runs on the machine, where Azure restarts it with another
	// size; nil where nothing moves.
	Drained *remote.Command

	vm     *azure.VirtualMachine
	vmSize string
}

// spec is what one machine is made from.
type spec struct {
	azure.Machine
	hostKey   pulumi.StringMapOutput
	engine    bool
	consulDNS bool
	drained   *remote.Command // nil for none
}

// newMachine registers a virtual machine with its network interface and the command that waits until it is ready for
// others. The opts are those of the virtual machine.
func (s *Site) newMachine(ctx *pulumi.Context, name string, kind Kind, spec spec, parent pulumi.Resource, opts ...pulumi.ResourceOption) (*Machine, error) {
	spec.Name, spec.VirtualNetwork = name, s.VirtualNetwork
	spec.VMSize, spec.Image, spec.OSDiskGiB, spec.OSDiskType = kind.VMSize, kind.Image, kind.OSDiskGiB, kind.OSDiskType
	spec.AdminUser, spec.AdminKey = s.AdminUser, s.AdminKey
	spec.CustomData = spec.hostKey.ApplyT(func(key map[string]string) (string, error) {
		text, err := cloudinit.UserData(cloudinit.Machine{
			HostPrivateKey: key["private"], HostPublicKey: key["public"], Engine: spec.engine, ConsulDNS: spec.consulDNS,
		})
		return base64.StdEncoding.EncodeToString([]byte(text)), err
	}).(pulumi.StringOutput)
	if spec.drained != nil {
		opts = append(opts, pulumi.DependsOn([]pulumi.Resource{spec.drained}))
	}
	vm, err := s.Scope.NewVirtualMachine(ctx, spec.Machine, parent, opts...)
	if err != nil {
		return nil, err
	}
	m := &Machine{Node: newNode(name, spec), Drained: spec.drained, vm: vm, vmSize: kind.VMSize}
	s.nodes = append(s.nodes, m.Node)
	if spec.Tier == ports.Bastion { // NewBastion waits for it: by its public address
		return m, nil
	}
	booted, err := s.awaitBoot(ctx, m, pulumi.Parent(parent), pulumi.DependsOn([]pulumi.Resource{vm, s.Bastion}))
	if err != nil {
		return nil, err
	}
	m.Booted = booted
	// Not the machine's own id: where the machine was lost rather than replaced, this makes the engine run the old member's
	// delete before the new machine joins, and not after it.
	m.Triggers = pulumi.Array{booted.ID()}
	return m, nil
}

// newNode is a machine as others know it, before it is registered.
func newNode(name string, spec spec) Node {
	return Node{
		Name:       name,
		Tier:       spec.Tier,
		Address:    spec.Address,
		knownHosts: knownHosts(stash.Public(spec.hostKey, "public"), spec.Address.String(), name),
	}
}

// target is the machine as one behind the bastion.
func (m *Machine) target() *remote.Target {
	return &remote.Target{Name: m.Name, Address: m.Address.String(), KnownHosts: m.knownHosts}
}

// awaitBoot registers the command that waits until a machine can be worked on. It is replaced with the machine, and runs
// again where the machine starts again, with another size. The plugin waits for the bastion itself, and for no other machine:
// there the bastion does, which tries again over new connections and knows what is wrong.
func (s *Site) awaitBoot(ctx *pulumi.Context, m *Machine, opts ...pulumi.ResourceOption) (*remote.Command, error) {
	opts = append([]pulumi.ResourceOption{s.Together()}, opts...)
	hidden, err := stash.Hidden(ctx, m.vm, m.vm.VmId)
	if err != nil {
		return nil, err
	}
	if hidden { // else it would be announced as replaced
		opts = append(opts, pulumi.IgnoreChanges([]string{"triggers"}))
	}
	args := remote.Args{
		Script: bootstrap.Script{Parameters: []bootstrap.Parameter{{Name: "NODE", Value: m.Name}}, Files: []string{"host", "machine"}},
		Create: "machine_ready", Triggers: pulumi.Array{m.vm.VmId}, Booting: true,
		Secrets: pulumi.Map{"vmSize": pulumi.String(m.vmSize)},
	}
	if m.Tier != ports.Bastion {
		args.Script.Parameters = append(args.Script.Parameters, bootstrap.Parameter{Name: "ADDRESS", Value: m.Address.String()})
		args.Script.Files = []string{"peers", "machine"}
		args.Create, args.Peers, args.Booting = "machine_booted", m.knownHosts, false
	}
	return remote.NewCommand(ctx, m.Name+"-booted", s.Access, args, opts...)
}
