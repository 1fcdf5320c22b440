package artifacts

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	v1 "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/seed-3bc5c20b/azswarm/lab/artifacts/distribution"
)

// images collects what the steps have made for the registry.
type images []image

// image is an image of the registry: its name on Docker Hub, what it runs, and what its file system is made from. It has a single layer:
// each one costs every engine that pulls it a quarter of a second of work, and there are dozens of engines.
type image struct {
	repository string
	tags       []string
	config     v1.ImageConfig
	content    []content
}

// content is either a root file system in a tar or a few files.
type content struct {
	key   string // of its content
	tar   string
	files []distribution.File
}

const searchPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

var consulConfig = v1.ImageConfig{
	Entrypoint: []string{"docker-entrypoint.sh"},
	Cmd:        []string{"agent", "-dev", "-client", "0.0.0.0"},
	Env:        []string{searchPath},
	Volumes:    map[string]struct{}{"/consul/data": {}},
	ExposedPorts: map[string]struct{}{
		"8300/tcp": {}, "8301/tcp": {}, "8301/udp": {}, "8302/tcp": {}, "8302/udp": {}, "8500/tcp": {}, "8600/tcp": {}, "8600/udp": {},
	},
}

var registratorConfig = v1.ImageConfig{
	Entrypoint: []string{"/bin/registrator"},
	Env:        []string{searchPath},
}

var nginxConfig = v1.ImageConfig{
	Cmd:          []string{"nginx", "-g", "daemon off;"},
	Env:          []string{searchPath},
	ExposedPorts: map[string]struct{}{"80/tcp": {}},
	StopSignal:   "SIGQUIT", // lets requests finish
}

// recipe runs a recipe under lab/images, which writes a root file system, and returns it.
func (b *builder) recipe(ctx context.Context, name, title, takes string) (content, error) {
	script := b.path("lab", "images", name, "build.sh")
	key, err := files(filepath.Dir(script))
	if err != nil {
		return content{}, err
	}
	shared, err := files(b.path("lab", "images", "debian.sh"))
	if err != nil {
		return content{}, err
	}
	key = texts(key, shared, b.golang.platform)
	dir, err := b.store.get(ctx, artifact{
		name: name, key: key, title: title, takes: takes,
		build: func(ctx context.Context, dir string, log io.Writer) error {
			return run(ctx, log, dir, nil, script, filepath.Join(dir, "root.tar"))
		},
	})
	return content{key: key, tar: filepath.Join(dir, "root.tar")}, err
}

// nginx builds the web server that demos and tests run.
func (b *builder) nginx(ctx context.Context, set *Set) error {
	root, err := b.recipe(ctx, "nginx", "nginx image", "half a minute")
	if err != nil {
		return err
	}
	b.made = append(b.made, image{repository: "library/nginx", tags: []string{"1.28"}, config: nginxConfig, content: []content{root}})
	set.Substituted = append(set.Substituted, "nginx:1.28 is Debian's nginx-light, arranged like the official image, with curl")
	return nil
}

// registry writes everything made so far into a registry's storage.
func (b *builder) registry(ctx context.Context, set *Set) error {
	key, err := b.made.key(b.golang.platform)
	if err != nil {
		return err
	}
	dir, err := b.store.get(ctx, artifact{
		name: "registry", key: key, title: "Registry with " + b.made.names(), takes: "10 seconds",
		build: func(ctx context.Context, dir string, _ io.Writer) error {
			return b.made.write(ctx, dir, b.golang.platform)
		},
	})
	set.Registry = dir
	return err
}

func (all images) names() string {
	var names []string
	for _, i := range all {
		names = append(names, strings.TrimPrefix(i.repository, "library/")+":"+i.tags[0])
	}
	return strings.Join(names, ", ")
}

// key covers every image's name, configuration and content.
func (all images) key(platform string) (string, error) {
	parts := []string{"4", platform} // counts up when the storage is written differently
	for _, i := range all {
		config, err := json.Marshal(i.config)
		if err != nil {
			return "", err
		}
		parts = append(parts, i.repository, strings.Join(i.tags, " "), string(config))
		for _, c := range i.content {
			parts = append(parts, c.key)
			for _, f := range c.files {
				parts = append(parts, f.Path, fmt.Sprintf("%o", f.Mode))
			}
		}
	}
	return texts(parts...), nil
}

// write stores the images for a registry to serve.
func (all images) write(ctx context.Context, dir, platform string) error {
	storage := distribution.Open(dir)
	operatingSystem, architecture, _ := strings.Cut(platform, "/")
	for _, i := range all {
		target := distribution.Image{
			Repository: i.repository,
			Tags:       i.tags,
			Platform:   v1.Platform{OS: operatingSystem, Architecture: architecture},
			Config:     i.config,
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		layer, err := storage.AddLayer(i.writeLayer)
		if err != nil {
			return fmt.Errorf("image %s: %w", i.repository, err)
		}
		target.Layers = []distribution.Layer{layer}
		if _, err := storage.AddImage(target); err != nil {
			return fmt.Errorf("image %s: %w", i.repository, err)
		}
	}
	return nil
}

// writeLayer writes the image's file system.
func (i image) writeLayer(archive *distribution.Archive) error {
	for _, c := range i.content {
		if err := c.write(archive); err != nil {
			return err
		}
	}
	return nil
}

func (c content) write(archive *distribution.Archive) error {
	if c.tar == "" {
		return archive.WriteFiles(c.files...)
	}
	from, err := os.Open(c.tar)
	if err != nil {
		return err
	}
	defer from.Close()
	return archive.WriteTar(from)
}
