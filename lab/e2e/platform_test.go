//go:build e2e

package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// Addresses of Azure's that every machine reaches: its metadata service, and its host's agent, which also answers for names.
const metadataAddress, hostAddress = "169.254.169.254", "168.63.129.16"

// keepsContainersFromThePlatform lets the lab's router answer at Azure's addresses, as the host does: the machine reaches them, and its
// containers none but the name server, on any network and after a restart of the engine.
func keepsContainersFromThePlatform(t *testing.T) {
	l := dev(t)
	router := l.router(t)
	if _, err := inContainer(router, "", "ip", "address", "replace", metadataAddress+"/32", "dev", "lo"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := inContainer(router, "", "ip", "address", "del", metadataAddress+"/32", "dev", "lo"); err != nil {
			t.Error(err)
		}
	})
	// The router itself answers nobody.
	inserted, err := inContainer(router, "", "nft", "--echo", "--handle", "insert", "rule", "ip", "azswarm", "input", "ip", "daddr",
		"{ "+metadataAddress+", "+hostAddress+" }", "accept")
	if err != nil {
		t.Fatal(err)
	}
	_, handle, _ := strings.Cut(strings.TrimSpace(inserted), "# handle ")
	t.Cleanup(func() {
		if _, err := inContainer(router, "", "nft", "delete", "rule", "ip", "azswarm", "input", "handle", handle); err != nil {
			t.Error(err)
		}
	})
	for _, at := range []string{metadataAddress + " 80", hostAddress + " 80", hostAddress + " 32526", hostAddress + " 53"} {
		answer(t, router, at)
	}
	const worker = "web-0"
	network := l.ask(t, "managers-0", `docker network ls --filter driver=overlay --filter scope=swarm --format '{{.Name}}' | grep --invert-match --line-regexp ingress | head -1`)
	// reach is what answers, of a machine or, with a network, of a container on it.
	reach := func(network string) string {
		script := `for at in 169.254.169.254/80 168.63.129.16/80 168.63.129.16/32526 168.63.129.16/53; do
			timeout 3 bash -c "</dev/tcp/$at" 2>/dev/null && printf '%s ' $at; done; true`
		if network != "" {
			script = fmt.Sprintf("docker run --rm --network %s --entrypoint bash nginx:1.28 -c %s", network, "'"+strings.ReplaceAll(script, "'", `'\''`)+"'")
		}
		return strings.TrimSpace(l.ask(t, worker, script))
	}
	const all, names = "169.254.169.254/80 168.63.129.16/80 168.63.129.16/32526 168.63.129.16/53", "168.63.129.16/53"
	check := func(when string) {
		t.Helper()
		for of, want := range map[string]string{"": all, "bridge": names, network: names, "host": all} {
			if got := reach(of); got != want {
				t.Errorf("%s, on network %q there answers %q, want %q", when, of, got, want)
			}
		}
	}
	check("as it joined")
	l.ask(t, worker, "systemctl restart docker.service")
	eventually(t, "the worker's engine takes part in "+network, time.Minute, func() error {
		_, err := l.on(t.Context(), worker, "docker run --rm --network "+network+" --entrypoint true nginx:1.28")
		return err
	})
	check("after a restart of the engine")
	// It is the rules that keep them: without, a container reaches all.
	l.ask(t, worker, "iptables --wait 30 -t mangle -D FORWARD -j AZSWARM-PLATFORM")
	if got := reach("bridge"); got != all {
		t.Errorf("without the rules, a container reaches %q, want %q: the test proves nothing", got, all)
	}
	l.ask(t, worker, "systemctl restart azswarm-platform.service")
	if got := reach("bridge"); got != names {
		t.Errorf("after a restart of the service, a container reaches %q, want %q", got, names)
	}
	if got := l.ask(t, worker, "apt-config dump Unattended-Upgrade::Package-Blacklist | grep --count '\"docker\"'"); got != "1" {
		t.Errorf("unattended-upgrades would upgrade the engine (%q)", got)
	}
	if got := l.ask(t, "bastion", "sshd -T | grep clientaliveinterval"); got != "clientaliveinterval 60" {
		t.Errorf("on the bastion, %q", got)
	}
}

// answer has a container answer at an address and port for the time of the test.
func answer(t *testing.T, container, at string) {
	t.Helper()
	if _, err := inContainer(container, "", "sh", "-c", "nc -lk "+at+" </dev/null >/dev/null 2>&1 & echo $! >/tmp/listening-"+strings.ReplaceAll(at, " ", "-")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := inContainer(container, "", "sh", "-c", "kill $(cat /tmp/listening-"+strings.ReplaceAll(at, " ", "-")+")"); err != nil {
			t.Error(err)
		}
	})
}
