package docker

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	containers "github.com/docker/docker/api/types/container"
	networks "github.com/docker/docker/api/types/network"
	"github.com/docker/docker/api/types/swarm"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// fakeDocker is as much of a Docker 20.10 API, with Swarm, as the provider uses.
type fakeDocker struct {
	mu         sync.Mutex
	nextID     string // id of what is made next; "" makes one up
	made       int
	vxlan      int
	images     map[string]string // id by name
	networks   map[string]*networks.Inspect
	services   map[string]*swarm.Service
	containers map[string]*containers.InspectResponse
	taken      map[string]bool // subnets that Swarm cannot allocate
	unknown    int             // so many looks at networks find none, whatever there is
	requests   []string
	digests    map[string]string // of the images that a registry has
}

func newFakeDocker() *fakeDocker {
	return &fakeDocker{
		vxlan:      4097,
		images:     map[string]string{},
		networks:   map[string]*networks.Inspect{},
		services:   map[string]*swarm.Service{},
		containers: map[string]*containers.InspectResponse{},
		taken:      map[string]bool{},
	}
}

// refusal is an error of the fake daemon.
type refusal struct {
	status  int
	message string
}

func (r refusal) Error() string { return r.message }

func notFound(what, id string) error {
	return refusal{http.StatusNotFound, fmt.Sprintf("No such %s: %s", what, id)}
}

// ServeHTTP implements [http.Handler].
func (f *fakeDocker) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	path := r.URL.Path
	if rest, versioned := strings.CutPrefix(path, "/v1.41"); versioned {
		path = rest
	}
	f.requests = append(f.requests, r.Method+" "+path)
	w.Header().Set("Api-Version", "1.41")
	w.Header().Set("Content-Type", "application/json")
	answer, err := f.route(r, path)
	if err != nil {
		var refused refusal
		status := http.StatusInternalServerError
		if ok := asRefusal(err, &refused); ok {
			status = refused.status
		}
		w.WriteHeader(status)
		answer = map[string]string{"message": err.Error()}
	}
	if answer != nil {
		_ = json.NewEncoder(w).Encode(answer) // the client sees a broken answer
	}
}

func asRefusal(err error, target *refusal) bool {
	refused, ok := err.(refusal)
	*target = refused
	return ok
}

func (f *fakeDocker) route(r *http.Request, path string) (any, error) {
	kind, rest, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	switch kind {
	case "_ping":
		return nil, nil
	case "version":
		return map[string]string{"Version": "20.10.24", "ApiVersion": "1.41", "MinAPIVersion": "1.12"}, nil
	case "networks":
		return f.routeNetworks(r, rest)
	case "services":
		return f.routeServices(r, rest)
	case "tasks":
		return f.tasks(r)
	case "images":
		return f.routeImages(r, rest)
	case "containers":
		return f.routeContainers(r, rest)
	case "distribution":
		return f.distribution(strings.TrimSuffix(rest, "/json"))
	}
	return nil, refusal{http.StatusNotFound, "page not found: " + r.Method + " " + path}
}

// id returns the id for something new.
func (f *fakeDocker) id(length int) string {
	id := f.nextID
	f.nextID = ""
	if id == "" {
		f.made++
		id = fmt.Sprintf("%0*x", length, f.made)
	}
	return id
}

func body[T any](r *http.Request) (T, error) {
	var out T
	return out, json.NewDecoder(r.Body).Decode(&out)
}

// fakeClock passes when somebody waits.
type fakeClock struct {
	mu     sync.Mutex
	time   time.Time
	pauses []time.Duration
}

func (c *fakeClock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.time
}

func (c *fakeClock) pause(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.time = c.time.Add(d)
	c.pauses = append(c.pauses, d)
	return ctx.Err()
}

// waited is the time passed since the clock was made.
func (c *fakeClock) waited() time.Duration {
	return c.now().Sub(time.Unix(0, 0))
}

func newFakeClock() *fakeClock { return &fakeClock{time: time.Unix(0, 0)} }

// newFakeProvider returns a provider on a fake clock, configured for a fake daemon.
func newFakeProvider(t *testing.T) (*Provider, *fakeDocker, *fakeClock) {
	t.Helper()
	fake, clock := newFakeDocker(), newFakeClock()
	server := httptest.NewServer(fake)
	t.Cleanup(server.Close)
	provider := New()
	provider.timing.now, provider.timing.pause = clock.now, clock.pause
	t.Setenv("DOCKER_HOST", "")
	configure(t, provider, "tcp://"+server.Listener.Addr().String())
	return provider, fake, clock
}

func configure(t *testing.T, provider *Provider, host string) {
	t.Helper()
	_, err := provider.Configure(t.Context(), &pulumirpc.ConfigureRequest{Variables: map[string]string{"docker:config:host": host}})
	if err != nil {
		t.Fatal(err)
	}
}
