package nsg

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/seed-3bc5c20b/azswarm/lab/cloud"
)

// The host's virtual addresses: Azure's DNS, wire server and health probes are behind the first, its metadata service
// behind the second.
var (
	hostAddress     = netip.MustParseAddr("168.63.129.16")
	metadataAddress = netip.MustParseAddr("169.254.169.254")
)

// rule is a rule whose words have become numbers.
type rule struct {
	name                          string
	allow                         bool
	protocol                      string // as nft names it; "" for all
	sources, destinations         spans
	sourcePorts, destinationPorts spans
}

// hasPorts says whether the rule looks at ports, which only TCP and UDP have.
func (r rule) hasPorts() bool {
	return r.matchesPorts() && (!r.sourcePorts.equal(everyPort) || !r.destinationPorts.equal(everyPort))
}

// matchesPorts says whether the rule's protocol has ports. Azure ignores a rule's ports for the others.
func (r rule) matchesPorts() bool {
	return r.protocol == "" || r.protocol == "tcp" || r.protocol == "udp"
}

// protocols are Azure's names for protocols, and nft's.
var protocols = map[string]string{"*": "", "tcp": "tcp", "udp": "udp", "icmp": "icmp", "esp": "esp", "ah": "ah"}

// compile returns a group's rules of one direction in the order in which they are asked.
func compile(group cloud.SecurityGroup, inbound bool, tags map[string]spans) ([]rule, error) {
	chosen := slices.DeleteFunc(slices.Clone(group.Rules), func(r cloud.SecurityRule) bool { return r.Inbound != inbound })
	slices.SortStableFunc(chosen, func(a, b cloud.SecurityRule) int { return a.Priority - b.Priority })
	var rules []rule
	for _, given := range chosen {
		compiled, err := compileRule(given, tags)
		if err != nil {
			return nil, fmt.Errorf("security group %s: rule %s: %w", group.Name, given.Name, err)
		}
		rules = append(rules, compiled)
	}
	return rules, nil
}

func compileRule(given cloud.SecurityRule, tags map[string]spans) (rule, error) {
	protocol, known := protocols[strings.ToLower(given.Protocol)]
	if !known {
		return rule{}, fmt.Errorf("protocol %q: want Tcp, Udp, Icmp, Esp, Ah or *", given.Protocol)
	}
	r := rule{name: given.Name, allow: given.Allow, protocol: protocol}
	var err error
	for _, part := range []struct {
		to    *spans
		texts []string
		parse func([]string) (spans, error)
	}{
		{&r.sources, given.Sources, func(texts []string) (spans, error) { return parseAddresses(texts, tags) }},
		{&r.destinations, given.Destinations, func(texts []string) (spans, error) { return parseAddresses(texts, tags) }},
		{&r.sourcePorts, given.SourcePorts, parsePorts},
		{&r.destinationPorts, given.DestinationPorts, parsePorts},
	} {
		if *part.to, err = part.parse(part.texts); err != nil {
			return rule{}, err
		}
	}
	return r, nil
}

// serviceTags are the tags that stand for addresses the lab has. The other tags of Azure's stand for none here.
func serviceTags(virtualNetwork, platform spans) map[string]spans {
	host := union(prefixSpan(netip.PrefixFrom(hostAddress, 32)))
	hosts := union(append(slices.Clone(host), prefixSpan(netip.PrefixFrom(metadataAddress, 32)))...)
	inside := virtualNetwork.without(platform)
	return map[string]spans{
		"virtualnetwork":    union(append(slices.Clone(inside), host...)...),
		"azureloadbalancer": host,
		"internet":          everyAddress.without(inside).without(hosts),
	}
}

// parseAddresses reads addresses as Azure writes them. IPv6 ones, which the lab doesn't have, stand for none.
func parseAddresses(texts []string, tags map[string]spans) (spans, error) {
	var ranges []span
	for _, text := range texts {
		if text == "*" {
			return everyAddress, nil
		}
		if addr, err := netip.ParseAddr(text); err == nil {
			if addr.Is4() {
				ranges = append(ranges, prefixSpan(netip.PrefixFrom(addr, 32)))
			}
			continue
		}
		if p, err := netip.ParsePrefix(text); err == nil {
			if p.Addr().Is4() {
				ranges = append(ranges, prefixSpan(p))
			}
			continue
		}
		if text == "" || text[0] >= '0' && text[0] <= '9' {
			return nil, fmt.Errorf("address %q: want an address, a prefix, a service tag or *", text)
		}
		ranges = append(ranges, tags[strings.ToLower(text)]...)
	}
	return union(ranges...), nil
}
