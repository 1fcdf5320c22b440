package config

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/seed-3bc5c20b/azswarm/internal/rules"
)

func readYAML(t *testing.T, name string, into any) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", name))
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(data, into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// engineText renders a YAML value as the engine does for PULUMI_CONFIG.
func engineText(t *testing.T, v any) string {
	t.Helper()
	if text, ok := v.(string); ok {
		return text
	}
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// project is what Pulumi.yaml declares.
type project struct {
	Name   string
	Config map[string]struct {
		Type        string
		Description string
		Default     any
	}
}

func readProject(t *testing.T) project {
	t.Helper()
	var p project
	readYAML(t, "Pulumi.yaml", &p)
	return p
}

// readStack returns what a program sees of a stack file: its settings over the
// project's defaults.
func readStack(t *testing.T, name string) map[string]string {
	t.Helper()
	raw := map[string]string{}
	for key, declared := range readProject(t).Config {
		if declared.Default != nil {
			raw[namespace+key] = engineText(t, declared.Default)
		}
	}
	var stack map[string]any
	readYAML(t, name, &stack)
	if len(stack) != 1 {
		t.Errorf("%s has other sections than config: a salt belongs to one operator's backend", name)
	}
	for key, v := range stack["config"].(map[string]any) {
		raw[key] = engineText(t, v)
	}
	return raw
}

func TestProjectDeclaresAndDescribesEveryKey(t *testing.T) {
	p := readProject(t)
	if p.Name+":" != namespace {
		t.Errorf("project %s, namespace %s", p.Name, namespace)
	}
	var declared []string
	for key, declaration := range p.Config {
		declared = append(declared, namespace+key)
		if declaration.Description == "" {
			t.Errorf("%s has no description", key)
		}
		// Of a key without default the engine demands a value in the project's own namespace, which is another one in a project
		// that was made by `pulumi new`, and which nothing reads there. What is required, the program says.
		if declaration.Default == nil {
			t.Errorf("%s has no default", key)
		}
	}
	keys := configKeys()
	slices.Sort(keys)
	slices.Sort(declared)
	if !slices.Equal(keys, declared) {
		t.Errorf("Pulumi.yaml declares %v, the program knows %v", declared, keys)
	}
}

func TestProjectDefaultsAreTheProgramsDefaults(t *testing.T) {
	raw := minimal()
	for key, declared := range readProject(t).Config {
		if _, required := raw[namespace+key]; !required {
			raw[namespace+key] = engineText(t, declared.Default)
		}
	}
	if got, want := decode(t, raw), decode(t, minimal()); !reflect.DeepEqual(got, want) {
		t.Errorf("with Pulumi.yaml's defaults %+v\nwithout %+v", got, want)
	}
}

func TestProjectNamesTheDefaultsOfNestedFields(t *testing.T) {
	p, c := readProject(t), decode(t, minimal())
	for key, defaults := range map[string][]string{
		"consul":      {c.Consul.VMSize, c.Consul.Image},
		"managers":    {c.Managers.VMSize},
		"registrator": {c.Registrator.Image},
		"classic":     {rules.DefaultSwarmImage},
		"rotate":      secretNames,
	} {
		for _, text := range defaults {
			if !strings.Contains(p.Config[key].Description, text) {
				t.Errorf("the description of %s does not name %s", key, text)
			}
		}
	}
}

func TestDevStack(t *testing.T) {
	c := decode(t, readStack(t, "Pulumi.dev.yaml"))
	if c.Consul.Servers != 3 || c.Managers.Count != 1 || !c.Demo || c.Location != "westeurope" || c.Network.String() != "10.20.0.0/16" {
		t.Errorf("got %+v", c)
	}
	if len(c.Workers) != 1 || c.Workers[0].Name != "web" || c.Workers[0].Count != 2 || len(c.Workers[0].Ports) != 0 {
		t.Errorf("workers %+v", c.Workers)
	}
}

func TestProdStack(t *testing.T) {
	c := decode(t, readStack(t, "Pulumi.prod.yaml"))
	if c.Consul.Servers != 3 || c.Managers.Count != 3 || c.Demo || c.Spread != SpreadAvailabilitySet || c.Network.String() != "10.30.0.0/16" {
		t.Errorf("got %+v", c)
	}
	var pools []string
	for _, pool := range c.Workers {
		pools = append(pools, pool.Name)
		for _, port := range pool.Ports {
			pools = append(pools, port.Protocol, engineText(t, port.Port))
		}
	}
	if want := []string{"web", "tcp", "80", "tcp", "443", "batch"}; !slices.Equal(pools, want) {
		t.Errorf("pools and ports %v, want %v", pools, want)
	}
	if c.Workers[0].Count != 3 || c.Workers[1].Count != 2 {
		t.Errorf("workers %+v", c.Workers)
	}
}
