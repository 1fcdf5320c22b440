//go:build e2e

package e2e

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/diagnose/archivetest"
	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/status"
)

// servesOperators expects of the operators' program what it says it does, on a cluster in which all is well, and on one without a worker.
func servesOperators(t *testing.T) {
	l := dev(t)
	if report, code := l.status(t); code != 0 || len(report.Problems) > 0 || len(report.Machines) != 7 || len(report.Certificates) == 0 || len(report.Services) == 0 {
		t.Errorf("status of a cluster that works: exit code %d, %+v", code, report)
	}
	for _, machine := range []string{"bastion", "consul-0", "web-1"} {
		if got := strings.TrimSpace(string(l.query(t, "azswarm", "ssh", machine, "hostname"))); !strings.HasSuffix(got, machine) {
			t.Errorf("azswarm ssh %s is on %q", machine, got)
		}
	}
	if got := string(l.query(t, "azswarm", "consul", "operator", "raft", "list-peers")); strings.Count(got, "true") != 3 {
		t.Errorf("azswarm consul operator raft list-peers: want three voters\n%s", got)
	}
	if _, err := exec.LookPath("docker"); err == nil {
		if got := string(l.query(t, "azswarm", "docker", "node", "ls", "--format", "{{.Hostname}}")); len(strings.Fields(got)) != 3 {
			t.Errorf("azswarm docker node ls: want three nodes\n%s", got)
		}
	}
	l.diagnosesWithoutSecrets(t)
	l.drains(t, "web-1", "web-0")

	l.breaks(t, "freeze", "web-1")
	l.awaitStatus(t, "a frozen worker", func(report status.Report, code int) bool {
		said := map[string]bool{}
		for _, problem := range report.Problems {
			said[problem.Where+" "+strings.SplitN(problem.What, ",", 2)[0]] = true
		}
		return code == 3 && said["web-1 to the Swarm"] && said["web-1 to Consul"]
	})
	l.run(t, "heal", "--all")
	l.awaitStatus(t, "all healed", wellAgain)
}

// drains takes a worker's work to another, and gives it back.
func (l *lab) drains(t *testing.T, worker, other string) {
	t.Helper()
	const running = `docker node ps --format '{{.Name}} {{.CurrentState}}' %s | awk '$2 == "Running"' | wc -l`
	count := func(node string) string { return l.ask(t, "managers-0", fmt.Sprintf(running, node)) }
	l.ask(t, "managers-0", `docker service create --quiet --detach=false --name spread --network host --replicas 4 --entrypoint sleep "$(docker service ls --quiet | head -1 |
		xargs docker service inspect --format '{{.Spec.TaskTemplate.ContainerSpec.Image}}')" infinity >/dev/null`)
	if count(worker) == "0" {
		t.Errorf("nothing runs on %s: draining it proves nothing", worker)
	}
	said := string(l.query(t, "azswarm", "drain", "--yes", worker))
	if !strings.Contains(said, worker+": drained, nothing of the Swarm runs there") || count(worker) != "0" {
		t.Errorf("azswarm drain %s leaves %s tasks there\n%s", worker, count(worker), said)
	}
	// The demo's containers are for one worker each.
	if !strings.Contains(said, "what no other node may run waits for it: ") {
		t.Errorf("azswarm drain %s doesn't say that the demo waits for it\n%s", worker, said)
	}
	if got := l.ask(t, "managers-0", `docker service ls --filter name=spread --format '{{.Replicas}}'`); got != "4/4" {
		t.Errorf("drained to %s, the service has %s replicas", other, got)
	}
	l.query(t, "azswarm", "drain", "--undo", worker)
	l.ask(t, "managers-0", `docker service rm spread >/dev/null`)
	if got := l.ask(t, "managers-0", `docker node inspect --format '{{.Spec.Availability}}' `+worker); got != "active" {
		t.Errorf("%s is %s afterwards", worker, got)
	}
}

// breaks makes a fault that ends with the test at the latest: others come after it.
func (l *lab) breaks(t *testing.T, fault ...string) {
	t.Helper()
	t.Cleanup(func() {
		if _, output, err := l.try(t, "heal", "--all"); err != nil {
			t.Errorf("lab heal --all: %v\n%s", err, output)
		}
	})
	l.run(t, "fault", fault...)
}

func wellAgain(_ status.Report, code int) bool { return code == 0 }

// awaitStatus asks until the answer is as expected: the Swarm and Consul take their time to miss a node, and to have it back.
func (l *lab) awaitStatus(t *testing.T, what string, expected func(status.Report, int) bool) {
	t.Helper()
	deadline := time.Now().Add(5 * time.Minute)
	for {
		report, code := l.status(t)
		if expected(report, code) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("status with %s: exit code %d, %+v", what, code, report.Problems)
		}
	}
}

// status asks for the cluster's, as JSON.
func (l *lab) status(t *testing.T) (status.Report, int) {
	t.Helper()
	c := l.exec("exec", "--", "azswarm", "status", "--json", "--timeout", "60s")
	var stderr bytes.Buffer
	c.Stderr = &stderr
	output, err := c.Output()
	code := 0
	if exit := new(exec.ExitError); errors.As(err, &exit) {
		code = exit.ExitCode()
	}
	var report status.Report
	if err := json.Unmarshal(output, &report); err != nil {
		t.Fatalf("azswarm status --json: exit code %d, %v\n%s%s", code, err, output, stderr.String())
	}
	return report, code
}

// diagnosesWithoutSecrets expects the archive to have much of every machine, and no secret.
func (l *lab) diagnosesWithoutSecrets(t *testing.T) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "diagnose.tar.gz")
	said := l.query(t, "azswarm", "diagnose", "--output", path)
	if !bytes.Contains(said, []byte("finds nothing wrong")) {
		t.Errorf("azswarm diagnose of a cluster that works:\n%s", said)
	}
	_, files := archivetest.Read(t, path)
	secrets := l.secrets(t)
	for name, text := range files {
		for _, what := range search(secrets, []byte(text)) {
			t.Errorf("%s of the archive has %s in it", name, what)
		}
	}
	for _, name := range []string{"status.txt", "outputs.json", "machines/consul-0/consul.txt", "machines/managers-0/swarm.txt", "machines/web-1/container-registrator.txt", "machines/web-0/cloud-init.txt", "machines/web-0/nft.txt"} {
		if size := len(files[name]); size < 100 {
			t.Errorf("%s of the archive has %d bytes", name, size)
		}
	}
}
