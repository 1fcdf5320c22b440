package components

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/seed-3bc5c20b/azswarm/internal/graphtest"
)

// newWhole is a small cluster as one component.
func newWhole() *ClusterArgs {
	return &ClusterArgs{
		AdminCIDRs: []string{"198.51.100.0/24"},
		Workers: []ClusterPoolArgs{
			{Name: "web", Count: 2, Labels: pulumi.StringMap{"tier": pulumi.String("web")}, Ports: []ApplicationPort{{Port: 80}}},
			{Name: "batch", Count: 1},
		},
	}
}

func (a *ClusterArgs) deploy(opts ...pulumi.ResourceOption) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		_, err := NewCluster(ctx, "net", a, opts...)
		return err
	}
}

func TestClusterIsWhatItsComponentsAre(t *testing.T) {
	c := newCluster()
	c.pools["batch"] = WorkerPoolArgs{Count: 1, Block: 1}
	composed, whole := graphtest.MustRun(t, c.deploy), graphtest.MustRun(t, newWhole().deploy())
	for _, token := range []string{":VirtualMachine", ":AvailabilitySet", "remote:Command", "pulumi:index:Stash"} {
		of := func(g *graphtest.Graph) []string {
			return slices.DeleteFunc(g.Names(token), func(name string) bool {
				return name == "web-address" || name == "managers-answered" // of the load balancer, and of the overlay network
			})
		}
		if got, want := of(whole), of(composed); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", token, got, want)
		}
	}
	for command, parameter := range map[string]string{"web-0-join": "CONSUL_CONFIG", "managers-0-join": "CONSUL_CONFIG", "consul-ready": "ACL_POLICIES"} {
		got := graphtest.Parameter(t, whole.Get(t, "remote:Command", command), parameter)
		if want := graphtest.Parameter(t, composed.Get(t, "remote:Command", command), parameter); got != want {
			t.Errorf("%s of %s is %s, want %s", parameter, command, got, want)
		}
	}
}

func TestImagesOfAClusterComeFromItsRegistry(t *testing.T) {
	args := newWhole()
	args.Images.Registry, args.Registrator.Image = "example.azurecr.io/hub", pulumi.String("ghcr.io/x/registrator:1")
	g := graphtest.MustRun(t, args.deploy())
	for parameter, want := range map[string]string{
		"CONSUL_IMAGE": "example.azurecr.io/hub/hashicorp/consul:1.22", "REGISTRATOR_IMAGE": "ghcr.io/x/registrator:1",
	} {
		if got := graphtest.Parameter(t, g.Get(t, "remote:Command", "web-0-join"), parameter); got != want {
			t.Errorf("%s is %s, want %s", parameter, got, want)
		}
	}
}

func TestEverythingIsInTheCluster(t *testing.T) {
	g := graphtest.MustRun(t, newWhole().deploy())
	for _, r := range g.Resources {
		parent := r.Request.GetParent()
		if within := strings.Contains(parent, "::azswarm:index:Cluster"); within == (r.Token == "azswarm:index:Cluster") {
			t.Errorf("%s %s has the parent %q", r.Token, r.Name, parent)
		}
	}
}

func TestOptionsOfAClusterReachEverythingInIt(t *testing.T) {
	seen := map[string]bool{}
	g := graphtest.MustRun(t, func(ctx *pulumi.Context) error {
		var provider pulumi.ProviderResourceState
		if err := ctx.RegisterResource("pulumi:providers:azure-native", "elsewhere", pulumi.Map{}, &provider); err != nil {
			return err
		}
		return newWhole().deploy(pulumi.Providers(&provider), pulumi.Protect(true), pulumi.Aliases([]pulumi.Alias{{Name: pulumi.String("before")}}),
			pulumi.Transformations([]pulumi.ResourceTransformation{func(args *pulumi.ResourceTransformationArgs) *pulumi.ResourceTransformationResult {
				seen[args.Type+" "+args.Name] = true
				return nil
			}}))(ctx)
	})
	for _, r := range g.Resources {
		if strings.HasPrefix(r.Token, "pulumi:providers:") {
			continue
		}
		if !r.Request.GetProtect() {
			t.Errorf("%s %s is not protected", r.Token, r.Name)
		}
		if !seen[r.Token+" "+r.Name] {
			t.Errorf("%s %s is not transformed", r.Token, r.Name)
		}
		if strings.HasPrefix(r.Token, "azure-native:") && !strings.Contains(r.Request.GetProvider(), "elsewhere") {
			t.Errorf("%s %s has the provider %q", r.Token, r.Name, r.Request.GetProvider())
		}
		// The engine takes the aliases of all others from their parents'.
		if r.Token == "azswarm:index:Cluster" && len(r.Request.GetAliases()) != 1 {
			t.Errorf("%s has the aliases %v", r.Name, r.Request.GetAliases())
		}
	}
}

func TestOutputsOfAClusterAreThoseOfAStack(t *testing.T) {
	var c *Cluster
	graphtest.MustRun(t, func(ctx *pulumi.Context) (err error) {
		c, err = NewCluster(ctx, "net", newWhole())
		return err
	})
	want := []string{"adminUser", "bastion", "consul", "dockerCommand", "knownHosts", "nodes", "orchestrator", "poolAddresses", "resourceGroup",
		"sshCommand", "sshPrivateKey", "swarmClient", "swarmEndpoint"}
	if got := slices.Sorted(maps.Keys(c.Outputs())); !slices.Equal(got, want) {
		t.Errorf("outputs %v, want %v", got, want)
	}
}
