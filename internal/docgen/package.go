package docgen

import (
	"encoding/json"
	"go/ast"
	"go/doc"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// PackageDocs is what the Go documentation says of the types that programs in other languages use: the component Cluster and all that
// its arguments are made of. The provider puts it into its schema.
type PackageDocs struct {
	// Structs by their Go names.
	Structs map[string]StructDocs `json:"structs"`
	// Enums by their Go names.
	Enums map[string]EnumDocs `json:"enums"`
}

// StructDocs is what is said of a struct.
type StructDocs struct {
	Description string `json:"description"`
	// Properties by the names in their tags.
	Properties map[string]PropertyDocs `json:"properties"`
}

// PropertyDocs is what is said of a field.
type PropertyDocs struct {
	Description string `json:"description"`
	// Enum is the type of a field that has one of some texts; empty for any other.
	Enum string `json:"enum,omitempty"`
	// Input says that other resources may decide it, or the values of it.
	Input bool `json:"input,omitempty"`
}

// EnumDocs is what is said of a type of text, and of each text that it may have.
type EnumDocs struct {
	Description string      `json:"description"`
	Values      []ValueDocs `json:"values"`
}

// ValueDocs is one of the texts that an enum may have.
type ValueDocs struct {
	Name        string `json:"name"`
	Value       string `json:"value"`
	Description string `json:"description"`
}

// packageRoot is the component that other languages have.
const packageRoot = "Cluster"

// componentPage is where links lead to, in documentation that is read elsewhere.
const componentPage = "https://github.com/seed-3bc5c20b/azswarm/blob/main/docs/components.md"

// packageReference is [PackageDocs] of the package of components, as JSON.
func packageReference(r reference) (string, error) {
	docs := PackageDocs{Structs: map[string]StructDocs{}, Enums: map[string]EnumDocs{}}
	r.collect(packageRoot, &docs)
	r.collect(packageRoot+"Args", &docs)
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err := encoder.Encode(docs)
	return text.String(), err
}

// collect adds a type, and those that its fields have.
func (r reference) collect(name string, docs *PackageDocs) {
	at := slices.IndexFunc(r.Types, func(t *doc.Type) bool { return t.Name == name })
	if _, known := docs.Structs[name]; known || at < 0 {
		return
	}
	t := r.Types[at]
	structure, ok := t.Decl.Specs[0].(*ast.TypeSpec).Type.(*ast.StructType)
	if !ok {
		docs.Enums[name] = r.enum(t)
		return
	}
	// Fields are called as they are in other languages, except where their names are words.
	names := map[string]string{}
	for _, field := range structure.Fields.List {
		for _, name := range field.Names {
			if strings.IndexFunc(name.Name[1:], unicode.IsUpper) >= 0 {
				names[name.Name] = property(field)
			}
		}
	}
	described := StructDocs{Description: r.abroad(t.Doc, nil), Properties: map[string]PropertyDocs{}}
	docs.Structs[name] = described
	for _, field := range structure.Fields.List {
		if property(field) == "" {
			continue
		}
		p := PropertyDocs{Description: r.abroad(field.Doc.Text(), names)}
		ast.Inspect(field.Type, func(node ast.Node) bool {
			if used, ok := node.(*ast.Ident); ok {
				r.collect(used.Name, docs)
				p.Input = p.Input || used.Name == "pulumi"
				if _, enum := docs.Enums[used.Name]; enum {
					p.Enum = used.Name
				}
			}
			return true
		})
		described.Properties[property(field)] = p
	}
}

func (r reference) enum(t *doc.Type) EnumDocs {
	described := EnumDocs{Description: r.abroad(t.Doc, nil)}
	for _, value := range t.Consts {
		for _, spec := range value.Decl.Specs {
			constant := spec.(*ast.ValueSpec)
			for _, name := range constant.Names {
				described.Values = append(described.Values, ValueDocs{
					Name:        name.Name,
					Value:       r.values[name.Name],
					Description: r.abroad(constant.Doc.Text(), nil),
				})
			}
		}
	}
	return described
}

var linkedOrWord = regexp.MustCompile(`\[([^\]]+)\]\((#[a-z]*)\)|\b[A-Za-z]+\b`)

// abroad is documentation as it is read without Go: constants are their values, fields are properties, and links lead to the reference.
func (r reference) abroad(text string, names map[string]string) string {
	return linkedOrWord.ReplaceAllStringFunc(r.inline(text), func(found string) string {
		link := linkedOrWord.FindStringSubmatch(found)
		if link[2] != "" {
			if value, ok := r.values[link[1]]; ok {
				return code(value)
			}
			return "[" + link[1] + "](" + componentPage + link[2] + ")"
		}
		if property, ok := names[found]; ok {
			return property
		}
		return found
	})
}
