//go:build e2e

package e2e

import (
	"embed"
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"
)

//go:embed scripts/*.sh
var scripts embed.FS

// script is a script of the tests with its parameters, NAME=value.
func script(t *testing.T, name string, parameters ...string) string {
	t.Helper()
	body, err := scripts.ReadFile("scripts/" + name + ".sh")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(parameters, "\n") + "\n" + string(body)
}

// containersUseConsul asks Consul what an application asks, from containers on every kind of network of every worker.
func containersUseConsul(t *testing.T, p place) {
	p.bringLookup(t)
	consul, web := p.consul(t), p.address(t, p.workers[0])
	p.start(t, p.workers[0], app{name: "web", options: "--publish 8080:80 --env SERVICE_NAME=web --env SERVICE_TAGS=blue,v2"})
	want := map[string]string{
		"A web.service.consul":                   web,
		"A blue.web.service.consul":              web,
		"A green.web.service.consul":             "none",
		"SRV web.service.consul":                 web + ":8080",
		"a name of the internet is":              "as on the machine",
		"anybody lists services":                 "{}",
		"anybody reads a key":                    "403",
		"anybody writes a key":                   "403",
		"the application writes a key":           "true",
		"the application reads it":               "hello",
		"the application writes another's key":   "403",
		"the application reads the Swarm's keys": "403",
		"the application registers a service":    "403",
		"the application finds web":              web + ":8080 blue,v2",
		"the watch fires with":                   "first second",
		"the agent at the node's address":        "000",
		"the agent of another machine":           "000",
	}
	for i, worker := range p.workers {
		for _, network := range []string{"bridge", p.overlay} {
			p.removeAtEnd(t, worker, "asker")
			p.removeAtEnd(t, worker, "watch")
			output := p.ask(t, worker, script(t, "application", "NETWORK="+network, "AGENT="+consul.AgentURL, "TOKEN="+consul.ApplicationToken,
				"WEB="+web, "MANAGER="+p.manager, "OUTSIDE="+moduleProxy(t), "OWN="+p.address(t, worker), "OTHER="+p.address(t, p.workers[1-i])))
			if network == "bridge" {
				want["A "+p.manager] = p.address(t, p.manager) // the virtual network's
			} else {
				delete(want, "A "+p.manager)
			}
			expectAnswers(t, fmt.Sprintf("in a container on %s, network %s", worker, network), output, want)
		}
	}
}

// honoursMetadata expects of Registrator what a container's environment says, and that its token serves nothing else.
func honoursMetadata(t *testing.T, p place) {
	consul, worker := p.consul(t), p.workers[0]
	p.start(t, worker,
		app{name: "named", options: "--publish 8101:80 --env SERVICE_NAME=orders --env SERVICE_TAGS=blue,v2"},
		app{name: "ports", options: "--publish 8102:80 --publish 8103:81 --env SERVICE_80_NAME=front --env SERVICE_81_NAME=back --env SERVICE_81_TAGS=admin"},
		app{name: "hidden", options: "--publish 8104:80 --env SERVICE_NAME=hidden --env SERVICE_IGNORE=1"},
		app{name: "http", options: "--publish 8105:80 --env SERVICE_NAME=by-http --env SERVICE_CHECK_HTTP=/ --env SERVICE_CHECK_INTERVAL=2s --env SERVICE_CHECK_TIMEOUT=1s"},
		app{name: "tcp", options: "--publish 8106:80 --env SERVICE_NAME=by-tcp --env SERVICE_CHECK_TCP=true --env SERVICE_CHECK_INTERVAL=2s"},
		app{name: "ttl", options: "--publish 8107:80 --env SERVICE_NAME=by-ttl --env SERVICE_CHECK_TTL=5s"},
		app{name: "script", options: "--publish 8108:80 --env SERVICE_NAME=by-script --env 'SERVICE_CHECK_SCRIPT=touch /run/e2e-script'"},
	)
	address := p.address(t, worker)
	output := p.ask(t, worker, script(t, "registrator", "AGENT="+consul.AgentURL, "TOKEN="+consul.ApplicationToken))
	expectAnswers(t, "Registrator on "+worker, output, map[string]string{
		"orders":    address + ":8101 blue,v2",
		"front":     address + ":8102",
		"back":      address + ":8103 admin",
		"hidden":    "",
		"by-script": "", // Consul runs no scripts: it refuses the service
		"by-http":   address + ":8105  http every 2s, 1s at most, passing",
		"by-tcp":    address + ":8106  tcp every 2s, passing",
		"by-ttl":    address + ":8107  ttl, critical",

		"by-ttl after a heartbeat": "passing",
		"by-ttl without another":   "critical",
		"the script ran":           "no",

		"Registrator reads a key":          "403",
		"Registrator writes a key":         "403",
		"Registrator lists tokens":         "403",
		"Registrator reads the agent":      "403",
		"Registrator registers docker-api": "403",
	})
	if !strings.Contains(output, "e2e-script:80 failed: ") {
		t.Errorf("Registrator doesn't say that a service with a script was refused")
	}
}

