// Command bare is the Pulumi program that `make bench` compares azswarm with. It registers what a file lists (types, names,
// parents, dependencies and inputs, taken from azswarm's own state) and does nothing else.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// planVariable is the environment variable that names the file.
const planVariable = "BARE_PLAN"

// secretKey is the one key of an object that stands for a secret.
const secretKey = "$secret"

// planned is a resource to register. Others are named by their place in the list, always an earlier one.
type planned struct {
	Type         string         `json:"type"`
	Name         string         `json:"name"`
	Version      string         `json:"version"` // of the provider
	Custom       bool           `json:"custom"`  // false: a component
	Parent       int            `json:"parent"`  // -1 for the stack
	Dependencies []int          `json:"dependencies"`
	Inputs       map[string]any `json:"inputs"`
}

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		content, err := os.ReadFile(os.Getenv(planVariable))
		if err != nil {
			return err
		}
		var resources []planned
		if err := json.Unmarshal(content, &resources); err != nil {
			return fmt.Errorf("read the plan: %w", err)
		}
		return register(ctx, resources)
	})
}

// register registers the resources in order: each comes after its parent and what it depends on.
func register(ctx *pulumi.Context, resources []planned) error {
	made := make([]pulumi.Resource, len(resources))
	for i, r := range resources {
		opts := []pulumi.ResourceOption{pulumi.Version(r.Version)}
		if r.Parent >= 0 {
			opts = append(opts, pulumi.Parent(made[r.Parent]))
		}
		var dependencies []pulumi.Resource
		for _, d := range r.Dependencies {
			dependencies = append(dependencies, made[d])
		}
		opts = append(opts, pulumi.DependsOn(dependencies))
		inputs := pulumi.Map{}
		for name, value := range r.Inputs {
			inputs[name] = input(value)
		}
		if !r.Custom {
			component := &pulumi.ResourceState{}
			if err := ctx.RegisterComponentResource(r.Type, r.Name, component, opts...); err != nil {
				return err
			}
			made[i] = component
			continue
		}
		custom := &pulumi.CustomResourceState{}
		if err := ctx.RegisterResource(r.Type, r.Name, inputs, custom, opts...); err != nil {
			return err
		}
		made[i] = custom
	}
	return nil
}

// input is a value of the plan; a secret is an object with one key.
func input(value any) pulumi.Input {
	switch v := value.(type) {
	case map[string]any:
		if secret, ok := v[secretKey]; ok && len(v) == 1 {
			return pulumi.ToSecret(input(secret))
		}
		object := pulumi.Map{}
		for name, element := range v {
			object[name] = input(element)
		}
		return object
	case []any:
		list := pulumi.Array{}
		for _, element := range v {
			list = append(list, input(element))
		}
		return list
	}
	return pulumi.Any(value)
}
