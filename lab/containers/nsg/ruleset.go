// Package nsg turns the network security groups around a machine into nftables rules for the machine's network namespace.
//
// They judge packets where Azure does, outside of the machine as it were: what arrives, before the machine's own firewall
// and address translation see it (a container's published port is judged as the port of the machine that it is, overlay
// traffic as VXLAN); what leaves, after they have. Loopback and the machine's own bridges are none of their business.
package nsg

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/seed-3bc5c20b/azswarm/lab/cloud"
)

// Table is the nftables table the rules live in, of the family inet. Docker and the machine's own firewall have others.
const Table = "azure"

// Link is a machine's place in the lab's network.
type Link struct {
	// Interface is the network interface that the groups guard.
	Interface string
	// Outside are addresses of the lab's own within the network that Azure would have on the internet.
	Outside []netip.Addr
}

// Ruleset renders the nftables script that puts the groups in force, replacing the former one in a single transaction.
// Connections that were let through go on, as in Azure. A rule's counter says how many connections it decided on.
func Ruleset(s cloud.Security, link Link) (string, error) {
	var outside []span
	for _, a := range link.Outside {
		outside = append(outside, prefixSpan(netip.PrefixFrom(a, 32)))
	}
	tags := serviceTags(prefixSpans(s.VirtualNetwork), union(outside...))

	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("table inet %s {}", Table)
	line("delete table inet %s", Table)
	line("table inet %s {", Table)
	for _, direction := range []struct {
		name, hook, priority, interfaceMatch string
		opened                               string // IPsec's content, which passes here in the open, too: it is judged as IPsec
		inbound                              bool
		groups                               []*cloud.SecurityGroup
	}{
		// After connection tracking and before address translation; the other way round on the way out.
		{"inbound", "prerouting", "mangle", "iifname", "meta ipsec", true, []*cloud.SecurityGroup{s.Subnet, s.Interface}},
		{"outbound", "postrouting", "srcnat + 50", "oifname", "rt ipsec", false, []*cloud.SecurityGroup{s.Interface, s.Subnet}},
	} {
		var chains []string
		for i, group := range direction.groups {
			if group == nil {
				continue
			}
			rules, err := compile(*group, direction.inbound, tags)
			if err != nil {
				return "", err
			}
			chain := fmt.Sprintf("%s-%d", direction.name, i+1)
			chains = append(chains, chain)
			line("\t# %s", group.Name)
			line("\tchain %s {", chain)
			for _, r := range rules {
				line("\t\t%s", r.render())
			}
			line("\t}")
		}
		line("\tchain %s {", direction.name)
		line("\t\ttype filter hook %s priority %s; policy accept;", direction.hook, direction.priority)
		line("\t\t%s != %q accept", direction.interfaceMatch, link.Interface)
		line("\t\tmeta nfproto ipv6 drop") // a virtual network has none unless it is given some
		line("\t\t%s exists accept", direction.opened)
		line("\t\tct state established,related accept")
		if !direction.inbound {
			line("\t\tip daddr { %s, %s } accept", hostAddress, metadataAddress) // no rule keeps a machine from its host
		}
		for _, chain := range chains {
			line("\t\tjump %s", chain)
		}
		line("\t}")
	}
	line("}")
	return b.String(), nil
}

// render is the rule in nft's words. What is allowed goes on to the next group.
func (r rule) render() string {
	if len(r.sources) == 0 || len(r.destinations) == 0 {
		return fmt.Sprintf("# %s: nobody in the lab has such an address", r.name)
	}
	var words []string
	add := func(format string, args ...any) { words = append(words, fmt.Sprintf(format, args...)) }
	switch {
	case r.protocol != "":
		add("meta l4proto %s", r.protocol)
	case r.hasPorts():
		add("meta l4proto { tcp, udp }")
	}
	if !r.sources.equal(everyAddress) {
		add("ip saddr %s", r.sources.addresses())
	}
	if !r.destinations.equal(everyAddress) {
		add("ip daddr %s", r.destinations.addresses())
	}
	if r.matchesPorts() && !r.sourcePorts.equal(everyPort) {
		add("th sport %s", r.sourcePorts.ports())
	}
	if r.matchesPorts() && !r.destinationPorts.equal(everyPort) {
		add("th dport %s", r.destinationPorts.ports())
	}
	add("counter")
	if r.allow {
		add("return")
	} else {
		add("drop")
	}
	add("comment %q", r.name)
	return strings.Join(words, " ")
}
