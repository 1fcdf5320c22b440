package nsg

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/seed-3bc5c20b/azswarm/lab/cloud"
)

// packet opens a connection.
type packet struct {
	inbound                     bool
	protocol                    string // as nft names it
	source, destination         netip.Addr
	sourcePort, destinationPort int
}

// TestRulesetDecidesAsAzureDoes reads the rendered rules as nft would, and asks them about packets whose fate Azure's
// documentation tells.
func TestRulesetDecidesAsAzureDoes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := cloud.Security{VirtualNetwork: []netip.Prefix{vnet}, Subnet: drawGroup(t, "subnet"), Interface: drawGroup(t, "interface")}
		script, err := Ruleset(s, link)
		if err != nil {
			t.Fatal(err)
		}
		for range 20 {
			p := drawPacket(t)
			if got, want := nftPasses(script, p), azurePasses(s, p); got != want {
				t.Fatalf("%+v passes: %v, want %v\n%s", p, got, want, script)
			}
		}
	})
}

var (
	someAddresses = []string{
		"10.20.0.2", "10.20.0.3", "10.20.1.4", "10.20.2.4", "10.20.255.255", "10.21.0.0", "168.63.129.16", "192.0.2.7", "198.51.100.10", "0.0.0.0", "255.255.255.255",
	}
	somePrefixes = []string{
		"*", "10.20.1.4", "10.20.0.0/24", "10.20.0.0/16", "10.20.2.0/23", "192.0.2.0/24", "0.0.0.0/0", "VirtualNetwork", "Internet", "AzureLoadBalancer", "Sql",
	}
	somePorts     = []string{"*", "0", "22", "22-80", "80", "81-443", "443", "65535", "0-65535"}
	someProtocols = []string{"*", "Tcp", "Udp", "Icmp", "Esp", "Ah"}
)

func drawGroup(t *rapid.T, name string) *cloud.SecurityGroup {
	if rapid.IntRange(0, 3).Draw(t, name+" is missing") == 0 {
		return nil
	}
	g := group(name)
	priorities := rapid.SliceOfNDistinct(rapid.IntRange(100, 120), 0, 6, rapid.ID).Draw(t, name+" priorities")
	list := func(of []string, what string) []string {
		return rapid.SliceOfN(rapid.SampledFrom(of), 1, 3).Draw(t, what)
	}
	for _, priority := range priorities {
		g.Rules = append(g.Rules, cloud.SecurityRule{
			Name: fmt.Sprint("r", priority), Priority: priority, Protocol: rapid.SampledFrom(someProtocols).Draw(t, "protocol"),
			Inbound: rapid.Bool().Draw(t, "inbound"), Allow: rapid.Bool().Draw(t, "allow"),
			Sources: list(somePrefixes, "sources"), Destinations: list(somePrefixes, "destinations"),
			SourcePorts: list(somePorts, "source ports"), DestinationPorts: list(somePorts, "destination ports"),
		})
	}
	return g
}

func drawPacket(t *rapid.T) packet {
	addr := func(what string) netip.Addr {
		return netip.MustParseAddr(rapid.SampledFrom(someAddresses).Draw(t, what))
	}
	port := func(what string) int {
		return rapid.SampledFrom([]int{0, 21, 22, 80, 81, 443, 444, 65535}).Draw(t, what)
	}
	return packet{
		inbound: rapid.Bool().Draw(t, "inbound"), protocol: rapid.SampledFrom([]string{"tcp", "udp", "icmp", "esp", "ah"}).Draw(t, "protocol"),
		source: addr("source"), destination: addr("destination"), sourcePort: port("source port"), destinationPort: port("destination port"),
	}
}

// azurePasses is the documentation's way to decide, one rule and one word at a time.
func azurePasses(s cloud.Security, p packet) bool {
	groups := []*cloud.SecurityGroup{s.Subnet, s.Interface}
	if !p.inbound {
		if p.destination == hostAddress || p.destination == metadataAddress {
			return true
		}
		groups = []*cloud.SecurityGroup{s.Interface, s.Subnet}
	}
	for _, g := range groups {
		if g != nil && !azureAllows(*g, p) {
			return false
		}
	}
	return true
}

func azureAllows(g cloud.SecurityGroup, p packet) bool {
	best := cloud.SecurityRule{Priority: 1 << 20}
	for _, r := range g.Rules {
		if r.Inbound == p.inbound && r.Priority < best.Priority && azureMatches(r, p) {
			best = r
		}
	}
	return best.Allow
}

