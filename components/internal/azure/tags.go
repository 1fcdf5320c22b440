package azure

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/internals"

	"github.com/seed-3bc5c20b/azswarm/components/internal/rollout"
)

// sharedTags are the tags of Azure resources: azswarm's own, which follow the program, and those of policies and people, which
// stay. To tell them apart, the keys that azswarm has ever set are among the network's outputs; and what a refresh has found on
// each resource, the state of the stack has.
type sharedTags struct {
	own    []string            // keys that the program sets, or has set
	others map[string][]string // keys that others have set, by [tagged]
}

// tagged is what a resource is looked up by: its type without the API's version, and its name.
func tagged(kind, name string) string {
	return strings.ToLower(kind[strings.LastIndex(kind, ":")+1:]) + "/" + name
}

// stackState is what Pulumi tells of the resources of a stack, by URN.
type stackState struct {
	Outputs map[string]resourceState `pulumi:"outputs"`
}

type resourceState struct {
	Type    string          `pulumi:"type"`
	Outputs resourceOutputs `pulumi:"outputs"`
}

// resourceOutputs are those of use: of an Azure resource, and of a Network.
type resourceOutputs struct {
	Tags    any `pulumi:"tags"`
	TagKeys any `pulumi:"tagKeys"`
}

// read reads the tags of all resources of the stack. In the run that makes the network there is nothing to read.
func (t *sharedTags) read(ctx *pulumi.Context, name string, tags pulumi.StringMap, parent pulumi.Resource) error {
	t.own = slices.Collect(maps.Keys(tags))
	created, err := rollout.New(ctx, name+"-born", pulumi.Parent(parent))
	if err != nil {
		return err
	}
	first, err := internals.UnsafeAwaitOutput(ctx.Context(), created.First())
	if err != nil || !first.Known || first.Value == true {
		return err
	}
	var state stackState
	stack := fmt.Sprintf("%s/%s/%s", ctx.Organization(), ctx.Project(), ctx.Stack())
	// There are secrets in what it answers, but none in what is taken of it.
	_, err = ctx.InvokePackageRaw("pulumi:pulumi:readStackResourceOutputs", map[string]any{"stackName": stack}, &state, "")
	if err != nil {
		return fmt.Errorf("network %q: read the tags of its resources from the state: %w", name, err)
	}
	t.learn(name, state)
	return nil
}

// learn takes what is of use from the state.
func (t *sharedTags) learn(network string, state stackState) {
	for urn, r := range state.Outputs {
		if r.Type == "azswarm:index:Network" && strings.HasSuffix(urn, "::"+network) {
			keys, _ := r.Outputs.TagKeys.([]any)
			for _, key := range keys {
				if text, ok := key.(string); ok && !t.owns(text) {
					t.own = append(t.own, text)
				}
			}
		}
	}
	slices.Sort(t.own)
	t.others = map[string][]string{}
	for urn, r := range state.Outputs {
		tags, _ := r.Outputs.Tags.(map[string]any)
		if !strings.HasPrefix(r.Type, "azure-native:") {
			continue
		}
		for _, key := range slices.Sorted(maps.Keys(tags)) {
			if !t.owns(key) {
				resource := tagged(r.Type, urn[strings.LastIndex(urn, "::")+2:])
				t.others[resource] = append(t.others[resource], key)
			}
		}
	}
}

// owns tells whether a key is azswarm's: to Azure, its case makes no difference.
func (t *sharedTags) owns(key string) bool {
	return slices.ContainsFunc(t.own, func(own string) bool { return strings.EqualFold(own, key) })
}

// keep leaves the tags of others on a resource.
func (t *sharedTags) keep(kind, name string) pulumi.ResourceOption {
	var paths []string
	for _, key := range t.others[tagged(kind, name)] {
		paths = append(paths, fmt.Sprintf("tags[%q]", key))
	}
	return pulumi.IgnoreChanges(paths)
}
