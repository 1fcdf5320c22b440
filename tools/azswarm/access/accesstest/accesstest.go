// Package accesstest is a bastion on loopback, with machines behind it, for tests of what reaches them over SSH.
package accesstest

import (
	"context"
	"crypto/ed25519"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"

	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/access"
)

// Shell runs a command on a machine and returns its exit status. The context ends with the connection.
type Shell func(ctx context.Context, node, command string, stdin io.Reader, stdout, stderr io.Writer) (status int)

// Network is a bastion and the machines behind it.
type Network struct {
	// Outputs are those of a stack with these machines.
	Outputs access.Outputs
	shell   Shell
	user    ssh.PublicKey
	keys    map[string]ssh.Signer  // host keys by name
	nodes   map[string]access.Node // by address; those that answer

	mutex  sync.Mutex
	logins []*ssh.ServerConn
	left   int               // of them, that are over
	local  map[string]string // addresses that nodes reach, and where those are on this machine
}

// New starts a network with these nodes, of which those of the bastion's tier share the bastion's address. It ends with the test.
func New(t testing.TB, shell Shell, nodes ...access.Node) *Network {
	t.Helper()
	user, userPEM := Key(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	n := &Network{shell: shell, user: user.PublicKey(), keys: map[string]ssh.Signer{}, nodes: map[string]access.Node{}}
	n.keys[access.BastionName], _ = Key(t)
	known := knownhosts.Line([]string{listener.Addr().String()}, n.keys[access.BastionName].PublicKey()) + "\n"
	for _, node := range nodes {
		if node.Tier == access.TierBastion {
			continue
		}
		n.keys[node.Name], _ = Key(t)
		n.nodes[node.Address.String()] = node
		known += knownhosts.Line([]string{node.Address.String()}, n.keys[node.Name].PublicKey()) + "\n"
	}
	n.Outputs = access.Outputs{
		Bastion:       access.Bastion{Host: "127.0.0.1", User: "admin", Port: listener.Addr().(*net.TCPAddr).Port},
		AdminUser:     "admin",
		SSHPrivateKey: userPEM,
		KnownHosts:    known,
		Nodes:         nodes,
	}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go n.serve(conn, access.BastionName)
		}
	}()
	return n
}

// Node is a node of a tier.
func Node(name, tier, address string) access.Node {
	return access.Node{Name: name, Tier: tier, Address: netip.MustParseAddr(address)}
}

// Stop has the bastion reach the node no more, and ends all connections.
func (n *Network) Stop(node access.Node) {
	n.mutex.Lock()
	delete(n.nodes, node.Address.String())
	n.mutex.Unlock()
	n.Break()
}

// Serve has all nodes find at an address what is at another one of this machine.
func (n *Network) Serve(address, from string) {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	if n.local == nil {
		n.local = map[string]string{}
	}
	n.local[address] = from
}

// Logins is how many connections there were.
func (n *Network) Logins() int {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	return len(n.logins)
}

// AwaitNobody waits until all connections are over.
func (n *Network) AwaitNobody(t testing.TB) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		n.mutex.Lock()
		open := len(n.logins) - n.left
		n.mutex.Unlock()
		if open == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d connections are still there", open)
		}
	}
}

// Break ends all connections that there are.
func (n *Network) Break() {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	for _, login := range n.logins {
		_ = login.Close()
	}
}

// Key makes a key pair, and its private part as PEM.
func Key(t testing.TB) (ssh.Signer, string) {
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

// serve is the sshd of the bastion or of a node, for the one user there is.
func (n *Network) serve(conn net.Conn, name string) {
	config := &ssh.ServerConfig{PublicKeyCallback: func(_ ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
		if string(key.Marshal()) != string(n.user.Marshal()) {
			return nil, errors.New("unknown key")
		}
		return nil, nil
	}}
	config.AddHostKey(n.keys[name])
	login, channels, requests, err := ssh.NewServerConn(conn, config)
	if err != nil {
		return
	}
	n.mutex.Lock()
	n.logins = append(n.logins, login)
	n.mutex.Unlock()
	go ssh.DiscardRequests(requests)
	for channel := range channels {
		switch channel.ChannelType() {
		case "session":
			go n.session(channel, name)
		case "direct-tcpip":
			go n.forward(channel, name)
		default:
			_ = channel.Reject(ssh.UnknownChannelType, "neither a session nor a connection")
		}
	}
	n.mutex.Lock()
	n.left++
	n.mutex.Unlock()
}

// forward connects a channel to what a machine reaches: the bastion servers, and the others what [Network.Serve] serves.
func (n *Network) forward(request ssh.NewChannel, name string) {
	var target struct {
		Host       string
		Port       uint32
		Origin     string
		OriginPort uint32
	}
	err := ssh.Unmarshal(request.ExtraData(), &target)
	var far net.Conn
	if err == nil {
		far, err = n.reach(name, target.Host, target.Port)
	}
	if err != nil {
		_ = request.Reject(ssh.ConnectionFailed, err.Error())
		return
	}
	channel, requests, err := request.Accept()
	if err != nil {
		return
	}
	go ssh.DiscardRequests(requests)
	go func() {
		_, _ = io.Copy(far, channel)
		_ = far.Close()
	}()
	_, _ = io.Copy(channel, far)
	_ = channel.Close()
}

func (n *Network) reach(name, host string, port uint32) (net.Conn, error) {
	n.mutex.Lock()
	node, up := n.nodes[host]
	local := n.local[net.JoinHostPort(host, fmt.Sprint(port))]
	n.mutex.Unlock()
	if name != access.BastionName {
		return net.Dial("tcp", local)
	}
	if !up || port != 22 {
		return nil, errors.New("no route to host")
	}
	near, far := net.Pipe()
	go n.serve(far, node.Name)
	return near, nil
}

// session runs one command.
func (n *Network) session(request ssh.NewChannel, name string) {
	channel, requests, err := request.Accept()
	if err != nil {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	for request := range requests {
		var command struct{ Text string }
		if request.Type != "exec" || ssh.Unmarshal(request.Payload, &command) != nil {
			continue
		}
		_ = request.Reply(true, nil)
		go func() {
			status := n.shell(ctx, name, command.Text, channel, channel, channel.Stderr())
			_, _ = channel.SendRequest("exit-status", false, ssh.Marshal(struct{ Status uint32 }{uint32(status)}))
			_ = channel.Close()
		}()
	}
}
