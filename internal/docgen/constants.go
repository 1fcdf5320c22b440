package docgen

import (
	"go/ast"
	"go/doc"
	"go/token"
	"go/types"
	"path/filepath"
	"strconv"
)

// literals are the constants of a package whose value is a text, by their names: as it is written, or as a constant of another package
// says, which is in shared by its name with the package's.
func literals(p *doc.Package, shared map[string]string) map[string]string {
	values := map[string]string{}
	each := func(value *doc.Value) {
		for _, spec := range value.Decl.Specs {
			constant := spec.(*ast.ValueSpec)
			for i, name := range constant.Names {
				if i < len(constant.Values) {
					if text, ok := literal(constant.Values[i], shared); ok {
						values[name.Name] = text
					}
				}
			}
		}
	}
	for _, value := range p.Consts {
		each(value)
	}
	for _, t := range p.Types {
		for _, value := range t.Consts {
			each(value)
		}
	}
	return values
}

// literal is the text that an expression says or names.
func literal(value ast.Expr, shared map[string]string) (string, bool) {
	switch value := value.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(value.Value)
		return text, err == nil && value.Kind == token.STRING
	case *ast.SelectorExpr:
		text, ok := shared[types.ExprString(value)]
		return text, ok
	case *ast.CallExpr: // a conversion: constants know no other
		return literal(value.Args[0], shared)
	default:
		return "", false
	}
}

// sharedConstants are those of the packages that components share with the configuration, lowest first.
func sharedConstants(root string) (map[string]string, error) {
	shared := map[string]string{}
	for _, name := range []string{"ports", "rules"} {
		parsed, err := parse(filepath.Join(root, "internal", name))
		if err != nil {
			return nil, err
		}
		for constant, text := range literals(parsed, shared) {
			shared[name+"."+constant] = text
		}
	}
	return shared, nil
}
