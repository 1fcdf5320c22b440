// Package graphtest runs a Pulumi program against mocks and looks at what it registered.
package graphtest

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// Resource is one resource as a program registered it.
type Resource struct {
	Token, Name string
	Inputs      resource.PropertyMap
	// Request is what the SDK sent for it, with its options. Nil for reads.
	Request *pulumirpc.RegisterResourceRequest
}

// Graph records what a program registers, and answers as Azure would where outputs are needed.
type Graph struct {
	mu        sync.Mutex
	later     bool // not the run that created the stack
	kept      map[string]resource.PropertyValue
	Resources []Resource
}

// NewResource implements [pulumi.MockResourceMonitor].
func (g *Graph) NewResource(args pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.Resources = append(g.Resources, Resource{args.TypeToken, args.Name, args.Inputs, args.RegisterRPC})
	outputs := maps.Clone(args.Inputs)
	id := "/subscriptions/s/resourceGroups/rg/providers/" + args.TypeToken + "/" + args.Name
	switch args.TypeToken {
	case "pulumi:index:Stash":
		outputs["output"] = args.Inputs["input"]
		if g.later && strings.HasSuffix(args.Name, "-born") {
			outputs["output"] = resource.NewStringProperty("an earlier run")
		}
		if value, ok := g.kept[args.Name]; ok {
			outputs["output"] = value
		}
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

// Call implements [pulumi.MockResourceMonitor]: azswarm calls no functions of providers, and looks into a state that is empty here.
func (g *Graph) Call(args pulumi.MockCallArgs) (resource.PropertyMap, error) {
	if args.Token == "pulumi:pulumi:readStackResourceOutputs" {
		return resource.PropertyMap{"outputs": resource.NewObjectProperty(resource.PropertyMap{})}, nil
	}
	return nil, fmt.Errorf("unexpected call of %s", args.Token)
}

// Run registers a program's resources.
func Run(t *testing.T, program pulumi.RunFunc) (*Graph, error) {
	t.Helper()
	g := &Graph{}
	err := pulumi.RunErr(program, pulumi.WithMocks("azswarm", "test", g))
	return g, err
}

// MustRun fails the test where the program fails.
func MustRun(t *testing.T, program pulumi.RunFunc) *Graph {
	t.Helper()
	g, err := Run(t, program)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// RunLater registers a program's resources as a run does that finds the sets of machines in the state already.
func RunLater(t *testing.T, program pulumi.RunFunc) *Graph {
	t.Helper()
	g := &Graph{later: true}
	if err := pulumi.RunErr(program, pulumi.WithMocks("azswarm", "test", g)); err != nil {
		t.Fatal(err)
	}
	return g
}

// RunKept registers a program's resources as a run does that finds these values kept in the state, by the names of their
// Stashes.
func RunKept(t *testing.T, program pulumi.RunFunc, kept map[string]resource.PropertyValue) (*Graph, error) {
	t.Helper()
	g := &Graph{later: true, kept: kept}
	err := pulumi.RunErr(program, pulumi.WithMocks("azswarm", "test", g))
	return g, err
}

// DependsOn tells whether one resource waits for another, by their names and the ends of their tokens.
func (g *Graph) DependsOn(t *testing.T, token, name, onToken, on string) bool {
	t.Helper()
	for _, urn := range g.find(t, token, name).Request.GetDependencies() {
		if strings.HasSuffix(urn, onToken+"::"+on) {
			return true
		}
	}
	return false
}

// Names lists the resources whose token ends so.
func (g *Graph) Names(token string) []string {
	var names []string
	for _, r := range g.Resources {
		if strings.HasSuffix(r.Token, token) {
			names = append(names, r.Name)
		}
	}
	slices.Sort(names)
	return names
}

// Get finds the inputs of one resource, by its name and the end of its token.
func (g *Graph) Get(t *testing.T, token, name string) resource.PropertyMap {
	t.Helper()
	return g.find(t, token, name).Inputs
}

func (g *Graph) find(t *testing.T, token, name string) Resource {
	t.Helper()
	for _, r := range g.Resources {
		if strings.HasSuffix(r.Token, token) && r.Name == name {
			return r
		}
	}
	t.Fatalf("no %s named %s; there are %v", token, name, g.Names(token))
	return Resource{}
}

// At follows a path such as "osProfile.linuxConfiguration" or "subnets.0.name".
func At(t *testing.T, inputs resource.PropertyMap, path string) resource.PropertyValue {
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

// Text is the string at a path, secret or not.
func Text(t *testing.T, inputs resource.PropertyMap, path string) string {
	t.Helper()
	value := At(t, inputs, path)
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

// Parameter is the value that a command gives its script for a parameter: shown, or where it is long on standard input. Empty
// where there is none.
func Parameter(t *testing.T, command resource.PropertyMap, name string) string {
	t.Helper()
	for path, form := range map[string]string{"stdin": `(?m)^%s='(.*)'$`, "create": ` %s=(?:'([^']*)'|(\S*))`} {
		found := regexp.MustCompile(fmt.Sprintf(form, name)).FindStringSubmatch(Text(t, command, path))
		if value := strings.Join(found[min(1, len(found)):], ""); value != "" && !strings.HasPrefix(value, "sha256:") {
			return strings.ReplaceAll(value, `'\''`, "'")
		}
	}
	return ""
}

// SecretTexts are the texts of all values kept secret in the state, with where each is.
func (g *Graph) SecretTexts() map[string]string {
	found := map[string]string{}
	var collect func(where string, secret bool, value resource.PropertyValue)
	collect = func(where string, secret bool, value resource.PropertyValue) {
		switch {
		case value.IsSecret():
			collect(where, true, value.SecretValue().Element)
		case value.IsOutput():
			collect(where, secret || value.OutputValue().Secret, value.OutputValue().Element)
		case value.IsObject():
			for key, element := range value.ObjectValue() {
				collect(where+"."+string(key), secret, element)
			}
		case value.IsArray():
			for _, element := range value.ArrayValue() {
				collect(where, secret, element)
			}
		case value.IsString() && secret && len(value.StringValue()) > 20:
			found[value.StringValue()] = where
		}
	}
	for _, r := range g.Resources {
		if r.Token == "pulumi:index:Stash" {
			collect(r.Name, false, resource.NewObjectProperty(r.Inputs))
		}
	}
	return found
}
