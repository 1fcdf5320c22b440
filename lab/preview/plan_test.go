package preview

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

const (
	stackURN   = "urn:pulumi:prod::azswarm::pulumi:pulumi:Stack::azswarm-prod"
	clusterURN = "urn:pulumi:prod::azswarm::azswarm:index:Cluster::azswarm"
	networkURN = "urn:pulumi:prod::azswarm::azswarm:index:Cluster$azswarm:index:Network::azswarm"
	poolURN    = "urn:pulumi:prod::azswarm::azswarm:index:Cluster$azswarm:index:WorkerPool::web"
	setURN     = "urn:pulumi:prod::azswarm::azswarm:index:Cluster$azswarm:index:WorkerPool$azswarm:index:MachineSet::web"
	vnetURN    = "urn:pulumi:prod::azswarm::azswarm:index:Cluster$azswarm:index:Network$azure-native:network/v20240501:VirtualNetwork::azswarm"
	planted    = "planted-secret"
)

func machine(i int) string {
	return fmt.Sprintf("urn:pulumi:prod::azswarm::azswarm:index:Cluster$azswarm:index:WorkerPool$azswarm:index:MachineSet$azure-native:compute/v20240701:VirtualMachine::web-%d", i)
}

// object is JSON.
type object = map[string]any

