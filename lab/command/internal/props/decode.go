// Package props turns resource properties, which may be secret or unknown, into typed inputs.
package props

import (
	"errors"
	"reflect"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/mapper"
)

// Failure is one property that does not fit the inputs it was decoded into.
type Failure struct {
	Property string
	Reason   string
}

// Decode fills target, a pointer to a struct with `pulumi` tags. Secrets are opened; an unknown value counts as
// present and decodes as the zero value of its field. The reasons are the ones users of the plugin know: they name
// the package and type of the target.
func Decode(inputs resource.PropertyMap, target any) []Failure {
	object := plainObject(inputs, reflect.TypeOf(target).Elem())
	failed := mapper.New(nil).Decode(object, target)
	if failed == nil {
		return nil
	}
	var failures []Failure
	for _, err := range failed.Failures() {
		failure := Failure{Reason: err.Error()}
		if field, ok := err.(mapper.FieldError); ok {
			failure = Failure{Property: field.Field(), Reason: field.Reason()}
		}
		failures = append(failures, failure)
	}
	return failures
}

// MustFit is Decode for properties that passed Check before: what does not fit is one error.
func MustFit(inputs resource.PropertyMap, target any) error {
	var errs []error
	for _, failure := range Decode(inputs, target) {
		errs = append(errs, errors.New(failure.Reason))
	}
	return errors.Join(errs...)
}

// Open removes the secret mark from a value, but not from the values inside it.
func Open(value resource.PropertyValue) resource.PropertyValue {
	for value.IsSecret() {
		value = value.SecretValue().Element
	}
	return value
}

// plain is the value as the mapper wants it, to be decoded into a field of type t.
func plain(value resource.PropertyValue, t reflect.Type) any {
	value = Open(value)
	t = deref(t)
	switch {
	case value.IsComputed():
		return placeholder(t)
	case value.IsObject():
		return plainObject(value.ObjectValue(), t)
	case value.IsArray():
		elements := make([]any, 0, len(value.ArrayValue()))
		for _, element := range value.ArrayValue() {
			elements = append(elements, plain(element, elem(t)))
		}
		return elements
	case value.IsResourceReference():
		return string(value.ResourceReferenceValue().URN)
	default:
		return value.V
	}
}

func plainObject(object resource.PropertyMap, t reflect.Type) map[string]any {
	fields := fieldTypes(t)
	result := make(map[string]any, len(object))
	for key, value := range object {
		fieldType, ok := fields[string(key)]
		if !ok {
			fieldType = elem(t)
		}
		result[string(key)] = plain(value, fieldType)
	}
	return result
}

// placeholder stands for an unknown value: whatever the field accepts, required fields of a struct included.
func placeholder(t reflect.Type) any {
	switch t.Kind() {
	case reflect.String:
		return ""
	case reflect.Bool:
		return false
	case reflect.Int, reflect.Float64:
		return 0.0
	case reflect.Slice:
		return []any{}
	case reflect.Struct:
		object := map[string]any{}
		for key, fieldType := range fieldTypes(t) {
			object[key] = placeholder(deref(fieldType))
		}
		return object
	default:
		return map[string]any{}
	}
}

// fieldTypes are the types of a struct's fields by property name; none for other types.
func fieldTypes(t reflect.Type) map[string]reflect.Type {
	fields := map[string]reflect.Type{}
	if t.Kind() != reflect.Struct {
		return fields
	}
	for _, field := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(field.Tag.Get("pulumi"), ",")
		if name != "" {
			fields[name] = field.Type
		}
	}
	return fields
}

// elem is the type of what is inside a map or slice, and any for everything else.
func elem(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Map || t.Kind() == reflect.Slice {
		return t.Elem()
	}
	return reflect.TypeFor[any]()
}

func deref(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t
}

// Only keeps the properties that target, a pointer to a struct of inputs, has fields for.
func Only(properties resource.PropertyMap, target any) resource.PropertyMap {
	fields := fieldTypes(reflect.TypeOf(target).Elem())
	kept := resource.PropertyMap{}
	for key, value := range properties {
		if _, ok := fields[string(key)]; ok {
			kept[key] = value
		}
	}
	return kept
}
