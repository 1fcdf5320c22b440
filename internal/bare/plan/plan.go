// Package plan is what the bare program and the benchmark that runs it agree on: a JSON list of resources to register.
package plan

// Variable is the environment variable that names the file with the list.
const Variable = "BARE_PLAN"

// SecretKey is the one key of an object among the inputs that stands for a secret.
const SecretKey = "$secret"

// Resource is a resource to register. Others are named by their place in the list, always an earlier one.
type Resource struct {
	Type         string         `json:"type"`
	Name         string         `json:"name"`
	Version      string         `json:"version"` // of the provider
	Custom       bool           `json:"custom"`  // false: a component
	Parent       int            `json:"parent"`  // -1 for the stack
	Dependencies []int          `json:"dependencies"`
	Inputs       map[string]any `json:"inputs"`
}
