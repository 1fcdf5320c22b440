//go:build e2e

package e2e

import (
	"strings"
	"testing"
)

// onlyManager is the safety lab with a single manager, locked, and a network besides its service and secret.
func onlyManager(t *testing.T) (l *lab, id string) {
	t.Helper()
	l = safetyLab(t)
	id = l.ask(t, "managers-0", swarmID)
	l.configure(t, `pulumi config set --path azswarm:managers.count 1
		pulumi config set --path azswarm:managers.autolock true
		pulumi config set --path 'azswarm:workers[0].count' 2`)
	l.up(t)
	l.expectSwarm(t, id, faultManagers[:1], faultWorkers[:2])
	return l, id
}

// keepsOnlyManagersSwarm replaces the only manager while it is alive: once, and once with the engine killed when the machine is gone.
func keepsOnlyManagersSwarm(t *testing.T) {
	l, id := onlyManager(t)
	l.ask(t, "managers-0", `docker network create --driver overlay kept >/dev/null`)
	const containers = `docker ps --quiet --no-trunc --filter label=com.docker.swarm.service.name=site`
	site := l.ask(t, "web-0", containers) + l.ask(t, "web-1", containers)
	check := func() {
		t.Helper()
		l.expectSwarm(t, id, faultManagers[:1], faultWorkers[:2])
		if got := l.ask(t, "managers-0", `docker network ls --filter name=kept --format '{{.Name}}'`); got != "kept" {
			t.Errorf("the Swarm has the network %q, want kept", got)
		}
		if got := l.ask(t, "web-0", containers) + l.ask(t, "web-1", containers); got != site {
			t.Errorf("the service's container is %q, and was %q", got, site)
		}
		l.ask(t, "managers-0", `docker service update --quiet --label-add seen=yes site >/dev/null`)
		if got := l.ask(t, "azswarm-bastion", `ls -A /var/lib/azswarm/carried`); got != "" {
			t.Errorf("the bastion still keeps %s", got)
		}
	}
	before := l.container(t, "managers-0")
	l.update(t, "--replace", l.urn(t, "VirtualMachine", "managers-0"))
	if l.container(t, "managers-0") == before {
		t.Error("managers-0 is the machine it was")
	}
	check()

	arguments := append([]string{}, verbose...)
	attempt := l.launch(t, `VirtualMachine managers-0 deleted`, "exec", append(arguments, "--replace", l.urn(t, "VirtualMachine", "managers-0"))...)
	attempt.await(t)
	l.kill(t, engine)
	if err := attempt.wait(t); err == nil {
		t.Error("the update succeeds although it was killed")
	}
	// Whether the engine wrote down that the machine is deleted, before it was killed, is not known.
	l.pulumi(t, "refresh", "--yes", "--skip-preview", "--non-interactive")
	l.up(t)
	check()
	if output := l.up(t); !strings.Contains(output, "nothing had to change") {
		t.Errorf("an update afterwards finds something to change\n%s", tail(output))
	}
}

// losesOnlyManager loses the only manager with all it has, and expects the workers in a new Swarm after one update.
func losesOnlyManager(t *testing.T) {
	l, id := onlyManager(t)
	l.lose(t, "managers-0")
	output := l.update(t)
	if !strings.Contains(output, "The Swarm "+id+" is lost") {
		t.Errorf("the update doesn't say that the Swarm is lost\n%s", tail(output))
	}
	if got := l.ask(t, "managers-0", swarmID); got == id || got == "" {
		t.Errorf("managers-0 is in the Swarm %q, want a new one", got)
	}
	l.expectCluster(t, faultConsul, faultManagers[:1], faultWorkers[:2])
	for _, worker := range faultWorkers[:2] {
		if node := l.swarm(t)[worker]; node.Status.State != "ready" || node.Spec.Labels["tier"] != "web" {
			t.Errorf("%s is %+v in the new Swarm, want ready with its labels", worker, node)
		}
	}
	if output := l.up(t); !strings.Contains(output, "nothing had to change") {
		t.Errorf("an update afterwards finds something to change\n%s", tail(output))
	}
	guarded = nil
	l.run(t, "down")
}
