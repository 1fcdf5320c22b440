package azure

import (
	"context"
	"fmt"
	"strings"
)

// creating is a try that creates one resource on top of the network.
func creating(token string, inputs props) func(l *lab) error {
	return func(l *lab) error {
		l.network()
		_, err := l.try(token, "x", inputs)
		return err
	}
}

func nameRules() []refusal {
	missing := groupID + "/providers/Microsoft.Network/missing/x"
	return []refusal{
		{"resource group must exist", "ResourceGroupNotFound", by("prepare", "ARM's answer, quoted in issues"), []string{"Status=404", "'rg'"}, func(l *lab) error {
			_, err := l.try(nsgToken, "x", nsg("x"))
			return err
		}},
		{"parent must exist", "ParentResourceNotFound", by("prepareChild", "ARM's answer, quoted in issues"), []string{"virtualNetworks/subnets", "virtualNetworks/gone"},
			creating(subnetToken, props{"resourceGroupName": "rg", "virtualNetworkName": "gone", "addressPrefix": "10.20.9.0/24"})},
		{"network names end in word characters", "InvalidResourceName", by("check", "azure-docs resource-name-rules.md", "code and text"), []string{"nsg-"}, creating(nsgToken, nsg("nsg-"))},
		{"network names are at most 80 long", "InvalidResourceName", by("check", "azure-docs resource-name-rules.md", "code and text"), []string{"80"}, creating(nsgToken, nsg(strings.Repeat("n", 81)))},
		{"virtual network names are at least 2 long", "InvalidResourceName", by("check", "azure-docs resource-name-rules.md", "code and text"), nil, creating(vnetToken, vnet("v"))},
		{"subnet names", "InvalidResourceName", by("check", "azure-docs resource-name-rules.md", "code and text"), []string{"a b"}, creating(vnetToken, vnet("v2", inlineSubnet("a b", "10.20.1.0/24", nil)))},
		{"group names do not end in a period", "InvalidResourceGroup", by("check", "azure-docs resource-name-rules.md", "code and text"), []string{"rg."}, func(l *lab) error {
			_, err := l.try(groupToken, "x", props{"resourceGroupName": "rg."})
			return err
		}},
		{"machine names", "InvalidParameter", by("check", "azure-docs resource-name-rules.md", "code and text"), []string{"_vm", "validation rule"}, creating(vmToken, vm("_vm", missing, nil))},
		{"availability set names", "InvalidParameter", by("check", "azure-docs resource-name-rules.md", "code and text"), []string{"set."}, creating(setToken, named("availabilitySetName", "set.", nil))},
		{"a resource does not move to another region", "InvalidResourceLocation", by("common", "ARM's answer, quoted in issues", "status"), []string{"westeurope", "northeurope"}, func(l *lab) error {
			l.group()
			s := l.create(nsgToken, "x", nsg("x"))
			_, err := l.update(s, nsgToken, "x", merge(nsg("x"), props{"location": "northeurope"}))
			return err
		}},
		{"group names have no odd characters", "InvalidResourceGroup", by("check", "azure-docs resource-name-rules.md", "code and text"), []string{"r*g", "90"}, func(l *lab) error {
			_, err := l.try(groupToken, "x", props{"resourceGroupName": "r*g"})
			return err
		}},
		{"a group does not move to another region", "InvalidResourceGroupLocation", by("common", "ARM's answer, quoted in issues", "status and text"), []string{"westeurope", "northeurope"}, func(l *lab) error {
			s := l.group()
			_, err := l.update(s, groupToken, "rg", props{"resourceGroupName": "rg", "location": "northeurope"})
			return err
		}},
		{"location is required", "LocationRequired", by("common", "ARM's answer, quoted in issues"), nil, func(l *lab) error {
			l.group()
			_, err := l.manager.Put(context.Background(), groupID+"/providers/Microsoft.Network/natGateways/x", props{})
			return err
		}},
		{"duplicate children", "DuplicateResourceName", by("duplicateName", "not found", "code and text"), []string{"(a)"},
			creating(vnetToken, vnet("v2", inlineSubnet("a", "10.20.1.0/24", nil), inlineSubnet("a", "10.20.2.0/24", nil)))},
	}
}

