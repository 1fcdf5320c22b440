package azure

import (
	"fmt"
	"strings"

	network "github.com/pulumi/pulumi-azure-native-sdk/network/v2/v20240501"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/seed-3bc5c20b/azswarm/internal/ports"
)

// BalancedPort is one port of a load balancer.
type BalancedPort struct {
	Frontend, Backend int
	Protocol          ports.Protocol
}

// Balancer is a public, Standard load balancer with one address and one backend pool.
type Balancer struct {
	Address     pulumi.StringOutput // public IP address
	BackendPool pulumi.StringOutput // ARM id
}

// NewLoadBalancer registers a load balancer, of the resource group of a virtual network by its ARM id, that probes each backend
// port by TCP: UDP services must answer TCP on the same port to be thought healthy.
func (s *Scope) NewLoadBalancer(ctx *pulumi.Context, name string, virtualNetwork pulumi.StringOutput, balanced []BalancedPort, parent pulumi.Resource) (*Balancer, error) {
	public, err := s.NewFrontAddress(ctx, name, parent)
	if err != nil {
		return nil, err
	}
	// A load balancer refers to its own parts by id, so the id is needed before there is one.
	id := resourceID(virtualNetwork, "Microsoft.Network/loadBalancers", name)
	part := func(kind, part string) network.SubResourceArgs {
		return network.SubResourceArgs{Id: pulumi.Sprintf("%s/%s/%s", id, kind, part)}
	}
	var probes network.ProbeArray
	var rules network.LoadBalancingRuleArray
	for _, port := range balanced {
		rule := fmt.Sprintf("%s-%d", strings.ToLower(string(port.Protocol)), port.Frontend)
		probes = append(probes, network.ProbeArgs{
			Name: pulumi.String(rule), Protocol: network.ProbeProtocolTcp, Port: pulumi.Int(port.Backend),
			IntervalInSeconds: pulumi.Int(5), ProbeThreshold: pulumi.Int(1),
		})
		rules = append(rules, network.LoadBalancingRuleArgs{
			Name: pulumi.String(rule), Protocol: pulumi.String(string(port.Protocol)),
			FrontendPort: pulumi.Int(port.Frontend), BackendPort: pulumi.Int(port.Backend),
			FrontendIPConfiguration: part("frontendIPConfigurations", "public"),
			BackendAddressPool:      part("backendAddressPools", "machines"),
			Probe:                   part("probes", rule),
			DisableOutboundSnat:     pulumi.Bool(true), // the NAT gateway is the way out
			EnableTcpReset:          pulumi.Bool(port.Protocol == ports.TCP),
			IdleTimeoutInMinutes:    pulumi.Int(30), // docker attach, logs and events are silent for long
		})
	}
	resource, err := network.NewLoadBalancer(ctx, name, &network.LoadBalancerArgs{
		LoadBalancerName:  pulumi.String(name),
		ResourceGroupName: s.GroupName,
		Tags:              s.tags,
		Sku:               network.LoadBalancerSkuArgs{Name: network.LoadBalancerSkuNameStandard},
		FrontendIPConfigurations: network.FrontendIPConfigurationArray{network.FrontendIPConfigurationArgs{
			Name: pulumi.String("public"), PublicIPAddress: network.PublicIPAddressTypeArgs{Id: public.ID},
		}},
		BackendAddressPools: network.BackendAddressPoolArray{network.BackendAddressPoolArgs{Name: pulumi.String("machines")}},
		Probes:              probes,
		LoadBalancingRules:  rules,
	}, s.options("LoadBalancer", name, othersLoadBalancer, pulumi.Parent(parent))...)
	if err != nil {
		return nil, err
	}
	return &Balancer{
		Address:     public.Address,
		BackendPool: pulumi.Sprintf("%s/backendAddressPools/machines", resource.ID()),
	}, nil
}

// resourceID is the ARM id of a resource of the same resource group as another.
func resourceID(other pulumi.StringOutput, kind, name string) pulumi.StringOutput {
	return other.ApplyT(func(id string) string {
		group, _, _ := strings.Cut(id, "/providers/")
		return fmt.Sprintf("%s/providers/%s/%s", group, kind, name)
	}).(pulumi.StringOutput)
}

// othersLoadBalancer are properties of a load balancer. Azure reports the members of a pool among what could be an input.
var othersLoadBalancer = append(append([]string{"extendedLocation", "inboundNatPools", "inboundNatRules", "outboundRules", "sku.tier"},
	within("backendAddressPools[0]", "drainPeriodInSeconds", "id", "loadBalancerBackendAddresses", "location", "syncMode", "tunnelInterfaces",
		"virtualNetwork")...),
	within("frontendIPConfigurations[0]", "gatewayLoadBalancer", "id", "privateIPAddress", "privateIPAddressVersion",
		"privateIPAllocationMethod", "publicIPPrefix", "subnet", "zones")...)
