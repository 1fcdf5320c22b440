package stash

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/internals"
)

// Hidden says whether this is a preview that updates a resource in place, and so leaves open what Azure made of it, though
// that stays what it is: taken for unknown, it would show everything that uses it as changed. In a preview it waits for the engine's
// answer about the resource, which must be registered already, and fails where that does.
func Hidden(ctx *pulumi.Context, resource pulumi.CustomResource, made pulumi.Output) (bool, error) {
	if !ctx.DryRun() {
		return false, nil
	}
	id, err := internals.UnsafeAwaitOutput(ctx.Context(), resource.ID())
	if err != nil || !id.Known {
		return false, err // it is created or replaced
	}
	value, err := internals.UnsafeAwaitOutput(ctx.Context(), made)
	return !value.Known, err
}

// Made keeps a text that Azure made with a resource, such as its address, where previews find it as long as the resource
// stays the same. It is no secret.
func Made(ctx *pulumi.Context, name string, resource pulumi.CustomResource, made pulumi.StringOutput, opts ...pulumi.ResourceOption) (pulumi.StringOutput, error) {
	hidden, err := Hidden(ctx, resource, made)
	if err != nil {
		return pulumi.StringOutput{}, fmt.Errorf("%s: %w", name, err)
	}
	option := pulumi.ReplaceOnChanges([]string{"input"}) // an update of a Stash changes no output
	if hidden {
		option = pulumi.IgnoreChanges([]string{"input"})
	}
	return keepText(ctx, name, made, append([]pulumi.ResourceOption{option}, opts...)...)
}

func keepText(ctx *pulumi.Context, name string, input pulumi.StringOutput, opts ...pulumi.ResourceOption) (pulumi.StringOutput, error) {
	stash, err := pulumi.NewStash(ctx, name, &pulumi.StashArgs{Input: input}, opts...)
	if err != nil {
		return pulumi.StringOutput{}, err
	}
	return stash.Output.ApplyT(func(value any) (string, error) {
		text, ok := value.(string)
		if !ok {
			return "", fmt.Errorf("%s: the state holds a %T, must be a string", name, value)
		}
		return text, nil
	}).(pulumi.StringOutput), nil
}

// Latest keeps what a command said last. Previews take it that a command which is to run again will say the same: else they would
// show everything that uses it as changed. It is no secret.
func Latest(ctx *pulumi.Context, name string, said pulumi.StringOutput, opts ...pulumi.ResourceOption) (pulumi.StringOutput, error) {
	option := pulumi.ReplaceOnChanges([]string{"input"}) // an update of a Stash changes no output
	if ctx.DryRun() {
		option = pulumi.IgnoreChanges([]string{"input"})
	}
	return keepText(ctx, name, said, append([]pulumi.ResourceOption{option}, opts...)...)
}

// First returns the text that was given in the run that first had this name, whatever it is now: where the two differ, a program
// can refuse. It waits until that is known; in the preview that creates it, the text is the one given.
func First(ctx *pulumi.Context, name, text string, opts ...pulumi.ResourceOption) (string, error) {
	stash, err := pulumi.NewStash(ctx, name, &pulumi.StashArgs{Input: pulumi.String(text)},
		append([]pulumi.ResourceOption{pulumi.IgnoreChanges([]string{"input"})}, opts...)...)
	if err != nil {
		return "", err
	}
	kept, err := internals.UnsafeAwaitOutput(ctx.Context(), stash.Output)
	if err != nil {
		return "", fmt.Errorf("%s: read it from the state: %w", name, err)
	}
	if !kept.Known {
		return text, nil
	}
	first, ok := kept.Value.(string)
	if !ok {
		return "", fmt.Errorf("%s: the state holds a %T, must be a string", name, kept.Value)
	}
	return first, nil
}

// Once is known, in previews too, as soon as event has been known in one run, whatever happens to it later.
func Once(ctx *pulumi.Context, name string, event pulumi.StringOutput, opts ...pulumi.ResourceOption) (pulumi.Output, error) {
	happened := event.ApplyT(func(string) bool { return true }).(pulumi.BoolOutput)
	stash, err := pulumi.NewStash(ctx, name, &pulumi.StashArgs{Input: happened}, append([]pulumi.ResourceOption{
		pulumi.IgnoreChanges([]string{"input"}),
	}, opts...)...)
	if err != nil {
		return nil, err
	}
	return stash.Output, nil
}
