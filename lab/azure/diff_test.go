package azure

import (
	"maps"
	"slices"
	"strings"
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

func TestDiff(t *testing.T) {
	twoRules := func(first props) props { return nsg("nsg", rule("one", 100, first), rule("two", 200, nil)) }
	for _, c := range []struct {
		what, token string
		old, now    props
		detailed    string // path=KIND, sorted
		diffs       string
		replaces    string
		deleteFirst bool
	}{
		{what: "same", token: nsgToken, old: nsg("n"), now: nsg("n")},
		{what: "location differs in case and spaces only", token: vnetToken, old: merge(vnet("v"), props{"location": "West Europe"}), now: merge(vnet("v"), props{"location": "westeurope"})},
		{what: "nested update", token: nsgToken, old: twoRules(nil), now: twoRules(props{"priority": 110.0}),
			detailed: "securityRules[0].priority=UPDATE", diffs: "securityRules[0]"},
		{what: "element added", token: nsgToken, old: nsg("nsg", rule("one", 100, nil)), now: twoRules(nil), detailed: "securityRules[1]=ADD", diffs: "securityRules[1]"},
		{what: "element deleted", token: nsgToken, old: twoRules(nil), now: nsg("nsg", rule("one", 100, nil)), detailed: "securityRules[1]=DELETE", diffs: "securityRules[1]"},
		{what: "tag added", token: nsgToken, old: nsg("n"), now: merge(nsg("n"), props{"tags": props{"a": "b"}}), detailed: "tags=ADD", diffs: "tags"},
		{what: "renamed", token: nsgToken, old: nsg("n"), now: nsg("m"), detailed: "networkSecurityGroupName=UPDATE_REPLACE",
			diffs: "networkSecurityGroupName", replaces: "networkSecurityGroupName", deleteFirst: true},
		{what: "another group", token: vmToken, old: vm("v", "nic", nil), now: merge(vm("v", "nic", nil), props{"resourceGroupName": "other"}),
			detailed: "resourceGroupName=UPDATE_REPLACE", diffs: "resourceGroupName", replaces: "resourceGroupName", deleteFirst: true},
		{what: "network moved", token: vnetToken, old: vnet("v"), now: merge(vnet("v"), props{"location": "northeurope"}),
			detailed: "location=UPDATE_REPLACE", diffs: "location", replaces: "location", deleteFirst: true},
		{what: "security group moved is an update", token: nsgToken, old: nsg("n"), now: merge(nsg("n"), props{"location": "northeurope"}),
			detailed: "location=UPDATE", diffs: "location"},
		{what: "sku of a public IP", token: pipToken, old: merge(standardIP("i"), props{"sku": props{"name": "Basic"}}), now: standardIP("i"),
			detailed: "sku.name=UPDATE_REPLACE", diffs: "sku", replaces: "sku.name", deleteFirst: true},
		{what: "allocation of a public IP", token: pipToken, old: standardIP("i"), now: merge(standardIP("i"), props{"publicIPAllocationMethod": "Dynamic"}),
			detailed: "publicIPAllocationMethod=UPDATE", diffs: "publicIPAllocationMethod"},
		{what: "moved, randomly named", token: vnetToken, old: merge(vnet("v"), props{"virtualNetworkName": nil}),
			now:      merge(vnet("v"), props{"virtualNetworkName": nil, "location": "northeurope"}),
			detailed: "location=UPDATE_REPLACE", diffs: "location", replaces: "location", deleteFirst: false},
		{what: "default added", token: vnetToken, old: vnet("v"), now: merge(vnet("v"), props{"enableDdosProtection": false}), detailed: "enableDdosProtection=ADD"},
		{what: "size of a machine", token: vmToken, old: vm("v", "nic", nil), now: vm("v", "nic", props{"hardwareProfile": props{"vmSize": "Standard_B2as_v2"}}),
			detailed: "hardwareProfile.vmSize=UPDATE", diffs: "hardwareProfile"},
		{what: "custom data of a machine", token: vmToken, old: vm("v", "nic", nil), now: vm("v", "nic", props{"osProfile": osProfile("v", props{"customData": "eA=="})}),
			detailed: "osProfile.customData=UPDATE", diffs: "osProfile"},
	} {
		t.Run(c.what, func(t *testing.T) {
			l := newLab(t)
			olds, failures := l.check(c.token, "x", nil, c.old)
			if failures != "" {
				t.Fatal(failures)
			}
			got, _ := l.diff(state{urn: urnOf(c.token, "x"), inputs: olds}, c.token, "x", c.now)
			var detailed []string
			for _, path := range slices.Sorted(maps.Keys(got.GetDetailedDiff())) {
				d := got.GetDetailedDiff()[path]
				if !d.GetInputDiff() {
					t.Errorf("%s is no input diff", path)
				}
				detailed = append(detailed, path+"="+d.GetKind().String())
			}
			if text := strings.Join(detailed, " "); text != c.detailed {
				t.Errorf("detailed diff %q, want %q", text, c.detailed)
			}
			if text := strings.Join(got.GetDiffs(), " "); text != c.diffs {
				t.Errorf("diffs %q, want %q", text, c.diffs)
			}
			if text := strings.Join(got.GetReplaces(), " "); text != c.replaces {
				t.Errorf("replaces %q, want %q", text, c.replaces)
			}
			if got.GetDeleteBeforeReplace() != c.deleteFirst || got.GetHasDetailedDiff() != (c.detailed != "") {
				t.Errorf("deleteBeforeReplace %v, hasDetailedDiff %v", got.GetDeleteBeforeReplace(), got.GetHasDetailedDiff())
			}
			if changed := got.GetChanges() == pulumirpc.DiffResponse_DIFF_SOME; changed != (c.diffs != "") {
				t.Errorf("changes %v", got.GetChanges())
			}
		})
	}
}

func TestDiffReadsOldInputsFromState(t *testing.T) {
	l := newLab(t)
	l.group()
	s := l.create(nsgToken, "x", nsg("n"))
	s.inputs = nil
	if got, _ := l.diff(s, nsgToken, "x", nsg("n")); got.GetChanges() != pulumirpc.DiffResponse_DIFF_NONE {
		t.Errorf("diff %v, want none", got)
	}
}
