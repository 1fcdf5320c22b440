package azure

import (
	"context"
	"fmt"
	"strings"
	"testing"
)

// refusal is one rule of Azure: what is tried, and how it is refused.
type refusal struct {
	rule  string
	code  string
	words []string
	try   func(l *lab) error
}

func runRefusals(t *testing.T, refusals []refusal) {
	for _, r := range refusals {
		t.Run(strings.ReplaceAll(r.rule, " ", "_"), func(t *testing.T) {
			l := newLab(t)
			wantRefusal(t, r.try(l), r.code, r.words...)
		})
	}
}

// creating is a try that creates one resource on top of the network.
func creating(token string, inputs props) func(l *lab) error {
	return func(l *lab) error {
		l.network()
		_, err := l.try(token, "x", inputs)
		return err
	}
}

func TestNamesAndGroupsAreRefused(t *testing.T) {
	missing := groupID + "/providers/Microsoft.Network/missing/x"
	runRefusals(t, []refusal{
		{"resource group must exist", "ResourceGroupNotFound", []string{"Status=404", "'rg'"}, func(l *lab) error {
			_, err := l.try(nsgToken, "x", nsg("x"))
			return err
		}},
		{"parent must exist", "ParentResourceNotFound", []string{"virtualNetworks/subnets", "virtualNetworks/gone"},
			creating(subnetToken, props{"resourceGroupName": "rg", "virtualNetworkName": "gone", "addressPrefix": "10.20.9.0/24"})},
		{"network names end in word characters", "InvalidResourceName", []string{"nsg-"}, creating(nsgToken, nsg("nsg-"))},
		{"network names are at most 80 long", "InvalidResourceName", []string{"80"}, creating(nsgToken, nsg(strings.Repeat("n", 81)))},
		{"virtual network names are at least 2 long", "InvalidResourceName", nil, creating(vnetToken, vnet("v"))},
		{"subnet names", "InvalidResourceName", []string{"a b"}, creating(vnetToken, vnet("v2", inlineSubnet("a b", "10.20.1.0/24", nil)))},
		{"group names do not end in a period", "InvalidResourceGroup", []string{"rg."}, func(l *lab) error {
			_, err := l.try(groupToken, "x", props{"resourceGroupName": "rg."})
			return err
		}},
		{"machine names", "InvalidParameter", []string{"_vm", "validation rule"}, creating(vmToken, vm("_vm", missing, nil))},
		{"availability set names", "InvalidParameter", []string{"set."}, creating(setToken, named("availabilitySetName", "set.", nil))},
		{"a resource does not move to another region", "InvalidResourceLocation", []string{"westeurope", "northeurope"}, func(l *lab) error {
			l.group()
			s := l.create(nsgToken, "x", nsg("x"))
			_, err := l.update(s, nsgToken, "x", merge(nsg("x"), props{"location": "northeurope"}))
			return err
		}},
		{"group names have no odd characters", "InvalidResourceGroup", []string{"r*g", "90"}, func(l *lab) error {
			_, err := l.try(groupToken, "x", props{"resourceGroupName": "r*g"})
			return err
		}},
		{"a group does not move to another region", "InvalidResourceGroupLocation", []string{"westeurope", "northeurope"}, func(l *lab) error {
			s := l.group()
			_, err := l.update(s, groupToken, "rg", props{"resourceGroupName": "rg", "location": "northeurope"})
			return err
		}},
		{"location is required", "LocationRequired", nil, func(l *lab) error {
			l.group()
			_, err := l.manager.Put(context.Background(), groupID+"/providers/Microsoft.Network/natGateways/x", props{})
			return err
		}},
		{"duplicate children", "DuplicateResourceName", []string{"(a)"},
			creating(vnetToken, vnet("v2", inlineSubnet("a", "10.20.1.0/24", nil), inlineSubnet("a", "10.20.2.0/24", nil)))},
	})
}

