package ipam

import (
	"net/netip"
	"strings"
	"testing"
)

func TestHost(t *testing.T) {
	for _, c := range []struct {
		subnet      string
		capacity    int
		first, last string
	}{
		{"10.20.1.0/24", 251, "10.20.1.4", "10.20.1.254"},
		{"10.20.1.16/28", 11, "10.20.1.20", "10.20.1.30"},
		{"10.20.1.0/29", 3, "10.20.1.4", "10.20.1.6"},
		{"10.0.0.0/8", 1<<24 - 5, "10.0.0.4", "10.255.255.254"},
	} {
		subnet := netip.MustParsePrefix(c.subnet)
		if got := Capacity(subnet); got != c.capacity {
			t.Errorf("Capacity(%s) = %d, want %d", subnet, got, c.capacity)
		}
		for i, want := range map[int]string{0: c.first, c.capacity - 1: c.last} {
			if got, err := Host(subnet, i); err != nil || got.String() != want {
				t.Errorf("Host(%s, %d) = %v, %v, want %s", subnet, i, got, err, want)
			}
		}
		for _, i := range []int{-1, c.capacity} {
			if got, err := Host(subnet, i); err == nil {
				t.Errorf("Host(%s, %d) = %v, want an error", subnet, i, got)
			}
		}
	}
}

func TestHostNamesTheSubnetAndWhatItHolds(t *testing.T) {
	_, err := Host(netip.MustParsePrefix("10.20.1.0/28"), 11)
	if err == nil || !strings.Contains(err.Error(), "subnet 10.20.1.0/28: machine 11") || !strings.Contains(err.Error(), "11 addresses, for machines 0 to 10") {
		t.Errorf("error %v", err)
	}
}

func TestSubnetsWithoutUsableAddresses(t *testing.T) {
	for _, subnet := range []netip.Prefix{
		{}, netip.MustParsePrefix("fd00::/64"), netip.MustParsePrefix("10.0.0.0/30"), netip.MustParsePrefix("10.0.0.0/32"),
	} {
		if got := Capacity(subnet); got != 0 {
			t.Errorf("Capacity(%s) = %d, want 0", subnet, got)
		}
		if _, err := Host(subnet, 0); err == nil {
			t.Errorf("Host(%s, 0) succeeds", subnet)
		}
	}
}

func TestPool(t *testing.T) {
	for _, c := range []struct {
		space    string
		block    int
		capacity int
		text     string
	}{
		{"10.20.0.0/16", 0, 2044, "10.20.128.4-10.20.135.255"},
		{"10.20.0.0/16", 1, 2048, "10.20.136.0-10.20.143.255"},
		{"10.20.0.0/16", 15, 2047, "10.20.248.0-10.20.255.254"},
		{"10.20.30.0/24", 0, 4, "10.20.30.132-10.20.30.135"},
		{"10.20.30.0/24", 7, 8, "10.20.30.184-10.20.30.191"},
		{"10.20.30.0/24", 15, 7, "10.20.30.248-10.20.30.254"},
	} {
		plan, err := Carve(netip.MustParsePrefix(c.space))
		if err != nil {
			t.Fatal(err)
		}
		pool, err := plan.Pool(c.block)
		if err != nil || pool.Capacity() != c.capacity || pool.String() != c.text {
			t.Errorf("%s, block %d: %s with %d addresses, %v, want %s with %d", c.space, c.block, pool, pool.Capacity(), err, c.text, c.capacity)
		}
	}
}

func TestPoolRefusesBlocksThatDoNotExist(t *testing.T) {
	plan, err := Carve(netip.MustParsePrefix("10.20.0.0/16"))
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range []int{-1, PoolBlocks} {
		if _, err := plan.Pool(block); err == nil || !strings.Contains(err.Error(), "between 0 and 15") {
			t.Errorf("Pool(%d): %v", block, err)
		}
	}
}
