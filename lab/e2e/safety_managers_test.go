//go:build e2e

package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// guarded is the cluster whose Swarm is not to be lost; nil while there is none.
var guarded *lab

// safetyLab returns a running cluster with three managers, and a service and a secret in its Swarm.
func safetyLab(t *testing.T) *lab {
	t.Helper()
	if guarded != nil {
		return guarded
	}
	l := &lab{name: "e2e-safety", stack: "dev"}
	l.configure(t, `pulumi config set azswarm:network 10.81.0.0/16
		pulumi config set --path azswarm:managers.count 3
		pulumi config set --path 'azswarm:workers[0].count' 1
		pulumi config set azswarm:demo false`)
	l.up(t)
	// Without virtual IPs, which not every kernel has.
	l.ask(t, "managers-0", `docker service create --quiet --name site --endpoint-mode dnsrr --constraint node.role==worker nginx:1.28 >/dev/null
		printf kept | docker secret create word - >/dev/null`)
	guarded = l
	return l
}

// update is an update that must succeed; options such as --replace and a URN follow.
func (l *lab) update(t *testing.T, options ...string) string {
	t.Helper()
	return l.pulumi(t, append([]string{"up", "--yes", "--skip-preview", "--non-interactive"}, options...)...)
}

// expectSwarm expects the Swarm with this id, with its service and secret, and these members everywhere, none twice.
func (l *lab) expectSwarm(t *testing.T, id string, managers, workers []string) {
	t.Helper()
	if got := l.ask(t, "managers-0", swarmID); got != id {
		t.Errorf("managers-0 is in the Swarm %s, want %s", got, id)
	}
	if got := l.ask(t, "managers-0", `docker service ls --format '{{.Name}}'; docker secret ls --format '{{.Name}}'`); got != "site\nword" {
		t.Errorf("the Swarm has %q, want its service and its secret", got)
	}
	if got := l.ask(t, "managers-0", `docker node inspect --format '{{with .ManagerStatus}}{{.Reachability}}{{end}}' $(docker node ls -q) | grep -c .`); got != fmt.Sprint(len(managers)) {
		t.Errorf("the raft has %s members, want %d", got, len(managers))
	}
	l.expectCluster(t, faultConsul, managers, workers)
}

// keepsMajority replaces a manager while another is down, and expects a refusal that leaves it alone; then one that is dead, and one
// whose former self still counts.
func keepsMajority(t *testing.T) {
	l := safetyLab(t)
	id, before := l.ask(t, "managers-0", swarmID), l.container(t, "managers-0")
	machine := l.urn(t, "VirtualMachine", "managers-0")

	l.run(t, "fault", "kill", "managers-2")
	_, output, err := l.try(t, "exec", "--", "pulumi", "up", "--yes", "--skip-preview", "--non-interactive", "--replace", machine)
	if err == nil || !strings.Contains(output, "without managers-0, 1 of 2 managers are reachable; managers-2 is not") || !strings.Contains(output, "managers-0 stays as it is") {
		t.Errorf("replacing one of two managers that are left: %v, want a refusal that says why\n%s", err, tail(output))
	}
	if got := l.container(t, "managers-0"); got != before {
		t.Error("managers-0 is another machine")
	}
	if got := l.ask(t, "managers-1", `docker node ls --format '{{.Hostname}} {{.Status}} {{.Availability}} {{.ManagerStatus}}' | grep managers-0`); !strings.HasPrefix(got, "managers-0 Ready Drain ") ||
		strings.HasSuffix(got, "Drain ") {
		t.Errorf("managers-1 sees %q, want managers-0 as it was", got)
	}
	l.run(t, "heal", "--all")
	l.ask(t, "managers-0", `docker service update --quiet --label-add after=refusal site >/dev/null`)

	l.lose(t, "managers-2")
	l.update(t)
	l.expectSwarm(t, id, faultManagers, []string{"web-0"})

	// A manager that leaves by itself goes on counting. It joins again, as a second of its name.
	l.ask(t, "managers-1", `docker swarm leave --force >/dev/null`)
	eventually(t, "managers-1 is missed", time.Minute, func() error {
		status, err := l.on(t.Context(), "managers-0", `docker node ls --format '{{.Hostname}} {{.Status}}' | grep managers-1`)
		if err == nil && status != "managers-1 Down" {
			err = fmt.Errorf("%q", status)
		}
		return err
	})
	l.update(t, "--replace", l.urn(t, "Command", "managers-1-join"), "--replace", l.urn(t, "Command", "managers-ready"))
	l.expectSwarm(t, id, faultManagers, []string{"web-0"})

	l.update(t, "--replace", machine)
	if got := l.container(t, "managers-0"); got == before {
		t.Error("managers-0 has not been replaced, though all managers are there")
	}
	l.expectSwarm(t, id, faultManagers, []string{"web-0"})
}
