package azure

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"

	"github.com/seed-3bc5c20b/azswarm/lab/azure/arm"
)

const (
	// createBeforeDelete marks randomly named resources: their replacement can exist beside them.
	createBeforeDelete = resource.PropertyKey("__createBeforeDelete")
	suffixLength       = 8
)

// setName names an unnamed resource: as before, as the stack's autonaming configuration says, after its logical
// name with a random suffix, or, for children of other resources, after its logical name.
func setName(kind *arm.Type, request *pulumirpc.CheckRequest, olds, news resource.PropertyMap) error {
	key := resource.PropertyKey(kind.NameInput())
	if news.HasValue(key) {
		return nil
	}
	if olds.HasValue(key) {
		news[key] = olds[key]
		if flag, ok := olds[createBeforeDelete]; ok {
			news[createBeforeDelete] = flag
		}
		return nil
	}
	switch options := request.GetAutonaming(); options.GetMode() {
	case pulumirpc.CheckRequest_AutonamingOptions_DISABLE:
		return nil // and the check fails for the missing name
	case pulumirpc.CheckRequest_AutonamingOptions_ENFORCE:
		news[key] = resource.NewStringProperty(options.GetProposedName())
		news[createBeforeDelete] = resource.NewBoolProperty(true)
		return nil
	default:
		// PROPOSE is also what the engine sends without a proposal.
		if proposed := options.GetProposedName(); proposed != "" {
			news[key] = resource.NewStringProperty(proposed)
			news[createBeforeDelete] = resource.NewBoolProperty(true)
			return nil
		}
	}
	logical := resource.URN(request.GetUrn()).Name()
	if !kind.RandomlyNamed() {
		news[key] = resource.NewStringProperty(logical)
		return nil
	}
	name, err := resource.NewUniqueName(request.GetRandomSeed(), logical, suffixLength, 0, nil)
	if err != nil {
		return fmt.Errorf("name %s: %w", request.GetUrn(), err)
	}
	news[key] = resource.NewStringProperty(name)
	news[createBeforeDelete] = resource.NewBoolProperty(true)
	return nil
}