func azureMatches(r cloud.SecurityRule, p packet) bool {
	if r.Protocol != "*" && !strings.EqualFold(r.Protocol, p.protocol) {
		return false
	}
	if !slices.ContainsFunc(r.Sources, func(text string) bool { return azureContains(text, p.source) }) ||
		!slices.ContainsFunc(r.Destinations, func(text string) bool { return azureContains(text, p.destination) }) {
		return false
	}
	every := func(ports []string) bool { return slices.Contains(ports, "*") || slices.Contains(ports, "0-65535") }
	if p.protocol != "tcp" && p.protocol != "udp" { // without ports, only a rule for all ports, or for the protocol itself, is about it
		return r.Protocol != "*" || every(r.SourcePorts) && every(r.DestinationPorts)
	}
	return slices.ContainsFunc(r.SourcePorts, func(text string) bool { return portContains(text, p.sourcePort) }) &&
		slices.ContainsFunc(r.DestinationPorts, func(text string) bool { return portContains(text, p.destinationPort) })
}

func azureContains(text string, a netip.Addr) bool {
	inside := vnet.Contains(a) && a != hub
	switch text {
	case "*":
		return true
	case "VirtualNetwork":
		return inside || a == hostAddress
	case "AzureLoadBalancer":
		return a == hostAddress
	case "Internet":
		return !inside && a != hostAddress && a != metadataAddress
	case "Sql":
		return false
	}
	if p, err := netip.ParsePrefix(text); err == nil {
		return p.Contains(a)
	}
	return netip.MustParseAddr(text) == a
}

func portContains(text string, port int) bool {
	if text == "*" {
		return true
	}
	low, high, ranged := strings.Cut(text, "-")
	if !ranged {
		high = low
	}
	first, _ := strconv.Atoi(low)
	last, _ := strconv.Atoi(high)
	return first <= port && port <= last
}

// nftPasses walks through the script's chains as the kernel does with the first packet of a connection.
func nftPasses(script string, p packet) bool {
	chains, name := map[string][]string{}, ""
	for line := range strings.Lines(script) {
		line = strings.TrimSpace(line)
		if rest, ok := strings.CutPrefix(line, "chain "); ok {
			name = strings.TrimSuffix(rest, " {")
		} else if name != "" && line != "}" && !strings.HasPrefix(line, "#") {
			chains[name] = append(chains[name], line)
		}
	}
	hook := "outbound"
	if p.inbound {
		hook = "inbound"
	}
	return nftVerdict(chains, hook, p) != "drop"
}

func nftVerdict(chains map[string][]string, chain string, p packet) string {
	for _, line := range chains[chain] {
		line, _, _ = strings.Cut(line, " comment ")
		switch verdict := nftRule(strings.Fields(line), p); {
		case strings.HasPrefix(verdict, "jump "):
			if nftVerdict(chains, verdict[len("jump "):], p) == "drop" {
				return "drop"
			}
		case verdict != "":
			return verdict
		}
	}
	return "return"
}

// nftRule is the verdict of one rule, or "" if it doesn't match.
func nftRule(words []string, p packet) string {
	for i := 0; i < len(words); i++ {
		switch words[i] {
		case "type", "ct", "iifname", "oifname", "rt": // the chain's own line; connections that exist; another interface; IPsec
			return ""
		case "counter":
		case "accept", "drop", "return":
			return words[i]
		case "jump":
			return "jump " + words[i+1]
		case "meta", "ip", "th":
			if words[i+1] == "ipsec" {
				return ""
			}
			key := words[i] + " " + words[i+1]
			i += 2
			elements := words[i : i+1]
			if words[i] == "{" {
				end := i + slices.Index(words[i:], "}")
				elements, i = words[i+1:end], end
			}
			if !slices.ContainsFunc(elements, func(element string) bool { return nftMatches(key, strings.TrimSuffix(element, ","), p) }) {
				return ""
			}
		default:
			panic("unknown word " + words[i])
		}
	}
	panic("no verdict in " + strings.Join(words, " "))
}

func nftMatches(key, element string, p packet) bool {
	hasPorts := p.protocol == "tcp" || p.protocol == "udp"
	switch key {
	case "meta nfproto":
		return false // packets are IPv4
	case "meta l4proto":
		return element == p.protocol
	case "ip saddr":
		return nftContains(element, p.source)
	case "ip daddr":
		return nftContains(element, p.destination)
	case "th sport":
		return hasPorts && portContains(element, p.sourcePort)
	case "th dport":
		return hasPorts && portContains(element, p.destinationPort)
	}
	panic("unknown match " + key)
}

func nftContains(element string, a netip.Addr) bool {
	if p, err := netip.ParsePrefix(element); err == nil {
		return p.Contains(a)
	}
	low, high, ranged := strings.Cut(element, "-")
	if !ranged {
		high = low
	}
	return netip.MustParseAddr(low).Compare(a) <= 0 && a.Compare(netip.MustParseAddr(high)) <= 0
}
