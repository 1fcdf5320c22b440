package fabric

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/seed-3bc5c20b/azswarm/lab/cloud"
)

// links are the fabric's network interfaces.
type links struct {
	vnet     link // in the virtual network
	internet link // among the public addresses; its own one serves traffic that has none
	uplink   link // to the real internet
}

// link is one interface with the address Docker gave it.
type link struct {
	name    string
	address netip.Addr
}

// ruleset renders the nftables script that puts c in force, replacing the former one in a single transaction.
// healthy tells which backends of probed rules get new connections.
func ruleset(c Config, l links, healthy func(target) bool) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }

	line("table ip azswarm {}")
	line("delete table ip azswarm")
	line("table ip azswarm {")
	writeSets(line, c)

	line("\tchain prerouting {")
	line("\t\ttype nat hook prerouting priority dstnat; policy accept;")
	line("\t\tdnat to ip daddr map @inbound")
	for _, lb := range c.LoadBalancers {
		for _, rule := range lb.Rules {
			if backends := activeBackends(rule, healthy); len(backends) > 0 {
				line("\t\t%s", balance(lb.Address, rule, backends))
			}
		}
	}
	line("\t}")

	line("\tchain postrouting {")
	line("\t\ttype nat hook postrouting priority srcnat; policy accept;")
	if c.Operator.IsValid() {
		line("\t\toifname %q ip saddr %s snat to %s", l.vnet.name, c.Host, c.Operator)
	}
	// Traffic that turns around here must come back here: else the machine answers its neighbour directly, from an
	// address that one never called.
	for _, lb := range c.LoadBalancers {
		if c.VNet.Contains(lb.Address) {
			line("\t\toifname %q ct original ip daddr %s snat to %s", l.vnet.name, lb.Address, lb.Address)
		}
	}
	for _, out := range c.Outbound {
		if len(out.Addresses) > 0 {
			line("\t\toifname %q ct status dnat ip saddr %s snat to %s", l.vnet.name, out.Prefix, translate(out.Addresses))
			line("\t\toifname %q ip saddr %s snat to %s", l.internet.name, out.Prefix, translate(out.Addresses))
		}
	}
	line("\t\toifname %q ct status dnat ip saddr %s snat to ip saddr map @outbound", l.vnet.name, c.VNet)
	line("\t\toifname %q ct status dnat ip saddr %s snat to %s", l.vnet.name, c.VNet, l.internet.address)
	line("\t\toifname %q snat to ip saddr map @outbound", l.internet.name)
	line("\t\toifname %q ip saddr %s snat to %s", l.internet.name, c.VNet, l.internet.address)
	line("\t\toifname %q ip saddr %s snat to %s", l.uplink.name, c.VNet, l.uplink.address)
	line("\t}")

	line("\tchain forward {")
	line("\t\ttype filter hook forward priority filter; policy drop;")
	line("\t\tct state established,related accept")
	line("\t\tiifname %q oifname %q ct status dnat accept", l.internet.name, l.vnet.name)
	line("\t\tiifname %q oifname %q ct status dnat ct original ip daddr %s accept", l.vnet.name, l.vnet.name, c.VNet)
	line("\t\tiifname %q oifname %q ct status dnat ip saddr @egress accept", l.vnet.name, l.vnet.name)
	line("\t\tiifname %q oifname { %q, %q } ip saddr @egress accept", l.vnet.name, l.internet.name, l.uplink.name)
	line("\t}")

	// A public address nobody answers for stays silent, as on Azure: no reset, no ICMP error.
	line("\tchain input {")
	line("\t\ttype filter hook input priority filter; policy drop;")
	line("\t\tiifname \"lo\" accept")
	line("\t\tct state established,related accept")
	for _, server := range []netip.Addr{c.Registry, c.Downloads} {
		if server.IsValid() { // it stands for one on the internet
			line("\t\tiifname %q ip saddr @egress ip daddr %s tcp dport 443 accept", l.vnet.name, server)
		}
	}
	line("\t}")
	line("}")
	return b.String()
}

// writeSets renders the address sets and maps: who may leave, and public to private addresses and back.
func writeSets(line func(string, ...any), c Config) {
	var egress, inbound, outbound []string
	for _, out := range c.Outbound {
		egress = append(egress, out.Prefix.String())
	}
	for _, ip := range c.PublicIPs {
		egress = append(egress, ip.Private.String())
		inbound = append(inbound, fmt.Sprintf("%s : %s", ip.Address, ip.Private))
		outbound = append(outbound, fmt.Sprintf("%s : %s", ip.Private, ip.Address))
	}
	for _, set := range []struct {
		kind, definition string
		elements         []string
	}{
		{"set egress", "type ipv4_addr; flags interval; auto-merge;", egress},
		{"map inbound", "type ipv4_addr : ipv4_addr;", inbound},
		{"map outbound", "type ipv4_addr : ipv4_addr;", outbound},
	} {
		line("\t%s {", set.kind)
		line("\t\t%s", set.definition)
		if len(set.elements) > 0 {
			slices.Sort(set.elements)
			line("\t\telements = { %s }", strings.Join(slices.Compact(set.elements), ", "))
		}
		line("\t}")
	}
}

// activeBackends returns the backends of rule that get new connections.
func activeBackends(rule cloud.LoadBalancerRule, healthy func(target) bool) []netip.Addr {
	var active []netip.Addr
	for _, backend := range rule.Backends {
		if rule.Probe == nil || healthy(target{backend, *rule.Probe}) {
			active = append(active, backend)
		}
	}
	slices.SortFunc(active, netip.Addr.Compare)
	return slices.Compact(active)
}

// balance renders one load balancing rule: connections are spread by a hash of source address and port, and keep their
// source, as Azure's do.
func balance(frontend netip.Addr, rule cloud.LoadBalancerRule, backends []netip.Addr) string {
	protocol := strings.ToLower(rule.Protocol)
	match := fmt.Sprintf("ip daddr %s %s dport %d dnat to ", frontend, protocol, rule.FrontendPort)
	port := cmp.Or(rule.BackendPort, rule.FrontendPort)
	return fmt.Sprintf("%s%s:%d", match, spread("ip saddr . "+protocol+" sport", backends), port)
}

// translate renders the address a connection leaves from: the same one for the same pair of hosts.
func translate(addresses []netip.Addr) string { return spread("ip saddr . ip daddr", addresses) }

// spread renders one of the addresses, chosen by a hash of the key.
func spread(key string, addresses []netip.Addr) string {
	if len(addresses) == 1 {
		return addresses[0].String()
	}
	var slots []string
	for i, address := range addresses {
		slots = append(slots, fmt.Sprintf("%d : %s", i, address))
	}
	return fmt.Sprintf("jhash %s mod %d seed 0xa25a map { %s }", key, len(addresses), strings.Join(slots, ", "))
}
