//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// deployment is an exported state, as far as tests look into it.
type deployment struct {
	Deployment struct {
		Resources []resource `json:"resources"`
		Pending   []any      `json:"pending_operations"`
	} `json:"deployment"`
}

type resource struct {
	URN     string         `json:"urn"`
	ID      string         `json:"id"`
	Type    string         `json:"type"`
	Inputs  map[string]any `json:"inputs"`
	Outputs map[string]any `json:"outputs"`
}

func (l *lab) state(t *testing.T, flags ...string) deployment {
	t.Helper()
	var d deployment
	if err := json.Unmarshal(l.query(t, append([]string{"pulumi", "stack", "export"}, flags...)...), &d); err != nil {
		t.Fatalf("read the exported state: %v", err)
	}
	return d
}

// stdout is what a command printed; of a state with its secrets.
func (d deployment) stdout(command string) string {
	for _, resource := range d.Deployment.Resources {
		if strings.HasSuffix(resource.URN, "remote:Command::"+command) {
			return fmt.Sprint(resource.Outputs["stdout"])
		}
	}
	return ""
}

// urn is that of the resource with this type's end and name.
func (l *lab) urn(t *testing.T, kind, name string) string {
	t.Helper()
	for _, resource := range l.state(t).Deployment.Resources {
		if strings.HasSuffix(resource.Type, ":"+kind) && strings.HasSuffix(resource.URN, "::"+name) {
			return resource.URN
		}
	}
	t.Fatalf("the state has no %s %s", kind, name)
	return ""
}

// secretMark is the key by which Pulumi marks objects that stand for secrets.
const secretMark = "4dabf18193072939515e22adb298388d"

// reveal calls visit for every text in an exported value that is part of a secret, with the keys that lead to it.
func reveal(value any, secret bool, path string, visit func(path, text string)) {
	switch value := value.(type) {
	case map[string]any:
		if _, marked := value[secretMark]; marked {
			plain, _ := value["plaintext"].(string)
			var inner any
			if json.Unmarshal([]byte(plain), &inner) == nil {
				reveal(inner, true, path, visit)
			}
			return
		}
		for key, element := range value {
			reveal(element, secret, path+"."+key, visit)
		}
	case []any:
		for _, element := range value {
			reveal(element, secret, path, visit)
		}
	case string:
		if secret {
			visit(strings.TrimPrefix(path, "."), value)
		}
	}
}
