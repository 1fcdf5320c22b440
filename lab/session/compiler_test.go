package session

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

func TestCompilerLinksAProgramOnce(t *testing.T) {
	l := &Lab{Name: "x", Dir: filepath.Join(t.TempDir(), "it's")}
	if err := l.Create(); err != nil {
		t.Fatal(err)
	}
	program := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(program, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	build := func(output string) (os.FileInfo, string) {
		t.Helper()
		command := exec.Command(filepath.Join(l.Dir, "bin", "go"), "build", "-o", output)
		command.Dir = program
		if out, err := command.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		info, err := os.Stat(output)
		if err != nil {
			t.Fatal(err)
		}
		said, err := exec.Command(output).CombinedOutput()
		if err != nil {
			t.Fatal(err)
		}
		return info, string(said)
	}
	write("go.mod", "module example\n\ngo 1.26\n")
	write("main.go", "package main\n\nfunc main() { print(\"one\") }\n")
	first, said := build(filepath.Join(l.tempDir(), "a"))
	again, _ := build(filepath.Join(l.tempDir(), "b"))
	if !os.SameFile(first, again) {
		t.Error("the same program was linked twice")
	}
	write("main.go", "package main\n\nfunc main() { print(\"two\") }\n")
	if _, changed := build(filepath.Join(l.tempDir(), "c")); said != "one" || changed != "two" {
		t.Errorf("the program said %q, then %q; want one, two", said, changed)
	}
}

func TestCompilerPassesEverythingElseOn(t *testing.T) {
	l := &Lab{Name: "x", Dir: t.TempDir()}
	if err := l.Create(); err != nil {
		t.Fatal(err)
	}
	want, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	got, err := exec.Command(filepath.Join(l.Dir, "bin", "go"), "env", "GOROOT").Output()
	if err != nil || string(got) != string(want) {
		t.Errorf("go env GOROOT is %q (%v), want %q", got, err, want)
	}
}