func addressRules() []refusal {
	withPrefix := func(prefix string) func(l *lab) error {
		return creating(vnetToken, vnet("v2", inlineSubnet("a", "10.20.0.0/20", nil), inlineSubnet("b", prefix, nil)))
	}
	withAddress := func(address string) func(l *lab) error { return creating(nicToken, nic("x", address, nil)) }
	return []refusal{
		{"subnet outside of the network", "NetcfgSubnetRangeOutsideVnet", by("checkSubnet", "azure-docs PR 123869"), []string{"'b'"}, withPrefix("10.21.0.0/24")},
		{"subnet larger than the network", "NetcfgSubnetRangeOutsideVnet", by("checkSubnet", "azure-docs PR 123869"), nil, withPrefix("10.0.0.0/8")},
		{"subnets overlap", "NetcfgSubnetRangesOverlap", by("checkOverlaps", "azure-docs PR 123869"), []string{"'b'"}, withPrefix("10.20.1.0/24")},
		{"subnet of fewer than 8 addresses", "NetcfgInvalidSubnet", by("checkSubnet", "azure-docs virtual-networks-faq.md; text: azure-cli #10917", "whether this text still comes"), nil, withPrefix("10.20.200.0/30")},
		{"prefix with host bits", "InvalidCIDRNotation", by("checkPrefix", "ARM's answer, quoted in public deployment logs"), []string{"10.20.100.0/24"}, withPrefix("10.20.100.1/24")},
		{"prefix that is none", "InvalidAddressPrefixFormat", by("checkPrefix", "ARM's answer, quoted in public deployment logs"), []string{"10.20.100.0"}, withPrefix("10.20.100.0")},
		{"network without prefixes", "InvalidRequestFormat", by("addressSpace", "virtualNetwork.json 2023-02-01", "code and text"), nil, creating(vnetToken, named("virtualNetworkName", "v2", nil))},
		{"address Azure reserves at the start", "PrivateIPAddressInReservedRange", by("checkStaticAddress", "azure-docs virtual-networks-faq.md; text: azurerm #4225"), []string{"10.20.1.3", "10.20.1.0/24"}, withAddress("10.20.1.3")},
		{"address Azure reserves at the end", "PrivateIPAddressInReservedRange", by("checkStaticAddress", "azure-docs virtual-networks-faq.md; text: azurerm #4225"), nil, withAddress("10.20.1.255")},
		{"address outside of the subnet", "PrivateIPAddressNotInSubnet", by("checkStaticAddress", "ARM's answer, quoted in a public lab text"), []string{"10.20.2.4"}, withAddress("10.20.2.4")},
		{"address that is none", "InvalidIPAddressFormat", by("checkStaticAddress", "not found", "code and text"), nil, withAddress("10.20.1")},
		{"static without address", "PrivateIPAddressMissing", by("checkStaticAddress", "azurerm #15265"), []string{"ipConfigurations/ipconfig"}, withAddress("")},
		{"address taken", "PrivateIPAddressIsAllocated", by("checkStaticAddress", "acs-engine-terraform #10"), []string{"10.20.1.4", "/first/"}, func(l *lab) error {
			l.network()
			l.create(nicToken, "first", nic("first", "10.20.1.4", nil))
			_, err := l.try(nicToken, "x", nic("x", "10.20.1.4", nil))
			return err
		}},
		{"subnet full", "SubnetIsFull", by("privateAddress", "ARM's answer, quoted in azure-docs"), []string{"tiny"}, func(l *lab) error {
			l.group()
			l.create(vnetToken, "vnet", vnet("vnet", inlineSubnet("tiny", "10.20.1.0/29", nil)))
			dynamic := props{"privateIPAllocationMethod": "Dynamic", "privateIPAddress": nil, "subnet": ref(subnetID("vnet", "tiny"))}
			for i := range 3 {
				l.create(nicToken, fmt.Sprint("n", i), nic(fmt.Sprint("n", i), "", dynamic))
			}
			_, err := l.try(nicToken, "x", nic("x", "", dynamic))
			return err
		}},
		{"interface without IP configuration", "NetworkInterfaceMustHaveAtLeastOneIpConfiguration", by("putNetworkInterface", "networkInterface.json 2022-11-01", "code and text"), nil, creating(nicToken, named("networkInterfaceName", "x", nil))},
		{"two IP configurations of one name", "DuplicateResourceName", by("duplicateName", "not found", "code and text"), []string{"(One)"}, func(l *lab) error {
			l.network()
			configuration := func(name, address string) props {
				return props{"name": name, "subnet": ref(subnetID("vnet", "a")), "privateIPAllocationMethod": "Static", "privateIPAddress": address}
			}
			_, err := l.try(nicToken, "x", named("networkInterfaceName", "x", props{"ipConfigurations": []any{configuration("one", "10.20.1.4"), configuration("One", "10.20.1.5")}}))
			return err
		}},
		{"subnet without prefix", "InvalidAddressPrefixFormat", by("checkSubnet", "virtualNetwork.json 2023-02-01", "code and text"), []string{"subnets/b"},
			creating(vnetToken, vnet("v2", props{"name": "b"}))},
		{"IP configurations in two networks", "IpConfigurationsOnSameNicCannotBeInDifferentVnets", by("checkOneNetwork", "azure-docs virtual-network-network-interface-vm.md", "code and text"), nil, func(l *lab) error {
			l.network()
			l.create(vnetToken, "other", vnet("other", inlineSubnet("a", "10.20.1.0/24", nil)))
			configuration := func(name, network, address string) props {
				return props{"name": name, "subnet": ref(subnetID(network, "a")), "privateIPAllocationMethod": "Static", "privateIPAddress": address}
			}
			_, err := l.try(nicToken, "x", named("networkInterfaceName", "x", props{"ipConfigurations": []any{
				configuration("one", "vnet", "10.20.1.4"), configuration("two", "other", "10.20.1.5")}}))
			return err
		}},
		{"two IP configurations with one address", "PrivateIPAddressIsAllocated", by("checkStaticAddress", "acs-engine-terraform #10"), []string{"ipConfigurations/one"}, func(l *lab) error {
			l.network()
			configuration := func(name string) props {
				return props{"name": name, "subnet": ref(subnetID("vnet", "a")), "privateIPAllocationMethod": "Static", "privateIPAddress": "10.20.1.4"}
			}
			_, err := l.try(nicToken, "x", named("networkInterfaceName", "x", props{"ipConfigurations": []any{configuration("one"), configuration("two")}}))
			return err
		}},
		{"interface of a machine stays in its network", "CannotMoveNetworkInterfaceToAnotherVnet", by("checkOneNetwork", "azure-docs virtual-network-network-interface-vm.md", "code and text"), []string{"virtualNetworks/other"}, func(l *lab) error {
			l.network()
			l.create(vnetToken, "other", vnet("other", inlineSubnet("a", "10.20.1.0/24", nil)))
			n, _ := l.machine(0, nil)
			_, err := l.update(n, nicToken, "nic0", nic("nic0", "10.20.1.4", props{"subnet": ref(subnetID("other", "a"))}))
			return err
		}},
		{"primary IP configuration renamed", "IpConfigDeleteNotSupported", by("checkPrimaryKept", "ansible-collections/azure #1281"), []string{"ipconfig cannot be deleted"}, func(l *lab) error {
			l.network()
			s := l.create(nicToken, "n", nic("n", "10.20.1.4", nil))
			_, err := l.update(s, nicToken, "n", nic("n", "10.20.1.4", props{"name": "other"}))
			return err
		}},
		{"subnet prefix in use", "InUsePrefixCannotBeDeleted", by("checkKept", "ARM's answer, quoted in public deployment logs"), []string{"10.20.1.0/24"}, func(l *lab) error {
			s := l.network()
			l.create(nicToken, "n", nic("n", "10.20.1.4", nil))
			_, err := l.update(s, vnetToken, "vnet", vnet("vnet", inlineSubnet("a", "10.20.7.0/24", nil)))
			return err
		}},
	}
}

