//go:build e2e

package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"
)

const (
	// settleTimeout bounds the wait for a load balancer to notice: it probes every 5 seconds.
	settleTimeout = time.Minute
	// streak is how many new connections in a row tell who answers: with three machines, one would be missed once in a million.
	streak = 40
)

// hidesAPIs asks the APIs of Docker and Consul without credentials, from where none may answer.
func hidesAPIs(t *testing.T) {
	l := prod(t)
	var addresses []string
	for _, machine := range l.machines(t) {
		addresses = append(addresses, l.address(t, l.container(t, machine)).String())
	}
	public := l.publicAddresses(t)
	urls := func(addresses []string) string {
		var urls []string
		for _, address := range addresses {
			for _, port := range []int{2375, 2376, 2377, 4000, 8300, 8301, 8302, 8500, 8501, 8502, 8503, 8600} {
				for _, scheme := range []string{"http", "https"} {
					for _, page := range []string{"/version", "/v1/agent/self"} {
						urls = append(urls, fmt.Sprintf("%s://%s:%d%s", scheme, address, port, page))
					}
				}
			}
		}
		text, _ := json.Marshal(urls)
		return string(text)
	}
	bastion, worker := l.container(t, "azswarm-bastion"), l.container(t, "web-0")
	probe := installProbe(t, bastion, worker)
	all := slices.Concat(addresses, public)
	for _, from := range []struct {
		what string
		ask  func() (string, error)
	}{
		{"the bastion", func() (string, error) { return inContainer(bastion, urls(all), "probe", "ask") }},
		{"a worker", func() (string, error) { return inContainer(worker, urls(all), "probe", "ask") }},
		{"an operator's machine", func() (string, error) { return onHost(urls(public), probe, "ask") }},
	} {
		output, err := from.ask()
		if err != nil {
			t.Fatal(err)
		}
		var answers map[string]string
		if err := json.Unmarshal([]byte(output), &answers); err != nil {
			t.Fatalf("what the probe says: %v", err)
		}
		for url, status := range answers {
			// Docker answers plain HTTP on a TLS port with an explanation.
			if status != "400 Bad Request" || !strings.HasPrefix(url, "http:") {
				t.Errorf("%s asks %s: %s; want no answer", from.what, url, status)
			}
		}
	}
}

// balances has the load balancers lose machines and get them back, while clients go on.
func balances(t *testing.T) {
	l := prod(t)
	workers := []string{"web-0", "web-1", "web-2"}
	for _, worker := range workers {
		l.ask(t, worker, `docker run --detach --name balanced --publish 80:80 --entrypoint sh nginx:1.28 -c \
			'echo `+worker+` >/usr/share/nginx/html/index.html; exec nginx -g "daemon off;"'`)
		t.Cleanup(func() { // when the test's own context has ended
			if _, err := l.on(context.Background(), worker, "docker rm --force balanced"); err != nil {
				t.Error(err)
			}
		})
	}
	var addresses map[string]string
	if err := json.Unmarshal(l.query(t, "pulumi", "stack", "output", "poolAddresses", "--json"), &addresses); err != nil {
		t.Fatal(err)
	}
	page := func() (string, error) {
		body, err := get("http://"+addresses["web"]+"/", nil)
		return strings.TrimSpace(body), err
	}
	awaitAnswers(t, "all workers serve", page, workers...)
	l.ask(t, "web-1", "docker stop --time 0 balanced")
	awaitAnswers(t, "web-1's server has stopped", page, "web-0", "web-2")
	l.ask(t, "web-1", "docker start balanced")
	awaitAnswers(t, "web-1's server is back", page, workers...)

	info := l.swarmInfo(t)
	awaitAnswers(t, "all managers serve the API", info, "managers-0", "managers-1", "managers-2")
	l.ask(t, "managers-2", "systemctl stop docker.socket docker.service")
	t.Cleanup(func() { _, _ = l.on(context.Background(), "managers-2", "systemctl start docker.service") })
	awaitAnswers(t, "the engine of managers-2 has stopped", info, "managers-0", "managers-1")
	l.ask(t, "managers-2", "systemctl start docker.socket docker.service")
	awaitAnswers(t, "the engine of managers-2 is back", info, "managers-0", "managers-1", "managers-2")
}

// swarmInfo asks, through the load balancer, for the name of the manager that answers.
func (l *lab) swarmInfo(t *testing.T) func() (string, error) {
	t.Helper()
	client, endpoint := l.swarmClient(t)
	return func() (string, error) {
		body, err := get(endpoint+"/info", client)
		if err != nil {
			return "", err
		}
		var info struct{ Name string }
		return info.Name, json.Unmarshal([]byte(body), &info)
	}
}

// awaitAnswers waits until a streak of new connections is answered, without a failure, by exactly these machines.
func awaitAnswers(t *testing.T, when string, ask func() (string, error), machines ...string) {
	t.Helper()
	start, failures := time.Now(), 0
	for {
		seen := map[string]bool{}
		var failure error
		for i := 0; i < streak && failure == nil; i++ {
			var name string
			name, failure = ask()
			seen[name] = true
		}
		got := slices.Sorted(maps.Keys(seen))
		if failure == nil && slices.Equal(got, machines) {
			t.Logf("%s: %d answers in a row from %s after %.1f s, %d failures before", when, streak, strings.Join(got, ", "), time.Since(start).Seconds(), failures)
			return
		}
		if failure != nil {
			failures++
		}
		if time.Since(start) > settleTimeout {
			t.Fatalf("%s: answers come from %v (%v), want %v", when, got, failure, machines)
		}
	}
}

// publicAddresses are the lab's addresses on the internet.
func (l *lab) publicAddresses(t *testing.T) []string {
	t.Helper()
	var addresses []string
	for _, r := range l.state(t).Deployment.Resources {
		if strings.Contains(r.ID, "/publicIPAddresses/") {
			address, _ := r.Outputs["ipAddress"].(string)
			if _, err := netip.ParseAddr(address); err != nil {
				t.Fatalf("%s has the address %q", r.URN, address)
			}
			addresses = append(addresses, address)
		}
	}
	return addresses
}
