//go:build mutants

package azure

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// refusing are the functions of package arm that make refusals.
var refusing = []string{
	"badRequest", "conflict", "notFound", "resourceNotFound", "missingReference", "duplicateName", "changeNotAllowed", "interfaceInUse",
	"ruleConflict", "ruleLacks", "inProgress", "malformed", "soldOut", "refusal",
}

// accepting goes into package arm: it makes an acceptance of the refusal that is taken out.
const (
	accepting = `
func unless(number string, refusal error) error {
	if os.Getenv(%q) == number {
		return nil
	}
	return refusal
}
`
	takenOut = "AZSWARM_TAKEN_OUT"
)

// site is a place where package arm refuses.
type site struct {
	file, function, callee string
	from, to               int // the refusal in the file, in bytes from 1
	text                   string
}

func (s site) String() string { return fmt.Sprintf("%s %s: %s", s.file, s.function, s.text) }

// TestEveryRefusalIsNoticed takes every refusal out in turn, and wants a test to fail; and every rule to have failed once,
// by what the documentation says applies it.
func TestEveryRefusalIsNoticed(t *testing.T) {
	sites, err := refusals()
	if err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(t.TempDir(), "mutants")
	if err := compile(sites, binary); err != nil {
		t.Fatal(err)
	}
	killers := map[string][]site{} // subtest of TestRules -> what made it fail
	for i, s := range sites {
		var failed []string
		if own := s.rules(); own != "" { // the others take long
			failed, err = failing(binary, i, own)
		}
		if err == nil && len(failed) == 0 {
			failed, err = failing(binary, i, ".")
		}
		if err != nil {
			t.Fatalf("%s: %v", s, err)
		}
		t.Logf("%d of %d: %s: %s", i+1, len(sites), s, strings.Join(failed, ", "))
		if len(failed) == 0 {
			t.Errorf("%s: no test noticed", s)
		}
		for _, name := range failed {
			killers[name] = append(killers[name], s)
		}
	}
	for _, table := range ruleTables {
		for _, r := range table.rules() {
			name := "TestRules/" + subtest(table.title) + "/" + subtest(r.rule)
			if !slices.ContainsFunc(killers[name], func(s site) bool { return s.function == r.origin.in || s.callee == r.origin.in }) {
				t.Errorf("%s: did not fail without %s, but without %v", name, r.origin.in, killers[name])
			}
		}
	}
}

// rules is a pattern for the tests of the rules that are said to be applied here; "" if there are none.
func (s site) rules() string {
	var tables, names []string
	for _, table := range ruleTables {
		for _, r := range table.rules() {
			if s.function == r.origin.in || s.callee == r.origin.in {
				tables, names = append(tables, regexp.QuoteMeta(subtest(table.title))), append(names, regexp.QuoteMeta(subtest(r.rule)))
			}
		}
	}
	if len(names) == 0 {
		return ""
	}
	return fmt.Sprintf("^TestRules$/^(%s)$/^(%s)$", strings.Join(tables, "|"), strings.Join(names, "|"))
}

// refusals finds where functions that return an error last refuse.
func refusals() ([]site, error) {
	var sites []site
	err := parse([]string{"arm"}, func(name string) bool { return !strings.HasSuffix(name, "_test.go") }, func(path string, f *ast.FuncDecl, text []byte) {
		excerpt := func(s site) string { // its first words
			words := string(text[s.from-int(f.Pos()) : s.to-int(f.Pos())])
			return words[:min(len(words), 60)]
		}
		inspect := func(results *ast.FieldList, body *ast.BlockStmt) {
			if results == nil || len(results.List) == 0 {
				return
			}
			if last, ok := results.List[len(results.List)-1].Type.(*ast.Ident); !ok || last.Name != "error" {
				return
			}
			ast.Inspect(body, func(n ast.Node) bool {
				if _, nested := n.(*ast.FuncLit); nested {
					return false
				}
				if s, ok := refusalIn(n); ok {
					s.file, s.function, s.text = path, f.Name.Name, excerpt(s)
					sites = append(sites, s)
				}
				return true
			})
		}
		if f.Body == nil {
			return
		}
		inspect(f.Type.Results, f.Body)
		ast.Inspect(f.Body, func(n ast.Node) bool {
			if literal, ok := n.(*ast.FuncLit); ok {
				inspect(literal.Type.Results, literal.Body)
			}
			return true
		})
	})
	return sites, err
}

// refusalIn is the refusal that a statement returns.
func refusalIn(n ast.Node) (site, bool) {
	statement, ok := n.(*ast.ReturnStmt)
	if !ok || len(statement.Results) == 0 {
		return site{}, false
	}
	call, ok := statement.Results[len(statement.Results)-1].(*ast.CallExpr)
	if !ok {
		return site{}, false
	}
	var callee string
	switch fun := call.Fun.(type) {
	case *ast.Ident:
		callee = fun.Name
	case *ast.SelectorExpr:
		callee = fun.Sel.Name
	}
	return site{callee: callee, from: int(call.Pos()), to: int(call.End())}, slices.Contains(refusing, callee)
}

// compile builds the tests with all refusals in a form that the environment can take out.
func compile(sites []site, binary string) error {
	dir := filepath.Dir(binary)
	replaced := map[string]string{}
	files := map[string][]int{} // file -> its sites, the last first
	for i, s := range sites {
		files[s.file] = append([]int{i}, files[s.file]...)
	}
	for file, numbers := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		slices.SortFunc(numbers, func(a, b int) int { return sites[b].from - sites[a].from })
		for _, i := range numbers {
			s := sites[i]
			text = slices.Concat(text[:s.from-1], fmt.Appendf(nil, "unless(%q, ", strconv.Itoa(i)), text[s.from-1:s.to-1], []byte(")"), text[s.to-1:])
		}
		if err := replace(dir, file, text, replaced); err != nil {
			return err
		}
	}
	if err := replace(dir, "arm/unless.go", fmt.Appendf(nil, "package arm\n\nimport \"os\"\n"+accepting, takenOut), replaced); err != nil {
		return err
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replaced})
	if err != nil {
		return err
	}
	path := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(path, overlay, 0o600); err != nil {
		return err
	}
	if output, err := exec.Command("go", "test", "-c", "-overlay", path, "-o", binary, ".").CombinedOutput(); err != nil {
		return fmt.Errorf("compile the mutants: %w: %s", err, output)
	}
	return nil
}

func replace(dir, file string, text []byte, replaced map[string]string) error {
	original, err := filepath.Abs(file)
	if err != nil {
		return err
	}
	replaced[original] = filepath.Join(dir, filepath.Base(file))
	return os.WriteFile(replaced[original], text, 0o600)
}

var failLine = regexp.MustCompile(`(?m)^ *--- FAIL: (\S+)`)

// failing runs tests with one refusal taken out, and returns which fail: the innermost subtests.
func failing(binary string, number int, pattern string) ([]string, error) {
	command := exec.Command(binary, "-test.short", "-test.timeout", "10m", "-test.run", pattern)
	command.Env = append(os.Environ(), fmt.Sprint(takenOut, "=", number))
	output, err := command.CombinedOutput()
	var failed []string
	for _, match := range failLine.FindAllSubmatch(output, -1) {
		failed = append(failed, string(match[1]))
	}
	if err != nil && len(failed) == 0 { // it panicked, perhaps for the refusal that is gone
		return nil, fmt.Errorf("%w: %s", err, output)
	}
	return slices.DeleteFunc(failed, func(name string) bool {
		return slices.ContainsFunc(failed, func(other string) bool { return strings.HasPrefix(other, name+"/") })
	}), nil
}
