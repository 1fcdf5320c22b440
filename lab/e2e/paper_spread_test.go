//go:build e2e

package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/seed-3bc5c20b/azswarm/lab/preview"
)

func rollsOrRefuses(t *testing.T) {
	l := &lab{name: "e2e-spread-paper", stack: "dev", paper: true}
	l.run(t, "up")
	t.Cleanup(func() { l.run(t, "down") })
	l.pulumi(t, "refresh", "--yes", "--non-interactive") // sees who refers to whom
	sets, workers := []string{"consul", "managers", "web"}, []string{"web-0", "web-1"}
	nodes := slices.Concat([]string{"consul-0", "consul-1", "consul-2", "managers-0"}, workers)
	ready := []string{"replace Command consul-ready", "replace Command managers-ready", "replace Command web-ready"}
	swarm := []string{"replace Command managers-0-carried", "replace Stash managers-swarm"} // an only manager takes its Swarm along
	onSets := func(operation preview.Operation, names ...string) (changes []string) {
		for _, name := range names {
			changes = append(changes, fmt.Sprintf("%s AvailabilitySet %s", operation, name))
		}
		return changes
	}
	drained := commandsOf(preview.Update, []string{"drained"}, workers...) // of another size
	before := l.addresses(t)
	for _, change := range []struct {
		name, script string
		want         []string
	}{
		{"zones", `pulumi config set azswarm:spread Zones`, slices.Concat(replaced(nodes...), ready, swarm, onSets(preview.Delete, sets...))},
		{"availability sets", `pulumi config set azswarm:spread AvailabilitySet`, slices.Concat(replaced(nodes...), ready, swarm, onSets(preview.Create, sets...))},
		{"a size with a local disk", `pulumi config set --path 'azswarm:workers[0].vmSize' Standard_D2ads_v5`,
			slices.Concat(drained, replaced(workers...), ready[2:], onSets(preview.Delete, "web"), onSets(preview.Create, "web-local"))},
		{"a larger one", `pulumi config set --path 'azswarm:workers[0].vmSize' Standard_D4ads_v5`, slices.Concat(
			commandsOf(preview.Update, []string{"drained", "booted", "member"}, workers...), []string{"update VirtualMachine web-0", "update VirtualMachine web-1"})},
		{"a size with NVMe disks", `pulumi config set --path 'azswarm:workers[0].vmSize' Standard_D4ads_v6`,
			slices.Concat(drained, replaced(workers...), ready[2:], onSets(preview.Delete, "web-local"), onSets(preview.Create, "web-nvme"))},
		{"the size of before", `pulumi config rm --path 'azswarm:workers[0].vmSize'`,
			slices.Concat(drained, replaced(workers...), ready[2:], onSets(preview.Delete, "web-nvme"), onSets(preview.Create, "web"))},
		{"a pool without machines", `pulumi config set --path 'azswarm:workers[0].count' 0; pulumi config set azswarm:demo false`, nil},
		{"its block", `pulumi config set --path 'azswarm:workers[0].block' 3`, []string{}},
		{"machines in that", `pulumi config set --path 'azswarm:workers[0].count' 2`, nil},
	} {
		t.Run(change.name, func(t *testing.T) {
			l.configure(t, change.script)
			l.rehearse(t, change.want)
		})
	}
	for name, address := range l.addresses(t) {
		if before[name] != address {
			t.Errorf("%s has the address %s, and had %s", name, address, before[name])
		}
	}
	for _, refused := range []struct{ name, set, undo, want string }{
		{"network", "pulumi config set azswarm:network 10.30.0.0/16", "pulumi config set azswarm:network 10.20.0.0/16",
			`addressSpace: "10.30.0.0/16", but the network was made with "10.20.0.0/16"`},
		{"block", "pulumi config set --path 'azswarm:workers[0].block' 1", "pulumi config set --path 'azswarm:workers[0].block' 3",
			"block: 1, but its machines were made in block 3"},
		{"block of the pools behind", `pulumi config set --path 'azswarm:workers[0].name' others; pulumi config set --path 'azswarm:workers[0].block' 5
			pulumi config set --path 'azswarm:workers[1].name' web; pulumi config set --path 'azswarm:workers[1].count' 2`,
			"pulumi config rm --path 'azswarm:workers[1]'; pulumi config set --path 'azswarm:workers[0].name' web; pulumi config set --path 'azswarm:workers[0].block' 3",
			"block: 1, but its machines were made in block 3"},
	} {
		t.Run(refused.name+" is refused", func(t *testing.T) {
			l.configure(t, refused.set)
			_, output, err := l.try(t, "exec", "--", "pulumi", "preview", "--non-interactive")
			if err == nil || !strings.Contains(output, refused.want) {
				t.Errorf("pulumi preview: %v, want a refusal that says %q\n%s", err, refused.want, tail(output))
			}
			l.configure(t, refused.undo)
		})
	}
	l.rehearse(t, []string{})
}

// addresses are the public addresses that the stack has kept, by the names of what keeps them.
func (l *lab) addresses(t *testing.T) map[string]string {
	t.Helper()
	kept := map[string]string{}
	for _, r := range l.state(t).Deployment.Resources {
		if strings.HasSuffix(r.Type, ":PublicIPAddress") {
			kept[r.URN[strings.LastIndex(r.URN, ":")+1:]] = fmt.Sprint(r.Outputs["ipAddress"])
		}
	}
	return kept
}

// rehearse previews an update, makes it, and expects the same of both, in the words of the changes given; nil for any.
func (l *lab) rehearse(t *testing.T, want []string) {
	t.Helper()
	plan, err := preview.Parse(l.stack, l.query(t, "pulumi", "preview", "--json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := plan.Rehearse(l.query(t, "pulumi", "up", "--yes", "--skip-preview", "--json")); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range plan.Changes {
		got = append(got, fmt.Sprintf("%s %s %s", c.Operation, c.Type[strings.LastIndex(c.Type, ":")+1:], c.Name))
		if c.Rehearsed != "" {
			t.Errorf("%s: the preview says %s, the update did %s", c.Name, c.Operation, c.Rehearsed)
		}
	}
	slices.Sort(got)
	want = slices.Clone(want)
	slices.Sort(want)
	if want != nil && !slices.Equal(got, want) {
		t.Errorf("the preview announces\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
	for _, note := range plan.Notes {
		t.Error(note)
	}
	for _, refusal := range plan.Refusals {
		t.Errorf("%s: %s", refusal.Name, refusal.Message)
	}
}
