package components

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/seed-3bc5c20b/azswarm/internal/graphtest"
)

func TestAddressesAreKept(t *testing.T) {
	for _, test := range []struct {
		name, stash, kept, want string
		before                  []string // kinds of resources that none may be of
	}{
		{"address space", "net-address-space", "10.30.0.0/16",
			`addressSpace: "10.20.0.0/16", but the network was made with "10.30.0.0/16"`, []string{":VirtualNetwork", ":ResourceGroup"}},
		{"block", "web-block", "3", "block: 0, but its machines were made in block 3, and keep their addresses;\ngive web block 3", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			kept := map[string]resource.PropertyValue{test.stash: resource.NewStringProperty(test.kept)}
			g, err := graphtest.RunKept(t, newCluster().deploy, kept)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("%v, want it to say %q", err, test.want)
			}
			for _, kind := range test.before {
				if names := g.Names(kind); len(names) > 0 {
					t.Errorf("%s %v registered before that was found", kind, names)
				}
			}
			if names := g.Names(":VirtualMachine"); strings.Contains(strings.Join(names, " "), "web-") {
				t.Errorf("machines %v registered before that was found", names)
			}
		})
	}
}

// A pool without machines has no addresses to keep.
func TestEmptyPoolTakesAnyBlock(t *testing.T) {
	c := newCluster()
	c.pools["web"] = WorkerPoolArgs{Block: 2}
	if names := graphtest.MustRun(t, c.deploy).Names(":Stash"); strings.Contains(strings.Join(names, " "), "web-block") {
		t.Errorf("an empty pool keeps its block: %v", names)
	}
}
