// Command bare is the Pulumi program that `make bench` compares azswarm with. It registers what a file lists (types, names,
// parents, dependencies and inputs, taken from azswarm's own state) and does nothing else.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/seed-3bc5c20b/azswarm/internal/bare/plan"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		content, err := os.ReadFile(os.Getenv(plan.Variable))
		if err != nil {
			return err
		}
		var resources []plan.Resource
		if err := json.Unmarshal(content, &resources); err != nil {
			return fmt.Errorf("read the plan: %w", err)
		}
		return register(ctx, resources)
	})
}

// register registers the resources in order: each comes after its parent and what it depends on.
func register(ctx *pulumi.Context, resources []plan.Resource) error {
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
			if err := ctx.RegisterComponentResourceV2(r.Type, r.Name, inputs, component, opts...); err != nil {
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
		if secret, ok := v[plan.SecretKey]; ok && len(v) == 1 {
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
