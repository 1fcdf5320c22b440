//go:build e2e

package e2e

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// operations are lines of a summary such as "~ 12 to update" in a preview, and "~ 12 updated" after an update.
var operations = regexp.MustCompile(`(?m)^ +(\+-|\+|~|-) ?(\d+) (to )?(create|update|delete|replace)d?$`)

// summary is how many resources an update says it creates, updates, deletes and replaces.
func summary(output string) map[string]string {
	counts := map[string]string{}
	for _, match := range operations.FindAllStringSubmatch(output, -1) {
		counts[match[4]] = match[2]
	}
	return counts
}

// containersOf lists the containers of machines.
func (l *lab) containersOf(t *testing.T, machines ...string) []string {
	t.Helper()
	var ids []string
	for _, name := range machines {
		ids = append(ids, l.container(t, name))
	}
	return ids
}

// resizesAndTags changes the size of workers, and a tag of everything: no machine is replaced, as the preview says, and a service of
// which there is one container is away for as long as containers take to start.
func resizesAndTags(t *testing.T) {
	l := faultLab(t)
	all := slices.Concat(faultConsul, faultManagers, faultWorkers)
	before := l.containersOf(t, all...)
	// Who is drained may attach no container to a network.
	l.ask(t, "managers-0", `docker node update --availability active managers-0 >/dev/null
		docker network create --driver overlay --attachable alone >/dev/null
		docker service create --quiet --name lone --network alone --endpoint-mode dnsrr --constraint node.role==worker nginx:1.28 >/dev/null`)
	asked := l.startAsking(t, "managers-0", "alone", "http://lone/")
	l.ask(t, "managers-0", `docker service update --quiet --force lone >/dev/null`)
	restart := asked.longest(t)
	l.configure(t, `pulumi config set --path 'azswarm:workers[0].vmSize' Standard_D2as_v5
		pulumi config set --path azswarm:tags.owner tests`)
	promised := summary(l.pulumi(t, "preview", "--non-interactive"))
	done := summary(l.pulumi(t, "up", "--yes", "--skip-preview", "--non-interactive"))
	t.Logf("preview: %v; up: %v", promised, done)
	if !maps.Equal(promised, done) || done["update"] == "" || done["replace"] != "" {
		t.Errorf("the preview says %v, and the update did %v; want the same, updates alone", promised, done)
	}
	gap := asked.longest(t)
	t.Logf("longest time without an answer of the service: %.1f s as its container is replaced, %.1f s as machines restart", restart, gap)
	if gap > max(4*restart, 60) { // a busy machine starts nothing at once
		t.Error("it waited for a machine to restart, and not only for a container to start elsewhere")
	}
	asked.end(t)
	drained := l.state(t, "--show-secrets")
	for _, name := range faultWorkers {
		if said := drained.stdout(name + "-drained"); !strings.Contains(said, name+": set aside for Standard_D2as_v5 on ") {
			t.Errorf("%s restarted without being drained: %q", name, said)
		}
	}
	l.ask(t, "managers-0", "docker service rm lone >/dev/null; docker node update --availability drain managers-0 >/dev/null")
	eventually(t, "its network goes", time.Minute, func() error {
		_, err := l.on(t.Context(), "managers-0", "docker network rm alone >/dev/null")
		return err
	})
	for _, name := range faultWorkers {
		if got := l.ask(t, "managers-0", `docker node inspect --format '{{.Spec.Availability}}{{with index .Spec.Labels "azswarm.restarting"}} restarting{{end}}' `+name); got != "active" {
			t.Errorf("%s is %s after its restart, want active", name, got)
		}
	}
	if after := l.containersOf(t, all...); !slices.Equal(after, before) {
		t.Errorf("machines are other ones after a change of size and tags:\n%v\n%v", before, after)
	}
	for _, resource := range l.state(t).Deployment.Resources {
		if !strings.HasSuffix(resource.Type, ":VirtualMachine") {
			continue
		}
		tags, _ := resource.Outputs["tags"].(map[string]any)
		hardware, _ := resource.Outputs["hardwareProfile"].(map[string]any)
		size := "Standard_B2"
		if strings.Contains(resource.URN, "::web-") {
			size = "Standard_D2as_v5"
		}
		if got, _ := hardware["vmSize"].(string); tags["owner"] != "tests" || !strings.HasPrefix(got, size) {
			t.Errorf("%s: tags %v, size %v", resource.URN, tags, got)
		}
	}
}

// replacesEveryMachine replaces all machines in one update, as other user data would, and expects the same cluster of them.
func replacesEveryMachine(t *testing.T) {
	l := faultLab(t)
	all := slices.Concat(faultConsul, faultManagers, faultWorkers)
	before, id := l.containersOf(t, all...), l.ask(t, "managers-0", swarmID)
	l.ask(t, "consul-0", consulPut("before-replacement"))
	arguments := []string{"up", "--yes", "--skip-preview", "--non-interactive"}
	for _, resource := range l.state(t).Deployment.Resources {
		if strings.HasSuffix(resource.Type, ":VirtualMachine") {
			arguments = append(arguments, "--replace", resource.URN)
		}
	}
	start := time.Now()
	output := l.pulumi(t, arguments...)
	t.Logf("%5.1f s: all machines are replaced: %v", time.Since(start).Seconds(), summary(output))
	for i, container := range l.containersOf(t, all...) {
		if container == before[i] {
			t.Errorf("%s is the machine it was", all[i])
		}
	}
	for _, manager := range faultManagers {
		if got := l.ask(t, manager, swarmID); got != id {
			t.Errorf("%s is in the Swarm %s, want %s", manager, got, id)
		}
	}
	l.expectCluster(t, faultConsul, faultManagers, faultWorkers)
	eventually(t, "the service has its containers", time.Minute, func() error {
		nodes, err := l.on(t.Context(), "managers-0", runningTasks)
		if err == nil && len(strings.Fields(nodes)) < 3 {
			err = fmt.Errorf("containers run on %v", strings.Fields(nodes))
		}
		return err
	})
	for _, server := range faultConsul {
		if got := l.ask(t, server, consulGet("before-replacement")); got != "written" {
			t.Errorf("%s has %q under a key written before", server, got)
		}
	}
	if output := l.up(t); !strings.Contains(output, "nothing had to change") {
		t.Errorf("an update afterwards finds something to change\n%s", tail(output))
	}
	breakable = nil
	l.run(t, "down")
}
