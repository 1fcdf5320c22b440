//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// madeUp are the properties that Azure makes up anew when it creates a resource, or at every write.
var madeUp = []string{"etag", "resourceGuid", "vmId", "timeCreated", "ipAddress", "macAddress", "internalDomainNameSuffix"}

// picture is what Azure says of every resource, but for what it makes up, the random name of the group, and the properties
// that are left out.
func (p *paperLab) picture(t *testing.T, leftOut ...string) map[string]string {
	t.Helper()
	provider, pictures, group := p.azure(t), map[string]string{}, ""
	for _, r := range provider.Resources() {
		if r.Type == groupType {
			group = lastOf(r.ID)
		}
	}
	for _, r := range provider.Resources() {
		body, err := provider.ARM().Get(r.ID)
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.MarshalIndent(prune(map[string]any(body), append(leftOut, madeUp...)), "", " ")
		if err != nil {
			t.Fatal(err)
		}
		anonymous := strings.NewReplacer(group, "GROUP")
		pictures[anonymous.Replace(r.ID)] = anonymous.Replace(string(text))
	}
	return pictures
}

const groupType = "Microsoft.Resources/resourceGroups"

// prune leaves out properties of these names, and those of a machine's disk that are named by chance.
func prune(value any, names []string) any {
	switch value := value.(type) {
	case map[string]any:
		kept := map[string]any{}
		for key, element := range value {
			if slices.Contains(names, key) {
				continue
			}
			kept[key] = prune(element, names)
			if key == "osDisk" {
				kept[key] = prune(element, append(names, "name", "id"))
			}
		}
		return kept
	case []any:
		kept := make([]any, len(value))
		for i, element := range value {
			kept[i] = prune(element, names)
		}
		return kept
	}
	return value
}

// differs says where two pictures differ, "" if nowhere.
func differs(before, now map[string]string) string {
	var found []string
	for id, text := range before {
		switch other, ok := now[id]; {
		case !ok:
			found = append(found, id+" is missing")
		case other != text:
			was, is := strings.Split(text, "\n"), strings.Split(other, "\n")
			found = append(found, fmt.Sprintf("%s has lost %q and got %q", id, without(was, is), without(is, was)))
		}
	}
	for id := range now {
		if _, ok := before[id]; !ok {
			found = append(found, id+" is new")
		}
	}
	slices.Sort(found)
	return strings.Join(found, "\n")
}
