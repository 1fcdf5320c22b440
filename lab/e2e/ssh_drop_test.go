//go:build e2e

package e2e

import (
	"regexp"
	"strings"
	"testing"
	"time"
)

// survivesDroppedConnections replaces a machine and has commands of every kind run while sshd, of machines that are up and of one that
// boots, drops the first connections. Then one drops all of them.
func survivesDroppedConnections(t *testing.T) {
	l := dev(t)
	machine, join := l.urn(t, "VirtualMachine", "consul-0"), l.urn(t, "Command", "web-0-join")
	again := []string{"up", "--yes", "--skip-preview", "--non-interactive"}
	for _, name := range []string{"consul-0", "managers-0", "web-0"} {
		again = append(again, "--replace", l.urn(t, "Command", name+"-join"))
	}
	l.disconnect(t)
	unreliable := []string{"azswarm-bastion", "consul-0", "consul-1", "consul-2", "managers-0", "web-0", "web-1"}
	l.run(t, "fault", append([]string{"drop-ssh", "3"}, unreliable...)...)

	start := time.Now()
	l.pulumi(t, append(again, "--replace", machine)...)
	t.Logf("%5.1f s to replace a machine and join three, with the first 3 connections to each machine dropped", time.Since(start).Seconds())
	l.run(t, "heal", "--all")
	l.expectCluster(t, []string{"consul-0", "consul-1", "consul-2"}, []string{"managers-0"}, []string{"web-0", "web-1"})

	l.disconnect(t)
	l.run(t, "fault", "drop-ssh", "1000000", "web-0")
	start = time.Now()
	_, output, err := l.try(t, "exec", "--", "pulumi", "up", "--yes", "--skip-preview", "--non-interactive", "--replace", join)
	t.Logf("%5.1f s until an update says that a machine drops all connections", time.Since(start).Seconds())
	// The plugin's line has the command, which is short; the first line after it has the machine and the reason.
	reason := regexp.MustCompile(`running "exec sudo -n bash -s -- .{1,600}":\n\s*error: web-0: not so after 120s: ssh: .*(?:reset|closed)`)
	if err == nil || !reason.MatchString(output) {
		t.Errorf("an update whose machine drops all connections: %v, want it to say so at once\n%s", err, tail(output))
	}
	l.run(t, "heal", "drop-ssh/web-0")
	if output := l.up(t); !strings.Contains(output, "is up") {
		t.Errorf("an update after that\n%s", tail(output))
	}
	l.expectNoChanges(t)
}

// disconnect ends the connections that the bastion has to machines from an update before.
func (l *lab) disconnect(t *testing.T) {
	t.Helper()
	l.ask(t, "azswarm-bastion", `for socket in /run/azswarm-ssh/*; do
	[ ! -S "$socket" ] || ssh -o ControlPath="$socket" -O exit machine
done`)
}
