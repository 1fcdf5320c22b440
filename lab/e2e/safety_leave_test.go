//go:build e2e

package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// bringsBack kills the engine while a member of each tier leaves, its machine untouched, and expects a plain update to bring it back.
func bringsBack(t *testing.T) {
	l := safetyLab(t)
	id := l.ask(t, "managers-0", swarmID)
	const outOfSwarm = `test "$(docker info --format '{{.Swarm.LocalNodeState}}')" = inactive`
	for _, leaver := range []struct{ name, out string }{
		{"consul-1", `! docker inspect consul >/dev/null 2>&1`}, {"managers-1", outOfSwarm}, {"web-0", outOfSwarm},
	} {
		machine := l.container(t, leaver.name)
		attempt := l.launch(t, leaver.name+`-member delet`, "exec", "--", "pulumi", "up", "--yes", "--skip-preview", "--non-interactive",
			"--replace", l.urn(t, "VirtualMachine", leaver.name))
		attempt.await(t)
		eventually(t, leaver.name+" has left", 3*time.Minute, func() error {
			_, err := l.on(t.Context(), leaver.name, leaver.out)
			return err
		})
		l.kill(t, engine)
		if err := attempt.wait(t); err == nil {
			t.Fatalf("%s: the update succeeds nevertheless\n%s", leaver.name, tail(attempt.output.String()))
		}
		start := time.Now()
		output := l.update(t)
		if got := l.container(t, leaver.name); got != machine {
			t.Errorf("%s is another machine: this proves nothing", leaver.name)
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
