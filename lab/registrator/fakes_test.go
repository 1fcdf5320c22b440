package main

import (
	"cmp"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

// fakeDocker is as much of Docker's API as the program uses.
type fakeDocker struct {
	mu         sync.Mutex
	containers map[string]*fakeContainer // by id
	events     chan map[string]any
	listening  chan struct{} // closed when events are being listened to
	broken     chan struct{} // when closed, the event stream ends
}

type fakeContainer struct {
	name, image string
	env         []string
	ports       string // JSON of NetworkSettings.Ports; no ports where empty
	running     bool
	exitCode    int
}

func newFakeDocker(t *testing.T) (*fakeDocker, string) {
	t.Helper()
	d := &fakeDocker{
		containers: map[string]*fakeContainer{}, events: make(chan map[string]any),
		listening: make(chan struct{}), broken: make(chan struct{}),
	}
	server := httptest.NewServer(d)
	t.Cleanup(server.Close)
	return d, "tcp://" + strings.TrimPrefix(server.URL, "http://")
}

var versionPrefix = regexp.MustCompile(`^/v[0-9.]+`)

func (d *fakeDocker) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Api-Version", "1.41")
	path := versionPrefix.ReplaceAllString(r.URL.Path, "")
	switch {
	case path == "/_ping":
		w.WriteHeader(http.StatusOK)
	case path == "/events":
		d.serveEvents(w, r)
	case path == "/containers/json":
		d.mu.Lock()
		defer d.mu.Unlock()
		list := []map[string]any{}
		for id, c := range d.containers {
			if c.running {
				list = append(list, map[string]any{"Id": id})
			}
		}
		reply(w, list)
	case strings.HasPrefix(path, "/containers/"):
		d.mu.Lock()
		defer d.mu.Unlock()
		id := strings.TrimSuffix(strings.TrimPrefix(path, "/containers/"), "/json")
		c, ok := d.containers[id]
		if !ok {
			w.WriteHeader(http.StatusNotFound)
			reply(w, map[string]string{"message": "No such container: " + id})
			return
		}
		reply(w, map[string]any{
			"Id": id, "Name": "/" + c.name, "HostConfig": map[string]any{"NetworkMode": "bridge"},
			"State":           map[string]any{"Running": c.running, "ExitCode": c.exitCode},
			"Config":          map[string]any{"Image": c.image, "Env": c.env},
			"NetworkSettings": map[string]any{"Ports": json.RawMessage(cmp.Or(c.ports, "{}")), "Networks": map[string]any{"bridge": map[string]any{"IPAddress": "172.17.0.2"}}},
		})
	default:
		http.NotFound(w, r)
	}
}

func (d *fakeDocker) serveEvents(w http.ResponseWriter, r *http.Request) {
	w.WriteHeader(http.StatusOK)
	w.(http.Flusher).Flush()
	close(d.listening)
	for {
		select {
		case event := <-d.events:
			reply(w, event)
			w.(http.Flusher).Flush()
		case <-d.broken:
			return
		case <-r.Context().Done():
			return
		}
	}
}

// set changes a container without an event.
func (d *fakeDocker) set(id string, c *fakeContainer) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if c == nil {
		delete(d.containers, id)
		return
	}
	d.containers[id] = c
}

// emit sends an event about a container.
func (d *fakeDocker) emit(action, id string) {
	d.events <- map[string]any{"Type": "container", "Action": action, "Actor": map[string]any{"ID": id}}
}

// fakeConsul is as much of a Consul agent's API as the program uses.
type fakeConsul struct {
	mu       sync.Mutex
	services map[string]map[string]any // by id, as registered
	token    string                    // what requests must carry
	changed  chan struct{}             // gets a value after each change
}

func newFakeConsul(t *testing.T) (*fakeConsul, string) {
	t.Helper()
	c := &fakeConsul{services: map[string]map[string]any{}, changed: make(chan struct{}, 100)}
	server := httptest.NewServer(c)
	t.Cleanup(server.Close)
	return c, "consul://" + strings.TrimPrefix(server.URL, "http://")
}

func (c *fakeConsul) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.token != "" && r.Header.Get("X-Consul-Token") != c.token {
		http.Error(w, "Permission denied", http.StatusForbidden)
		return
	}
	const deregister = "/v1/agent/service/deregister/"
	switch path := r.URL.Path; {
	case path == "/v1/status/leader":
		reply(w, "10.0.0.1:8300")
	case path == "/v1/agent/services":
		list := map[string]any{}
		for id, s := range c.services {
			list[id] = map[string]any{"ID": id, "Service": s["Name"]}
		}
		reply(w, list)
	case path == "/v1/agent/service/register":
		var s map[string]any
		if err := json.NewDecoder(r.Body).Decode(&s); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		c.services[s["ID"].(string)] = s
		c.changed <- struct{}{}
	case strings.HasPrefix(path, deregister):
		delete(c.services, strings.TrimPrefix(path, deregister))
		c.changed <- struct{}{}
	default:
		http.NotFound(w, r)
	}
}

// put registers a service behind the program's back.
func (c *fakeConsul) put(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.services[id] = map[string]any{"ID": id, "Name": "x"}
}

// clear loses everything, as an agent with a new data directory does.
func (c *fakeConsul) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.services)
}

func (c *fakeConsul) ids() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Sorted(maps.Keys(c.services))
}

func reply(w http.ResponseWriter, value any) {
	if err := json.NewEncoder(w).Encode(value); err != nil {
		panic(err) // a bug in the test: all values are plain
	}
}
