// Package azure stands in for Pulumi's azure-native provider plugin. It speaks the same provider protocol and
// behaves as the real plugin (version 2) does in front of Azure: names, ids, diffs, replacements, errors. The
// Azure behind it is package [arm].
package azure

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"sync"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/seed-3bc5c20b/azswarm/lab/azure/arm"
	"github.com/seed-3bc5c20b/azswarm/lab/azure/fault"
	"github.com/seed-3bc5c20b/azswarm/lab/cloud"
)

const (
	// Version is the version of azure-native whose behaviour this is.
	Version = "2.92.0"
	// DefaultSubscription is the subscription of the lab's resources.
	DefaultSubscription = "00000000-0000-0000-0000-000000000001"
)

// DefaultPublicAddresses is a range reserved for benchmarks (RFC 2544), so it is nobody's.
var DefaultPublicAddresses = netip.MustParsePrefix("198.18.0.0/26")

// Options configure a Provider.
type Options struct {
	// StateDir is the directory that holds the model of Azure.
	StateDir string
	// Cloud makes networks, machines and routes real.
	Cloud cloud.Cloud
	// SubscriptionID is used where the stack configures none; default [DefaultSubscription].
	SubscriptionID string
	// PublicAddresses is the range public IPs are taken from, less its first four addresses and its last; default
	// [DefaultPublicAddresses].
	PublicAddresses netip.Prefix
	// RetryDelay is the first pause before a request is repeated that met a 409, a 429 or a failure of the server; the next
	// two, and what a Retry-After header says, are as much shorter than in front of Azure. Default [DefaultRetryDelay].
	RetryDelay time.Duration
}

// Provider is a Pulumi resource provider. One Provider serves any number of operations, one stack configuration at a time.
type Provider struct {
	pulumirpc.UnimplementedResourceProviderServer

	manager    *arm.Manager
	faults     fault.Table
	retryDelay time.Duration
	sleep      func(context.Context, time.Duration) error

	mu           sync.Mutex // guards what Configure sets
	subscription string
	location     string
}

var _ pulumirpc.ResourceProviderServer = (*Provider)(nil)

// Machine is a virtual machine of the model.
type Machine = arm.Machine

// Resource is an entry of the model.
type Resource = arm.Resource

// New opens the model in its directory. It does not touch the cloud: call [Provider.Reconcile] for that.
func New(options Options) (*Provider, error) { return open(options, false) }

func open(options Options, allowRetired bool) (*Provider, error) {
	if options.Cloud == nil || options.StateDir == "" {
		return nil, fmt.Errorf("azure provider: Options.Cloud and Options.StateDir are required")
	}
	if options.SubscriptionID == "" {
		options.SubscriptionID = DefaultSubscription
	}
	if !options.PublicAddresses.IsValid() {
		options.PublicAddresses = DefaultPublicAddresses
	}
	faults := fault.NewTable(options.StateDir)
	manager, err := arm.Open(arm.Options{
		StateDir: options.StateDir, Cloud: options.Cloud, PublicAddresses: options.PublicAddresses, AllowRetired: allowRetired, Limits: faults.Limits,
	})
	if err != nil {
		return nil, err
	}
	return &Provider{
		manager: manager, faults: faults, retryDelay: cmp.Or(options.RetryDelay, DefaultRetryDelay), sleep: sleep,
		subscription: options.SubscriptionID,
	}, nil
}

// Reconcile makes the cloud match the model again, after a crash or a reboot.
func (p *Provider) Reconcile(ctx context.Context) error { return p.manager.Reconcile(ctx) }

// ForgetLost takes machines out of the model whose container somebody removed, and returns their ids.
func (p *Provider) ForgetLost(ctx context.Context) ([]string, error) {
	return p.manager.ForgetLost(ctx)
}

// Faults is what shall go wrong in front of this model.
func (p *Provider) Faults() fault.Table { return p.faults }

// Remove deletes a resource of the model behind Pulumi's back, as somebody does in Azure's portal.
func (p *Provider) Remove(ctx context.Context, id string) error { return p.manager.Delete(ctx, id) }

// Drift changes a property of a resource behind Pulumi's back: see [arm.Manager.Drift].
func (p *Provider) Drift(ctx context.Context, id, property, value string) error {
	return p.manager.Drift(ctx, id, property, value)
}

// Deallocate takes a machine's host away, and Allocate gives it one again, behind Pulumi's back.
func (p *Provider) Deallocate(ctx context.Context, id string) error {
	return p.manager.Deallocate(ctx, id)
}

// Allocate undoes Deallocate.
func (p *Provider) Allocate(ctx context.Context, id string) error { return p.manager.Allocate(ctx, id) }

// Deallocated lists the ids of the machines that have no host.
func (p *Provider) Deallocated() []string { return p.manager.Deallocated() }

// ARM is the resource manager of the model: what it is told, Pulumi does not learn of.
func (p *Provider) ARM() *arm.Manager { return p.manager }

// Resources lists the model, ordered by id. Subnets and security rules are part of their parents.
func (p *Provider) Resources() []Resource { return p.manager.Resources() }

// Machines lists the virtual machines, ordered by id.
func (p *Provider) Machines() []Machine { return p.manager.Machines() }

// GetPluginInfo tells the version.
func (p *Provider) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: Version}, nil
}

// Attach is how the engine introduces itself to a provider it did not start.
func (p *Provider) Attach(context.Context, *pulumirpc.PluginAttach) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil
}

// Cancel does nothing: the engine also drops its calls, which ends them.
func (p *Provider) Cancel(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil
}

// GetSchema answers an empty schema: programs come with their SDKs.
func (p *Provider) GetSchema(context.Context, *pulumirpc.GetSchemaRequest) (*pulumirpc.GetSchemaResponse, error) {
	return &pulumirpc.GetSchemaResponse{Schema: "{}"}, nil
}

// CheckConfig accepts every configuration, as the real one does.
func (p *Provider) CheckConfig(_ context.Context, request *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	return &pulumirpc.CheckResponse{Inputs: request.GetNews()}, nil
}

// DiffConfig never finds a difference.
func (p *Provider) DiffConfig(context.Context, *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	return &pulumirpc.DiffResponse{}, nil
}

// Configure takes the default location and the subscription. As the real one it announces no support for secrets: the
// engine keeps track of them and sends them in plain.
func (p *Provider) Configure(_ context.Context, request *pulumirpc.ConfigureRequest) (*pulumirpc.ConfigureResponse, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	configured := request.GetArgs().GetFields()
	p.location = configured["location"].GetStringValue()
	if subscription := configured["subscriptionId"].GetStringValue(); subscription != "" {
		p.subscription = subscription
	}
	return &pulumirpc.ConfigureResponse{SupportsPreview: true, SupportsAutonamingConfiguration: true}, nil
}

// Invoke has no functions to offer.
func (p *Provider) Invoke(_ context.Context, request *pulumirpc.InvokeRequest) (*pulumirpc.InvokeResponse, error) {
	return nil, status.Errorf(codes.Unimplemented, "function %s is not supported by the lab, which has resources but no functions", request.GetTok())
}

func (p *Provider) configured() (subscription, location string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.subscription, p.location
}

// typeOf finds the resource type of a URN.
func typeOf(urn string) (*arm.Type, error) { return arm.LookUp(string(resource.URN(urn).Type())) }
