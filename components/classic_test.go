package components

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/seed-3bc5c20b/azswarm/internal/graphtest"
	"github.com/seed-3bc5c20b/azswarm/internal/ports"
)

func TestClassicRegistersTheMachinesOfTheBuiltInMode(t *testing.T) {
	swarm, classic := graphtest.MustRun(t, newCluster().deploy), graphtest.MustRun(t, newClassic().deploy)
	for _, token := range []string{":VirtualMachine", ":NetworkSecurityGroup", ":LoadBalancer", "remote:Command"} {
		// Its managers have nothing on their disks that a successor needed, and nothing moves its containers.
		want := slices.DeleteFunc(swarm.Names(token), func(name string) bool {
			return name == "managers-0-carried" || strings.HasSuffix(name, "-drained")
		})
		if got := classic.Names(token); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", token, got, want)
		}
	}
}

func TestClassicOpensItsOwnPortsOnly(t *testing.T) {
	g := graphtest.MustRun(t, newClassic().deploy)
	for _, tier := range ports.Tiers() {
		var open, want []string
		rules := graphtest.At(t, g.Get(t, ":NetworkSecurityGroup", "net-"+string(tier)), "securityRules").ArrayValue()
		for _, rule := range rules[:len(rules)-1] {
			open = append(open, rule.ObjectValue()["destinationPortRange"].StringValue())
		}
		for _, rule := range ports.For(tier, ports.Classic) {
			want = append(want, fmt.Sprint(rule.Port))
		}
		if !slices.Equal(open, want) {
			t.Errorf("%s is open at %v, want %v", tier, open, want)
		}
	}
	balancer := g.Get(t, ":LoadBalancer", "managers")
	if front, back := graphtest.At(t, balancer, "loadBalancingRules.0.frontendPort").NumberValue(), graphtest.At(t, balancer, "loadBalancingRules.0.backendPort").NumberValue(); front != 2376 || back != 4000 {
		t.Errorf("clients' port %v leads to %v, want 2376 to the managers' 4000", front, back)
	}
	if probe := graphtest.At(t, balancer, "probes.0.port").NumberValue(); probe != 4000 {
		t.Errorf("the load balancer probes %v, want 4000", probe)
	}
}

// everything is all that a resource is made from, scripts decoded.
func everything(t *testing.T, r graphtest.Resource) string {
	t.Helper()
	var text strings.Builder
	var collect func(resource.PropertyValue)
	collect = func(value resource.PropertyValue) {
		switch {
		case value.IsSecret():
			collect(value.SecretValue().Element)
		case value.IsOutput():
			collect(value.OutputValue().Element)
		case value.IsObject():
			for key, element := range value.ObjectValue() {
				fmt.Fprintln(&text, key)
				collect(element)
			}
		case value.IsArray():
			for _, element := range value.ArrayValue() {
				collect(element)
			}
		case value.IsNumber():
			fmt.Fprintln(&text, value.NumberValue())
		case value.IsString():
			fmt.Fprintln(&text, value.StringValue())
		}
	}
	collect(resource.NewObjectProperty(r.Inputs))
	return text.String()
}

func TestNothingOfTheOtherOrchestratorIsRegistered(t *testing.T) {
	// Nothing that keys and certificates have by chance, as they have the digits of a port.
	traces := map[Orchestrator][]string{
		SwarmMode: {"classic", "cluster-store", "swarm_join", "swarm_manager", "docker/swarm/nodes", "docker/swarm/leader", "swarm:1.2.9", ":4000"},
		Classic:   {"swarm init", "swarm leave", "/swarm/join", "node update", "swarm-control", ":2377", "azswarm/swarm/"},
	}
	for orchestrator, foreign := range traces {
		c := newCluster()
		other := Classic
		if orchestrator == Classic {
			c, other = newClassic(), SwarmMode
		}
		g := graphtest.MustRun(t, c.deploy)
		all := map[string]bool{}
		for _, r := range g.Resources {
			text := everything(t, r)
			for _, trace := range foreign {
				if strings.Contains(text, trace) {
					t.Errorf("%s: %s %s has %q, of %s", orchestrator, r.Token, r.Name, trace, other)
				}
			}
			for _, trace := range traces[other] {
				all[trace] = all[trace] || strings.Contains(text, trace)
			}
		}
		// The search finds what is there.
		for _, trace := range traces[other] {
			if !all[trace] {
				t.Errorf("%s: nothing has %q: it proves nothing that %s lacks it", orchestrator, trace, other)
			}
		}
	}
}

