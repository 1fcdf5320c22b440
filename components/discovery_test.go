package components

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-3bc5c20b/azswarm/components/internal/consul"
	"github.com/seed-3bc5c20b/azswarm/internal/graphtest"
)

// agent is a machine's agent configuration, without what the machine adds.
type agent struct {
	Addresses struct{ DNS, HTTP string }
	Services  []struct {
		ID, Name, Address string
		Port              int
		Tags              []string
		Check             struct{ TCP, Interval string }
	}
	Timeout string `json:"advertise_reconnect_timeout"`
}

func agentOf(t *testing.T, g *graphtest.Graph, machine string) agent {
	t.Helper()
	line := graphtest.Parameter(t, g.Get(t, "remote:Command", machine+"-join"), "CONSUL_CONFIG")
	var a agent
	if err := json.Unmarshal([]byte(line), &a); err != nil {
		t.Fatalf("%v in %q", err, line)
	}
	return a
}

func TestContainersReachTheirNodesAgentAndNobodyElseDoes(t *testing.T) {
	g := graphtest.MustRun(t, newCluster().deploy)
	for _, machine := range []string{"managers-0", "web-1"} {
		if a := agentOf(t, g, machine); a.Addresses.DNS != "127.0.0.1 172.17.0.1" || a.Addresses.HTTP != "127.0.0.1 172.17.0.1" {
			t.Errorf("%s listens at %+v, want loopback and Docker's bridge", machine, a.Addresses)
		}
	}
	if a := agentOf(t, g, "consul-0"); a.Addresses.HTTP != "" || a.Addresses.DNS != "" {
		t.Errorf("a server listens at %+v, want loopback only", a.Addresses)
	}
}

func TestAgentsRegisterWhatTheirNodesServe(t *testing.T) {
	c := newCluster()
	c.consul.NodeServices = []NodeService{{Name: "node-exporter", Port: 9100, Tags: []string{"metrics"}}}
	c.consul.ReconnectTimeout = 10 * time.Minute
	g := graphtest.MustRun(t, c.deploy)
	for machine, want := range map[string][]string{
		"managers-1": {"docker-api 10.20.2.5:2376", "swarm-manager 10.20.2.5:2377", "node-exporter 10.20.2.5:9100"},
		"web-0":      {"node-exporter 10.20.128.4:9100"},
		"consul-0":   nil,
	} {
		a := agentOf(t, g, machine)
		var got []string
		for _, s := range a.Services {
			got = append(got, s.Name+" "+s.Check.TCP)
			if s.ID != s.Name || s.Check.Interval == "" || s.Tags == nil || !strings.HasPrefix(s.Check.TCP, s.Address+":") {
				t.Errorf("%s registers %+v", machine, s)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s registers %v, want %v", machine, got, want)
		}
		if want != nil && a.Timeout != "10m0s" {
			t.Errorf("%s is forgotten after %q, want 10m0s", machine, a.Timeout)
		}
	}
}

// rulesOf are those of a policy, by resource and name.
func rulesOf(t *testing.T, text string) map[string]string {
	t.Helper()
	found := map[string]string{}
	for line := range strings.Lines(strings.TrimSpace(text)) {
		fields := strings.Fields(line) // KIND "NAME" { policy = "LEVEL" }
		if len(fields) != 7 {
			t.Fatalf("rule %q", line)
		}
		found[fields[0]+" "+fields[1]] = strings.Trim(fields[5], `"`)
	}
	return found
}

func TestNobodyButTheirAgentRegistersTheServicesOfNodes(t *testing.T) {
	policies := consul.Policies("consul", []consul.Service{{Name: "node-exporter", Port: 9100}})
	for policy, want := range map[string]map[string]string{
		"azswarm-manager-services": {`service "docker-api"`: "write", `service "swarm-manager"`: "write", `service "node-exporter"`: "write"},
		"azswarm-worker-services":  {`service "docker-api"`: "write", `service "node-exporter"`: "write"},
		"azswarm-registrator": {`service_prefix ""`: "write", `service "consul"`: "read", `service "docker-api"`: "read",
			`service "swarm-manager"`: "read", `service "node-exporter"`: "read"},
	} {
		if got := rulesOf(t, policies[policy]); !reflect.DeepEqual(got, want) {
			t.Errorf("%s has rules %v, want %v", policy, got, want)
		}
	}
	for _, token := range []string{consul.ManagerAgent, consul.WorkerAgent} {
		if !slices.Contains(consul.TokenPolicies[token], "azswarm-"+strings.TrimSuffix(token, "-agent")+"-services") {
			t.Errorf("token %s has policies %v", token, consul.TokenPolicies[token])
		}
	}
}

func TestApplicationsWriteTheirOwnKeysOnly(t *testing.T) {
	for rule, level := range rulesOf(t, consul.Policies("consul", nil)["azswarm-application"]) {
		if writable := level == "write"; writable != slices.Contains([]string{`key_prefix "app/"`, `session_prefix ""`}, rule) {
			t.Errorf("applications may %s %s", level, rule)
		}
	}
}

func TestEveryTokenButManagementHasPolicies(t *testing.T) {
	c := newCluster()
	g := graphtest.MustRun(t, c.deploy)
	tokens := graphtest.Parameter(t, g.Get(t, "remote:Command", "consul-ready"), "ACL_TOKENS")
	policies := consul.Policies("consul", nil)
	for token, names := range consul.TokenPolicies {
		if !strings.Contains(tokens, `"`+token+`":[`) {
			t.Errorf("token %s is not made", token)
		}
		for _, name := range names {
			if policies[name] == "" {
				t.Errorf("token %s has policy %s, which there is none of", token, name)
			}
		}
	}
}
