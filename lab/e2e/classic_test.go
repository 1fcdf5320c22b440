//go:build e2e

package e2e

import (
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// The cluster of the standalone Swarm, which its tests share; nil while there is none.
var standalone *lab

// classicManagers are the managers' addresses by name.
var classicManagers = map[string]string{"managers-0": "10.50.2.4", "managers-1": "10.50.2.5", "managers-2": "10.50.2.6"}

// classic returns the running cluster of the standalone Swarm.
func classic(t *testing.T) *lab {
	t.Helper()
	if standalone == nil {
		l := &lab{name: "e2e-classic", stack: "dev"}
		l.configure(t, `pulumi config set azswarm:network 10.50.0.0/16
			pulumi config set --path azswarm:managers.count 3
			pulumi config set azswarm:demo false
			pulumi config set azswarm:orchestrator classic
			`+nodeServices+classicEngine(t))
		l.up(t)
		standalone = l
	}
	return standalone
}

// classicEngine are the commands that configure the lab's own build of the engine.
func classicEngine(t *testing.T) string {
	t.Helper()
	output := (&lab{name: "e2e-classic"}).run(t, "engine")
	var commands strings.Builder
	for _, key := range []string{"url", "sha256"} {
		found := regexp.MustCompile(`(?m)^` + key + `\s+(\S+)$`).FindStringSubmatch(output)
		if found == nil {
			t.Fatalf("lab engine doesn't say the engine's %s:\n%s", key, output)
		}
		fmt.Fprintf(&commands, "pulumi config set --path azswarm:engine.%s %s\n", key, found[1])
	}
	return commands.String()
}

// api makes `d` the docker command of a manager's Swarm API, in a script on that or another manager.
func api(manager string) string {
	const tls = "/etc/azswarm/swarm-tls/"
	return "d() { docker --host tcp://" + classicManagers[manager] + ":4000 --tlsverify --tlscacert " + tls + "ca.pem --tlscert " +
		tls + "server.pem --tlskey " + tls + "server.key \"$@\"; }\n"
}

// roles tells what each manager that answers says it is.
func (l *lab) roles(t *testing.T) map[string]string {
	t.Helper()
	roles := map[string]string{}
	for name := range classicManagers {
		answer, err := l.on(t.Context(), name, api(name)+`timeout 10 bash -c "$(declare -f d); d info" 2>/dev/null | awk '$1 == "Role:" { print $2 }'`)
		if err == nil && answer != "" {
			roles[name] = answer
		}
	}
	return roles
}

// primary is the one manager that says it is, and one of its replicas.
func (l *lab) primary(t *testing.T) (primary, replica string) {
	t.Helper()
	for name, role := range l.roles(t) {
		switch {
		case role == "primary" && primary != "":
			t.Fatalf("%s and %s both say they are the primary", primary, name)
		case role == "primary":
			primary = name
		default:
			replica = name
		}
	}
	if primary == "" || replica == "" {
		t.Fatalf("primary %q, replica %q", primary, replica)
	}
	return primary, replica
}

// isClosedClassic expects engines and managers to answer who has a client certificate, and no secret to show.
func isClosedClassic(t *testing.T) {
	l := classic(t)
	worker := l.ask(t, "web-0", `docker version --format '{{.Server.Version}}'
		ps -eo args | grep '[/]dockerd ' || true
		if ps -eo args | grep --quiet --fixed-strings --file <(cut -d= -f2 /etc/azswarm/*.env); then echo SHOWN; fi
		tr '\0' '\n' </proc/$(cat /run/docker.pid)/environ | grep -c --line-regexp --fixed-strings --file /etc/azswarm/engine.env
		stat -c '%a %U %n' /etc/azswarm/*.env /etc/docker/tls/server.key`)
	t.Logf("on web-0:\n%s", worker)
	for _, want := range []string{
		"20.10.24", "-H fd:// -H tcp://10.50.128.4:2376 --tlsverify", "--cluster-store=consul://127.0.0.1:8500 --cluster-advertise=10.50.128.4:2376",
		"600 root /etc/azswarm/engine.env", "600 root /etc/azswarm/swarm-join.env", "600 root /etc/docker/tls/server.key",
	} {
		if !strings.Contains(worker, want) {
			t.Errorf("web-0 doesn't show %q", want)
		}
	}
	if strings.Contains(worker, "SHOWN") {
		t.Error("a token is on a command line of web-0")
	}
	const ask = "curl --silent --show-error --output /dev/null --write-out '%{http_code}' --max-time 10 "
	const tls = "/etc/azswarm/swarm-tls/"
	const certificate = "--cert " + tls + "server.pem --key " + tls + "server.key "
	for _, question := range []struct{ what, curl, want string }{
		{"an engine, with a certificate", "--cacert " + tls + "ca.pem " + certificate + "https://10.50.128.4:2376/version", "200"},
		{"an engine, without a certificate", "--insecure https://10.50.128.4:2376/version", "000"},
		{"an engine, without TLS", "http://10.50.128.4:2376/version", "400"},
		{"a manager, with a certificate", "--cacert " + tls + "ca.pem " + certificate + "https://10.50.2.5:4000/version", "200"},
		{"a manager, without a certificate", "--insecure https://10.50.2.5:4000/version", "000"},
		{"a manager's engine", "--insecure " + certificate + "https://10.50.2.5:2376/version", "000"},
	} {
		if got := l.ask(t, "managers-0", ask+question.curl+" || true"); !strings.HasSuffix(got, question.want) {
			t.Errorf("%s answers with HTTP status %s, want %s", question.what, got, question.want)
		}
	}
	l.wantsCertificate(t, `"SystemStatus"`)
	if got := l.ask(t, "managers-0", "docker ps --format '{{.Names}}' | sort | paste -sd ' '"); got != "consul swarm_manager" {
		t.Errorf("managers-0 runs %s, want the manager and its agent alone", got)
	}
}

// runsThePostsDemo runs the commands of the post against a replica, which forwards them to the primary.
func runsThePostsDemo(t *testing.T) {
	l := classic(t)
	primary, replica := l.primary(t)
	t.Logf("docker -H tcp://%s:4000 info (%s):\n%s", classicManagers[primary], primary, l.ask(t, primary, api(primary)+"d info 2>/dev/null"))
	output := l.ask(t, replica, api(replica)+`
		d network create -d overlay overlayCottonCandy >/dev/null
		d run -d --name=nginx_test -p 8000:80 --env="constraint:node==*web-0" --net=overlayCottonCandy nginx:1.28 >/dev/null
		d run -d --name=client_test --env="constraint:node==*web-1" --net=overlayCottonCandy nginx:1.28 sleep infinity >/dev/null
		d ps --format '{{.Names}}' | sort
		d exec client_test curl --silent --show-error --fail --retry 5 --retry-connrefused http://nginx_test`)
	title := regexp.MustCompile(`<title>.*</title>`).FindString(output)
	t.Logf("through the replica %s: client_test on web-1 asks nginx_test on web-0 by its name: %s", replica, title)
	if title != "<title>Welcome to nginx!</title>" {
		t.Errorf("the page is not nginx's:\n%s", output)
	}
	for _, placed := range []string{"web-0/nginx_test", "web-1/client_test"} {
		if !strings.Contains(output, placed) {
			t.Errorf("%s is not listed:\n%s", placed, output)
		}
	}
	eventually(t, "Registrator registers nginx", 30*time.Second, func() error {
		services, err := l.on(t.Context(), "consul-0", "docker exec consul consul catalog services")
		if err == nil && !slices.Contains(strings.Fields(services), "nginx") {
			err = fmt.Errorf("services: %s", services)
		}
		return err
	})
}

// discoversClassic tries service discovery on the standalone Swarm, in the same way as on the built-in one.
func discoversClassic(t *testing.T) {
	p := place{lab: classic(t), server: "consul-0", manager: "managers-0", workers: []string{"web-0", "web-1"}, overlay: "overlayCottonCandy"}
	var managers, workers []string
	for _, name := range slices.Sorted(maps.Keys(classicManagers)) {
		managers = append(managers, classicManagers[name]+":4000")
	}
	for _, name := range p.workers {
		workers = append(workers, p.address(t, name)+":2376")
	}
	t.Run("ContainersUseConsul", func(t *testing.T) { containersUseConsul(t, p) })
	t.Run("RegistratorHonoursMetadata", func(t *testing.T) { honoursMetadata(t, p) })
	t.Run("FailingServiceLeavesDNS", func(t *testing.T) { failingServiceLeaves(t, p) })
	t.Run("ServicesOfStoppedContainersGo", func(t *testing.T) { stoppedContainersGo(t, p) })
	t.Run("NodeServicesAreRegistered", func(t *testing.T) {
		nodeServicesAreRegistered(t, p, map[string]string{
			"SRV docker-api.service.consul": strings.Join(workers, " "), "SRV swarm-manager.service.consul": strings.Join(managers, " "),
		})
	})
	t.Run("ServicesOfDeadNodesGo", func(t *testing.T) { deadNodesGo(t, p, forgottenAfter) })
}

// survivesRebootClassic restarts a worker's machine: its engine starts before the agent that it keeps its networks with, as that
// is one of its containers.
func survivesRebootClassic(t *testing.T) {
	l := classic(t)
	l.power(t, "restart", "web-1")
	eventually(t, "web-1 is healthy after its reboot", 2*time.Minute, func() error {
		return l.healthy(t, "web-0", "web-1")
	})
	// As the post runs it, a container doesn't start with its machine.
	manager, _ := l.primary(t)
	page := l.ask(t, manager, api(manager)+`d start client_test >/dev/null
		d exec client_test curl --silent --show-error --fail --retry 10 --retry-all-errors http://nginx_test`)
	if !strings.Contains(page, "Welcome to nginx!") {
		t.Errorf("after its machine's reboot the client gets %q", page)
	}
}

// healthy expects the managers to call these workers healthy, and to know no others.
func (l *lab) healthy(t *testing.T, workers ...string) error {
	t.Helper()
	for name := range classicManagers {
		output, err := l.on(t.Context(), name, api(name)+"d info 2>/dev/null")
		if err != nil {
			return err
		}
		var found []string
		for _, match := range regexp.MustCompile(`(?m)^ +(\S+): 10\.50\.128\.\d+:2376\n +└ ID: .*\n +└ Status: (\S+)`).FindAllStringSubmatch(output, -1) {
			found = append(found, strings.TrimSuffix(match[1]+" "+match[2], " Healthy"))
		}
		slices.Sort(found)
		if !slices.Equal(found, workers) {
			return fmt.Errorf("%s knows the workers %q, want %q", name, found, workers)
		}
	}
	return nil
}

// scalesClassic turns the demo of the program on and adds a worker, then takes that away again.
func scalesClassic(t *testing.T) {
	l := classic(t)
	manager, _ := l.primary(t)
	eventually(t, "all workers are healthy", 2*time.Minute, func() error { return l.healthy(t, "web-0", "web-1") })
	const network = "overlayCottonCandy"
	left := l.ask(t, manager, api(manager)+"d rm -f client_test nginx_test >/dev/null; d network inspect --format '{{range .Containers}}{{.Name}} {{end}}' "+network)
	for name := range strings.FieldsSeq(left) { // of a machine that died; as the guide says
		l.ask(t, "web-0", fmt.Sprintf("docker network disconnect --force %s %s", network, name))
	}
	l.ask(t, manager, api(manager)+"d network rm "+network)
	l.configure(t, `pulumi config set azswarm:demo true
		pulumi config set --path 'azswarm:workers[0].count' 3`)
	output := l.up(t)
	proof := regexp.MustCompile(`ok +Overlay network.*\n.*\n(?:.*\n)*? +(<title>.*</title>)`).FindStringSubmatch(output)
	if proof == nil {
		t.Errorf("lab up doesn't prove the demo's overlay network\n%s", tail(output))
	} else {
		t.Logf("the program's demo: %s", strings.Join(strings.Fields(proof[0]), " "))
	}
	if err := l.healthy(t, "web-0", "web-1", "web-2"); err != nil {
		t.Error(err)
	}
	page := l.ask(t, manager, api(manager)+`d run --rm --env=constraint:node==web-2 --net=overlayCottonCandy nginx:1.28 \
		curl --silent --show-error --fail --retry 5 --retry-connrefused http://nginx_test`)
	if !strings.Contains(page, "Welcome to nginx!") {
		t.Errorf("a container on the added worker gets %q", page)
	}
	l.expectNoChanges(t)
	l.configure(t, `pulumi config set --path 'azswarm:workers[0].count' 2`)
	l.up(t)
	if err := l.healthy(t, "web-0", "web-1"); err != nil {
		t.Errorf("after web-2 has left: %v", err)
	}
}

// refusesOtherOrchestrator expects a preview and an update to refuse what cannot be done in place, and to change nothing but what
// components were asked for.
func refusesOtherOrchestrator(t *testing.T) {
	l := classic(t)
	// With secrets in plain text: each writing of a state encrypts them anew.
	before, machines := withoutComponents(l.state(t, "--show-secrets")), l.machines(t)
	l.configure(t, `pulumi config set azswarm:orchestrator swarm
		pulumi config rm azswarm:engine`)
	for _, command := range []string{"preview", "up --yes --skip-preview"} {
		_, output, err := l.try(t, "exec", append([]string{"--", "pulumi"}, strings.Fields(command+" --non-interactive")...)...)
		for _, want := range []string{`orchestrator: "swarm", but the cluster was made with "classic"`, `bring up a cluster with "swarm" beside it`} {
			if err == nil || !strings.Contains(output, want) {
				t.Errorf("pulumi %s: %v, want a refusal that says %q\n%s", command, err, want, tail(output))
			}
		}
	}
	after := withoutComponents(l.state(t, "--show-secrets"))
	for urn := range before {
		if !reflect.DeepEqual(before[urn], after[urn]) {
			t.Errorf("%s has changed in the state", urn)
		}
		delete(after, urn)
	}
	for urn := range after {
		t.Errorf("%s is new in the state", urn)
	}
	if after := l.machines(t); !slices.Equal(machines, after) {
		t.Errorf("machines %v, were %v", after, machines)
	}
	l.configure(t, "pulumi config set azswarm:orchestrator classic\n"+classicEngine(t))
}

// withoutComponents is a state by URN, for an update that fails leaves another order, and without azswarm's components: what they were
// asked for is noted before anything is refused, and what they give only where nothing was.
func withoutComponents(d deployment) map[string]resource {
	found := map[string]resource{}
	for _, r := range d.Deployment.Resources {
		if !strings.HasPrefix(r.Type, "azswarm:index:") {
			found[r.URN] = r
		}
	}
	return found
}

// refusesOtherEngine expects an engine with another checksum than the configuration's to be refused, and the one that runs to
// go on.
func refusesOtherEngine(t *testing.T) {
	l := classic(t)
	l.configure(t, "pulumi config set --path azswarm:engine.sha256 "+strings.Repeat("0a", 32))
	_, output, err := l.try(t, "exec", "--", "pulumi", "up", "--yes", "--skip-preview", "--non-interactive")
	if want := "must be " + strings.Repeat("0a", 32); err == nil || !strings.Contains(output, "has the SHA-256 ") || !strings.Contains(output, want) {
		t.Errorf("an archive with another checksum: %v, want a refusal with both\n%s", err, tail(output))
	}
	if err := l.healthy(t, "web-0", "web-1"); err != nil {
		t.Error(err)
	}
	l.configure(t, classicEngine(t))
	if done := summary(l.pulumi(t, "up", "--yes", "--skip-preview", "--non-interactive")); !maps.Equal(done, map[string]string{"update": "2"}) {
		t.Errorf("back at the engine there is, an update did %v, want only cluster and managers to know of it", done)
	}
	l.expectNoChanges(t)
}

// destroysClassic ends the tests of the standalone Swarm.
func destroysClassic(t *testing.T) {
	l := classic(t)
	l.pulumi(t, "destroy", "--yes", "--skip-preview", "--non-interactive")
	if left := l.machines(t); len(left) > 0 {
		t.Errorf("machines are left: %v", left)
	}
	standalone = nil
	l.run(t, "down")
}