func TestClassicProgramsHaveTheRightsTheyNeedAndNoOthers(t *testing.T) {
	g := graphtest.MustRun(t, newClassic().deploy)
	parse := func(name string, into any) {
		t.Helper()
		text := graphtest.Parameter(t, g.Get(t, "remote:Command", "consul-ready"), name)
		if err := json.Unmarshal([]byte(text), into); err != nil {
			t.Fatalf("%v in %q", err, text)
		}
	}
	var policies map[string]string
	var tokens map[string][]string
	parse("ACL_POLICIES", &policies)
	parse("ACL_TOKENS", &tokens)
	for token, wants := range map[string][]string{
		"classic-manage": {`key "docker/swarm/leader" { policy = "write" }`, `key "docker/swarm/nodes" { policy = "write" }`, `key_prefix "docker/swarm/nodes" { policy = "read" }`},
		"classic-join":   {`key_prefix "docker/swarm/nodes" { policy = "write" }`},
		"classic-engine": {`key_prefix "docker/network/" { policy = "write" }`, `key_prefix "docker/nodes" { policy = "write" }`},
	} {
		if len(tokens[token]) != 1 {
			t.Fatalf("%s has the policies %v, want one", token, tokens[token])
		}
		rules := strings.Split(strings.TrimSpace(policies[tokens[token][0]]), "\n")
		slices.Sort(rules)
		// A session is what announcements and the primary's lock live with.
		if want := slices.Sorted(slices.Values(append(wants, `session_prefix "" { policy = "write" }`, `session_prefix "consul-" { policy = "read" }`))); !slices.Equal(rules, want) {
			t.Errorf("%s may %q, want %q", token, rules, want)
		}
	}
	for name, of := range tokens {
		for _, policy := range of {
			if policies[policy] == "" {
				t.Errorf("%s has the policy %s, which doesn't exist", name, policy)
			}
		}
	}
}

func TestAnotherOrchestratorIsRefusedBeforeAnythingElse(t *testing.T) {
	c := newClassic()
	g, err := graphtest.RunKept(t, c.deploy, map[string]resource.PropertyValue{"net-orchestrator": resource.NewStringProperty("swarm")})
	if err == nil || !strings.Contains(err.Error(), `orchestrator: "classic", but the cluster was made with "swarm"`) ||
		!strings.Contains(err.Error(), `bring up a cluster with "classic" beside it`) {
		t.Errorf("error %v, want a refusal with the way to migrate", err)
	}
	var registered []string
	for _, r := range g.Resources {
		registered = append(registered, r.Token)
	}
	if want := []string{"azswarm:index:Network", "pulumi:index:Stash"}; !slices.Equal(registered, want) {
		t.Errorf("registered %v, want only %v", registered, want)
	}
	if _, err := graphtest.RunKept(t, c.deploy, map[string]resource.PropertyValue{"net-orchestrator": resource.NewStringProperty("classic")}); err != nil {
		t.Errorf("the same orchestrator is refused: %v", err)
	}
}

func TestOverlayNetworkOfClassicIsNotReservedForServices(t *testing.T) {
	g := graphtest.MustRun(t, newClassic().deploy)
	if attachable, set := g.Get(t, "docker:index/network:Network", "front")["attachable"]; set {
		t.Errorf("attachable is %v: engines report none, and the network would be replaced", attachable)
	}
	_, err := graphtest.Run(t, func(ctx *pulumi.Context) error {
		c := newClassic()
		no := false
		c.overlay.Attachable = &no
		return c.deploy(ctx)
	})
	if err == nil || !strings.Contains(err.Error(), "attachable: false: reserves the network for services") {
		t.Errorf("error %v", err)
	}
}
