package azure

import (
	"context"
	"fmt"
	"net/netip"
	"reflect"
	"slices"
	"testing"

	"github.com/seed-3bc5c20b/azswarm/lab/cloud"
)

// TestProgramOfTheRepository makes what one deployment consists of, and looks at what the cloud was told.
func TestProgramOfTheRepository(t *testing.T) {
	l := newLab(t)
	l.group()
	group := l.create(nsgToken, "nsg", nsg("nsg", rule("ssh", 100, nil), rule("deny", 4096, props{"access": "Deny", "destinationPortRange": "*"})))
	natIP := l.create(pipToken, "nat-ip", standardIP("nat-ip"))
	nat := l.create(natToken, "nat", named("natGatewayName", "nat", props{"sku": props{"name": "Standard"}, "publicIpAddresses": []any{ref(natIP.id)}}))
	guarded := props{"networkSecurityGroup": ref(group.id), "natGateway": ref(nat.id), "defaultOutboundAccess": false}
	network := l.create(vnetToken, "vnet", vnet("vnet",
		inlineSubnet("a", "10.20.1.0/24", guarded), inlineSubnet("bastion", "10.20.0.0/26", guarded),
		inlineSubnet("dark", "10.20.2.0/24", props{"defaultOutboundAccess": false})))
	bastionIP := l.create(pipToken, "bastion-ip", standardIP("bastion-ip"))
	frontIP := l.create(pipToken, "front-ip", standardIP("front-ip"))
	balancerID := groupID + "/providers/Microsoft.Network/loadBalancers/lb"
	balancer := l.create(lbToken, "lb", named("loadBalancerName", "lb", props{
		"sku":                      props{"name": "Standard"},
		"frontendIPConfigurations": []any{props{"name": "front", "publicIPAddress": ref(frontIP.id)}},
		"backendAddressPools":      []any{props{"name": "pool"}},
		"probes":                   []any{props{"name": "probe", "protocol": "Tcp", "port": 2376.0, "intervalInSeconds": 5.0, "probeThreshold": 2.0}},
		"loadBalancingRules": []any{props{
			"name": "api", "protocol": "Tcp", "frontendPort": 2376.0, "backendPort": 2376.0,
			"frontendIPConfiguration": ref(balancerID + "/frontendIPConfigurations/front"),
			"backendAddressPool":      ref(balancerID + "/backendAddressPools/pool"),
			"probe":                   ref(balancerID + "/probes/probe"),
		}},
	}))
	set := l.create(setToken, "set", named("availabilitySetName", "set", props{"sku": props{"name": "Aligned"}, "platformFaultDomainCount": 2.0}))
	bastionNIC := l.create(nicToken, "bastion", nic("bastion", "10.20.0.4", props{"subnet": ref(subnetID("vnet", "bastion")), "publicIPAddress": ref(bastionIP.id)}))
	l.create(vmToken, "bastion", vm("bastion", bastionNIC.id, nil))
	var managers []state
	for i, name := range []string{"m0", "m1", "m2"} {
		n := l.create(nicToken, name, nic(name, fmt.Sprintf("10.20.1.%d", 10+i), props{
			"loadBalancerBackendAddressPools": []any{ref(balancer.body().Objects("backendAddressPools")[0].Text("id"))},
		}))
		managers = append(managers, l.create(vmToken, name, vm(name, n.id, props{"availabilitySet": ref(set.id)})))
	}

	edge := l.paper.Edge()
	wantPublic := []cloud.PublicIP{{Address: addr(bastionIP.body().Text("ipAddress")), NetworkID: network.id, Private: addr("10.20.0.4")}}
	if !slices.Equal(edge.PublicIPs, wantPublic) {
		t.Errorf("public IPs %+v, want %+v", edge.PublicIPs, wantPublic)
	}
	if len(edge.LoadBalancers) != 1 || len(edge.LoadBalancers[0].Rules) != 1 {
		t.Fatalf("load balancers %+v, want one with one rule", edge.LoadBalancers)
	}
	got := edge.LoadBalancers[0].Rules[0]
	if want := []netip.Addr{addr("10.20.1.10"), addr("10.20.1.11"), addr("10.20.1.12")}; !slices.Equal(got.Backends, want) {
		t.Errorf("backends %v, want %v", got.Backends, want)
	}
	if got.Probe == nil || *got.Probe != (cloud.Probe{Protocol: "Tcp", Port: 2376, IntervalSeconds: 5, Threshold: 2}) {
		t.Errorf("probe %+v", got.Probe)
	}
	gateway := []netip.Addr{netip.MustParseAddr(natIP.body().Text("ipAddress"))}
	if want := []cloud.Outbound{{SubnetID: subnetID("vnet", "a"), Addresses: gateway}, {SubnetID: subnetID("vnet", "bastion"), Addresses: gateway}}; !reflect.DeepEqual(edge.Outbound, want) {
		t.Errorf("outbound %v, want %v", edge.Outbound, want)
	}
	for i, domain := range []int{0, 1, 0} {
		m, ok := l.paper.Machine(managers[i].id)
		if !ok || m.FaultDomain != domain || m.ComputerName != managers[i].body().Text("osProfile.computerName") || string(m.CustomData) != "#cloud-config\n" ||
			m.SubnetID != subnetID("vnet", "a") || m.NetworkID != network.id || m.AdminUser != "azswarm" || len(m.AuthorizedKeys) != 1 {
			t.Errorf("machine %d: %+v", i, m)
		}
	}
	if machines := l.Machines(); len(machines) != 4 || machines[0].ComputerName != "bastion" || machines[0].Address != addr("10.20.0.4") {
		t.Errorf("machines %+v", machines)
	}

	reopened := openLab(t, l.dir, cloud.NewPaper())
	if err := reopened.Reconcile(context.Background()); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(reopened.Resources(), l.Resources()) {
		t.Errorf("reopened %v, want %v", reopened.Resources(), l.Resources())
	}
}

func addr(text string) netip.Addr { return netip.MustParseAddr(text) }
