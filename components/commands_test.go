package components

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/seed-3bc5c20b/azswarm/internal/graphtest"
)

// longestCommand is what a reader of an error can still skip, before the reason, and a small part of the 128 KiB that Linux takes.
const longestCommand = 600

func TestCommandsAreShortLinesHoweverLargeThePool(t *testing.T) {
	large := newCluster()
	large.pools["web"] = WorkerPoolArgs{Count: 2048, Block: 1, Labels: pulumi.StringMap{"tier": pulumi.String("web")}}
	for name, c := range map[string]*cluster{"swarm": withCache(newCluster()), "classic": withCache(newClassic()), "2048 workers": large} {
		g := graphtest.MustRun(t, c.deploy)
		for _, r := range g.Resources {
			if !strings.HasSuffix(r.Token, "remote:Command") {
				continue
			}
			for _, key := range []resource.PropertyKey{"create", "update", "delete"} {
				if _, given := r.Inputs[key]; !given {
					continue
				}
				command := graphtest.Text(t, r.Inputs, string(key))
				if strings.Contains(command, "&&") || strings.Contains(command, "||") {
					t.Errorf("%s of %s goes on after a failure within: the shell's -e does not hold left of an && or an ||: %s", key, r.Name, command)
				}
				if len(command) > longestCommand || strings.Contains(command, "\n") || strings.Contains(command, "ssh-ed25519") {
					t.Errorf("%s: %s of %s has %d characters: %.1000q", name, key, r.Name, len(command), command)
				}
			}
		}
	}
}

// What a command gets on standard input shows in no preview: its text says which long values it gets.
func TestCommandsShowThatALongParameterChanges(t *testing.T) {
	c := newCluster()
	create := func(command string) string {
		return graphtest.Text(t, graphtest.MustRun(t, c.deploy).Get(t, "remote:Command", command), "create")
	}
	agent, policies, ready := create("web-0-join"), create("consul-ready"), create("web-ready")
	c.consul.NodeServices = []NodeService{{Name: "node-exporter", Port: 9100}}
	c.pools["web"] = WorkerPoolArgs{Count: 20, MaxUnavailable: 1}
	for command, was := range map[string]string{"web-0-join": agent, "consul-ready": policies, "web-ready": ready} {
		if create(command) == was {
			t.Errorf("%s shows nothing of what changes: %s", command, was)
		}
	}
}
