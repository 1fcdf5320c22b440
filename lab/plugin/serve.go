// Package plugin serves Pulumi resource providers from this process, for the engine to attach to.
package plugin

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
)

// maxMessage is the gRPC message limit the Pulumi SDKs use (400 MiB).
const maxMessage = 400 << 20

// Servers is a set of providers, each on a loopback port of its own.
type Servers struct {
	ports   map[string]int
	servers []*grpc.Server
}

// Serve starts the providers, keyed by package name ("azure-native"). Stop ends them.
func Serve(providers map[string]pulumirpc.ResourceProviderServer) (*Servers, error) {
	s := &Servers{ports: map[string]int{}}
	for name, provider := range providers {
		listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
		if err != nil {
			s.Stop()
			return nil, fmt.Errorf("serve provider %s: %w", name, err)
		}
		server := grpc.NewServer(grpc.MaxRecvMsgSize(maxMessage), grpc.MaxSendMsgSize(maxMessage))
		pulumirpc.RegisterResourceProviderServer(server, provider)
		s.servers = append(s.servers, server)
		s.ports[name] = listener.Addr().(*net.TCPAddr).Port
		go func() { _ = server.Serve(listener) }() // returns when Stop closes the listener
	}
	return s, nil
}

// Env is the environment entry that attaches the engine to the providers.
func (s *Servers) Env() string {
	var pairs []string
	for name, port := range s.ports {
		pairs = append(pairs, fmt.Sprintf("%s:%d", name, port))
	}
	slices.Sort(pairs)
	return "PULUMI_DEBUG_PROVIDERS=" + strings.Join(pairs, ",")
}

// Stop ends every provider, cutting calls still under way.
func (s *Servers) Stop() {
	for _, server := range s.servers {
		server.Stop()
	}
}
