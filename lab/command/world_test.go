package command

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"golang.org/x/crypto/ssh"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/seed-3bc5c20b/azswarm/lab/command/internal/sshtest"
	"github.com/seed-3bc5c20b/azswarm/lab/plugin"
)

// world is a provider behind gRPC, an engine that keeps what it logs, and a network with a target and a bastion.
type world struct {
	*Provider
	client          pulumirpc.ResourceProviderClient
	engine          *fakeEngine
	key             sshtest.Key
	target, bastion *sshtest.Server

	mu     sync.Mutex
	pauses []time.Duration
	dials  []string
}

// The addresses of the world's network.
const (
	targetAddress  = "10.0.0.11:22"
	bastionAddress = "127.0.1.1:22"
	refusing       = "10.0.0.11:2222"
)

func newWorld(t *testing.T) *world {
	t.Helper()
	t.Setenv("SSH_AUTH_SOCK", "")
	w := &world{Provider: New(), engine: &fakeEngine{}, key: sshtest.NewKey(t)}
	w.target = sshtest.Start(t, w.key.Public, nil, debianHostKeys(t)...)
	w.bastion = sshtest.Start(t, w.key.Public, w.forward)
	w.dialer.Connect = w.connect
	w.dialer.Pause = func(ctx context.Context, d time.Duration) error {
		w.mu.Lock()
		w.pauses = append(w.pauses, d)
		w.mu.Unlock()
		return ctx.Err()
	}

	servers, err := plugin.Serve(map[string]pulumirpc.ResourceProviderServer{"command": w.Provider})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(servers.Stop)
	_, port, _ := strings.Cut(servers.Env(), "command:")
	conn, err := grpc.NewClient("127.0.0.1:"+port, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	w.client = pulumirpc.NewResourceProviderClient(conn)
	if _, err := w.client.Handshake(t.Context(), &pulumirpc.ProviderHandshakeRequest{EngineAddress: w.engine.start(t)}); err != nil {
		t.Fatal(err)
	}
	return w
}

// debianHostKeys are the other host keys of a Debian host, with the algorithms OpenSSH 9.2 offers for them.
func debianHostKeys(t *testing.T) []ssh.Signer {
	t.Helper()
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	rsaSigner, err := ssh.NewSignerFromKey(rsaKey)
	if err != nil {
		t.Fatal(err)
	}
	rsaSigner, err = ssh.NewSignerWithAlgorithms(rsaSigner.(ssh.AlgorithmSigner), []string{ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256})
	if err != nil {
		t.Fatal(err)
	}
	ecdsaKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ecdsaSigner, err := ssh.NewSignerFromKey(ecdsaKey)
	if err != nil {
		t.Fatal(err)
	}
	return []ssh.Signer{rsaSigner, ecdsaSigner}
}

// connect is the network as this machine sees it.
func (w *world) connect(ctx context.Context, address string, _ time.Duration) (net.Conn, error) {
	w.mu.Lock()
	w.dials = append(w.dials, address)
	w.mu.Unlock()
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	failed := &net.OpError{Op: "dial", Net: "tcp"}
	if ip := net.ParseIP(host); ip != nil {
		failed.Addr = named(address)
	}
	switch {
	case address == targetAddress:
		return (&net.Dialer{}).DialContext(ctx, "tcp", w.target.Address)
	case address == bastionAddress:
		return (&net.Dialer{}).DialContext(ctx, "tcp", w.bastion.Address)
	case host == "nosuch.invalid":
		failed.Err = &net.DNSError{Err: "no such host", Name: host, Server: "10.255.255.53:53", IsNotFound: true}
	case port == "2222":
		failed.Err = os.NewSyscallError("connect", syscall.ECONNREFUSED)
	default:
		failed.Err = silence{expired: host == "10.0.77.77"}
	}
	return nil, failed
}

// forward is the network as the bastion sees it; its errors are what sshd says.
func (w *world) forward(address string) (net.Conn, error) {
	switch address {
	case targetAddress, "pf-n1:22":
		return net.Dial("tcp", w.target.Address)
	case refusing:
		return nil, errors.New("Connection refused")
	default:
		return nil, errors.New("No route to host")
	}
}

type named string

func (named) Network() string  { return "tcp" }
func (a named) String() string { return string(a) }

// silence is the time-out of a dial. The net package has two, told apart only by whether they are deadlines too.
type silence struct {
	expired bool
}

func (silence) Error() string          { return "i/o timeout" }
func (s silence) Is(target error) bool { return s.expired && target == context.DeadlineExceeded }

// pausesSoFar are the pauses between dials, which the world does not wait for.
func (w *world) pausesSoFar() []time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]time.Duration(nil), w.pauses...)
}

// put writes a file on the target; a name that ends in a slash makes a directory.
func (w *world) put(t *testing.T, name, content string) {
	t.Helper()
	putFile(t, filepath.Join(w.target.Root, name), name, content)
}

func putFile(t *testing.T, at, name, content string) {
	t.Helper()
	if strings.HasSuffix(name, "/") {
		if err := os.MkdirAll(at, 0o755); err != nil {
			t.Fatal(err)
		}
		return
	}
	if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(at, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// fakeEngine keeps the messages it is sent.
type fakeEngine struct {
	pulumirpc.UnimplementedEngineServer

	mu       sync.Mutex
	messages []*pulumirpc.LogRequest
	onLog    func(*pulumirpc.LogRequest)
}

func (e *fakeEngine) start(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer()
	pulumirpc.RegisterEngineServer(server, e)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	return listener.Addr().String()
}

func (e *fakeEngine) Log(_ context.Context, message *pulumirpc.LogRequest) (*emptypb.Empty, error) {
	e.mu.Lock()
	e.messages = append(e.messages, message)
	onLog := e.onLog
	e.mu.Unlock()
	if onLog != nil {
		onLog(message)
	}
	return &emptypb.Empty{}, nil
}

// take returns the messages so far as "severity text", with "status" for what is ephemeral, and forgets them.
func (e *fakeEngine) take() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	var texts []string
	for _, message := range e.messages {
		kind := strings.ToLower(message.GetSeverity().String())
		if message.GetEphemeral() {
			kind = "status"
		}
		texts = append(texts, kind+" "+message.GetMessage())
	}
	e.messages = nil
	return texts
}
