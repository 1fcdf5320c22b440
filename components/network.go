package components

import (
	"fmt"
	"net/netip"
	"strings"

	network "github.com/pulumi/pulumi-azure-native-sdk/network/v2/v20240501"
	"github.com/pulumi/pulumi-azure-native-sdk/resources/v2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/seed-3bc5c20b/azswarm/components/internal/kept"
	"github.com/seed-3bc5c20b/azswarm/components/internal/remote"
	"github.com/seed-3bc5c20b/azswarm/internal/ipam"
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

	plan      ipam.Plan
	args      NetworkArgs
	access    remote.Access
	publicKey pulumi.StringOutput
	group     pulumi.Resource // the resource group; nil for one that exists already
	lifetime  pulumi.Resource // what goes last of all that the machines need
	bastion   pulumi.Resource // the bastion, ready to be used
	nodes     []Node
	consul    string         // name of its Consul cluster
	managers  string         // name of its managers
	blocks    map[int]string // worker pools by address block
	shared    sharedTags
}

// NewNetwork registers a [Network]. It fails before anything is registered if an argument is not allowed.
func NewNetwork(ctx *pulumi.Context, name string, args *NetworkArgs, opts ...pulumi.ResourceOption) (*Network, error) {
	if args == nil {
		args = &NetworkArgs{}
	}
	n := &Network{args: *args, blocks: map[int]string{}}
	var err error
	if n.plan, err = n.args.validate(name); err != nil {
		return nil, err
	}
	// Engines before it don't know what a machine is replaced for, and would go on without.
	if err := ctx.RequirePulumiVersion(">=3.217.0"); err != nil {
		return nil, fmt.Errorf("Network %q: %w", name, err)
	}
	if err := register(ctx, "Network", name, n.args, n, opts); err != nil {
		return nil, err
	}
	if err := n.keepOrchestrator(ctx, name); err != nil {
		return nil, err
	}
	if err := n.keepAddressSpace(ctx, name); err != nil {
		return nil, err
	}
	if err := n.readTags(ctx, name); err != nil {
		return nil, err
	}
	child := pulumi.Parent(n)

	if n.args.ResourceGroupName != nil {
		n.ResourceGroupName = n.args.ResourceGroupName.ToStringOutput()
	} else {
		group, err := resources.NewResourceGroup(ctx, name, &resources.ResourceGroupArgs{Tags: n.args.Tags}, child,
			pulumi.IgnoreChanges(othersResourceGroup), n.shared.keep("ResourceGroup", name))
		if err != nil {
			return nil, err
		}
		n.ResourceGroupName, n.group = group.Name, group
	}

	sshKey, err := n.newSSHKey(ctx, name+"-ssh", adminUser+"@"+name, n)
	if err != nil {
		return nil, err
	}
	n.SSHPrivateKey = sshKey.MapIndex(pulumi.String("private"))
	n.publicKey = kept.Public(sshKey, "public")
	n.AdminUser = pulumi.String(adminUser).ToStringOutput()

	virtualNetwork, err := n.newVirtualNetwork(ctx, name)
	if err != nil {
		return nil, err
	}
	n.VirtualNetworkID = virtualNetwork.ID().ToStringOutput()
	if n.lifetime = n.group; n.lifetime == nil {
		n.lifetime = virtualNetwork
	}
	if err := n.newBastion(ctx, name); err != nil {
		return nil, err
	}
	return n, ctx.RegisterResourceOutputs(n, pulumi.Map{
		"resourceGroupName": n.ResourceGroupName, "virtualNetworkId": n.VirtualNetworkID,
		"bastionAddress": n.BastionAddress, "adminUser": n.AdminUser, "sshPrivateKey": pulumi.ToSecret(n.SSHPrivateKey),
		"tagKeys": pulumi.ToStringArray(n.shared.own),
	})
}

// keepAddressSpace refuses another address space than the one the network was made with: Azure takes no address away that a machine
// has. Like keepOrchestrator, it returns once that is known.
func (n *Network) keepAddressSpace(ctx *pulumi.Context, name string) error {
	made, err := kept.First(ctx, name+"-address-space", n.args.AddressSpace, pulumi.Parent(n))
	if err != nil {
		return err
	}
	if made != n.args.AddressSpace {
		return rules.Invalid(mistakesIn("Network", name), "addressSpace", `%q, but the network was made with %q, and its machines have their addresses in it;
keep %[2]q, or bring up a cluster with %[1]q beside it (a stack of its own), move the applications, and destroy this one`,
			n.args.AddressSpace, made)
	}
	return nil
}

