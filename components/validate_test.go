package components

import (
	"strings"
	"testing"
	"time"

	"github.com/seed-3bc5c20b/azswarm/internal/graphtest"
)

func TestMistakesAreRefusedBeforeAnythingIsRegistered(t *testing.T) {
	tests := []struct {
		name   string
		change func(*cluster)
		want   []string // parts of the one error
		kinds  string   // what may be registered before: components that are in order
	}{
		{"no administrators", func(c *cluster) { c.network.AdminCIDRs = nil }, []string{"AdminCIDRs: empty"}, ""},
		{"open to the world", func(c *cluster) { c.network.AdminCIDRs = []string{"0.0.0.0/0"} }, []string{"whole internet"}, ""},
		{"fault domains", func(c *cluster) { c.network.FaultDomains = 4 }, []string{"FaultDomains: 4; must be 2 or 3"}, ""},
		{"servers over two fault domains", func(c *cluster) { c.network.FaultDomains = 2 },
			[]string{"Servers: of 3 over 2 fault domains, one domain holds 2", "Spread: Zones"}, "Network"},
		{"managers over two fault domains", func(c *cluster) {
			c.network.FaultDomains, c.consul.Servers, c.consul.AllowSingleServer = 2, 1, true
		}, []string{"Count: of 3 over 2 fault domains, one domain holds 2", "Spread: Zones"}, "Network ConsulCluster"},
		{"several at once", func(c *cluster) {
			c.network.AdminCIDRs = []string{"198.51.100.1/24", "x"}
			c.network.AddressSpace = "172.16.0.0/16"
			c.network.Spread = "Racks"
		}, []string{"must be written 198.51.100.0/24", `AdminCIDRs[1]: "x"`, "172.16.0.0/12", `Spread: "Racks"`}, ""},
		{"platform port", func(c *cluster) { c.network.Applications = []ApplicationPort{{Port: 2377}} }, []string{"2377 belongs to the platform"}, ""},
		{"port twice", func(c *cluster) { c.network.Applications = []ApplicationPort{{Port: 80}, {Port: 80}} }, []string{"80/tcp is listed twice"}, ""},
		{"internal ports", func(c *cluster) { c.network.InternalPorts = []string{"80-", "8000-9000", "90", "90"} },
			[]string{`InternalPorts[0]: "80-": must be a port`, `InternalPorts[1]: "8000-9000": port 8300 is the platform's`, `InternalPorts[3]: "90" is listed twice`}, ""},
		{"even servers", func(c *cluster) { c.consul.Servers = 4 }, []string{"Servers: 4; must be 3 or 5"}, "Network"},
		{"single server", func(c *cluster) { c.consul.Servers = 1 }, []string{"AllowSingleServer"}, "Network"},
		{"floating image", func(c *cluster) { c.consul.Image = "hashicorp/consul" }, []string{"a tag other than latest"}, "Network"},
		{"node services", func(c *cluster) {
			c.consul.NodeServices = []NodeService{{Name: "Node_Exporter", Port: 9100}, {Name: "x", Port: 70000, Tags: []string{"a b"}}, {Name: "x", Port: 1}, {Name: "docker-api", Port: 1}}
		}, []string{`NodeServices[0]: name "Node_Exporter"`, "NodeServices[1]: port 70000", `NodeServices[1]: tag "a b"`, `NodeServices[2]: name "x" is taken`, `NodeServices[3]: name "docker-api" is taken`}, "Network"},
		{"reconnect timeout", func(c *cluster) { c.consul.ReconnectTimeout = time.Second }, []string{"ReconnectTimeout: 1s; must be 30s to 72h"}, "Network"},
		{"retired size", func(c *cluster) { c.consul.Machine.VMSize = "Standard_A0" }, []string{"retired"}, "Network"},
		{"even managers", func(c *cluster) { c.managers.Count = 2 }, []string{"Count: 2; must be odd"}, "Network ConsulCluster"},
		{"orchestrator", func(c *cluster) { c.managers.Orchestrator = "nomad" }, []string{`Orchestrator: "nomad"`}, "Network ConsulCluster"},
		{"network's orchestrator", func(c *cluster) { c.network.Orchestrator = "nomad" }, []string{`Orchestrator: "nomad"; must be "swarm" or "classic"`}, ""},
		{"two orchestrators", func(c *cluster) { c.managers.Orchestrator, c.managers.Engine = Classic, archive },
			[]string{`Orchestrator: "classic", but the network opens the ports of "swarm"`}, "Network ConsulCluster"},
		{"engine without classic", func(c *cluster) { c.managers.Engine, c.managers.SwarmImage = archive, DefaultSwarmImage },
			[]string{`Engine: is for Orchestrator "classic" only`, `SwarmImage: is for Orchestrator "classic" only`}, "Network ConsulCluster"},
		{"classic without engine", func(c *cluster) { *c = *newClassic(); c.managers.Engine = EngineArchive{} },
			[]string{`Engine.URL: ""; must be the https URL`, `Engine.SHA256: ""; must be the archive's SHA-256`}, "Network ConsulCluster"},
		{"classic with a lock", func(c *cluster) { *c = *newClassic(); c.managers.Autolock = true },
			[]string{"Autolock", `is for Orchestrator "swarm" only`}, "Network ConsulCluster"},
		{"engine without checksum", func(c *cluster) { *c = *newClassic(); c.managers.Engine.SHA256 = "" }, []string{"Engine.SHA256"}, "Network ConsulCluster"},
		{"engine over http", func(c *cluster) {
			*c = *newClassic()
			c.managers.Engine.URL, c.managers.SwarmImage = "http://example.com/docker.tgz", "swarm"
		}, []string{`Engine.URL: "http://example.com/docker.tgz"`, `SwarmImage: "swarm"; must be an image with a tag`}, "Network ConsulCluster"},
		{"classic among its overlays", func(c *cluster) { *c = *newClassic(); c.network.AddressSpace = "10.0.0.0/20" },
			[]string{`AddressSpace: "10.0.0.0/20" overlaps 10.0.0.0/16`}, ""},
		{"unopened port", func(c *cluster) { c.pools["web"] = WorkerPoolArgs{Count: 1, Ports: []ApplicationPort{{Port: 80}}} },
			[]string{"80/tcp is not open in the network"}, "Network ConsulCluster SwarmManagerSet"},
		{"shared block", func(c *cluster) { c.pools["zoo"] = WorkerPoolArgs{Count: 1} }, []string{"worker pool web has it already"},
			"Network ConsulCluster SwarmManagerSet WorkerPool"},
		{"too many workers", func(c *cluster) { c.pools["web"] = WorkerPoolArgs{Count: 5000} }, []string{"must be 0 to 2044"},
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
