package azure

import (
	"slices"
	"testing"
)

func TestTagsOfOthersAreThoseThatTheProgramNeverSet(t *testing.T) {
	tags := sharedTags{own: []string{"owner"}}
	const urn = "urn:pulumi:dev::azswarm::azswarm:index:Network"
	tags.learn("net", stackState{map[string]resourceState{
		urn + "::net":         {"azswarm:index:Network", resourceOutputs{TagKeys: []any{"once", "owner"}}},
		urn + "::another-net": {"azswarm:index:Network", resourceOutputs{TagKeys: []any{"elsewhere"}}},
		urn + "$azure-native:compute/v20240701:VirtualMachine::web-0": {"azure-native:compute/v20240701:VirtualMachine", resourceOutputs{
			Tags: map[string]any{"Owner": "us", "once": "ours", "elsewhere": "1", "cost.center": "42"},
		}},
		urn + "$docker:index/service:Service::web-0": {"docker:index/service:Service", resourceOutputs{Tags: map[string]any{"stray": "1"}}},
	}})
	if got, want := tags.others["virtualmachine/web-0"], []string{"cost.center", "elsewhere"}; !slices.Equal(got, want) || len(tags.others) != 1 {
		t.Errorf("others' are %v, want %v", tags.others, want)
	}
	if want := []string{"once", "owner"}; !slices.Equal(tags.own, want) {
		t.Errorf("azswarm's are %v, want %v", tags.own, want)
	}
}
