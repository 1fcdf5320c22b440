//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// languagesMakeTheSameCluster previews the cluster of the Go example by programs in other languages: every resource has the same URN,
// but for the project's name.
func languagesMakeTheSameCluster(t *testing.T) {
	own := plannedURNs(t, filepath.Join("examples", "imported"))
	own = slices.DeleteFunc(own, func(urn string) bool { return strings.HasSuffix(urn, "::gateway") }) // beside the cluster
	if len(own) < 60 {
		t.Fatalf("the Go program plans %d resources", len(own))
	}
	for _, language := range []string{"yaml"} {
		if got := plannedURNs(t, filepath.Join("examples", language)); !slices.Equal(got, own) {
			t.Errorf("the program in %s plans %d resources, that in Go %d: it has not %v, and has %v",
				language, len(got), len(own), without(own, got), without(got, own))
		}
	}
}

// plannedURNs are those of what a new stack "dev" of a project would get, without the project's name, and without providers, which the
// engine names itself, and the stack.
func plannedURNs(t *testing.T, project string) []string {
	t.Helper()
	l := &lab{name: "paper-" + filepath.Base(project), stack: "dev", dir: filepath.Join(repository, project), paper: true}
	t.Cleanup(func() { l.run(t, "down") })
	var plan struct {
		Steps []struct{ URN string }
	}
	if err := json.Unmarshal(l.query(t, "pulumi", "preview", "--json", "--non-interactive"), &plan); err != nil {
		t.Fatal(err)
	}
	var urns []string
	for _, step := range plan.Steps {
		parts := strings.SplitN(step.URN, "::", 4)
		if len(parts) != 4 {
			t.Fatalf("URN %q", step.URN)
		}
		if !strings.HasPrefix(parts[2], "pulumi:providers:") && parts[2] != "pulumi:pulumi:Stack" {
			urns = append(urns, fmt.Sprint(parts[2], "::", parts[3]))
		}
	}
	slices.Sort(urns)
	return urns
}

// makesNewProject makes a project of another name of this repository, as `pulumi new` does, and previews its stack.
func makesNewProject(t *testing.T) {
	template, project := t.TempDir(), filepath.Join(t.TempDir(), "shop")
	files := exec.Command("sh", "-c", `git ls-files -z | tar --create --null --files-from - | tar --extract --directory "$1"`, "sh", template)
	files.Dir = repository
	if output, err := files.CombinedOutput(); err != nil {
		t.Fatalf("copy the repository: %v\n%s", err, output)
	}
	l := &lab{name: "paper-new", stack: "dev", paper: true}
	t.Cleanup(func() { l.run(t, "down") })
	// It would also install the plugins, which are not to be had everywhere.
	l.pulumi(t, "new", template, "--offline", "--yes", "--generate-only", "--name", "shop", "--dir", project)
	if text := string(readFile(t, filepath.Join(project, "Pulumi.yaml"))); !strings.Contains(text, "name: shop\n") || strings.Contains(text, "template:") {
		t.Errorf("the project is not one of its own:\n%s", tail(text))
	}
	if _, err := os.Stat(filepath.Join(project, "main.go")); err != nil {
		t.Error(err)
	}
	made := &lab{name: l.name, stack: "dev", dir: project, paper: true}
	if text := made.run(t, "preview"); !strings.Contains(text, "azswarm-bastion") {
		t.Errorf("the preview of the new project has no bastion:\n%s", tail(text))
	}
}
