//go:build e2e

package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// mistaken is what both programs say of Consul's servers, and what they may not.
const mistaken, allowed = "servers: 2", "servers: 1"

// languagesMakeTheSameCluster runs the cluster of the Go example as programs in other languages: every resource has the same URN, but for
// the project's name, what is secret stays it, and a mistake is refused by the path of the property.
func languagesMakeTheSameCluster(t *testing.T) {
	own := newForeign(t, "imported").plannedURNs(t)
	own = slices.DeleteFunc(own, func(urn string) bool { return strings.HasSuffix(urn, "::gateway") }) // beside the cluster
	if len(own) < 60 {
		t.Fatalf("the Go program plans %d resources", len(own))
	}
	for language, program := range map[string]string{"yaml": "Pulumi.yaml", "typescript": "index.ts"} {
		t.Run(language, func(t *testing.T) {
			l := newForeign(t, language)
			if language == "typescript" {
				install(t, "make", "--directory", repository, "sdk", "EXAMPLE="+l.dir)
			}
			if got := l.plannedURNs(t); !slices.Equal(got, own) {
				t.Errorf("the program plans %d resources, that in Go %d: it has not %v, and has %v",
					len(got), len(own), without(own, got), without(got, own))
			}
			l.run(t, "up")
			l.expectSecretsOfAGoProgram(t, own)
			if output := l.run(t, "up"); !strings.Contains(output, "nothing had to change") {
				t.Errorf("the second lab up finds something to change\n%s", tail(output))
			}

			path := filepath.Join(l.dir, program)
			right := readFile(t, path)
			wrong := bytes.Replace(right, []byte(allowed), []byte(mistaken), 1)
			if err := os.WriteFile(path, wrong, 0o644); err != nil || bytes.Equal(wrong, right) {
				t.Fatalf("%s doesn't say %q: %v", program, allowed, err)
			}
			_, output, err := l.try(t, "preview")
			if want := "property consul.servers with value"; err == nil || !strings.Contains(output, want) {
				t.Errorf("two servers: %v; want a refusal that says %q\n%s", err, want, tail(output))
			}
		})
	}
}

// newForeign is a lab on paper with an example, or a copy of it that npm and the test may write to.
func newForeign(t *testing.T, example string) *lab {
	t.Helper()
	l := &lab{name: "paper-" + example, stack: "dev", dir: filepath.Join(repository, "examples", example), paper: true}
	if example != "imported" { // whose go.mod says where the library is
		l.dir = copied(t, example)
	}
	t.Cleanup(func() { l.run(t, "down") })
	return l
}

// copied is the directory of a copy of an example.
func copied(t *testing.T, example string) string {
	t.Helper()
	dir := t.TempDir()
	files := exec.Command("sh", "-ec", `git ls-files -z --cached --others --exclude-standard | xargs -0 cp --parents --target-directory "$1"`, "sh", dir)
	files.Dir = filepath.Join(repository, "examples", example)
	if output, err := files.CombinedOutput(); err != nil {
		t.Fatalf("copy the example: %v\n%s", err, output)
	}
	return dir
}

// install runs a command that installs what a program in another language needs.
func install(t *testing.T, name string, args ...string) {
	t.Helper()
	if output, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, output)
	}
}

// expectSecretsOfAGoProgram looks at what was made: the resources are those planned, and what the component gives out is secret, or not,
// as the Go documentation says.
func (l *lab) expectSecretsOfAGoProgram(t *testing.T, planned []string) {
	t.Helper()
	var made []string
	var outputs map[string]any
	state := l.state(t)
	for _, resource := range state.Deployment.Resources {
		if short, counts := inAnyProject(t, resource.URN); counts {
			made = append(made, short)
		}
		if resource.Type == "azswarm:index:Cluster" {
			outputs = resource.Outputs
		}
	}
	slices.Sort(made)
	if !slices.Equal(made, planned) {
		t.Errorf("made are %d resources, planned were %d", len(made), len(planned))
	}
	secret := func(value any) bool {
		object, _ := value.(map[string]any)
		_, marked := object[secretMark]
		return marked
	}
	consul, _ := outputs["consul"].(map[string]any)
	for what, is := range map[string]struct {
		value  any
		secret bool
	}{
		"sshPrivateKey":          {outputs["sshPrivateKey"], true},
		"knownHosts":             {outputs["knownHosts"], false},
		"consul.managementToken": {consul["managementToken"], true},
		"consul.agentUrl":        {consul["agentUrl"], false},
	} {
		if is.value == nil || secret(is.value) != is.secret {
			t.Errorf("%s: there %v, secret %v, want %v", what, is.value != nil, secret(is.value), is.secret)
		}
	}
	secrets := l.keptSecrets(t)
	if len(secrets) < 10 {
		t.Fatalf("only %d secrets found", len(secrets))
	}
	text, err := json.Marshal(state)
	if err != nil {
		t.Fatal(err)
	}
	for where, text := range map[string][]byte{"state": text, "stack's outputs": l.query(t, "pulumi", "stack", "output", "--json")} {
		if found := search(secrets, text); len(found) > 0 {
			t.Errorf("the %s shows %s", where, strings.Join(found, ", "))
		}
	}
}

// plannedURNs are those of what a new stack "dev" of a project would get, as inAnyProject has them.
func (l *lab) plannedURNs(t *testing.T) []string {
	t.Helper()
	var plan struct {
		Steps []struct{ URN string }
	}
	if err := json.Unmarshal(l.query(t, "pulumi", "preview", "--json", "--non-interactive"), &plan); err != nil {
		t.Fatal(err)
	}
	var urns []string
	for _, step := range plan.Steps {
		if short, counts := inAnyProject(t, step.URN); counts {
			urns = append(urns, short)
		}
	}
	slices.Sort(urns)
	return urns
}

// inAnyProject is a URN without the project's name. Providers, which the engine names itself, and the stack don't count.
func inAnyProject(t *testing.T, urn string) (short string, counts bool) {
	t.Helper()
	parts := strings.SplitN(urn, "::", 4)
	if len(parts) != 4 {
		t.Fatalf("URN %q", urn)
	}
	kind := parts[2]
	return fmt.Sprint(kind, "::", parts[3]), !strings.HasPrefix(kind, "pulumi:providers:") && kind != "pulumi:pulumi:Stack"
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
	if text := string(readFile(t, filepath.Join(project, "Pulumi.yaml"))); !strings.Contains(text, "name: shop\n") || strings.Contains(text, "\ntemplate:") {
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
