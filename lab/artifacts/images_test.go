package artifacts

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	v1 "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/seed-3bc5c20b/azswarm/lab/artifacts/distribution"
)

// twoImages share their lower layer.
func twoImages(t *testing.T) images {
	t.Helper()
	source := filepath.Join(t.TempDir(), "program")
	if err := os.WriteFile(source, []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	base := layer{key: "base", files: []distribution.File{{Path: "/bin/sh", From: source, Mode: 0o755}}}
	program := func(name string) layer {
		return layer{key: name, files: []distribution.File{{Path: "/bin/" + name, From: source, Mode: 0o755}}}
	}
	return images{
		{repository: "library/one", tags: []string{"1"}, layers: []layer{base, program("one")}},
		{repository: "team/two", tags: []string{"2", "2.1"}, layers: []layer{base, program("two")}},
	}
}

func TestKeyOfImagesCoversAllThatIsServed(t *testing.T) {
	changes := map[string]func(images){
		"repository": func(i images) { i[0].repository = "library/uno" },
		"tag":        func(i images) { i[1].tags = []string{"2"} },
		"config":     func(i images) { i[0].config = v1.ImageConfig{Cmd: []string{"serve"}} },
		"content":    func(i images) { i[0].layers[1].key = "changed" },
		"path":       func(i images) { i[0].layers[1].files[0].Path = "/bin/uno" },
		"mode":       func(i images) { i[0].layers[1].files[0].Mode = 0o700 },
	}
	original, err := twoImages(t).key("linux/amd64")
	if err != nil {
		t.Fatal(err)
	}
	if again, err := twoImages(t).key("linux/amd64"); err != nil || again != original {
		t.Errorf("the same images have the keys %s and %s, %v", original, again, err)
	}
	for name, change := range changes {
		changed := twoImages(t)
		change(changed)
		if key, err := changed.key("linux/amd64"); err != nil || key == original {
			t.Errorf("%s changed and the key did not (%v)", name, err)
		}
	}
	if other, err := twoImages(t).key("linux/arm64"); err != nil || other == original {
		t.Errorf("the platform changed and the key did not (%v)", err)
	}
}

func TestSharedLayersAreStoredOnce(t *testing.T) {
	dir := t.TempDir()
	if err := twoImages(t).write(t.Context(), dir, "linux/amd64"); err != nil {
		t.Fatal(err)
	}
	blobs, err := filepath.Glob(filepath.Join(dir, "docker/registry/v2/blobs/sha256/*/*/data"))
	if err != nil {
		t.Fatal(err)
	}
	const want = 3 + 2 + 2 // layers, configurations, manifests
	if len(blobs) != want {
		t.Errorf("%d blobs are stored, want %d", len(blobs), want)
	}
}

func TestWritingImagesCanBeInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := twoImages(t).write(ctx, t.TempDir(), "linux/amd64"); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v, want %v", err, context.Canceled)
	}
}
