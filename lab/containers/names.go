package containers

import (
	"crypto/sha256"
	"encoding/hex"
	"net/netip"
	"path"
	"strings"
)

// Kinds of Docker objects.
const (
	kindMachine  = "machine"
	kindNetwork  = "network"
	kindFabric   = "fabric"
	kindInternet = "internet"
	kindUplink   = "uplink"
)

// key is a short name for an ARM id, which are too long for names and equal whatever their letters' case.
func key(id string) string {
	sum := sha256.Sum256([]byte(strings.ToLower(id)))
	return path.Base(strings.ToLower(id)) + "-" + hex.EncodeToString(sum[:4])
}

// objectName names the Docker object of a kind for an ARM id; "" for one there is once per lab.
func (c *Cloud) objectName(kind, id string) string {
	name := "azswarm-" + c.options.Lab + "-" + kind
	if id == "" {
		return name
	}
	return name + "-" + key(id)
}

// labels are the labels of a kind of object for an ARM id.
func (c *Cloud) labels(kind, id string) map[string]string {
	return map[string]string{labelLab: c.options.Lab, labelKind: kind, labelID: id}
}

// Azure keeps the first addresses of every subnet for itself, so those of the address space are never a machine's.

// bridgeAddress is this machine's address on the virtual network's bridge.
func bridgeAddress(vnet netip.Prefix) netip.Addr { return offset(vnet, 1) }

// routerAddress is the fabric's address: the default gateway of every machine, and where the fabric serves downloads.
func routerAddress(vnet netip.Prefix) netip.Addr { return offset(vnet, 2) }

// registryAddress is where the fabric serves the image registry.
func registryAddress(vnet netip.Prefix) netip.Addr { return offset(vnet, 3) }

// Options.Public is two networks, one half each. Public addresses and way out are apart because Docker hides the
// addresses of a network that has a way out, and where the kernel shows bridged packets to iptables, it does so even
// when they appear as sources inside a virtual network.

// internetPrefix is the bridge of the public addresses.
func internetPrefix(public netip.Prefix) netip.Prefix {
	return netip.PrefixFrom(public.Addr(), public.Bits()+1)
}

// uplinkPrefix is the bridge to the real internet.
func uplinkPrefix(public netip.Prefix) netip.Prefix {
	half := uint32(1) << (32 - public.Bits() - 1)
	return netip.PrefixFrom(offset(public, half), public.Bits()+1)
}

// hostAddress is this machine's address on the internet bridge or the uplink.
func hostAddress(bridge netip.Prefix) netip.Addr { return offset(bridge, 1) }

// fabricRange are the addresses of the fabrics themselves on the internet bridge: the last 16.
func fabricRange(public netip.Prefix) netip.Prefix {
	half := uint32(1) << (32 - public.Bits() - 1)
	return netip.PrefixFrom(offset(public, half-16), 28)
}

// PublicRange returns the first and the last address of public that can be a public IP address of the model: the rest
// belongs to this machine and the fabrics.
func PublicRange(public netip.Prefix) (first, last netip.Addr) {
	return offset(public, 4), fabricRange(public).Addr().Prev()
}

// offset is the n-th address of an IPv4 prefix.
func offset(prefix netip.Prefix, n uint32) netip.Addr {
	b := prefix.Masked().Addr().As4()
	n += uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
	return netip.AddrFrom4([4]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)})
}
