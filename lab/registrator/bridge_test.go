package main

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"
)

const (
	idOne  = "1111111111111111"
	idTwo  = "2222222222222222"
	web8k  = `{"80/tcp":[{"HostIp":"0.0.0.0","HostPort":"8000"}]}`
	unused = `{"80/tcp":null}`
)

// world is a bridge between two fakes.
type world struct {
	*bridge
	docker *fakeDocker
	consul *fakeConsul
	ended  chan error
}

// start lets a bridge run on host "node", and ends it with the test.
func start(t *testing.T, o options, prepare func(w world)) world {
	t.Helper()
	docker, dockerHost := newFakeDocker(t)
	fake, uri := newFakeConsul(t)
	e, err := newEngine(dockerHost)
	if err != nil {
		t.Fatal(err)
	}
	r, err := newConsul(uri)
	if err != nil {
		t.Fatal(err)
	}
	o.ip = "10.20.0.4"
	w := world{
		bridge: &bridge{engine: e, registry: r, options: o, hostname: "node", known: map[string][]service{}},
		docker: docker, consul: fake, ended: make(chan error, 1),
	}
	prepare(w)
	ctx, cancel := context.WithCancel(context.Background())
	finished := make(chan struct{})
	t.Cleanup(func() { cancel(); <-finished })
	go func() { defer close(finished); w.ended <- w.run(ctx) }()
	<-docker.listening
	return w
}

// awaitServices returns when exactly these ids are registered.
func (w world) awaitServices(t *testing.T, ids ...string) {
	t.Helper()
	timeout := time.After(10 * time.Second)
	for !slices.Equal(w.consul.ids(), ids) {
		select {
		case <-w.consul.changed:
		case <-timeout:
			t.Fatalf("registered are %q, want %q", w.consul.ids(), ids)
		}
	}
}

func TestServicesFollowContainers(t *testing.T) {
	w := start(t, options{deregister: "always"}, func(w world) {
		w.docker.set(idOne, &fakeContainer{name: "one", image: "nginx:1.28", ports: web8k, running: true})
		w.docker.set(idTwo, &fakeContainer{name: "closed", image: "redis", ports: unused, running: true})
	})
	w.awaitServices(t, "node:one:80")

	const idThree = "3333333333333333"
	w.docker.set(idThree, &fakeContainer{name: "three", image: "api", env: []string{"SERVICE_NAME=orders", "SERVICE_CHECK_HTTP=/"}, ports: web8k, running: true})
	w.docker.emit("start", idThree)
	w.awaitServices(t, "node:one:80", "node:three:80")
	w.consul.mu.Lock()
	orders := w.consul.services["node:three:80"]
	w.consul.mu.Unlock()
	if orders["Name"] != "orders" || orders["Address"] != "10.20.0.4" || orders["Port"] != 8000.0 || orders["Check"] == nil {
		t.Errorf("registered as %v, want orders at 10.20.0.4:8000 with a check", orders)
	}

	w.docker.set(idOne, nil)
	w.docker.emit("die", idOne)
	w.awaitServices(t, "node:three:80")
}

func TestResyncRestoresWhatTheRegistryLost(t *testing.T) {
	w := start(t, options{deregister: "always", resync: 10 * time.Millisecond}, func(w world) {
		w.docker.set(idOne, &fakeContainer{name: "one", image: "nginx", ports: web8k, running: true})
	})
	w.awaitServices(t, "node:one:80")
	w.consul.clear()
	w.awaitServices(t, "node:one:80")

	w.docker.set(idTwo, &fakeContainer{name: "missed", image: "nginx", ports: web8k, running: true}) // its event got lost
	w.awaitServices(t, "node:missed:80", "node:one:80")
}

