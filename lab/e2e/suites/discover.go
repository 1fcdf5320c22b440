package suites

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// Suite is a number of tests that share a cluster, and run one after the other.
type Suite struct {
	// Name is that of its file: suite_NAME_test.go.
	Name string
	// Tests are the names of the test functions, in the file's order.
	Tests []string
	Need
}

// Need is what a suite takes of this machine.
type Need struct {
	// Machines is the largest number of machines it runs at a time; 0 for a suite on paper.
	Machines int
	// Labs are the names of the labs it uses.
	Labs []string
	// Recorded says that the command lines of all processes are kept while it runs, which takes a twentieth of a core.
	Recorded bool
	// Quick is a pattern of the tests that `make check` runs; "" for none.
	Quick string
	// ByName is a pattern of tests that run only where -run names them: they would make the whole run too long for two busy cores,
	// or nobody has seen them pass yet. "" for none.
	ByName string
	// Last says that it is about what the other suites leave behind: it runs when all have ended.
	Last bool
}

// Discover reads which tests there are in a directory. Every test must be in the file of a suite, and every suite's need be
// known; suites come in the order of the needs.
func Discover(dir string, needs []Named) ([]Suite, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	if err != nil {
		return nil, err
	}
	tests := map[string][]string{}
	for _, file := range files {
		names, err := testsIn(file)
		if err != nil {
			return nil, err
		}
		suite, ok := suiteOf(file)
		if !ok && len(names) > 0 {
			return nil, fmt.Errorf("%s: %s is in no suite: move it to a file suite_…_test.go", filepath.Base(file), strings.Join(names, ", "))
		}
		if ok {
			tests[suite] = names
		}
	}
	var found []Suite
	for _, n := range needs {
		names, ok := tests[n.Name]
		if !ok {
			return nil, fmt.Errorf("suite %s: there is no file suite_%s_test.go, or the suite is named twice", n.Name, n.Name)
		}
		delete(tests, n.Name)
		found = append(found, Suite{Name: n.Name, Tests: names, Need: n.Need})
	}
	for name := range tests {
		return nil, fmt.Errorf("suite %s: its need of machines is not known", name)
	}
	return found, nil
}

// Named is the need of a suite.
type Named struct {
	Name string
	Need
}

func suiteOf(file string) (string, bool) {
	name, ok := strings.CutPrefix(filepath.Base(file), "suite_")
	return strings.TrimSuffix(name, "_test.go"), ok
}

func testsIn(file string) ([]string, error) {
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, declaration := range parsed.Decls {
		function, ok := declaration.(*ast.FuncDecl)
		if ok && function.Recv == nil && strings.HasPrefix(function.Name.Name, "Test") && function.Name.Name != "TestMain" {
			names = append(names, function.Name.Name)
		}
	}
	return names, nil
}

// Select returns the suites with those of their tests whose names match a pattern as `go test -run` takes it, and what follows
// its first slash, which is about their subtests.
func Select(all []Suite, pattern string) ([]Suite, string, error) {
	first, rest, found := strings.Cut(pattern, "/")
	if found {
		rest = "/" + rest
	}
	names, err := regexp.Compile(first)
	if err != nil {
		return nil, "", fmt.Errorf("-run %q: %w", pattern, err)
	}
	var selected []Suite
	for _, suite := range all {
		suite.Tests = slices.DeleteFunc(slices.Clone(suite.Tests), func(name string) bool { return !names.MatchString(name) })
		if len(suite.Tests) > 0 {
			selected = append(selected, suite)
		}
	}
	return selected, rest, nil
}

// Whole returns the suites of a whole run, without the tests that run by name only, and the names of those.
func Whole(all []Suite) (whole []Suite, others []string, err error) {
	for _, suite := range all {
		byName, err := regexp.Compile(suite.ByName)
		if err != nil {
			return nil, nil, fmt.Errorf("suite %s: %w", suite.Name, err)
		}
		suite.Tests = slices.DeleteFunc(slices.Clone(suite.Tests), func(name string) bool {
			left := suite.ByName != "" && byName.MatchString(name)
			if left {
				others = append(others, name)
			}
			return left
		})
		if len(suite.Tests) > 0 {
			whole = append(whole, suite)
		}
	}
	return whole, others, nil
}

// Quick returns the suites with their quick tests alone.
func Quick(all []Suite) ([]Suite, error) {
	var quick []Suite
	for _, suite := range all {
		if suite.Need.Quick == "" {
			continue
		}
		selected, _, err := Select([]Suite{suite}, suite.Need.Quick)
		if err == nil && len(selected) == 0 {
			err = fmt.Errorf("suite %s has no test %q", suite.Name, suite.Need.Quick)
		}
		if err != nil {
			return nil, err
		}
		quick = append(quick, selected...)
	}
	return quick, nil
}

// Pattern is what `go test -run` takes for the suite's tests alone.
func (s Suite) Pattern(subtests string) string {
	return "^(" + strings.Join(s.Tests, "|") + ")$" + subtests
}
