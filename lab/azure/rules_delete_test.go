package azure

import (
	"context"
	"testing"
)

func deleteRules() []refusal {
	return []refusal{
		{"network with an interface", "InUseSubnetCannotBeDeleted", by("subnetFree", "ARM's answer, quoted in issues"), []string{"Subnet a", "ipConfigurations/ipconfig"}, func(l *lab) error {
			network := l.network()
			l.create(nicToken, "nic", nic("nic", "10.20.1.4", nil))
			return l.delete(network)
		}},
		{"subnet with an interface", "InUseSubnetCannotBeDeleted", by("subnetFree", "ARM's answer, quoted in issues"), nil, func(l *lab) error {
			l.network()
			s := l.create(subnetToken, "b", props{"resourceGroupName": "rg", "virtualNetworkName": "vnet", "addressPrefix": "10.20.2.0/24"})
			l.create(nicToken, "nic", nic("nic", "10.20.2.4", props{"subnet": ref(s.id)}))
			return l.delete(s)
		}},
		{"subnet dropped by its network", "InUseSubnetCannotBeDeleted", by("subnetFree", "ARM's answer, quoted in issues"), nil, func(l *lab) error {
			network := l.network()
			l.create(nicToken, "nic", nic("nic", "10.20.1.4", nil))
			_, err := l.update(network, vnetToken, "vnet", vnet("vnet"))
			return err
		}},
		{"interface of a machine", "NicInUse", by("interfaceInUse", "azurerm #8105, pulumi-azure #441 and #811"), []string{"virtualMachines/vm0"}, func(l *lab) error {
			l.network()
			n, _ := l.machine(0, nil)
			return l.delete(n)
		}},
		{"public IP of an interface", "PublicIPAddressCannotBeDeleted", by("publicIPAddress", "ARM's answer, quoted in issues"), []string{"ipConfigurations/ipconfig"}, func(l *lab) error {
			l.network()
			ip := l.create(pipToken, "ip", standardIP("ip"))
			l.create(nicToken, "nic", nic("nic", "10.20.1.4", props{"publicIPAddress": ref(ip.id)}))
			return l.delete(ip)
		}},
		{"public IP of a NAT gateway", "PublicIPAddressCannotBeDeleted", by("publicIPAddress", "ARM's answer, quoted in issues"), []string{"natGateways/nat"}, func(l *lab) error {
			l.network()
			ip := l.create(pipToken, "ip", standardIP("ip"))
			l.create(natToken, "nat", named("natGatewayName", "nat", props{"publicIpAddresses": []any{ref(ip.id)}}))
			return l.delete(ip)
		}},
		{"security group of a subnet", "InUseNetworkSecurityGroupCannotBeDeleted", by("networkSecurityGroup", "pulumi-azure-native #3051, terra PR 502", "status"), []string{"virtualNetworks/vnet/subnets/a"}, func(l *lab) error {
			l.group()
			group := l.create(nsgToken, "nsg", nsg("nsg"))
			l.create(vnetToken, "vnet", vnet("vnet", inlineSubnet("a", "10.20.1.0/24", props{"networkSecurityGroup": ref(group.id)})))
			return l.delete(group)
		}},
		{"NAT gateway of a subnet", "CannotDeleteNatGatewayAssociatedToSubnet", by("natGateway", "Copilot-Studio #62"), []string{"on 1 subnets"}, func(l *lab) error {
			l.group()
			nat := l.create(natToken, "nat", named("natGatewayName", "nat", nil))
			l.create(vnetToken, "vnet", vnet("vnet", inlineSubnet("a", "10.20.1.0/24", props{"natGateway": ref(nat.id)})))
			return l.delete(nat)
		}},
		{"load balancer with members", "InUseBackendAddressPoolCannotBeDeleted", by("poolsFree", "bicep-registry-modules #3395", "code and text"), []string{"ipConfigurations/ipconfig"}, func(l *lab) error {
			l.network()
			l.create(pipToken, "ip", standardIP("ip"))
			lb := l.create(lbToken, "lb", balancer(nil))
			l.create(nicToken, "nic", nic("nic", "10.20.1.4", props{"loadBalancerBackendAddressPools": []any{ref(balancerID + "/backendAddressPools/pool")}}))
			return l.delete(lb)
		}},
		{"pool with members dropped by its load balancer", "InUseBackendAddressPoolCannotBeDeleted", by("poolsFree", "azurerm #25158", "code and text"), nil, func(l *lab) error {
			l.network()
			l.create(pipToken, "ip", standardIP("ip"))
			lb := l.create(lbToken, "lb", balancer(nil))
			l.create(nicToken, "nic", nic("nic", "10.20.1.4", props{"loadBalancerBackendAddressPools": []any{ref(balancerID + "/backendAddressPools/pool")}}))
			_, err := l.update(lb, lbToken, "lb", balancer(props{"backendAddressPools": []any{}}))
			return err
		}},
		{"availability set with machines", "OperationNotAllowed", by("availabilitySet", "azure-docs error-messages.md", "status"), []string{"Status=409", "Availability Set set"}, func(l *lab) error {
			l.network()
			set := l.create(setToken, "set", named("availabilitySetName", "set", props{"sku": props{"name": "Aligned"}}))
			l.machine(0, props{"availabilitySet": ref(set.id)})
			return l.delete(set)
		}},
		{"group others depend on", "ResourceGroupDeletionBlocked", by("groupBlocked", "ARM's answer, quoted in issues"), []string{"virtualNetworks/vnet"}, func(l *lab) error {
			group := l.group()
			l.create(vnetToken, "vnet", vnet("vnet", inlineSubnet("a", "10.20.1.0/24", nil)))
			l.create(groupToken, "other", props{"resourceGroupName": "other"})
			l.create(nicToken, "nic", merge(nic("nic", "10.20.1.4", nil), props{"resourceGroupName": "other"}))
			return l.delete(group)
		}},
	}
}

