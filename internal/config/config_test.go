package config

import (
	"fmt"
	"maps"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/seed-3bc5c20b/azswarm/internal/ipam"
	"github.com/seed-3bc5c20b/azswarm/internal/ports"
)

// minimal is the shortest configuration that decodes.
func minimal() map[string]string {
	return map[string]string{
		"azure-native:location": "westeurope",
		"azswarm:adminCidrs":    `["198.51.100.0/24"]`,
	}
}

// with returns the minimal configuration with one key set.
func with(key, text string) map[string]string {
	raw := minimal()
	raw[key] = text
	return raw
}

func cidrs(texts ...string) []netip.Prefix {
	var prefixes []netip.Prefix
	for _, text := range texts {
		prefixes = append(prefixes, netip.MustParsePrefix(text))
	}
	return prefixes
}

func decode(t *testing.T, raw map[string]string) *Config {
	t.Helper()
	c, err := Decode(raw)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestDefaults(t *testing.T) {
	plan, err := ipam.Carve(netip.MustParsePrefix("10.20.0.0/16"))
	if err != nil {
		t.Fatal(err)
	}
	want := &Config{
		Location:     "westeurope",
		AdminCIDRs:   cidrs("198.51.100.0/24"),
		Network:      netip.MustParsePrefix("10.20.0.0/16"),
		Plan:         plan,
		Orchestrator: "swarm",
		Spread:       "AvailabilitySet",
		FaultDomains: 3,
		Consul:       Consul{Servers: 3, VMSize: "Standard_B2als_v2", Image: "hashicorp/consul:1.22", ReconnectTimeout: time.Hour},
		Managers:     Managers{Count: 3, VMSize: "Standard_B2als_v2"},
		Registrator:  Registrator{Image: "gliderlabs/registrator:v7"},
		Tags:         map[string]string{},
		Rotate:       map[string]int{"dockerCa": 0},
	}
	if got := decode(t, minimal()); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestEverySetting(t *testing.T) {
	got := decode(t, map[string]string{
		"azure-native:location":       "West Europe",
		"azure-native:subscriptionId": "not ours to judge",
		"azswarm:adminCidrs":          `["198.51.100.0/24", "203.0.113.7/32", "10.0.0.0/8"]`,
		"azswarm:network":             "192.168.0.0/20",
		"azswarm:orchestrator":        "swarm",
		"azswarm:spread":              "Zones",
		"azswarm:faultDomains":        "2",
		"azswarm:consul": `{"servers": 1, "allowSingleServer": true, "vmSize": "Standard_D2as_v5", "image": "registry.example:5000/hashicorp/consul:1.21.0",
			"reconnectTimeout": "1h30m", "nodeServices": [{"name": "node-exporter", "port": 9100, "tags": ["metrics"]}, {"name": "ntp", "port": 123}]}`,
		"azswarm:managers": `{"count": 7, "vmSize": "Standard_B2as_v2", "autolock": true}`,
		"azswarm:workers": `[
			{"name": "web", "count": 2, "vmSize": "Standard_D4s_v5", "labels": {"tier": "web", "rank": 1, "spot": false, "note": ""},
			 "ports": [{"port": 80}, {"port": 443, "targetPort": 8443, "sources": ["203.0.113.0/24"]}, {"port": 514, "protocol": "udp"}, {"port": 514}]},
			{"name": "batch", "count": 0, "block": 15}]`,
		"azswarm:registrator":   `{"image": "gliderlabs/registrator@sha256:` + strings.Repeat("0a", 32) + `"}`,
		"azswarm:internalPorts": `[{"port": 8080}, {"port": 32768, "lastPort": 60999}]`,
		"azswarm:demo":          "true",
		"azswarm:tags":          `{"environment": "prod", "costCenter": 1234}`,
		"azswarm:rotate":        `{"dockerCa": 2}`,
	})
	if got.Location != "West Europe" || got.Spread != SpreadZones || got.FaultDomains != 2 || !got.Demo || got.Plan.Space != netip.MustParsePrefix("192.168.0.0/20") {
		t.Errorf("got %+v", got)
	}
	if want := cidrs("198.51.100.0/24", "203.0.113.7/32", "10.0.0.0/8"); !reflect.DeepEqual(got.AdminCIDRs, want) {
		t.Errorf("AdminCIDRs %v, want %v", got.AdminCIDRs, want)
	}
	consul := Consul{
		Servers: 1, AllowSingleServer: true, VMSize: "Standard_D2as_v5", Image: "registry.example:5000/hashicorp/consul:1.21.0",
		ReconnectTimeout: 90 * time.Minute,
		NodeServices:     []NodeService{{Name: "node-exporter", Port: 9100, Tags: []string{"metrics"}}, {Name: "ntp", Port: 123}},
	}
	if !reflect.DeepEqual(got.Consul, consul) {
		t.Errorf("Consul %+v, want %+v", got.Consul, consul)
	}
	if want := (Managers{Count: 7, VMSize: "Standard_B2as_v2", Autolock: true}); got.Managers != want {
		t.Errorf("Managers %+v, want %+v", got.Managers, want)
	}
	if want := []ports.Range{{First: 8080, Last: 8080}, {First: 32768, Last: 60999}}; !reflect.DeepEqual(got.Internal, want) {
		t.Errorf("Internal %v, want %v", got.Internal, want)
	}
	everyone := cidrs("0.0.0.0/0")
	want := []WorkerPool{
		{
			Name: "web", Count: 2, VMSize: "Standard_D4s_v5", Block: 0,
			Labels: map[string]string{"tier": "web", "rank": "1", "spot": "false", "note": ""},
			Ports: []Port{
				{Port: 80, TargetPort: 80, Protocol: "tcp", Sources: everyone},
				{Port: 443, TargetPort: 8443, Protocol: "tcp", Sources: cidrs("203.0.113.0/24")},
				{Port: 514, TargetPort: 514, Protocol: "udp", Sources: everyone},
				{Port: 514, TargetPort: 514, Protocol: "tcp", Sources: everyone},
			},
		},
		{Name: "batch", VMSize: "Standard_B2as_v2", Block: 15, Labels: map[string]string{}},
	}
	if !reflect.DeepEqual(got.Workers, want) {
		t.Errorf("Workers %+v\nwant %+v", got.Workers, want)
	}
	if want := map[string]string{"environment": "prod", "costCenter": "1234"}; !maps.Equal(got.Tags, want) {
		t.Errorf("Tags %v, want %v", got.Tags, want)
	}
	if want := map[string]int{"dockerCa": 2}; !maps.Equal(got.Rotate, want) {
		t.Errorf("Rotate %v, want %v", got.Rotate, want)
	}
}

func TestAllMistakesAreReportedAtOnceEachOnALine(t *testing.T) {
	_, err := Decode(map[string]string{
		"azswarm:network":  "172.20.0.0/16",
		"azswarm:spread":   "Racks",
		"azswarm:consul":   `{"servers": 4, "size": "big"}`,
		"azswarm:managers": `{"count": 2}`,
		"azswarm:workers":  `[{"name": "web", "count": -1, "vmSize": "Standard_A0"}, {"name": "Web"}]`,
		"azswarm:worker":   `[]`,
		"azswarm:tags":     "{\"a\\nb\": \"c\", \"x<y\": \"d\"}",
	})
	if err == nil {
		t.Fatal("accepted")
	}
	lines := strings.Split(err.Error(), "\n")
	for i, want := range []string{
		"the stack's configuration has mistakes:",
		"azure-native:location: is missing",
		"azswarm:adminCidrs: is missing",
		"azswarm:network: address space 172.20.0.0/16: overlaps 172.16.0.0/12",
		`azswarm:spread: "Racks": must be AvailabilitySet or Zones`,
		"azswarm:consul.size: is unknown",
		"azswarm:consul.servers: 4: must be one of 3, 5",
		"azswarm:managers.count: 2: must be one of 1, 3, 5, 7",
		"azswarm:workers[0].vmSize: VM size Standard_A0: was retired",
		"azswarm:workers[0].count: -1: must be a whole number",
		`azswarm:workers[1].name: "Web": must be a DNS label`,
		"azswarm:workers[1].count: is missing",
		`azswarm:tags["x<y"]: name must have`,
		"azswarm:worker: is unknown",
	} {
		if i >= len(lines) || !strings.HasPrefix(lines[i], want) {
			t.Fatalf("line %d should start with %q in:\n%v", i, want, err)
		}
	}
	if len(lines) != 14 {
		t.Errorf("%d lines, want 14:\n%v", len(lines), err)
	}
}

func TestValuesOfUnknownKeysAreNotRepeated(t *testing.T) {
	for key, text := range map[string]string{
		"azswarm:password": "hunter2",
		"azswarm:consul":   `{"token": "hunter2"}`,
		"azswarm:rotate":   `{"token": "hunter2"}`,
		"azswarm:workers":  `[{"name": "web", "count": 1, "token": "hunter2"}]`,
	} {
		if _, err := Decode(with(key, text)); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", key, err)
		}
	}
}

func TestLongValuesAreShortened(t *testing.T) {
	for _, text := range []string{strings.Repeat("x", 1<<20), `"` + strings.Repeat("x", 1<<20) + `"`, strings.Repeat("9", 1<<20)} {
		for _, key := range []string{"azswarm:network", "azswarm:consul", "azswarm:demo"} {
			if _, err := Decode(with(key, text)); err == nil || len(err.Error()) > 300 {
				t.Errorf("%s: accepted, or an error of more than 300 bytes", key)
			}
		}
	}
}

func TestPoolsGetTheBlockOfTheirPosition(t *testing.T) {
	var pools []string
	for i := range ipam.PoolBlocks {
		pools = append(pools, fmt.Sprintf(`{"name": "pool-%c", "count": 1}`, 'a'+i))
	}
	c := decode(t, with("azswarm:workers", "["+strings.Join(pools, ",")+"]"))
	for i, pool := range c.Workers {
		if pool.Block != i {
			t.Errorf("%s has block %d, want %d", pool.Name, pool.Block, i)
		}
	}
	pools = append(pools, `{"name": "too-many", "count": 1}`)
	_, err := Decode(with("azswarm:workers", "["+strings.Join(pools, ",")+"]"))
	if err == nil || !strings.Contains(err.Error(), "azswarm:workers[16].block: is missing") {
		t.Errorf("a 17th pool without block: %v", err)
	}
}

func TestAPoolMayFillItsBlockAndNoMore(t *testing.T) {
	for _, c := range []struct {
		network  string
		block    int
		capacity int
	}{
		{"10.20.30.0/24", 0, 4},
		{"10.20.30.0/24", 1, 8},
		{"10.20.30.0/24", 15, 7},
		{"10.20.0.0/16", 1, 2048},
	} {
		for count, ok := range map[int]bool{c.capacity: true, c.capacity + 1: false} {
			raw := with("azswarm:network", c.network)
			raw["azswarm:workers"] = fmt.Sprintf(`[{"name": "web", "count": %d, "block": %d}]`, count, c.block)
			_, err := Decode(raw)
			if (err == nil) != ok {
				t.Errorf("%d workers in block %d of %s: %v, want accepted %t", count, c.block, c.network, err, ok)
			}
			if err != nil && !strings.Contains(err.Error(), fmt.Sprintf("has addresses for %d machines", c.capacity)) {
				t.Errorf("the error does not say how many fit: %v", err)
			}
		}
	}
}
