//go:build e2e

package e2e

import (
	"maps"
	"os"
	"path/filepath"
	"testing"
)

// checkout is the project's files as they were when the tests began: the Pulumi CLI likes to write into them.
var checkout map[string]string

func readCheckout() (map[string]string, error) {
	contents := map[string]string{}
	entries, err := os.ReadDir(repository)
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		contents[entry.Name()] = "directory"
		if entry.Type().IsRegular() {
			content, err := os.ReadFile(filepath.Join(repository, entry.Name()))
			if err != nil {
				return nil, err
			}
			contents[entry.Name()] = string(content)
		}
	}
	return contents, nil
}

// keepsCheckout expects all commands so far to have left the project's files alone.
func keepsCheckout(t *testing.T) {
	now, err := readCheckout()
	if err != nil {
		t.Fatal(err)
	}
	all := maps.Clone(checkout)
	maps.Copy(all, now)
	for name := range all {
		if now[name] != checkout[name] {
			t.Errorf("%s of the checkout has changed", name)
		}
	}
}
