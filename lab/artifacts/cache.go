package artifacts

import (
	"context"
	"io"
	"path/filepath"

	v1 "github.com/opencontainers/image-spec/specs-go/v1"
)

// imageCacheConfig is the official image's, but for the start script, which passes its arguments on.
var imageCacheConfig = v1.ImageConfig{
	Entrypoint:   []string{"/bin/registry"},
	Cmd:          []string{"serve", "/etc/docker/registry/config.yml"},
	Env:          []string{searchPath},
	Volumes:      map[string]struct{}{"/var/lib/registry": {}},
	ExposedPorts: map[string]struct{}{"5000/tcp": {}},
}

// imageCache packs the registry of the machines' root file system as the image of the cluster's image cache.
func (b *builder) imageCache(ctx context.Context, set *Set) error {
	script := b.path("lab", "images", "registry", "build.sh")
	key, err := files(script)
	if err != nil {
		return err
	}
	key = texts(nodeRoot.key, key)
	dir, err := b.store.get(ctx, artifact{
		name: "image-cache", key: key, title: "Image cache", takes: "10 seconds",
		build: func(ctx context.Context, dir string, log io.Writer) error {
			node, err := b.store.get(ctx, nodeRoot)
			if err != nil {
				return err
			}
			return run(ctx, log, dir, nil, script, filepath.Join(node, "root.tar"), filepath.Join(dir, "root.tar"))
		},
	})
	if err != nil {
		return err
	}
	b.made = append(b.made, image{
		repository: "library/registry",
		tags:       []string{"2"},
		config:     imageCacheConfig,
		content:    []content{b.foundation, {key: key, tar: filepath.Join(dir, "root.tar")}},
	})
	set.Substituted = append(set.Substituted, "registry:2 is Debian's docker-registry, arranged like the official image")
	return nil
}
