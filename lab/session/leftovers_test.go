package session

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
)

func TestLeftoversAreThoseOfOneLab(t *testing.T) {
	one, other := newLab(t), newLab(t)
	sleep, err := exec.LookPath("sleep")
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(sleep)
	if err != nil {
		t.Fatal(err)
	}
	start := func(l *Lab, name string) Process {
		t.Helper()
		program := filepath.Join(t.TempDir(), name) // which is what a process is known by
		if err := os.WriteFile(program, content, 0o755); err != nil {
			t.Fatal(err)
		}
		c := exec.Command(program, "60")
		c.Env = append(os.Environ(), "PULUMI_HOME="+l.pulumiHome())
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Process.Kill(); _ = c.Wait() })
		return Process{c.Process.Pid, name}
	}
	engine, shell := start(one, "pulumi-engine"), start(one, "shell")
	start(other, "pulumi-engine")
	found, err := one.Processes()
	if err != nil || len(found) != 2 || !slices.Contains(found, engine) || !slices.Contains(found, shell) {
		t.Errorf("processes are %v (%v), want %v and %v", found, err, engine, shell)
	}
	// What the user runs goes on.
	if ended, err := one.EndLeftovers(); err != nil || !slices.Equal(ended, []string{engine.Name}) {
		t.Errorf("ended were %v (%v), want %s alone", ended, err, engine.Name)
	}
}