func TestNetworkAddressingIsRefused(t *testing.T) {
	withPrefix := func(prefix string) func(l *lab) error {
		return creating(vnetToken, vnet("v2", inlineSubnet("a", "10.20.0.0/20", nil), inlineSubnet("b", prefix, nil)))
	}
	withAddress := func(address string) func(l *lab) error { return creating(nicToken, nic("x", address, nil)) }
	runRefusals(t, []refusal{
		{"subnet outside of the network", "NetcfgSubnetRangeOutsideVnet", []string{"'b'"}, withPrefix("10.21.0.0/24")},
		{"subnet larger than the network", "NetcfgSubnetRangeOutsideVnet", nil, withPrefix("10.0.0.0/8")},
		{"subnets overlap", "NetcfgSubnetRangesOverlap", []string{"'b'"}, withPrefix("10.20.1.0/24")},
		{"subnet smaller than /29", "NetcfgInvalidSubnet", nil, withPrefix("10.20.200.0/30")},
		{"prefix with host bits", "InvalidCIDRNotation", []string{"10.20.100.0/24"}, withPrefix("10.20.100.1/24")},
		{"prefix that is none", "InvalidAddressPrefixFormat", []string{"10.20.100.0"}, withPrefix("10.20.100.0")},
		{"network without prefixes", "InvalidRequestFormat", nil, creating(vnetToken, named("virtualNetworkName", "v2", nil))},
		{"address Azure reserves at the start", "PrivateIPAddressInReservedRange", []string{"10.20.1.3", "10.20.1.0/24"}, withAddress("10.20.1.3")},
		{"address Azure reserves at the end", "PrivateIPAddressInReservedRange", nil, withAddress("10.20.1.255")},
		{"address outside of the subnet", "PrivateIPAddressNotInSubnet", []string{"10.20.2.4"}, withAddress("10.20.2.4")},
		{"address that is none", "InvalidIPAddressFormat", nil, withAddress("10.20.1")},
		{"static without address", "PrivateIPAddressMissing", []string{"ipConfigurations/ipconfig"}, withAddress("")},
		{"address taken", "PrivateIPAddressIsAllocated", []string{"10.20.1.4", "/first/"}, func(l *lab) error {
			l.network()
			l.create(nicToken, "first", nic("first", "10.20.1.4", nil))
			_, err := l.try(nicToken, "x", nic("x", "10.20.1.4", nil))
			return err
		}},
		{"subnet full", "SubnetIsFull", []string{"tiny"}, func(l *lab) error {
			l.group()
			l.create(vnetToken, "vnet", vnet("vnet", inlineSubnet("tiny", "10.20.1.0/29", nil)))
			dynamic := props{"privateIPAllocationMethod": "Dynamic", "privateIPAddress": nil, "subnet": ref(subnetID("vnet", "tiny"))}
			for i := range 3 {
				l.create(nicToken, fmt.Sprint("n", i), nic(fmt.Sprint("n", i), "", dynamic))
			}
			_, err := l.try(nicToken, "x", nic("x", "", dynamic))
			return err
		}},
		{"interface without IP configuration", "NetworkInterfaceMustHaveAtLeastOneIpConfiguration", nil, creating(nicToken, named("networkInterfaceName", "x", nil))},
		{"IP configurations in two networks", "IpConfigurationsOnSameNicCannotBeInDifferentVnets", nil, func(l *lab) error {
			l.network()
			l.create(vnetToken, "other", vnet("other", inlineSubnet("a", "10.20.1.0/24", nil)))
			configuration := func(name, network, address string) props {
				return props{"name": name, "subnet": ref(subnetID(network, "a")), "privateIPAllocationMethod": "Static", "privateIPAddress": address}
			}
			_, err := l.try(nicToken, "x", named("networkInterfaceName", "x", props{"ipConfigurations": []any{
				configuration("one", "vnet", "10.20.1.4"), configuration("two", "other", "10.20.1.5")}}))
			return err
		}},
		{"two IP configurations with one address", "PrivateIPAddressIsAllocated", []string{"ipConfigurations/one"}, func(l *lab) error {
			l.network()
			configuration := func(name string) props {
				return props{"name": name, "subnet": ref(subnetID("vnet", "a")), "privateIPAllocationMethod": "Static", "privateIPAddress": "10.20.1.4"}
			}
			_, err := l.try(nicToken, "x", named("networkInterfaceName", "x", props{"ipConfigurations": []any{configuration("one"), configuration("two")}}))
			return err
		}},
		{"interface of a machine stays in its network", "CannotMoveNetworkInterfaceToAnotherVnet", []string{"virtualNetworks/other"}, func(l *lab) error {
			l.network()
			l.create(vnetToken, "other", vnet("other", inlineSubnet("a", "10.20.1.0/24", nil)))
			n, _ := l.machine(0, nil)
			_, err := l.update(n, nicToken, "nic0", nic("nic0", "10.20.1.4", props{"subnet": ref(subnetID("other", "a"))}))
			return err
		}},
		{"subnet prefix in use", "InUsePrefixCannotBeDeleted", []string{"10.20.1.0/24"}, func(l *lab) error {
			s := l.network()
			l.create(nicToken, "n", nic("n", "10.20.1.4", nil))
			_, err := l.update(s, vnetToken, "vnet", vnet("vnet", inlineSubnet("a", "10.20.7.0/24", nil)))
			return err
		}},
	})
}