func referenceRules() []refusal {
	gone := groupID + "/providers/Microsoft.Network/%s/gone"
	id := func(kind string) props { return ref(fmt.Sprintf(gone, kind)) }
	return []refusal{
		{"subnet's security group is missing", "InvalidResourceReference", by("checkSubnet", "ARM's answer, quoted in issues"), []string{"networkSecurityGroups/gone", "/subnets/a"},
			creating(vnetToken, vnet("v2", inlineSubnet("a", "10.20.1.0/24", props{"networkSecurityGroup": id("networkSecurityGroups")})))},
		{"subnet's NAT gateway is missing", "InvalidResourceReference", by("checkSubnetGateway", "ARM's answer, quoted in issues"), []string{"natGateways/gone"},
			creating(vnetToken, vnet("v2", inlineSubnet("a", "10.20.1.0/24", props{"natGateway": id("natGateways")})))},
		{"interface's subnet is missing", "InvalidResourceReference", by("checkIPConfiguration", "ARM's answer, quoted in issues"), []string{"subnets/gone"}, creating(nicToken, nic("x", "10.20.1.4", props{"subnet": ref(subnetID("vnet", "gone"))}))},
		{"interface's public IP is missing", "InvalidResourceReference", by("takePublicIP", "ARM's answer, quoted in issues"), nil, creating(nicToken, nic("x", "10.20.1.4", props{"publicIPAddress": id("publicIPAddresses")}))},
		{"interface's security group is missing", "InvalidResourceReference", by("need", "ARM's answer, quoted in issues"), nil,
			creating(nicToken, merge(nic("x", "10.20.1.4", nil), props{"networkSecurityGroup": id("networkSecurityGroups")}))},
		{"interface's pool is missing", "InvalidResourceReference", by("checkMembership", "ARM's answer, quoted in issues"), nil,
			creating(nicToken, nic("x", "10.20.1.4", props{"loadBalancerBackendAddressPools": []any{ref(fmt.Sprintf(gone, "loadBalancers") + "/backendAddressPools/p")}}))},
		{"NAT gateway's public IP is missing", "InvalidResourceReference", by("takePublicIP", "ARM's answer, quoted in issues"), nil,
			creating(natToken, named("natGatewayName", "x", props{"publicIpAddresses": []any{id("publicIPAddresses")}}))},
		{"machine's interface is missing", "InvalidResourceReference", by("need", "ARM's answer, quoted in issues"), []string{"networkInterfaces/gone"}, creating(vmToken, vm("x", fmt.Sprintf(gone, "networkInterfaces"), nil))},
		{"referenced resource is in another region", "InvalidResourceReference", by("checkIPConfiguration", "ARM's answer, quoted in issues"), []string{"same region"}, func(l *lab) error {
			l.network()
			_, err := l.try(nicToken, "x", merge(nic("x", "10.20.1.4", nil), props{"location": "northeurope"}))
			return err
		}},
		{"public IP has one user", "PublicIPAddressInUse", by("takePublicIP", "publicIpAddress.json 2022-11-01: ipConfiguration is one", "code and text"), []string{"/first/"}, func(l *lab) error {
			l.network()
			ip := l.create(pipToken, "ip", standardIP("ip"))
			l.create(nicToken, "first", nic("first", "10.20.1.4", props{"publicIPAddress": ref(ip.id)}))
			_, err := l.try(nicToken, "x", nic("x", "10.20.1.5", props{"publicIPAddress": ref(ip.id)}))
			return err
		}},
	}
}