func TestCleanupRemovesGhostsOfThisHostOnly(t *testing.T) {
	others := []string{"consul", "node:no-port", "other:gone:80", "sidecar:8080"}
	ghosts := []string{"node:gone:80", "node:gone:53:udp"}
	w := start(t, options{deregister: "always", cleanup: true}, func(w world) {
		w.docker.set(idOne, &fakeContainer{name: "one", image: "nginx", ports: web8k, running: true})
		for _, id := range append(ghosts, others...) {
			w.consul.put(id)
		}
	})
	want := append(slices.Clone(others), "node:one:80")
	slices.Sort(want)
	w.awaitServices(t, want...)
}

func TestWithoutCleanupGhostsStay(t *testing.T) {
	w := start(t, options{deregister: "always"}, func(w world) {
		w.docker.set(idOne, &fakeContainer{name: "one", image: "nginx", ports: web8k, running: true})
		w.consul.put("node:gone:80")
	})
	w.awaitServices(t, "node:gone:80", "node:one:80")
}

func TestOnSuccessKeepsServicesOfFailedContainers(t *testing.T) {
	tests := map[string]struct {
		after *fakeContainer
		kept  bool
	}{
		"exited with 0":   {after: &fakeContainer{exitCode: 0}},
		"failed":          {after: &fakeContainer{exitCode: 1}, kept: true},
		"killed":          {after: &fakeContainer{exitCode: 137}},
		"removed":         {after: nil},
		"restarted since": {after: &fakeContainer{running: true}, kept: true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := start(t, options{deregister: "on-success"}, func(w world) {
				w.docker.set(idOne, &fakeContainer{name: "one", image: "nginx", ports: web8k, running: true})
			})
			w.awaitServices(t, "node:one:80")
			w.docker.set(idOne, test.after)
			w.docker.emit("die", idOne)
			// The next event is handled after this one, so its effect shows that this one's is complete.
			w.docker.set(idTwo, &fakeContainer{name: "two", image: "nginx", ports: web8k, running: true})
			w.docker.emit("start", idTwo)
			if test.kept {
				w.awaitServices(t, "node:one:80", "node:two:80")
			} else {
				w.awaitServices(t, "node:two:80")
			}
		})
	}
}

func TestTokenComesFromTheEnvironment(t *testing.T) {
	t.Setenv("CONSUL_HTTP_TOKEN", "s3cret")
	w := start(t, options{deregister: "always"}, func(w world) {
		w.consul.token = "s3cret"
		w.docker.set(idOne, &fakeContainer{name: "one", image: "nginx", ports: web8k, running: true})
	})
	w.awaitServices(t, "node:one:80")
}

func TestRefusedRegistrationIsTriedAgainAtResync(t *testing.T) {
	w := start(t, options{deregister: "always", resync: 10 * time.Millisecond}, func(w world) {
		w.consul.token = "s3cret" // which the program lacks, until the agent's policy changes
		w.docker.set(idOne, &fakeContainer{name: "one", image: "nginx", ports: web8k, running: true})
	})
	w.consul.mu.Lock()
	w.consul.token = ""
	w.consul.mu.Unlock()
	w.awaitServices(t, "node:one:80")
}

func TestScriptNamesContainerAndExposedPort(t *testing.T) {
	w := start(t, options{deregister: "always"}, func(w world) {
		w.docker.set(idOne, &fakeContainer{name: "one", image: "nginx", env: []string{"SERVICE_CHECK_CMD=/bin/alive"}, ports: web8k, running: true})
	})
	w.awaitServices(t, "node:one:80")
	w.consul.mu.Lock()
	defer w.consul.mu.Unlock()
	check, _ := w.consul.services["node:one:80"]["Check"].(map[string]any)
	if want := "check-cmd " + idOne[:12] + " 80 /bin/alive"; check["Script"] != want {
		t.Errorf("check is %v, want a script %q", check, want)
	}
}

func TestProgramEndsWithTheEventStream(t *testing.T) {
	w := start(t, options{deregister: "always"}, func(world) {})
	close(w.docker.broken)
	if err := <-w.ended; err == nil || !strings.Contains(err.Error(), "event stream of Docker ended") {
		t.Errorf("error is %v, want the end of the event stream", err)
	}
}
