package azure

import (
	"fmt"
	"net/netip"

	network "github.com/pulumi/pulumi-azure-native-sdk/network/v2/v20240501"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/seed-3bc5c20b/azswarm/internal/ipam"
	"github.com/seed-3bc5c20b/azswarm/internal/ports"
)

// NewVirtualNetwork registers the virtual network, with a subnet and a security group per tier, and a NAT gateway as the way out. The
// subnets are inline: separate subnets are written one by one, and Azure refuses two writes at a time.
func (s *Scope) NewVirtualNetwork(ctx *pulumi.Context, name string, o Openings, parent pulumi.Resource) (pulumi.CustomResource, error) {
	outbound, err := s.NewPublicAddress(ctx, name+"-nat", pulumi.Parent(parent))
	if err != nil {
		return nil, err
	}
	gateway, err := network.NewNatGateway(ctx, name+"-nat", &network.NatGatewayArgs{
		NatGatewayName:    pulumi.String(name + "-nat"),
		ResourceGroupName: s.GroupName,
		Tags:              s.tags,
		Sku:               network.NatGatewaySkuArgs{Name: network.NatGatewaySkuNameStandard},
		PublicIpAddresses: network.SubResourceArray{network.SubResourceArgs{Id: outbound.ID()}},
	}, s.options("NatGateway", name+"-nat", othersNatGateway, pulumi.Parent(parent))...)
	if err != nil {
		return nil, err
	}
	var subnets network.SubnetTypeArray
	for _, tier := range ports.Tiers() {
		group, err := s.newSecurityGroup(ctx, name, tier, o, parent)
		if err != nil {
			return nil, err
		}
		subnet := network.SubnetTypeArgs{
			Name:                  pulumi.String(string(tier)),
			AddressPrefix:         pulumi.String(Subnet(o.Plan, tier).String()),
			DefaultOutboundAccess: pulumi.Bool(false),
			NetworkSecurityGroup:  network.NetworkSecurityGroupTypeArgs{Id: group.ID()},
		}
		if tier != ports.Bastion { // the bastion goes out by its own public address
			subnet.NatGateway = network.SubResourceArgs{Id: gateway.ID()}
		}
		subnets = append(subnets, subnet)
	}
	return network.NewVirtualNetwork(ctx, name, &network.VirtualNetworkArgs{
		VirtualNetworkName: pulumi.String(name),
		ResourceGroupName:  s.GroupName,
		Tags:               s.tags,
		AddressSpace:       network.AddressSpaceArgs{AddressPrefixes: pulumi.ToStringArray([]string{o.Plan.Space.String()})},
		Subnets:            subnets,
	}, s.options("VirtualNetwork", name, othersNetwork, pulumi.Parent(parent))...)
}

// Subnet is the part of an address space that is a tier's.
func Subnet(plan ipam.Plan, tier ports.Peer) netip.Prefix {
	return map[ports.Peer]netip.Prefix{
		ports.Bastion: plan.Bastion, ports.Consul: plan.Consul, ports.Managers: plan.Managers, ports.Workers: plan.Workers,
	}[tier]
}

// subnetID is the ARM id of a tier's subnet.
func subnetID(virtualNetwork pulumi.StringOutput, tier ports.Peer) pulumi.StringOutput {
	return pulumi.Sprintf("%s/subnets/%s", virtualNetwork, string(tier))
}

// othersNatGateway are properties of a NAT gateway.
var othersNatGateway = []string{"idleTimeoutInMinutes", "publicIpPrefixes", "zones"}

// othersNetwork are properties of a virtual network.
var othersNetwork = func() []string {
	paths := []string{
		"bgpCommunities", "ddosProtectionPlan", "dhcpOptions", "enableDdosProtection", "enableVmProtection", "encryption", "extendedLocation",
		"flowTimeoutInMinutes", "ipAllocations", "privateEndpointVNetPolicies", "addressSpace.ipamPoolPrefixAllocations",
	}
	for i := range ports.Tiers() {
		paths = append(paths, within(fmt.Sprintf("subnets[%d]", i), "addressPrefixes", "applicationGatewayIPConfigurations", "delegations",
			"ipAllocations", "ipamPoolPrefixAllocations", "privateEndpointNetworkPolicies", "privateLinkServiceNetworkPolicies", "routeTable",
			"serviceEndpointPolicies", "serviceEndpoints", "sharingScope")...)
	}
	return paths
}()
