package cmd

import (
	"bufio"
	"context"
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

	ctx, interrupt := context.WithCancel(t.Context())
	reader, writer := io.Pipe()
	root := newRoot()
	root.SetOut(writer)
	root.SetArgs([]string{"ui"})
	ended := make(chan error, 1)
	go func() { ended <- root.ExecuteContext(ctx) }()
	line, err := bufio.NewReader(reader).ReadString('\n')
	url, _, said := strings.Cut(line, " is Consul's web interface on consul-1 until")
	if err != nil || !said {
		t.Fatalf("azswarm ui says %q, %v", line, err)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
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
	reader, writer := io.Pipe()
	root := newRoot()
	root.SetOut(writer)
	root.SetArgs([]string{"ui", "--no-open"})
	ended := make(chan error, 1)
	go func() { ended <- root.ExecuteContext(t.Context()) }()
	line, err := bufio.NewReader(reader).ReadString('\n')
	url, _, _ := strings.Cut(line, " ")
	if err != nil {
		t.Fatal(err)
	}
	n.Stop(server)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if response, err := http.DefaultClient.Do(request); err == nil {
		_ = response.Body.Close()
		t.Errorf("GET %s: %s", url, response.Status)
	}
	if err := <-ended; err == nil || !strings.Contains(err.Error(), "not reached any more") {
		t.Errorf("azswarm ui: %v", err)
	}
	if _, err := run(t, "ui", "--address", "0.0.0.0:8500"); err == nil || !strings.Contains(err.Error(), "--address: ") {
		t.Errorf("azswarm ui for all the world: %v", err)
	}
}
