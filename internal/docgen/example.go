package docgen

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
)

// exampleCode is one function of a Go file, with its doc comment, as it is written there.
func exampleCode(path, function string) (string, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, path, content, parser.ParseComments)
	if err != nil {
		return "", err
	}
	for _, declaration := range file.Decls {
		found, ok := declaration.(*ast.FuncDecl)
		if !ok || found.Name.Name != function {
			continue
		}
		first := found.Pos()
		if found.Doc != nil {
			first = found.Doc.Pos()
		}
		return "```go\n" + string(content[set.Position(first).Offset:set.Position(found.End()).Offset]) + "\n```\n", nil
	}
	return "", fmt.Errorf("%s has no function %s", path, function)
}
