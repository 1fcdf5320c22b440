package access_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"

	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/access"
	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/access/accesstest"
)

var server = accesstest.Node("consul-0", access.TierConsul, "10.20.1.4")

func newNetwork(t *testing.T) *accesstest.Network {
	return accesstest.New(t, shell, accesstest.Node("azswarm-bastion", access.TierBastion, "10.20.0.4"), server)
}

// shell understands "fail", "hang" and "cat"; anything else it says to have run.
func shell(ctx context.Context, node, command string, stdin io.Reader, stdout, stderr io.Writer) int {
	switch command {
	case "hang":
		<-ctx.Done()
	case "fail":
		fmt.Fprintln(stderr, "it is broken")
		return 3
	case "cat":
		_, _ = io.Copy(stdout, stdin)
	default:
		fmt.Fprintf(stdout, "%s ran: %s", node, command)
	}
	return 0
}

func dial(t *testing.T, outputs access.Outputs) (*access.Client, error) {
	t.Helper()
	client, err := access.Dial(t.Context(), outputs)
	if err == nil {
		t.Cleanup(func() { _ = client.Close() })
	}
	return client, err
}

func TestRunReachesEveryNode(t *testing.T) {
	n := newNetwork(t)
	client, err := dial(t, n.Outputs)
	if err != nil {
		t.Fatal(err)
	}
	for _, node := range n.Outputs.Nodes {
		want := node.Name + " ran: echo hello"
		if node.Tier == access.TierBastion {
			want = access.BastionName + " ran: echo hello"
		}
		if output, err := client.Run(t.Context(), node, "echo hello"); err != nil || output != want {
			t.Errorf("Run on %s = %q, %v", node.Name, output, err)
		}
	}
	if _, err := client.Run(t.Context(), server, "fail"); err == nil || !strings.Contains(err.Error(), "consul-0") || !strings.Contains(err.Error(), "it is broken") {
		t.Errorf("a failing command: %v, want the node's name and what it wrote", err)
	}
}

func TestExecStreamsAndTellsTheExitStatus(t *testing.T) {
	n := newNetwork(t)
	client, err := dial(t, n.Outputs)
	if err != nil {
		t.Fatal(err)
	}
	var output bytes.Buffer
	err = client.Exec(t.Context(), server, "cat", access.Streams{Stdin: strings.NewReader("to and fro"), Stdout: &output})
	if err != nil || output.String() != "to and fro" {
		t.Errorf("cat: %q, %v", output.String(), err)
	}
	exit := new(ssh.ExitError)
	if err := client.Exec(t.Context(), server, "fail", access.Streams{}); !errors.As(err, &exit) || exit.ExitStatus() != 3 {
		t.Errorf("fail: %v, want exit status 3", err)
	}
}

func TestShellRunsOneCommandAfterAnother(t *testing.T) {
	n := newNetwork(t)
	client, err := dial(t, n.Outputs)
	if err != nil {
		t.Fatal(err)
	}
	shell, err := client.Connect(t.Context(), server)
	if err != nil {
		t.Fatal(err)
	}
	for _, command := range []string{"one", "two"} {
		var output bytes.Buffer
		if err := shell.Exec(t.Context(), command, access.Streams{Stdout: &output}); err != nil || output.String() != "consul-0 ran: "+command {
			t.Errorf("%s: %q, %v", command, output.String(), err)
		}
	}
	if !shell.Alive(t.Context()) || !client.Alive(t.Context()) {
		t.Error("connections are said to be dead")
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if shell.Alive(ended) {
		t.Error("a node that has no time to answer is said to be alive")
	}
	if err := shell.Exec(t.Context(), "three", access.Streams{}); err == nil {
		t.Error("a connection to a node that didn't answer is of use")
	}
	if err := client.Close(); err != nil {
		t.Fatal(err)
	}
	if client.Alive(t.Context()) {
		t.Error("a closed connection is said to be alive")
	}
}

func TestRunRefusesAHostWhoseKeyIsNotPinned(t *testing.T) {
	n := newNetwork(t)
	other, _ := accesstest.Key(t)
	bastionLine, _, _ := strings.Cut(n.Outputs.KnownHosts, "\n")
	outputs := n.Outputs
	outputs.KnownHosts = bastionLine + "\n" + knownhosts.Line([]string{"10.20.1.4"}, other.PublicKey()) + "\n"
	client, err := dial(t, outputs)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Run(t.Context(), server, "echo hello"); err == nil || !strings.Contains(err.Error(), "key mismatch") {
		t.Errorf("another key pinned for the node: %v, want a mismatch", err)
	}
	address, _, _ := strings.Cut(bastionLine, " ")
	outputs.KnownHosts = knownhosts.Line([]string{address}, other.PublicKey()) + "\n"
	if _, err := dial(t, outputs); err == nil || !strings.Contains(err.Error(), "key mismatch") {
		t.Errorf("another key pinned for the bastion: %v, want a mismatch", err)
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	n := newNetwork(t)
	client, err := dial(t, n.Outputs)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if _, err := client.Run(ctx, server, "hang"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a command that hangs: %v, want the deadline", err)
	}
}

func TestAMachineThatIsOffIsNamed(t *testing.T) {
	n := newNetwork(t)
	n.Stop(server)
	client, err := dial(t, n.Outputs)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Run(t.Context(), server, "true"); err == nil || !strings.Contains(err.Error(), "connect to consul-0 (10.20.1.4) through the bastion") {
		t.Errorf("Run: %v", err)
	}
}

func TestErrorsDoNotTellTheKey(t *testing.T) {
	outputs := newNetwork(t).Outputs
	outputs.SSHPrivateKey = "secret-but-no-key"
	if _, err := dial(t, outputs); err == nil || strings.Contains(err.Error(), "secret-but-no-key") {
		t.Errorf("a bad key: %v", err)
	}
}
