package ipam

import (
	"net/netip"
	"strings"
	"testing"
)

func TestCarve(t *testing.T) {
	for _, c := range []struct{ space, bastion, consul, managers, workers string }{
		{"10.0.0.0/8", "10.0.0.0/24", "10.0.1.0/24", "10.0.2.0/24", "10.128.0.0/9"},
		{"10.20.0.0/16", "10.20.0.0/24", "10.20.1.0/24", "10.20.2.0/24", "10.20.128.0/17"},
		{"10.20.64.0/18", "10.20.64.0/26", "10.20.64.64/26", "10.20.64.128/26", "10.20.96.0/19"},
		{"192.168.0.0/20", "192.168.0.0/28", "192.168.0.16/28", "192.168.0.32/28", "192.168.8.0/21"},
		{"100.64.0.0/10", "100.64.0.0/24", "100.64.1.0/24", "100.64.2.0/24", "100.96.0.0/11"},
		{"10.20.30.0/24", "10.20.30.0/28", "10.20.30.16/28", "10.20.30.32/28", "10.20.30.128/25"},
	} {
		plan, err := Carve(netip.MustParsePrefix(c.space))
		if err != nil {
			t.Errorf("Carve(%s): %v", c.space, err)
			continue
		}
		want := Plan{
			Space:    netip.MustParsePrefix(c.space),
			Bastion:  netip.MustParsePrefix(c.bastion),
			Consul:   netip.MustParsePrefix(c.consul),
			Managers: netip.MustParsePrefix(c.managers),
			Workers:  netip.MustParsePrefix(c.workers),
		}
		if plan != want {
			t.Errorf("Carve(%s) = %v, want %v", c.space, plan, want)
		}
	}
}

func TestCarveRefuses(t *testing.T) {
	for space, reason := range map[string]string{
		"10.20.0.5/16":        "must be written 10.20.0.0/16",
		"0.0.0.0/0":           "between /8 and /24",
		"10.0.0.0/7":          "between /8 and /24",
		"10.20.30.0/25":       "between /8 and /24",
		"fd00::/16":           "must be an IPv4 CIDR",
		"::ffff:10.0.0.0/104": "must be an IPv4 CIDR",
		"172.16.0.0/16":       "used by Docker's bridge and overlay networks",
		"172.31.255.0/24":     "used by Docker's",
		"168.63.129.0/24":     "used by Azure's platform services",
		"169.254.0.0/16":      "used by link-local",
		"198.51.100.0/24":     "is not private",
		"8.0.0.0/8":           "is not private",
		"192.168.0.0/15":      "is not private", // half of it is
		"100.128.0.0/16":      "is not private",
		"192.0.0.0/8":         "is not private",
	} {
		_, err := Carve(netip.MustParsePrefix(space))
		if err == nil || !strings.Contains(err.Error(), reason) || !strings.Contains(err.Error(), space) {
			t.Errorf("Carve(%s) = %v, want an error about %q", space, err, reason)
		}
	}
	if _, err := Carve(netip.Prefix{}); err == nil {
		t.Error("the zero prefix is carved")
	}
}

func TestTheSmallestSpaceHoldsTheLargestControlTiers(t *testing.T) {
	plan, err := Carve(netip.MustParsePrefix("10.20.30.0/24"))
	if err != nil {
		t.Fatal(err)
	}
	const consulServers, managers = 5, 7
	if got := Capacity(plan.Consul); got < consulServers {
		t.Errorf("%s holds %d Consul servers, want %d", plan.Consul, got, consulServers)
	}
	if got := Capacity(plan.Managers); got < managers {
		t.Errorf("%s holds %d managers, want %d", plan.Managers, got, managers)
	}
}
