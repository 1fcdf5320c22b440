//go:build e2e

package e2e

import (
	"path/filepath"
	"strings"
	"testing"
)

// scalesByCommand has the operators' program give a pool a worker more, which stays, and Consul a server more, which is refused.
func scalesByCommand(t *testing.T) {
	l := &lab{name: "paper-scale", stack: "dev", paper: true}
	t.Cleanup(func() { l.run(t, "down") })
	l.run(t, "up")
	summary := filepath.Join(t.TempDir(), "summary.md")
	scale := func(args ...string) (string, error) {
		_, output, err := l.try(t, "exec", append([]string{"--", "azswarm", "scale", "--yes", "--summary", summary}, args...)...)
		return output, err
	}
	if output, err := scale("web", "3", "--why", "a test"); err != nil {
		t.Fatalf("%v\n%s", err, tail(output))
	}
	machine := l.urn(t, "VirtualMachine", "web-2")
	if output, err := scale("consul", "4"); err == nil || !strings.Contains(output, "azswarm:consul.servers: 4: must be one of 3, 5") || !strings.Contains(output, "azswarm:consul.servers is 3 again") {
		t.Errorf("four servers: %v\n%s", err, tail(output))
	}
	if output := l.run(t, "up"); !strings.Contains(output, "nothing had to change") {
		t.Errorf("an update afterwards finds something to change\n%s", tail(output))
	}
	if got := l.urn(t, "VirtualMachine", "web-2"); got != machine {
		t.Errorf("web-2 is %s, and was %s", got, machine)
	}
	text := string(readFile(t, summary))
	for _, want := range []string{"### web of the selected stack: 2 → 3\n\nWhy: a test\n\nResult: done in ", "### consul of the selected stack: 3 → 4\n\nResult: not done: the plan was refused\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in the summary\n%s", want, text)
		}
	}
}
