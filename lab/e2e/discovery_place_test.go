//go:build e2e

package e2e

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// place is where service discovery is tried: a cluster, whichever its orchestrator, whose workers' engines run containers.
type place struct {
	*lab
	server  string   // a Consul server
	manager string   // a manager
	workers []string // two workers
	overlay string   // an overlay network that containers may join
}

// discoverable returns the shared cluster as a place.
func discoverable(t *testing.T) place {
	t.Helper()
	return place{lab: dev(t), server: "consul-0", manager: "managers-0", workers: []string{"web-0", "web-1"}, overlay: "overlayCottonCandy"}
}

// consulOutput is what the stack tells of its Consul.
type consulOutput struct{ AgentURL, ApplicationToken, ManagementToken string }

func (p place) consul(t *testing.T) consulOutput {
	t.Helper()
	var output consulOutput
	if err := json.Unmarshal(p.query(t, "pulumi", "stack", "output", "consul", "--show-secrets", "--json"), &output); err != nil {
		t.Fatal("the stack's output consul has an unexpected form") // it is secret
	}
	return output
}

// address is a machine's, as services on it are registered.
func (p place) address(t *testing.T, machine string) string {
	t.Helper()
	var nodes []struct{ Name, Address string }
	if err := json.Unmarshal(p.query(t, "pulumi", "stack", "output", "nodes", "--json"), &nodes); err != nil {
		t.Fatal(err)
	}
	for _, node := range nodes {
		if node.Name == machine {
			return node.Address
		}
	}
	t.Fatalf("no node %s among %v", machine, nodes)
	return ""
}

// bringLookup puts the program that asks DNS on the workers, where bringing() finds it.
func (p place) bringLookup(t *testing.T) {
	t.Helper()
	program := filepath.Join(workspace, "lookup")
	build := exec.Command("go", "build", "-o", program, "./lookup")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build lookup: %v\n%s", err, output)
	}
	for _, worker := range p.workers {
		if output, err := exec.Command("docker", "cp", program, p.container(t, worker)+":/usr/local/bin/e2e-lookup").CombinedOutput(); err != nil {
			t.Fatalf("copy lookup to %s: %v\n%s", worker, err, output)
		}
	}
}

// bringing are the options of a container that can run the program that asks DNS, as /lookup.
const bringing = "--volume /usr/local/bin/e2e-lookup:/lookup:ro"

// app is a container of a web server, or of another command in its image.
type app struct{ name, options, command string }

// start runs containers on a worker until the test ends.
func (p place) start(t *testing.T, worker string, apps ...app) {
	t.Helper()
	var script strings.Builder
	for _, a := range apps {
		p.removeAtEnd(t, worker, a.name)
		fmt.Fprintf(&script, "docker run --detach --name e2e-%s %s nginx:1.28 %s >/dev/null\n", a.name, a.options, a.command)
	}
	p.ask(t, worker, script.String())
}

// removeAtEnd removes a container of the test, if it is there, when the test ends.
func (p place) removeAtEnd(t *testing.T, worker, name string) {
	t.Helper()
	t.Cleanup(func() {
		if _, err := p.on(context.Background(), worker, "docker rm --force --volumes e2e-"+name+" >/dev/null 2>&1 || true"); err != nil {
			t.Error(err)
		}
	})
}

// startAsker runs a container on a worker from which DNS is asked.
func (p place) startAsker(t *testing.T, worker string) {
	t.Helper()
	p.start(t, worker, app{"asker", bringing, "sleep infinity"})
}

// lookup asks DNS from within the asker, and logs the answers.
func (p place) lookup(t *testing.T, worker, arguments string) string {
	t.Helper()
	return p.lookupAfter(t, worker, "", arguments)
}

// lookupAfter is lookup as soon as a command has been run on the asker's worker.
func (p place) lookupAfter(t *testing.T, worker, command, arguments string) string {
	t.Helper()
	answers := p.ask(t, worker, command+"\ndocker exec e2e-asker /lookup "+arguments)
	t.Logf("%s: in a container on %s: %s", cmp.Or(command, "now"), worker, answers)
	return answers
}

// answers reads lines of questions and answers, logs them, and expects each that is wanted.
func expectAnswers(t *testing.T, where, output string, want map[string]string) {
	t.Helper()
	t.Logf("%s:\n%s", where, output)
	got := map[string]string{}
	for line := range strings.Lines(output) {
		question, answer, _ := strings.Cut(strings.TrimSpace(line), " = ")
		got[question] = answer
	}
	for question, answer := range want {
		if got[question] != answer {
			t.Errorf("%s: %s = %q, want %q", where, question, got[question], answer)
		}
	}
}
