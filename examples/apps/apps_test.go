package main

import (
	"strings"
	"sync"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// engine stands in for Pulumi's: it remembers what is registered, and has one stack to refer to.
type engine struct {
	outputs resource.PropertyMap // of the referenced stack

	mu     sync.Mutex
	inputs map[string]resource.PropertyMap // by name
}

func (e *engine) NewResource(args pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	if args.TypeToken == "pulumi:pulumi:StackReference" {
		return args.Name, resource.PropertyMap{"name": resource.NewProperty(args.Name), "outputs": resource.NewProperty(e.outputs)}, nil
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.inputs[args.Name] = args.Inputs
	return args.Name + "-id", args.Inputs, nil
}

func (e *engine) Call(pulumi.MockCallArgs) (resource.PropertyMap, error) { return nil, nil }

func run(outputs resource.PropertyMap) (*engine, error) {
	e := &engine{outputs: outputs, inputs: map[string]resource.PropertyMap{}}
	err := pulumi.RunErr(func(ctx *pulumi.Context) error {
		swarm, err := connect(ctx, "organization/azswarm/dev")
		if err != nil {
			return err
		}
		return deploy(ctx, swarm, "nginx:1.28")
	}, pulumi.WithMocks("apps", "test", e))
	return e, err
}

func TestServicesReferToTheNetworkByID(t *testing.T) {
	e, err := run(resource.NewPropertyMapFromMap(map[string]any{
		"swarmEndpoint": "tcp://198.51.100.1:2376", "swarmClient": map[string]any{"ca": "CA", "cert": "CERT", "key": "KEY"},
	}))
	if err != nil {
		t.Fatal(err)
	}
	if host := e.inputs["swarm"]["host"].StringValue(); host != "tcp://198.51.100.1:2376" {
		t.Errorf("the provider connects to %q", host)
	}
	for _, name := range []string{"web", "client"} {
		networks := e.inputs[name]["taskSpec"].ObjectValue()["networksAdvanceds"].ArrayValue()
		if len(networks) != 1 || networks[0].ObjectValue()["name"].StringValue() != "front-id" {
			t.Errorf("service %s is in %v, want front-id", name, networks)
		}
	}
}

func TestAStackWithoutASwarmIsAnError(t *testing.T) {
	for missing, outputs := range map[string]map[string]any{
		"swarmEndpoint":    {"swarmClient": map[string]any{"ca": "CA", "cert": "CERT", "key": "KEY"}},
		"swarmClient.cert": {"swarmEndpoint": "tcp://198.51.100.1:2376", "swarmClient": map[string]any{"ca": "CA", "key": "KEY"}},
	} {
		e, err := run(resource.NewPropertyMapFromMap(outputs))
		if err == nil || !strings.Contains(err.Error(), missing) {
			t.Errorf("without %s: %v, want an error that names it", missing, err)
		}
		if _, registered := e.inputs["front"]; registered {
			t.Errorf("without %s: the network is created, on whatever Docker answers", missing)
		}
	}
}
