// Package docker stands in for the Pulumi docker plugin 4.10.0 where that plugin cannot be installed.
//
// It serves docker:index/network:Network, docker:index/service:Service, docker:index/container:Container and
// docker:index/remoteImage:RemoteImage, doing the real work on the Docker API of the configured host. What a
// program sees of it (defaults, previews, diffs, replacements, errors) is what the real plugin shows, including
// the replacements nobody asked for; see [Provider] for what differs.
package docker

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/docker/docker/client"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
)

// Version is the version of the Pulumi docker plugin that the provider stands in for.
const Version = "4.10.0"

// Provider is the stand-in. It implements [pulumirpc.ResourceProviderServer]; [New] makes one.
//
// One Provider serves every provider resource of a program. An engine attached to a running plugin sends the
// calls of all of them to the same port, and a resource call does not say which provider it belongs to. But the
// engine opens one connection for each, so configurations are kept by connection. A call on a connection that
// was never configured (gRPC gives up a connection that was idle for 30 minutes and opens another) gets the
// last configuration.
//
// Differences from the real plugin, all on purpose: no fixed waits of two seconds, no line in the engine's log
// beside an error, no __pulumi_raw_state_delta in the state, and an error for every property that it has no
// implementation for.
type Provider struct {
	pulumirpc.UnimplementedResourceProviderServer

	sessions sessions
	timing   timing
	paper    bool // see NewPaper
}

var _ pulumirpc.ResourceProviderServer = (*Provider)(nil)

// resource is what the provider does for one resource type. Values are those of the protocol: maps, lists,
// strings, numbers (float64), booleans and nil.
type resource interface {
	// schema describes the properties.
	schema() schema
	// meta is what __meta holds in the state.
	meta() string
	// create makes the resource from its planned properties and returns its id. With an error, nothing is left.
	create(ctx context.Context, docker *client.Client, planned object) (id string, err error)
	// read returns the properties that Docker knows, or nil if the resource is gone.
	read(ctx context.Context, docker *client.Client, id string, state object) (object, error)
	// update changes the resource from state to planned.
	update(ctx context.Context, docker *client.Client, id string, state, planned object) error
	// remove deletes the resource; one that is gone already is no error.
	remove(ctx context.Context, docker *client.Client, id string, state object) error
}

// New returns a provider that is not configured yet.
func New() *Provider {
	return &Provider{timing: realTiming}
}

// resource finds the implementation for the type in a resource's URN.
func (p *Provider) resource(urn string) (resource, error) {
	kinds := map[string]resource{
		"docker:index/network:Network":         network{timing: p.timing},
		"docker:index/service:Service":         service{timing: p.timing},
		"docker:index/container:Container":     container{timing: p.timing},
		"docker:index/remoteImage:RemoteImage": remoteImage{},
	}
	token := typeOf(urn)
	if kind, ok := kinds[token]; ok {
		return kind, nil
	}
	return nil, status.Errorf(codes.InvalidArgument, "resource type %q of %s is not served by the lab's docker provider: only %s are",
		token, urn, strings.Join(sortedKeys(kinds), ", "))
}

// typeOf returns the type token in a URN, without the types of its parents.
func typeOf(urn string) string {
	parts := strings.SplitN(urn, "::", 4)
	if len(parts) < 4 {
		return ""
	}
	types := strings.Split(parts[2], "$")
	return types[len(types)-1]
}

// nameOf returns the resource name in a URN.
func nameOf(urn string) string {
	parts := strings.SplitN(urn, "::", 4)
	return parts[len(parts)-1]
}

// GetPluginInfo says which plugin version the provider stands in for.
func (p *Provider) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: Version}, nil
}

// GetSchema returns an empty schema: programs have the SDK's types, and the engine wants an answer.
func (p *Provider) GetSchema(context.Context, *pulumirpc.GetSchemaRequest) (*pulumirpc.GetSchemaResponse, error) {
	return &pulumirpc.GetSchemaResponse{Schema: "{}"}, nil
}

// Attach accepts the engine that found the provider through PULUMI_DEBUG_PROVIDERS.
func (p *Provider) Attach(context.Context, *pulumirpc.PluginAttach) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil
}

// Cancel ends the work under way for the provider resource that calls, and forgets its configuration.
func (p *Provider) Cancel(ctx context.Context, _ *emptypb.Empty) (*emptypb.Empty, error) {
	p.sessions.end(connectionOf(ctx))
	return &emptypb.Empty{}, nil
}

// failure puts an error into the form in which the plugin's errors reach the engine.
func failure(err error) error {
	return status.Errorf(codes.Unknown, "1 error occurred:\n\t* %s\n\n", err)
}

// pluginError makes an error in the words of the real plugin, which begin with a capital.
func pluginError(format string, args ...any) error {
	return fmt.Errorf(format, args...)
}

// refuseUnsupported names the given properties that the provider could only ignore.
func refuseUnsupported(s schema, planned object) error {
	if names := s.unsupported("", planned); len(names) > 0 {
		slices.Sort(names)
		return fmt.Errorf("the lab's docker provider does not support %s: leave it out, or use the real plugin", strings.Join(names, ", "))
	}
	return nil
}
