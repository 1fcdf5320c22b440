package arm

import (
	"maps"
	"strings"
)

// Object is a JSON object. Its accessors take dotted paths ("osProfile.linuxConfiguration") and answer the zero
// value where something is missing or of another type.
type Object map[string]any

// Value is what the path leads to, or nil.
func (o Object) Value(path string) any {
	head, rest, nested := strings.Cut(path, ".")
	if !nested {
		return o[head]
	}
	return asObject(o[head]).Value(rest)
}

// Has says whether the path leads to a value other than null.
func (o Object) Has(path string) bool { return o.Value(path) != nil }

// Text is the string at path.
func (o Object) Text(path string) string {
	s, _ := o.Value(path).(string)
	return s
}

// TextOr is the string at path, or fallback where there is none.
func (o Object) TextOr(path, fallback string) string {
	if s := o.Text(path); s != "" {
		return s
	}
	return fallback
}

// Int is the whole number at path, or fallback where there is none.
func (o Object) Int(path string, fallback int) int {
	if f, ok := o.Value(path).(float64); ok {
		return int(f)
	}
	return fallback
}

// Bool is the boolean at path, or fallback where there is none.
func (o Object) Bool(path string, fallback bool) bool {
	if b, ok := o.Value(path).(bool); ok {
		return b
	}
	return fallback
}

// Object is the object at path, sharing its storage; nil where there is none.
func (o Object) Object(path string) Object { return asObject(o.Value(path)) }

// Objects are the objects in the list at path, sharing their storage.
func (o Object) Objects(path string) []Object {
	var objects []Object
	list, _ := o.Value(path).([]any)
	for _, element := range list {
		if object := asObject(element); object != nil {
			objects = append(objects, object)
		}
	}
	return objects
}

// Strings are the strings in the list at path.
func (o Object) Strings(path string) []string {
	var texts []string
	list, _ := o.Value(path).([]any)
	for _, element := range list {
		if s, ok := element.(string); ok {
			texts = append(texts, s)
		}
	}
	return texts
}

// SetObjects stores the objects as a list, an empty one included.
func (o Object) SetObjects(key string, objects []Object) {
	list := make([]any, len(objects))
	for i, object := range objects {
		list[i] = map[string]any(object)
	}
	o[key] = list
}

// Default stores the values whose keys are missing.
func (o Object) Default(values Object) {
	for key, value := range values {
		if o[key] == nil {
			o[key] = copyValue(value)
		}
	}
}

// Child is the object under key, made if it is missing.
func (o Object) Child(key string) Object {
	if child := asObject(o[key]); child != nil {
		return child
	}
	child := map[string]any{}
	o[key] = child
	return child
}

// Copy is a deep copy.
func (o Object) Copy() Object {
	if o == nil {
		return nil
	}
	return asObject(copyValue(map[string]any(o)))
}

func asObject(value any) Object {
	switch v := value.(type) {
	case Object:
		return v
	case map[string]any:
		return v
	}
	return nil
}

func copyValue(value any) any {
	switch v := value.(type) {
	case Object:
		return copyValue(map[string]any(v))
	case map[string]any:
		out := maps.Clone(v)
		for key, element := range out {
			out[key] = copyValue(element)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, element := range v {
			out[i] = copyValue(element)
		}
		return out
	}
	return value
}

// reference is the shape of a property that points to another resource.
func reference(id string) map[string]any { return map[string]any{"id": id} }

// references is a list of references.
func references(ids []string) []any {
	list := make([]any, len(ids))
	for i, id := range ids {
		list[i] = reference(id)
	}
	return list
}
