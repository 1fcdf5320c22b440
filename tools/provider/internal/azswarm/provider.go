// Package azswarm is the provider of the package azswarm.
package azswarm

import (
	"context"
	"fmt"

	provider "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	construct "github.com/pulumi/pulumi/sdk/v3/go/pulumi/provider"

	"github.com/seed-3bc5c20b/azswarm/components"
)

const (
	// Name of the package.
	Name = "azswarm"
	// clusterType is the same as in a Go program, so that a state doesn't tell which language made it.
	clusterType = "azswarm:index:Cluster"
	repository  = "https://github.com/seed-3bc5c20b/azswarm"
)

// New makes the provider of the package.
func New() (provider.Provider, error) {
	p, err := infer.NewProviderBuilder().
		WithDisplayName(Name).
		WithDescription("A Docker Swarm on Azure, with Consul, worker pools and service registration").
		WithKeywords("pulumi", "azure", "docker", "swarm", "consul", "kind/component", "category/cloud").
		WithHomepage(repository).
		WithRepository(repository).
		WithPublisher("The azswarm authors").
		WithLicense("Apache-2.0").
		WithNamespace("seed-3bc5c20b").
		WithPluginDownloadURL("github://api.github.com/seed-3bc5c20b/azswarm").
		// The Go package is components, which is no module of the others'.
		WithModuleMap(map[tokens.ModuleName]tokens.ModuleName{"components": "index"}).
		WithComponents(infer.ComponentF(newCluster)).
		Build()
	if err != nil {
		return provider.Provider{}, err
	}
	bare := p.GetSchema
	p.GetSchema = func(ctx context.Context, request provider.GetSchemaRequest) (provider.GetSchemaResponse, error) {
		response, err := bare(ctx, request)
		if err != nil {
			return response, err
		}
		response.Schema, err = document(response.Schema)
		return response, err
	}
	p.Construct = constructCluster
	return p, nil
}

// newCluster is [components.NewCluster] for arguments that are always there.
func newCluster(ctx *pulumi.Context, name string, args components.ClusterArgs, opts ...pulumi.ResourceOption) (*components.Cluster, error) {
	return components.NewCluster(ctx, name, &args, opts...)
}

// constructCluster makes a cluster for a program in another language. The framework would hand out each field of it as one output, and
// so all of Consul's as a secret: here each part is secret or not by itself, as in a Go program.
func constructCluster(ctx context.Context, request provider.ConstructRequest) (provider.ConstructResponse, error) {
	return provider.ProgramConstruct(ctx, request, func(ctx *pulumi.Context, kind, name string, inputs construct.ConstructInputs, opts pulumi.ResourceOption) (*construct.ConstructResult, error) {
		if kind != clusterType {
			return nil, fmt.Errorf("%s: the package %s has the component %s alone", kind, Name, clusterType)
		}
		var args components.ClusterArgs
		if err := inputs.CopyTo(&args); err != nil {
			return nil, fmt.Errorf("read the arguments of the cluster %q: %w", name, err)
		}
		cluster, err := newCluster(ctx, name, args, opts)
		if err != nil {
			return nil, err
		}
		return &construct.ConstructResult{URN: cluster.URN(), State: cluster.Outputs()}, nil
	})
}
