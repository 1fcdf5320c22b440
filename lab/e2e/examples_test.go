//go:build e2e

package e2e

import (
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// imported is the cluster of the example that imports the components; nil while there is none.
var imported *lab

// importedExample returns the running cluster of the example.
func importedExample(t *testing.T) *lab {
	t.Helper()
	if imported == nil {
		l := &lab{name: "e2e-imported", dir: filepath.Join(repository, "examples", "imported"), stack: "dev"}
		l.run(t, "up")
		imported = l
	}
	return imported
}

// deploysImported brings up a program of another's that imports the components.
func deploysImported(t *testing.T) {
	l := importedExample(t)
	if output := l.run(t, "up"); !strings.Contains(output, "nothing had to change") {
		t.Errorf("the second lab up finds something to change\n%s", tail(output))
	}
}

// deploysApps deploys applications, a program of their own, on the Swarm of another stack, and expects users to reach them.
func deploysApps(t *testing.T) {
	l := importedExample(t)
	apps := &lab{name: l.name, dir: filepath.Join(repository, "examples", "apps"), stack: "imported"}
	apps.run(t, "up")
	address := strings.TrimSpace(string(l.query(t, "pulumi", "stack", "output", "webAddress")))
	eventually(t, "the web server answers at the pool's load balancer", 30*time.Second, func() error {
		_, err := get("http://"+address+"/", nil)
		return err
	})
	if output := apps.run(t, "up"); !strings.Contains(output, "nothing had to change") {
		t.Errorf("the second lab up finds something to change\n%s", tail(output))
	}
	apps.pulumi(t, "destroy", "--yes", "--skip-preview", "--non-interactive")
	imported = nil
	l.run(t, "down")
}
