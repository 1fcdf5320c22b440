//go:build e2e

package e2e

import (
	"os"
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
	apps.pinImage(t, l.image(t, "managers-0", "nginx:1.28"))
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

// image is an image with the digest that a registry has for it, as a machine's engine hears it.
func (l *lab) image(t *testing.T, machine, image string) string {
	t.Helper()
	return image + "@" + l.ask(t, machine, "curl --silent --show-error --fail-with-body --unix-socket /run/docker.sock http://docker/distribution/"+
		image+"/json | jq --raw-output --exit-status .Descriptor.digest")
}

// pinImage makes the applications use that image, in the stack's configuration, until the test has ended.
func (l *lab) pinImage(t *testing.T, image string) {
	t.Helper()
	file := filepath.Join(l.dir, "Pulumi."+l.stack+".yaml")
	configuration := readFile(t, file)
	t.Cleanup(func() {
		if err := os.WriteFile(file, configuration, 0o644); err != nil {
			t.Error(err)
		}
	})
	if err := os.WriteFile(file, append(configuration, "  apps:image: "+image+"\n"...), 0o644); err != nil {
		t.Fatal(err)
	}
}
