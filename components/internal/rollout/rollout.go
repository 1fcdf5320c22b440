// Package rollout makes changes to the members of a set happen a few at a time, with nothing but the engine's own
// dependencies: a resource that waits for another is not even diffed until that one is done.
package rollout

import (
	"github.com/google/uuid"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Order orders the members of one set.
type Order struct {
	firstRun pulumi.BoolOutput
}

// New keeps, under the name given, which run created the set. The name and parent must never change: a set whose record
// is lost is taken for a new one, and changes all its members at once.
func New(ctx *pulumi.Context, name string, opts ...pulumi.ResourceOption) (*Order, error) {
	nonce := uuid.NewString()
	created, err := pulumi.NewStash(ctx, name, &pulumi.StashArgs{Input: pulumi.String(nonce)},
		append([]pulumi.ResourceOption{pulumi.IgnoreChanges([]string{"input"})}, opts...)...)
	if err != nil {
		return nil, err
	}
	return &Order{firstRun: created.Output.ApplyT(func(value any) bool { return value == nonce }).(pulumi.BoolOutput)}, nil
}

// First tells whether this is the run that creates the set.
func (r *Order) First() pulumi.BoolOutput { return r.firstRun }

// After makes a resource wait for others, except in the run that creates the set: then all start at once.
func (r *Order) After(others ...pulumi.Resource) pulumi.ResourceOption {
	return pulumi.DependsOnInputs(r.firstRun.ApplyT(func(first bool) []pulumi.Resource {
		if first {
			return nil
		}
		return others
	}).(pulumi.ResourceArrayOutput))
}
