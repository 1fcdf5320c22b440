package rules

import (
	"net/netip"
	"slices"

	"github.com/seed-3bc5c20b/azswarm/internal/ipam"
	"github.com/seed-3bc5c20b/azswarm/internal/ports"
	"github.com/seed-3bc5c20b/azswarm/internal/quorum"
)

// Orchestrators of containers.
const (
	Swarm   = string(ports.Swarm)   // Docker Engine's built-in Swarm mode
	Classic = string(ports.Classic) // Docker's standalone Swarm, over Consul
)

// How Azure keeps a tier's machines apart.
const (
	AvailabilitySet = "AvailabilitySet"
	Zones           = "Zones"
)

// MaxFaultDomains is the most an availability set has.
const MaxFaultDomains = 3

// maxInternalPorts is what the security groups have room for.
const maxInternalPorts = 100

// ClassicOverlays is where the engines of the classic orchestrator take overlay networks' subnets from: libnetwork's own
// default, lowest first. It can't be set.
var ClassicOverlays = netip.MustParsePrefix("10.0.0.0/16")

// Width is how wide a network may be at most.
type Width struct {
	bits int
	why  string
}

// Operators' networks are narrow: the whole internet is refused, in one piece or in two halves. Users may come from anywhere.
var (
	Operators = Width{8, "would open SSH and the Swarm API to the internet"}
	Users     = Width{}
	Overlay   = Width{8, "is wider than an overlay network can be"}
)

// CIDR checks an IPv4 network, as Azure takes it: without host bits, and not one of those before it in its list.
func (p *Problems) CIDR(path, text string, width Width, before []netip.Prefix) (netip.Prefix, bool) {
	prefix, err := netip.ParsePrefix(text)
	switch {
	case err != nil || !prefix.Addr().Is4():
		p.Refuse(path, text, "must be an IPv4 CIDR such as 198.51.100.0/24")
	case prefix != prefix.Masked():
		p.Refuse(path, text, "has host bits set, must be written %s", prefix.Masked())
	case prefix.Bits() < width.bits:
		p.Refuse(path, text, "%s; must be /%d or narrower", width.why, width.bits)
	case slices.Contains(before, prefix):
		p.Refuse(path, text, "is listed twice")
	default:
		return prefix, true
	}
	return prefix, false
}

// CIDRs checks a list of networks.
func (p *Problems) CIDRs(path string, texts []string, width Width) []netip.Prefix {
	if len(texts) == 0 {
		p.NoCIDRs(path)
	}
	var prefixes []netip.Prefix
	for i, text := range texts {
		if prefix, ok := p.CIDR(Item(path, i), text, width, prefixes); ok {
			prefixes = append(prefixes, prefix)
		}
	}
	return prefixes
}

// NoCIDRs reports a list of networks that is empty.
func (p *Problems) NoCIDRs(path string) {
	p.Refuse(path, []any{}, "must name at least one IPv4 CIDR such as 198.51.100.0/24")
}

// AddressSpace checks that of a virtual network, and carves it.
func (p *Problems) AddressSpace(path, text string) (ipam.Plan, bool) {
	space, err := netip.ParsePrefix(text)
	if err != nil {
		p.Refuse(path, text, "must be an IPv4 CIDR such as %s", DefaultNetwork)
		return ipam.Plan{}, false
	}
	plan, err := ipam.Carve(space)
	if err != nil {
		p.Add(path, "%v", err)
		return ipam.Plan{}, false
	}
	return plan, true
}

// Orchestrator checks which it is, and that its own networks leave room for the virtual network, of which the path of the
// property is named; the plan may be zero.
func (p *Problems) Orchestrator(path, orchestrator, networkPath string, plan ipam.Plan) {
	switch {
	case orchestrator != Swarm && orchestrator != Classic:
		p.Refuse(path, orchestrator, "must be %s or %s", Swarm, Classic)
	case orchestrator == Classic && plan.Space.IsValid() && plan.Space.Overlaps(ClassicOverlays):
		p.Refuse(path, orchestrator, "takes overlay networks' subnets from %s; %s must lie elsewhere than at %s", ClassicOverlays, networkPath, plan.Space)
	}
}

// Spread checks how machines are kept apart.
func (p *Problems) Spread(path, spread string) {
	if spread != AvailabilitySet && spread != Zones {
		p.Refuse(path, spread, "must be %s or %s", AvailabilitySet, Zones)
	}
}

// Quorum refuses a number of voters of which one fault domain would hold the majority. The properties that say how machines are
// spread are named by their paths.
func (p *Problems) Quorum(path string, voters int, spread string, domains int, spreadPath, domainsPath string) {
	if spread == Zones {
		return
	}
	if err := quorum.Check(voters, domains); err != nil {
		p.Add(path, "%v; set %s to %s, in a region that has zones, or %s to %d, in one that has so many",
			err, spreadPath, Zones, domainsPath, MaxFaultDomains)
	}
}

// InternalPorts checks how many there are.
func (p *Problems) InternalPorts(path string, count int) {
	if count > maxInternalPorts {
		p.Add(path, "%d ports: must be at most %d; name ranges", count, maxInternalPorts)
	}
}

// InternalPort checks a port or several adjacent ones, which must be none of those before it in its list.
func (p *Problems) InternalPort(path string, open ports.Range, before []ports.Range) {
	if err := open.Check(); err != nil {
		p.Add(path, "%s: %v", open, err)
	} else if slices.Contains(before, open) {
		p.Add(path, "%s: is listed twice", open)
	}
}
