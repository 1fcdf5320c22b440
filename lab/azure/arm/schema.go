package arm

import (
	"embed"
	"fmt"
	"strings"
)

// schemas holds, per type, its properties as azure-native's SDKs have them. A line is a name, a kind and
// flags: "required", "input" (never answered), "output" (never sent); indented lines belong to the object or the
// list of objects above.
//
//go:embed schema/*.txt
var schemas embed.FS

// Kind is the type of a property.
type Kind string

// The kinds of properties. KindAny is passed through unseen.
const (
	KindString  Kind = "string"
	KindInt     Kind = "int"
	KindNumber  Kind = "number"
	KindBool    Kind = "bool"
	KindStrings Kind = "strings"
	KindMap     Kind = "map"
	KindObject  Kind = "object"
	KindList    Kind = "list"
	KindAny     Kind = "any"
)

// Property describes one property of a type, or of an object nested in it.
type Property struct {
	Name       string
	Kind       Kind
	Required   bool
	InputOnly  bool
	OutputOnly bool
	Properties []Property // of a KindObject, or of the elements of a KindList
}

// loadSchema parses the schema of one type; a mistake in it is a mistake in this program.
func loadSchema(name string) []Property {
	text, err := schemas.ReadFile("schema/" + name + ".txt")
	if err != nil {
		panic(err)
	}
	lines := strings.Split(strings.TrimRight(string(text), "\n"), "\n")
	properties, rest := parseSchema(name, lines, 0)
	if len(rest) > 0 {
		panic(fmt.Sprintf("schema %s: line %q is indented too far", name, rest[0]))
	}
	return properties
}

func parseSchema(name string, lines []string, depth int) (properties []Property, rest []string) {
	for len(lines) > 0 {
		line := strings.TrimLeft(lines[0], " ")
		indent := (len(lines[0]) - len(line)) / 2
		switch {
		case indent < depth:
			return properties, lines
		case indent > depth:
			if len(properties) == 0 {
				return properties, lines
			}
			owner := &properties[len(properties)-1]
			owner.Properties, lines = parseSchema(name, lines, depth+1)
			continue
		}
		properties = append(properties, parseProperty(name, line))
		lines = lines[1:]
	}
	return properties, nil
}

func parseProperty(name, line string) Property {
	fields := strings.Fields(line)
	if len(fields) < 2 {
		panic(fmt.Sprintf("schema %s: line %q lacks a kind", name, line))
	}
	p := Property{Name: fields[0], Kind: Kind(fields[1])}
	for _, flag := range fields[2:] {
		switch flag {
		case "required":
			p.Required = true
		case "input":
			p.InputOnly = true
		case "output":
			p.OutputOnly = true
		default:
			panic(fmt.Sprintf("schema %s: line %q has an unknown flag %q", name, line, flag))
		}
	}
	return p
}