func securityRules() []refusal {
	with := func(rules ...any) func(l *lab) error { return creating(nsgToken, nsg("nsg", rules...)) }
	return []refusal{
		{"priority below 100", "SecurityRuleInvalidPriority", by("checkRule", "azure-docs network-security-groups-overview.md; ARM's answer, quoted in public lab texts"), []string{"99", "100-4096"}, with(rule("r", 99, nil))},
		{"priority above 4096", "SecurityRuleInvalidPriority", by("checkRule", "azure-docs network-security-groups-overview.md; ARM's answer, quoted in public lab texts"), []string{"4097"}, with(rule("r", 4097, nil))},
		{"same priority and direction", "SecurityRuleConflict", by("ruleConflict", "azurerm #11137, aks-engine #2106"), []string{"one", "two"}, with(rule("one", 100, nil), rule("two", 100, nil))},
		{"more than 1000 rules", "SecurityRuleCountLimitReached", by("checkRules", "azure-rest-api-specs #3003"), []string{"more than 1000"}, func(l *lab) error {
			l.group()
			var rules []any
			for i := range 1001 {
				rules = append(rules, rule(fmt.Sprint("r", i), 100+i, nil))
			}
			_, err := l.try(nsgToken, "nsg", nsg("nsg", rules...))
			return err
		}},
		{"name of a default rule", "SecurityRuleConflict", by("ruleConflict", "azurerm #11137"), []string{"DenyAllInBound"}, with(rule("denyallinbound", 100, nil))},
		{"same name twice", "DuplicateResourceName", by("duplicateName", "not found", "code and text"), []string{"(R)"}, with(rule("r", 100, nil), rule("R", 101, nil))},
		{"prefix with host bits", "SecurityRuleInvalidAddressPrefix", by("checkRuleAddresses", "azure-powershell #4557"), []string{"50.206.209.68/27"}, with(rule("r", 100, props{"sourceAddressPrefix": "50.206.209.68/27"}))},
		{"any is no prefix", "SecurityRuleInvalidAddressPrefix", by("checkRuleAddresses", "azure-powershell #4557"), []string{"any"}, with(rule("r", 100, props{"sourceAddressPrefix": "any"}))},
		{"unknown service tag", "SecurityRuleInvalidAddressPrefix", by("checkRuleAddresses", "azure-powershell #4557", "the list of service tags grows"), []string{"Internets"}, with(rule("r", 100, props{"destinationAddressPrefix": "Internets"}))},
		{"bad prefix in a list", "SecurityRuleInvalidAddressPrefix", by("checkRuleAddresses", "azure-powershell #4557"), nil,
			with(rule("r", 100, props{"sourceAddressPrefix": nil, "sourceAddressPrefixes": []any{"10.0.0.0/8", "10.0.0.300"}}))},
		{"list of ports in one string", "SecurityRuleInvalidPortRange", by("checkRulePorts", "azurerm PR 1530, azure-cli #23499"), []string{"22,80"}, with(rule("r", 100, props{"destinationPortRange": "22,80"}))},
		{"port above 65535", "SecurityRuleInvalidPortRange", by("checkRulePorts", "azurerm PR 1530, azure-cli #23499"), nil, with(rule("r", 100, props{"destinationPortRange": "65536"}))},
		{"port range backwards", "SecurityRuleInvalidPortRange", by("checkRulePorts", "azurerm PR 1530, azure-cli #23499"), nil, with(rule("r", 100, props{"destinationPortRange": "80-22"}))},
		{"no address prefix", "SecurityRuleMissingParameters", by("ruleLacks", "networkSecurityGroup.json 2023-02-01", "code and text"), []string{"sourceAddressPrefix"}, with(rule("r", 100, props{"sourceAddressPrefix": nil}))},
		{"no port range", "SecurityRuleMissingParameters", by("ruleLacks", "networkSecurityGroup.json 2023-02-01", "code and text"), []string{"destinationPortRange"}, with(rule("r", 100, props{"destinationPortRange": nil}))},
		{"unknown protocol", "InvalidRequestFormat", by("checkRule", "networkSecurityGroup.json 2023-02-01: the enum", "code and text"), []string{"Sctp", "Tcp"}, with(rule("r", 100, props{"protocol": "Sctp"}))},
		{"rule of its own conflicts with an inline one", "SecurityRuleConflict", by("ruleConflict", "azurerm #11137, aks-engine #2106"), nil, func(l *lab) error {
			l.group()
			l.create(nsgToken, "nsg", nsg("nsg", rule("one", 100, nil)))
			_, err := l.try(ruleToken, "two", merge(rule("two", 100, nil), props{"resourceGroupName": "rg", "networkSecurityGroupName": "nsg"}))
			return err
		}},
	}
}

