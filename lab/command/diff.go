package command

import (
	"context"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"

	"github.com/seed-3bc5c20b/azswarm/lab/command/internal/props"
)

// replacing is the one property whose change as a whole replaces the resource. A change inside it does not: the Go
// SDK asks for that with replaceOnChanges.
const replacing = "triggers"

var replaceKinds = map[pulumirpc.PropertyDiff_Kind]pulumirpc.PropertyDiff_Kind{
	pulumirpc.PropertyDiff_ADD:    pulumirpc.PropertyDiff_ADD_REPLACE,
	pulumirpc.PropertyDiff_DELETE: pulumirpc.PropertyDiff_DELETE_REPLACE,
	pulumirpc.PropertyDiff_UPDATE: pulumirpc.PropertyDiff_UPDATE_REPLACE,
}

// Diff compares inputs only. The connection is one secret value, so whatever changes in it is one update in place.
func (p *Provider) Diff(_ context.Context, req *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	kind, olds, news, err := p.change(req)
	if err != nil {
		return nil, err
	}
	response := &pulumirpc.DiffResponse{Changes: pulumirpc.DiffResponse_DIFF_NONE, HasDetailedDiff: true}
	detailed := props.Detail(inputDiff(kind, olds, news))
	if len(detailed) == 0 {
		return response, nil
	}
	response.Changes = pulumirpc.DiffResponse_DIFF_SOME
	response.DetailedDiff = make(map[string]*pulumirpc.PropertyDiff, len(detailed))
	for path, change := range detailed {
		if path == replacing {
			change = replaceKinds[change]
			response.Replaces = []string{replacing}
		}
		response.DetailedDiff[path] = &pulumirpc.PropertyDiff{Kind: change}
		response.Diffs = append(response.Diffs, topLevel(path))
	}
	slices.Sort(response.Diffs)
	response.Diffs = slices.Compact(response.Diffs)
	return response, nil
}

// inputDiff is the change of inputs between a state and new inputs; nil if there is none.
func inputDiff(kind kind, olds, news resource.PropertyMap) *resource.ObjectDiff {
	return props.Only(olds, kind.inputs()).Diff(props.Only(news, kind.inputs()))
}

// changesExisting says whether an input that was there before has changed or gone. The plugin takes only that as a
// reason to call outputs unknown in a preview: with nothing but new inputs it shows the old outputs.
func changesExisting(kind kind, olds, news resource.PropertyMap) bool {
	diff := inputDiff(kind, olds, news)
	return diff != nil && len(diff.Updates)+len(diff.Deletes) > 0
}

// topLevel is the property a path starts at: inputs have plain names.
func topLevel(path string) string {
	if end := strings.IndexAny(path, ".["); end >= 0 {
		return path[:end]
	}
	return path
}
