//go:build e2e

package e2e

import (
	"context"
	"crypto/tls"
	"fmt"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/access"
)

// power does to a machine what `docker` does to its container: kill, start or restart.
func (l *lab) power(t *testing.T, action, machine string) {
	t.Helper()
	id := l.stopped(t, machine)
	if output, err := exec.Command("docker", action, id).CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v\n%s", action, machine, err, output)
	}
}

// stopped is the id of a machine's container, which need not run.
func (l *lab) stopped(t *testing.T, machine string) string {
	t.Helper()
	output, err := exec.Command("docker", "ps", "--all", "--filter", "label=azswarm.lab="+l.name, "--filter", "label=azswarm.kind=machine",
		"--filter", "name=-machine-"+machine+"-", "--format", "{{.ID}}").Output()
	if err != nil || len(strings.Fields(string(output))) != 1 {
		t.Fatalf("container of %s: %v %s", machine, err, output)
	}
	return strings.TrimSpace(string(output))
}

// client asks an address again and again, until it is ended.
type client struct {
	stop  chan struct{}
	once  sync.Once
	ended sync.WaitGroup

	mutex    sync.Mutex
	answered int
	failed   map[string]int // by the reason
	last     time.Time      // of an answer
	outage   time.Duration  // the longest without one
}

func startClient(address string, config *tls.Config) *client {
	c := &client{stop: make(chan struct{}), failed: map[string]int{}, last: time.Now()}
	c.ended.Go(func() {
		for {
			select {
			case <-c.stop:
				return
			case <-time.After(100 * time.Millisecond):
			}
			_, err := get(address, config)
			c.mutex.Lock()
			if now := time.Now(); err == nil {
				c.answered++
				c.outage = max(c.outage, now.Sub(c.last))
				c.last = now
			} else {
				reason := err.Error()
				c.failed[reason[strings.LastIndex(reason, ": ")+1:]]++
			}
			c.mutex.Unlock()
		}
	})
	return c
}

// since expects an answer after a point in time.
func (c *client) since(start time.Time) error {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.last.Before(start) {
		return fmt.Errorf("no answer for %s: %v", time.Since(c.last), c.failed)
	}
	return nil
}

func (c *client) end() {
	c.once.Do(func() { close(c.stop) })
	c.ended.Wait()
}

// startTalking has the demo's client fetch the page again and again, and returns what ends that and counts.
func (l *lab) startTalking(t *testing.T) (end func(*testing.T) (talked, silent int)) {
	shared, err := l.pool()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var output string
	var running sync.WaitGroup
	running.Go(func() {
		// It ends with the connection, which nobody else has.
		own := access.NewPool(shared.Outputs())
		defer own.Close()
		output, _ = runOn(ctx, own, "web-1", `while sleep 0.2 && echo; do
			docker exec client_test curl --silent --show-error --fail --max-time 5 http://nginx_test 2>&1 | grep -o -e '<title>.*</title>' -e '^curl.*' || true
		done`)
	})
	return func(t *testing.T) (talked, silent int) {
		cancel()
		running.Wait()
		for line := range strings.Lines(output) {
			switch line = strings.TrimSpace(line); {
			case line == "<title>Welcome to nginx!</title>":
				talked++
			case line != "":
				t.Logf("client_test: %s", line)
				silent++
			}
		}
		return talked, silent
	}
}

// failsOver kills the primary's machine and a Consul server's, while a client asks through the load balancer and the demo's
// containers talk to each other.
func failsOver(t *testing.T) {
	l := classic(t)
	primary, replica := l.primary(t)
	config, endpoint := l.swarmClient(t)
	requests := startClient(endpoint+"/containers/json", config)
	defer requests.end()

	pages := l.startTalking(t)
	l.power(t, "kill", "consul-2")
	l.power(t, "kill", primary)
	start := time.Now()
	// Whether it is the primary itself or a replica: it tells when there is another.
	seen := l.ask(t, replica, api(replica)+`for try in $(seq 600); do
			found=$(timeout 10 bash -c "$(declare -f d); d info" 2>/dev/null | awk '$1 == "Role:" { role = $2 } $1 == "Primary:" { primary = $2 } END { print role, primary }')
			case $found in "replica `+classicManagers[primary]+`:4000" | "replica " | " ") ;; *) break ;; esac
			sleep 0.1
		done; echo "$found"`)
	won := time.Now()
	elected, _ := l.primary(t)
	t.Logf("%s was killed; %.1f s later %s says %q: the primary is %s", primary, won.Sub(start).Seconds(), replica, seen, elected)
	if elected == primary {
		t.Error("the killed manager is the primary still")
	}
	eventually(t, "the Swarm answers through the load balancer", time.Minute, func() error { return requests.since(won) })
	if output := l.ask(t, elected, api(elected)+"d exec client_test curl --silent --show-error --fail http://nginx_test"); !strings.Contains(output, "Welcome to nginx!") {
		t.Errorf("through the new primary the client gets %q", output)
	}
	requests.end()
	talked, silent := pages(t)
	t.Logf("meanwhile, with %s and consul-2 down, client_test fetched nginx_test's page %d times, and failed %d times", primary, talked, silent)
	if talked < 10 || silent > 0 {
		t.Error("containers depend on managers, or on each Consul server")
	}
	t.Logf("through the load balancer meanwhile: %d requests answered, failed %v, longest time without an answer %.1f s",
		requests.answered, requests.failed, requests.outage.Seconds())

	l.power(t, "start", primary)
	l.power(t, "start", "consul-2")
	eventually(t, "the killed machines are back", 2*time.Minute, func() error {
		if roles := l.roles(t); len(roles) != len(classicManagers) || roles[primary] != "replica" {
			return fmt.Errorf("managers: %v", roles)
		}
		if status := l.members(t)["consul-2"]; status != "alive" {
			return fmt.Errorf("consul-2 is %q", status)
		}
		return l.healthy(t, "web-0", "web-1")
	})
}
