package cmd

import (
	"context"
	"fmt"
	"strings"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/seed-3bc5c20b/azswarm/lab/azure"
	"github.com/seed-3bc5c20b/azswarm/lab/azure/arm"
	"github.com/seed-3bc5c20b/azswarm/lab/session"
)

// deleter deletes resources of the azure-native provider.
type deleter interface {
	Delete(context.Context, *pulumirpc.DeleteRequest) (*emptypb.Empty, error)
}

// undoInterrupted deletes what a command that was killed created without Pulumi having learned of it. Against the real
// Azure an operator imports such a resource; the next `up` would fail to create what already exists.
func undoInterrupted(ctx context.Context, provider deleter, state session.State, subscription string) error {
	if subscription == "" {
		subscription = azure.DefaultSubscription
	}
	for _, operation := range state.Pending {
		if operation.Type != "creating" || !strings.HasPrefix(operation.Resource.Type, "azure-native:") {
			continue
		}
		kind, err := arm.LookUp(operation.Resource.Type)
		if err != nil {
			continue // a type the lab doesn't know was never created
		}
		id := kind.ID(subscription, operation.Resource.Input)
		if state.Has(id) { // what it was to replace has the same id, and is Pulumi's
			continue
		}
		if _, err := provider.Delete(ctx, &pulumirpc.DeleteRequest{Id: id, Urn: operation.Resource.URN}); err != nil {
			return fmt.Errorf("undo the interrupted creation of %s: %w", id, err)
		}
	}
	return nil
}
