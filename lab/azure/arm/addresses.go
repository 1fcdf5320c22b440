package arm

import (
	"cmp"
	"net/netip"
	"slices"
)

// reservedFirst is how many addresses at the start of a subnet Azure keeps; it keeps the last one too.
const reservedFirst = 4

// privateAddress is an address that an IP configuration holds in a subnet.
type privateAddress struct {
	id      string // IP configuration
	subnet  string // folded id
	address netip.Addr
}

func (r *record) privateAddresses() []privateAddress {
	if r.kind.Token != networkInterfaceToken {
		return nil
	}
	var held []privateAddress
	for _, c := range r.Body.Objects("ipConfigurations") {
		if address, err := netip.ParseAddr(c.Text("privateIPAddress")); err == nil {
			held = append(held, privateAddress{c.Text("id"), fold(c.Text("subnet.id")), address})
		}
	}
	return held
}

func (r *record) publicAddress() (netip.Addr, bool) {
	if r.kind.Token != publicIPAddressToken {
		return netip.Addr{}, false
	}
	address, err := netip.ParseAddr(r.Body.Text("ipAddress"))
	return address, err == nil
}

// subnetPrefixes are the address ranges of a subnet's body.
func subnetPrefixes(subnet Object) []netip.Prefix {
	texts := subnet.Strings("addressPrefixes")
	if single := subnet.Text("addressPrefix"); single != "" {
		texts = []string{single}
	}
	return prefixes(texts)
}

func prefixes(texts []string) []netip.Prefix {
	var parsed []netip.Prefix
	for _, text := range texts {
		if p, err := netip.ParsePrefix(text); err == nil {
			parsed = append(parsed, p)
		}
	}
	return parsed
}

// lastAddress is the highest address of a prefix.
func lastAddress(p netip.Prefix) netip.Addr {
	bytes := p.Masked().Addr().AsSlice()
	for bit := p.Bits(); bit < len(bytes)*8; bit++ {
		bytes[bit/8] |= 1 << (7 - bit%8)
	}
	last, _ := netip.AddrFromSlice(bytes)
	return last
}

// firstUsable is the lowest address of a prefix that Azure does not keep for itself.
func firstUsable(p netip.Prefix) netip.Addr {
	address := p.Masked().Addr()
	for range reservedFirst {
		address = address.Next()
	}
	return address
}

// isReserved says whether Azure keeps this address of the prefix for itself.
func isReserved(p netip.Prefix, address netip.Addr) bool {
	return address.Less(firstUsable(p)) || address == lastAddress(p)
}

// freeAddress is the lowest usable address in the prefixes that is not taken.
func freeAddress(ranges []netip.Prefix, taken func(netip.Addr) bool) (netip.Addr, bool) {
	for _, p := range ranges {
		for address := firstUsable(p); p.Contains(address) && address != lastAddress(p); address = address.Next() {
			if !taken(address) {
				return address, true
			}
		}
	}
	return netip.Addr{}, false
}

// checkPrefix refuses what is no CIDR, or has host bits set.
func checkPrefix(text, owner string) (netip.Prefix, error) {
	p, err := netip.ParsePrefix(text)
	if err != nil || !p.Addr().Is4() {
		return p, badRequest("InvalidAddressPrefixFormat", "Address prefix %s of resource %s is not formatted correctly. "+
			"It should follow CIDR notation, for example 10.0.0.0/24.", text, owner)
	}
	if p != p.Masked() {
		return p, badRequest("InvalidCIDRNotation", "The address prefix %s in resource %s has an invalid CIDR notation. "+
			"For the given prefix length, the address prefix should be %s.", text, owner, p.Masked())
	}
	return p, nil
}

// within says whether one of the ranges contains p whole.
func within(ranges []netip.Prefix, p netip.Prefix) bool {
	return slices.ContainsFunc(ranges, func(r netip.Prefix) bool { return r.Bits() <= p.Bits() && r.Contains(p.Addr()) })
}

func sortRecords(records []*record) {
	slices.SortFunc(records, func(a, b *record) int { return cmp.Compare(fold(a.ID), fold(b.ID)) })
}
