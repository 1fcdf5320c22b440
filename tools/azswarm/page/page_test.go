package page

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/access"
	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/loopback"
	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/stack"
	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/status"
)

// drawn is a page of a few machines, of which one is silent.
func drawn() Page {
	return Page{
		Report: &status.Report{
			Stack: "prod", ResourceGroup: "azswarm1a2b3c4d", Orchestrator: "swarm", Time: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC),
			Problems: []status.Problem{
				{Severity: status.Failed, Where: "web-1", What: "web-1: no route to <host>"},
				{Severity: status.Warning, Where: "consul-0", What: "/ is 90% full"},
			},
			Machines: []status.Machine{
				{
					Name: "consul-0", Tier: access.TierConsul, Address: "10.20.1.4", Place: "zone 2", Consul: "leader", CPUs: 2,
					Disks: []status.Disk{{Mount: "/", Used: 90, Inodes: 3}},
				},
				{Name: "consul-1", Tier: access.TierConsul, Address: "10.20.1.5", Place: "zone 1", Consul: "voter"},
				{
					Name: "managers-0", Tier: access.TierManagers, Address: "10.20.2.4", Engine: "26.1.5",
					Swarm: status.SwarmNode{State: "Ready", Availability: "Drain", Manager: "Leader"},
				},
				{
					Name: "web-0", Tier: access.TierWorkers, Address: "10.20.128.4",
					Work: []status.Work{{Name: "nginx", Containers: 2}, {Name: "by-hand", Containers: 1}},
				},
				{Name: "web-1", Tier: access.TierWorkers, Address: "10.20.128.5", Silent: "no route to <host>"},
			},
			Services: []status.Service{{Name: "nginx", Mode: "replicated", Running: 2, Desired: 3, Image: "nginx:1.28@sha256:0123"}},
		},
		Network: ReadNetwork(networkResources()),
		Faults:  []string{"web-1 has no power"},
	}
}

func networkResources() []stack.Resource {
	inputs := func(text string) (of map[string]json.RawMessage) {
		if err := json.Unmarshal([]byte(text), &of); err != nil {
			panic(err)
		}
		return of
	}
	return []stack.Resource{
		{Type: "azure-native:network/v20240501:NetworkSecurityGroup", Inputs: inputs(`{"securityRules":[
			{"name":"deny-all","access":"Deny","direction":"Inbound","priority":4096,"protocol":"*"},
			{"name":"b","access":"Allow","direction":"Inbound","priority":110,"protocol":"Tcp","sourceAddressPrefixes":["10.20.2.0/24","198.51.100.7/32"],
			 "destinationAddressPrefix":"10.20.128.0/17","destinationPortRange":"22","description":"operators"},
			{"name":"a","access":"Allow","direction":"Inbound","priority":100,"protocol":"*","sourceAddressPrefix":"10.20.2.0/24",
			 "destinationAddressPrefix":"10.20.128.0/17","destinationPortRange":"*","description":"managers <all>"}]}`)},
		{Type: "azure-native:network/v20240501:VirtualNetwork", Inputs: inputs(`{"subnets":[
			{"name":"managers","addressPrefix":"10.20.2.0/24"},{"name":"workers","addressPrefix":"10.20.128.0/17"}]}`)},
		{Type: "other:index:VirtualNetwork", Inputs: inputs(`{"subnets":[{"name":"foreign","addressPrefix":"10.20.2.0/24"}]}`)},
	}
}

// plain is a page's text as a browser shows it, roughly.
func plain(html string) string {
	html = regexp.MustCompile(`(?s)<(style|script)>.*?</(style|script)>`).ReplaceAllString(html, "")
	return strings.Join(strings.Fields(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(html, " ")), " ")
}

func TestPageShowsTheCluster(t *testing.T) {
	var html bytes.Buffer
	if err := drawn().Write(&html); err != nil {
		t.Fatal(err)
	}
	text := plain(html.String())
	for _, want := range []string{
		"prod resource group azswarm1a2b3c4d · Swarm mode · 2026-03-01 12:00:00 UTC 2 problems",
		"Broken on purpose web-1 has no power",
		"✗ failed web-1: no route to &lt;host&gt; ! look consul-0: / is 90% full",
		"zone 1 consul-1 ✓ well 10.20.1.5 Consul: voter",
		"zone 2 consul-0 ! look 10.20.1.4 ★ Consul: leader",
		"disk 90 % 90 %",
		"managers-0 ✓ well 10.20.2.4 ★ Swarm: leader drain",
		"nginx × 2 by-hand",
		"web-1 ✗ failed 10.20.128.5 no answer",
		"nginx replicated ✗ 2 of 3 nginx:1.28",
		"workers all any managers managers &lt;all&gt; workers 22 TCP managers, 198.51.100.7/32 (from outside) operators",
		"workers (2) 10.20.128.0/17",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the page doesn't say %q\n%s", want, text)
		}
	}
	if strings.Contains(html.String(), "<script>") || strings.Contains(html.String(), "://") {
		t.Error("a page in a file has a script, or needs something from elsewhere")
	}
}

