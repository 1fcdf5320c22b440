// Package stackstate reads what `pulumi stack export` writes, and makes of it a state that a lab can go on from.
//
// Secrets in an export are encrypted for whoever owns the stack. The lab neither can nor should read them. What it needs are
// values that the program takes for its own, so that what depends on them stays as it is: those of a stack that the same
// program made from nothing serve as well ([State.Fill]).
package stackstate

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/sig"
)

// Sealed stands for a secret that nothing in the program has any more.
const Sealed = "sealed: the lab can't decrypt this"

// State is an exported stack.
type State struct {
	file       map[string]any
	deployment map[string]any
	resources  []map[string]any
}

// Resource is one resource of a state, its secrets in plain.
type Resource struct {
	URN, Type, ID   string
	Inputs, Outputs map[string]any
	// Doomed says that the resource is only there to be deleted.
	Doomed bool
}

// Parse reads an export.
func Parse(export []byte) (*State, error) {
	s := &State{}
	if err := json.Unmarshal(export, &s.file); err != nil {
		return nil, fmt.Errorf("read the exported state: %w", err)
	}
	s.deployment, _ = s.file["deployment"].(map[string]any)
	list, _ := s.deployment["resources"].([]any)
	if len(list) == 0 {
		return nil, errors.New("read the exported state: no resources in it; `pulumi stack export` writes what is needed")
	}
	for _, entry := range list {
		resource, ok := entry.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("read the exported state: a resource is a %T", entry)
		}
		s.resources = append(s.resources, resource)
	}
	return s, nil
}

// Stack is the name of the stack, and Project that of its project; both are part of every URN.
func (s *State) Stack() string { return s.urnPart(0) }

// Project is the name of the stack's project.
func (s *State) Project() string { return s.urnPart(1) }

func (s *State) urnPart(i int) string {
	urn, _ := s.resources[0]["urn"].(string)
	parts := strings.Split(strings.TrimPrefix(urn, "urn:pulumi:"), "::")
	if i >= len(parts) {
		return ""
	}
	return parts[i]
}

// IsSealed tells whether there are secrets that can't be read.
func (s *State) IsSealed() bool {
	found := false
	s.eachSecret(func(_ string, _ []string, secret map[string]any) {
		_, readable := secret["plaintext"]
		found = found || !readable
	})
	return found
}

// Fill gives every secret that can't be read the value which the donor, a readable state, has in its place, and every text
// that goes with one, such as a public key, that of the donor.
func (s *State) Fill(donor *State) {
	s.rename(donor)
	facts := s.facts(donor)
	s.eachSecret(func(urn string, path []string, secret map[string]any) {
		if _, readable := secret["plaintext"]; readable {
			return
		}
		var value any = donor.resource(urn)
		for _, element := range path {
			value = step(value, element)
		}
		value = facts.in(unwrap(value))
		if value == nil {
			value = Sealed
		}
		encoded, _ := json.Marshal(value) // it came from JSON
		delete(secret, "ciphertext")
		secret["plaintext"] = string(encoded)
	})
}

// Import is the state as `pulumi stack import` takes it, for a stack of which own is an export: that says how the stack encrypts.
func (s *State) Import(own []byte) ([]byte, error) {
	var stack struct {
		Deployment struct {
			SecretsProviders any `json:"secrets_providers"`
		} `json:"deployment"`
	}
	if err := json.Unmarshal(own, &stack); err != nil {
		return nil, fmt.Errorf("read how the stack encrypts: %w", err)
	}
	s.deployment["secrets_providers"] = stack.Deployment.SecretsProviders
	delete(s.deployment, "pending_operations") // the lab has none under way
	return json.Marshal(s.file)
}

// Resources lists the resources in order: each after what it depends on.
func (s *State) Resources() []Resource {
	var list []Resource
	for _, resource := range s.resources {
		inputs, _ := open(resource["inputs"]).(map[string]any)
		outputs, _ := open(resource["outputs"]).(map[string]any)
		doomed, _ := resource["delete"].(bool)
		list = append(list, Resource{
			URN: text(resource["urn"]), Type: text(resource["type"]), ID: text(resource["id"]), Inputs: inputs, Outputs: outputs, Doomed: doomed,
		})
	}
	return list
}

// eachSecret visits the outermost secrets.
func (s *State) eachSecret(visit func(urn string, path []string, secret map[string]any)) {
	for _, resource := range s.resources {
		for _, part := range []string{"inputs", "outputs"} {
			walk(resource[part], []string{part}, func(path []string, secret map[string]any) { visit(text(resource["urn"]), path, secret) })
		}
	}
}

func walk(value any, path []string, visit func([]string, map[string]any)) {
	switch v := value.(type) {
	case map[string]any:
		if isSecret(v) {
			visit(path, v)
			return
		}
		for key, element := range v {
			walk(element, append(path[:len(path):len(path)], key), visit)
		}
	case []any:
		for i, element := range v {
			walk(element, append(path[:len(path):len(path)], fmt.Sprint(i)), visit)
		}
	}
}

func isSecret(object map[string]any) bool { return object[sig.Key] == sig.Secret }

// unwrap opens a secret, but not those within it: where they are is part of a value.
func unwrap(value any) any {
	if v, ok := value.(map[string]any); ok && isSecret(v) {
		var plain any
		if err := json.Unmarshal([]byte(text(v["plaintext"])), &plain); err != nil {
			return nil
		}
		return plain
	}
	return value
}

// step goes from a value to one within it.
func step(value any, element string) any {
	switch v := unwrap(value).(type) {
	case map[string]any:
		return v[element]
	case []any:
		for i := range v {
			if fmt.Sprint(i) == element {
				return v[i]
			}
		}
	}
	return nil
}

// open is the value with its readable secrets in plain.
func open(value any) any {
	switch v := value.(type) {
	case map[string]any:
		if isSecret(v) {
			return open(unwrap(v))
		}
		opened := make(map[string]any, len(v))
		for key, element := range v {
			opened[key] = open(element)
		}
		return opened
	case []any:
		opened := make([]any, len(v))
		for i, element := range v {
			opened[i] = open(element)
		}
		return opened
	}
	return value
}

func text(value any) string {
	text, _ := value.(string)
	return text
}
