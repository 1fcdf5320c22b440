package proof

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/access"
)

// answers maps "NODE: part of the command" to what the node prints.
type answers map[string]string

func (a answers) Run(_ context.Context, node access.Node, command string) (string, error) {
	for question, answer := range a {
		name, part, _ := strings.Cut(question, ": ")
		if name == node.Name && strings.Contains(command, part) {
			return answer, nil
		}
	}
	return "", errors.New("command not found")
}

func node(name, tier, address string) access.Node {
	return access.Node{Name: name, Tier: tier, Address: netip.MustParseAddr(address)}
}

func cluster() access.Outputs {
	return access.Outputs{
		Nodes: []access.Node{
			node("consul-0", access.TierConsul, "10.20.1.4"), node("managers-0", access.TierManagers, "10.20.2.4"),
			node("web-0", access.TierWorkers, "10.20.128.4"), node("web-1", access.TierWorkers, "10.20.128.5"),
		},
		Demo: &access.Demo{Network: "overlayCottonCandy", Server: "nginx", Client: "client", URL: "http://nginx/"},
	}
}

func healthy() answers {
	return answers{
		"consul-0: consul members": "Node        Address          Status  Type\n" +
			"consul-0    10.20.1.4:8301   alive   server\nmanagers-0  10.20.2.4:8301   alive   client\n" +
			"web-0       10.20.128.4:8301 alive   client\nweb-1       10.20.128.5:8301 alive   client\nold  10.20.9.9:8301  left  client\n",
		"managers-0: docker node ls": "ID            HOSTNAME     STATUS    AVAILABILITY   MANAGER STATUS   ENGINE VERSION\n" +
			"abc *         managers-0   Ready     Active         Leader           20.10.24\n" +
			"def           web-0        Ready     Active                          20.10.24\nghi           web-1        Ready     Active                          20.10.24\n",
		"consul-0: catalog services": "consul\nnginx\n",
		"web-0: docker ps":           "\"nginx-other.1.x\" 0001\n\"nginx.1.abc\" 0002\n",
		"web-1: docker ps":           "\"client.1.def\" 0003\n",
		"web-1: docker exec 0003":    "Welcome to nginx!\n",
	}
}

func TestAHealthyClusterProvesItself(t *testing.T) {
	results, err := Run(t.Context(), healthy(), cluster())
	if err != nil || len(results) != 4 {
		t.Fatalf("%d results, %v", len(results), err)
	}
	if last := results[3]; last.Output != "Welcome to nginx!" || !strings.Contains(last.Title, "client on web-1 asks nginx on web-0") {
		t.Errorf("overlay: %+v", last)
	}
	if services := results[2].Output; services != "nginx" {
		t.Errorf("services %q, want nginx without Consul's own", services)
	}
}

func TestWhatIsWrongIsNamed(t *testing.T) {
	for name, c := range map[string]struct {
		change map[string]string
		want   string
	}{
		"member failed":   {map[string]string{"consul-0: consul members": "web-1  10.20.128.5:8301  failed  client\n"}, "consul-0, managers-0, web-0, web-1"},
		"node down":       {map[string]string{"managers-0: docker node ls": strings.Replace(healthy()["managers-0: docker node ls"], "web-1        Ready", "web-1        Down ", 1)}, "missing or not ready: web-1"},
		"none registered": {map[string]string{"consul-0: catalog services": "consul\n"}, "demo runs services"},
		"same node":       {map[string]string{"web-1: docker ps": "\"nginx.1.abc\" 4\n\"client.1.def\" 0003\n", "web-0: docker ps": ""}, "both run on web-1"},
		"no client":       {map[string]string{"web-1: docker ps": "\"clients.1.def\" 0003\n"}, "client runs on none of the 2 workers"},
	} {
		t.Run(name, func(t *testing.T) {
			runner := healthy()
			for question, answer := range c.change {
				runner[question] = answer
			}
			if _, err := Run(t.Context(), runner, cluster()); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want it to say %q", err, c.want)
			}
		})
	}
}

func TestAProgramWithoutAClusterIsAskedNothing(t *testing.T) {
	if results, err := Run(t.Context(), answers{}, access.Outputs{}); len(results) != 0 || err != nil {
		t.Errorf("%v, %v", results, err)
	}
}

func TestPrintShowsFailures(t *testing.T) {
	var text strings.Builder
	Print(&text, []Result{{Title: "Swarm nodes", Command: "docker node ls", Output: "a\nb", Err: errors.New("broken")}})
	for _, want := range []string{"FAILED  Swarm nodes\n", "        $ docker node ls\n", "        b\n", "        broken\n"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("%q lacks %q", text.String(), want)
		}
	}
}

// classic is what managers of the standalone Swarm answer.
func classic(managers ...string) answers {
	known := healthy()
	for i, role := range managers {
		known[fmt.Sprintf("managers-%d: --host tcp://10.20.2.%d:4000", i, 4+i)] = "Server:\n Containers: 4\n Role: " + role + "\n Strategy: spread\n Nodes: 2\n" +
			"  web-0: 10.20.128.4:2376\n   └ ID: A\n   └ Status: Healthy\n  web-1: 10.20.128.5:2376\n   └ ID: B\n   └ Status: Healthy\n   └ Error: (none)\n"
	}
	return known
}

func TestClassicManagersProveThemselves(t *testing.T) {
	const replica = "replica\n Primary: 10.20.2.4:4000"
	outputs := cluster()
	outputs.Orchestrator = access.Classic
	outputs.Nodes = append(outputs.Nodes, node("managers-1", access.TierManagers, "10.20.2.5"))
	for _, test := range []struct {
		name  string
		known answers
		want  string
	}{
		{"in order", classic("primary", replica), ""},
		{"two primaries", classic("primary", "primary"), "2 of the managers are the primary"},
		{"no primary", classic("replica\n Primary: ", replica), `managers-0: role "replica", primary ""`},
		{"no answer", classic("primary"), "command not found"},
		{"no classic Swarm", func() answers {
			known := classic("primary", replica)
			known["managers-1: --host tcp://10.20.2.5:4000"] = "Server:\n Swarm: inactive\n"
			return known
		}(), `managers-1: role ""`},
		{"sick worker", func() answers {
			known := classic("primary", replica)
			for question, answer := range known {
				known[question] = strings.Replace(answer, "B\n   └ Status: Healthy", "B\n   └ Status: Unhealthy", 1)
			}
			return known
		}(), `managers-0 calls web-1 "Unhealthy", must be Healthy`},
	} {
		t.Run(test.name, func(t *testing.T) {
			results := swarmNodes(t.Context(), test.known, outputs)
			if len(results) != 1 {
				t.Fatalf("%d results", len(results))
			}
			err := results[0].Err
			if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}