func TestPageSaysThatAllIsWell(t *testing.T) {
	page := drawn()
	page.Report.Problems, page.Network, page.Faults = nil, nil, nil
	var html bytes.Buffer
	if err := page.Write(&html); err != nil {
		t.Fatal(err)
	}
	if text := plain(html.String()); !strings.Contains(text, "✓ All is well") || strings.Contains(text, "Open ports") || strings.Contains(text, "Broken") {
		t.Errorf("got\n%s", text)
	}
}

func TestServerSendsNewerPages(t *testing.T) {
	listener, err := loopback.Listen(loopback.AnyPort)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	server, ended := newServer(drawn()), make(chan error, 1)
	go func() { ended <- server.serve(ctx, listener) }()
	address := "http://" + listener.Addr().String()
	first := fetch(t, address+"/", "")
	if body := read(t, first); first.StatusCode != http.StatusOK || !strings.Contains(body, "EventSource") || !strings.Contains(body, "web-1") {
		t.Errorf("the page: %s\n%s", first.Status, body)
	}
	events := fetch(t, address+"/events", "")
	lines := bufio.NewScanner(events.Body)
	lines.Buffer(nil, 1<<20)
	next := func() (body string) {
		for lines.Scan() {
			if data, found := strings.CutPrefix(lines.Text(), "data: "); found {
				if err := json.Unmarshal([]byte(data), &body); err != nil {
					t.Fatal(err)
				}
				return plain(body)
			}
		}
		t.Fatalf("no event: %v", lines.Err())
		return ""
	}
	if body := next(); !strings.Contains(body, "2 problems") {
		t.Errorf("the first event: %s", body)
	}
	later := drawn()
	later.Failure = "the bastion is gone"
	server.show(later)
	if body := next(); !strings.Contains(body, "The cluster does not answer, and below is how it was: the bastion is gone") {
		t.Errorf("the second event: %s", body)
	}
	foreign := fetch(t, address+"/", "cluster.example:80")
	if body := read(t, foreign); foreign.StatusCode != http.StatusForbidden || strings.Contains(body, "web-1") {
		t.Errorf("a request for another name: %s", foreign.Status)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func fetch(t *testing.T, address, host string) *http.Response {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Host = host
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = response.Body.Close() })
	return response
}

func read(t *testing.T, response *http.Response) string {
	t.Helper()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func TestLiveKeepsThePageWhereALookFails(t *testing.T) {
	listen := func() net.Listener {
		listener, err := loopback.Listen(loopback.AnyPort)
		if err != nil {
			t.Fatal(err)
		}
		return listener
	}
	refused := errors.New("the bastion is gone")
	closed := listen()
	err := Live(t.Context(), closed, time.Hour, func(context.Context) (Page, error) { return Page{}, refused }, func() { t.Error("it began") })
	if !errors.Is(err, refused) {
		t.Errorf("where the first look fails: %v", err)
	}
	if _, err := closed.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("its listener: %v, want it closed", err)
	}

	ctx, stop := context.WithCancel(t.Context())
	listener, looks, began, ended := listen(), 0, make(chan bool), make(chan error, 1)
	look := func(context.Context) (Page, error) {
		if looks++; looks > 1 {
			return Page{}, refused
		}
		return drawn(), nil
	}
	go func() { ended <- Live(ctx, listener, time.Millisecond, look, func() { close(began) }) }()
	<-began
	events := bufio.NewScanner(fetch(t, "http://"+listener.Addr().String()+"/events", "").Body)
	events.Buffer(nil, 1<<20)
	seen := false
	for !seen && events.Scan() {
		seen = strings.Contains(events.Text(), "the bastion is gone") && strings.Contains(events.Text(), "machine-web-0")
	}
	if !seen {
		t.Errorf("no page says that the bastion is gone, and how the cluster was: %v", events.Err())
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
