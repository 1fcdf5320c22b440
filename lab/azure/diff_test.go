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

// TestWhatForcesReplacement goes through the properties of every type: what is not said to replace is an update.
func TestWhatForcesReplacement(t *testing.T) {
	subnetOf := func(changes props) props {
		return merge(props{"resourceGroupName": "rg", "virtualNetworkName": "v", "subnetName": "s", "addressPrefix": "10.0.0.0/24"}, changes)
	}
	ruleOf := func(changes props) props {
		return merge(rule("r", 100, changes), merge(props{"resourceGroupName": "rg", "networkSecurityGroupName": "n", "securityRuleName": "r"}, changes))
	}
	balancerOf := func(changes props) props { return balancer(changes) }
	other := ref(groupID + "/other")
	for _, c := range []struct {
		token    string
		inputs   func(changes props) props
		replaces []props
		updates  []props
	}{
		{groupToken, func(changes props) props { return merge(props{"resourceGroupName": "rg"}, changes) },
			[]props{{"location": "northeurope"}, {"resourceGroupName": "other"}}, []props{{"tags": props{"a": "b"}}, {"managedBy": "me"}}},
		{vnetToken, func(changes props) props { return merge(vnet("v"), changes) }, []props{{"location": "northeurope"}, {"virtualNetworkName": "other"}, {"resourceGroupName": "other"}},
			[]props{{"tags": props{"a": "b"}}, {"addressSpace": props{"addressPrefixes": []any{"10.0.0.0/8"}}}, {"dhcpOptions": props{"dnsServers": []any{"10.0.0.4"}}}, {"subnets": []any{inlineSubnet("s", "10.20.0.0/24", nil)}}}},
		{subnetToken, subnetOf, []props{{"subnetName": "other"}, {"virtualNetworkName": "other"}, {"resourceGroupName": "other"}},
			[]props{{"addressPrefix": "10.0.1.0/24"}, {"natGateway": other}, {"networkSecurityGroup": other}, {"routeTable": other}}},
		{pipToken, func(changes props) props { return merge(standardIP("ip"), changes) },
			[]props{{"location": "northeurope"}, {"publicIPAddressVersion": "IPv6"}, {"publicIPPrefix": other}, {"sku": props{"name": "Basic"}}, {"publicIpAddressName": "other"}},
			[]props{{"publicIPAllocationMethod": "Dynamic"}, {"zones": []any{"1"}}, {"dnsSettings": props{"domainNameLabel": "x"}}, {"idleTimeoutInMinutes": 10.0}}},
		{nsgToken, func(changes props) props { return merge(nsg("n"), changes) }, []props{{"networkSecurityGroupName": "other"}},
			[]props{{"location": "northeurope"}, {"securityRules": []any{rule("r", 100, nil)}}}},
		{ruleToken, ruleOf, []props{{"securityRuleName": "other"}, {"networkSecurityGroupName": "other"}}, []props{{"priority": 110.0}, {"access": "Deny"}, {"protocol": "Udp"}}},
		{nicToken, func(changes props) props { return merge(nic("n", "10.20.1.4", nil), changes) }, []props{{"networkInterfaceName": "other"}},
			[]props{{"location": "northeurope"}, {"networkSecurityGroup": other}, {"ipConfigurations": nic("n", "10.20.1.5", nil)["ipConfigurations"]}, {"ipConfigurations": nic("n", "10.20.1.4", props{"subnet": other})["ipConfigurations"]}}},
		{natToken, func(changes props) props { return named("natGatewayName", "n", changes) }, []props{{"natGatewayName": "other"}},
			[]props{{"location": "northeurope"}, {"zones": []any{"1"}}, {"sku": props{"name": "Standard"}}, {"publicIpAddresses": []any{other}}}},
		{lbToken, balancerOf, []props{{"loadBalancerName": "other"}}, nil}, // the rest is not known
		{setToken, func(changes props) props {
			return named("availabilitySetName", "s", merge(props{"sku": props{"name": "Classic"}}, changes))
		}, []props{{"availabilitySetName": "other"}},
			[]props{{"platformFaultDomainCount": 3.0}, {"platformUpdateDomainCount": 3.0}, {"sku": props{"name": "Aligned"}}, {"proximityPlacementGroup": other}, {"location": "northeurope"}}},
		{vmToken, func(changes props) props { return vm("v", "nic", changes) }, []props{{"vmName": "other"}, {"resourceGroupName": "other"}},
			[]props{{"hardwareProfile": props{"vmSize": "Standard_B4als_v2"}}, image("sku", "13"), osDisk(props{"diskSizeGB": 64.0}), {"osProfile": osProfile("other", nil)},
				{"availabilitySet": other}, {"zones": []any{"1"}}, {"networkProfile": props{"networkInterfaces": []any{other}}}, {"location": "northeurope"}}},
	} {
		l := newLab(t)
		olds, failures := l.check(c.token, "x", nil, c.inputs(nil))
		if failures != "" {
			t.Fatalf("%s: %s", c.token, failures)
		}
		compare := func(changes props, replaces bool) {
			got, _ := l.diff(state{urn: urnOf(c.token, "x"), inputs: olds}, c.token, "x", c.inputs(changes))
			if got.GetChanges() != pulumirpc.DiffResponse_DIFF_SOME || len(got.GetReplaces()) > 0 != replaces {
				t.Errorf("%s: %v: %v, replaces %v; want replacement %v", c.token, changes, got.GetChanges(), got.GetReplaces(), replaces)
			}
		}
		for _, changes := range c.replaces {
			compare(changes, true)
		}
		for _, changes := range c.updates {
			compare(changes, false)
		}
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
