package containers

import (
	"net"
	"net/netip"
	"reflect"
	"strings"
	"testing"

	"github.com/docker/docker/api/types/network"
	"github.com/seed-3bc5c20b/azswarm/lab/cloud"
	"github.com/seed-3bc5c20b/azswarm/lab/containers/fabric"
)

var (
	addr   = netip.MustParseAddr
	prefix = netip.MustParsePrefix

	public   = prefix("203.0.113.0/24")
	networkA = cloud.Network{
		ID: "/rg/a", Prefixes: []netip.Prefix{prefix("10.20.0.0/16")},
		Subnets: []cloud.Subnet{
			{ID: "/rg/a/subnets/open", Prefixes: []netip.Prefix{prefix("10.20.1.0/24"), prefix("fd00::/64")}},
			{ID: "/rg/a/subnets/closed", Prefixes: []netip.Prefix{prefix("10.20.2.0/24")}},
		},
	}
	networkB = cloud.Network{ID: "/rg/b", Prefixes: []netip.Prefix{prefix("10.30.0.0/16")}}
)

func TestPartitionGivesEachNetworkItsOwn(t *testing.T) {
	ipA := cloud.PublicIP{Address: addr("203.0.113.4"), NetworkID: "/RG/A", Private: addr("10.20.1.4")} // ids have no case
	ipB := cloud.PublicIP{Address: addr("203.0.113.5"), NetworkID: "/rg/b", Private: addr("10.30.1.4")}
	lbB := cloud.LoadBalancer{ID: "/rg/lb", Address: addr("203.0.113.6"), NetworkID: "/rg/b"}
	edge := cloud.Edge{
		PublicIPs:     []cloud.PublicIP{ipA, ipB},
		LoadBalancers: []cloud.LoadBalancer{lbB},
		Outbound: []cloud.Outbound{
			{SubnetID: "/rg/A/subnets/OPEN", Addresses: []netip.Addr{addr("203.0.113.7")}}, {SubnetID: "/rg/gone/subnets/x"},
		},
	}
	tests := []struct {
		network cloud.Network
		want    fabric.Config
	}{
		{networkA, fabric.Config{PublicIPs: []cloud.PublicIP{ipA}, Outbound: []fabric.Outbound{
			{Prefix: prefix("10.20.1.0/24"), Addresses: []netip.Addr{addr("203.0.113.7")}},
		}}},
		{networkB, fabric.Config{PublicIPs: []cloud.PublicIP{ipB}, LoadBalancers: []cloud.LoadBalancer{lbB}}},
	}
	for _, test := range tests {
		if got := partition(edge, test.network); !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: got %+v, want %+v", test.network.ID, got, test.want)
		}
	}
}

