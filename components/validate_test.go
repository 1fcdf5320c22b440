package components

import (
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/seed-3bc5c20b/azswarm/internal/graphtest"
)

func TestMistakesAreRefusedBeforeAnythingIsRegistered(t *testing.T) {
	tests := []struct {
		name   string
		change func(*cluster)
		want   []string // parts of the one error
		kinds  string   // what may be registered before: components that are in order
	}{
		{"no administrators", func(c *cluster) { c.network.AdminCIDRs = nil }, []string{"adminCidrs: a list of 0: must name at least one"}, ""},
		{"fault domains", func(c *cluster) { c.network.FaultDomains = 4 }, []string{"faultDomains: 4: must be one of 2, 3"}, ""},
		{"servers over two fault domains", func(c *cluster) { c.network.FaultDomains = 2 },
			[]string{"servers: of 3 over 2 fault domains, one domain holds 2", "the network's spread to Zones"}, "Network"},
		{"managers over two fault domains", func(c *cluster) {
			c.network.FaultDomains, c.consul.Servers, c.consul.AllowSingleServer = 2, 1, true
		}, []string{"count: of 3 over 2 fault domains, one domain holds 2", "the network's spread to Zones"}, "Network ConsulCluster"},
		{"several at once", func(c *cluster) {
			c.network.AdminCIDRs = []string{"198.51.100.1/24", "x", "0.0.0.0/1", "128.0.0.0/1"}
			c.network.AddressSpace = "172.16.0.0/16"
			c.network.Spread = "Racks"
		}, []string{"must be written 198.51.100.0/24", `adminCidrs[1]: "x"`, "adminCidrs[3]: \"128.0.0.0/1\": would open SSH", "172.16.0.0/12", `spread: "Racks"`}, ""},
		{"platform port", func(c *cluster) { c.network.Applications = map[string]ApplicationPort{"a": {Port: 2377}} }, []string{"applications.a.port: 2377: is the platform's"}, ""},
		{"two sets of sources", func(c *cluster) {
			c.network.Applications = map[string]ApplicationPort{"a": {Port: 80}, "b": {Port: 81, TargetPort: 80, Sources: []string{"10.0.0.0/8"}}}
		}, []string{"applications.b.sources: 80/tcp must have the sources of applications.a"}, ""},
		{"internal ports", func(c *cluster) { c.network.InternalPorts = []string{"80-", "8000-9000", "90", "90"} },
			[]string{`internalPorts[0]: "80-": must be a port`, `internalPorts[1]: "8000-9000": port 8300 is the platform's`, `internalPorts[3]: 90: is listed twice`}, ""},
		{"tags", func(c *cluster) {
			c.network.Tags = pulumi.StringMap{"a": pulumi.String(""), "A": pulumi.String(""), "x<y": pulumi.String(strings.Repeat("z", 300))}
		}, []string{`tags.a: is "A", too`, `tags["x<y"]: name must have`, "must have at most 256"}, ""},
		{"no network", func(c *cluster) { c.without = "network" }, []string{"network: is missing"}, "Network"},
		{"even servers", func(c *cluster) { c.consul.Servers = 4 }, []string{"servers: 4: must be one of 3, 5"}, "Network"},
		{"single server", func(c *cluster) { c.consul.Servers = 1 }, []string{"allowSingleServer"}, "Network"},
		{"floating image", func(c *cluster) { c.consul.Image = pulumi.String("hashicorp/consul") }, []string{"must carry a tag or a digest"}, "Network"},
		{"node services", func(c *cluster) {
			c.consul.NodeServices = []NodeService{{Name: "Node_Exporter", Port: 9100}, {Name: "x", Port: 70000, Tags: []string{"a b"}}, {Name: "x", Port: 1}, {Name: "docker-api", Port: 1}}
		}, []string{`nodeServices[0].name: "Node_Exporter"`, "nodeServices[1].port: 70000", `nodeServices[1].tags[0]: "a b"`,
			`nodeServices[2].name: "x": is the name of nodeServices[1], too`, `nodeServices[3].name: "docker-api": is the platform's`}, "Network"},
		{"reconnect timeout", func(c *cluster) { c.consul.ReconnectTimeout = time.Second }, []string{"reconnectTimeout: 1s: must be a time", "from 30s to 72h"}, "Network"},
		{"retired size", func(c *cluster) { c.consul.Machine.VMSize = "Standard_A0" }, []string{"machine.vmSize", "retired"}, "Network"},
		{"even managers", func(c *cluster) { c.managers.Count = 2 }, []string{"count: 2: must be one of 1, 3, 5, 7"}, "Network ConsulCluster"},
		{"no Consul", func(c *cluster) { c.without = "consul" }, []string{"consul: is missing"}, "Network ConsulCluster"},
		{"orchestrator", func(c *cluster) { c.network.Orchestrator = "nomad" }, []string{`orchestrator: "nomad": must be swarm or classic`}, ""},
		{"engine without classic", func(c *cluster) { c.managers.Engine, c.managers.SwarmImage = archive, pulumi.String(DefaultSwarmImage) },
			[]string{"engine: is for the network's orchestrator classic only", "swarmImage: is for the network's orchestrator classic only"}, "Network ConsulCluster"},
		{"classic without engine", func(c *cluster) { *c = *newClassic(); c.managers.Engine = EngineArchive{} },
			[]string{"engine.url: is missing", "engine.sha256: is missing"}, "Network ConsulCluster"},
		{"classic with a lock", func(c *cluster) { *c = *newClassic(); c.managers.Autolock = true },
			[]string{"autolock: true: is for the network's orchestrator swarm only"}, "Network ConsulCluster"},
		{"engine over http", func(c *cluster) {
			*c = *newClassic()
			c.managers.Engine.URL, c.managers.SwarmImage = "http://example.com/docker.tgz", pulumi.String("swarm")
		}, []string{`engine.url: "http://example.com/docker.tgz"`, `swarmImage: "swarm": must carry a tag`}, "Network ConsulCluster"},
		{"classic among its overlays", func(c *cluster) { *c = *newClassic(); c.network.AddressSpace = "10.0.0.0/20" },
			[]string{`orchestrator: "classic": takes overlay networks' subnets from 10.0.0.0/16`}, ""},
		{"no managers", func(c *cluster) { c.without = "managers" }, []string{"managers: is missing"}, "Network ConsulCluster SwarmManagerSet"},
		{"unopened port", func(c *cluster) { c.pools["web"] = WorkerPoolArgs{Count: 1, Applications: []string{"shop"}} },
			[]string{`applications[0]: "shop": is not open in the network`}, "Network ConsulCluster SwarmManagerSet"},
		{"port twice", func(c *cluster) {
			c.network.Applications = map[string]ApplicationPort{"a": {Port: 80}, "b": {Port: 80, TargetPort: 81}}
			c.pools["web"] = WorkerPoolArgs{Count: 1, Applications: []string{"a", "b"}}
		}, []string{"applications[1]: 80: 80/tcp is applications[0], too"}, "Network ConsulCluster SwarmManagerSet"},
		{"labels", func(c *cluster) {
			c.pools["web"] = WorkerPoolArgs{Labels: pulumi.StringMap{"a b": pulumi.String("c"), "a": pulumi.String("$(id)")}}
		}, []string{`labels["a b"]: name must have`, `labels.a: "$(id)": must have`}, "Network ConsulCluster SwarmManagerSet"},
		{"pool named like a machine", func(c *cluster) { c.pools = map[string]WorkerPoolArgs{"web-1": {}} }, []string{"must not end in a hyphen and a number"},
			"Network ConsulCluster SwarmManagerSet"},
		{"shared block", func(c *cluster) { c.pools["zoo"] = WorkerPoolArgs{Count: 1} }, []string{"block: 0: is the block of the pool web, too"},
			"Network ConsulCluster SwarmManagerSet WorkerPool"},
		{"too many workers", func(c *cluster) { c.pools["web"] = WorkerPoolArgs{Count: 5000} }, []string{"count: 5000: block 0 of 10.20.128.0/17 has addresses for 2044"},
			"Network ConsulCluster SwarmManagerSet"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := newCluster()
			test.change(c)
			g, err := graphtest.Run(t, c.deploy)
			if err == nil {
				t.Fatal("accepted")
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %q does not say %q", err, want)
				}
			}
			for _, r := range g.Resources {
				kind, ok := strings.CutPrefix(r.Token, "azswarm:index:")
				if ok && kind != "MachineSet" && !strings.Contains(test.kinds, kind) {
					t.Errorf("%s %s was registered before the mistake was found", kind, r.Name)
				}
			}
		})
	}
}

