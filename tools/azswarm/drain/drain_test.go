package drain

import (
	"context"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/access"
	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/access/accesstest"
)

// docker is a Swarm whose worker web-0 has two tasks of site, one of which starts elsewhere at the third look; another service is of no
// matter. With "slow" it never does, with "stuck" no other node may run it, and with "down" the worker doesn't answer.
const docker = `#!/bin/sh
here=${0%/*}
echo "$*" >>"$here/calls"
looks=$(grep --count '^service ls' "$here/calls")
case "$*" in
"node update"*) ;;
"node inspect"*) if [ -e "$here/down" ]; then echo down; else echo ready; fi ;;
"node ps --filter"*) printf 'site.1\nsite.2\nagent.x7k2\n' ;;
"node ps"*) if [ -e "$here/down" ] || [ "$looks" -lt 1 ]; then echo 'site.1 Running 3 minutes ago'; fi; echo 'site.2 Shutdown 1 second ago' ;;
"service ls"*) echo 'other 0/1'; if [ "$looks" -lt 3 ] || [ -e "$here/slow" ] || [ -e "$here/stuck" ]; then echo 'site 3/4 (max 2 per node)'; else echo 'site 4/4'; fi ;;
"service ps"*site)
	echo 'site.1|Running 3 minutes ago|'
	if [ -e "$here/stuck" ]; then echo 'site.2|Pending 2 seconds ago|"no suitable node (scheduling…)"'
	elif [ "$looks" -gt 1 ] || [ -e "$here/slow" ]; then echo 'site.2|Preparing 2 seconds ago|'; fi ;;
*) exit 9 ;;
esac
`

// swarm is a network whose managers have that docker, and web-0 beside them. The first manager never answers as it should.
func swarm(t *testing.T, state ...string) (*access.Client, access.Outputs, string) {
	t.Helper()
	bin := t.TempDir()
	if err := os.WriteFile(filepath.Join(bin, "docker"), []byte(docker), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(bin, "sudo"), []byte("#!/bin/sh\nexec \"$@\"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range state {
		if err := os.WriteFile(filepath.Join(bin, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	network := accesstest.New(t, func(ctx context.Context, node, command string, _ io.Reader, stdout, stderr io.Writer) int {
		if node == "managers-0" {
			_, _ = io.WriteString(stderr, "no quorum")
			return 1
		}
		c := exec.CommandContext(ctx, "bash", "-c", command)
		c.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"))
		c.Stdout, c.Stderr = stdout, stderr
		_ = c.Run()
		return c.ProcessState.ExitCode()
	},
		accesstest.Node("azswarm-bastion", access.TierBastion, "10.20.0.4"), accesstest.Node("managers-0", access.TierManagers, "10.20.2.4"),
		accesstest.Node("managers-1", access.TierManagers, "10.20.2.5"), accesstest.Node("web-0", access.TierWorkers, "10.20.128.4"))
	client, err := access.Dial(t.Context(), network.Outputs)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return client, network.Outputs, bin
}

func worker(t *testing.T, outputs access.Outputs) access.Node {
	t.Helper()
	workers, err := Workers(outputs, []string{"web-0"})
	if err != nil {
		t.Fatal(err)
	}
	return workers[0]
}

func TestBeginWaitsUntilTheWorkRunsElsewhere(t *testing.T) {
	client, outputs, bin := swarm(t)
	var progress strings.Builder
	if err := Begin(t.Context(), client, outputs, worker(t, outputs), time.Minute, &progress); err != nil {
		t.Fatal(err)
	}
	const want = "web-0: still there: site.1; not yet elsewhere: the next of site\nweb-0: not yet elsewhere: site.2\n" +
		"web-0: drained, nothing of the Swarm runs there\n"
	if progress.String() != want {
		t.Errorf("said\n%s\nwant\n%s", &progress, want)
	}
	calls, err := os.ReadFile(filepath.Join(bin, "calls"))
	if err != nil || strings.Count(string(calls), "node update --availability drain web-0\n") != 1 {
		t.Errorf("%v, docker was called with\n%s", err, calls)
	}
}

func TestBeginSaysWhatIsLeft(t *testing.T) {
	client, outputs, _ := swarm(t, "slow")
	var progress strings.Builder
	err := Begin(t.Context(), client, outputs, worker(t, outputs), time.Second, &progress)
	if err == nil || !strings.Contains(err.Error(), "web-0 is drained, but not all its work runs elsewhere after 1s") {
		t.Errorf("%v", err)
	}
	if !strings.HasSuffix(progress.String(), "not yet elsewhere: site.2\n") {
		t.Errorf("said\n%s", &progress)
	}
}

func TestBeginSaysWhatNoOtherMayRun(t *testing.T) {
	client, outputs, _ := swarm(t, "stuck")
	var progress strings.Builder
	if err := Begin(t.Context(), client, outputs, worker(t, outputs), time.Minute, &progress); err != nil {
		t.Fatal(err)
	}
	const want = `web-0: drained, nothing of the Swarm runs there; what no other node may run waits for it: site.2 ("no suitable node (scheduling…)")` + "\n"
	if !strings.HasSuffix(progress.String(), want) {
		t.Errorf("said\n%s\nwant\n%s", &progress, want)
	}
}

func TestBeginDoesNotWaitForAWorkerThatIsDown(t *testing.T) {
	client, outputs, _ := swarm(t, "down")
	var progress strings.Builder
	if err := Begin(t.Context(), client, outputs, worker(t, outputs), time.Minute, &progress); err != nil || strings.Contains(progress.String(), "still there") {
		t.Errorf("%v, said\n%s", err, &progress)
	}
}

func TestEndLetsItHaveWork(t *testing.T) {
	client, outputs, bin := swarm(t)
	if err := End(t.Context(), client, outputs, worker(t, outputs), io.Discard); err != nil {
		t.Fatal(err)
	}
	if calls, err := os.ReadFile(filepath.Join(bin, "calls")); err != nil || string(calls) != "node update --availability active web-0\n" {
		t.Errorf("%v, docker was called with\n%s", err, calls)
	}
}

func TestNoManagerAnswers(t *testing.T) {
	client, outputs, bin := swarm(t)
	if err := os.Remove(filepath.Join(bin, "docker")); err != nil {
		t.Fatal(err)
	}
	err := End(t.Context(), client, outputs, worker(t, outputs), io.Discard)
	for _, want := range []string{"on managers-0", "no quorum", "on managers-1"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

func TestWorkersRefusesAllThatAreNone(t *testing.T) {
	outputs := access.Outputs{Nodes: []access.Node{
		{Name: "web-0", Tier: access.TierWorkers, Address: netip.MustParseAddr("10.20.128.4")}, {Name: "consul-0", Tier: access.TierConsul, Address: netip.MustParseAddr("10.20.1.4")},
	}}
	_, err := Workers(outputs, []string{"web-0", "consul-0", "web-7"})
	for _, want := range []string{`node "consul-0" is no worker (tier consul)`, `no node "web-7"`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	outputs.Orchestrator = access.Classic
	if _, err := Workers(outputs, []string{"web-0"}); err == nil || !strings.Contains(err.Error(), "standalone Swarm can't drain") {
		t.Errorf("%v", err)
	}
}
