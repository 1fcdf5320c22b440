//go:build e2e

package e2e

import (
	"fmt"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// Machines of the cluster that tests break.
var (
	faultConsul   = []string{"consul-0", "consul-1", "consul-2"}
	faultManagers = []string{"managers-0", "managers-1", "managers-2"}
	faultWorkers  = []string{"web-0", "web-1", "web-2"}
)

// breakable is the cluster that tests break; nil while there is none.
var breakable *lab

// faultLab returns a running cluster with a machine of each tier in each of three fault domains, and a service with a container
// on each worker.
func faultLab(t *testing.T) *lab {
	t.Helper()
	if breakable != nil {
		return breakable
	}
	l := &lab{name: "e2e-faults", stack: "dev"}
	l.configure(t, `pulumi config set azswarm:network 10.80.0.0/16
		pulumi config set --path azswarm:managers.count 3
		pulumi config set --path 'azswarm:workers[0].count' 3
		pulumi config set azswarm:demo false`)
	l.up(t)
	// Without virtual IPs, which not every kernel has.
	l.ask(t, "managers-0", `docker service create --quiet --name site --replicas 3 --endpoint-mode dnsrr --constraint node.role==worker nginx:1.28 >/dev/null`)
	l.ask(t, "consul-0", consulPut("before"))
	breakable = l
	return l
}

// consulPut writes a key on a Consul server, and consulGet reads it, as the leader has it.
func consulPut(key string) string {
	return fmt.Sprintf("curl --silent --show-error --fail --max-time 5 --header @/etc/azswarm/consul.header --request PUT --data written http://127.0.0.1:8500/v1/kv/test/%s", key)
}

func consulGet(key string) string {
	return fmt.Sprintf("curl --silent --show-error --fail --max-time 5 --header @/etc/azswarm/consul.header 'http://127.0.0.1:8500/v1/kv/test/%s?raw&consistent'", key)
}

// runningTasks lists the nodes on which containers of the service run that shall run, one for each container.
const runningTasks = `docker service ps --filter desired-state=running --format '{{.Node}} {{.CurrentState}}' site | awk '$2 == "Running" { print $1 }'`

// swarmID prints which Swarm a manager is in.
const swarmID = `docker info --format '{{.Swarm.Cluster.ID}}'`

// inDomain lists the machines of a lab in a fault domain, by host name.
func (l *lab) inDomain(t *testing.T, domain string) []string {
	t.Helper()
	output, err := exec.Command("docker", "ps", "--all", "--filter", "label=azswarm.lab="+l.name, "--filter", "label=azswarm.domain="+domain,
		"--format", `{{.Label "azswarm.id"}}`).Output()
	if err != nil {
		t.Fatalf("list the machines of fault domain %s: %v", domain, err)
	}
	var names []string
	for id := range strings.FieldsSeq(string(output)) {
		names = append(names, id[strings.LastIndex(id, "/")+1:])
	}
	slices.Sort(names)
	return names
}

// losesFaultDomain takes the power from the fault domain of the Swarm's leader, and expects the rest to do the work of all.
func losesFaultDomain(t *testing.T) {
	l := faultLab(t)
	leader := l.ask(t, "managers-0", `docker node ls --format '{{.Hostname}} {{.ManagerStatus}}' | awk '$2 == "Leader" { print $1 }'`)
	domain, lost := "", []string(nil)
	for _, number := range []string{"0", "1", "2"} {
		in := l.inDomain(t, number)
		if tiers := strings.Join(in, " "); !regexp.MustCompile(`^consul-\d managers-\d web-\d$`).MatchString(tiers) {
			t.Fatalf("fault domain %s has %v, want one machine of each tier", number, in)
		}
		if slices.Contains(in, leader) {
			domain, lost = number, in
		}
	}
	first := func(tier []string) string {
		return tier[slices.IndexFunc(tier, func(name string) bool { return !slices.Contains(lost, name) })]
	}
	server, manager := first(faultConsul), first(faultManagers)
	worker := lost[2]

	start := time.Now()
	since := func(what string) { t.Logf("%5.1f s after the loss of %v: %s", time.Since(start).Seconds(), lost, what) }
	l.run(t, "fault", "domain", domain)
	since("the fault domain has no power")
	eventually(t, "Consul serves writes", time.Minute, func() error {
		_, err := l.on(t.Context(), server, consulPut("during"))
		return err
	})
	if got := l.ask(t, server, consulGet("before")); got != "written" {
		t.Errorf("a key written before is %q", got)
	}
	since("Consul serves writes")
	eventually(t, "the Swarm has a leader", time.Minute, func() error {
		got, err := l.on(t.Context(), manager, `docker node ls --format '{{.Hostname}} {{.ManagerStatus}}' | awk '$2 == "Leader" { print $1 }'`)
		if err == nil && (got == "" || got == leader) {
			err = fmt.Errorf("leader: %q", got)
		}
		return err
	})
	since("the Swarm has another leader")
	eventually(t, "the worker's containers run elsewhere", 2*time.Minute, func() error {
		nodes, err := l.on(t.Context(), manager, runningTasks)
		if err == nil && (len(strings.Fields(nodes)) != 3 || slices.Contains(strings.Fields(nodes), worker)) {
			err = fmt.Errorf("containers run on %v", strings.Fields(nodes))
		}
		return err
	})
	since("the containers of " + worker + " run elsewhere")
	l.ask(t, manager, `timeout 120 docker service update --quiet --replicas 4 site >/dev/null`)
	since("a service has been updated")

	// Nothing but healing brings the power back.
	output := l.run(t, "up", "--skip-proof")
	for _, want := range []string{"broken on purpose, until `lab heal`: domain/" + domain, "nothing had to change"} {
		if !strings.Contains(output, want) {
			t.Errorf("lab up with a failed fault domain doesn't say %q\n%s", want, tail(output))
		}
	}
	if got, want := len(l.machines(t)), 7; got != want {
		t.Errorf("%d machines run after lab up, want %d: a fault is to hold", got, want)
	}

	start = time.Now()
	if output := l.run(t, "heal", "--all"); !strings.Contains(output, "healed domain/"+domain) {
		t.Errorf("lab heal doesn't say what it healed\n%s", output)
	}
	eventually(t, "all are members again", 3*time.Minute, func() error { return l.complete(t, server, manager) })
	t.Logf("%5.1f s after the power is back: all are members again", time.Since(start).Seconds())
	for _, key := range []string{"before", "during"} {
		if got := l.ask(t, lost[0], consulGet(key)); got != "written" {
			t.Errorf("%s has %q under the key %s", lost[0], got, key)
		}
	}
	l.expectCluster(t, faultConsul, faultManagers, faultWorkers)
	if output := l.up(t); !strings.Contains(output, "nothing had to change") {
		t.Errorf("an update after healing finds something to change\n%s", tail(output))
	}
}

// complete tells what is missing until all servers are voters, all managers reachable, and all nodes ready.
func (l *lab) complete(t *testing.T, server, manager string) error {
	alive, err := l.on(t.Context(), server, `docker exec consul consul members | awk '$3 == "alive"' | wc -l
		curl --silent --max-time 5 --header @/etc/azswarm/consul.header http://127.0.0.1:8500/v1/operator/autopilot/health |
			jq '[.Servers[] | select(.Healthy and .Voter)] | length'`)
	if err == nil && strings.Join(strings.Fields(alive), " ") != "9 3" {
		err = fmt.Errorf("Consul members alive and voters: %s", alive)
	}
	if err != nil {
		return err
	}
	nodes, err := l.on(t.Context(), manager, `docker node ls --format '{{.Status}} {{.ManagerStatus}}'`)
	if err == nil && (strings.Count(nodes, "Ready") != 6 || strings.Count(nodes, "Reachable") != 2 || strings.Count(nodes, "Leader") != 1) {
		err = fmt.Errorf("Swarm nodes: %q", nodes)
	}
	return err
}

// cutsSubnets keeps workers and Consul's servers apart, and heals that.
func cutsSubnets(t *testing.T) {
	l := faultLab(t)
	const leader = `curl --silent --max-time 5 http://127.0.0.1:8500/v1/status/leader`
	asked := func(machine string) string {
		answer, err := l.on(t.Context(), machine, leader)
		return fmt.Sprint(answer, err)
	}
	l.run(t, "fault", "cut", "workers", "consul")
	start := time.Now()
	eventually(t, "a worker's agent reaches no server", time.Minute, func() error {
		if answer := asked("web-0"); strings.Contains(answer, ":8300") {
			return fmt.Errorf("it answers %s", answer)
		}
		return nil
	})
	t.Logf("%5.1f s after the cut: a worker's agent reaches no server", time.Since(start).Seconds())
	if answer := asked("managers-0"); !strings.Contains(answer, ":8300") {
		t.Errorf("the agent of managers-0, which is not cut off, answers %s", answer)
	}
	if output := l.run(t, "status"); !strings.Contains(output, "cut/consul/workers") {
		t.Errorf("lab status doesn't show the fault\n%s", output)
	}
	if output := l.run(t, "heal", "cut/consul/workers"); !strings.Contains(output, "healed cut/consul/workers") {
		t.Errorf("lab heal doesn't say what it healed\n%s", output)
	}
	start = time.Now()
	eventually(t, "the worker's agent reaches a server again", time.Minute, func() error {
		if answer := asked("web-0"); !strings.Contains(answer, ":8300") {
			return fmt.Errorf("it answers %s", answer)
		}
		return nil
	})
	t.Logf("%5.1f s after it healed: the worker's agent reaches a server again", time.Since(start).Seconds())
	eventually(t, "all are members again", time.Minute, func() error { return l.complete(t, "consul-0", "managers-0") })
}