func TestSingleServerIsAllowedByName(t *testing.T) {
	c := newCluster()
	c.consul.Servers, c.consul.AllowSingleServer = 1, true
	if g := graphtest.MustRun(t, c.deploy); len(g.Names(":VirtualMachine")) != 7 {
		t.Errorf("machines: %v", g.Names(":VirtualMachine"))
	}
}

func TestEmptyPoolHasNoMachines(t *testing.T) {
	c := newCluster()
	c.pools["web"] = WorkerPoolArgs{}
	g := graphtest.MustRun(t, c.deploy)
	for _, name := range g.Names(":VirtualMachine") {
		if strings.HasPrefix(name, "web") {
			t.Errorf("machine %s in an empty pool", name)
		}
	}
}

// What is of another cluster would fail minutes later, on machines that don't reach each other.
func TestPartsOfOtherClustersAreRefused(t *testing.T) {
	two := func(ctx *pulumi.Context, second func(n *Network, c *ConsulCluster, m *SwarmManagerSet) error) error {
		c := newCluster()
		network, err := NewNetwork(ctx, "net", &c.network)
		if err != nil {
			return err
		}
		consul, err := NewConsulCluster(ctx, "consul", &ConsulClusterArgs{Network: network})
		if err != nil {
			return err
		}
		managers, err := NewSwarmManagerSet(ctx, "managers", &SwarmManagerSetArgs{Consul: consul})
		if err != nil {
			return err
		}
		return second(network, consul, managers)
	}
	for want, run := range map[string]pulumi.RunFunc{
		"network: has the Consul cluster consul already": func(ctx *pulumi.Context) error {
			return two(ctx, func(n *Network, _ *ConsulCluster, _ *SwarmManagerSet) error {
				_, err := NewConsulCluster(ctx, "second", &ConsulClusterArgs{Network: n})
				return err
			})
		},
		"consul: is of a network that has the managers managers already": func(ctx *pulumi.Context) error {
			return two(ctx, func(_ *Network, c *ConsulCluster, _ *SwarmManagerSet) error {
				_, err := NewSwarmManagerSet(ctx, "second", &SwarmManagerSetArgs{Consul: c})
				return err
			})
		},
		"workers[0]: is no pool of these managers": func(ctx *pulumi.Context) error {
			return two(ctx, func(_ *Network, _ *ConsulCluster, m *SwarmManagerSet) error {
				other := &WorkerPool{args: WorkerPoolArgs{Managers: &SwarmManagerSet{}}}
				_, err := NewOverlayNetwork(ctx, "front", &OverlayNetworkArgs{Managers: m, Workers: []*WorkerPool{other}})
				return err
			})
		},
	} {
		if _, err := graphtest.Run(t, run); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want a refusal that says %q", err, want)
		}
	}
}