func TestReferencesAreRefused(t *testing.T) {
	gone := groupID + "/providers/Microsoft.Network/%s/gone"
	id := func(kind string) props { return ref(fmt.Sprintf(gone, kind)) }
	runRefusals(t, []refusal{
		{"subnet's security group is missing", "InvalidResourceReference", []string{"networkSecurityGroups/gone", "/subnets/a"},
			creating(vnetToken, vnet("v2", inlineSubnet("a", "10.20.1.0/24", props{"networkSecurityGroup": id("networkSecurityGroups")})))},
		{"subnet's NAT gateway is missing", "InvalidResourceReference", []string{"natGateways/gone"},
			creating(vnetToken, vnet("v2", inlineSubnet("a", "10.20.1.0/24", props{"natGateway": id("natGateways")})))},
		{"interface's subnet is missing", "InvalidResourceReference", []string{"subnets/gone"}, creating(nicToken, nic("x", "10.20.1.4", props{"subnet": ref(subnetID("vnet", "gone"))}))},
		{"interface's public IP is missing", "InvalidResourceReference", nil, creating(nicToken, nic("x", "10.20.1.4", props{"publicIPAddress": id("publicIPAddresses")}))},
		{"interface's security group is missing", "InvalidResourceReference", nil,
			creating(nicToken, merge(nic("x", "10.20.1.4", nil), props{"networkSecurityGroup": id("networkSecurityGroups")}))},
		{"interface's pool is missing", "InvalidResourceReference", nil,
			creating(nicToken, nic("x", "10.20.1.4", props{"loadBalancerBackendAddressPools": []any{ref(fmt.Sprintf(gone, "loadBalancers") + "/backendAddressPools/p")}}))},
		{"NAT gateway's public IP is missing", "InvalidResourceReference", nil,
			creating(natToken, named("natGatewayName", "x", props{"publicIpAddresses": []any{id("publicIPAddresses")}}))},
		{"machine's interface is missing", "InvalidResourceReference", []string{"networkInterfaces/gone"}, creating(vmToken, vm("x", fmt.Sprintf(gone, "networkInterfaces"), nil))},
		{"referenced resource is in another region", "InvalidResourceReference", []string{"same region"}, func(l *lab) error {
			l.network()
			_, err := l.try(nicToken, "x", merge(nic("x", "10.20.1.4", nil), props{"location": "northeurope"}))
			return err
		}},
		{"public IP has one user", "PublicIPAddressInUse", []string{"/first/"}, func(l *lab) error {
			l.network()
			ip := l.create(pipToken, "ip", standardIP("ip"))
			l.create(nicToken, "first", nic("first", "10.20.1.4", props{"publicIPAddress": ref(ip.id)}))
			_, err := l.try(nicToken, "x", nic("x", "10.20.1.5", props{"publicIPAddress": ref(ip.id)}))
			return err
		}},
	})
}

func TestSecurityRulesAreRefused(t *testing.T) {
	with := func(rules ...any) func(l *lab) error { return creating(nsgToken, nsg("nsg", rules...)) }
	runRefusals(t, []refusal{
		{"priority below 100", "SecurityRuleInvalidPriority", []string{"99", "100-4096"}, with(rule("r", 99, nil))},
		{"priority above 4096", "SecurityRuleInvalidPriority", []string{"4097"}, with(rule("r", 4097, nil))},
		{"same priority and direction", "SecurityRuleConflict", []string{"one", "two"}, with(rule("one", 100, nil), rule("two", 100, nil))},
		{"name of a default rule", "SecurityRuleConflict", []string{"DenyAllInBound"}, with(rule("denyallinbound", 100, nil))},
		{"same name twice", "DuplicateResourceName", []string{"(R)"}, with(rule("r", 100, nil), rule("R", 101, nil))},
		{"prefix with host bits", "SecurityRuleInvalidAddressPrefix", []string{"50.206.209.68/27"}, with(rule("r", 100, props{"sourceAddressPrefix": "50.206.209.68/27"}))},
		{"any is no prefix", "SecurityRuleInvalidAddressPrefix", []string{"any"}, with(rule("r", 100, props{"sourceAddressPrefix": "any"}))},
		{"unknown service tag", "SecurityRuleInvalidAddressPrefix", []string{"Internets"}, with(rule("r", 100, props{"destinationAddressPrefix": "Internets"}))},
		{"bad prefix in a list", "SecurityRuleInvalidAddressPrefix", nil,
			with(rule("r", 100, props{"sourceAddressPrefix": nil, "sourceAddressPrefixes": []any{"10.0.0.0/8", "10.0.0.300"}}))},
		{"list of ports in one string", "SecurityRuleInvalidPortRange", []string{"22,80"}, with(rule("r", 100, props{"destinationPortRange": "22,80"}))},
		{"port above 65535", "SecurityRuleInvalidPortRange", nil, with(rule("r", 100, props{"destinationPortRange": "65536"}))},
		{"port range backwards", "SecurityRuleInvalidPortRange", nil, with(rule("r", 100, props{"destinationPortRange": "80-22"}))},
		{"no address prefix", "SecurityRuleMissingParameters", []string{"sourceAddressPrefix"}, with(rule("r", 100, props{"sourceAddressPrefix": nil}))},
		{"no port range", "SecurityRuleMissingParameters", []string{"destinationPortRange"}, with(rule("r", 100, props{"destinationPortRange": nil}))},
		{"unknown protocol", "InvalidRequestFormat", []string{"Sctp", "Tcp"}, with(rule("r", 100, props{"protocol": "Sctp"}))},
		{"rule of its own conflicts with an inline one", "SecurityRuleConflict", nil, func(l *lab) error {
			l.group()
			l.create(nsgToken, "nsg", nsg("nsg", rule("one", 100, nil)))
			_, err := l.try(ruleToken, "two", merge(rule("two", 100, nil), props{"resourceGroupName": "rg", "networkSecurityGroupName": "nsg"}))
			return err
		}},
	})
}

