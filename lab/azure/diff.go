package azure

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/seed-3bc5c20b/azswarm/lab/azure/arm"
)

// Diff compares inputs with inputs. What Azure refuses to change in place is no reason to replace here, only what
// azure-native's schema says: such an update previews as one and then fails.
func (p *Provider) Diff(_ context.Context, request *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	kind, err := typeOf(request.GetUrn())
	if err != nil {
		return nil, err
	}
	olds, err := oldInputs(request.GetOldInputs(), request.GetOlds())
	if err != nil {
		return nil, err
	}
	news, err := unmarshal(request.GetNews())
	if err != nil {
		return nil, err
	}
	detailed := diffInputs(kind, olds, news)
	if len(detailed) == 0 {
		return &pulumirpc.DiffResponse{Changes: pulumirpc.DiffResponse_DIFF_NONE}, nil
	}
	response := &pulumirpc.DiffResponse{HasDetailedDiff: true, DetailedDiff: detailed, Changes: pulumirpc.DiffResponse_DIFF_NONE}
	response.Diffs, response.Replaces = changesAndReplaces(kind, detailed, news)
	if len(response.Diffs) > 0 {
		response.Changes = pulumirpc.DiffResponse_DIFF_SOME
	}
	response.DeleteBeforeReplace = len(response.Replaces) > 0
	if flag, ok := olds[createBeforeDelete]; ok && flag.IsBool() {
		response.DeleteBeforeReplace = !flag.BoolValue()
	}
	return response, nil
}

// oldInputs are what the engine sent, or what the last operation put into the state.
func oldInputs(sent, state *structpb.Struct) (resource.PropertyMap, error) {
	if sent != nil {
		return unmarshal(sent)
	}
	olds, err := unmarshal(state)
	if err != nil {
		return nil, err
	}
	if inputs, ok := olds[inputsKey]; ok && inputs.IsObject() {
		return inputs.ObjectValue(), nil
	}
	return nil, nil
}

func diffInputs(kind *arm.Type, olds, news resource.PropertyMap) map[string]*pulumirpc.PropertyDiff {
	internal := func(key resource.PropertyKey) bool { return strings.HasPrefix(string(key), "__") }
	difference := olds.Diff(news, internal)
	if difference == nil {
		return nil
	}
	if update, ok := difference.Updates["location"]; ok && sameLocation(update) {
		delete(difference.Updates, "location")
	}
	d := differ{forceNew: map[string]bool{}, found: map[string]*pulumirpc.PropertyDiff{}}
	for _, name := range append(kind.PathParameters(), kind.ForceNew...) {
		d.forceNew[name] = true
	}
	d.object(difference, "", "", false)
	return d.found
}

func sameLocation(update resource.ValueDiff) bool {
	normal := func(v resource.PropertyValue) string {
		return strings.ToLower(strings.ReplaceAll(v.StringValue(), " ", ""))
	}
	return update.Old.IsString() && update.New.IsString() && normal(update.Old) == normal(update.New)
}

// differ collects the leaves of a difference. Every leaf has a path ("a[0].b") and a rule ("a[].b") that says whether
// changing it replaces the resource.
type differ struct {
	forceNew map[string]bool
	found    map[string]*pulumirpc.PropertyDiff
}

func (d *differ) object(difference *resource.ObjectDiff, path, rule string, replaced bool) {
	for key := range difference.Adds {
		d.leaf(path+string(key), pulumirpc.PropertyDiff_ADD, d.forceNew[rule+string(key)])
	}
	for key := range difference.Deletes {
		d.leaf(path+string(key), pulumirpc.PropertyDiff_DELETE, d.forceNew[rule+string(key)])
	}
	for key, update := range difference.Updates {
		d.value(&update, path+string(key), rule+string(key), replaced)
	}
}

// value walks one update. Below a property that replaces, updates do too; additions and removals don't.
func (d *differ) value(update *resource.ValueDiff, path, rule string, replaced bool) {
	replaced = replaced || d.forceNew[rule]
	switch {
	case update.Object != nil:
		d.object(update.Object, path+".", rule+".", replaced)
	case update.Array != nil:
		for i, element := range update.Array.Updates {
			d.value(&element, fmt.Sprintf("%s[%d]", path, i), rule+"[]", false)
		}
		for i := range update.Array.Adds {
			d.leaf(fmt.Sprintf("%s[%d]", path, i), pulumirpc.PropertyDiff_ADD, false)
		}
		for i := range update.Array.Deletes {
			d.leaf(fmt.Sprintf("%s[%d]", path, i), pulumirpc.PropertyDiff_DELETE, false)
		}
	default:
		d.leaf(path, pulumirpc.PropertyDiff_UPDATE, replaced)
	}
}

func (d *differ) leaf(path string, kind pulumirpc.PropertyDiff_Kind, replaces bool) {
	if replaces {
		kind++ // each kind is followed by its *_REPLACE
	}
	d.found[path] = &pulumirpc.PropertyDiff{Kind: kind, InputDiff: true}
}

// changesAndReplaces lists the top-level names that changed, and the paths that replace. Adding what is the default
// anyway is no change.
func changesAndReplaces(kind *arm.Type, detailed map[string]*pulumirpc.PropertyDiff, news resource.PropertyMap) (changes, replaces []string) {
	for _, path := range slices.Sorted(maps.Keys(detailed)) {
		switch detailed[path].Kind {
		case pulumirpc.PropertyDiff_ADD_REPLACE, pulumirpc.PropertyDiff_DELETE_REPLACE, pulumirpc.PropertyDiff_UPDATE_REPLACE:
			replaces = append(replaces, path)
		case pulumirpc.PropertyDiff_ADD:
			if initial, ok := kind.Defaults[path]; ok && news[resource.PropertyKey(path)].DeepEquals(resource.NewPropertyValue(initial)) {
				continue
			}
		}
		top, _, _ := strings.Cut(path, ".")
		if !slices.Contains(changes, top) {
			changes = append(changes, top)
		}
	}
	return changes, replaces
}
