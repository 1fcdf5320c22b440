package azure

import (
	network "github.com/pulumi/pulumi-azure-native-sdk/network/v2/v20240501"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// newNetworkInterface registers the one interface of a machine.
func (s *Scope) newNetworkInterface(ctx *pulumi.Context, spec Machine, parent pulumi.Resource) (*network.NetworkInterface, error) {
	configuration := network.NetworkInterfaceIPConfigurationArgs{
		Name:                      pulumi.String("primary"),
		Primary:                   pulumi.Bool(true),
		PrivateIPAllocationMethod: network.IPAllocationMethodStatic,
		PrivateIPAddress:          pulumi.String(spec.Address.String()),
		Subnet:                    network.SubnetTypeArgs{Id: subnetID(spec.VirtualNetwork, spec.Tier)},
	}
	if spec.PublicAddress != nil {
		configuration.PublicIPAddress = network.PublicIPAddressTypeArgs{Id: spec.PublicAddress.ToStringOutput().ToStringPtrOutput()}
	}
	if len(spec.BackendPools) > 0 {
		var pools network.BackendAddressPoolArray
		for _, pool := range spec.BackendPools {
			pools = append(pools, network.BackendAddressPoolArgs{Id: pool.ToStringOutput().ToStringPtrOutput()})
		}
		configuration.LoadBalancerBackendAddressPools = pools
	}
	return network.NewNetworkInterface(ctx, spec.Name, &network.NetworkInterfaceArgs{
		NetworkInterfaceName: pulumi.String(spec.Name),
		ResourceGroupName:    s.GroupName,
		Tags:                 s.tags,
		IpConfigurations:     network.NetworkInterfaceIPConfigurationArray{configuration},
	}, s.options("NetworkInterface", spec.Name, othersInterface, pulumi.Parent(parent))...)
}

// othersInterface are properties of a network interface. Its one address has its place for ever, whose id may come back in
// capitals.
var othersInterface = append([]string{
	"auxiliaryMode", "auxiliarySku", "disableTcpStateTracking", "dnsSettings", "enableAcceleratedNetworking", "enableIPForwarding",
	"extendedLocation", "migrationPhase", "networkSecurityGroup", "nicType", "privateLinkService", "workloadType",
}, within("ipConfigurations[0]", "applicationGatewayBackendAddressPools", "applicationSecurityGroups", "gatewayLoadBalancer", "id",
	"loadBalancerInboundNatRules", "privateIPAddressPrefixLength", "privateIPAddressVersion", "subnet", "type", "virtualNetworkTaps")...)
