package docker

import "fmt"

// shape is how a property's value is built.
type shape int

const (
	text     shape = iota
	number         // whole or not
	flag           // boolean
	textMap        // text by text
	texts          // list of text
	textSet        // list of text whose order means nothing
	block          // one nested object
	blocks         // list of nested objects
	blockSet       // list of nested objects whose order means nothing
)

// field describes one property.
type field struct {
	kind     shape
	fields   schema // of the nested objects
	initial  any    // filled in by Check where the program says nothing
	required bool
	// computed: where the program says nothing, Docker's word counts and is no difference.
	computed bool
	// replaces: a change needs a new resource.
	replaces bool
	// whole: a difference inside is reported as one of the property itself.
	whole bool
	// foreign: the lab has no implementation; giving it is an error.
	foreign bool
}

// schema describes the properties of a resource or of a nested object.
type schema map[string]field

// isCollection reports whether the property can be empty without being absent.
func (f field) isCollection() bool {
	return f.kind >= textMap && f.kind != block
}

// isSet reports whether the order of the elements means nothing.
func (f field) isSet() bool {
	return f.kind == textSet || f.kind == blockSet
}

// replacesWithin reports whether a change of the property as a whole needs a new resource.
func (f field) replacesWithin() bool {
	if f.replaces {
		return true
	}
	for _, nested := range f.fields {
		if nested.replacesWithin() {
			return true
		}
	}
	return false
}

// absent is the value of a property that is neither given nor computed. Inside sets, and nowhere else, text and
// lists are empty instead of null.
func (f field) absent(inSet bool) any {
	switch {
	case f.kind == blocks || f.kind == blockSet:
		return []any{}
	case inSet && (f.kind == texts || f.kind == textSet):
		return []any{}
	case inSet && f.kind == text:
		return ""
	}
	return nil
}

// unsupported lists the given properties that the lab has no implementation for.
func (s schema) unsupported(path string, values object) []string {
	var names []string
	for name, f := range s {
		value := values[name]
		if isEmpty(value) || isUnknown(value) {
			continue
		}
		at := join(path, name)
		switch nested := value.(type) {
		case object:
			if !f.foreign {
				names = append(names, f.fields.unsupported(at, nested)...)
			}
		case []any:
			for i, item := range nested {
				if element, isObject := item.(object); isObject && !f.foreign {
					names = append(names, f.fields.unsupported(fmt.Sprintf("%s[%d]", at, i), element)...)
				}
			}
		}
		if f.foreign {
			names = append(names, at)
		}
	}
	return names
}
