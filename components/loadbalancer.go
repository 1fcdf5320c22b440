package components

import (
	"fmt"
	"strings"

	network "github.com/pulumi/pulumi-azure-native-sdk/network/v2/v20240501"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// balancedPort is one port of a load balancer.
type balancedPort struct {
	frontend, backend int
	protocol          Protocol
}

// balancer is a public, Standard load balancer with one address and one backend pool.
type balancer struct {
	address     pulumi.StringOutput // public IP address
	backendPool pulumi.StringOutput // ARM id
}

// newLoadBalancer registers a load balancer that probes each backend port by TCP: UDP services must answer TCP on the
// same port to be thought healthy.
func (n *Network) newLoadBalancer(ctx *pulumi.Context, name string, balanced []balancedPort, parent pulumi.Resource) (*balancer, error) {
	opts := append(n.azure(), pulumi.Parent(parent))
	public, address, err := n.newFrontAddress(ctx, name, parent)
	if err != nil {
		return nil, err
	}
	// A load balancer refers to its own parts by id, so the id is needed before there is one.
	id := n.resourceID("Microsoft.Network/loadBalancers", name)
	part := func(kind, part string) network.SubResourceArgs {
		return network.SubResourceArgs{Id: pulumi.Sprintf("%s/%s/%s", id, kind, part)}
	}
	var probes network.ProbeArray
	var rules network.LoadBalancingRuleArray
	for _, port := range balanced {
		protocol := azureProtocol(port.protocol)
		rule := fmt.Sprintf("%s-%d", port.protocol, port.frontend)
		probes = append(probes, network.ProbeArgs{
			Name: pulumi.String(rule), Protocol: network.ProbeProtocolTcp, Port: pulumi.Int(port.backend),
			IntervalInSeconds: pulumi.Int(5), ProbeThreshold: pulumi.Int(1),
		})
		rules = append(rules, network.LoadBalancingRuleArgs{
			Name: pulumi.String(rule), Protocol: pulumi.String(string(protocol)),
			FrontendPort: pulumi.Int(port.frontend), BackendPort: pulumi.Int(port.backend),
			FrontendIPConfiguration: part("frontendIPConfigurations", "public"),
			BackendAddressPool:      part("backendAddressPools", "machines"),
			Probe:                   part("probes", rule),
			DisableOutboundSnat:     pulumi.Bool(true), // the NAT gateway is the way out
			EnableTcpReset:          pulumi.Bool(port.protocol == TCP),
			IdleTimeoutInMinutes:    pulumi.Int(30), // docker attach, logs and events are silent for long
		})
	}
	resource, err := network.NewLoadBalancer(ctx, name, &network.LoadBalancerArgs{
		LoadBalancerName: pulumi.String(name), ResourceGroupName: n.ResourceGroupName, Tags: n.tags(),
		Sku: network.LoadBalancerSkuArgs{Name: network.LoadBalancerSkuNameStandard},
		FrontendIPConfigurations: network.FrontendIPConfigurationArray{network.FrontendIPConfigurationArgs{
			Name: pulumi.String("public"), PublicIPAddress: network.PublicIPAddressTypeArgs{Id: public.ID()},
		}},
		BackendAddressPools: network.BackendAddressPoolArray{network.BackendAddressPoolArgs{Name: pulumi.String("machines")}},
		Probes:              probes,
		LoadBalancingRules:  rules,
	}, append(opts, pulumi.IgnoreChanges(othersLoadBalancer), n.shared.keep("LoadBalancer", name))...)
	if err != nil {
		return nil, err
	}
	return &balancer{
		address:     address,
		backendPool: pulumi.Sprintf("%s/backendAddressPools/machines", resource.ID()),
	}, nil
}

// resourceID is the ARM id of a resource of the network's resource group.
func (n *Network) resourceID(kind, name string) pulumi.StringOutput {
	return n.VirtualNetworkID.ApplyT(func(id string) string {
		group, _, _ := strings.Cut(id, "/providers/")
		return fmt.Sprintf("%s/providers/%s/%s", group, kind, name)
	}).(pulumi.StringOutput)
}
