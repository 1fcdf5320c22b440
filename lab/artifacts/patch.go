package artifacts

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// patch changes a module's source before it is built, for old code that has no version that fits the versions of its
// dependencies that are to be had.
type patch struct {
	module string
	pkg    string   // one of its packages, by which Go finds the module's source
	edits  []string // texts and what replaces them, by turns
}

// patched writes a main module to work that is the tool's, but builds from changed copies of the patched modules.
func (t goTool) patched(ctx context.Context, work string) error {
	for _, name := range []string{"go.mod", "go.sum"} {
		content, err := os.ReadFile(filepath.Join(t.dir, name))
		if err != nil {
			return err
		}
		if name == "go.mod" {
			for i, p := range t.patches {
				content = fmt.Appendf(content, "\nreplace %s => %s\n", p.module, copyDir(i))
			}
		}
		if err := os.WriteFile(filepath.Join(work, name), content, 0o644); err != nil {
			return err
		}
	}
	for i, p := range t.patches {
		source, err := moduleDir(ctx, t.dir, p.pkg)
		if err != nil {
			return err
		}
		if err := p.apply(source, filepath.Join(work, copyDir(i))); err != nil {
			return fmt.Errorf("patch %s: %w", p.module, err)
		}
	}
	return nil
}

// copyDir is where the main module has its copy of the i-th patched module.
func copyDir(i int) string { return fmt.Sprintf("./patched%d", i) }

// moduleDir is where Go's cache has the source of the module with this package, at the version that go.mod in dir
// requires. Go downloads it first where need be, and checks it against go.sum.
func moduleDir(ctx context.Context, dir, pkg string) (string, error) {
	// Without its imports: those of a module that needs a patch can't all be found.
	cmd := exec.CommandContext(ctx, "go", "list", "-find", "-f", "{{.Module.Dir}}", pkg)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=readonly", "GOWORK=off")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("go list %s: %w\n%s", pkg, err, stderr.Bytes())
	}
	return strings.TrimSpace(string(out)), nil
}

// apply copies the module's Go files, but for tests, from source to target, and changes them. An edit that changes
// nothing is a mistake: the module isn't the one it was written for.
func (p patch) apply(source, target string) error {
	used := make([]bool, len(p.edits))
	err := filepath.WalkDir(source, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return err
		}
		content, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		for i := 0; i < len(p.edits); i += 2 {
			used[i] = used[i] || bytes.Contains(content, []byte(p.edits[i]))
			content = bytes.ReplaceAll(content, []byte(p.edits[i]), []byte(p.edits[i+1]))
		}
		relative, err := filepath.Rel(source, name)
		if err != nil {
			return err
		}
		file := filepath.Join(target, relative)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		return os.WriteFile(file, content, 0o644)
	})
	if err != nil {
		return err
	}
	for i, edit := range slices.All(p.edits) {
		if i%2 == 0 && !used[i] {
			return fmt.Errorf("%s has no %q to replace", source, edit)
		}
	}
	return os.WriteFile(filepath.Join(target, "go.mod"), []byte("module "+p.module+"\n"), 0o644)
}
