package access

import (
	"context"
	"crypto/ed25519"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
)

// network is a bastion on loopback and a node behind it. The bastion's port is not 22, so the test dials it itself.
type network struct {
	bastion net.Listener
	outputs Outputs
}

func newNetwork(t *testing.T) network {
	t.Helper()
	userKey, userPEM := newKey(t)
	bastionKey, _ := newKey(t)
	nodeKey, _ := newKey(t)
	node := Node{Name: "consul-0", Tier: TierConsul, Address: netip.MustParseAddr("10.20.1.4")}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go serveSSH(conn, bastionKey, userKey.PublicKey(), func(channel ssh.NewChannel) {
				forward(channel, "10.20.1.4", func(conn net.Conn) { serveSSH(conn, nodeKey, userKey.PublicKey(), shell) })
			})
		}
	}()
	return network{bastion: listener, outputs: Outputs{
		Bastion: Bastion{Host: "127.0.0.1", User: "admin"}, AdminUser: "admin", SSHPrivateKey: userPEM,
		KnownHosts: knownhosts.Line([]string{listener.Addr().String()}, bastionKey.PublicKey()) + "\n" +
			knownhosts.Line([]string{"10.20.1.4"}, nodeKey.PublicKey()) + "\n",
		Nodes: []Node{node},
	}}
}

func (n network) dial(t *testing.T, outputs Outputs) (*Client, error) {
	t.Helper()
	client, err := dial(t.Context(), outputs, n.bastion.Addr().String())
	if err == nil {
		t.Cleanup(func() { _ = client.Close() })
	}
	return client, err
}

func TestRunReachesANodeThroughTheBastion(t *testing.T) {
	n := newNetwork(t)
	client, err := n.dial(t, n.outputs)
	if err != nil {
		t.Fatal(err)
	}
	output, err := client.Run(t.Context(), n.outputs.Nodes[0], "echo hello")
	if err != nil || output != "ran: echo hello" {
		t.Errorf("Run = %q, %v", output, err)
	}
	if _, err := client.Run(t.Context(), n.outputs.Nodes[0], "fail"); err == nil || !strings.Contains(err.Error(), "consul-0") || !strings.Contains(err.Error(), "it is broken") {
		t.Errorf("a failing command: %v, want the node's name and what it wrote", err)
	}
}

func TestRunRefusesAHostWhoseKeyIsNotPinned(t *testing.T) {
	n := newNetwork(t)
	other, _ := newKey(t)
	bastionLine, _, _ := strings.Cut(n.outputs.KnownHosts, "\n")
	outputs := n.outputs
	outputs.KnownHosts = bastionLine + "\n" + knownhosts.Line([]string{"10.20.1.4"}, other.PublicKey()) + "\n"
	client, err := n.dial(t, outputs)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Run(t.Context(), outputs.Nodes[0], "echo hello"); err == nil || !strings.Contains(err.Error(), "key mismatch") {
		t.Errorf("another key pinned for the node: %v, want a mismatch", err)
	}
	outputs.KnownHosts = knownhosts.Line([]string{n.bastion.Addr().String()}, other.PublicKey()) + "\n"
	if _, err := n.dial(t, outputs); err == nil || !strings.Contains(err.Error(), "key mismatch") {
		t.Errorf("another key pinned for the bastion: %v, want a mismatch", err)
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	n := newNetwork(t)
	client, err := n.dial(t, n.outputs)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if _, err := client.Run(ctx, n.outputs.Nodes[0], "hang"); err == nil || !strings.Contains(err.Error(), "deadline") {
		t.Errorf("a command that hangs: %v, want the deadline", err)
	}
}

func TestErrorsDoNotTellTheKey(t *testing.T) {
	n := newNetwork(t)
	outputs := n.outputs
	outputs.SSHPrivateKey = "secret-but-no-key"
	if _, err := n.dial(t, outputs); err == nil || strings.Contains(err.Error(), "secret-but-no-key") {
		t.Errorf("a bad key: %v", err)
	}
}

func newKey(t *testing.T) (ssh.Signer, string) {
	t.Helper()
	_, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(private, "")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return signer, string(pem.EncodeToMemory(block))
}

// serveSSH is a server for one user that hands every channel to serve.
func serveSSH(conn net.Conn, host ssh.Signer, user ssh.PublicKey, serve func(ssh.NewChannel)) {
	config := &ssh.ServerConfig{PublicKeyCallback: func(_ ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
		if string(key.Marshal()) != string(user.Marshal()) {
			return nil, fmt.Errorf("unknown key")
		}
		return nil, nil
	}}
	config.AddHostKey(host)
	_, channels, requests, err := ssh.NewServerConn(conn, config)
	if err != nil {
		return
	}
	go ssh.DiscardRequests(requests)
	for channel := range channels {
		go serve(channel)
	}
}

// forward connects a channel for the given address to a server behind the bastion.
func forward(request ssh.NewChannel, address string, serve func(net.Conn)) {
	var target struct {
		Host       string
		Port       uint32
		Origin     string
		OriginPort uint32
	}
	if ssh.Unmarshal(request.ExtraData(), &target) != nil || target.Host != address || target.Port != 22 {
		_ = request.Reject(ssh.ConnectionFailed, "no route to host")
		return
	}
	channel, requests, err := request.Accept()
	if err != nil {
		return
	}
	go ssh.DiscardRequests(requests)
	near, far := net.Pipe()
	go serve(far)
	go func() { _, _ = io.Copy(near, channel); _ = near.Close() }()
	_, _ = io.Copy(channel, near)
	_ = channel.Close()
}

// shell understands "fail" and "hang"; anything else it says to have run.
func shell(request ssh.NewChannel) {
	channel, requests, err := request.Accept()
	if err != nil {
		return
	}
	for request := range requests {
		var command struct{ Text string }
		if request.Type != "exec" || ssh.Unmarshal(request.Payload, &command) != nil {
			continue
		}
		_ = request.Reply(true, nil)
		status := uint32(0)
		switch command.Text {
		case "hang":
			continue
		case "fail":
			status = 1
			fmt.Fprintln(channel.Stderr(), "it is broken")
		default:
			fmt.Fprint(channel, "ran: "+command.Text)
		}
		_, _ = channel.SendRequest("exit-status", false, ssh.Marshal(struct{ Status uint32 }{status}))
		_ = channel.Close()
	}
}
