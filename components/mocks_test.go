package components

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// registered is one resource as a program registered it.
type registered struct {
	token, name string
	inputs      resource.PropertyMap
}

// graph records what a program registers, and answers as Azure would where outputs are needed.
type graph struct {
	mu        sync.Mutex
	resources []registered
}

func (g *graph) NewResource(args pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.resources = append(g.resources, registered{args.TypeToken, args.Name, args.Inputs})
	outputs := maps.Clone(args.Inputs)
	id := "/subscriptions/s/resourceGroups/rg/providers/" + args.TypeToken + "/" + args.Name
	switch args.TypeToken {
	case "pulumi:index:Stash":
		outputs["output"] = args.Inputs["input"]
	case "azure-native:network/v20240501:PublicIPAddress":
		outputs["ipAddress"] = resource.NewStringProperty("203.0.113.10")
	case "azure-native:compute/v20240701:VirtualMachine":
		outputs["vmId"] = resource.NewStringProperty("vm-" + args.Name)
	case "command:remote:Command":
		outputs["stdout"] = resource.NewStringProperty("")
	}
	outputs["name"] = resource.NewStringProperty(args.Name)
	return id, outputs, nil
}

func (g *graph) Call(args pulumi.MockCallArgs) (resource.PropertyMap, error) {
	return nil, fmt.Errorf("unexpected call of %s", args.Token)
}

// run registers a program's resources.
func run(t *testing.T, program pulumi.RunFunc) (*graph, error) {
	t.Helper()
	g := &graph{}
	err := pulumi.RunErr(program, pulumi.WithMocks("azswarm", "test", g))
	return g, err
}

// mustRun fails the test where the program fails.
func mustRun(t *testing.T, program pulumi.RunFunc) *graph {
	t.Helper()
	g, err := run(t, program)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// names lists the resources whose token ends so.
func (g *graph) names(token string) []string {
	var names []string
	for _, r := range g.resources {
		if strings.HasSuffix(r.token, token) {
			names = append(names, r.name)
		}
	}
	slices.Sort(names)
	return names
}

// get finds one resource.
func (g *graph) get(t *testing.T, token, name string) resource.PropertyMap {
	t.Helper()
	for _, r := range g.resources {
		if strings.HasSuffix(r.token, token) && r.name == name {
			return r.inputs
		}
	}
	t.Fatalf("no %s named %s; there are %v", token, name, g.names(token))
	return nil
}

// at follows a path such as "osProfile.linuxConfiguration" or "subnets.0.name".
func at(t *testing.T, inputs resource.PropertyMap, path string) resource.PropertyValue {
	t.Helper()
	value := resource.NewObjectProperty(inputs)
	for _, key := range strings.Split(path, ".") {
		for value.IsSecret() || value.IsOutput() {
			if value.IsSecret() {
				value = value.SecretValue().Element
			} else {
				value = value.OutputValue().Element
			}
		}
		switch {
		case value.IsObject():
			value = value.ObjectValue()[resource.PropertyKey(key)]
		case value.IsArray():
			var i int
			if _, err := fmt.Sscan(key, &i); err != nil || i >= len(value.ArrayValue()) {
				t.Fatalf("%s: no element %s", path, key)
			}
			value = value.ArrayValue()[i]
		default:
			t.Fatalf("%s: nothing at %s", path, key)
		}
	}
	return value
}

// text is the string at a path, secret or not.
func text(t *testing.T, inputs resource.PropertyMap, path string) string {
	t.Helper()
	value := at(t, inputs, path)
	for value.IsSecret() || value.IsOutput() {
		if value.IsSecret() {
			value = value.SecretValue().Element
		} else {
			value = value.OutputValue().Element
		}
	}
	if !value.IsString() {
		t.Fatalf("%s is %v, want a text", path, value)
	}
	return value.StringValue()
}

// cluster is a whole small cluster, which tests vary.
type cluster struct {
	network  NetworkArgs
	consul   ConsulClusterArgs
	managers SwarmManagerSetArgs
	pools    map[string]WorkerPoolArgs
}

func newCluster() *cluster {
	return &cluster{
		network: NetworkArgs{AdminCIDRs: []string{"198.51.100.0/24"}},
		pools:   map[string]WorkerPoolArgs{"web": {Count: 2, Labels: map[string]string{"tier": "web"}}},
	}
}

func (c *cluster) deploy(ctx *pulumi.Context) error {
	network, err := NewNetwork(ctx, "net", &c.network)
	if err != nil {
		return err
	}
	c.consul.Network = network
	consul, err := NewConsulCluster(ctx, "consul", &c.consul)
	if err != nil {
		return err
	}
	c.managers.Network, c.managers.Consul = network, consul
	managers, err := NewSwarmManagerSet(ctx, "managers", &c.managers)
	if err != nil {
		return err
	}
	var pools []*WorkerPool
	for _, name := range slices.Sorted(maps.Keys(c.pools)) {
		args := c.pools[name]
		args.Network, args.Consul, args.Managers = network, consul, managers
		pool, err := NewWorkerPool(ctx, name, &args)
		if err != nil {
			return err
		}
		pools = append(pools, pool)
	}
	_, err = NewOverlayNetwork(ctx, "front", &OverlayNetworkArgs{Managers: managers, Workers: pools})
	return err
}
