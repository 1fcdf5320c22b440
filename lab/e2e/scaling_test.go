//go:build e2e

package e2e

import (
	"strings"
	"testing"
)

// healsAndScales loses a worker, then changes the number of workers in every way. The stack's configuration stays changed.
func healsAndScales(t *testing.T) {
	l := dev(t)
	consul, managers := []string{"consul-0", "consul-1", "consul-2"}, []string{"managers-0"}

	l.lose(t, "web-1")
	l.configure(t, `pulumi config set --path 'azswarm:workers[0].count' 3
		pulumi config set --path 'azswarm:workers[1].name' batch
		pulumi config set --path 'azswarm:workers[1].count' 0`)
	l.up(t)
	l.expectCluster(t, consul, managers, []string{"web-0", "web-1", "web-2"})
	if labels := l.swarm(t)["web-2"].Spec.Labels; labels["tier"] != "web" {
		t.Errorf("web-2: labels %v, want tier=web", labels)
	}

	l.configure(t, `pulumi config set --path 'azswarm:workers[0].count' 1
		pulumi config set --path 'azswarm:workers[1].count' 1`)
	output := l.up(t)
	l.expectCluster(t, consul, managers, []string{"web-0", "batch-0"})
	if !strings.Contains(output, "client_test on batch-0") {
		t.Errorf("the demo's client has not moved to the first worker of the other pool\n%s", tail(output))
	}
	if output := l.up(t); !strings.Contains(output, "nothing had to change") {
		t.Errorf("an update after scaling finds something to change\n%s", tail(output))
	}
}
