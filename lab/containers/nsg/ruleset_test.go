package nsg

import (
	"flag"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-3bc5c20b/azswarm/lab/cloud"
)

var update = flag.Bool("update", false, "rewrite the golden files")

var (
	vnet = netip.MustParsePrefix("10.20.0.0/16")
	hub  = netip.MustParseAddr("10.20.0.3")
	link = Link{Interface: "eth0", Outside: []netip.Addr{hub}}
)

// newRule is a rule that matches everything but for what change says.
func newRule(name string, priority int, inbound, allow bool, change func(*cloud.SecurityRule)) cloud.SecurityRule {
	all := []string{"*"}
	r := cloud.SecurityRule{
		Name: name, Priority: priority, Inbound: inbound, Allow: allow, Protocol: "*",
		Sources: all, Destinations: all, SourcePorts: all, DestinationPorts: all,
	}
	if change != nil {
		change(&r)
	}
	return r
}

// defaultRules are those of every group.
func defaultRules() []cloud.SecurityRule {
	between := func(from, to string) func(*cloud.SecurityRule) {
		return func(r *cloud.SecurityRule) { r.Sources, r.Destinations = []string{from}, []string{to} }
	}
	return []cloud.SecurityRule{
		newRule("AllowVnetInBound", 65000, true, true, between("VirtualNetwork", "VirtualNetwork")),
		newRule("AllowAzureLoadBalancerInBound", 65001, true, true, between("AzureLoadBalancer", "*")),
		newRule("DenyAllInBound", 65500, true, false, nil),
		newRule("AllowVnetOutBound", 65000, false, true, between("VirtualNetwork", "VirtualNetwork")),
		newRule("AllowInternetOutBound", 65001, false, true, between("*", "Internet")),
		newRule("DenyAllOutBound", 65500, false, false, nil),
	}
}

func group(name string, rules ...cloud.SecurityRule) *cloud.SecurityGroup {
	return &cloud.SecurityGroup{Name: name, Rules: append(rules, defaultRules()...)}
}

func to(protocol string, port ...string) func(*cloud.SecurityRule) {
	return func(r *cloud.SecurityRule) { r.Protocol, r.DestinationPorts = protocol, port }
}

func TestRuleset(t *testing.T) {
	tests := []struct {
		name              string
		subnet, theirNICs *cloud.SecurityGroup
	}{
		{"none", nil, nil},
		{"defaults", group("empty"), nil},
		{"tier", group("managers",
			newRule("deny-all", 4096, true, false, nil),
			newRule("swarm-control", 101, true, true, func(r *cloud.SecurityRule) {
				to("Tcp", "2377")(r)
				r.Sources, r.Destinations = []string{"10.20.2.0/24", "10.20.128.0/17"}, []string{"10.20.2.0/24"}
			}),
			newRule("ssh-from-bastion", 100, true, true, func(r *cloud.SecurityRule) {
				to("TCP", "22")(r)
				r.Sources = []string{"10.20.0.0/24"}
			}),
			newRule("overlay-data-encrypted", 102, true, true, func(r *cloud.SecurityRule) { r.Protocol = "Esp" }),
			newRule("swarm-api-probe", 103, true, true, func(r *cloud.SecurityRule) {
				to("Tcp", "2376")(r)
				r.Sources = []string{"AzureLoadBalancer"}
			}),
		), nil},
		{"both", group("subnet", newRule("web", 100, true, true, to("Tcp", "80"))),
			group("interface", newRule("no-web", 100, true, false, to("Tcp", "80")), newRule("no-mail", 100, false, false, to("Tcp", "25")))},
		{"words", group("words",
			newRule("lists", 100, true, true, func(r *cloud.SecurityRule) {
				to("Udp", "8000-8010", "8005-8020", "8021", "53")(r)
				r.SourcePorts = []string{"1024-65535"}
				r.Sources = []string{"192.0.2.7", "198.51.100.0/25", "198.51.100.128/25", "2001:db8::/32"}
			}),
			newRule("ports-of-any-protocol", 101, true, true, to("*", "443")),
			newRule("icmp-has-no-ports", 102, true, true, to("Icmp", "7")),
			newRule("ah", 103, true, true, to("Ah", "*")),
			newRule("services-elsewhere", 104, true, true, func(r *cloud.SecurityRule) { r.Sources = []string{"Storage.WestEurope"} }),
			newRule("tags-and-prefixes", 105, true, true, func(r *cloud.SecurityRule) { r.Sources = []string{"Internet", "10.20.4.0/24"} }),
			newRule("no-internet", 200, false, false, func(r *cloud.SecurityRule) { r.Destinations = []string{"INTERNET"} }),
		), nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := Ruleset(cloud.Security{VirtualNetwork: []netip.Prefix{vnet}, Subnet: test.subnet, Interface: test.theirNICs}, link)
			if err != nil {
				t.Fatal(err)
			}
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

func TestRulesetRefusesWhatAzureWould(t *testing.T) {
	tests := []struct {
		change func(*cloud.SecurityRule)
		want   string
	}{
		{func(r *cloud.SecurityRule) { r.Protocol = "Sctp" }, `protocol "Sctp"`},
		{func(r *cloud.SecurityRule) { r.Sources = []string{"10.20.0.0/33"} }, `address "10.20.0.0/33"`},
		{func(r *cloud.SecurityRule) { r.DestinationPorts = []string{"80,443"} }, `port "80,443"`},
		{func(r *cloud.SecurityRule) { r.DestinationPorts = []string{"90-80"} }, `port "90-80"`},
		{func(r *cloud.SecurityRule) { r.SourcePorts = nil }, "has no ports"},
	}
	for _, test := range tests {
		_, err := Ruleset(cloud.Security{Subnet: group("g", newRule("broken", 100, true, true, test.change))}, link)
		if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "security group g: rule broken") {
			t.Errorf("error %v, want one that names the rule and %s", err, test.want)
		}
	}
}
