//go:build e2e

package e2e

import (
	"strings"
	"testing"
)

// The cluster of the stack "prod" that tests share; nil while there is none.
var large *lab

// prod returns the running cluster of the unchanged stack "prod".
func prod(t *testing.T) *lab {
	t.Helper()
	if large == nil {
		l := &lab{name: "e2e-prod", stack: "prod"}
		l.pulumi(t, "preview", "--non-interactive")
		l.up(t)
		large = l
	}
	return large
}

// deploysProd deploys the other stack of the project, unchanged.
func deploysProd(t *testing.T) {
	prod(t).expectCluster(t, []string{"consul-0", "consul-1", "consul-2"}, []string{"managers-0", "managers-1", "managers-2"},
		[]string{"web-0", "web-1", "web-2", "batch-0", "batch-1"})
}

// destroysProd destroys it.
func destroysProd(t *testing.T) {
	l := prod(t)
	large = nil
	l.pulumi(t, "destroy", "--yes", "--skip-preview", "--non-interactive")
	if left := l.machines(t); len(left) > 0 {
		t.Errorf("machines are left: %v", left)
	}
	l.run(t, "down")
}

// refusesInvalidConfig expects every mistake of a configuration to be listed before anything is registered.
func refusesInvalidConfig(t *testing.T) {
	l := &lab{name: "e2e-invalid", stack: "dev"}
	l.configure(t, `pulumi config set --path 'azswarm:consul.servers' 2
		pulumi config set --path 'azswarm:workers[0].count' -- -1
		pulumi config set --path 'azswarm:adminCidrs[0]' 0.0.0.0/0
		pulumi config set azswarm:orchestrator nomad
		pulumi config set azswarm:wokers 3`)
	_, output, err := l.try(t, "exec", "--", "pulumi", "up", "--yes", "--skip-preview", "--non-interactive")
	if err == nil {
		t.Errorf("an invalid configuration is accepted\n%s", tail(output))
	}
	for _, key := range []string{"consul.servers", "workers[0].count", "adminCidrs[0]", "orchestrator", "wokers"} {
		if !strings.Contains(output, "azswarm:"+key) {
			t.Errorf("the mistake in azswarm:%s is not told\n%s", key, tail(output))
		}
	}
	for _, resource := range l.state(t).Deployment.Resources {
		if resource.Type != "pulumi:pulumi:Stack" {
			t.Errorf("%s was registered", resource.URN)
		}
	}
	l.run(t, "down")
}
