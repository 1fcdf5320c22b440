package stack

import (
	"context"
	"encoding/json"
	"fmt"
)

// Resource is one of a stack's, secrets encrypted.
type Resource struct {
	URN    string                     `json:"urn"`
	Type   string                     `json:"type"`
	Inputs map[string]json.RawMessage `json:"inputs"`
}

// Resources reads the stack's resources, as the last update left them.
func (s Stack) Resources(ctx context.Context) ([]Resource, error) {
	output, err := s.pulumi(ctx, "stack", "export")
	if err != nil {
		return nil, fmt.Errorf("read the resources of %s: %w", s, err)
	}
	var state struct {
		Deployment struct {
			Resources []Resource `json:"resources"`
		} `json:"deployment"`
	}
	if err := json.Unmarshal(output, &state); err != nil {
		return nil, fmt.Errorf("read the resources of %s: %w", s, err)
	}
	return state.Deployment.Resources, nil
}
