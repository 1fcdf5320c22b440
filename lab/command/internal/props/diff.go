package props

import (
	"fmt"
	"regexp"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// Paths are the changed leaves of a diff by property path, each added, deleted or updated.
type Paths map[string]pulumirpc.PropertyDiff_Kind

// Detail lists what a diff changes. A nil diff changes nothing.
func Detail(diff *resource.ObjectDiff) Paths {
	paths := Paths{}
	if diff != nil {
		paths.object("", diff)
	}
	return paths
}

func (p Paths) object(prefix string, diff *resource.ObjectDiff) {
	for key := range diff.Adds {
		p[field(prefix, key)] = pulumirpc.PropertyDiff_ADD
	}
	for key := range diff.Deletes {
		p[field(prefix, key)] = pulumirpc.PropertyDiff_DELETE
	}
	for key, change := range diff.Updates {
		p.value(field(prefix, key), change)
	}
}

func (p Paths) array(prefix string, diff *resource.ArrayDiff) {
	for index := range diff.Adds {
		p[element(prefix, index)] = pulumirpc.PropertyDiff_ADD
	}
	for index := range diff.Deletes {
		p[element(prefix, index)] = pulumirpc.PropertyDiff_DELETE
	}
	for index, change := range diff.Updates {
		p.value(element(prefix, index), change)
	}
}

func (p Paths) value(path string, change resource.ValueDiff) {
	switch {
	case change.Object != nil:
		p.object(path, change.Object)
	case change.Array != nil:
		p.array(path, change.Array)
	default:
		p[path] = pulumirpc.PropertyDiff_UPDATE
	}
}

// plainName is a key that a path can name without quotes.
var plainName = regexp.MustCompile(`\A[a-zA-Z_$][a-zA-Z0-9_$]*\z`)

func field(prefix string, key resource.PropertyKey) string {
	switch {
	case !plainName.MatchString(string(key)):
		return fmt.Sprintf("%s[%q]", prefix, string(key))
	case prefix == "":
		return string(key)
	default:
		return prefix + "." + string(key)
	}
}

func element(prefix string, index int) string {
	return fmt.Sprintf("%s[%d]", prefix, index)
}
