package artifacts

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// toolchain is the Go that builds the tools.
type toolchain struct {
	version  string // "go1.26.8 linux/amd64"
	platform string // "linux/amd64"
}

func findToolchain(ctx context.Context) (toolchain, error) {
	out, err := exec.CommandContext(ctx, "go", "env", "GOVERSION", "GOOS", "GOARCH").Output()
	if err != nil {
		return toolchain{}, fmt.Errorf("the lab builds its tools with Go: go env: %w", err)
	}
	fields := strings.Fields(string(out))
	if len(fields) != 3 {
		return toolchain{}, fmt.Errorf("go env: GOVERSION, GOOS and GOARCH are %q", fields)
	}
	platform := fields[1] + "/" + fields[2]
	return toolchain{version: fields[0] + " " + platform, platform: platform}, nil
}

// goTool is a program built from a pinned Go module.
type goTool struct {
	dir     string // of the main module, whose go.mod pins every version
	pkg     string // import path of the program
	module  string // the module whose version is the program's
	ldflags string // %s is that version
	tags    string // build tags, separated by commas
	env     []string
	patches []patch // of modules it is built from
}

// version is the version that go.mod requires of the tool's module.
func (t goTool) version() (string, error) {
	gomod, err := os.ReadFile(filepath.Join(t.dir, "go.mod"))
	if err != nil {
		return "", err
	}
	return requiredVersion(gomod, t.module)
}

// key is made from everything that decides what the binary does.
func (t goTool) key(golang toolchain) (string, error) {
	parts := append([]string{t.pkg, t.ldflags, golang.version}, t.env...)
	for _, name := range []string{"go.mod", "go.sum"} {
		sum, err := fileSum(filepath.Join(t.dir, name))
		if err != nil {
			return "", err
		}
		parts = append(parts, sum)
	}
	if t.tags != "" {
		parts = append(parts, t.tags)
	}
	for _, p := range t.patches {
		parts = append(append(parts, p.module), p.edits...)
	}
	return texts(parts...), nil
}

// build writes the program to out.
func (t goTool) build(ctx context.Context, log io.Writer, out string) error {
	version, err := t.version()
	if err != nil {
		return err
	}
	ldflags := "-s -w"
	if t.ldflags != "" {
		ldflags += " " + strings.ReplaceAll(t.ldflags, "%s", version)
	}
	dir := t.dir
	if len(t.patches) > 0 {
		if dir, err = os.MkdirTemp("", "azswarm-build-"); err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		if err := t.patched(ctx, dir); err != nil {
			return err
		}
	}
	return goBuild(ctx, log, dir, t.env, "-tags", t.tags, "-ldflags", ldflags, "-o", out, t.pkg)
}

// goBuild runs go build with what every build here has in common: pinned modules, a reproducible result.
func goBuild(ctx context.Context, log io.Writer, dir string, env []string, args ...string) error {
	env = append([]string{"GOFLAGS=-mod=readonly", "GOWORK=off"}, env...)
	return run(ctx, log, dir, env, "go", append([]string{"build", "-trimpath", "-buildvcs=false"}, args...)...)
}

// requiredVersion is the version at which a go.mod requires a module.
func requiredVersion(gomod []byte, module string) (string, error) {
	lines := bufio.NewScanner(bytes.NewReader(gomod))
	for lines.Scan() {
		fields := strings.Fields(strings.TrimPrefix(lines.Text(), "require "))
		if len(fields) >= 2 && fields[0] == module && strings.HasPrefix(fields[1], "v") {
			return fields[1], nil
		}
	}
	return "", fmt.Errorf("go.mod does not require %s", module)
}

// modules lists the modules, with versions, that a package of the module in dir is built from.
func (toolchain) modules(ctx context.Context, dir, pkg string) (string, error) {
	cmd := exec.CommandContext(ctx, "go", "list", "-deps", "-f", "{{with .Module}}{{.Path}} {{.Version}}{{end}}", pkg)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=readonly", "GOWORK=off", "CGO_ENABLED=0")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("go list %s: %w\n%s", pkg, err, stderr.Bytes())
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	slices.Sort(lines)
	return strings.Join(slices.Compact(lines), "\n"), nil
}
