package docker

import (
	"net"
	"net/http/httptest"
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/emptypb"
)

// TestEachConnectionHasItsOwnDockerHost attaches to one provider as an engine does for two provider resources.
func TestEachConnectionHasItsOwnDockerHost(t *testing.T) {
	t.Setenv("DOCKER_HOST", "")
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer()
	pulumirpc.RegisterResourceProviderServer(server, New())
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)

	attach := func() pulumirpc.ResourceProviderClient {
		conn, err := grpc.NewClient(listener.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		engine := pulumirpc.NewResourceProviderClient(conn)
		if _, err := engine.Attach(t.Context(), &pulumirpc.PluginAttach{}); err != nil {
			t.Fatal(err)
		}
		return engine
	}
	connect := func(engine pulumirpc.ResourceProviderClient) *fakeDocker {
		fake := newFakeDocker()
		daemon := httptest.NewServer(fake)
		t.Cleanup(daemon.Close)
		_, err := engine.Configure(t.Context(), &pulumirpc.ConfigureRequest{
			Variables: map[string]string{"docker:config:host": "tcp://" + daemon.Listener.Addr().String()},
		})
		if err != nil {
			t.Fatal(err)
		}
		return fake
	}
	addNetwork := func(engine pulumirpc.ResourceProviderClient, name string) {
		_, err := engine.Create(t.Context(), &pulumirpc.CreateRequest{
			Urn: "urn:pulumi:s::p::" + networkToken + "::" + name, Properties: fields(t, object{"name": name}),
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	blue, green, late := attach(), attach(), attach()
	blueDaemon, greenDaemon := connect(blue), connect(green)
	addNetwork(green, "in-green")
	addNetwork(blue, "in-blue")
	addNetwork(late, "in-the-last") // as a connection opened anew

	for daemon, want := range map[*fakeDocker]int{blueDaemon: 1, greenDaemon: 2} {
		if got := len(daemon.networks); got != want {
			t.Errorf("a daemon has %d networks, want %d", got, want)
		}
	}
	if _, err := green.Cancel(t.Context(), &emptypb.Empty{}); err != nil {
		t.Fatal(err)
	}
	addNetwork(blue, "still-in-blue")
	if got := len(blueDaemon.networks); got != 2 {
		t.Errorf("after another provider's cancellation the daemon has %d networks, want 2", got)
	}
}
