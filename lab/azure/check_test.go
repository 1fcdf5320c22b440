package azure

import (
	"context"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

func TestCheckNames(t *testing.T) {
	random, err := resource.NewUniqueName([]byte("0123456789abcdef0123456789abcdef"), "web", 8, 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		what, token, parameter string
		olds, inputs           props
		name                   string
		flag                   any
	}{
		{"random", nsgToken, "networkSecurityGroupName", nil, props{"resourceGroupName": "rg"}, random, true},
		{"unversioned token", "network:NetworkSecurityGroup", "networkSecurityGroupName", nil, props{"resourceGroupName": "rg"}, random, true},
		{"resource group", groupToken, "resourceGroupName", nil, props{}, random, true},
		{"child", subnetToken, "subnetName", nil, props{"resourceGroupName": "rg", "virtualNetworkName": "v", "addressPrefix": "10.0.0.0/24"}, "web", nil},
		{"given", nsgToken, "networkSecurityGroupName", nil, props{"resourceGroupName": "rg", "networkSecurityGroupName": "mine"}, "mine", nil},
		{"as before", nsgToken, "networkSecurityGroupName", props{"networkSecurityGroupName": "web123", "__createBeforeDelete": true}, props{"resourceGroupName": "rg"}, "web123", true},
		{"as before without flag", nsgToken, "networkSecurityGroupName", props{"networkSecurityGroupName": "web123"}, props{"resourceGroupName": "rg"}, "web123", nil},
	} {
		t.Run(c.what, func(t *testing.T) {
			l := newLab(t)
			checked, failures := l.check(c.token, "web", wire(t, c.olds), c.inputs)
			if failures != "" {
				t.Fatal(failures)
			}
			if got := checked.AsMap(); got[c.parameter] != c.name || got["__createBeforeDelete"] != c.flag {
				t.Errorf("checked inputs %v, want %s %q and flag %v", got, c.parameter, c.name, c.flag)
			}
		})
	}
}

func TestNamesByType(t *testing.T) {
	random, err := resource.NewUniqueName([]byte("0123456789abcdef0123456789abcdef"), "web", 8, 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	child := props{"addressPrefix": "10.0.0.0/24", "virtualNetworkName": "v", "networkSecurityGroupName": "n", "protocol": "Tcp", "access": "Allow", "priority": 100.0, "direction": "Inbound"}
	for _, c := range []struct {
		token, parameter string
		random           bool
	}{
		{groupToken, "resourceGroupName", true}, {vnetToken, "virtualNetworkName", true}, {subnetToken, "subnetName", false},
		{nsgToken, "networkSecurityGroupName", true}, {ruleToken, "securityRuleName", false}, {pipToken, "publicIpAddressName", true},
		{natToken, "natGatewayName", true}, {nicToken, "networkInterfaceName", true}, {lbToken, "loadBalancerName", true},
		{setToken, "availabilitySetName", true}, {vmToken, "vmName", true},
	} {
		inputs := props{}
		switch c.token {
		case groupToken:
		case subnetToken, ruleToken:
			inputs = merge(child, props{"resourceGroupName": "rg"})
		case vmToken:
			inputs = merge(vm("", "nic", nil), props{"vmName": nil})
		default:
			inputs["resourceGroupName"] = "rg"
		}
		checked, failures := newLab(t).check(c.token, "web", nil, inputs)
		name, flag := "web", any(nil)
		if c.random {
			name, flag = random, true
		}
		if got := checked.AsMap(); failures != "" || got[c.parameter] != name || got["__createBeforeDelete"] != flag {
			t.Errorf("%s: failures %q, %s %v and flag %v; want %s and %v", c.token, failures, c.parameter, got[c.parameter], got["__createBeforeDelete"], name, flag)
		}
	}
}

func TestCheckHonoursAutonaming(t *testing.T) {
	l := newLab(t)
	for mode, want := range map[pulumirpc.CheckRequest_AutonamingOptions_Mode]string{
		pulumirpc.CheckRequest_AutonamingOptions_ENFORCE: "proposed",
		pulumirpc.CheckRequest_AutonamingOptions_PROPOSE: "proposed",
	} {
		answer, err := l.Check(context.Background(), &pulumirpc.CheckRequest{
			Urn: urnOf(nsgToken, "web"), News: wire(t, props{"resourceGroupName": "rg"}),
			Autonaming: &pulumirpc.CheckRequest_AutonamingOptions{Mode: mode, ProposedName: "proposed"},
		})
		if inputs := answer.GetInputs().AsMap(); err != nil || inputs["networkSecurityGroupName"] != want || inputs["__createBeforeDelete"] != true {
			t.Errorf("%s: %v, %v", mode, answer, err)
		}
		// Children of other resources, too, which are not named at random otherwise.
		answer, err = l.Check(context.Background(), &pulumirpc.CheckRequest{
			Urn: urnOf(subnetToken, "web"), News: wire(t, props{"resourceGroupName": "rg", "virtualNetworkName": "v", "addressPrefix": "10.0.0.0/24"}),
			Autonaming: &pulumirpc.CheckRequest_AutonamingOptions{Mode: mode, ProposedName: "proposed"},
		})
		if inputs := answer.GetInputs().AsMap(); err != nil || inputs["subnetName"] != want || inputs["__createBeforeDelete"] != true {
			t.Errorf("%s of a subnet: %v, %v", mode, answer, err)
		}
	}
	answer, err := l.Check(context.Background(), &pulumirpc.CheckRequest{
		Urn: urnOf(nsgToken, "web"), News: wire(t, props{"resourceGroupName": "rg"}),
		Autonaming: &pulumirpc.CheckRequest_AutonamingOptions{Mode: pulumirpc.CheckRequest_AutonamingOptions_DISABLE},
	})
	if err != nil || len(answer.GetFailures()) != 1 || answer.GetFailures()[0].GetReason() != "missing required property 'networkSecurityGroupName'" {
		t.Errorf("disabled: %v, %v", answer, err)
	}
}

func TestCheckFailures(t *testing.T) {
	for _, c := range []struct {
		what, token string
		inputs      props
		failure     string
	}{
		{"group is required", nsgToken, props{}, "missing required property 'resourceGroupName'"},
		{"parent is required", subnetToken, props{"resourceGroupName": "rg"}, "missing required property 'virtualNetworkName'"},
		{"nested", nsgToken, nsg("n", rule("r", 100, props{"priority": nil})), "missing required property 'securityRules[0].priority'"},
		{"object nested", vmToken, vm("v", "nic", props{"storageProfile": props{"osDisk": props{}}}), "missing required property 'storageProfile.osDisk.createOption'"},
		{"data disks need a lun", vmToken, vm("v", "nic", props{"storageProfile": merge(storageProfile("12"), props{"dataDisks": []any{props{"createOption": "Empty"}}})}),
			"missing required property 'storageProfile.dataDisks[0].lun'"},
		{"number for a string", nsgToken, nsg("n", rule("r", 100, props{"destinationPortRange": 22.0})), "'securityRules[0].destinationPortRange' should be of type 'string' but got a number"},
		{"string for a list", vnetToken, merge(vnet("v"), props{"addressSpace": props{"addressPrefixes": "10.0.0.0/8"}}), "should be of type 'array' but got a string"},
		{"fraction", nsgToken, nsg("n", rule("r", 100, props{"priority": 100.5})), "must be an integer"},
		{"unknown type", "storage:StorageAccount", props{}, "azure-native:storage:StorageAccount is not supported by the lab, which knows azure-native:compute:AvailabilitySet"},
	} {
		t.Run(c.what, func(t *testing.T) {
			if _, failures := newLab(t).check(c.token, "x", nil, c.inputs); !strings.Contains(failures, c.failure) {
				t.Errorf("failures %q lack %q", failures, c.failure)
			}
		})
	}
}

func TestCheckLocations(t *testing.T) {
	inputs := named("networkSecurityGroupName", "x", nil)
	unconfigured := func(t *testing.T) *lab {
		l := newLab(t)
		if _, err := l.Configure(context.Background(), &pulumirpc.ConfigureRequest{}); err != nil {
			t.Fatal(err)
		}
		return l
	}
	location := func(l *lab, olds props) any {
		checked, _ := l.check(nsgToken, "x", wire(l, olds), inputs)
		return checked.AsMap()["location"]
	}
	if got := location(newLab(t), nil); got != "westeurope" {
		t.Errorf("configured location: %v", got)
	}
	if got := location(newLab(t), props{"location": "northeurope"}); got != "northeurope" {
		t.Errorf("location of before: %v", got)
	}
	l := unconfigured(t)
	if got := location(l, nil); got != nil {
		t.Errorf("nowhere to take it from: %v", got)
	}
	if _, failures := l.check(setToken, "x", nil, named("availabilitySetName", "x", nil)); !strings.Contains(failures, "pulumi config set azure-native:location") {
		t.Errorf("failures %q do not say how to configure", failures)
	}
	l.create(groupToken, "rg", props{"resourceGroupName": "rg", "location": "Sweden Central"})
	if got := location(l, nil); got != "swedencentral" {
		t.Errorf("location of the group: %v", got)
	}
}
