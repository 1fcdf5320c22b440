package artifacts

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	v1 "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/seed-3bc5c20b/azswarm/lab/artifacts/distribution"
)

// twoImages share what is below their programs.
func twoImages(t *testing.T) images {
	t.Helper()
	source := filepath.Join(t.TempDir(), "program")
	if err := os.WriteFile(source, []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	base := content{key: "base", files: []distribution.File{{Path: "/bin/sh", From: source, Mode: 0o755}}}
	program := func(name string) content {
		return content{key: name, files: []distribution.File{{Path: "/bin/" + name, From: source, Mode: 0o755}}}
	}
	return images{
		{repository: "library/one", tags: []string{"1"}, content: []content{base, program("one")}},
		{repository: "team/two", tags: []string{"2", "2.1"}, content: []content{base, program("two")}},
	}
}

func TestKeyOfImagesCoversAllThatIsServed(t *testing.T) {
	changes := map[string]func(images){
		"repository": func(i images) { i[0].repository = "library/uno" },
		"tag":        func(i images) { i[1].tags = []string{"2"} },
		"config":     func(i images) { i[0].config = v1.ImageConfig{Cmd: []string{"serve"}} },
		"content":    func(i images) { i[0].content[1].key = "changed" },
		"path":       func(i images) { i[0].content[1].files[0].Path = "/bin/uno" },
		"mode":       func(i images) { i[0].content[1].files[0].Mode = 0o700 },
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

func TestImagesHaveOneLayerWithEverything(t *testing.T) {
	dir := t.TempDir()
	made := twoImages(t)
	// As recipes write them: what is common to two roots comes once, as the first has it.
	below := content{key: "below", tar: tarOf(t, tar.Header{Typeflag: tar.TypeDir, Name: "etc/", Mode: 0o750, Uid: 7})}
	above := content{key: "above", tar: tarOf(t, tar.Header{Typeflag: tar.TypeDir, Name: "./etc", Mode: 0o755}, tar.Header{Name: "./etc/conf", Mode: 0o644})}
	made[0].content = append([]content{below, above}, made[0].content...)
	if err := made.write(t.Context(), dir, "linux/amd64"); err != nil {
		t.Fatal(err)
	}
	blobs, err := filepath.Glob(filepath.Join(dir, "docker/registry/v2/blobs/sha256/*/*/data"))
	if err != nil {
		t.Fatal(err)
	}
	var layers []string
	for _, blob := range blobs {
		if names := namesInLayer(t, blob); names != "" {
			layers = append(layers, names)
		}
	}
	slices.Sort(layers)
	if want := []string{"bin/sh 755 0, bin/two 755 0", "etc/ 750 7, ./etc/conf 644 0, bin/sh 755 0, bin/one 755 0"}; !slices.Equal(layers, want) {
		t.Errorf("the layers have %q, want %q", layers, want)
	}
	if want := 2 + 2 + 2; len(blobs) != want { // layers, configurations, manifests
		t.Errorf("%d blobs are stored, want %d", len(blobs), want)
	}
}

func TestImagesHaveNoPathTwice(t *testing.T) {
	for name, twice := range map[string]tar.Header{
		"file over file":      {Name: "./bin/sh", Mode: 0o755},
		"directory over file": {Typeflag: tar.TypeDir, Name: "bin/sh/", Mode: 0o755},
	} {
		made := twoImages(t)
		made[0].content = append(made[0].content, content{key: "twice", tar: tarOf(t, twice)})
		err := made.write(t.Context(), t.TempDir(), "linux/amd64")
		if want := "image library/one: layer file " + twice.Name + ": is in the layer already"; err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
}

// tarOf is a file of a tar with empty files and directories.
func tarOf(t *testing.T, headers ...tar.Header) string {
	t.Helper()
	file, err := os.Create(filepath.Join(t.TempDir(), "root.tar"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	archive := tar.NewWriter(file)
	for _, header := range headers {
		if err := archive.WriteHeader(&header); err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	return file.Name()
}

// namesInLayer lists the files of a layer with their modes and owners; "" for what is none.
func namesInLayer(t *testing.T, blob string) string {
	t.Helper()
	text, err := os.ReadFile(blob)
	if err != nil {
		t.Fatal(err)
	}
	zip, err := gzip.NewReader(bytes.NewReader(text))
	if err != nil {
		return ""
	}
	var names []string
	archive := tar.NewReader(zip)
	for {
		header, err := archive.Next()
		if err == io.EOF {
			return strings.Join(names, ", ")
		}
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, fmt.Sprintf("%s %o %d", header.Name, header.Mode, header.Uid))
	}
}

func TestWritingImagesCanBeInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := twoImages(t).write(ctx, t.TempDir(), "linux/amd64"); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v, want %v", err, context.Canceled)
	}
}