func TestPublicAddressesAndGatewaysAreRefused(t *testing.T) {
	nat := func(changes props) props { return named("natGatewayName", "x", changes) }
	var many []any
	for i := range 17 {
		many = append(many, ref(fmt.Sprint(groupID, "/providers/Microsoft.Network/publicIPAddresses/ip", i)))
	}
	runRefusals(t, []refusal{
		{"standard public IP must be static", "StandardSkuPublicIPAddressesMustBeStatic", []string{"publicIPAddresses/ip"},
			creating(pipToken, merge(standardIP("ip"), props{"publicIPAllocationMethod": "Dynamic"}))},
		{"basic public IP is retired", "IPv4BasicSkuPublicIpCountLimitReached", nil, creating(pipToken, merge(standardIP("ip"), props{"sku": props{"name": "Basic"}}))},
		{"no sku means basic", "IPv4BasicSkuPublicIpCountLimitReached", nil, creating(pipToken, merge(standardIP("ip"), props{"sku": nil}))},
		{"addresses run out", "PublicIPCountLimitReached", []string{"59"}, func(l *lab) error {
			l.group()
			for i := range 59 {
				l.create(pipToken, "x", standardIP(fmt.Sprint("ip", i)))
			}
			_, err := l.try(pipToken, "x", standardIP("last"))
			return err
		}},
		{"NAT gateway is Standard", "InvalidRequestFormat", []string{"Basic"}, creating(natToken, nat(props{"sku": props{"name": "Basic"}}))},
		{"NAT gateway's idle timeout", "NatGatewayIdleTimeoutInvalid", []string{"121", "4 to 120"}, creating(natToken, nat(props{"idleTimeoutInMinutes": 121.0}))},
		{"NAT gateway takes 16 addresses", "NatGatewayPublicIpAddressesLimitReached", []string{"17", "16"}, creating(natToken, nat(props{"publicIpAddresses": many}))},
		{"NAT gateway is in one zone", "ResourceCannotHaveMultipleZonesSpecified", nil, creating(natToken, nat(props{"zones": []any{"1", "2"}}))},
		{"NAT gateway keeps its zone", "ResourceAvailabilityZonesCannotBeModified", nil, func(l *lab) error {
			l.group()
			s := l.create(natToken, "x", nat(props{"zones": []any{"1"}}))
			_, err := l.update(s, natToken, "x", nat(props{"zones": []any{"2"}}))
			return err
		}},
		{"NAT gateway on the gateway subnet", "NatGatewayCannotBeAssociatedToGatewaySubnet", nil, func(l *lab) error {
			l.group()
			served := props{"natGateway": ref(l.create(natToken, "x", nat(nil)).id)}
			_, err := l.try(vnetToken, "one", vnet("one", inlineSubnet("GatewaySubnet", "10.20.1.0/24", served)))
			return err
		}},
		{"IPv6", "LabHasNoIPv6", nil, creating(pipToken, merge(standardIP("ip"), props{"publicIPAddressVersion": "IPv6"}))},
		{"NAT gateway serves one network", "NatGatewayInMultipleVnets", []string{"virtualNetworks/one/subnets/a"}, func(l *lab) error {
			l.group()
			served := props{"natGateway": ref(l.create(natToken, "x", nat(nil)).id)}
			l.create(vnetToken, "one", vnet("one", inlineSubnet("a", "10.20.1.0/24", served)))
			_, err := l.try(vnetToken, "two", vnet("two", inlineSubnet("a", "10.20.1.0/24", served)))
			return err
		}},
	})
}