// failingServiceLeaves expects a service whose check fails to leave DNS, and to return when it passes again.
func failingServiceLeaves(t *testing.T, p place) {
	p.bringLookup(t)
	first, second := p.workers[0], p.workers[1]
	one, two := p.address(t, first), p.address(t, second)
	checked := app{"health", "--publish 8080:80 --env SERVICE_NAME=health --env SERVICE_CHECK_HTTP=/health --env SERVICE_CHECK_INTERVAL=1s",
		`sh -c 'echo ok >/usr/share/nginx/html/health; exec nginx -g "daemon off;"'`}
	p.start(t, first, checked)
	p.start(t, second, checked)
	p.startAsker(t, first)
	const health = "A health.service.consul"
	p.lookup(t, first, fmt.Sprintf("-await '%s %s' %s", one, two, health))
	p.lookupAfter(t, first, "docker exec e2e-health rm /usr/share/nginx/html/health", fmt.Sprintf("-await %s %s", two, health))
	p.lookupAfter(t, first, "docker exec e2e-health sh -c 'echo ok >/usr/share/nginx/html/health'", fmt.Sprintf("-await '%s %s' %s", one, two, health))
}

// stoppedContainersGo expects the services of containers that were stopped or killed to go within seconds.
func stoppedContainersGo(t *testing.T, p place) {
	p.bringLookup(t)
	first, second := p.workers[0], p.workers[1]
	one, two := p.address(t, first), p.address(t, second)
	for _, worker := range p.workers {
		p.start(t, worker, app{name: "short", options: "--publish 8080:80 --env SERVICE_NAME=short"})
		p.startAsker(t, worker)
	}
	const short = "A short.service.consul"
	p.lookup(t, second, fmt.Sprintf("-await '%s %s' %s", one, two, short))
	p.lookupAfter(t, first, "docker stop e2e-short >/dev/null", fmt.Sprintf("-await %s -within 5s %s", two, short))
	p.lookupAfter(t, second, "docker kill e2e-short >/dev/null", "-await none -within 5s "+short)
}

// deadNodesGo loses a worker: its services leave DNS as soon as the others miss it, and the catalog after the configured
// time. When it is back, so are they.
func deadNodesGo(t *testing.T, p place, configured time.Duration) {
	p.bringLookup(t)
	first, second := p.workers[0], p.workers[1]
	one, two := p.address(t, first), p.address(t, second)
	for _, worker := range p.workers {
		p.start(t, worker, app{name: "lasting", options: "--restart always --publish 8080:80 --env SERVICE_NAME=lasting"})
	}
	p.startAsker(t, first)
	const lasting = "A lasting.service.consul"
	p.lookup(t, first, fmt.Sprintf("-await '%s %s' %s", one, two, lasting))

	machine := p.container(t, second)
	power := func(command string) {
		if output, err := exec.Command("docker", command, machine).CombinedOutput(); err != nil {
			t.Errorf("docker %s %s: %v\n%s", command, second, err, output)
		}
	}
	power("kill")
	died, back := time.Now(), false
	defer func() {
		if !back {
			power("start")
		}
	}()
	p.lookup(t, first, fmt.Sprintf("-await %s -within 30s %s", one, lasting))
	t.Logf("%s left DNS %.1fs after it died", second, time.Since(died).Seconds())
	if nodes := p.nodes(t); !strings.Contains(nodes, second) {
		t.Errorf("%s left the catalog %.1fs after it died already: %s", second, time.Since(died).Seconds(), nodes)
	}
	// Consul looks every 15 seconds for what has been missing for too long.
	eventually(t, second+" leaves the catalog", configured+30*time.Second, func() error {
		if nodes := p.nodes(t); strings.Contains(nodes, second) {
			return fmt.Errorf("nodes: %s", nodes)
		}
		return nil
	})
	t.Logf("%s left the catalog %.0fs after it died, %s are configured; nodes: %s", second, time.Since(died).Seconds(), configured, p.nodes(t))

	power("start")
	back = true
	p.lookup(t, first, fmt.Sprintf("-await '%s %s' -within 3m %s", one, two, lasting)) // a machine boots
}

// nodes are those in the catalog.
func (p place) nodes(t *testing.T) string {
	t.Helper()
	return p.ask(t, p.server, "docker exec consul consul catalog nodes | awk 'NR > 1 { print $1 }' | xargs")
}

// nodeServicesAreRegistered expects what the nodes serve themselves to be found, and a service that is configured for every
// node, but runs on one, to be found there only, for as long as it runs.
func nodeServicesAreRegistered(t *testing.T, p place, want map[string]string) {
	p.bringLookup(t)
	worker := p.workers[0]
	p.startAsker(t, worker)
	const stop = "systemctl stop e2e-exporter 2>/dev/null || true\n"
	p.ask(t, worker, stop+fmt.Sprintf("systemd-run --quiet --collect --unit e2e-exporter python3 -m http.server %d", exporterPort))
	for question, answer := range want {
		p.lookup(t, worker, fmt.Sprintf("-await '%s' %s", answer, question))
	}
	const exporter = "SRV node-exporter.service.consul"
	p.lookup(t, worker, fmt.Sprintf("-await %s:%d %s", p.address(t, worker), exporterPort, exporter))
	p.ask(t, worker, stop)
	p.lookup(t, worker, "-await none "+exporter)
}

// exporterPort and forgottenAfter are what the tests configure of node services and failed nodes.
const (
	exporterPort   = 9100
	forgottenAfter = 30 * time.Second
)

// nodeServices are the commands that configure both.
var nodeServices = fmt.Sprintf(`pulumi config set --path azswarm:consul.reconnectTimeout %s
	pulumi config set --path 'azswarm:consul.nodeServices[0].name' node-exporter
	pulumi config set --path 'azswarm:consul.nodeServices[0].port' %d
	`, forgottenAfter, exporterPort)

// configureNodeServices configures them, unless they are, on a running cluster, whose agents then restart one by one.
func configureNodeServices(t *testing.T, p place) {
	t.Helper()
	if strings.Contains(string(p.query(t, "pulumi", "config", "--json")), "node-exporter") {
		return
	}
	p.configure(t, nodeServices)
	p.up(t)
}