func TestCheckEdge(t *testing.T) {
	rule := func(protocol string, probe *cloud.Probe) []cloud.LoadBalancerRule {
		return []cloud.LoadBalancerRule{{Name: "r", Protocol: protocol, Probe: probe}}
	}
	tests := []struct {
		name string
		edge cloud.Edge
		want string // part of the error; "" for none
	}{
		{"good", cloud.Edge{
			PublicIPs: []cloud.PublicIP{{Address: addr("203.0.113.4"), NetworkID: "/RG/a"}},
			LoadBalancers: []cloud.LoadBalancer{
				{Address: addr("203.0.113.111"), NetworkID: "/rg/a", Rules: rule("Tcp", &cloud.Probe{Protocol: "Https"})},
				{Address: addr("10.20.1.9"), NetworkID: "/rg/a", Rules: rule("Udp", nil)},
			},
		}, ""},
		{"unknown network", cloud.Edge{PublicIPs: []cloud.PublicIP{{Address: addr("203.0.113.4"), NetworkID: "/rg/c"}}},
			"virtual network /rg/c does not exist"},
		{"the host's address", cloud.Edge{PublicIPs: []cloud.PublicIP{{Address: addr("203.0.113.1"), NetworkID: "/rg/a"}}},
			"public IP 203.0.113.1: want one from 203.0.113.4 to 203.0.113.111"},
		{"a NAT gateway at the host's address", cloud.Edge{Outbound: []cloud.Outbound{{SubnetID: "/rg/a/subnets/open", Addresses: []netip.Addr{addr("203.0.113.1")}}}},
			"NAT gateway of subnet /rg/a/subnets/open: address 203.0.113.1"},
		{"a fabric's address", cloud.Edge{LoadBalancers: []cloud.LoadBalancer{{ID: "lb", Address: addr("203.0.113.112"), NetworkID: "/rg/a"}}},
			"load balancer lb: frontend 203.0.113.112"},
		{"another network's address", cloud.Edge{LoadBalancers: []cloud.LoadBalancer{{ID: "lb", Address: addr("10.20.1.9"), NetworkID: "/rg/b"}}},
			"load balancer lb: frontend 10.20.1.9"},
		{"protocol", cloud.Edge{LoadBalancers: []cloud.LoadBalancer{{Address: addr("203.0.113.4"), NetworkID: "/rg/a", Rules: rule("All", nil)}}},
			`protocol "All": want Tcp or Udp`},
		{"probe", cloud.Edge{LoadBalancers: []cloud.LoadBalancer{{Address: addr("203.0.113.4"), NetworkID: "/rg/a", Rules: rule("Tcp", &cloud.Probe{Protocol: "Icmp"})}}},
			`probe protocol "Icmp": want Tcp, Http or Https`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := checkEdge(test.edge, []cloud.Network{networkA, networkB}, public)
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("checkEdge: %v, want %q", err, test.want)
			}
		})
	}
}

func TestPublicIsDivided(t *testing.T) {
	first, last := PublicRange(public)
	for what, got := range map[string][2]any{
		"internet": {internetPrefix(public), prefix("203.0.113.0/25")},
		"uplink":   {uplinkPrefix(public), prefix("203.0.113.128/25")},
		"fabrics":  {fabricRange(public), prefix("203.0.113.112/28")},
		"first":    {first, addr("203.0.113.4")},
		"last":     {last, addr("203.0.113.111")},
	} {
		if got[0] != got[1] {
			t.Errorf("%s: got %v, want %v", what, got[0], got[1])
		}
	}
}

func TestOverlapNamesTheNetworkInTheWay(t *testing.T) {
	existing := func(name, subnet string, labels map[string]string) []network.Summary {
		return []network.Summary{{Name: name, Labels: labels, IPAM: network.IPAM{Config: []network.IPAMConfig{{Subnet: subnet}}}}}
	}
	tests := []struct {
		name     string
		existing []network.Summary
		want     string
	}{
		{"none", []network.Summary{{Name: "host"}}, ""},
		{"beside", existing("x", "10.21.0.0/16", nil), ""},
		{"a network", existing("x", "10.20.5.0/24", nil), "wants 10.20.0.0/16, which Docker network x on this machine has (10.20.5.0/24)"},
		{"a lab", existing("x", "10.0.0.0/8", map[string]string{labelLab: "demo"}), `wants 10.20.0.0/16, which lab "demo" on this machine has (Docker network x, 10.0.0.0/8)`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := overlap(prefix("10.20.0.0/16"), test.existing)
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("overlap: %v, want %q", err, test.want)
			}
		})
	}
}

func TestOverlapOwnNamesTheNetworkOfThisMachine(t *testing.T) {
	own := []net.Addr{
		&net.IPNet{IP: net.IPv4(127, 0, 0, 1), Mask: net.CIDRMask(8, 32)},
		&net.IPNet{IP: net.IPv4(192, 168, 1, 7), Mask: net.CIDRMask(24, 32)},
	}
	if err := overlapOwn(prefix("192.168.2.0/24"), own); err != nil {
		t.Error(err)
	}
	err := overlapOwn(prefix("192.168.0.0/16"), own)
	if err == nil || !strings.Contains(err.Error(), "this machine itself is in 192.168.1.0/24") {
		t.Errorf("overlapOwn: %v", err)
	}
}
