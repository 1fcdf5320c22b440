//go:build e2e

package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// unlockKeys prints the keys in Consul, a line each, as the node it runs on may read them.
const unlockKeys = `curl --silent --show-error --fail --max-time 5 --header @/etc/azswarm/consul.header 'http://127.0.0.1:8500/v1/kv/azswarm/swarm/manager/managers/unlock?raw'`

// allUnlocked waits until every manager works, and expects that each has been locked since a point in time.
func (l *lab) allUnlocked(t *testing.T, managers ...string) {
	t.Helper()
	for _, manager := range managers {
		eventually(t, manager+" is unlocked", 2*time.Minute, func() error {
			state, err := l.on(t.Context(), manager, `docker info --format '{{.Swarm.LocalNodeState}} {{.Swarm.ControlAvailable}}'; docker node ls >/dev/null`)
			if err == nil && state != "active true" {
				err = fmt.Errorf("its Swarm is %q", state)
			}
			return err
		})
	}
}

// wasLocked expects that the engine of a manager has said, since its last start, that its Swarm was locked.
func (l *lab) wasLocked(t *testing.T, manager string) {
	t.Helper()
	if got := l.ask(t, manager, `journalctl --quiet --unit docker _SYSTEMD_INVOCATION_ID="$(systemctl show --value --property InvocationID docker)" | grep -c -e 'needs to be unlocked' -e 'encrypted and locked' -e 'is locked' || true`); got == "0" {
		t.Errorf("the engine of %s has started without a lock", manager)
	}
}

// unlocksManagers locks the managers, and restarts engines and machines in every way; at last it takes the lock away.
func unlocksManagers(t *testing.T) {
	l := safetyLab(t)
	id := l.ask(t, "managers-0", swarmID)
	l.configure(t, `pulumi config set --path azswarm:managers.autolock true`)
	l.up(t)
	key := l.ask(t, "managers-0", `docker swarm unlock-key -q`)
	if got := l.ask(t, "managers-1", unlockKeys); !strings.HasPrefix(key, "SWMKEY") || got != key {
		t.Fatal("the Swarm's key is not the one in Consul")
	}
	if _, err := l.on(t.Context(), "web-0", unlockKeys); err == nil || !strings.Contains(err.Error(), "403") {
		t.Errorf("a worker asks for the key of the managers: %v, want a refusal", err)
	}

	l.configure(t, `pulumi config set --path azswarm:rotate.dockerCa 1`)
	l.up(t)
	for _, manager := range faultManagers {
		l.wasLocked(t, manager)
	}
	l.expectSwarm(t, id, faultManagers, []string{"web-0"})

	// One that is off while the key changes wants the old one.
	l.power(t, "kill", "managers-2")
	l.ask(t, "managers-0", `docker swarm unlock-key --rotate -q >/dev/null`)
	rotated := l.ask(t, "managers-0", `docker swarm unlock-key -q`)
	eventually(t, "Consul has the new key, and the old one", time.Minute, func() error {
		got, err := l.on(t.Context(), "managers-1", unlockKeys)
		if err == nil && got != rotated+"\n"+key {
			err = fmt.Errorf("it has %d keys", len(strings.Fields(got)))
		}
		return err
	})
	l.power(t, "start", "managers-2")
	l.allUnlocked(t, faultManagers...)
	for _, manager := range faultManagers {
		l.power(t, "kill", manager)
	}
	for _, manager := range faultManagers {
		l.power(t, "start", manager)
	}
	l.allUnlocked(t, faultManagers...)
	for _, manager := range faultManagers {
		l.wasLocked(t, manager)
	}
	l.expectSwarm(t, id, faultManagers, []string{"web-0"})

	l.configure(t, `pulumi config set --path azswarm:managers.autolock false`)
	l.up(t)
	if got := l.ask(t, "managers-0", `docker swarm unlock-key -q 2>&1 || true`); strings.Contains(got, "SWMKEY") {
		t.Error("the Swarm has a key, though its lock was taken away")
	}
	// What somebody has locked by hand is served as well, and stays.
	l.ask(t, "managers-0", `docker swarm update --autolock=true >/dev/null`)
	key = l.ask(t, "managers-0", `docker swarm unlock-key -q`)
	eventually(t, "Consul has the key of a lock by hand", time.Minute, func() error {
		got, err := l.on(t.Context(), "managers-0", unlockKeys)
		if err == nil && !strings.HasPrefix(got, key) {
			err = fmt.Errorf("it has %d others", len(strings.Fields(got)))
		}
		return err
	})
	l.configure(t, `pulumi config set --path azswarm:rotate.dockerCa 2`)
	l.up(t)
	if got := l.ask(t, "managers-0", `docker swarm unlock-key -q`); got != key {
		t.Error("an update has taken away a lock that somebody set by hand")
	}
	l.ask(t, "managers-0", `docker swarm update --autolock=false >/dev/null`)
	l.expectSwarm(t, id, faultManagers, []string{"web-0"})
}

// joinsAfterRotation rotates tokens and the Swarm's authority by hand, and adds machines right after.
func joinsAfterRotation(t *testing.T) {
	l := safetyLab(t)
	id := l.ask(t, "managers-0", swarmID)
	l.ask(t, "managers-0", `docker swarm join-token --rotate -q worker >/dev/null`)
	l.configure(t, `pulumi config set --path 'azswarm:workers[0].count' 2`)
	l.up(t)
	l.expectSwarm(t, id, faultManagers, []string{"web-0", "web-1"})

	l.ask(t, "managers-0", `timeout 300 docker swarm ca --rotate --quiet >/dev/null; docker swarm join-token --rotate -q manager >/dev/null`)
	l.update(t, "--replace", l.urn(t, "VirtualMachine", "web-1"), "--replace", l.urn(t, "VirtualMachine", "managers-1"))
	l.expectSwarm(t, id, faultManagers, []string{"web-0", "web-1"})
}
