package stack

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
)

// Setting is a value of a stack's configuration.
type Setting struct {
	Value  string          `json:"value"`
	Object json.RawMessage `json:"objectValue"` // of a list or a map
}

// Config reads the stack's configuration, without its secrets.
func (s Stack) Config(ctx context.Context) (map[string]Setting, error) {
	output, err := s.pulumi(ctx, "config", "--json")
	if err != nil {
		return nil, fmt.Errorf("read the configuration of %s: %w", s, err)
	}
	var settings map[string]Setting
	if err := json.Unmarshal(output, &settings); err != nil {
		return nil, fmt.Errorf("read the configuration of %s: %w", s, err)
	}
	return settings, nil
}

// SetNumber sets a number at a path of the configuration, such as azswarm:workers[0].count.
func (s Stack) SetNumber(ctx context.Context, path string, value int) error {
	if _, err := s.pulumi(ctx, "config", "set", "--path", path, strconv.Itoa(value)); err != nil {
		return fmt.Errorf("set %s of %s to %d: %w", path, s, value, err)
	}
	return nil
}
