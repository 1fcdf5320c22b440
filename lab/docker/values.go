package docker

import (
	"maps"
	"slices"

	"google.golang.org/protobuf/types/known/structpb"
)

// object is a property map as the protocol carries it.
type object = map[string]any

// unknown is the protocol's mark for a value that is not known before the resource exists.
const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"

// unknowns are all the marks an engine may send; they differ by the type of the missing value.
var unknowns = map[string]bool{
	unknown:                                true, // string
	"1c4a061d-8072-4f0a-a4cb-0ff528b18fe7": true, // boolean
	"3eeb2bf0-c639-47a8-9e75-3b44932eb421": true, // number
	"6a19a0b0-7e62-4c92-b797-7f8e31da9cc2": true, // list
	"dd056dcd-154b-4c76-9bd3-c8f88648b5ff": true, // object
}

// isUnknown reports whether the value itself is not known.
func isUnknown(value any) bool {
	text, isText := value.(string)
	return isText && unknowns[text]
}

// hasUnknown reports whether the value, or anything in it, is not known.
func hasUnknown(value any) bool {
	switch v := value.(type) {
	case object:
		return slices.ContainsFunc(slices.Collect(maps.Values(v)), hasUnknown)
	case []any:
		return slices.ContainsFunc(v, hasUnknown)
	}
	return isUnknown(value)
}

// isEmpty reports whether the value is what Docker says for "not set": absent, zero, or without elements.
func isEmpty(value any) bool {
	switch v := value.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case float64:
		return v == 0
	case bool:
		return !v
	case []any:
		return len(v) == 0
	case object:
		return len(v) == 0
	}
	return false
}

func decode(s *structpb.Struct) object {
	return s.AsMap()
}

func encode(o object) (*structpb.Struct, error) {
	return structpb.NewStruct(o)
}

// The accessors below read a planned value; one that is absent or not known reads as the zero value.

func (v view) text(name string) string {
	if isUnknown(v[name]) {
		return ""
	}
	text, _ := v[name].(string)
	return text
}

func (v view) flag(name string) bool {
	flag, _ := v[name].(bool)
	return flag
}

func (v view) number(name string) int64 {
	number, _ := v[name].(float64)
	return int64(number)
}

func (v view) texts(name string) []string {
	list, _ := v[name].([]any)
	var out []string
	for _, item := range list {
		if text, isText := item.(string); isText {
			out = append(out, text)
		}
	}
	return out
}

func (v view) textMap(name string) map[string]string {
	values, _ := v[name].(object)
	if len(values) == 0 {
		return nil
	}
	out := map[string]string{}
	for key := range values {
		out[key] = view(values).text(key)
	}
	return out
}

// block returns the nested object, or nil if there is none.
func (v view) block(name string) view {
	nested, _ := v[name].(object)
	return nested
}

func (v view) blocks(name string) []view {
	list, _ := v[name].([]any)
	var out []view
	for _, item := range list {
		if nested, isObject := item.(object); isObject {
			out = append(out, nested)
		}
	}
	return out
}

// labels reads a list of label/value pairs.
func (v view) labels(name string) map[string]string {
	out := map[string]string{}
	for _, pair := range v.blocks(name) {
		out[pair.text("label")] = pair.text("value")
	}
	return out
}

// view reads an object's properties by type.
type view object

// fromTexts makes a protocol list; it is never nil.
func fromTexts[S ~[]E, E ~string](list S) []any {
	out := make([]any, 0, len(list))
	for _, item := range list {
		out = append(out, string(item))
	}
	return out
}

// fromMap makes a protocol object; it is never nil.
func fromMap(values map[string]string) object {
	out := object{}
	for key, value := range values {
		out[key] = value
	}
	return out
}

// fromLabels makes a list of label/value pairs, sorted by label.
func fromLabels(labels map[string]string) []any {
	out := []any{}
	for _, label := range sortedKeys(labels) {
		out = append(out, object{"label": label, "value": labels[label]})
	}
	return out
}

func sortedKeys[V any](m map[string]V) []string {
	return slices.Sorted(maps.Keys(m))
}
