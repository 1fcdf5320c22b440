package ipam

import (
	"fmt"
	"net/netip"
)

// Azure keeps the first four addresses of a subnet (network, gateway, two for
// DNS) and the last one (broadcast).
// Source: "Azure Virtual Network frequently asked questions", Microsoft Learn.
const (
	reservedFirst = 4
	reservedLast  = 1
)

// PoolBlocks is the number of equal address blocks the workers' subnet is cut
// into. A pool owns one block, so pools can grow, come and go without moving
// each other's machines.
const PoolBlocks = 16

// Range is a run of consecutive usable addresses.
type Range struct {
	first netip.Addr
	size  int
}

// Capacity is the number of machines the range has addresses for.
func (r Range) Capacity() int { return r.size }

// Host returns the address of machine i, counted from 0.
func (r Range) Host(i int) (netip.Addr, error) {
	if i < 0 || i >= r.size {
		return netip.Addr{}, fmt.Errorf("machine %d: %s has %d addresses, for machines 0 to %d", i, r, r.size, r.size-1)
	}
	return advance(r.first, i), nil
}

// String returns the first and last address, as in "10.20.128.4-10.20.135.255".
func (r Range) String() string {
	if r.size == 0 {
		return "empty range"
	}
	return fmt.Sprintf("%s-%s", r.first, advance(r.first, r.size-1))
}

// Hosts returns the addresses of an IPv4 subnet that machines may have: all but
// the five Azure reserves. A subnet without any yields the empty range.
func Hosts(subnet netip.Prefix) Range {
	if !subnet.IsValid() || !subnet.Addr().Is4() {
		return Range{}
	}
	size := 1<<(32-subnet.Bits()) - reservedFirst - reservedLast
	if size <= 0 {
		return Range{}
	}
	return Range{first: advance(subnet.Masked().Addr(), reservedFirst), size: size}
}

// Capacity is the number of machines an IPv4 subnet has addresses for.
func Capacity(subnet netip.Prefix) int { return Hosts(subnet).Capacity() }

// Host returns the i-th usable address of a subnet, counted from 0.
func Host(subnet netip.Prefix, i int) (netip.Addr, error) {
	addr, err := Hosts(subnet).Host(i)
	if err != nil {
		return netip.Addr{}, fmt.Errorf("subnet %s: %w", subnet, err)
	}
	return addr, nil
}

// Pool returns the addresses of a worker pool's block, 0 to PoolBlocks-1. The
// first block is four addresses shorter than the others and the last one
// shorter by one: those are the addresses Azure reserves in the subnet.
func (p Plan) Pool(block int) (Range, error) {
	if block < 0 || block >= PoolBlocks {
		return Range{}, fmt.Errorf("worker block %d: must be between 0 and %d", block, PoolBlocks-1)
	}
	size := 1 << (32 - p.Workers.Bits()) / PoolBlocks
	offset := block * size
	if block == 0 {
		offset, size = offset+reservedFirst, size-reservedFirst
	}
	if block == PoolBlocks-1 {
		size -= reservedLast
	}
	return Range{first: advance(p.Workers.Addr(), offset), size: size}, nil
}
