package azure

import (
	"context"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/seed-3bc5c20b/azswarm/lab/azure/arm"
)

// Existing is a resource that a Pulumi state says to exist.
type Existing struct {
	Type    string // Pulumi type token
	ID      string
	Inputs  map[string]any
	Outputs map[string]any
}

// Seed puts resources into the model as if they had been created long ago: what they were created from is checked as
// ever, what Azure made up then (addresses, ids) stays. It returns what the model can't hold, an error for each; those
// resources are missing from it.
func (p *Provider) Seed(ctx context.Context, resources []Existing) []error {
	var failures []error
	for _, existing := range resources {
		if !strings.HasPrefix(existing.Type, "azure-native:") {
			continue
		}
		if err := p.seed(ctx, existing); err != nil {
			failures = append(failures, fmt.Errorf("%s: %w", existing.ID, err))
		}
	}
	return failures
}

func (p *Provider) seed(ctx context.Context, existing Existing) error {
	kind, err := arm.LookUp(existing.Type)
	if err != nil {
		return err
	}
	body := requestBody(kind, resource.NewPropertyMapFromMap(existing.Inputs))
	for _, property := range kind.SubResources {
		body.Default(arm.Object{property: []any{}})
	}
	if !body.Has("location") && existing.Outputs["location"] != nil {
		body["location"] = existing.Outputs["location"]
	}
	if _, err := p.manager.Put(ctx, existing.ID, body); err != nil {
		return err
	}
	return p.manager.Restore(existing.ID, existing.Outputs)
}
