//go:build e2e

package e2e

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// hasTiers expects what the configuration says of each tier.
func hasTiers(t *testing.T) {
	nodes := dev(t).swarm(t)
	for _, name := range []string{"web-0", "web-1"} {
		if node := nodes[name]; node.Spec.Labels["tier"] != "web" || len(node.Spec.Labels) != 1 || node.Spec.Availability != "active" {
			t.Errorf("%s: labels %v, %s; want tier=web, active", name, node.Spec.Labels, node.Spec.Availability)
		}
	}
	if node := nodes["managers-0"]; node.Spec.Availability != "drain" || node.Spec.Role != "manager" {
		t.Errorf("managers-0: %s, %s; want a manager that runs no applications", node.Spec.Role, node.Spec.Availability)
	}
}

// deniesByDefault expects of Consul what each caller may do, and no more.
func deniesByDefault(t *testing.T) {
	l := dev(t)
	const swarmKeys = "http://127.0.0.1:8500/v1/kv/azswarm/swarm/"
	const status = "curl --silent --output /dev/null --write-out '%{http_code}' --connect-timeout 1 --max-time 5 "
	const asWorker = "--header @/etc/azswarm/consul.header "
	for _, question := range []struct{ what, curl, want string }{
		{"anybody writes a key", "--request PUT --data x http://127.0.0.1:8500/v1/kv/intruder", "403"},
		{"anybody reads the workers' join token", swarmKeys + "worker/managers/token", "403"},
		{"a worker reads the workers' join token", asWorker + swarmKeys + "worker/managers/token", "200"},
		{"a worker reads the managers' join token", asWorker + swarmKeys + "manager/managers/token", "403"},
		{"a worker writes the workers' join token", asWorker + "--request PUT --data x " + swarmKeys + "worker/managers/token", "403"},
		{"a worker lists the tokens", asWorker + "http://127.0.0.1:8500/v1/acl/tokens", "403"},
		{"a worker reaches its agent by its address", "http://$(hostname -i):8500/v1/status/leader", "000"},
		{"a worker reaches another's agent", "http://10.20.128.5:8500/v1/status/leader", "000"},
		{"a worker reaches a server's API", "http://10.20.1.4:8500/v1/status/leader", "000"},
	} {
		if got := l.ask(t, "web-0", status+question.curl+" || true"); got != question.want {
			t.Errorf("%s: HTTP status %s, want %s", question.what, got, question.want)
		}
	}
}

// resolvesNames expects containers to find services of Consul by name, and all other names as their machine does.
func resolvesNames(t *testing.T) {
	l := dev(t)
	const inside = "docker exec $(docker ps -q --filter name=client_test) getent hosts "
	servers := l.ask(t, "web-1", inside+"consul.service.consul")
	for _, address := range []string{"10.20.1.4", "10.20.1.5", "10.20.1.6"} {
		if !strings.Contains(servers, address) {
			t.Errorf("consul.service.consul is %q inside a container, want %s among the addresses", servers, address)
		}
	}
	if got := l.ask(t, "web-1", inside+"nginx.service.consul"); !strings.Contains(got, "10.20.128.4") {
		t.Errorf("nginx.service.consul is %q inside a container, want the worker that publishes it", got)
	}
	// Names that are not Consul's: one of the virtual network, and one of the internet where there is one.
	const machine = "docker run --rm --entrypoint getent nginx:1.28 hosts managers-0"
	if got := l.ask(t, "web-1", machine); !strings.Contains(got, "10.20.2.4") {
		t.Errorf("managers-0 is %q inside a container, want 10.20.2.4, as the machine resolves it", got)
	}
	outside := moduleProxy(t)
	want, err := l.on(t.Context(), "web-1", "getent ahosts "+outside)
	if err != nil {
		t.Logf("the machines resolve no names of the internet: %v", err)
		return
	}
	got := l.ask(t, "web-1", inside+outside)
	if address := strings.Fields(got)[0]; !strings.Contains(want, address) {
		t.Errorf("%s is %q inside a container, but on its machine\n%s", outside, got, want)
	}
}

// moduleProxy is the host of a name on the internet that this machine, having built the lab, must have resolved.
func moduleProxy(t *testing.T) string {
	t.Helper()
	setting, err := exec.Command("go", "env", "GOPROXY").Output()
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(strings.TrimSpace(string(setting)), ",")
	proxy, err := url.Parse(first)
	if err != nil || proxy.Hostname() == "" {
		t.Skipf("GOPROXY is %q, which names no host to look up", first)
	}
	return proxy.Hostname()
}

// wantsCertificate expects the Swarm's API to answer those who have a client certificate, and nobody else.
func wantsCertificate(t *testing.T) { dev(t).wantsCertificate(t, `"ControlAvailable":true`) }

// swarmClient is what the stack's outputs tell a client of the Swarm's API.
func (l *lab) swarmClient(t *testing.T) (config *tls.Config, endpoint string) {
	t.Helper()
	access := filepath.Join(l.home(), "access", "docker")
	ca, err := os.ReadFile(filepath.Join(access, "ca.pem"))
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca)
	own, err := tls.LoadX509KeyPair(filepath.Join(access, "cert.pem"), filepath.Join(access, "key.pem"))
	if err != nil {
		t.Fatal(err)
	}
	endpoint = strings.TrimSpace(string(l.query(t, "pulumi", "stack", "output", "swarmEndpoint")))
	return &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{own}}, strings.Replace(endpoint, "tcp://", "https://", 1)
}

// wantsCertificate expects the Swarm's API to give a manager's answer to those who have a client certificate, and none to others.
func (l *lab) wantsCertificate(t *testing.T, answer string) {
	t.Helper()
	config, endpoint := l.swarmClient(t)
	address := endpoint + "/info"
	if body, err := get(address, config); err != nil || !strings.Contains(body, answer) {
		t.Errorf("GET %s with the client certificate: %v, want a manager's answer", address, err)
	}
	if _, err := get(address, &tls.Config{RootCAs: config.RootCAs}); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("GET %s without a client certificate: %v, want a refusal for want of one", address, err)
	}
	if _, err := get(strings.Replace(address, "https:", "http:", 1), nil); err == nil {
		t.Errorf("GET %s without TLS: want a refusal", address)
	}
}

func get(address string, config *tls.Config) (string, error) {
	client := http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{TLSClientConfig: config, DisableKeepAlives: true}}
	response, err := client.Get(address)
	if err != nil {
		return "", err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if response.StatusCode != http.StatusOK {
		return "", fmt.Errorf("status %s", response.Status)
	}
	return string(body), err
}
