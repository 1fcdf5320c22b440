package docgen

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/doc"
	"go/doc/comment"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
)

// order is that in which components are used; types that are not among them follow.
var order = []string{"Cluster", "Network", "ConsulCluster", "SwarmManagerSet", "WorkerPool", "OverlayNetwork", "MachineSet"}

// reference renders the documentation of one Go package of components.
type reference struct {
	*doc.Package
	anchors map[string]string // by Go name
	values  map[string]string // of constants that are texts, by Go name
}

// readComponents reads the doc comments of the components of the repository in root. It only parses: the package's imports take
// minutes to compile.
func readComponents(root string) (reference, error) {
	parsed, err := parse(filepath.Join(root, "components"))
	if err != nil {
		return reference{}, err
	}
	shared, err := sharedConstants(root)
	return reference{parsed, anchors(parsed), literals(parsed, shared)}, err
}

// componentReference renders the reference of the components.
func componentReference(r reference) string {
	var text strings.Builder
	text.WriteString("# Components\n\n" + r.markdown(r.Doc) + "\n")
	fmt.Fprintf(&text, "Import path: `%s`.\n", r.ImportPath)
	for _, t := range r.ordered() {
		text.WriteString("\n" + r.describe(t))
	}
	if len(r.Consts) > 0 {
		text.WriteString("\n## Constants\n\n" + r.constants(r.Consts))
	}
	return text.String()
}

func parse(dir string) (*doc.Package, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	set := token.NewFileSet()
	var files []*ast.File
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		// By its base name, so that nothing of this machine gets into the documentation.
		file, err := parser.ParseFile(set, filepath.Base(path), content, parser.ParseComments)
		if err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("there is no Go package in %s", dir)
	}
	return doc.NewFromFiles(set, files, "github.com/seed-3bc5c20b/azswarm/components")
}

// anchors says under which heading each exported name is described.
func anchors(p *doc.Package) map[string]string {
	found := map[string]string{}
	for _, value := range p.Consts {
		for _, name := range value.Names {
			found[name] = "constants"
		}
	}
	for _, t := range p.Types {
		found[t.Name] = strings.ToLower(t.Name)
		for _, function := range t.Funcs {
			found[function.Name] = strings.ToLower(t.Name)
		}
		for _, value := range t.Consts {
			for _, name := range value.Names {
				found[name] = strings.ToLower(t.Name)
			}
		}
	}
	return found
}

// ordered lists the types: components first, each followed by its arguments.
func (r reference) ordered() []*doc.Type {
	var names []string
	for _, name := range order {
		names = append(names, name, name+"Args")
	}
	rank := func(t *doc.Type) int {
		if i := slices.Index(names, t.Name); i >= 0 {
			return i
		}
		return len(names)
	}
	types := slices.Clone(r.Types)
	slices.SortStableFunc(types, func(a, b *doc.Type) int { return rank(a) - rank(b) })
	return types
}

func (r reference) describe(t *doc.Type) string {
	var text strings.Builder
	fmt.Fprintf(&text, "## %s\n\n%s", t.Name, r.markdown(t.Doc))
	for _, function := range t.Funcs {
		fmt.Fprintf(&text, "\n```go\n%s\n```\n\n%s", signature(function), r.markdown(function.Doc))
	}
	if fields := r.fields(t); fields != "" {
		text.WriteString("\n" + fields)
	}
	if len(t.Consts) > 0 {
		text.WriteString("\n" + r.constants(t.Consts))
	}
	for _, method := range t.Methods {
		fmt.Fprintf(&text, "\n```go\n%s\n```\n\n%s", signature(method), r.markdown(method.Doc))
	}
	return text.String()
}

// fields lists the exported fields of a struct: a component's outputs, or settings with their defaults.
func (r reference) fields(t *doc.Type) string {
	structure, ok := t.Decl.Specs[0].(*ast.TypeSpec).Type.(*ast.StructType)
	if !ok {
		return ""
	}
	var rows [][]string
	var text string
	for _, field := range structure.Fields.List {
		own := r.inline(field.Doc.Text() + field.Comment.Text())
		// A comment may be about the fields that follow, too; it names them then.
		if own != "" || len(field.Names) == 0 || !strings.Contains(text, field.Names[0].Name) {
			text = own
		}
		rest, fallback := splitDefault(text)
		for _, name := range field.Names {
			if name.IsExported() {
				rows = append(rows, []string{code(name.Name), code(property(field)), code(types.ExprString(field.Type)), fallback, rest})
			}
		}
	}
	if len(rows) == 0 {
		return ""
	}
	return table([]string{"field", "property", "type", "default", "meaning"}, rows)
}

// property is what a field is called in its tag; empty for one that isn't a property.
func property(field *ast.Field) string {
	if field.Tag == nil {
		return ""
	}
	name, _, _ := strings.Cut(reflect.StructTag(strings.Trim(field.Tag.Value, "`")).Get("pulumi"), ",")
	return name
}

// splitDefault takes what a field's documentation says of its default out of it: "Required.", "Default X." as a sentence,
// or "; default X" at its end.
func splitDefault(text string) (rest, fallback string) {
	var kept []string
	for _, sentence := range strings.SplitAfter(text, ". ") {
		trimmed := strings.TrimSuffix(strings.TrimSpace(sentence), ".")
		before, after, found := strings.Cut(trimmed, "; default ")
		switch {
		case trimmed == "Required":
			fallback = "required"
		case strings.HasPrefix(trimmed, "Required; "):
			fallback = "required"
			kept = append(kept, strings.TrimSpace(sentence))
		case strings.HasPrefix(trimmed, "Default "), strings.HasPrefix(trimmed, "Default: "):
			fallback = strings.TrimPrefix(strings.TrimPrefix(trimmed, "Default: "), "Default ")
		case found:
			kept, fallback = append(kept, before), after
		case strings.HasPrefix(trimmed, "default "):
			fallback = strings.TrimPrefix(trimmed, "default ")
		default:
			kept = append(kept, strings.TrimSpace(sentence))
		}
	}
	return strings.Join(kept, " "), fallback
}

func (r reference) constants(values []*doc.Value) string {
	var rows [][]string
	for _, value := range values {
		for _, spec := range value.Decl.Specs {
			constant := spec.(*ast.ValueSpec)
			text := constant.Doc.Text() + constant.Comment.Text()
			if text == "" {
				text = value.Doc
			}
			for _, name := range constant.Names {
				if name.IsExported() {
					rows = append(rows, []string{code(name.Name), code(r.values[name.Name]), r.inline(text)})
				}
			}
		}
	}
	return table([]string{"constant", "value", "meaning"}, rows)
}

func signature(f *doc.Func) string {
	receiver := ""
	if f.Recv != "" {
		receiver = "(" + f.Decl.Recv.List[0].Names[0].Name + " " + f.Recv + ") "
	}
	return "func " + receiver + f.Name + strings.TrimPrefix(types.ExprString(f.Decl.Type), "func")
}

func (r reference) markdown(text string) string {
	printer := r.Printer()
	printer.DocLinkURL = func(link *comment.DocLink) string { return "#" + r.anchors[cmp.Or(link.Recv, link.Name)] }
	return string(printer.Markdown(r.Parser().Parse(text)))
}

// inline is the documentation of a field or constant as one line.
func (r reference) inline(text string) string {
	return strings.Join(strings.Fields(r.markdown(text)), " ")
}
