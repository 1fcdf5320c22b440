package artifacts

import (
	"os"
	"path/filepath"
	"testing"
)

func TestKeyOfFilesCoversNamesContentsAndModes(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string, mode os.FileMode) {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), mode); err != nil {
			t.Fatal(err)
		}
	}
	key := func() string {
		t.Helper()
		k, err := files(dir, "_test.go")
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	seen := map[string]string{}
	changes := []struct {
		what string
		do   func()
	}{
		{"one file", func() { write("build.sh", "echo", 0o644) }},
		{"its content", func() { write("build.sh", "echo 2", 0o644) }},
		{"its mode", func() {
			if err := os.Chmod(filepath.Join(dir, "build.sh"), 0o755); err != nil {
				t.Fatal(err)
			}
		}},
		{"a second file", func() { write("conf/site", "", 0o644) }},
		{"its name", func() {
			if err := os.Rename(filepath.Join(dir, "conf/site"), filepath.Join(dir, "conf/page")); err != nil {
				t.Fatal(err)
			}
		}},
	}
	for _, change := range changes {
		change.do()
		if before, ok := seen[key()]; ok {
			t.Errorf("%s: key is still that of %s", change.what, before)
		}
		seen[key()] = change.what
	}
	before := key()
	write("conf/page_test.go", "package x", 0o644)
	if key() != before {
		t.Error("a test file changed the key")
	}
	if _, err := files(filepath.Join(dir, "missing")); err == nil {
		t.Error("a missing directory has a key")
	}
}

func TestTextsKeepsPartsApart(t *testing.T) {
	if texts("ab", "c") == texts("a", "bc") {
		t.Error(`("ab", "c") and ("a", "bc") have the same key`)
	}
}
