package cmd

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/access"
	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/access/accesstest"
)

// desk is an operator's machine: programs that note how they are called, in the place of pulumi, ssh and docker.
type desk struct {
	bin   string
	state string
}

// newDesk has a Pulumi CLI that knows a stack with these outputs.
func newDesk(t *testing.T, outputs any) *desk {
	t.Helper()
	d := &desk{bin: t.TempDir(), state: t.TempDir()}
	t.Setenv("PATH", d.bin)
	t.Setenv("XDG_STATE_HOME", d.state)
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	content, err := json.Marshal(outputs)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(d.bin, "outputs"), content, 0o600); err != nil {
		t.Fatal(err)
	}
	d.install(t, "pulumi", `case "$*" in
*--show-name*) echo dev ;;
*"stack output"*nowhere*) echo "error: no stack named 'nowhere' found" >&2; exit 255 ;;
*"stack output"*) /bin/cat "${0%/*}/outputs" ;;
*"stack export"*) echo '{"deployment":{"resources":[{"type":"azure-native:network/v20240501:VirtualNetwork",
	"inputs":{"subnets":[{"name":"workers","addressPrefix":"10.20.128.0/17"}]}},
	{"type":"azure-native:compute/v20240701:VirtualMachine","urn":"urn:pulumi:dev::azswarm::x$azure-native:compute/v20240701:VirtualMachine::web-0"},
	{"type":"command:remote:Command","urn":"urn:pulumi:dev::azswarm::x$command:remote:Command::web-0"}]}}' ;;
up*) exit 7 ;;
*) exit 9 ;;
esac`)
	return d
}

