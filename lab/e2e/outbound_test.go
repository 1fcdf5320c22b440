//go:build e2e

package e2e

import (
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"strings"
	"testing"
)

// needsGateway takes the NAT gateway away from a subnet: its machines reach nothing outside of the virtual network any more,
// the others go on.
func needsGateway(t *testing.T) {
	l := prod(t)
	observer := l.observer(t)
	source := "curl --silent --show-error --max-time 4 " + observer
	gateway, bastion := l.publicAddress(t, "azswarm-nat"), l.publicAddress(t, "azswarm-bastion")
	leavesFrom := func(machine, want string) {
		t.Helper()
		got, err := inContainer(l.container(t, machine), "", "sh", "-c", source)
		if err != nil || got != want {
			t.Errorf("%s is seen outside as %q (%v), want %s", machine, got, err, want)
		}
	}
	for _, machine := range []string{"consul-0", "managers-0", "web-0"} {
		leavesFrom(machine, gateway)
	}
	leavesFrom("azswarm-bastion", bastion)

	p := l.portal(t)
	subnet := p.resource(t, "virtualNetworks/azswarm") + "/subnets/consul"
	before := p.send(t, "GET", subnet, nil)
	without := object{}
	for key, value := range before {
		if key != "natGateway" {
			without[key] = value
		}
	}
	p.send(t, "PUT", subnet, without)
	cutOff := func(what, command string) {
		t.Helper()
		if output, err := inContainer(l.container(t, "consul-0"), "", "sh", "-c", command); err == nil {
			t.Errorf("without a NAT gateway, consul-0 still reaches %s: %s", what, output)
		}
	}
	cutOff("the internet", source)
	cutOff("a public address of its own network", "nc -z -w 4 "+bastion+" 22")
	cutOff("Docker Hub", "curl --silent --show-error --max-time 4 https://registry-1.docker.io/v2/")
	leavesFrom("managers-0", gateway)
	if _, err := inContainer(l.container(t, "consul-0"), "", "nc", "-z", "-w", "4", l.address(t, l.container(t, "consul-1")).String(), "8300"); err != nil {
		t.Errorf("without a NAT gateway, consul-0 does not reach its own network: %v", err)
	}
	p.send(t, "PUT", subnet, before)
	leavesFrom("consul-0", gateway)
}

// observer serves, on the lab's internet, the address that each caller comes from.
func (l *lab) observer(t *testing.T) string {
	t.Helper()
	output, err := exec.Command("docker", "network", "inspect", "--format", "{{(index .IPAM.Config 0).Gateway}}", "azswarm-"+l.name+"-internet").Output()
	if err != nil {
		t.Fatalf("the lab's internet: %v", err)
	}
	listener, err := net.Listen("tcp", net.JoinHostPort(strings.TrimSpace(string(output)), "0"))
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, _ := net.SplitHostPort(r.RemoteAddr)
		_, _ = fmt.Fprint(w, host)
	})}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	return "http://" + listener.Addr().String()
}

// publicAddress is a public IP address of the lab's, by the name of its resource.
func (l *lab) publicAddress(t *testing.T, name string) string {
	t.Helper()
	for _, r := range l.state(t).Deployment.Resources {
		if strings.HasSuffix(r.ID, "/publicIPAddresses/"+name) {
			address, _ := r.Outputs["ipAddress"].(string)
			return address
		}
	}
	t.Fatalf("the stack has no public IP address %s", name)
	return ""
}
