package cmd

import (
	"strings"
	"testing"

	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/access"
	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/access/accesstest"
)

func TestReplaceHasPulumiReplaceMachines(t *testing.T) {
	second := accesstest.Node("web-1", access.TierWorkers, "10.20.128.5")
	d := newDesk(t, answering(t, well, bastion, worker, second).Outputs)
	// The exit code is Pulumi's.
	if _, err := run(t, "replace", "web-0", "--stack", "dev", "--yes"); err != statusError(7) {
		t.Errorf("replace: %v, want Pulumi's exit code", err)
	}
	const urn = "urn:pulumi:dev::azswarm::x$azure-native:compute/v20240701:VirtualMachine::web-0"
	if calls := d.calls("pulumi"); !strings.Contains(calls, "up --replace "+urn+" --yes --stack dev\n") {
		t.Errorf("Pulumi was called with\n%s", calls)
	}
	_, err := run(t, "replace", "web-0", "web-1", "web-9")
	for _, want := range []string{`node "web-1": the stack's state has no virtual machine of that name`, `no node "web-9": there are azswarm-bastion, web-0, web-1`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("replace what is not there: %v, want %q", err, want)
		}
	}
	if calls := d.calls("pulumi"); strings.Count(calls, "up ") != 1 {
		t.Errorf("Pulumi was called with\n%s", calls)
	}
	for _, arguments := range [][]string{{"replace"}, {"replace", "--saved", "web-0"}} {
		if _, err := run(t, arguments...); err == nil {
			t.Errorf("azswarm %v: want a refusal", arguments)
		}
	}
}