// install puts a program on the desk; what it is called with is noted.
func (d *desk) install(t *testing.T, name, script string) {
	t.Helper()
	text := "#!/bin/sh\nprintf '%s\\n' \"$*\" >>\"$0.calls\"\n" + script + "\n"
	if err := os.WriteFile(filepath.Join(d.bin, name), []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
}

// calls are the arguments a program was called with, a line a call.
func (d *desk) calls(name string) string {
	content, _ := os.ReadFile(filepath.Join(d.bin, name+".calls"))
	return string(content)
}

// run runs a command line, and returns what it prints.
func run(t *testing.T, args ...string) (string, error) {
	t.Helper()
	root := newRoot()
	var output, problems bytes.Buffer // two: both are written at once
	root.SetOut(&output)
	root.SetErr(&problems)
	root.SetArgs(args)
	err := root.ExecuteContext(t.Context())
	return output.String() + problems.String(), err
}

// network has a machine in each tier; each says which command it ran.
func network(t *testing.T) *accesstest.Network {
	n := accesstest.New(t, func(_ context.Context, node, command string, stdin io.Reader, stdout, _ io.Writer) int {
		input, _ := io.ReadAll(stdin)
		fmt.Fprintf(stdout, "%s ran %s with %q\n", node, command, input)
		if strings.Contains(command, "'fail'") {
			return 7
		}
		return 0
	},
		accesstest.Node("azswarm-bastion", access.TierBastion, "10.20.0.4"),
		accesstest.Node("consul-0", access.TierConsul, "10.20.1.4"),
		accesstest.Node("consul-1", access.TierConsul, "10.20.1.5"),
		accesstest.Node("managers-0", access.TierManagers, "10.20.2.4"),
		accesstest.Node("web-0", access.TierWorkers, "10.20.128.4"),
	)
	n.Outputs.ResourceGroup = "azswarm1234"
	n.Outputs.SwarmEndpoint = "tcp://198.18.0.5:2376"
	n.Outputs.SwarmClient = access.TLS{CA: "ca", Cert: "cert", Key: "secret-key"}
	return n
}

func TestMistakesAreExplained(t *testing.T) {
	newDesk(t, map[string]any{"url": "https://example.com"})
	for line, want := range map[string]string{
		"access --bogus":            "azswarm access --help",
		"access a b":                "at most 1",
		"access --stack a b":        "stack b or a?",
		"access --name ../x":        "its outputs name no machines",
		"access --remove --name ..": `name ".."`,
		"ssh":                       "azswarm ssh managers-0",
		"ssh managers-0":            "its outputs name no machines",
		"ssh --saved managers-0":    "`azswarm access` does that",
		"docker":                    "azswarm docker node ls",
		"consul":                    "azswarm consul members",
		"access nowhere":            "no stack named 'nowhere' found",
		"nonsense":                  `unknown command "nonsense"`,
	} {
		if output, err := run(t, strings.Fields(line)...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("azswarm %s: %v, want it to say %q\n%s", line, err, want, output)
		}
	}
	t.Setenv("PATH", "/nonexistent")
	if _, err := run(t, "access"); err == nil || !strings.Contains(err.Error(), "no pulumi on PATH") {
		t.Errorf("without pulumi: %v", err)
	}
}

func TestEveryCommandHasHelpWithExamples(t *testing.T) {
	var check func(*cobra.Command)
	check = func(c *cobra.Command) {
		if c.Short == "" || c.Long == "" || !strings.Contains(c.Example, c.CommandPath()) {
			t.Errorf("%s lacks help or an example of itself", c.CommandPath())
		}
		for _, child := range c.Commands() {
			check(child)
		}
	}
	check(newRoot())
}

func TestTheStackIsTheOneThatFlagsName(t *testing.T) {
	d := newDesk(t, network(t).Outputs)
	d.install(t, "ssh", "")
	if _, err := run(t, "ssh", "--cwd", "/clusters", "--stack", "org/azswarm/prod", "web-0"); err != nil {
		t.Fatal(err)
	}
	if calls := d.calls("pulumi"); calls != "stack output --json --show-secrets --non-interactive --cwd /clusters --stack org/azswarm/prod\n" {
		t.Errorf("pulumi was called so:\n%s", calls)
	}
}

func TestSSHRunsTheClientAndLeavesNothing(t *testing.T) {
	d := newDesk(t, network(t).Outputs)
	d.install(t, "ssh", `[ -f "$2" ] && [ -f "${2%/*}/key" ] && exit 5`)
	if _, err := run(t, "ssh", "web-0", "docker", "ps", "--all"); err != statusError(5) {
		t.Fatalf("ssh: %v, want the client's exit status 5", err)
	}
	fields := strings.Fields(d.calls("ssh"))
	if len(fields) != 6 || strings.Join(fields[2:], " ") != "web-0 docker ps --all" {
		t.Fatalf("ssh was called with %q", fields)
	}
	if _, err := os.Stat(filepath.Dir(fields[1])); err == nil {
		t.Error("the key is still there")
	}
	if _, err := run(t, "ssh", "web-7"); err == nil || !strings.Contains(err.Error(), `no node "web-7"`) {
		t.Errorf("a machine there is not: %v", err)
	}
	if _, err := run(t, "ssh", "--", "-L", "1:2:3", "consul-0"); err != statusError(5) || !strings.HasSuffix(d.calls("ssh"), " -L 1:2:3 consul-0\n") {
		t.Errorf("options of the client: %v\n%s", err, d.calls("ssh"))
	}
}

func TestDockerAsksTheSwarmWithItsCertificate(t *testing.T) {
	t.Setenv("DOCKER_HOST", "tcp://elsewhere:1")
	d := newDesk(t, network(t).Outputs)
	if _, err := run(t, "docker", "node", "ls"); err == nil || !strings.Contains(err.Error(), "azswarm ssh managers-0 sudo docker") {
		t.Errorf("without a client: %v", err)
	}
	d.install(t, "docker", `[ -z "$DOCKER_HOST" ] && [ "$(/bin/cat "$9")" = secret-key ] && exit 3`)
	if _, err := run(t, "docker", "node", "ls", "--quiet"); err != statusError(3) {
		t.Fatalf("docker: %v, want the client's exit status 3\n%s", err, d.calls("docker"))
	}
	calls := d.calls("docker")
	if !strings.HasPrefix(calls, "--host tcp://198.18.0.5:2376 --tlsverify ") || !strings.HasSuffix(calls, " node ls --quiet\n") || strings.Contains(calls, "secret-key") {
		t.Errorf("docker was called so: %s", calls)
	}
}

func TestConsulAsksTheFirstServerThatAnswers(t *testing.T) {
	n := network(t)
	n.Stop(n.Outputs.Nodes[1])
	newDesk(t, n.Outputs)
	output, err := run(t, "consul", "kv", "put", "it's", "-")
	if err != nil || !strings.HasPrefix(output, "consul-1 ran sudo -n sh -c ") || !strings.Contains(output, `consul 'kv' 'put' 'it'\''s' '-'`) {
		t.Errorf("consul: %v\n%s", err, output)
	}
	if _, err := run(t, "consul", "fail"); err != statusError(7) {
		t.Errorf("consul that fails: %v, want its exit status 7", err)
	}
	n.Stop(n.Outputs.Nodes[2])
	if _, err := run(t, "consul", "members"); err == nil || !strings.Contains(err.Error(), "no Consul server can be asked") || !strings.Contains(err.Error(), "consul-1 (10.20.1.5)") {
		t.Errorf("without a server: %v", err)
	}
}

func TestAccessSavesRefreshesAndRemoves(t *testing.T) {
	n := network(t)
	d := newDesk(t, n.Outputs)
	d.install(t, "docker", `case "$*" in
"context inspect"*) [ -f "$0.there" ] ;;
"context create"*) /bin/touch "$0.there" ;;
"context rm"*) /bin/rm "$0.there" ;;
esac`)
	output, err := run(t, "access")
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(d.state, "azswarm", "dev")
	for _, want := range []string{dir, "azswarm ssh --saved --stack dev managers-0", "ssh -F " + dir + "/ssh_config managers-0", "docker --context azswarm-dev node ls", "azswarm access --remove dev"} {
		if !strings.Contains(output, want) {
			t.Errorf("%q is not said:\n%s", want, output)
		}
	}
	if strings.Contains(output, "secret-key") {
		t.Error("the output has a key in it")
	}
	// Again, for another cluster of that name.
	n.Outputs.ResourceGroup = "azswarm5678"
	d = &desk{bin: d.bin, state: d.state}
	content, _ := json.Marshal(n.Outputs)
	if err := os.WriteFile(filepath.Join(d.bin, "outputs"), content, 0o600); err != nil {
		t.Fatal(err)
	}
	if output, err := run(t, "access"); err != nil || !strings.Contains(output, "dev had the cluster in resource group azswarm1234") {
		t.Errorf("access again: %v\n%s", err, output)
	}
	for _, verb := range []string{"create", "update"} {
		want := "context " + verb + " --description Swarm of stack dev --docker host=tcp://198.18.0.5:2376,ca=" + dir + "/docker/ca.pem,cert=" + dir + "/docker/cert.pem,key=" + dir + "/docker/key.pem azswarm-dev\n"
		if strings.Count(d.calls("docker"), want) != 1 {
			t.Errorf("docker was called so:\n%swant once %s", d.calls("docker"), want)
		}
	}
	// What is saved is enough, without Pulumi.
	d.install(t, "ssh", "")
	d.install(t, "pulumi", "exit 1")
	if _, err := run(t, "ssh", "--saved", "web-0"); err != nil {
		t.Errorf("with what was saved: %v", err)
	}
	if output, err := run(t, "__complete", "ssh", ""); err != nil || !strings.Contains(output, "bastion\nconsul-0\nconsul-1\nmanagers-0\nweb-0\n") {
		t.Errorf("completion: %v\n%s", err, output)
	}
	for range 2 {
		if _, err := run(t, "access", "--remove", "dev"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("the files are still there")
	}
	if calls := d.calls("docker"); strings.Count(calls, "context rm --force azswarm-dev\n") != 1 {
		t.Errorf("docker was called so:\n%s", calls)
	}
}

// eventuallyCalled waits for a program that runs by itself to be called.
func eventuallyCalled(t *testing.T, d *desk, name, arguments string) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if d.calls(name) == arguments+"\n" {
			return
		}
	}
	t.Errorf("%s was called with %q, want %q", name, d.calls(name), arguments)
}

// begin runs a command that goes on until it is interrupted, and returns the first line it prints.
func begin(t *testing.T, args ...string) (line string, interrupt func(), ended <-chan error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	reader, writer := io.Pipe()
	root := newRoot()
	root.SetOut(writer)
	root.SetArgs(args)
	end := make(chan error, 1)
	go func() {
		err := root.ExecuteContext(ctx)
		_ = writer.CloseWithError(fmt.Errorf("it ended: %w", cmp.Or(err, io.EOF)))
		end <- err
	}()
	line, err := bufio.NewReader(reader).ReadString('\n')
	if err != nil {
		t.Fatalf("azswarm %v says %q: %v", args, line, err)
	}
	return line, cancel, end
}

// get asks for a page.
func get(t *testing.T, url string) (*http.Response, error) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err == nil {
		t.Cleanup(func() { _ = response.Body.Close() })
	}
	return response, err
}
