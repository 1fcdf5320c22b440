package containers

import (
	"net/netip"
	"os"
	"path/filepath"
	"testing"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/network"
	"github.com/seed-3bc5c20b/azswarm/lab/cloud"
	"github.com/seed-3bc5c20b/azswarm/lab/fault"
)

const faultNet = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/net"

var faultNetworks = []cloud.Network{{ID: faultNet, Subnets: []cloud.Subnet{
	{ID: faultNet + "/subnets/consul", Prefixes: []netip.Prefix{netip.MustParsePrefix("10.20.1.0/24")}},
	{ID: faultNet + "/subnets/workers", Prefixes: []netip.Prefix{netip.MustParsePrefix("10.20.128.0/17"), netip.MustParsePrefix("fd00::/64")}},
}}}

func TestPacketFaultsAsRules(t *testing.T) {
	for file, effect := range map[string]fault.Effect{
		"faults-none.nft": {},
		"faults-cut.nft":  {From: []string{faultNet + "/SUBNETS/workers"}},
		"faults-lose.nft": {Percent: 20},
		"faults-ssh.nft":  {Connections: 3},
	} {
		want, err := os.ReadFile(filepath.Join("testdata", file))
		if err != nil {
			t.Fatal(err)
		}
		if got := packetRules(effect, faultNetworks); got != string(want) {
			t.Errorf("%s:\n%s\nwant\n%s", file, got, want)
		}
	}
	if got, want := delayCommand(fault.Effect{Milliseconds: 150}), "tc qdisc replace dev eth0 root netem delay 150ms limit 100000"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestAStoppedMachineKeepsItsSubnet matters as that is what a subnet's faults go by when the machine starts.
func TestAStoppedMachineKeepsItsSubnet(t *testing.T) {
	for want, endpoint := range map[string]*network.EndpointSettings{
		faultNet + "/subnets/consul":  {IPAddress: "10.20.1.4"},
		faultNet + "/subnets/workers": {IPAMConfig: &network.EndpointIPAMConfig{IPv4Address: "10.20.128.4"}},
		"":                            {IPAddress: "10.20.9.4"},
	} {
		found := container.InspectResponse{NetworkSettings: &container.NetworkSettings{Networks: map[string]*network.EndpointSettings{"net": endpoint}}}
		if got := subnetOf(found, faultNetworks); got != want {
			t.Errorf("%+v: subnet %q, want %q", endpoint, got, want)
		}
	}
}

func TestSubnetsAreFoundByName(t *testing.T) {
	c := &Cloud{store: store{t.TempDir()}}
	for _, n := range append(faultNetworks, cloud.Network{ID: faultNet + "2", Subnets: []cloud.Subnet{{ID: faultNet + "2/subnets/consul"}}}) {
		if err := c.store.saveNetwork(n); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]string{
		"workers": faultNet + "/subnets/workers", "net2/consul": faultNet + "2/subnets/consul",
		"consul": `subnet "consul": several have that name; say which of net/consul, net/workers, net2/consul`,
		"web":    `no subnet "web": the lab has net/consul, net/workers, net2/consul`,
	} {
		got, err := c.Subnet(name)
		if err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}
