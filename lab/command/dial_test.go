package command

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"net"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"golang.org/x/crypto/ssh"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/seed-3bc5c20b/azswarm/lab/command/internal/sshtest"
)

const (
	commandURN = "urn:pulumi:s::p::command:remote:Command::c"
	copyURN    = "urn:pulumi:s::p::command:remote:CopyToRemote::c"
	localURN   = "urn:pulumi:s::p::command:local:Command::c"
)

// create creates a resource whose connection has the given fields, to the target unless they say otherwise.
func (w *world) create(t *testing.T, urn string, connection map[string]any, inputs map[string]any) (map[string]any, error) {
	t.Helper()
	response, err := w.client.Create(t.Context(), &pulumirpc.CreateRequest{Urn: urn, Properties: w.inputs(t, connection, inputs)})
	return response.GetProperties().AsMap(), err
}

func (w *world) inputs(t *testing.T, connection map[string]any, inputs map[string]any) *structpb.Struct {
	t.Helper()
	full := map[string]any{"host": "10.0.0.11", "privateKey": w.key.PEM}
	for key, value := range connection {
		full[key] = value
	}
	all := map[string]any{"connection": map[string]any{secretMark: full}}
	for key, value := range inputs {
		all[key] = value
	}
	return toWire(t, all)
}

func (w *world) through(fields map[string]any) map[string]any {
	proxy := map[string]any{"host": "127.0.1.1", "privateKey": w.key.PEM}
	for key, value := range fields {
		proxy[key] = value
	}
	return proxy
}

func TestDialsAreRepeatedAsOftenAsTheLimitSays(t *testing.T) {
	wrong := func(t *testing.T) string { return sshtest.NewKey(t).PEM }
	const unauthorized = "ssh: handshake failed: ssh: unable to authenticate, attempted methods [none publickey], no supported methods remain"
	for name, test := range map[string]struct {
		connection map[string]any
		dials      int
		statuses   []string
		err        string
	}{
		"refused, no limit given": {
			connection: map[string]any{"port": 2222.0}, dials: 11,
			err: "after 10 failed attempts: dial tcp 10.0.0.11:2222: connect: connection refused",
		},
		"refused, limit 2": {
			connection: map[string]any{"port": 2222.0, "dialErrorLimit": 2.0}, dials: 3,
			statuses: []string{"status Dial 1/2 failed: retrying", "status Dial 2/2 failed: retrying"},
			err:      "after 2 failed attempts: dial tcp 10.0.0.11:2222: connect: connection refused",
		},
		"refused, limit 0": {
			connection: map[string]any{"port": 2222.0, "dialErrorLimit": 0.0}, dials: 1,
			err: "after 0 failed attempts: dial tcp 10.0.0.11:2222: connect: connection refused",
		},
		"wrong key": {
			connection: map[string]any{"privateKey": wrong(t), "dialErrorLimit": 2.0}, dials: 3,
			err: "after 2 failed attempts: " + unauthorized,
		},
		"wrong user": {
			connection: map[string]any{"user": "nobody", "dialErrorLimit": 1.0}, dials: 2,
			err: "after 1 failed attempts: " + unauthorized,
		},
		"wrong host key": {
			connection: map[string]any{"hostKey": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIN34FOCPV8bEykHrHeKmri75Hgd2ncF89LrsgmqZ4eLd", "dialErrorLimit": 1.0}, dials: 2,
			err: "after 1 failed attempts: ssh: handshake failed: ssh: host key mismatch",
		},
		"key that is none":      {connection: map[string]any{"privateKey": "garbage"}, err: "ssh: no key found"},
		"host key that is none": {connection: map[string]any{"hostKey": "garbage"}, err: "failed to parse host key: ssh: no key found"},
		"agent that is gone": {
			connection: map[string]any{"agentSocketPath": "/nonexistent/agent"},
			err:        "dial unix /nonexistent/agent: connect: no such file or directory",
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			_, err := w.create(t, commandURN, test.connection, map[string]any{"create": "echo ok"})
			if status.Convert(err).Message() != test.err || status.Code(err) != codes.Unknown {
				t.Errorf("error %v, want Unknown: %s", err, test.err)
			}
			if len(w.dials) != test.dials {
				t.Errorf("%d dials, want %d", len(w.dials), test.dials)
			}
			if messages := w.engine.take(); test.statuses != nil && !reflect.DeepEqual(messages, test.statuses) {
				t.Errorf("messages %q, want %q", messages, test.statuses)
			}
		})
	}
}

func TestPausesGrowByHalfUpToFiveSeconds(t *testing.T) {
	w := newWorld(t)
	_, _ = w.create(t, commandURN, map[string]any{"port": 2222.0, "dialErrorLimit": 12.0}, map[string]any{"create": "echo ok"})
	var rounded []string
	total := time.Duration(0)
	for i, pause := range w.pausesSoFar() {
		rounded = append(rounded, fmt.Sprintf("%.2f", pause.Seconds()))
		if i < 10 {
			total += pause
		}
	}
	want := []string{"0.10", "0.15", "0.23", "0.34", "0.51", "0.76", "1.14", "1.71", "2.56", "3.84", "5.00", "5.00"}
	if !slices.Equal(rounded, want) {
		t.Errorf("pauses %v, want %v", rounded, want)
	}
	if total.Round(100*time.Millisecond) != 11300*time.Millisecond {
		t.Errorf("the default limit pauses %v in all, want 11.3s", total)
	}
}

