package session

import (
	"os"
	"slices"
	"strings"
	"testing"
)

func TestStackFileIsACopyWithoutTheProjectsEncryption(t *testing.T) {
	lab := newLab(t)
	const source = "secretsprovider: azurekeyvault://vault\nencryptedkey: AAAA\n# why\nconfig:\n  azswarm:demo: true\nencryptionsalt: v1:x\n"
	project := newProject(t, "", map[string]string{"dev": source})
	file, edited, err := lab.useStackFile(project, "dev")
	if err != nil || len(edited) != 0 {
		t.Fatalf("useStackFile: edited %v, %v", edited, err)
	}
	if got, want := read(t, file.path), "# why\nconfig:\n  azswarm:demo: true\n"; got != want {
		t.Errorf("the copy is %q, want %q", got, want)
	}
	if got := read(t, project.stackFile("dev")); got != source {
		t.Errorf("the project's file became %q", got)
	}
}

func TestStackFileKeepsEditsUntilTheProjectsFileChanges(t *testing.T) {
	lab := newLab(t)
	project := newProject(t, "", map[string]string{"dev": "config:\n  azswarm:count: 2\n"})
	use := func() (*stackFile, []string) {
		t.Helper()
		file, edited, err := lab.useStackFile(project, "dev")
		if err != nil {
			t.Fatal(err)
		}
		return file, edited
	}
	file, _ := use()

	// As Pulumi rewrites it: numbers become text, its own keys come in, and one value is changed.
	write(t, file.path, "encryptionsalt: v1:y\nconfig:\n  azswarm:count: \"2\"\n  azswarm:demo: \"true\"\n")
	if _, edited := use(); !slices.Equal(edited, []string{"azswarm:demo"}) {
		t.Errorf("edited = %v, want azswarm:demo alone", edited)
	}

	write(t, project.stackFile("dev"), "config:\n  azswarm:count: 3\n")
	file, edited := use()
	if len(edited) != 0 || !strings.Contains(read(t, file.path), "count: 3") {
		t.Errorf("after a change of the project's file: edited %v, copy %q", edited, read(t, file.path))
	}
}

func TestStackFileRefusesValuesItCannotDecrypt(t *testing.T) {
	lab := newLab(t)
	project := newProject(t, "", map[string]string{
		"dev": "config:\n  azswarm:plain: a\n  azswarm:nested:\n    list:\n      - secure: v1:abc\n",
	})
	_, _, err := lab.useStackFile(project, "dev")
	if err == nil || !strings.Contains(err.Error(), "azswarm:nested") || strings.Contains(err.Error(), "v1:abc") {
		t.Errorf("useStackFile: %v, want an error that names the key and not the value", err)
	}
}

func TestAStackNeedsNoFile(t *testing.T) {
	lab := newLab(t)
	file, edited, err := lab.useStackFile(newProject(t, "", nil), "dev")
	if err != nil || len(edited) != 0 || len(file.config) != 0 {
		t.Errorf("useStackFile = %v, %v, %v; want an empty configuration", file, edited, err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
