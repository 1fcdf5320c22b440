package stacks

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"gopkg.in/yaml.v3"

	"github.com/seed-3bc5c20b/azswarm/internal/graphtest"
)

// configure gives the program the configuration of a stack file, as the engine does.
func configure(t *testing.T, stack string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "Pulumi."+stack+".yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Config map[string]any `yaml:"config"`
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	config := map[string]string{}
	for key, value := range file.Config {
		if plain, ok := value.(string); ok {
			config[key] = plain
			continue
		}
		text, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		config[key] = string(text)
	}
	environment, err := json.Marshal(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv(pulumi.EnvConfig, string(environment))
}

func TestStacksRegisterTheirMachines(t *testing.T) {
	for stack, want := range map[string][]string{
		"dev": {"azswarm-bastion", "consul-0", "consul-1", "consul-2", "managers-0", "web-0", "web-1"},
		"prod": {"azswarm-bastion", "batch-0", "batch-1", "consul-0", "consul-1", "consul-2",
			"managers-0", "managers-1", "managers-2", "web-0", "web-1", "web-2"},
	} {
		t.Run(stack, func(t *testing.T) {
			configure(t, stack)
			g := graphtest.MustRun(t, Deploy)
			if got := g.Names(":VirtualMachine"); !slices.Equal(got, want) {
				t.Errorf("machines %v, want %v", got, want)
			}
		})
	}
}

func TestOnlyTheDemoNeedsAReachableSwarm(t *testing.T) {
	for stack, want := range map[string][]string{"dev": {"client_test", "nginx_test"}, "prod": nil} {
		t.Run(stack, func(t *testing.T) {
			configure(t, stack)
			g := graphtest.MustRun(t, Deploy)
			if got := g.Names("docker:index/service:Service"); !slices.Equal(got, want) {
				t.Errorf("services %v, want %v", got, want)
			}
			if providers := g.Names("pulumi:providers:docker"); (len(providers) > 0) != (want != nil) {
				t.Errorf("docker providers %v", providers)
			}
		})
	}
}

func TestProdPublishesItsApplicationPorts(t *testing.T) {
	configure(t, "prod")
	g := graphtest.MustRun(t, Deploy)
	if got, want := g.Names(":LoadBalancer"), []string{"managers", "web"}; !slices.Equal(got, want) {
		t.Errorf("load balancers %v, want %v", got, want)
	}
}

func TestImageCacheHasWhatWorkersRunBeforeTheyAsk(t *testing.T) {
	for images, want := range map[string]string{"{}": "", `{"cache":"registry:2"}`: "hashicorp/consul/manifests/1.22 gliderlabs/registrator/manifests/v7"} {
		t.Setenv(pulumi.EnvConfig, `{"azure-native:location":"westeurope","azswarm:adminCidrs":"[\"198.51.100.0/24\"]","azswarm:images":`+strconv.Quote(images)+`}`)
		g := graphtest.MustRun(t, Deploy)
		if got := graphtest.Parameter(t, g.Get(t, "remote:Command", "managers-0-join"), "IMAGE_PRELOAD"); got != want {
			t.Errorf("%s: the cache has %q, want %q", images, got, want)
		}
	}
}

func TestNothingIsRegisteredWithABadConfiguration(t *testing.T) {
	t.Setenv(pulumi.EnvConfig, `{"azure-native:location":"westeurope","azswarm:adminCidrs":"[]","azswarm:typo":"1"}`)
	g, err := graphtest.Run(t, Deploy)
	if err == nil {
		t.Fatal("accepted")
	}
	if len(g.Resources) > 0 {
		t.Errorf("%d resources were registered before %v", len(g.Resources), err)
	}
}
