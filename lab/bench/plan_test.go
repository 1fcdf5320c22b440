package bench

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/seed-3bc5c20b/azswarm/internal/bare/plan"
)

// secretMark is the key by which an exported state marks objects that stand for secrets.
const secretMark = "4dabf18193072939515e22adb298388d"

// planOf lists the resources of an exported state, secrets in plain text, for the bare program to register.
func planOf(b *testing.B, export string) []plan.Resource {
	b.Helper()
	var state struct {
		Deployment struct {
			Resources []struct {
				URN          string         `json:"urn"`
				Type         string         `json:"type"`
				Custom       bool           `json:"custom"`
				Parent       string         `json:"parent"`
				Provider     string         `json:"provider"`
				Dependencies []string       `json:"dependencies"`
				Inputs       map[string]any `json:"inputs"`
			} `json:"resources"`
		} `json:"deployment"`
	}
	if err := json.Unmarshal([]byte(export), &state); err != nil {
		b.Fatalf("read the exported state: %v", err)
	}
	place := map[string]int{}
	var resources []plan.Resource
	for _, r := range state.Deployment.Resources {
		if r.Type == "pulumi:pulumi:Stack" || strings.HasPrefix(r.Type, "pulumi:providers:") {
			continue
		}
		p := plan.Resource{Type: r.Type, Name: r.URN[strings.LastIndex(r.URN, "::")+2:], Custom: r.Custom, Parent: -1, Inputs: map[string]any{}}
		// "urn:…::default_2_90_0::<id>"
		if _, version, ok := strings.Cut(r.Provider, "::default_"); ok {
			version, _, _ = strings.Cut(version, "::")
			p.Version = strings.ReplaceAll(version, "_", ".")
		}
		if i, ok := place[r.Parent]; ok {
			p.Parent = i
		}
		for _, dependency := range r.Dependencies {
			if i, ok := place[dependency]; ok {
				p.Dependencies = append(p.Dependencies, i)
			}
		}
		for name, value := range r.Inputs {
			if !strings.HasPrefix(name, "__") {
				p.Inputs[name] = plain(b, value)
			}
		}
		place[r.URN] = len(resources)
		resources = append(resources, p)
	}
	return resources
}

// only are the resources of a plan that are to be kept. What one of them waits for through others, it waits for itself; parents are
// left out.
func only(resources []plan.Resource, keep func(plan.Resource) bool) []plan.Resource {
	var kept []plan.Resource
	waitsFor := make([][]int, len(resources)) // for each of all, the places of kept ones
	for i, r := range resources {
		var before []int
		for _, d := range r.Dependencies {
			before = append(before, waitsFor[d]...)
		}
		slices.Sort(before)
		before = slices.Compact(before)
		if !keep(r) {
			waitsFor[i] = before
			continue
		}
		waitsFor[i] = []int{len(kept)}
		r.Parent, r.Dependencies = -1, before
		kept = append(kept, r)
	}
	return kept
}

func TestOnlyBridgesWhatIsLeftOut(t *testing.T) {
	all := []plan.Resource{
		{Name: "set", Type: "component", Parent: -1}, {Name: "a", Type: "azure", Parent: 0}, {Name: "stash", Type: "pulumi", Dependencies: []int{1}},
		{Name: "b", Type: "azure", Parent: 0, Dependencies: []int{1}}, {Name: "c", Type: "azure", Dependencies: []int{2, 1, 3}},
	}
	got := only(all, func(r plan.Resource) bool { return r.Type == "azure" })
	want := []plan.Resource{
		{Name: "a", Type: "azure", Parent: -1}, {Name: "b", Type: "azure", Parent: -1, Dependencies: []int{0}},
		{Name: "c", Type: "azure", Parent: -1, Dependencies: []int{0, 1}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// plain translates how secrets are marked.
func plain(b *testing.B, value any) any {
	b.Helper()
	switch v := value.(type) {
	case map[string]any:
		if _, secret := v[secretMark]; secret {
			if inner, ok := v["value"]; ok { // a secret within a secret
				return plain(b, inner)
			}
			text, _ := v["plaintext"].(string)
			var inner any
			if err := json.Unmarshal([]byte(text), &inner); err != nil {
				b.Fatalf("a secret of the exported state: %v", err)
			}
			return map[string]any{plan.SecretKey: plain(b, inner)}
		}
		object := map[string]any{}
		for name, element := range v {
			object[name] = plain(b, element)
		}
		return object
	case []any:
		list := make([]any, len(v))
		for i, element := range v {
			list[i] = plain(b, element)
		}
		return list
	}
	return value
}
