// Package ipam plans every address of a cluster from its address space alone:
// which subnet a tier gets, and which address machine i of a set gets.
//
// All functions are pure, so the same configuration always yields the same
// addresses, and a count that does not fit fails before anything is created.
package ipam

import (
	"fmt"
	"net/netip"
)

// Limits of the address space [Carve] accepts. A /24 is the smallest space
// whose worker half still has usable addresses in each of its [PoolBlocks].
const (
	MinSpaceBits = 8
	MaxSpaceBits = 24
)

// Prefix lengths of the bastion, Consul and manager subnets: 8 bits longer
// than the space, within these limits.
const (
	minControlBits = 24
	maxControlBits = 28
)

// private lists the ranges Azure documents as usable for a virtual network
// without special cases (RFC 1918 and RFC 6598).
var private = []netip.Prefix{
	netip.MustParsePrefix("10.0.0.0/8"),
	netip.MustParsePrefix("172.16.0.0/12"),
	netip.MustParsePrefix("192.168.0.0/16"),
	netip.MustParsePrefix("100.64.0.0/10"),
}

// occupied lists ranges the machines already route elsewhere.
var occupied = []struct {
	prefix netip.Prefix
	by     string
}{
	{netip.MustParsePrefix("172.16.0.0/12"), "Docker's bridge and overlay networks"},
	{netip.MustParsePrefix("168.63.129.16/32"), "Azure's platform services"},
	{netip.MustParsePrefix("169.254.0.0/16"), "link-local addresses and Azure's metadata service"},
}

// Plan is an address space carved into one subnet per tier. Half of the space
// belongs to the workers; what lies between the managers' subnet and that half
// stays free for tiers to come.
type Plan struct {
	Space    netip.Prefix // address space of the virtual network
	Bastion  netip.Prefix // the jump host
	Consul   netip.Prefix // Consul servers
	Managers netip.Prefix // Swarm managers
	Workers  netip.Prefix // all worker pools: the upper half of Space
}

// Carve plans the subnets of an IPv4 address space between /8 and /24. The
// space must be written with its network address, be private (RFC 1918 or
// 100.64.0.0/10) and not overlap 172.16.0.0/12, where Docker's networks live.
func Carve(space netip.Prefix) (Plan, error) {
	if err := checkSpace(space); err != nil {
		return Plan{}, err
	}
	controlBits := min(max(space.Bits()+8, minControlBits), maxControlBits)
	control := func(i int) netip.Prefix {
		return netip.PrefixFrom(advance(space.Addr(), i<<(32-controlBits)), controlBits)
	}
	half := 1 << (32 - space.Bits() - 1)
	return Plan{
		Space:    space,
		Bastion:  control(0),
		Consul:   control(1),
		Managers: control(2),
		Workers:  netip.PrefixFrom(advance(space.Addr(), half), space.Bits()+1),
	}, nil
}

func checkSpace(space netip.Prefix) error {
	switch {
	case !space.IsValid() || !space.Addr().Is4():
		return fmt.Errorf("address space %s: must be an IPv4 CIDR such as 10.20.0.0/16", space)
	case space != space.Masked():
		return fmt.Errorf("address space %s: has host bits set, must be written %s", space, space.Masked())
	case space.Bits() < MinSpaceBits || space.Bits() > MaxSpaceBits:
		return fmt.Errorf("address space %s: prefix length must be between /%d and /%d", space, MinSpaceBits, MaxSpaceBits)
	}
	for _, o := range occupied {
		if space.Overlaps(o.prefix) {
			return fmt.Errorf("address space %s: overlaps %s, used by %s; choose from 10.0.0.0/8, 192.168.0.0/16 or 100.64.0.0/10", space, o.prefix, o.by)
		}
	}
	for _, p := range private {
		if p.Bits() <= space.Bits() && p.Contains(space.Addr()) {
			return nil
		}
	}
	return fmt.Errorf("address space %s: is not private; choose from 10.0.0.0/8, 192.168.0.0/16 or 100.64.0.0/10", space)
}

// advance returns the address n after addr. Callers stay inside a checked
// IPv4 prefix, so it cannot overflow.
func advance(addr netip.Addr, n int) netip.Addr {
	b := addr.As4()
	v := uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
	v += uint32(n)
	return netip.AddrFrom4([4]byte{byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)})
}
