//go:build e2e

package e2e

import (
	"regexp"
	"strings"
	"testing"
)

// convergesAfterKills creates the cluster with interruptions: whatever was killed, the same command finishes the work.
func convergesAfterKills(t *testing.T) {
	if shared != nil {
		t.Fatal("the shared cluster exists already: this test creates it")
	}
	l := newDev(t)
	for _, interruption := range []struct{ what, when, victim string }{
		{"the program, once a machine exists", `^ \+ +azure-native:compute.*VirtualMachine .* created`, program},
		{"the engine, while a machine joins", `^ \+ +command:remote:Command consul-0-join creating`, engine},
		{"the lab, while a manager joins", `^ \+ +command:remote:Command managers-0-join creating`, ""},
	} {
		attempt := l.launch(t, interruption.when, "exec", verbose...)
		attempt.await(t)
		if interruption.victim == "" {
			if err := attempt.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		} else {
			l.kill(t, interruption.victim)
		}
		if err := attempt.wait(t); err == nil {
			t.Fatalf("kill %s: it succeeds nevertheless\n%s", interruption.what, tail(attempt.output.String()))
		}
	}
	output := l.up(t)
	shared = l
	if !strings.Contains(output, "ok      Overlay network") {
		t.Errorf("lab up doesn't prove the overlay network\n%s", tail(output))
	}
	if pending := l.state(t).Deployment.Pending; len(pending) > 0 {
		t.Errorf("operations are pending after an update that succeeded: %v", pending)
	}
	l.expectCluster(t, []string{"consul-0", "consul-1", "consul-2"}, []string{"managers-0"}, []string{"web-0", "web-1"})
}

// changesNothing expects every way to look for changes to find none.
func changesNothing(t *testing.T) {
	dev(t).expectNoChanges(t)
}

// changed is a resource that an operation changed; backReference is one in which Azure shows who has come to refer to it.
var (
	changed       = regexp.MustCompile(`(?m)^ .*(?:updated|created|deleted|replaced) \(.*$`)
	backReference = regexp.MustCompile(`(?:AvailabilitySet|PublicIPAddress|LoadBalancer) \S+ updated .*\[diff: (?:[+~-](?:virtualMachines|natGateway))?\]`)
)

func (l *lab) expectNoChanges(t *testing.T) {
	t.Helper()
	if output := l.up(t); !strings.Contains(output, "is up: nothing had to change") {
		t.Errorf("the second lab up doesn't say that nothing had to change\n%s", tail(output))
	}
	for _, line := range changed.FindAllString(l.pulumi(t, "refresh", "--yes", "--skip-preview", "--non-interactive"), -1) {
		if !backReference.MatchString(line) {
			t.Errorf("the first refresh changes more than what refers to what: %s", line)
		}
	}
	l.pulumi(t, "refresh", "--yes", "--skip-preview", "--expect-no-changes", "--non-interactive")
	l.pulumi(t, "preview", "--expect-no-changes", "--non-interactive")
	l.pulumi(t, "up", "--yes", "--skip-preview", "--expect-no-changes", "--non-interactive")
}