func publicAddressRules() []refusal {
	nat := func(changes props) props { return named("natGatewayName", "x", changes) }
	var many []any
	for i := range 17 {
		many = append(many, ref(fmt.Sprint(groupID, "/providers/Microsoft.Network/publicIPAddresses/ip", i)))
	}
	return []refusal{
		{"standard public IP must be static", "StandardSkuPublicIPAddressesMustBeStatic", by("putPublicIPAddress", "pulumi-azure-native #1597, azure-docs #42889"), []string{"publicIPAddresses/ip"},
			creating(pipToken, merge(standardIP("ip"), props{"publicIPAllocationMethod": "Dynamic"}))},
		{"basic public IP is retired", "IPv4BasicSkuPublicIpCountLimitReached", by("putPublicIPAddress", "ARM's answer, quoted in public deployment logs"), nil, creating(pipToken, merge(standardIP("ip"), props{"sku": props{"name": "Basic"}}))},
		{"no sku means basic", "IPv4BasicSkuPublicIpCountLimitReached", by("putPublicIPAddress", "bicep #5914"), nil, creating(pipToken, merge(standardIP("ip"), props{"sku": nil}))},
		{"addresses run out", "PublicIPCountLimitReached", by("allocatePublicAddress", "the lab's address range, not Azure's"), []string{"59"}, func(l *lab) error {
			l.group()
			for i := range 59 {
				l.create(pipToken, "x", standardIP(fmt.Sprint("ip", i)))
			}
			_, err := l.try(pipToken, "x", standardIP("last"))
			return err
		}},
		{"public IP keeps its zones", "ResourceAvailabilityZonesCannotBeModified", by("checkZonesKept", "code: azure-sdk-for-java"), []string{"constraint 1, 2, 3 and", "constraint 1, which"}, func(l *lab) error {
			l.group()
			s := l.create(pipToken, "ip", merge(standardIP("ip"), props{"zones": []any{"1", "2", "3"}}))
			_, err := l.update(s, pipToken, "ip", merge(standardIP("ip"), props{"zones": []any{"1"}}))
			return err
		}},
		{"public IP in zone 4", "InvalidAvailabilityZone", by("checkZone", "ARM's answer, quoted in issues"), []string{"'4'"},
			creating(pipToken, merge(standardIP("ip"), props{"zones": []any{"4"}}))},
		{"NAT gateway is Standard", "InvalidRequestFormat", by("putNatGateway", "azure-docs nat-gateway-resource.md", "code and text"), []string{"Basic"}, creating(natToken, nat(props{"sku": props{"name": "Basic"}}))},
		{"NAT gateway's idle timeout", "NatGatewayIdleTimeoutInvalid", by("putNatGateway", "azure-docs nat-gateway-resource.md", "code and text"), []string{"121", "4 to 120"}, creating(natToken, nat(props{"idleTimeoutInMinutes": 121.0}))},
		{"NAT gateway takes 16 addresses", "NatGatewayPublicIpAddressesLimitReached", by("putNatGateway", "azure-docs nat-gateway-resource.md", "code and text"), []string{"17", "16"}, creating(natToken, nat(props{"publicIpAddresses": many}))},
		{"NAT gateway is in one zone", "ResourceCannotHaveMultipleZonesSpecified", by("putNatGateway", "azure-docs nat-gateway-resource.md", "code and text"), nil, creating(natToken, nat(props{"zones": []any{"1", "2"}}))},
		{"NAT gateway keeps its zone", "ResourceAvailabilityZonesCannotBeModified", by("checkZonesKept", "azure-docs nat-gateway-resource.md; code: azure-sdk-for-java"), nil, func(l *lab) error {
			l.group()
			s := l.create(natToken, "x", nat(props{"zones": []any{"1"}}))
			_, err := l.update(s, natToken, "x", nat(props{"zones": []any{"2"}}))
			return err
		}},
		{"NAT gateway on the gateway subnet", "NatGatewayCannotBeAssociatedToGatewaySubnet", by("checkSubnetGateway", "azure-docs nat-gateway-resource.md", "code and text"), nil, func(l *lab) error {
			l.group()
			served := props{"natGateway": ref(l.create(natToken, "x", nat(nil)).id)}
			_, err := l.try(vnetToken, "one", vnet("one", inlineSubnet("GatewaySubnet", "10.20.1.0/24", served)))
			return err
		}},
		{"IPv6", "LabHasNoIPv6", by("putPublicIPAddress", "the lab's limit, not Azure's"), nil, creating(pipToken, merge(standardIP("ip"), props{"publicIPAddressVersion": "IPv6"}))},
		{"NAT gateway serves one network", "NatGatewayInMultipleVnets", by("checkSubnetGateway", "azure-docs nat-gateway-resource.md", "code and text"), []string{"virtualNetworks/one/subnets/a"}, func(l *lab) error {
			l.group()
			served := props{"natGateway": ref(l.create(natToken, "x", nat(nil)).id)}
			l.create(vnetToken, "one", vnet("one", inlineSubnet("a", "10.20.1.0/24", served)))
			_, err := l.try(vnetToken, "two", vnet("two", inlineSubnet("a", "10.20.1.0/24", served)))
			return err
		}},
	}
}
