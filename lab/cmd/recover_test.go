package cmd

import (
	"context"
	"encoding/json"
	"slices"
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/seed-3bc5c20b/azswarm/lab/session"
)

// deletions remembers the ids it was told to delete.
type deletions []string

func (d *deletions) Delete(_ context.Context, request *pulumirpc.DeleteRequest) (*emptypb.Empty, error) {
	*d = append(*d, request.GetId())
	return &emptypb.Empty{}, nil
}

func TestUndoInterruptedDeletesWhatPulumiNeverLearnedOf(t *testing.T) {
	var state session.State
	err := json.Unmarshal([]byte(`{
		"resources": [{"id": "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/known"}],
		"pending_operations": [
			{"type": "creating", "resource": {"type": "azure-native:compute/v20240701:VirtualMachine",
				"inputs": {"resourceGroupName": "rg", "vmName": "consul-0"}}},
			{"type": "updating", "resource": {"type": "azure-native:compute/v20240701:VirtualMachine",
				"inputs": {"resourceGroupName": "rg", "vmName": "consul-1"}}},
			{"type": "creating", "resource": {"type": "azure-native:network:VirtualNetwork",
				"inputs": {"resourceGroupName": "rg", "virtualNetworkName": "known"}}},
			{"type": "creating", "resource": {"type": "command:remote:Command", "inputs": {"create": "true"}}},
			{"type": "creating", "resource": {"type": "azure-native:storage:StorageAccount", "inputs": {}}}
		]}`), &state)
	if err != nil {
		t.Fatal(err)
	}
	var deleted deletions
	if err := undoInterrupted(t.Context(), &deleted, state, "s"); err != nil {
		t.Fatal(err)
	}
	want := deletions{"/subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/consul-0"}
	if !slices.Equal(deleted, want) {
		t.Errorf("deleted %v, want %v", deleted, want)
	}
}
