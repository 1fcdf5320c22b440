package distribution

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	v1 "github.com/opencontainers/image-spec/specs-go/v1"
)

// Docker's own media types: every engine and registry of the last ten years knows them.
const (
	mediaTypeManifest = "application/vnd.docker.distribution.manifest.v2+json"
	mediaTypeConfig   = "application/vnd.docker.container.image.v1+json"
	mediaTypeLayer    = "application/vnd.docker.image.rootfs.diff.tar.gzip"
)

// Storage is a registry's storage directory ("rootdirectory" in the registry's configuration).
type Storage struct {
	root string
}

// Image is what makes an image of layers.
type Image struct {
	Repository string   // "hashicorp/consul"; official images are in "library"
	Tags       []string // at least one
	Platform   v1.Platform
	Config     v1.ImageConfig
	Layers     []Layer // the lowest first
}

// Open returns the storage in a directory, which must exist.
func Open(root string) Storage { return Storage{root: root} }

// AddImage stores the image's configuration and manifest and points its tags at them. It returns the
// manifest's digest.
func (s Storage) AddImage(image Image) (digest.Digest, error) {
	if image.Repository == "" || len(image.Tags) == 0 {
		return "", fmt.Errorf("image %q with tags %q: needs a repository and a tag", image.Repository, image.Tags)
	}
	epoch := time.Unix(0, 0).UTC()
	config := v1.Image{
		Created:  &epoch,
		Platform: image.Platform,
		Config:   image.Config,
		RootFS:   v1.RootFS{Type: "layers"},
	}
	manifest := v1.Manifest{
		Versioned: specs.Versioned{SchemaVersion: 2},
		MediaType: mediaTypeManifest,
	}
	for _, layer := range image.Layers {
		config.RootFS.DiffIDs = append(config.RootFS.DiffIDs, layer.DiffID)
		config.History = append(config.History, v1.History{Created: &epoch, CreatedBy: "azswarm lab"})
		manifest.Layers = append(manifest.Layers, v1.Descriptor{MediaType: mediaTypeLayer, Digest: layer.Digest, Size: layer.Size})
		if err := s.link(layer.Digest, image.Repository, "_layers", "sha256", layer.Digest.Encoded()); err != nil {
			return "", err
		}
	}
	configDigest, size, err := s.addJSON(config)
	if err != nil {
		return "", err
	}
	if err := s.link(configDigest, image.Repository, "_layers", "sha256", configDigest.Encoded()); err != nil {
		return "", err
	}
	manifest.Config = v1.Descriptor{MediaType: mediaTypeConfig, Digest: configDigest, Size: size}
	manifestDigest, _, err := s.addJSON(manifest)
	if err != nil {
		return "", err
	}
	return manifestDigest, s.tag(image.Repository, image.Tags, manifestDigest)
}

// tag makes a manifest known in its repository, by digest and by tags.
func (s Storage) tag(repository string, tags []string, manifest digest.Digest) error {
	hex := manifest.Encoded()
	if err := s.link(manifest, repository, "_manifests", "revisions", "sha256", hex); err != nil {
		return err
	}
	for _, tag := range tags {
		if err := s.link(manifest, repository, "_manifests", "tags", tag, "index", "sha256", hex); err != nil {
			return err
		}
		if err := s.link(manifest, repository, "_manifests", "tags", tag, "current"); err != nil {
			return err
		}
	}
	return nil
}

// addJSON stores a value as a JSON blob.
func (s Storage) addJSON(value any) (digest.Digest, int64, error) {
	content, err := json.Marshal(value)
	if err != nil {
		return "", 0, err
	}
	sum := digest.FromBytes(content)
	return sum, int64(len(content)), write(s.blob(sum), content)
}

// blob is where the content with a digest is kept.
func (s Storage) blob(sum digest.Digest) string {
	hex := sum.Encoded()
	return filepath.Join(s.root, "docker/registry/v2/blobs/sha256", hex[:2], hex, "data")
}

// link makes a repository know a blob under some path.
func (s Storage) link(sum digest.Digest, repository string, path ...string) error {
	path = append([]string{s.root, "docker/registry/v2/repositories", repository}, append(path, "link")...)
	return write(filepath.Join(path...), []byte(sum))
}

func write(path string, content []byte) error {
	if err := makeParent(path); err != nil {
		return err
	}
	return os.WriteFile(path, content, 0o644)
}

func makeParent(path string) error { return os.MkdirAll(filepath.Dir(path), 0o755) }
