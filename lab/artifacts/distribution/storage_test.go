package distribution

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/opencontainers/go-digest"
	v1 "github.com/opencontainers/image-spec/specs-go/v1"
)

// demo writes an image of one file and returns its manifest's digest.
func demo(t *testing.T, dir, content string) digest.Digest {
	t.Helper()
	source := filepath.Join(t.TempDir(), "hello")
	if err := os.WriteFile(source, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	s := Open(dir)
	layer, err := s.AddLayer(func(archive *Archive) error {
		return archive.WriteFiles(File{Path: "/usr/share/hello", From: source, Mode: 0o644})
	})
	if err != nil {
		t.Fatal(err)
	}
	manifest, err := s.AddImage(Image{
		Repository: "library/hello", Tags: []string{"1", "1.0"}, Platform: v1.Platform{OS: "linux", Architecture: "amd64"},
		Config: v1.ImageConfig{Cmd: []string{"cat", "/usr/share/hello"}}, Layers: []Layer{layer},
	})
	if err != nil {
		t.Fatal(err)
	}
	return manifest
}

func TestDigestsDependOnContentAlone(t *testing.T) {
	first := demo(t, t.TempDir(), "hello")
	if again := demo(t, t.TempDir(), "hello"); again != first {
		t.Errorf("the same image has the digests %s and %s", first, again)
	}
	if other := demo(t, t.TempDir(), "good bye"); other == first {
		t.Error("another image has the same digest")
	}
}

func TestNothingTemporaryIsLeft(t *testing.T) {
	dir := t.TempDir()
	demo(t, dir, "hello")
	_, err := Open(dir).AddLayer(func(*Archive) error { return fmt.Errorf("disk full") })
	if err == nil || err.Error() != "disk full" {
		t.Errorf("error is %v, want the writer's", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 || entries[0].Name() != "docker" {
		t.Errorf("storage holds %v, %v; want docker alone", entries, err)
	}
}

func TestImageNeedsRepositoryAndTag(t *testing.T) {
	for _, image := range []Image{{Tags: []string{"1"}}, {Repository: "library/hello"}} {
		if _, err := Open(t.TempDir()).AddImage(image); err == nil || !strings.Contains(err.Error(), "needs a repository and a tag") {
			t.Errorf("image %+v: error is %v", image, err)
		}
	}
}

// TestRegistryServesTheStorage asks the registry itself whether this is the storage it knows.
func TestRegistryServesTheStorage(t *testing.T) {
	binary, err := exec.LookPath("docker-registry")
	if err != nil {
		t.Skip("docker-registry is not installed (lab/setup.sh does it)")
	}
	dir := t.TempDir()
	manifestDigest := demo(t, dir, "hello")
	url := serve(t, binary, dir)

	for _, reference := range []string{"1", "1.0", manifestDigest.String()} {
		var manifest v1.Manifest
		header := get(t, url+"/v2/library/hello/manifests/"+reference, manifestDigest, &manifest)
		if header.Get("Docker-Content-Digest") != manifestDigest.String() || header.Get("Content-Type") != mediaTypeManifest {
			t.Errorf("%s: served as %s %s", reference, header.Get("Content-Type"), header.Get("Docker-Content-Digest"))
		}
		var config v1.Image
		get(t, url+"/v2/library/hello/blobs/"+manifest.Config.Digest.String(), manifest.Config.Digest, &config)
		layer := manifest.Layers[0]
		var compressed []byte
		get(t, url+"/v2/library/hello/blobs/"+layer.Digest.String(), layer.Digest, &compressed)
		if int64(len(compressed)) != layer.Size {
			t.Errorf("layer has %d bytes, manifest says %d", len(compressed), layer.Size)
		}
		zip, err := gzip.NewReader(bytes.NewReader(compressed))
		if err != nil {
			t.Fatal(err)
		}
		plain, err := digest.FromReader(zip)
		if err != nil || len(config.RootFS.DiffIDs) != 1 || plain != config.RootFS.DiffIDs[0] {
			t.Errorf("layer's tar is %s, %v; configuration says %s", plain, err, config.RootFS.DiffIDs)
		}
		if config.OS != "linux" || config.Architecture != "amd64" || len(config.Config.Cmd) != 2 {
			t.Errorf("configuration is %+v", config)
		}
	}
}

// serve starts a registry for the storage and returns its URL.
func serve(t *testing.T, binary, storage string) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close() // for the registry to take
	config := filepath.Join(t.TempDir(), "config.yml")
	text := fmt.Sprintf("version: 0.1\nstorage:\n  filesystem: {rootdirectory: %q}\n  maintenance: {readonly: {enabled: true}}\nhttp: {addr: %q}\n", storage, address)
	if err := os.WriteFile(config, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	registry := exec.Command(binary, "serve", config)
	registry.Stdout, registry.Stderr = &log, &log
	if err := registry.Start(); err != nil {
		t.Fatal(err)
	}
	exited := make(chan struct{})
	go func() {
		_ = registry.Wait() // killed below: its status says nothing
		close(exited)
	}()
	t.Cleanup(func() {
		if err := registry.Process.Kill(); err != nil {
			t.Log(err)
		}
		<-exited
	})
	for deadline := time.Now().Add(10 * time.Second); ; {
		connection, err := net.DialTimeout("tcp", address, time.Second)
		if err == nil {
			connection.Close()
			return "http://" + address
		}
		select {
		case <-exited:
			t.Fatalf("registry ended:\n%s", &log)
		case <-time.After(10 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			t.Fatalf("registry does not listen: %v", err)
		}
	}
}

// get fetches content, checks its digest and decodes it.
func get(t *testing.T, url string, want digest.Digest, into any) http.Header {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Accept", mediaTypeManifest)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v: %s", url, response.Status, err, content)
	}
	if got := digest.FromBytes(content); got != want {
		t.Errorf("%s: digest is %s, want %s", url, got, want)
	}
	if raw, ok := into.(*[]byte); ok {
		*raw = content
	} else if err := json.Unmarshal(content, into); err != nil {
		t.Fatalf("%s: %v", url, err)
	}
	return response.Header
}
