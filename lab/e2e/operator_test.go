//go:build e2e

package e2e

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// azswarm is the operators' program, built once for this process.
func azswarm(t *testing.T) string {
	t.Helper()
	path := filepath.Join(workspace, "azswarm")
	build := exec.Command("go", "build", "-o", path, ".")
	build.Dir = filepath.Join(repository, "tools", "azswarm")
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build azswarm: %v\n%s", err, output)
	}
	return path
}

// operates uses a healthy cluster as an operator does: looks at it, gets in, and packs what a maintainer would ask for.
func operates(t *testing.T) {
	l := dev(t)
	program := azswarm(t)
	operate := func(args ...string) string {
		return l.run(t, "exec", append([]string{"--", program}, args...)...)
	}

	var report struct {
		Machines []struct {
			Name string `json:"name"`
		} `json:"machines"`
		Problems []any `json:"problems"`
	}
	stdout, _, err := l.try(t, "exec", "--", program, "status", "--json")
	if err != nil {
		t.Errorf("azswarm status: %v, want exit code 0 of a healthy cluster\n%s", err, stdout)
	}
	if err := json.Unmarshal([]byte(stdout), &report); err != nil {
		t.Fatalf("azswarm status --json: %v\n%s", err, stdout)
	}
	var names []string
	for _, machine := range report.Machines {
		names = append(names, machine.Name)
	}
	slices.Sort(names)
	if want := slices.Sorted(slices.Values(l.machines(t))); !slices.Equal(names, want) || len(report.Problems) > 0 {
		t.Errorf("azswarm status shows the machines %v and the problems %v, want %v and none", names, report.Problems, want)
	}

	if got := operate("ssh", "web-0", "hostname"); !strings.Contains(got, "web-0\n") {
		t.Errorf("azswarm ssh web-0 hostname: %s", got)
	}
	if got := operate("docker", "node", "ls"); !strings.Contains(got, "managers-0") {
		t.Errorf("azswarm docker node ls: %s", got)
	}

	archive := filepath.Join(t.TempDir(), "diagnosis.tar.gz")
	operate("diagnose", "--output", archive)
	text := unpacked(t, archive)
	if found := search(l.secrets(t), text); len(found) > 0 {
		t.Errorf("azswarm diagnose packs the secrets %v", found)
	}
	for _, name := range l.machines(t) {
		if !bytes.Contains(text, []byte(name)) {
			t.Errorf("azswarm diagnose knows nothing of %s", name)
		}
	}
}

// unpacked is everything that is in an archive.
func unpacked(t *testing.T, path string) []byte {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if mode := info.Mode().Perm(); mode != 0o600 {
		t.Errorf("%s may be read by others: %o", path, mode)
	}
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	zip, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	var all bytes.Buffer
	reader := tar.NewReader(zip)
	for {
		if _, err := reader.Next(); err == io.EOF {
			return all.Bytes()
		} else if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(&all, reader); err != nil {
			t.Fatal(err)
		}
	}
}
