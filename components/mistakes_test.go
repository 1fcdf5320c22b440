package components

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	pulumierrors "github.com/pulumi/pulumi/sdk/v3/go/pulumi/errors"

	"github.com/seed-3bc5c20b/azswarm/internal/config/mistakes"
	"github.com/seed-3bc5c20b/azswarm/internal/graphtest"
)

// unsayable are mistakes that Go programs can't make: of the stack, or because what is left out is a zero, which is a default or a
// number like any other.
var unsayable = []string{
	"location is a region", "location is not empty", "keys are known", "demo needs two workers",
	"no 0 servers", "a pool has a count", "a target is a port",
}

// What the configuration refuses, a cluster refuses as well, with the same path: or its types have no place for it.
func TestAClusterRefusesWhatTheConfigurationRefuses(t *testing.T) {
	refused, typed := 0, 0
	for _, m := range mistakes.All() {
		args := &ClusterArgs{AdminCIDRs: []string{"198.51.100.0/24"}}
		if slices.Contains(unsayable, m.Rule) {
			continue
		}
		name := strings.TrimPrefix(m.Key, "azswarm:")
		if err := assign(reflect.ValueOf(args).Elem(), map[string]any{name: decoded(m.Text)}); err != nil {
			typed++
			continue
		}
		refused++
		g, err := graphtest.Run(t, args.deploy())
		var structured *pulumierrors.InputPropertiesError
		if !errors.As(err, &structured) {
			t.Errorf("%s: %s = %s: %v, want a refusal of an input property", m.Rule, m.Key, m.Text, err)
			continue
		}
		if len(g.Resources) > 0 {
			t.Errorf("%s: %d resources were registered before %v", m.Rule, len(g.Resources), err)
		}
		if path := regexp.MustCompile(`^azswarm:([^ ]+): `).FindStringSubmatch(m.Want); path != nil &&
			!slices.ContainsFunc(structured.Errors, func(e pulumierrors.InputPropertyErrorDetails) bool { return e.PropertyPath == path[1] }) {
			t.Errorf("%s: %v, want %s to be named", m.Rule, err, path[1])
		}
	}
	if refused < 60 || typed < 20 {
		t.Errorf("%d mistakes were refused, and %d have no place in the arguments' types: the test has lost some", refused, typed)
	}
}

func decoded(text string) any {
	decoder := json.NewDecoder(strings.NewReader(text))
	var value any
	if err := decoder.Decode(&value); err != nil || decoder.More() {
		return text
	}
	return value
}

// assign puts a decoded value where the tags of the arguments say. It fails where a type has no place for it.
func assign(to reflect.Value, value any) error {
	misfit := fmt.Errorf("%v is no %s", value, to.Type())
	if text, ok := value.(string); ok && to.Kind() == reflect.Interface {
		to.Set(reflect.ValueOf(pulumi.String(text)))
		return nil
	}
	switch to.Kind() {
	case reflect.String:
		text, ok := value.(string)
		if !ok {
			return misfit
		}
		to.SetString(text)
	case reflect.Bool:
		yes, ok := value.(bool)
		if !ok {
			return misfit
		}
		to.SetBool(yes)
	case reflect.Int:
		number, ok := value.(float64)
		if !ok || number != float64(int(number)) {
			return misfit
		}
		to.SetInt(int64(number))
	case reflect.Pointer:
		to.Set(reflect.New(to.Type().Elem()))
		return assign(to.Elem(), value)
	case reflect.Slice:
		list, ok := value.([]any)
		if !ok {
			return misfit
		}
		to.Set(reflect.MakeSlice(to.Type(), len(list), len(list)))
		for i, element := range list {
			if err := assign(to.Index(i), element); err != nil {
				return err
			}
		}
	case reflect.Map:
		return assignMap(to, value)
	case reflect.Struct:
		return assignFields(to, value)
	default:
		return misfit
	}
	return nil
}

func assignMap(to reflect.Value, value any) error {
	object, ok := value.(map[string]any)
	if !ok {
		return fmt.Errorf("%v is no map", value)
	}
	to.Set(reflect.MakeMap(to.Type()))
	for key, element := range object {
		place := reflect.New(to.Type().Elem()).Elem()
		if err := assign(place, element); err != nil {
			return err
		}
		to.SetMapIndex(reflect.ValueOf(key), place)
	}
	return nil
}

func assignFields(to reflect.Value, value any) error {
	object, ok := value.(map[string]any)
	if !ok {
		return fmt.Errorf("%v is no object", value)
	}
	known := 0
	for i := range to.NumField() {
		name, _, _ := strings.Cut(to.Type().Field(i).Tag.Get("pulumi"), ",")
		if element, ok := object[name]; ok {
			known++
			if err := assign(to.Field(i), element); err != nil {
				return err
			}
		}
	}
	if known < len(object) {
		return fmt.Errorf("%v has fields that %s has not", object, to.Type())
	}
	return nil
}