func TestGroupDeleteTakesEverything(t *testing.T) {
	l := newLab(t)
	group := func() state { l.network(); return state{urn: urnOf(groupToken, "rg"), id: groupID} }()
	ip := l.create(pipToken, "ip", standardIP("ip"))
	n, m := l.machine(0, nil)
	if _, err := l.update(n, nicToken, "nic0", nic("nic0", "10.20.1.4", props{"publicIPAddress": ref(ip.id)})); err != nil {
		t.Fatal(err)
	}
	if len(l.paper.Edge().PublicIPs) != 1 {
		t.Fatalf("edge %+v, want one public IP", l.paper.Edge())
	}
	if err := l.delete(group); err != nil {
		t.Fatal(err)
	}
	if left := l.Resources(); len(left) > 0 {
		t.Errorf("left in the model: %v", left)
	}
	if _, ok := l.paper.Machine(m.id); ok || len(l.paper.Networks()) > 0 || len(l.paper.Edge().PublicIPs) > 0 {
		t.Errorf("left in the cloud: networks %v, edge %+v", l.paper.Networks(), l.paper.Edge())
	}
	for _, gone := range []state{group, m, n, ip} {
		if err := l.delete(gone); err != nil {
			t.Errorf("delete of %s, which is gone: %v", gone.id, err)
		}
		if answer := l.read(gone); answer.GetId() != "" {
			t.Errorf("read of %s, which is gone, answers an id", gone.id)
		}
	}
	// To azure-native, a 404 is success; Azure does say it.
	wantRefusal(t, l.manager.Delete(context.Background(), groupID), "ResourceGroupNotFound", "Status=404")
	if reopened := openLab(t, l.dir, l.paper); len(reopened.Resources()) > 0 {
		t.Errorf("left on disk: %v", reopened.Resources())
	}
}

func TestInterfacesGoWithTheirMachineWhereTheySay(t *testing.T) {
	for option, left := range map[string]int{"Delete": 2, "Detach": 3} {
		t.Run(option, func(t *testing.T) {
			l := newLab(t)
			l.network()
			n := l.create(nicToken, "nic", nic("nic", "10.20.1.4", nil))
			m := l.create(vmToken, "vm", vm("vm", n.id, props{"networkProfile": props{"networkInterfaces": []any{props{"id": n.id, "deleteOption": option}}}}))
			if err := l.delete(m); err != nil {
				t.Fatal(err)
			}
			if got := l.Resources(); len(got) != left {
				t.Errorf("left %v, want %d", got, left)
			}
		})
	}
}
