package ipam

import (
	"net/netip"
	"testing"

	"pgregory.net/rapid"
)

// anySpace draws an address space that Carve accepts.
var anySpace = rapid.Custom(func(t *rapid.T) netip.Prefix {
	root := rapid.SampledFrom([]netip.Prefix{
		netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("192.168.0.0/16"), netip.MustParsePrefix("100.64.0.0/10"),
	}).Draw(t, "root")
	bits := rapid.IntRange(root.Bits(), MaxSpaceBits).Draw(t, "bits")
	offset := rapid.IntRange(0, 1<<(bits-root.Bits())-1).Draw(t, "offset")
	return netip.PrefixFrom(advance(root.Addr(), offset<<(32-bits)), bits)
})

func carve(t *rapid.T) Plan {
	plan, err := Carve(anySpace.Draw(t, "space"))
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

func (p Plan) subnets() []netip.Prefix {
	return []netip.Prefix{p.Bastion, p.Consul, p.Managers, p.Workers}
}

func TestSubnetsLieInTheSpaceAndApart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		plan := carve(t)
		for i, a := range plan.subnets() {
			if a != a.Masked() || !plan.Space.Contains(a.Addr()) || a.Bits() <= plan.Space.Bits() {
				t.Fatalf("subnet %s is not a subnet of %s", a, plan.Space)
			}
			for _, b := range plan.subnets()[:i] {
				if a.Overlaps(b) {
					t.Fatalf("%s overlaps %s", a, b)
				}
			}
		}
	})
}

func TestHostsAreNeverReserved(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		subnet := rapid.SampledFrom(carve(t).subnets()).Draw(t, "subnet")
		i := rapid.IntRange(0, Capacity(subnet)-1).Draw(t, "i")
		addr, err := Host(subnet, i)
		if err != nil {
			t.Fatal(err)
		}
		requireUsable(t, subnet, addr)
	})
}

func TestPoolHostsAreUsableAscendingAndSharedByNoTwoPools(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		plan := carve(t)
		var previous netip.Addr
		for block := range PoolBlocks {
			pool, err := plan.Pool(block)
			if err != nil {
				t.Fatal(err)
			}
			first, errFirst := pool.Host(0)
			last, errLast := pool.Host(pool.Capacity() - 1)
			if errFirst != nil || errLast != nil {
				t.Fatal(errFirst, errLast)
			}
			requireUsable(t, plan.Workers, first)
			requireUsable(t, plan.Workers, last)
			if first.Compare(previous) <= 0 || last.Compare(first) <= 0 {
				t.Fatalf("block %d is %s, after %s", block, pool, previous)
			}
			previous = last
		}
	})
}

func TestPoolsTogetherHoldTheWholeSubnet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		plan := carve(t)
		total := 0
		for block := range PoolBlocks {
			pool, err := plan.Pool(block)
			if err != nil {
				t.Fatal(err)
			}
			total += pool.Capacity()
		}
		if total != Capacity(plan.Workers) {
			t.Fatalf("pools hold %d machines, the subnet %d", total, Capacity(plan.Workers))
		}
	})
}

// Growing a set must not move its machines: host i depends on i alone.
func TestNeighboursAreConsecutive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pool, err := carve(t).Pool(rapid.IntRange(0, PoolBlocks-1).Draw(t, "block"))
		if err != nil {
			t.Fatal(err)
		}
		i := rapid.IntRange(0, pool.Capacity()-2).Draw(t, "i")
		a, errA := pool.Host(i)
		b, errB := pool.Host(i + 1)
		if errA != nil || errB != nil || a.Next() != b {
			t.Fatalf("machines %d and %d have %s and %s", i, i+1, a, b)
		}
	})
}

func requireUsable(t *rapid.T, subnet netip.Prefix, addr netip.Addr) {
	t.Helper()
	if !subnet.Contains(addr) || !subnet.Contains(addr.Next()) {
		t.Fatalf("%s lies outside %s or is its last address", addr, subnet)
	}
	reserved := subnet.Addr()
	for range reservedFirst {
		if addr == reserved {
			t.Fatalf("%s is one of the first %d of %s", addr, reservedFirst, subnet)
		}
		reserved = reserved.Next()
	}
}
