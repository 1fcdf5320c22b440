package fabric

import (
	"flag"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/seed-3bc5c20b/azswarm/lab/cloud"
)

var update = flag.Bool("update", false, "rewrite the golden files")

var (
	machine1 = netip.MustParseAddr("10.20.1.4")
	machine2 = netip.MustParseAddr("10.20.1.5")
	public1  = netip.MustParseAddr("203.0.113.10")
	public2  = netip.MustParseAddr("203.0.113.11")

	testLinks = links{
		vnet:     link{"eth1", netip.MustParseAddr("10.20.0.2")},
		internet: link{"eth0", netip.MustParseAddr("203.0.113.112")},
		uplink:   link{"eth2", netip.MustParseAddr("203.0.113.130")},
	}
)

func base() Config {
	return Config{
		VNet:     netip.MustParsePrefix("10.20.0.0/16"),
		Internet: netip.MustParsePrefix("203.0.113.0/25"),
		Uplink:   netip.MustParsePrefix("203.0.113.128/25"),
		Gateway:  netip.MustParseAddr("203.0.113.129"),
		Host:     netip.MustParseAddr("203.0.113.1"),
	}
}

func TestRuleset(t *testing.T) {
	probe := &cloud.Probe{Protocol: "Tcp", Port: 2376, IntervalSeconds: 5, Threshold: 2}
	balancer := func(address netip.Addr, rules ...cloud.LoadBalancerRule) []cloud.LoadBalancer {
		return []cloud.LoadBalancer{{ID: "lb", Address: address, Rules: rules}}
	}
	both := []netip.Addr{machine2, machine1}
	tests := []struct {
		name    string
		change  func(*Config)
		healthy []netip.Addr
	}{
		{"closed", func(*Config) {}, nil},
		{"bastion", func(c *Config) {
			c.Operator = netip.MustParseAddr("198.51.100.10")
			c.Registry = netip.MustParseAddr("10.20.0.3")
			c.Downloads = netip.MustParseAddr("10.20.0.2")
			c.PublicIPs = []cloud.PublicIP{{Address: public1, Private: machine1}}
			c.Outbound = []Outbound{{Prefix: netip.MustParsePrefix("10.20.2.0/24")}, {Prefix: netip.MustParsePrefix("10.20.1.0/24")}}
		}, nil},
		{"gateways", func(c *Config) {
			c.Outbound = []Outbound{
				{netip.MustParsePrefix("10.20.1.0/24"), []netip.Addr{public1}}, {netip.MustParsePrefix("10.20.2.0/24"), []netip.Addr{public1, public2}},
			}
		}, nil},
		{"balanced", func(c *Config) {
			c.LoadBalancers = balancer(public2,
				cloud.LoadBalancerRule{Protocol: "Tcp", FrontendPort: 443, BackendPort: 2376, Backends: both, Probe: probe},
				cloud.LoadBalancerRule{Protocol: "Udp", FrontendPort: 53, Backends: both})
		}, both},
		{"one-backend-healthy", func(c *Config) {
			c.LoadBalancers = balancer(public2,
				cloud.LoadBalancerRule{Protocol: "Tcp", FrontendPort: 443, BackendPort: 2376, Backends: both, Probe: probe})
		}, []netip.Addr{machine2}},
		{"no-backend-healthy", func(c *Config) {
			c.LoadBalancers = balancer(public2,
				cloud.LoadBalancerRule{Protocol: "Tcp", FrontendPort: 443, BackendPort: 2376, Backends: both, Probe: probe})
		}, nil},
		{"internal", func(c *Config) {
			c.LoadBalancers = balancer(netip.MustParseAddr("10.20.1.100"),
				cloud.LoadBalancerRule{Protocol: "Tcp", FrontendPort: 80, BackendPort: 80, Backends: both})
		}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			config := base()
			test.change(&config)
			got := ruleset(config, testLinks, func(t target) bool {
				for _, address := range test.healthy {
					if t.backend == address {
						return true
					}
				}
				return false
			})
			golden := filepath.Join("testdata", test.name+".nft")
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("%s: got\n%s\nwant\n%s", golden, got, want)
			}
			checkSyntax(t, golden)
		})
	}
}

// checkSyntax has nft read a ruleset without loading it, where there is one that may.
func checkSyntax(t *testing.T, file string) {
	if _, err := exec.LookPath("nft"); err != nil || os.Geteuid() != 0 {
		return
	}
	if out, err := exec.Command("nft", "--check", "--file", file).CombinedOutput(); err != nil {
		t.Errorf("nft --check %s: %v\n%s", file, err, out)
	}
}

func TestAddresses(t *testing.T) {
	config := base()
	config.Registry = netip.MustParseAddr("10.20.0.3")
	config.PublicIPs = []cloud.PublicIP{{Address: public1, Private: machine1}}
	config.Outbound = []Outbound{{Prefix: config.VNet, Addresses: []netip.Addr{netip.MustParseAddr("203.0.113.12")}}}
	config.LoadBalancers = []cloud.LoadBalancer{{Address: public2}, {Address: netip.MustParseAddr("10.20.1.100")}}
	want := map[string]string{
		"168.63.129.16": "lo", "10.20.0.3": "eth1", "203.0.113.10": "eth0", "203.0.113.11": "eth0", "203.0.113.12": "eth0", "10.20.1.100": "eth1",
	}
	got := addresses(config, testLinks)
	if len(got) != len(want) {
		t.Errorf("got %v, want %v", got, want)
	}
	for address, link := range want {
		if got[netip.MustParseAddr(address)] != link {
			t.Errorf("%s is on %q, want %q", address, got[netip.MustParseAddr(address)], link)
		}
	}
}
