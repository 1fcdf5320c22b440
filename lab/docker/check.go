package docker

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// defaultsKey lists, in every object of the inputs, the properties that Check filled in.
const defaultsKey = "__defaults"

// Check fills in the defaults, and refuses inputs that lack a required property or have an unknown one.
func (p *Provider) Check(_ context.Context, req *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	kind, err := p.resource(req.GetUrn())
	if err != nil {
		return nil, err
	}
	c := checker{resource: nameOf(req.GetUrn())}
	checked := c.object(kind.schema(), "", decode(req.GetNews()))
	if name, named := kind.schema()["name"]; named && !name.required && checked["name"] == nil {
		checked["name"] = autoname(req, decode(req.GetOlds()))
		filled, _ := checked[defaultsKey].([]any)
		filled = append(filled, "name")
		slices.SortFunc(filled, func(a, b any) int { return compareText(a, b) })
		checked[defaultsKey] = filled
	}
	inputs, err := encode(checked)
	if err != nil {
		return nil, err
	}
	return &pulumirpc.CheckResponse{Inputs: inputs, Failures: c.failures}, nil
}

// checker collects the failures of one Check.
type checker struct {
	resource string
	failures []*pulumirpc.CheckFailure
}

func (c *checker) object(s schema, path string, news object) object {
	out := object{}
	filled := []any{}
	for _, name := range sortedKeys(news) {
		f, known := s[name]
		at := join(path, name)
		switch {
		case name == defaultsKey:
		case !known:
			c.fail(at, fmt.Sprintf("Invalid or unknown key. Examine values at '%s.%s'.", c.resource, at))
		default:
			out[name] = c.value(f, at, news[name])
		}
	}
	for _, name := range sortedKeys(s) {
		f := s[name]
		if news[name] != nil {
			continue
		}
		if f.initial != nil {
			out[name] = f.initial
			filled = append(filled, name)
		}
		if f.required {
			at := join(path, name)
			c.fail(at, fmt.Sprintf("Missing required argument. The argument %q is required, but no definition was found. Examine values at '%s.%s'.", name, c.resource, at))
		}
	}
	out[defaultsKey] = filled
	return out
}

func (c *checker) value(f field, path string, value any) any {
	switch v := value.(type) {
	case object:
		if f.kind == block {
			return c.object(f.fields, path, v)
		}
	case []any:
		if f.kind != blocks && f.kind != blockSet {
			return v
		}
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = item
			if element, isObject := item.(object); isObject {
				out[i] = c.object(f.fields, fmt.Sprintf("%s[%d]", path, i), element)
			}
		}
		return out
	}
	return value
}

func (c *checker) fail(property, reason string) {
	c.failures = append(c.failures, &pulumirpc.CheckFailure{Property: property, Reason: reason})
}

// autoname makes up a name for a resource without one: the resource's own with seven random digits, the same
// as before if it had been made up before.
func autoname(req *pulumirpc.CheckRequest, olds object) string {
	before, _ := olds[defaultsKey].([]any)
	if old, isText := olds["name"].(string); isText && slices.Contains(before, any("name")) {
		return old
	}
	seed := req.GetRandomSeed()
	if len(seed) == 0 {
		seed = make([]byte, sha256.Size)
		_, _ = rand.Read(seed) // never fails
	}
	sum := sha256.Sum256(seed)
	return nameOf(req.GetUrn()) + "-" + hex.EncodeToString(sum[:])[:7]
}

func compareText(a, b any) int {
	x, _ := a.(string)
	y, _ := b.(string)
	switch {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}
