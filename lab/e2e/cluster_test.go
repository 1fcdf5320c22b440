//go:build e2e

package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
	"time"
)

// The cluster that tests share; nil while there is none.
var shared *lab

// dev returns the running cluster of the unchanged stack "dev".
func dev(t *testing.T) *lab {
	t.Helper()
	if shared == nil {
		l := newDev(t)
		l.up(t)
		shared = l
	}
	return shared
}

// newDev is a lab for the stack "dev", with nothing in it yet.
func newDev(t *testing.T) *lab {
	t.Helper()
	return &lab{name: "e2e-dev", stack: "dev"}
}

// up brings the cluster up and expects every proof.
func (l *lab) up(t *testing.T) string {
	t.Helper()
	output := l.run(t, "up")
	for _, proof := range []string{"ok      Consul members", "ok      Swarm nodes", "ok      Services registered by Registrator"} {
		if !strings.Contains(output, proof) {
			t.Errorf("lab up doesn't say %q\n%s", proof, tail(output))
		}
	}
	return output
}

// machines lists the machines that run, by host name.
func (l *lab) machines(t *testing.T) []string {
	t.Helper()
	output, err := exec.Command("docker", "ps", "--filter", "label=azswarm.lab="+l.name, "--filter", "label=azswarm.kind=machine",
		"--format", `{{.Label "azswarm.id"}}`).Output()
	if err != nil {
		t.Fatalf("list machines: %v", err)
	}
	var names []string
	for id := range strings.FieldsSeq(string(output)) {
		names = append(names, path.Base(id))
	}
	slices.Sort(names)
	return names
}

// container is the id of a machine's container.
func (l *lab) container(t *testing.T, machine string) string {
	t.Helper()
	output, err := exec.Command("docker", "ps", "--filter", "label=azswarm.lab="+l.name, "--filter", "label=azswarm.kind=machine",
		"--filter", "name=-machine-"+machine+"-", "--format", "{{.ID}}").Output()
	if err != nil || len(bytes.Fields(output)) != 1 {
		t.Fatalf("container of %s: %v %s", machine, err, output)
	}
	return strings.TrimSpace(string(output))
}

// swarmNode is a node as a manager sees it.
type swarmNode struct {
	Spec struct {
		Role, Availability string
		Labels             map[string]string
	}
	Description struct{ Hostname string }
	Status      struct{ State string }
}

// swarm lists the nodes of the Swarm by host name; one that is there twice is an error.
func (l *lab) swarm(t *testing.T) map[string]swarmNode {
	t.Helper()
	var list []swarmNode
	output := l.ask(t, "managers-0", "docker node inspect $(docker node ls -q)")
	if err := json.Unmarshal([]byte(output), &list); err != nil {
		t.Fatalf("read the Swarm's nodes: %v", err)
	}
	nodes := map[string]swarmNode{}
	for _, node := range list {
		if _, twice := nodes[node.Description.Hostname]; twice {
			t.Errorf("the Swarm has two nodes %s", node.Description.Hostname)
		}
		nodes[node.Description.Hostname] = node
	}
	return nodes
}

// members lists Consul's members by name, with their status.
func (l *lab) members(t *testing.T) map[string]string {
	t.Helper()
	members := map[string]string{}
	for line := range strings.Lines(l.ask(t, "consul-0", "docker exec consul consul members | tail -n +2")) {
		fields := strings.Fields(line)
		if len(fields) < 3 {
			t.Fatalf("consul members says %q", line)
		}
		members[fields[0]] = fields[2]
	}
	return members
}

// lose deletes machines behind Pulumi's back, with all that is on them, and has Pulumi find that out.
func (l *lab) lose(t *testing.T, machines ...string) {
	t.Helper()
	if output, err := exec.Command("docker", append([]string{"rm", "--force", "--volumes"}, l.containersOf(t, machines...)...)...).CombinedOutput(); err != nil {
		t.Fatalf("lose %v: %v\n%s", machines, err, output)
	}
	if output := l.pulumi(t, "refresh", "--yes", "--skip-preview", "--non-interactive"); !strings.Contains(output, fmt.Sprintf("%d deleted", len(machines))) {
		t.Errorf("refresh doesn't find that %v are gone\n%s", machines, tail(output))
	}
}

// expectCluster expects these machines in the Swarm and in Consul, in order, and no others.
func (l *lab) expectCluster(t *testing.T, consul, managers, workers []string) {
	t.Helper()
	want := slices.Concat([]string{"azswarm-bastion"}, consul, managers, workers)
	slices.Sort(want)
	if got := l.machines(t); !slices.Equal(got, want) {
		t.Errorf("machines: %v, want %v", got, want)
	}
	// Gossip takes a while to agree: of a replaced member, a server may first hear what is said of the one before.
	eventually(t, "Consul has these members", 2*time.Minute, func() error {
		return expectAll(l.members(t), slices.Concat(consul, managers, workers), func(status string) bool { return status == "alive" })
	})
	if err := expectAll(l.swarm(t), slices.Concat(managers, workers), func(n swarmNode) bool { return n.Status.State == "ready" }); err != nil {
		t.Errorf("Swarm nodes: %v", err)
	}
}

func expectAll[V any](got map[string]V, want []string, good func(V) bool) error {
	for _, name := range want {
		if value, found := got[name]; !found || !good(value) {
			return fmt.Errorf("%s: %+v (found: %v)", name, value, found)
		}
	}
	for name, value := range got {
		if !slices.Contains(want, name) {
			return fmt.Errorf("%s is still there: %+v", name, value)
		}
	}
	return nil
}
