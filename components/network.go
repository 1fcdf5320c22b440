package components

import (
	"fmt"
	"net/netip"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/seed-3bc5c20b/azswarm/components/internal/azure"
	"github.com/seed-3bc5c20b/azswarm/components/internal/inputs"
	"github.com/seed-3bc5c20b/azswarm/components/internal/machine"
	"github.com/seed-3bc5c20b/azswarm/components/internal/orchestrator"
	"github.com/seed-3bc5c20b/azswarm/components/internal/stash"
	"github.com/seed-3bc5c20b/azswarm/internal/ports"
	"github.com/seed-3bc5c20b/azswarm/internal/rules"
)

// adminUser is the administrator of every machine. Azure refuses the usual ones (admin, root, test, …).
const adminUser = "azswarm"

// Network is a virtual network with a private subnet and a network security group per tier, outbound access through a
// NAT gateway, and a bastion: the one machine with a public address.
//
// Every network security group ends in a rule that denies what no earlier rule allows, traffic within the virtual network
// included. The rules are those of docs/ports.md.
type Network struct {
	pulumi.ResourceState

	// ResourceGroupName of everything in the network.
	ResourceGroupName pulumi.StringOutput `pulumi:"resourceGroupName"`
	// VirtualNetworkID is the ARM id of the virtual network.
	VirtualNetworkID pulumi.StringOutput `pulumi:"virtualNetworkId"`
	// BastionAddress is the public IP address of the bastion.
	BastionAddress pulumi.StringOutput `pulumi:"bastionAddress"`
	// AdminUser is the login name on every machine.
	AdminUser pulumi.StringOutput `pulumi:"adminUser"`
	// SSHPrivateKey is the operator's key for every machine, OpenSSH PEM. Secret.
	SSHPrivateKey pulumi.StringOutput `pulumi:"sshPrivateKey"`

	args         NetworkArgs
	site         *machine.Site
	orchestrator orchestrator.Orchestrator // chosen here, once
	consul       string                    // name of its Consul cluster
	managers     string                    // name of its managers
	blocks       map[int]string            // worker pools by address block
}

// Node is a machine as an operator sees it.
type Node struct {
	Name    string     // host name
	Tier    string     // "bastion", "consul", "managers" or "workers"
	Address netip.Addr // static private address
}

// NewNetwork registers a [Network]. It fails before anything is registered if an argument is not allowed.
func NewNetwork(ctx *pulumi.Context, name string, args *NetworkArgs, opts ...pulumi.ResourceOption) (*Network, error) {
	if args == nil {
		args = &NetworkArgs{}
	}
	n := &Network{args: *args, blocks: map[int]string{}}
	plan, err := n.args.validate(name)
	if err != nil {
		return nil, err
	}
	// Engines before it don't know what a machine is replaced for, and would go on without.
	if err := ctx.RequirePulumiVersion(">=3.217.0"); err != nil {
		return nil, fmt.Errorf("Network %q: %w", name, err)
	}
	n.orchestrator = n.args.Orchestrator.room()
	if err := inputs.Register(ctx, "Network", name, n.args, n, opts); err != nil {
		return nil, err
	}
	if err := n.keepOrchestrator(ctx, name); err != nil {
		return nil, err
	}
	if err := n.keepAddressSpace(ctx, name); err != nil {
		return nil, err
	}
	scope, err := azure.NewScope(ctx, name, n.args.ResourceGroupName, n.args.Tags, n)
	if err != nil {
		return nil, err
	}
	n.ResourceGroupName = scope.GroupName
	sshKey, err := machine.NewSSHKey(ctx, name+"-ssh", adminUser+"@"+name, n)
	if err != nil {
		return nil, err
	}
	n.SSHPrivateKey = sshKey.MapIndex(pulumi.String("private"))
	n.AdminUser = pulumi.String(adminUser).ToStringOutput()

	openings := n.args.openings()
	openings.Plan = plan
	virtualNetwork, err := scope.NewVirtualNetwork(ctx, name, openings, n)
	if err != nil {
		return nil, err
	}
	n.VirtualNetworkID = virtualNetwork.ID().ToStringOutput()
	n.site = &machine.Site{
		Scope:          scope,
		VirtualNetwork: n.VirtualNetworkID,
		Plan:           plan,
		Zones:          n.args.Spread == SpreadZones,
		FaultDomains:   n.args.FaultDomains,
		AdminUser:      adminUser,
		AdminKey:       stash.Public(sshKey, "public"),
		Lifetime:       scope.Group(),
	}
	if n.site.Lifetime == nil {
		n.site.Lifetime = virtualNetwork
	}
	n.BastionAddress, err = n.site.NewBastion(ctx, name+"-bastion", n.args.Bastion.kind(), n.SSHPrivateKey, n)
	if err != nil {
		return nil, err
	}
	return n, ctx.RegisterResourceOutputs(n, pulumi.Map{
		"resourceGroupName": n.ResourceGroupName,
		"virtualNetworkId":  n.VirtualNetworkID,
		"bastionAddress":    n.BastionAddress,
		"adminUser":         n.AdminUser,
		"sshPrivateKey":     pulumi.ToSecret(n.SSHPrivateKey),
		"tagKeys":           pulumi.ToStringArray(scope.TagKeys()),
	})
}

// openings are what the arguments let in.
func (a *NetworkArgs) openings() azure.Openings {
	open := azure.Openings{
		Orchestrator: ports.Orchestrator(a.Orchestrator),
		Options:      a.options(),
		Admins:       a.AdminCIDRs,
		Internal:     a.InternalPorts,
	}
	for _, port := range a.opened() {
		open.Applications = append(open.Applications, azure.Application{Port: port.TargetPort, Protocol: port.Protocol.azure(), Sources: port.Sources})
	}
	return open
}

// azure is the protocol as Azure names it.
func (p Protocol) azure() ports.Protocol {
	if p == UDP {
		return ports.UDP
	}
	return ports.TCP
}

// keepAddressSpace refuses another address space than the one the network was made with: Azure takes no address away that a machine
// has. Like keepOrchestrator, it returns once that is known.
func (n *Network) keepAddressSpace(ctx *pulumi.Context, name string) error {
	made, err := stash.First(ctx, name+"-address-space", n.args.AddressSpace, pulumi.Parent(n))
	if err != nil {
		return err
	}
	if made != n.args.AddressSpace {
		return rules.Invalid(rules.Heading("Network", name), "addressSpace", `%q, but the network was made with %q, and its machines have their addresses in it;
keep %[2]q, or bring up a cluster with %[1]q beside it (a stack of its own), move the applications, and destroy this one`,
			n.args.AddressSpace, made)
	}
	return nil
}

// Nodes lists the machines registered in the network so far, the bastion first.
func (n *Network) Nodes() []Node {
	var nodes []Node
	for _, node := range n.site.Nodes() {
		nodes = append(nodes, Node{Name: node.Name, Tier: string(node.Tier), Address: node.Address})
	}
	return nodes
}

// KnownHosts is an OpenSSH known_hosts file of the machines registered so far.
func (n *Network) KnownHosts() pulumi.StringOutput { return n.site.KnownHosts() }

// DeletedTogether is for resources that live on the network's machines: they are not deleted one by one when everything
// in the network is.
func (n *Network) DeletedTogether() pulumi.ResourceOption { return n.site.Together() }
