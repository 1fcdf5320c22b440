package azswarm

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	provider "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"

	"github.com/seed-3bc5c20b/azswarm/components"
	"github.com/seed-3bc5c20b/azswarm/internal/version"
)

// spec is the package's schema.
func spec(t *testing.T) schema.PackageSpec {
	t.Helper()
	p, err := New()
	if err != nil {
		t.Fatal(err)
	}
	s, err := provider.GetSchema(t.Context(), Name, version.Version, p)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// tagged are the fields of a Go struct that are properties, by their names there.
func tagged(t reflect.Type) map[string]reflect.StructField {
	properties := map[string]reflect.StructField{}
	for _, field := range reflect.VisibleFields(t) {
		if name, _, _ := strings.Cut(field.Tag.Get("pulumi"), ","); name != "" && len(field.Index) == 1 {
			properties[name] = field
		}
	}
	return properties
}

func TestSchemaHasEveryArgumentWithItsDescription(t *testing.T) {
	s := spec(t)
	cluster := s.Resources[clusterType]
	if !cluster.IsComponent || cluster.Description == "" {
		t.Errorf("component %v, description %q", cluster.IsComponent, cluster.Description)
	}
	seen := 0
	var compare func(where string, of reflect.Type, properties map[string]schema.PropertySpec, required []string)
	compare = func(where string, of reflect.Type, properties map[string]schema.PropertySpec, required []string) {
		want := tagged(of)
		if got, want := slices.Sorted(maps.Keys(properties)), slices.Sorted(maps.Keys(want)); !slices.Equal(got, want) {
			t.Errorf("%s has %v, want %v", where, got, want)
		}
		for name, field := range want {
			seen++
			if properties[name].Description == "" {
				t.Errorf("%s.%s has no description", where, name)
			}
			if optional := strings.HasSuffix(field.Tag.Get("pulumi"), ",optional") || field.Type.Kind() == reflect.Struct; optional == slices.Contains(required, name) {
				t.Errorf("%s.%s: required %v, optional in Go %v", where, name, !optional, optional)
			}
			inner := field.Type
			for inner.Kind() == reflect.Slice || inner.Kind() == reflect.Pointer {
				inner = inner.Elem()
			}
			if inner.Kind() == reflect.Struct {
				token := typePrefix + strings.TrimSuffix(inner.Name(), "Args")
				described, ok := s.Types[token]
				if !ok || described.Description == "" {
					t.Errorf("%s.%s: no type %s with a description", where, name, token)
				}
				compare(token, inner, described.Properties, described.Required)
			}
		}
	}
	compare(clusterType, reflect.TypeFor[components.ClusterArgs](), cluster.InputProperties, cluster.RequiredInputs)
	if seen < 40 {
		t.Errorf("only %d properties were looked at", seen)
	}
	if s.Version != version.Version {
		t.Errorf("version %s, want %s", s.Version, version.Version)
	}
}

func TestSchemaIsValid(t *testing.T) {
	// Nothing in it is another package's, so that nothing is loaded.
	_, diagnostics, err := schema.BindSpec(spec(t), schema.NewNullLoader(), schema.ValidationOptions{})
	if err != nil || len(diagnostics) > 0 {
		t.Errorf("%v, %v", err, diagnostics)
	}
}

func TestSchemaSaysWhatIsSecret(t *testing.T) {
	properties := spec(t).Resources[clusterType].Properties
	for name := range tagged(reflect.TypeFor[components.Cluster]()) {
		property, ok := properties[name]
		if !ok || property.Description == "" {
			t.Errorf("output %s: there %v, description %q", name, ok, property.Description)
		}
		if says := strings.HasSuffix(property.Description, " Secret."); property.Secret != says {
			t.Errorf("output %s: secret %v, its description %q", name, property.Secret, property.Description)
		}
	}
	if !properties["sshPrivateKey"].Secret {
		t.Error("the private key is none")
	}
}

func TestSchemaSaysWhatOtherResourcesMayDecide(t *testing.T) {
	s := spec(t)
	inputs, pool := s.Resources[clusterType].InputProperties, s.Types[typePrefix+"ClusterPool"].Properties
	for what, got := range map[string][2]bool{
		"the networks of operators":  {inputs["adminCidrs"].Plain, true},
		"one of them":                {inputs["adminCidrs"].Items.Plain, true},
		"the list of pools":          {inputs["workers"].Plain, true},
		"the number of workers":      {pool["count"].Plain, true},
		"the orchestrator":           {inputs["orchestrator"].Plain, true},
		"the keys of tags":           {inputs["tags"].Plain, true},
		"the value of a tag":         {inputs["tags"].AdditionalProperties.Plain, false},
		"the value of a label":       {pool["labels"].AdditionalProperties.Plain, false},
		"an existing resource group": {inputs["resourceGroupName"].Plain, false},
		"the image of Consul":        {s.Types[typePrefix+"ClusterConsul"].Properties["image"].Plain, false},
	} {
		if got[0] != got[1] {
			t.Errorf("%s: plain %v, want %v", what, got[0], got[1])
		}
	}
	orchestrator := s.Types[typePrefix+"Orchestrator"].Enum
	if len(orchestrator) != 2 || orchestrator[0].Value != string(components.SwarmMode) || orchestrator[1].Value != string(components.Classic) {
		t.Errorf("orchestrators %v", orchestrator)
	}
}
