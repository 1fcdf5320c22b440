package docker

import (
	"reflect"
	"slices"
)

// refresh brings the inputs of a resource up to what Docker now says: the properties that the program gave get
// the values found, no others are added. A default that turned out otherwise is none any more.
func (s schema) refresh(inputs, found object) object {
	out := object{}
	defaults, _ := inputs[defaultsKey].([]any)
	defaults = slices.Clone(defaults)
	for name, given := range inputs {
		f, known := s[name]
		if !known || given == nil {
			out[name] = given
			continue
		}
		out[name] = f.refresh(given, found[name])
		if !reflect.DeepEqual(out[name], given) {
			defaults = slices.DeleteFunc(defaults, func(item any) bool { return item == name })
		}
	}
	if _, has := inputs[defaultsKey]; has {
		out[defaultsKey] = defaults
	}
	return out
}

func (f field) refresh(given, found any) any {
	switch was := given.(type) {
	case object:
		is, isObject := found.(object)
		switch {
		case !isObject:
			return found
		case f.kind == block:
			return f.fields.refresh(was, is)
		}
		out := object{}
		for key := range was {
			if value, has := is[key]; has {
				out[key] = value
			}
		}
		return out
	case []any:
		is, isList := found.([]any)
		if !isList || len(is) != len(was) || f.kind != blocks && f.kind != blockSet {
			return found
		}
		out := make([]any, len(was))
		for i := range was {
			out[i] = f.element().refresh(was[i], is[i])
		}
		return out
	}
	return found
}
