package cmd

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/access"
	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/access/accesstest"
)

func TestUIForwardsToTheFirstServerThatAnswers(t *testing.T) {
	off, on := accesstest.Node("consul-0", access.TierConsul, "10.20.1.4"), accesstest.Node("consul-1", access.TierConsul, "10.20.1.5")
	n := answering(t, well, bastion, off, on)
	n.Stop(off)
	consul := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "Consul at "+r.URL.Path) }))
	t.Cleanup(consul.Close)
	n.Serve("127.0.0.1:8500", consul.Listener.Addr().String())
	d := newDesk(t, n.Outputs)
	d.install(t, "xdg-open", "exit 0")

	line, interrupt, ended := begin(t, "ui")
	url, _, said := strings.Cut(line, " is Consul's web interface on consul-1 until")
	if !said {
		t.Fatalf("azswarm ui says %q", line)
	}
	response, err := get(t, url)
	if err != nil {
		t.Fatal(err)
	}
	if body, err := io.ReadAll(response.Body); err != nil || string(body) != "Consul at /ui/" {
		t.Errorf("GET %s: %q, %v", url, body, err)
	}
	interrupt()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	eventuallyCalled(t, d, "xdg-open", url)
}

func TestUIEndsWhereTheServerIsGone(t *testing.T) {
	server := accesstest.Node("consul-0", access.TierConsul, "10.20.1.4")
	n := answering(t, well, bastion, server)
	newDesk(t, n.Outputs)
	line, _, ended := begin(t, "ui", "--no-open")
	url, _, _ := strings.Cut(line, " ")
	n.Stop(server)
	if response, err := get(t, url); err == nil {
		t.Errorf("GET %s: %s", url, response.Status)
	}
	if err := <-ended; err == nil || !strings.Contains(err.Error(), "not reached any more") {
		t.Errorf("azswarm ui: %v", err)
	}
	if _, err := run(t, "ui", "--address", "0.0.0.0:8500"); err == nil || !strings.Contains(err.Error(), "--address: ") {
		t.Errorf("azswarm ui for all the world: %v", err)
	}
}
