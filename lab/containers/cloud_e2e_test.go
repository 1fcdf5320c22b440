//go:build e2e

package containers

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/docker/docker/api/types/container"
	"github.com/seed-3bc5c20b/azswarm/lab/cloud"
	"github.com/seed-3bc5c20b/azswarm/lab/containers/fabric"
)

// TestMain lets the test binary be the fabric's program too. Build it with CGO_ENABLED=0, as it runs in another image.
func TestMain(m *testing.M) {
	ctx := context.Background()
	var err error
	switch strings.Join(os.Args[1:], " ") {
	case "fabric":
		err = fabric.Run(ctx)
	case "fabric apply":
		err = fabric.Apply(ctx)
	default:
		os.Exit(m.Run())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

const vnetID = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/net"

var (
	publicA   = netip.MustParseAddr("198.18.7.10")
	publicLB  = netip.MustParseAddr("198.18.7.20")
	publicNAT = netip.MustParseAddr("198.18.7.30")
	privateA  = netip.MustParseAddr("10.77.0.4")
	privateB  = netip.MustParseAddr("10.77.1.4")
	internal  = netip.MustParseAddr("10.77.1.100")
	operator  = netip.MustParseAddr("198.51.100.10")
	egress    = netip.MustParsePrefix("198.18.7.112/28")
	webserver = `#cloud-config
write_files:
- path: /etc/systemd/system/web.service
  content: |
    [Service]
    WorkingDirectory=/srv
    ExecStart=/usr/bin/python3 -m http.server 8080
runcmd:
- hostname > /srv/index.html
- systemctl start web
`
)

// TestCloudBehavesLikeAzure boots two machines and goes through a lab's life. It needs Docker, the docker-registry
// program and a node image, named by AZSWARM_LAB_IMAGE.
func TestCloudBehavesLikeAzure(t *testing.T) {
	image := os.Getenv("AZSWARM_LAB_IMAGE")
	if image == "" {
		t.Skip("AZSWARM_LAB_IMAGE names no node image")
	}
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	lab := &lab{t: t}
	lab.cloud, err = New(Options{
		Lab: "containerstest", StateDir: t.TempDir(), NodeImage: image, Executable: executable,
		Public: netip.MustParsePrefix("198.18.7.0/24"), Operator: operator, RegistryStorage: t.TempDir(),
		Downloads: t.TempDir(),
	})
	if err != nil {
		t.Fatal(err)
	}
	lab.must(lab.cloud.Down(t.Context()))
	t.Cleanup(func() { lab.must(lab.cloud.Down(context.Background())) })
	lab.fillRegistry()
	lab.newKey()

	vnet := cloud.Network{
		ID: vnetID, Prefixes: []netip.Prefix{netip.MustParsePrefix("10.77.0.0/16")},
		Subnets: []cloud.Subnet{
			{ID: vnetID + "/subnets/open", Prefixes: []netip.Prefix{netip.MustParsePrefix("10.77.0.0/24")}},
			{ID: vnetID + "/subnets/closed", Prefixes: []netip.Prefix{netip.MustParsePrefix("10.77.1.0/24")}},
		},
	}
	rule := cloud.LoadBalancerRule{
		Name: "web", Protocol: "Tcp", FrontendPort: 80, BackendPort: 8080, Backends: []netip.Addr{privateA, privateB},
		Probe: &cloud.Probe{Protocol: "Http", Port: 8080, Path: "/", IntervalSeconds: 1, Threshold: 2},
	}
	edge := cloud.Edge{
		PublicIPs: []cloud.PublicIP{{Address: publicA, NetworkID: vnetID, Private: privateA}},
		LoadBalancers: []cloud.LoadBalancer{
			{ID: "lb", Address: publicLB, NetworkID: vnetID, Rules: []cloud.LoadBalancerRule{rule}},
			{ID: "ilb", Address: internal, NetworkID: vnetID, Rules: []cloud.LoadBalancerRule{rule}},
		},
	}
	a := lab.machine("a", "1", privateA, netip.MustParseAddr("10.77.0.9"))
	b := lab.machine("b", "1", privateB)

	lab.step("a network, its edge and two machines", func() {
		lab.must(lab.cloud.EnsureNetwork(t.Context(), vnet))
		lab.must(lab.cloud.Route(t.Context(), edge))
		lab.must(lab.cloud.EnsureMachine(t.Context(), a))
		lab.must(lab.cloud.EnsureMachine(t.Context(), b))
		lab.must(lab.cloud.EnsureNetwork(t.Context(), vnet))
		lab.must(lab.cloud.EnsureMachine(t.Context(), a))
	})
	lab.step("SSH with the key, as the administrator, through the public address", func() {
		lab.expect(publicA, "hostname; sudo -n id -u; echo $SSH_CONNECTION | cut -d' ' -f1,3", "a\n0\n"+operator.String()+" "+privateA.String()+"\n")
	})
	lab.step("cloud-init ends well and the engine runs", func() {
		lab.expect(publicA, "sudo cloud-init status --wait | tr -d '.\\n'; sudo docker info -f '{{.Driver}}'", "status: doneoverlay2\n")
		lab.expect(publicA, "ip -4 -o addr show eth0 | awk '{print $4}' | xargs", "10.77.0.4/16 10.77.0.9/16\n")
	})
	lab.step("unmodified image names come from the registry", func() {
		lab.expect(publicA, "sudo docker pull -q hashicorp/consul:1.22", "docker.io/hashicorp/consul:1.22\n")
	})
	lab.step("files come from the downloads, over TLS that machines trust", func() {
		file := filepath.Join(lab.cloud.options.Downloads, "later.txt")
		lab.must(os.WriteFile(file, []byte("a download\n"), 0o644))
		lab.expect(publicA, "curl -fsS -m 5 https://"+DownloadsHost+"/later.txt", "a download\n")
	})
	lab.step("machines reach each other, by name too", func() {
		lab.expect(publicA, "ping -c1 -W2 -q b >/dev/null && echo yes", "yes\n")
	})
	sees := lab.observer()
	source := "curl -sS -m 3 http://" + sees + " 2>/dev/null || echo no"
	lab.step("a public address is the machine's way out", func() {
		lab.expect(publicA, source, publicA.String())
	})
	lab.step("a closed subnet has no way out", func() {
		lab.expectThrough(privateB, source, "no\n")
	})
	lab.step("an open subnet has one", func() {
		edge.Outbound = []cloud.Outbound{{SubnetID: strings.ToUpper(vnetID + "/subnets/closed")}}
		lab.must(lab.cloud.Route(t.Context(), edge))
		if got := lab.runThrough(privateB, source); !egress.Contains(netip.MustParseAddr(got)) {
			t.Errorf("b's traffic comes from %q, want one of %s", got, egress)
		}
	})
	lab.step("a NAT gateway's address is where its subnet's traffic comes from", func() {
		edge.Outbound[0].Addresses = []netip.Addr{publicNAT}
		lab.must(lab.cloud.Route(t.Context(), edge))
		lab.expectThrough(privateB, source, publicNAT.String())
	})
	lab.step("the load balancer serves from healthy backends only", func() {
		lab.awaitAnswers("a", "b")
		lab.runThrough(privateB, "sudo systemctl stop web")
		lab.awaitAnswers("a")
		lab.runThrough(privateB, "sudo systemctl start web")
		lab.awaitAnswers("a", "b")
	})
	lab.step("machines reach public and internal load balancers, themselves included", func() {
		answer := "for i in $(seq 20); do curl -sS -m 3 http://%s/; done | sort -u | xargs"
		lab.expect(publicA, fmt.Sprintf(answer, publicLB), "a b\n")
		lab.expect(publicA, fmt.Sprintf(answer, internal), "a b\n")
		lab.expectThrough(privateB, fmt.Sprintf(answer, publicLB), "a b\n")
	})
	lab.step("a security group is in force at once, for new connections, and after a restart", func() {
		all := []string{"*"}
		b.Security = cloud.Security{VirtualNetwork: vnet.Prefixes, Interface: &cloud.SecurityGroup{Name: "closed", Rules: []cloud.SecurityRule{
			{Name: "no-web", Priority: 100, Inbound: true, Protocol: "Tcp", Sources: all, Destinations: all, SourcePorts: all, DestinationPorts: []string{"8080"}},
			{Name: "rest", Priority: 200, Inbound: true, Allow: true, Protocol: "*", Sources: all, Destinations: all, SourcePorts: all, DestinationPorts: all},
		}}}
		const ask = "curl -sS -m 2 http://10.77.1.4:8080/ 2>/dev/null || echo no"
		lab.expect(publicA, ask, "b\n")
		lab.must(lab.cloud.Secure(t.Context(), b))
		lab.expect(publicA, ask, "no\n")
		lab.must(lab.cloud.docker.ContainerRestart(t.Context(), lab.cloud.objectName(kindMachine, b.ID), container.StopOptions{}))
		lab.runThrough(privateB, "sudo systemctl start web")
		lab.expect(publicA, ask, "no\n")
		b.Security = cloud.Security{}
		lab.must(lab.cloud.EnsureMachine(t.Context(), b))
		lab.expect(publicA, ask, "b\n")
		lab.awaitAnswers("a", "b")
	})
	lab.step("a restart keeps disk, address, route and edge", func() {
		lab.expect(publicA, "touch kept; sync; echo ok", "ok\n")
		for _, name := range []string{lab.cloud.objectName(kindMachine, a.ID), lab.cloud.objectName(kindFabric, vnetID)} {
			lab.must(lab.cloud.docker.ContainerRestart(t.Context(), name, container.StopOptions{}))
		}
		lab.expect(publicA, "ls; ip route show default", "kept\ndefault via 10.77.0.2 dev eth0 \n")
		lab.expect(publicA, source, publicA.String())
		lab.awaitAnswers("b") // a's web server isn't enabled, so it stays off
	})
	lab.step("another address restarts, another VMID starts afresh", func() {
		a.Addresses = []netip.Addr{netip.MustParseAddr("10.77.0.5")}
		edge.PublicIPs[0].Private = a.Addresses[0]
		lab.must(lab.cloud.EnsureMachine(t.Context(), a))
		lab.must(lab.cloud.Route(t.Context(), edge))
		lab.expect(publicA, "ls; hostname -I | grep -o 10.77.0.5", "kept\n10.77.0.5\n")
		a.VMID = "2"
		lab.must(lab.cloud.EnsureMachine(t.Context(), a))
		lab.expect(publicA, "ls; hostname", "a\n")
	})
	lab.step("an overlapping network is refused", func() {
		other := cloud.Network{ID: vnetID + "2", Prefixes: []netip.Prefix{netip.MustParsePrefix("10.77.128.0/20")}}
		if err := lab.cloud.EnsureNetwork(t.Context(), other); err == nil || !strings.Contains(err.Error(), `which lab "containerstest" on this machine has`) {
			t.Errorf("EnsureNetwork: %v, want a refusal that names the lab", err)
		}
	})
	lab.step("a network with machines is not deleted", func() {
		if err := lab.cloud.DeleteNetwork(t.Context(), vnetID); err == nil || !strings.Contains(err.Error(), "is still in it") {
			t.Errorf("DeleteNetwork: %v, want a refusal that names a machine", err)
		}
		lab.expect(publicA, "echo here", "here\n")
	})
	lab.step("deleting everything one by one leaves nothing", func() {
		lab.must(lab.cloud.Route(t.Context(), cloud.Edge{}))
		for range 2 {
			lab.must(lab.cloud.DeleteMachine(t.Context(), a.ID))
			lab.must(lab.cloud.DeleteMachine(t.Context(), b.ID))
			lab.must(lab.cloud.DeleteNetwork(t.Context(), vnetID))
		}
		lab.expectNothing()
	})
	lab.step("so does Down, at any moment", func() {
		lab.must(lab.cloud.EnsureNetwork(t.Context(), vnet))
		lab.must(lab.cloud.EnsureMachine(t.Context(), a))
		lab.must(lab.cloud.Down(t.Context()))
		lab.expectNothing()
	})
}
