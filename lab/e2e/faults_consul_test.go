//go:build e2e

package e2e

import (
	"strings"
	"testing"
	"time"
)

// losesConsul loses all servers of Consul at once, with all they know, and expects an update to make the cluster whole again: with
// the same Swarm, whose services go on meanwhile.
func losesConsul(t *testing.T) {
	l := faultLab(t)
	const published = `curl --silent --show-error --fail --max-time 5 --header @/etc/azswarm/consul.header 'http://127.0.0.1:8500/v1/kv/azswarm/swarm/worker/managers/cluster?raw'`
	id, nodes := l.ask(t, "managers-0", swarmID), l.ask(t, "managers-0", runningTasks+" | sort")
	start := time.Now()
	l.lose(t, faultConsul...)
	l.pulumi(t, "up", "--yes", "--skip-preview", "--non-interactive")
	t.Logf("%5.1f s after the loss of all servers: Consul is formed anew, and knows the Swarm", time.Since(start).Seconds())
	if got := l.ask(t, "consul-0", published); got != id {
		t.Errorf("Consul has the Swarm %q, want %s", got, id)
	}
	for _, manager := range faultManagers {
		if got := l.ask(t, manager, swarmID); got != id {
			t.Errorf("%s is in the Swarm %s, want %s", manager, got, id)
		}
	}
	l.expectCluster(t, faultConsul, faultManagers, faultWorkers)
	if got := l.ask(t, "managers-0", runningTasks+" | sort"); got != nodes {
		t.Errorf("containers run on %q, and ran on %q before", got, nodes)
	}
	if output := l.up(t); !strings.Contains(output, "nothing had to change") {
		t.Errorf("an update afterwards finds something to change\n%s", tail(output))
	}
}
