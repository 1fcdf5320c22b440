//go:build e2e

package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// bringsBack kills what runs an update while a member of each tier leaves, its machine untouched, and expects a plain update to bring it
// back: the engine, which leaves the member in its state, and the program, after which the engine still takes the member out of it.
func bringsBack(t *testing.T) {
	l := safetyLab(t)
	id := l.ask(t, "managers-0", swarmID)
	const outOfSwarm = `test "$(docker info --format '{{.Swarm.LocalNodeState}}')" = inactive`
	const outOfConsul = `! docker inspect consul >/dev/null 2>&1`
	for _, leaver := range []struct{ name, out, killed string }{
		{"consul-1", outOfConsul, engine}, {"managers-1", outOfSwarm, engine}, {"web-0", outOfSwarm, engine},
		{"consul-1", outOfConsul, program}, {"managers-1", outOfSwarm, program}, {"web-0", outOfSwarm, program},
	} {
		machine := l.container(t, leaver.name)
		attempt := l.launch(t, leaver.name+`-member delet`, "exec", "--", "pulumi", "up", "--yes", "--skip-preview", "--non-interactive",
			"--replace", l.urn(t, "VirtualMachine", leaver.name))
		attempt.await(t)
		eventually(t, leaver.name+" has left", 3*time.Minute, func() error {
			_, err := l.on(t.Context(), leaver.name, leaver.out)
			return err
		})
		l.kill(t, leaver.killed)
		if err := attempt.wait(t); err == nil {
			t.Fatalf("%s: the update succeeds nevertheless\n%s", leaver.name, tail(attempt.output.String()))
		}
		start := time.Now()
		output := l.update(t)
		if got := l.container(t, leaver.name); got != machine {
			t.Errorf("%s is another machine: this proves nothing", leaver.name)
		}
		if leaver.killed == program && !strings.Contains(output, leaver.name+"-member created") {
			t.Errorf("%s-member was still in the state after the %s was killed: this proves nothing", leaver.name, leaver.killed)
		}
		t.Logf("%s left, and was back %.1f s after the next update began (said so: %v)", leaver.name, time.Since(start).Seconds(),
			strings.Contains(output, fmt.Sprintf("%s has left, and its machine is still there: it comes back", leaver.name)))
		l.expectSwarm(t, id, faultManagers, []string{"web-0"})
		if labels := l.swarm(t)["web-0"].Spec.Labels; labels["tier"] != "web" {
			t.Errorf("web-0 has the labels %v, want tier=web", labels)
		}
	}
	if output := l.up(t); !strings.Contains(output, "nothing had to change") {
		t.Errorf("an update afterwards finds something to change\n%s", tail(output))
	}
}
