package components

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/seed-3bc5c20b/azswarm/internal/graphtest"
)

func TestFirstManagerHasTheSwarmBeforeItJoins(t *testing.T) {
	g := graphtest.MustRun(t, newCluster().deploy)
	const command = "remote:Command"
	for _, step := range [][2]string{{"managers-0-join", "managers-0-carried"}, {"managers-0-carried", "managers-0-booted"}, {"managers-0-carried", "consul-ready"}} {
		if !g.DependsOn(t, command, step[0], command, step[1]) {
			t.Errorf("%s does not wait for %s", step[0], step[1])
		}
	}
	carried := g.Get(t, command, "managers-0-carried")
	if graphtest.Text(t, carried, "create") == "" || graphtest.Text(t, carried, "logging") != "stdout" {
		t.Error("managers-0-carried does not show that a Swarm is lost")
	}
	for _, graph := range []*graphtest.Graph{g, graphtest.MustRun(t, newClassic().deploy)} {
		for _, name := range graph.Names(command) {
			if strings.HasSuffix(name, "-carried") && (graph != g || name != "managers-0-carried") {
				t.Errorf("%s: only the first manager of the built-in Swarm goes on with what was carried over", name)
			}
		}
	}
}

func TestWorkersJoinAgainWhenTheSwarmIsAnotherOne(t *testing.T) {
	join := func(swarm string) string {
		g, err := graphtest.RunKept(t, newCluster().deploy, map[string]resource.PropertyValue{"managers-swarm": resource.NewStringProperty(swarm)})
		if err != nil {
			t.Fatal(err)
		}
		return graphtest.Text(t, g.Get(t, "remote:Command", "web-0-join"), "stdin")
	}
	if before, after := join("one"), join("another"); !strings.Contains(before, `"swarm":"one"`) || !strings.Contains(after, `"swarm":"another"`) {
		t.Error("the command by which web-0 joins is the same in another Swarm")
	}
}
