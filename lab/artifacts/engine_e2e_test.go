//go:build e2e

package artifacts

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestEnsureEngine makes the real archive, in the user's cache; the first run takes some minutes.
func TestEnsureEngine(t *testing.T) {
	engine, err := EnsureEngine(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	cache, err := cacheDir("")
	if err != nil {
		t.Fatal(err)
	}
	archive := filepath.Join(cache, "downloads", filepath.FromSlash(engine.Path))
	if sum, err := fileSum(archive); err != nil || sum != engine.SHA256 {
		t.Errorf("checksum is %s, %v; want %s", sum, err, engine.SHA256)
	}
	programs := map[string][]byte{}
	file, err := os.Open(archive)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	zip, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	for entries := tar.NewReader(zip); ; {
		entry, err := entries.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if entry.Uid != 0 || entry.Gid != 0 || entry.ModTime.Unix() != 0 {
			t.Errorf("%s is from %s and %d:%d's: the next archive would differ", entry.Name, entry.ModTime, entry.Uid, entry.Gid)
		}
		if entry.Typeflag != tar.TypeReg {
			continue
		}
		if programs[entry.Name], err = io.ReadAll(entries); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"containerd", "containerd-shim", "containerd-shim-runc-v2", "ctr", "docker", "docker-init", "docker-proxy", "dockerd", "runc"} {
		if !bytes.HasPrefix(programs["docker/"+name], []byte("\x7fELF")) {
			t.Errorf("docker/%s is no program of the archive", name)
		}
	}
	dockerd := filepath.Join(t.TempDir(), "dockerd")
	if err := os.WriteFile(dockerd, programs["docker/dockerd"], 0o755); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(dockerd, "--version").Output(); err != nil || !strings.HasPrefix(string(out), "Docker version 20.10.24,") {
		t.Errorf("dockerd --version is %q, %v", out, err)
	}
	if !bytes.Contains(programs["docker/dockerd"], []byte("libkv/store/consul.")) {
		t.Error("dockerd lacks the Consul cluster store")
	}
	if again, err := EnsureEngine(t.Context(), Options{}); err != nil || again.Path != engine.Path || again.SHA256 != engine.SHA256 || !slices.Equal(again.Substituted, engine.Substituted) {
		t.Errorf("a second call says %+v, %v; want %+v", again, err, engine)
	}
}