// previewOf is what `pulumi preview --json` prints for steps.
func previewOf(t *testing.T, diagnostics []object, steps ...object) *Plan {
	t.Helper()
	output, err := json.Marshal(object{"steps": steps, "diagnostics": diagnostics})
	if err != nil {
		t.Fatal(err)
	}
	plan, err := Parse("prod", output)
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

func same(urn, parent string) object {
	state := object{"parent": parent}
	return object{"op": "same", "urn": urn, "oldState": state, "newState": state}
}

// resize is a change of a machine: its size in place, and tags if it has new ones.
func resize(i int, op string) object {
	return object{
		"op": op, "urn": machine(i), "diffReasons": []string{"hardwareProfile", "osProfile"},
		"detailedDiff": object{"hardwareProfile.vmSize": object{"kind": "update"}, "osProfile.customData": object{"kind": "update"}},
		"oldState": object{"parent": setURN, "inputs": object{
			"hardwareProfile": object{"vmSize": "Standard_B2as_v2"}, "osProfile": object{"customData": hidden},
		}},
		"newState": object{"parent": setURN, "dependencies": []string{vnetURN}, "inputs": object{
			"hardwareProfile": object{"vmSize": "Standard_B4as_v2"}, "osProfile": object{"customData": hidden},
		}},
	}
}

func tree() []object {
	return []object{same(stackURN, ""), same(clusterURN, stackURN), same(networkURN, clusterURN), same(vnetURN, networkURN), same(poolURN, clusterURN), same(setURN, poolURN)}
}

func TestPlanCountsResourcesAndNotSteps(t *testing.T) {
	replaced := resize(0, "replace")
	replaced["replaceReasons"] = []string{"osProfile"}
	plan := previewOf(t, nil, append(tree(), resize(0, "delete-replaced"), replaced, resize(0, "create-replacement"), resize(10, "update"), resize(2, "update"))...)
	if want := (map[Operation]int{Same: 6, Replace: 1, Update: 2}); !maps.Equal(plan.Counts, want) {
		t.Errorf("counts %v, want %v", plan.Counts, want)
	}
	var names []string
	for _, change := range plan.Changes {
		names = append(names, change.Name)
		if change.Component != poolURN || change.Type != "azure-native:compute:VirtualMachine" {
			t.Errorf("%s is a %s of %s", change.Name, change.Type, change.Component)
		}
	}
	if want := []string{"web-0", "web-2", "web-10"}; !slices.Equal(names, want) {
		t.Errorf("changes of %v, want %v", names, want)
	}
	want := []Property{
		{Path: "hardwareProfile.vmSize", Old: "Standard_B2as_v2", New: "Standard_B4as_v2"},
		{Path: "osProfile.customData", Replaces: true},
	}
	if got := plan.Changes[0].Reasons; !slices.Equal(got, want) {
		t.Errorf("reasons %+v, want %+v", got, want)
	}
	if want := [][2]string{{networkURN, poolURN}}; !slices.Equal(plan.Links, want) {
		t.Errorf("links %v, want %v", plan.Links, want)
	}
}

func TestUnknownStepsAreNoPlan(t *testing.T) {
	output, _ := json.Marshal(object{"steps": []object{{"op": "transmute", "urn": vnetURN}}})
	for _, text := range []string{string(output), "error: no stack"} {
		if _, err := Parse("prod", []byte(text)); err == nil {
			t.Errorf("%s was taken for a plan", text)
		}
	}
}

func TestValuesThatDontBelongInAPlanAreLeftOut(t *testing.T) {
	step := resize(0, "update")
	for name, value := range map[string]any{
		"secret": hidden, "partly": "password=" + hidden, "unknown": unknown, "long": strings.Repeat("x", longest+1), "lines": "a\nb", "object": object{"a": planted},
	} {
		step["detailedDiff"].(object)[name] = object{"kind": "update"}
		step["oldState"].(object)["inputs"].(object)[name] = value
		step["newState"].(object)["inputs"].(object)[name] = value
		if text, ok := value.(string); ok {
			step["newState"].(object)["inputs"].(object)[name] = text + "x"
		}
	}
	step["newState"].(object)["inputs"].(object)["unknown"] = unknown
	for _, reason := range previewOf(t, nil, append(tree(), step)...).Changes[0].Reasons {
		if reason.Path != "hardwareProfile.vmSize" && reason.Old+reason.New != "" {
			t.Errorf("%s shows %q and %q", reason.Path, reason.Old, reason.New)
		}
	}
}

func TestOfALongCommandAPlanShowsTheWordsThatChange(t *testing.T) {
	command := func(image, script string) string {
		return "exec sudo -n bash -s -- 'alone; ensure_consul' NODE=consul-0 CONSUL_IMAGE=hashicorp/consul:" + image + " CONSUL_CONFIG=sha256:0123456789ab SCRIPT=" + script
	}
	step := resize(0, "update")
	step["detailedDiff"] = object{"create": object{"kind": "update"}}
	step["diffReasons"] = nil
	step["oldState"].(object)["inputs"] = object{"create": command("1.21", "aaaa")}
	step["newState"].(object)["inputs"] = object{"create": command("1.22", "bbbb")}
	want := []Property{{Path: "create", Old: "CONSUL_IMAGE=hashicorp/consul:1.21 SCRIPT=aaaa", New: "CONSUL_IMAGE=hashicorp/consul:1.22 SCRIPT=bbbb"}}
	if got := previewOf(t, nil, append(tree(), step)...).Changes[0].Reasons; !slices.Equal(got, want) {
		t.Errorf("reasons %+v, want %+v", got, want)
	}
}

func TestPathsAreReadAsPulumiWritesThem(t *testing.T) {
	for path, want := range map[string][]string{
		"tags":                      {"tags"},
		"a.b[0].c":                  {"a", "b", "0", "c"},
		`tags["kubernetes.io/x"].y`: {"tags", "kubernetes.io/x", "y"},
		`a[10]["b c"]`:              {"a", "10", "b c"},
	} {
		if got := elements(path); !slices.Equal(got, want) {
			t.Errorf("%s is %q, want %q", path, got, want)
		}
	}
}

func TestRefusalsAreListedOnce(t *testing.T) {
	plan := previewOf(t, []object{
		{"urn": machine(0), "severity": "error", "message": "no such size\n"},
		{"urn": machine(0), "severity": "error", "message": "no such size"},
		{"urn": "", "severity": "error", "message": "update failed"},
		{"urn": machine(0), "severity": "warning", "message": "beware"},
	}, tree()...)
	if want := []Refusal{{"web-0", "azure-native:compute:VirtualMachine", "no such size"}}; !slices.Equal(plan.Refusals, want) {
		t.Errorf("refusals %v, want %v", plan.Refusals, want)
	}
}

func TestOtherArgumentsOfAComponentAreNoChange(t *testing.T) {
	update := same(poolURN, clusterURN)
	update["op"] = "update"
	update["detailedDiff"] = object{"count": object{"kind": "update"}}
	plan := previewOf(t, nil, append(tree()[:4], update, same(setURN, poolURN))...)
	if want := (map[Operation]int{Same: 6}); !maps.Equal(plan.Counts, want) || len(plan.Changes) > 0 {
		t.Errorf("counts %v and changes %v, want %v and none", plan.Counts, plan.Changes, want)
	}
}
