package docker

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// change is one difference between a resource's state and its inputs.
type change struct {
	kind     pulumirpc.PropertyDiff_Kind // ADD, UPDATE or DELETE
	replaces bool
}

// changes are the differences by property path.
type changes map[string]change

// Diff compares the state with the inputs. Every replacement deletes first, as the plugin's do.
func (p *Provider) Diff(_ context.Context, req *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	kind, err := p.resource(req.GetUrn())
	if err != nil {
		return nil, err
	}
	s := kind.schema()
	found := changes{}
	found.objects(s, "", decode(req.GetOlds()), decode(req.GetNews()))
	found.ignore(req.GetIgnoreChanges())

	out := &pulumirpc.DiffResponse{
		Changes:         pulumirpc.DiffResponse_DIFF_NONE,
		HasDetailedDiff: true,
		DetailedDiff:    map[string]*pulumirpc.PropertyDiff{},
	}
	for _, path := range sortedKeys(found) {
		c := found[path]
		out.Changes = pulumirpc.DiffResponse_DIFF_SOME
		out.DetailedDiff[path] = &pulumirpc.PropertyDiff{Kind: c.rpc()}
		if !slices.Contains(out.Diffs, root(path)) {
			out.Diffs = append(out.Diffs, root(path))
		}
		if c.replaces {
			out.Replaces = append(out.Replaces, root(path)) // once per path, as the plugin does
		}
	}
	out.DeleteBeforeReplace = len(out.Replaces) > 0
	for _, name := range sortedKeys(s) {
		if s[name].replaces && !slices.Contains(out.Replaces, name) {
			out.Stables = append(out.Stables, name)
		}
	}
	return out, nil
}

// rpc is the protocol's word for the change; those that replace follow those that do not.
func (c change) rpc() pulumirpc.PropertyDiff_Kind {
	if c.replaces {
		return c.kind + 1
	}
	return c.kind
}

// ignore drops the changes at or below the paths.
func (c changes) ignore(paths []string) {
	for _, ignored := range paths {
		for path := range c {
			rest, below := strings.CutPrefix(path, ignored)
			if below && (rest == "" || rest[0] == '.' || rest[0] == '[') {
				delete(c, path)
			}
		}
	}
}

func (c changes) objects(s schema, path string, old, news object) {
	for name, f := range s {
		c.values(f, join(path, name), old[name], news[name])
	}
}

func (c changes) values(f field, path string, old, value any) {
	switch {
	case value == nil:
		if !f.computed && !isEmpty(old) {
			c[path] = change{pulumirpc.PropertyDiff_DELETE, f.replacesWithin()}
		}
		return
	case isUnknown(value):
		c.set(f, path, old)
		return
	case isEmpty(old) && isEmpty(value):
		return
	}
	switch f.kind {
	case textMap:
		c.maps(f, path, old, value)
	case block:
		before, exists := old.(object)
		nested, _ := value.(object)
		if !exists {
			c.set(f, path, old)
			return
		}
		c.objects(f.fields, path, before, nested)
	case texts, textSet, blocks, blockSet:
		c.lists(f, path, old, value)
	default:
		if !reflect.DeepEqual(old, value) {
			c.set(f, path, old)
		}
	}
}

// set records that the property as a whole changes.
func (c changes) set(f field, path string, old any) {
	what := pulumirpc.PropertyDiff_UPDATE
	if list, isList := old.([]any); old == nil || isList && len(list) == 0 {
		what = pulumirpc.PropertyDiff_ADD
	}
	c[path] = change{what, f.replacesWithin()}
}

func (c changes) maps(f field, path string, old, value any) {
	before, exists := old.(object)
	after, _ := value.(object)
	if !exists {
		c.set(f, path, old)
		return
	}
	for key := range after {
		was, had := before[key]
		switch {
		case !had:
			c[join(path, key)] = change{pulumirpc.PropertyDiff_ADD, f.replaces}
		case !reflect.DeepEqual(was, after[key]):
			c[join(path, key)] = change{pulumirpc.PropertyDiff_UPDATE, f.replaces}
		}
	}
	for key := range before {
		if _, has := after[key]; !has {
			c[join(path, key)] = change{pulumirpc.PropertyDiff_DELETE, f.replaces}
		}
	}
}

func (c changes) lists(f field, path string, old, value any) {
	before, _ := old.([]any)
	after, _ := value.([]any)
	switch {
	case len(before) == 0:
		c.set(f, path, old)
		return
	case len(after) == 0:
		c[path] = change{pulumirpc.PropertyDiff_DELETE, f.replacesWithin()}
		return
	}
	inside := changes{}
	if f.isSet() {
		inside.sets(f, path, before, after)
	} else {
		inside.elements(f, path, before, after)
	}
	if f.whole && len(inside) > 0 {
		c[path] = change{pulumirpc.PropertyDiff_UPDATE, f.replacesWithin()}
		return
	}
	for at, difference := range inside {
		c[at] = difference
	}
}

// elements compares two lists place by place; a missing place is nil.
func (c changes) elements(f field, path string, before, after []any) {
	for i := range max(len(before), len(after)) {
		at := fmt.Sprintf("%s[%d]", path, i)
		switch {
		case i >= len(before) || before[i] == nil:
			if i < len(after) && after[i] != nil {
				c[at] = change{pulumirpc.PropertyDiff_ADD, f.replacesWithin()}
			}
		case i >= len(after) || after[i] == nil:
			c[at] = change{pulumirpc.PropertyDiff_DELETE, f.replacesWithin()}
		default:
			c.values(f.element(), at, before[i], after[i])
		}
	}
}

// sets compares two sets: elements on both sides are no difference, wherever they are.
func (c changes) sets(f field, path string, before, after []any) {
	before, after = slices.Clone(before), slices.Clone(after)
	for i, value := range after {
		for j, old := range before {
			if old == nil {
				continue
			}
			difference := changes{}
			difference.values(f.element(), path, old, value)
			if len(difference) == 0 {
				before[j], after[i] = nil, nil
				break
			}
		}
	}
	c.elements(f, path, before, after)
}

// element describes one element of a list.
func (f field) element() field {
	if f.kind == blocks || f.kind == blockSet {
		return field{kind: block, fields: f.fields, replaces: f.replaces}
	}
	return field{kind: text, replaces: f.replaces}
}

// join appends a key to a property path, quoted where it would read as a path itself.
func join(path, key string) string {
	switch {
	case strings.ContainsAny(key, `."[]`):
		return fmt.Sprintf("%s[%q]", path, key)
	case path == "":
		return key
	}
	return path + "." + key
}

// root is the top-level property of a path.
func root(path string) string {
	if end := strings.IndexAny(path, ".["); end >= 0 {
		return path[:end]
	}
	return path
}
