package azswarm

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
)

// descriptions is what the Go documentation says of the component and its arguments.
//
//go:embed descriptions.json
var descriptions []byte

// docs are descriptions, read.
type docs struct {
	Structs map[string]struct {
		Description string
		Properties  map[string]struct {
			Description, Enum string
			Input             bool
		}
	}
	Enums map[string]struct {
		Description string
		Values      []struct{ Name, Value, Description string }
	}
}

const (
	typePrefix = Name + ":index:"
	refPrefix  = "#/types/" + typePrefix
)

// document is a schema as the framework infers it from Go's types, with what those don't tell: descriptions, the values of enums, and
// which arguments have to be plain, because they decide the shape of the cluster. Types of arguments are called after what they describe.
func document(inferred string) (string, error) {
	var known docs
	if err := json.Unmarshal(descriptions, &known); err != nil {
		return "", fmt.Errorf("descriptions.json: %w", err)
	}
	var spec schema.PackageSpec
	if err := json.Unmarshal([]byte(inferred), &spec); err != nil {
		return "", fmt.Errorf("the inferred schema: %w", err)
	}
	cluster := spec.Resources[clusterType]
	cluster.Description = known.Structs["Cluster"].Description
	for name, property := range cluster.Properties {
		if err := known.describe("Cluster", name, &property); err != nil {
			return "", err
		}
		eachType(&property.TypeSpec, func(t *schema.TypeSpec) { t.Plain = false }) // what the component says is an output
		cluster.Properties[name] = property
	}
	if err := known.describeInputs("ClusterArgs", cluster.InputProperties); err != nil {
		return "", err
	}
	// The framework wants a pointer of a struct that may be left out, which the Go program shall not have to write: ours have none that
	// says nothing and is refused for it.
	cluster.RequiredInputs = slices.DeleteFunc(cluster.RequiredInputs, func(name string) bool { return cluster.InputProperties[name].Ref != "" })
	spec.Resources[clusterType] = cluster

	types := map[string]schema.ComplexTypeSpec{}
	for token, described := range spec.Types {
		name := strings.TrimPrefix(token, typePrefix)
		described.Description = known.Structs[name].Description
		if err := known.describeInputs(name, described.Properties); err != nil {
			return "", err
		}
		types[typePrefix+strings.TrimSuffix(name, "Args")] = described
	}
	for name, enum := range known.Enums {
		described := schema.ComplexTypeSpec{ObjectTypeSpec: schema.ObjectTypeSpec{Type: "string", Description: enum.Description}}
		for _, value := range enum.Values {
			described.Enum = append(described.Enum, schema.EnumValueSpec{Name: value.Name, Value: value.Value, Description: value.Description})
		}
		types[typePrefix+name] = described
	}
	spec.Types = types
	text, err := json.Marshal(spec)
	return string(text), err
}

// describeInputs describes the properties of the arguments, or of a type in them.
func (d docs) describeInputs(structure string, properties map[string]schema.PropertySpec) error {
	for name, property := range properties {
		if err := d.describe(structure, name, &property); err != nil {
			return err
		}
		if enum := d.Structs[structure].Properties[name].Enum; enum != "" {
			property.TypeSpec = schema.TypeSpec{Ref: refPrefix + enum, Plain: true}
		}
		eachType(&property.TypeSpec, func(t *schema.TypeSpec) {
			// The framework says it of some only. Of ours, no list, map or struct may be decided by another resource as a whole.
			t.Plain = !d.Structs[structure].Properties[name].Input || t.Items != nil || t.AdditionalProperties != nil || t.Ref != ""
			if strings.HasPrefix(t.Ref, refPrefix) {
				t.Ref = strings.TrimSuffix(t.Ref, "Args")
			}
		})
		properties[name] = property
	}
	return nil
}

// describe gives a property its description.
func (d docs) describe(structure, name string, property *schema.PropertySpec) error {
	found, ok := d.Structs[structure].Properties[name]
	if !ok || found.Description == "" {
		return fmt.Errorf("descriptions.json says nothing of %s.%s: run `make docs`", structure, name)
	}
	property.Description = found.Description
	return nil
}

// eachType visits a type and the types in it.
func eachType(t *schema.TypeSpec, visit func(*schema.TypeSpec)) {
	visit(t)
	if t.Items != nil {
		eachType(t.Items, visit)
	}
	if t.AdditionalProperties != nil {
		eachType(t.AdditionalProperties, visit)
	}
}