func TestStaleAgentBreaksConnectionsThatHaveAKey(t *testing.T) {
	w := newWorld(t)
	t.Setenv("SSH_AUTH_SOCK", "/nonexistent/agent")
	_, err := w.create(t, commandURN, nil, map[string]any{"create": "echo ok"})
	if want := "dial unix /nonexistent/agent: connect: no such file or directory"; status.Convert(err).Message() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}

func TestProxyPhases(t *testing.T) {
	w := newWorld(t)
	wrongKey := sshtest.NewKey(t).PEM
	for name, test := range map[string]struct {
		connection map[string]any
		statuses   []string
		err        string
	}{
		"works, with host keys on both": {
			connection: map[string]any{
				"hostKey": w.target.HostKey, "proxy": w.through(map[string]any{"hostKey": w.bastion.HostKey}),
			},
		},
		"target is a name of the bastion's": {
			connection: map[string]any{"host": "pf-n1", "proxy": w.through(nil)},
		},
		"bastion has another host key": {
			connection: map[string]any{"proxy": w.through(map[string]any{"hostKey": w.target.HostKey, "dialErrorLimit": 1.0})},
			statuses:   []string{"status Dial proxy 1/1 failed: retrying"},
			err:        "proxy: after 1 failed attempts: ssh: handshake failed: ssh: host key mismatch",
		},
		"target refuses": {
			connection: map[string]any{"port": 2222.0, "dialErrorLimit": 1.0, "proxy": w.through(nil)},
			statuses:   []string{"status Dial from proxy 1/1 failed: retrying"},
			err:        "proxy: after 1 failed attempts: ssh: rejected: connect failed (Connection refused)",
		},
		"target has another host key, reason lost": {
			connection: map[string]any{"hostKey": w.bastion.HostKey, "dialErrorLimit": 1.0, "proxy": w.through(nil)},
			statuses:   []string{"status Dial 1/1 failed: retrying"},
			err:        "proxy: after 1 failed attempts: ssh: handshake failed: EOF",
		},
		"target has another host key, one attempt": {
			connection: map[string]any{"hostKey": w.bastion.HostKey, "dialErrorLimit": 0.0, "proxy": w.through(nil)},
			err:        "proxy: after 0 failed attempts: ssh: handshake failed: ssh: host key mismatch",
		},
		"target does not know the key": {
			connection: map[string]any{"privateKey": wrongKey, "dialErrorLimit": 1.0, "proxy": w.through(nil)},
			statuses:   []string{"status Dial 1/1 failed: retrying"},
			err:        "proxy: after 1 failed attempts: ssh: handshake failed: EOF",
		},
	} {
		t.Run(name, func(t *testing.T) {
			state, err := w.create(t, commandURN, test.connection, map[string]any{"create": "echo ok", "logging": "none"})
			if status.Convert(err).Message() != test.err {
				t.Errorf("error %v, want %q", err, test.err)
			}
			if messages := w.engine.take(); !slices.Equal(messages, test.statuses) {
				t.Errorf("messages %q, want %q", messages, test.statuses)
			}
			if test.err == "" && state["stdout"] != "ok" {
				t.Errorf("stdout %q, want ok", state["stdout"])
			}
		})
	}
}

func TestHostThatAppearsLaterIsReached(t *testing.T) {
	w := newWorld(t)
	dials := 0
	w.dialer.Connect = func(ctx context.Context, address string, timeout time.Duration) (net.Conn, error) {
		if dials++; dials < 4 {
			address = refusing
		}
		return w.connect(ctx, address, timeout)
	}
	state, err := w.create(t, commandURN, nil, map[string]any{"create": "echo up"})
	if err != nil || state["stdout"] != "up" {
		t.Errorf("stdout %v, error %v after %d dials", state["stdout"], err, dials)
	}
}

// TestCancelEndsDialling uses the real clock and network: the pause and the handshake must both give way.
func TestCancelEndsDialling(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0") // accepts and never says a word
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = silent.Close() }()
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = closed.Close()

	for name, test := range map[string]struct {
		address net.Addr
		limit   float64
	}{
		"in a handshake": {silent.Addr(), 0},
		"in a pause":     {closed.Addr(), -1},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.dialer.Pause = nil
			dialling := make(chan struct{}, 100)
			w.dialer.Connect = func(ctx context.Context, _ string, _ time.Duration) (net.Conn, error) {
				conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", test.address.String())
				dialling <- struct{}{}
				return conn, err
			}
			go func() {
				<-dialling
				_, _ = w.Cancel(context.Background(), nil)
			}()
			_, err := w.create(t, commandURN, map[string]any{"dialErrorLimit": test.limit}, map[string]any{"create": "echo ok"})
			if status.Code(err) != codes.Canceled || status.Convert(err).Message() != "context canceled" {
				t.Errorf("error %v, want Canceled: context canceled", err)
			}
			w.dialer.Connect = w.connect
			if _, err := w.create(t, commandURN, nil, map[string]any{"create": "echo ok"}); err != nil {
				t.Errorf("after a cancelled operation: %v", err)
			}
		})
	}
}

func authorizedKey(t *testing.T, key *rsa.PrivateKey) string {
	t.Helper()
	public, err := ssh.NewPublicKey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	return string(ssh.MarshalAuthorizedKey(public))
}

func TestOnlyTheTypeOfTheHostKeyIsOffered(t *testing.T) {
	w := newWorld(t)
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.create(t, commandURN, map[string]any{"hostKey": authorizedKey(t, key), "dialErrorLimit": 0.0}, map[string]any{"create": "echo ok"})
	if want := "no common algorithm for host key; we offered: [ssh-rsa], peer offered: ["; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want one with %q", err, want)
	}
}