// newVirtualNetwork registers the virtual network with its subnets inline: separate subnets are written one by one, and
// Azure refuses two writes at a time.
func (n *Network) newVirtualNetwork(ctx *pulumi.Context, name string) (*network.VirtualNetwork, error) {
	outbound, err := n.newPublicIP(ctx, name+"-nat", n.child())
	if err != nil {
		return nil, err
	}
	gateway, err := network.NewNatGateway(ctx, name+"-nat", &network.NatGatewayArgs{
		NatGatewayName: pulumi.String(name + "-nat"), ResourceGroupName: n.ResourceGroupName, Tags: n.tags(),
		Sku:               network.NatGatewaySkuArgs{Name: network.NatGatewaySkuNameStandard},
		PublicIpAddresses: network.SubResourceArray{network.SubResourceArgs{Id: outbound.ID()}},
	}, append(n.child(), pulumi.IgnoreChanges(othersNatGateway), n.shared.keep("NatGateway", name+"-nat"))...)
	if err != nil {
		return nil, err
	}
	var subnets network.SubnetTypeArray
	for _, tier := range ports.Tiers() {
		group, err := n.newSecurityGroup(ctx, name, tier)
		if err != nil {
			return nil, err
		}
		subnet := network.SubnetTypeArgs{
			Name:                  pulumi.String(string(tier)),
			AddressPrefix:         pulumi.String(n.subnet(tier).String()),
			DefaultOutboundAccess: pulumi.Bool(false),
			NetworkSecurityGroup:  network.NetworkSecurityGroupTypeArgs{Id: group.ID()},
		}
		if tier != ports.Bastion { // the bastion goes out by its own public address
			subnet.NatGateway = network.SubResourceArgs{Id: gateway.ID()}
		}
		subnets = append(subnets, subnet)
	}
	return network.NewVirtualNetwork(ctx, name, &network.VirtualNetworkArgs{
		VirtualNetworkName: pulumi.String(name), ResourceGroupName: n.ResourceGroupName, Tags: n.tags(),
		AddressSpace: network.AddressSpaceArgs{AddressPrefixes: pulumi.ToStringArray([]string{n.plan.Space.String()})},
		Subnets:      subnets,
	}, append(n.child(), pulumi.IgnoreChanges(othersNetwork), n.shared.keep("VirtualNetwork", name))...)
}

// newPublicIP registers a Standard, static public address: the only kind Azure still creates. It names no zones, which in a
// region that has any means all of them, however the machines are spread: Azure never lets an address change its zones.
func (n *Network) newPublicIP(ctx *pulumi.Context, name string, opts []pulumi.ResourceOption) (*network.PublicIPAddress, error) {
	return network.NewPublicIPAddress(ctx, name, &network.PublicIPAddressArgs{
		PublicIpAddressName: pulumi.String(name), ResourceGroupName: n.ResourceGroupName, Tags: n.tags(),
		Sku:                      network.PublicIPAddressSkuArgs{Name: network.PublicIPAddressSkuNameStandard},
		PublicIPAllocationMethod: network.IPAllocationMethodStatic,
		PublicIPAddressVersion:   network.IPVersionIPv4,
	}, append(opts, pulumi.IgnoreChanges(othersPublicIP), n.shared.keep("PublicIPAddress", name))...)
}

// newFrontAddress registers a public IP address that others connect to.
func (n *Network) newFrontAddress(ctx *pulumi.Context, name string, parent pulumi.Resource) (*network.PublicIPAddress, pulumi.StringOutput, error) {
	public, err := n.newPublicIP(ctx, name, append(n.azure(), pulumi.Parent(parent)))
	if err != nil {
		return nil, pulumi.StringOutput{}, err
	}
	address, err := kept.Made(ctx, name+"-address", public, public.IpAddress.Elem(), pulumi.Parent(parent))
	return public, address, err
}

// child are the options of the network's own Azure resources.
func (n *Network) child() []pulumi.ResourceOption { return append(n.azure(), pulumi.Parent(n)) }

// azure are the options of every Azure resource: it goes with its resource group. In a group that exists already, each is
// deleted by itself.
func (n *Network) azure() []pulumi.ResourceOption {
	if n.group == nil {
		return nil
	}
	return []pulumi.ResourceOption{pulumi.DeletedWith(n.group)}
}

func (n *Network) tags() pulumi.StringMap { return n.args.Tags }

func (n *Network) subnet(tier ports.Peer) netip.Prefix {
	return map[ports.Peer]netip.Prefix{
		ports.Bastion: n.plan.Bastion, ports.Consul: n.plan.Consul, ports.Managers: n.plan.Managers, ports.Workers: n.plan.Workers,
	}[tier]
}

// subnetID is the ARM id of a tier's subnet.
func (n *Network) subnetID(tier ports.Peer) pulumi.StringOutput {
	return pulumi.Sprintf("%s/subnets/%s", n.VirtualNetworkID, string(tier))
}

// Nodes lists the machines registered in the network so far, the bastion first.
func (n *Network) Nodes() []Node { return n.nodes }

// KnownHosts is an OpenSSH known_hosts file of the machines registered so far.
func (n *Network) KnownHosts() pulumi.StringOutput {
	lines := pulumi.StringArray{}
	for _, node := range n.nodes {
		lines = append(lines, node.knownHosts)
	}
	return joinLines(lines)
}

func joinLines(lines pulumi.StringArray) pulumi.StringOutput {
	return lines.ToStringArrayOutput().ApplyT(func(lines []string) string {
		return strings.Join(lines, "")
	}).(pulumi.StringOutput)
}

// DeletedTogether is for resources that live on the network's machines: they are not deleted one by one when everything
// in the network is.
func (n *Network) DeletedTogether() pulumi.ResourceOption { return pulumi.DeletedWith(n.lifetime) }
