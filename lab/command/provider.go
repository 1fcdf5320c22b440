// Package command is a stand-in for version 1.2.1 of the Pulumi command plugin: command:remote:Command,
// command:remote:CopyToRemote and command:local:Command.
//
// It does the real work, over SSH, SFTP and with local processes, and behaves as the plugin was measured to behave,
// its odd sides included: what the checks accept, which outputs a preview knows, what a diff replaces, how often and
// how long a dial is tried again, and the words of its errors. Programs and their users cannot tell the two apart,
// but for this:
//
//   - A line of more than 64 KiB that is logged makes the plugin hang for ever. Here it is shown in pieces: a lab that
//     hangs teaches nothing and blocks the tests that come after. Keep logging off for such output all the same.
//   - Connections are closed after each operation; the plugin keeps them until it ends. No command can see that.
//   - Cancellation interrupts an SSH handshake that a host does not answer; the plugin waits.
//   - One stand-in serves many operations, so local commands see the environment of the lab, not of one CLI, and
//     start in Provider.Dir where the plugin starts in the project's directory.
//
// command:remote:CopyFile and the function command:local:run are left out: nothing here uses them.
package command

import (
	"context"
	"os"
	"sync"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/seed-3bc5c20b/azswarm/lab/command/internal/remote"
)

// Version is the version of the plugin this package stands in for.
const Version = "1.2.1"

// The plugin marks its provider inputs with the version of the library it is built on.
const (
	libraryKey     = "__pulumi-go-provider-version"
	libraryVersion = "1.2.0"
)

// Provider serves the command package. It is safe for concurrent use, by several engines too; what commands log goes
// to the engine that attached last. The zero value is not ready: use New.
type Provider struct {
	pulumirpc.UnimplementedResourceProviderServer

	// Dir is where local commands run that name no dir, and where relative paths of assets start. Empty means the
	// working directory of this process.
	Dir string

	dialer remote.Dialer
	engine engine
	kinds  map[string]kind

	paper bool // see NewPaper

	mu         sync.Mutex
	running    map[int]context.CancelFunc
	started    int
	operations []Operation // on paper only
}

// New makes a provider that has no engine yet.
func New() *Provider {
	p := &Provider{running: map[int]context.CancelFunc{}}
	p.kinds = map[string]kind{
		"command:remote:Command":      remoteCommand(p),
		"command:remote:CopyToRemote": copyToRemote{p},
		"command:local:Command":       localCommand(p),
	}
	return p
}

// Handshake learns where the engine listens.
func (p *Provider) Handshake(_ context.Context, req *pulumirpc.ProviderHandshakeRequest) (*pulumirpc.ProviderHandshakeResponse, error) {
	if err := p.engine.attach(req.GetEngineAddress()); err != nil {
		return nil, err
	}
	return &pulumirpc.ProviderHandshakeResponse{AcceptSecrets: true, AcceptResources: true, AcceptOutputs: true}, nil
}

// Attach learns where the engine listens.
func (p *Provider) Attach(_ context.Context, req *pulumirpc.PluginAttach) (*emptypb.Empty, error) {
	if err := p.engine.attach(req.GetAddress()); err != nil {
		return nil, err
	}
	return &emptypb.Empty{}, nil
}

// GetPluginInfo says which version this is.
func (*Provider) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: Version}, nil
}

// GetSchema returns a schema with nothing but the package in it; programs bring the types in their SDK.
func (*Provider) GetSchema(context.Context, *pulumirpc.GetSchemaRequest) (*pulumirpc.GetSchemaResponse, error) {
	return &pulumirpc.GetSchemaResponse{Schema: `{"name":"command","version":"` + Version + `"}`}, nil
}

// CheckConfig returns the inputs with the mark of the plugin's library.
func (*Provider) CheckConfig(_ context.Context, req *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	inputs := &structpb.Struct{Fields: map[string]*structpb.Value{libraryKey: structpb.NewStringValue(libraryVersion)}}
	for key, value := range req.GetNews().GetFields() {
		inputs.Fields[key] = value
	}
	return &pulumirpc.CheckResponse{Inputs: inputs}, nil
}

// DiffConfig is not implemented by the plugin; the engine carries on without it.
func (*Provider) DiffConfig(context.Context, *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	return nil, status.Error(codes.Unimplemented, "DiffConfig is not implemented")
}

// Configure says what the provider accepts. There is nothing to configure, and no host is contacted.
func (*Provider) Configure(context.Context, *pulumirpc.ConfigureRequest) (*pulumirpc.ConfigureResponse, error) {
	return &pulumirpc.ConfigureResponse{
		AcceptSecrets: true, SupportsPreview: true, AcceptResources: true, AcceptOutputs: true,
	}, nil
}

// Cancel ends dials and kills local commands that are under way. Remote commands run to their end. What is asked for
// later is not affected.
func (p *Provider) Cancel(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, cancel := range p.running {
		cancel()
	}
	return &emptypb.Empty{}, nil
}

// operation makes the context of an operation that Cancel can end. The caller calls done when it is over.
func (p *Provider) operation(ctx context.Context) (operationCtx context.Context, done func()) {
	ctx, cancel := context.WithCancel(ctx)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.started++
	number := p.started
	p.running[number] = cancel
	return ctx, func() {
		cancel()
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.running, number)
	}
}

// dir is where this provider's relative paths start.
func (p *Provider) dir() (string, error) {
	if p.Dir != "" {
		return p.Dir, nil
	}
	return os.Getwd()
}
