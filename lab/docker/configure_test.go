package docker

import (
	"fmt"
	"io"
	"log"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

var discardLog = log.New(io.Discard, "", 0)

const connectFailure = "rpc error: code = Unknown desc = Docker native provider returned an unexpected error from Configure: failed to connect to any docker daemon"

// dialVariable makes the test binary stand in for `docker system dial-stdio` at the far end of ssh.
const dialVariable = "AZSWARM_TEST_DIAL"

func TestMain(m *testing.M) {
	if address := os.Getenv(dialVariable); address != "" {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			log.Fatal(err)
		}
		go func() {
			_, _ = io.Copy(conn, os.Stdin)
			_ = conn.(*net.TCPConn).CloseWrite()
		}()
		_, _ = io.Copy(os.Stdout, conn)
		return
	}
	os.Exit(m.Run())
}

// fakeSSH puts a script in place of the ssh client.
func fakeSSH(t *testing.T, script string) {
	t.Helper()
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "ssh"), []byte("#!/bin/sh\n"+script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", folder+string(os.PathListSeparator)+os.Getenv("PATH"))
}

// closedPort is an address that refuses connections.
func closedPort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return "tcp://" + listener.Addr().String()
}

// silentPort is an address that accepts connections and says nothing.
func silentPort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	return "tcp://" + listener.Addr().String()
}

// TestReplayConfigure makes the recorded provider configurations against far sides that behave as the recorded
// ones did, and wants the same answers. The silent port is given up after one second instead of 20; ssh is a
// script, which ends with the recorded text where that failed.
func TestReplayConfigure(t *testing.T) {
	cases := recordedCases(t)
	own, foreign := newMaterials(t), newMaterials(t)
	daemon := own.serve(t, newFakeDocker())
	plain := httptest.NewServer(newFakeDocker())
	t.Cleanup(plain.Close)

	for i, recorded := range cases {
		for j, call := range recorded.Calls {
			if call.Method != "Configure" {
				continue
			}
			t.Run(fmt.Sprintf("%d %s/%d", i+1, recorded.Name, j), func(t *testing.T) {
				t.Setenv("DOCKER_HOST", "")
				variables, _ := call.Request["variables"].(object)
				for key, value := range map[string]string{"caMaterial": own.ca, "certMaterial": own.cert, "keyMaterial": own.key} {
					if marked, _ := variables[configPrefix+key].(string); strings.HasPrefix(marked, "<") {
						variables[configPrefix+key] = value
					}
				}
				host, _ := variables[configPrefix+"host"].(string)
				switch name := strings.TrimPrefix(recorded.Name, "provider "); {
				case name == "p_nohost" || name == "p_envhost":
					t.Setenv("DOCKER_HOST", "unix:///nonexistent/docker.sock")
				case name == "p_badca":
					variables[configPrefix+"caMaterial"] = foreign.ca
				case name == "p_blackhole":
					variables[configPrefix+"host"] = silentPort(t)
				case name == "p_ssh":
					fakeSSH(t, fmt.Sprintf("%s=%s exec %s\n", dialVariable, plain.Listener.Addr(), os.Args[0]))
				case strings.HasPrefix(name, "p_ssh"):
					_, stderr, _ := strings.Cut(call.Error, "stderr=")
					fakeSSH(t, "cat >&2 <<'EOF'\n"+strings.TrimRight(stderr, "\n")+"\nEOF\nexit 255\n")
				case strings.HasSuffix(host, ":2999") || strings.HasSuffix(name, "daemon down"):
					variables[configPrefix+"host"] = closedPort(t)
				case name == "p_plain":
					variables[configPrefix+"host"] = daemon
				case strings.HasPrefix(host, "tcp://10.0.0.11:"):
					variables[configPrefix+"host"] = daemon
				}
				provider := New()
				provider.timing.connect = time.Second
				got, err := send(t, provider, call)
				message := ""
				if err != nil {
					message = err.Error()
				}
				if strings.TrimRight(message, "\n") != strings.TrimRight(call.Error, "\n") {
					t.Fatalf("error\n got %q\nwant %q", message, call.Error)
				}
				if err != nil {
					return
				}
				if differences := compare("", got, call.Response); len(differences) > 0 {
					t.Errorf("the answer differs:\n%s", strings.Join(differences, "\n"))
				}
			})
		}
	}
}

func TestConfigure(t *testing.T) {
	own := newMaterials(t)
	daemon := own.serve(t, newFakeDocker())
	tls := map[string]string{"host": daemon, "caMaterial": own.ca, "certMaterial": own.cert, "keyMaterial": own.key}
	plain := httptest.NewServer(newFakeDocker())
	t.Cleanup(plain.Close)
	for _, test := range []struct {
		name, dockerHost string
		config           map[string]string
		fails            string
	}{
		{name: "TLS", config: tls},
		{name: "TLS, DOCKER_HOST is the same", config: tls, dockerHost: daemon},
		{name: "TLS, DOCKER_HOST is another", config: tls, dockerHost: "unix:///nonexistent/docker.sock", fails: connectFailure},
		{name: "plain, DOCKER_HOST is another", config: map[string]string{"host": "tcp://" + plain.Listener.Addr().String()}, dockerHost: "unix:///nonexistent/docker.sock"},
		{name: "no host, DOCKER_HOST", dockerHost: "tcp://" + plain.Listener.Addr().String()},
		{
			name: "no such property", config: map[string]string{"registryAuth": "[]"},
			fails: "rpc error: code = Unknown desc = 1 error occurred:\n\t* provider property registryAuth is not supported by the lab's docker provider: host, caMaterial, certMaterial, keyMaterial, sshOpts and disableDockerDaemonCheck are\n\n",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Setenv("DOCKER_HOST", test.dockerHost)
			variables := map[string]string{}
			for key, value := range test.config {
				variables[configPrefix+key] = value
			}
			_, err := New().Configure(t.Context(), &pulumirpc.ConfigureRequest{Variables: variables})
			message := ""
			if err != nil {
				message = err.Error()
			}
			if message != test.fails {
				t.Errorf("got error %q, want %q", message, test.fails)
			}
		})
	}
}
