package cmd

import (
	"context"
	"fmt"
	"strings"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"

	"github.com/seed-3bc5c20b/azswarm/lab/azure"
	"github.com/seed-3bc5c20b/azswarm/lab/azure/arm"
)

// undoInterrupted deletes what a command that was killed created without Pulumi having learned of it. Against the real
// Azure an operator imports such a resource; the next `up` would fail to create what already exists.
func (a *attached) undoInterrupted(ctx context.Context) error {
	state, err := a.State()
	if err != nil {
		return err
	}
	subscription := a.ConfigText("azure-native:subscriptionId")
	if subscription == "" {
		subscription = azure.DefaultSubscription
	}
	for _, operation := range state.Pending {
		if operation.Type != "creating" || !strings.HasPrefix(operation.Resource.Type, "azure-native:") {
			continue
		}
		kind, err := arm.LookUp(operation.Resource.Type)
		if err != nil {
			continue // never created, then
		}
		id := kind.ID(subscription, operation.Resource.Input)
		if state.Has(id) { // what it was to replace has the same id, and is Pulumi's
			continue
		}
		if _, err := a.provider.Delete(ctx, &pulumirpc.DeleteRequest{Id: id, Urn: operation.Resource.URN}); err != nil {
			return fmt.Errorf("undo the interrupted creation of %s: %w", id, err)
		}
	}
	return nil
}
