//go:build e2e

package e2e

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"testing"
)

// before is how things were before any suite began.
type before struct {
	Checkout map[string]string // the project's files: the Pulumi CLI likes to write into them
	Host     snapshot
	Alone    bool // no lab but the tests' own was on this machine
}

func beforeFile() string { return filepath.Join(shelf, "before.json") }

// rememberBefore keeps it for the suites.
func rememberBefore() error {
	var b before
	var err error
	if b.Checkout, err = readCheckout(); err != nil {
		return err
	}
	if b.Host, err = takeHost(); err != nil {
		return err
	}
	others, err := neighbours()
	if err != nil {
		return err
	}
	b.Alone = len(others) == 0
	content, err := json.Marshal(b)
	if err != nil {
		return err
	}
	return os.WriteFile(beforeFile(), content, 0o600)
}

func readBefore(t *testing.T) before {
	t.Helper()
	var b before
	if err := json.Unmarshal(readFile(t, beforeFile()), &b); err != nil {
		t.Fatal(err)
	}
	return b
}

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
	then := readBefore(t).Checkout
	all := maps.Clone(then)
	maps.Copy(all, now)
	for name := range all {
		if now[name] != then[name] {
			t.Errorf("%s of the checkout has changed", name)
		}
	}
}
