//go:build e2e

package e2e

import (
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// loses is what a plan's summary says of resources that don't stay.
var loses = regexp.MustCompile(`stack \w+: .*to (replace|delete)`)

// upgradesRecordedStacks previews this version on what releases left behind (`make record` writes it), and expects every resource to stay.
func upgradesRecordedStacks(t *testing.T) {
	records, err := filepath.Glob(filepath.Join(repository, "lab", "e2e", "releases", "*", "*.json.gz"))
	if err != nil || len(records) < 2 {
		t.Fatalf("%v, %d recorded stacks", err, len(records))
	}
	for _, record := range records {
		stack, release := strings.TrimSuffix(filepath.Base(record), ".json.gz"), filepath.Base(filepath.Dir(record))
		t.Run(release+" "+stack, func(t *testing.T) {
			l := &lab{name: "paper-" + stack, stack: stack, paper: true}
			state := unpack(t, record)
			if _, plan, err := l.try(t, "preview", "--from-state", state); err != nil || loses.MatchString(plan) {
				t.Errorf("%v; the update from %s doesn't keep every resource\n%s", err, release, tail(plan))
			}
			if stack != "dev" {
				return
			}
			// It would notice: machines of another size of another kind are others.
			if _, plan, err := l.try(t, "preview", "--from-state", state, "--config", "azswarm:workers[0].vmSize=Standard_D2ds_v5"); err != nil || !loses.MatchString(plan) {
				t.Errorf("%v; what replaces workers isn't seen to\n%s", err, tail(plan))
			}
		})
	}
}

// unpack is a file with what a compressed one has.
func unpack(t *testing.T, compressed string) (path string) {
	t.Helper()
	file, err := os.Open(compressed)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	reader, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(reader)
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), strings.TrimSuffix(filepath.Base(compressed), ".gz"))
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
