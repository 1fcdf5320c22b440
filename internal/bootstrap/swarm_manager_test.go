package bootstrap

import (
	"strings"
	"testing"
)

// A manager that is the first starts the Swarm. One that finds none published while others listen does not: Consul has lost its
// data then, and a second Swarm would take the place of the one with all services.
func TestSecondSwarmIsNotStarted(t *testing.T) {
	for listening, starts := range map[string]bool{"": true, "10.0.2.5 10.0.2.6 ": false} {
		script := Script{Parameters: []Parameter{
			{"NODE", "managers-0"}, {"ADDRESS", "10.0.2.4"}, {"MANAGER_ADDRESSES", "10.0.2.4 10.0.2.5 10.0.2.6"}, {"LISTENING", listening},
			{"MANAGER_KV", "swarm/manager"}, {"WORKER_KV", "swarm/worker"}, {"OVERLAY_POOL", "172.20.0.0/14"},
		}, Files: []string{"swarm", "swarm-manager"}}
		output, err := run(t, script, `listening() { printf %s "$LISTENING"; }
published_swarm() { :; }
publish() { :; }
swarm_state() { if [ -n "${started:-}" ]; then say active; else say inactive; fi; }
consul() { cat >/dev/null; case $1:$2 in
PUT:/v1/session/create) say '{"ID": "session"}' ;;
PUT:/v1/kv/swarm/manager/lock*) say true ;;
esac; }
docker() { say "docker $1 $2"; started=yes; }
start_swarm() { docker swarm init; }
found_or_join`, "{}")
		if started := strings.Contains(output, "docker swarm init"); started != starts || (err == nil) != starts {
			t.Errorf("managers listen at %q: starts a Swarm is %v (%v), want %v\n%s", listening, started, err, starts, output)
		}
		if !starts && !strings.Contains(output, "managers listen at 10.0.2.5 10.0.2.6") {
			t.Errorf("does not say why: %s", output)
		}
	}
}
