package components

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/seed-3bc5c20b/azswarm/internal/graphtest"
)

func TestArgumentsOfComponentsAreRegistered(t *testing.T) {
	args := newWhole()
	args.Tags = pulumi.StringMap{"owner": pulumi.ToSecret(pulumi.String("planted-secret")).(pulumi.StringOutput)}
	args.Consul.ReconnectTimeout = "10m"
	g := graphtest.MustRun(t, args.deploy())
	for where, want := range map[string]string{
		"Cluster net adminCidrs.0":                "198.51.100.0/24",
		"Cluster net workers.1.name":              "batch",
		"Cluster net network":                     "10.20.0.0/16", // defaults as well: a policy need not know them
		"Network net spread":                      "AvailabilitySet",
		"ConsulCluster consul image":              "hashicorp/consul:1.22",
		"ConsulCluster consul reconnectTimeout":   "10m0s",
		"SwarmManagerSet managers machine.vmSize": "Standard_B2als_v2",
		"WorkerPool web labels.tier":              "web",
		"WorkerPool web applications.0":           "web-80-tcp",
		"MachineSet web machine.osDiskType":       "StandardSSD_LRS",
	} {
		parts := strings.Fields(where)
		if got := graphtest.Text(t, g.Get(t, "azswarm:index:"+parts[0], parts[1]), parts[2]); got != want {
			t.Errorf("%s is %q, want %q", where, got, want)
		}
	}
	if count := graphtest.At(t, g.Get(t, "azswarm:index:WorkerPool", "web"), "count"); count.NumberValue() != 2 {
		t.Errorf("the pool's count is %v, want 2", count)
	}
	// What is said by a pointer is said, be it zero.
	if block := graphtest.At(t, g.Get(t, "azswarm:index:Cluster", "net"), "workers.0.block"); !block.IsNumber() || block.NumberValue() != 0 {
		t.Errorf("the first pool's block is %v, want 0", block)
	}
	for _, component := range []string{"Cluster", "Network"} {
		tags := g.Get(t, "azswarm:index:"+component, "net")["tags"]
		if !tags.ContainsSecrets() {
			t.Errorf("the secret tag of %s is %v: not secret", component, tags)
		}
	}
}

// Texts that merely flow through may come from other resources: they are checked once they are known.
func TestTextsOfOtherResourcesFlowThrough(t *testing.T) {
	deploy := func(text string) (*graphtest.Graph, error) {
		args := newWhole()
		args.Consul.Image = pulumi.String(text).ToStringOutput()
		args.Workers[0].Labels = pulumi.StringMap{"tier": pulumi.String("late").ToStringOutput()}
		return graphtest.Run(t, args.deploy())
	}
	g, err := deploy("hashicorp/consul:1.21")
	if err != nil {
		t.Fatal(err)
	}
	for command, values := range map[string]string{"consul-0-join": "CONSUL_IMAGE hashicorp/consul:1.21", "web-0-member": `LABELS {"tier":"late"}`} {
		name, want, _ := strings.Cut(values, " ")
		if got := graphtest.Parameter(t, g.Get(t, "remote:Command", command), name); got != want {
			t.Errorf("%s of %s is %q, want %q", name, command, got, want)
		}
	}
	if _, err := deploy("hashicorp/consul"); err == nil || !strings.Contains(err.Error(), `image: "hashicorp/consul": must carry a tag`) {
		t.Errorf("an image without a tag: %v", err)
	}
}
