// Package stash holds values that are made once and live in the stack's state ever after: keys, tokens and certificates, which are
// secret, and what previews of updates would not know otherwise, such as addresses, which is not.
package stash

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// New returns the fields made by make in the run that first had this name, whatever make would return now. Raising
// rotation makes them anew; the older ones are forgotten.
func New(ctx *pulumi.Context, name string, rotation int, make func() (map[string]string, error), opts ...pulumi.ResourceOption) (pulumi.StringMapOutput, error) {
	fields, err := make()
	if err != nil {
		return pulumi.StringMapOutput{}, fmt.Errorf("%s: %w", name, err)
	}
	return FromOutput(ctx, name, rotation, pulumi.ToStringMap(fields).ToStringMapOutput(), opts...)
}

// FromOutput is [New] for fields that are known only once another resource exists.
func FromOutput(ctx *pulumi.Context, name string, rotation int, fields pulumi.StringMapOutput, opts ...pulumi.ResourceOption) (pulumi.StringMapOutput, error) {
	// A rotated value is another resource: a Stash that is replaced keeps the input it ignores changes of.
	if rotation > 0 {
		name = fmt.Sprintf("%s-r%d", name, rotation)
	}
	stash, err := pulumi.NewStash(ctx, name, &pulumi.StashArgs{Input: pulumi.ToSecret(fields)},
		append([]pulumi.ResourceOption{pulumi.IgnoreChanges([]string{"input"})}, opts...)...)
	if err != nil {
		return pulumi.StringMapOutput{}, err
	}
	return pulumi.ToSecret(stash.Output).(pulumi.AnyOutput).ApplyT(func(value any) (map[string]string, error) {
		kept := map[string]string{}
		object, ok := value.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("%s: the state holds a %T, must be an object", name, value)
		}
		for key, field := range object {
			text, ok := field.(string)
			if !ok {
				return nil, fmt.Errorf("%s.%s: the state holds a %T, must be a string", name, key, field)
			}
			kept[key] = text
		}
		return kept, nil
	}).(pulumi.StringMapOutput), nil
}

// Public returns one field that is no secret, such as a public key.
func Public(fields pulumi.StringMapOutput, key string) pulumi.StringOutput {
	return pulumi.Unsecret(fields.MapIndex(pulumi.String(key))).(pulumi.StringOutput)
}
