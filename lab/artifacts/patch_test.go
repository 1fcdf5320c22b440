package artifacts

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// writeTree writes files by their paths below a directory.
func writeTree(t *testing.T, dir string, tree map[string]string) {
	t.Helper()
	for name, content := range tree {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o444); err != nil { // read-only, as in Go's cache
			t.Fatal(err)
		}
	}
}

func TestPatchChangesACopyOfTheSource(t *testing.T) {
	source, target := t.TempDir(), t.TempDir()
	writeTree(t, source, map[string]string{
		"main.go": `import "old/log"`, "deep/one.go": "Old(Old())", "deep/one_test.go": "Old()", "README.md": "Old",
	})
	p := patch{module: "example.test/program", edits: []string{"old/log", "new/log", "Old(", "New("}}
	if err := p.apply(source, target); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"main.go": `import "new/log"`, "deep/one.go": "New(New())", "go.mod": "module example.test/program\n",
	} {
		if got, err := os.ReadFile(filepath.Join(target, name)); err != nil || string(got) != want {
			t.Errorf("%s is %q, %v; want %q", name, got, err, want)
		}
	}
	for _, name := range []string{"deep/one_test.go", "README.md"} {
		if exists(filepath.Join(target, name)) {
			t.Errorf("%s was copied: no build needs it", name)
		}
	}
}

func TestPatchRefusesSourceItWasNotWrittenFor(t *testing.T) {
	source := t.TempDir()
	writeTree(t, source, map[string]string{"main.go": "New()"})
	p := patch{module: "example.test/program", edits: []string{"New(", "Newer(", "Old(", "New("}}
	if err := p.apply(source, t.TempDir()); err == nil || !strings.Contains(err.Error(), `has no "Old(" to replace`) {
		t.Errorf("error is %v, want it to name the edit that changes nothing", err)
	}
}

func TestKeyOfAToolCoversItsTagsAndPatches(t *testing.T) {
	dir := t.TempDir()
	writeTree(t, dir, map[string]string{"go.mod": "module example.test/tool\n", "go.sum": ""})
	seen := map[string]string{}
	for what, tool := range map[string]goTool{
		"plain":         {},
		"tags":          {tags: "netgo"},
		"patch":         {patches: []patch{{module: "example.test/program", edits: []string{"Old", "New"}}}},
		"another edit":  {patches: []patch{{module: "example.test/program", edits: []string{"Old", "Newer"}}}},
		"another patch": {patches: []patch{{module: "example.test/library", edits: []string{"Old", "New"}}}},
	} {
		tool.dir = dir
		key, err := tool.key(toolchain{version: "go1.26.0 linux/amd64"})
		if err != nil {
			t.Fatal(err)
		}
		if other, ok := seen[key]; ok {
			t.Errorf("%s and %s have the same key", what, other)
		}
		seen[key] = what
	}
}
