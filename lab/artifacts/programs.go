package artifacts

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/seed-3bc5c20b/azswarm/lab/artifacts/distribution"
)

// base builds the small root file system under the images of static programs.
func (b *builder) base(ctx context.Context, _ *Set) (err error) {
	b.foundation, err = b.recipe(ctx, "base", "Base of the images", "10 seconds")
	return err
}

// consul builds Consul from its Go module and arranges it like the official image.
func (b *builder) consul(ctx context.Context, set *Set) error {
	tool := goTool{
		dir:    b.path("tools", "consul"),
		pkg:    "github.com/hashicorp/consul",
		module: "github.com/hashicorp/consul",
		env:    []string{"CGO_ENABLED=0"}, // the base has no C library
	}
	required, err := tool.version()
	if err != nil {
		return err
	}
	version, err := imageVersion(required)
	if err != nil {
		return err
	}
	key, err := tool.key(b.golang)
	if err != nil {
		return err
	}
	title := "Consul " + version
	dir, err := b.store.get(ctx, artifact{
		name: "consul", key: key, title: title, takes: "5 minutes the first time",
		build: func(ctx context.Context, dir string, log io.Writer) error {
			return tool.build(ctx, log, filepath.Join(dir, "consul"))
		},
	})
	if err != nil {
		return err
	}
	entrypoint := b.path("lab", "images", "consul", "docker-entrypoint.sh")
	entrypointKey, err := files(entrypoint)
	if err != nil {
		return err
	}
	b.made = append(b.made, image{
		repository: "hashicorp/consul",
		tags:       []string{version[:strings.LastIndex(version, ".")], version},
		config:     consulConfig,
		content: []content{
			b.foundation,
			{key: entrypointKey, files: []distribution.File{{Path: "/usr/local/bin/docker-entrypoint.sh", From: entrypoint, Mode: 0o755}}},
			{key: key, files: []distribution.File{{Path: "/bin/consul", From: filepath.Join(dir, "consul"), Mode: 0o755}}},
		},
	})
	set.Substituted = append(set.Substituted, "hashicorp/consul:"+version+" is built from Consul's Go module, unmodified, on busybox instead of Alpine")
	return nil
}

// registrator builds the stand-in for the one image whose source can't be had as a module.
func (b *builder) registrator(ctx context.Context, set *Set) error {
	lab := b.path("lab")
	source, err := files(filepath.Join(lab, "registrator"), "_test.go")
	if err != nil {
		return err
	}
	modules, err := b.golang.modules(ctx, lab, "./registrator")
	if err != nil {
		return err
	}
	key := texts(source, modules, b.golang.version)
	dir, err := b.store.get(ctx, artifact{
		name: "registrator", key: key, title: "Registrator stand-in", takes: "a minute the first time",
		build: func(ctx context.Context, dir string, log io.Writer) error {
			return goBuild(ctx, log, lab, []string{"CGO_ENABLED=0"}, "-ldflags", "-s -w", "-o", filepath.Join(dir, "registrator"), "./registrator")
		},
	})
	if err != nil {
		return err
	}
	b.made = append(b.made, image{
		repository: "gliderlabs/registrator",
		tags:       []string{"v7"},
		config:     registratorConfig,
		content: []content{
			b.foundation,
			{key: key, files: []distribution.File{{Path: "/bin/registrator", From: filepath.Join(dir, "registrator"), Mode: 0o755}}},
		},
	})
	set.Substituted = append(set.Substituted, "gliderlabs/registrator:v7 is the lab's own stand-in with the same flags, for the Consul backend")
	return nil
}

// imageVersion trims what Go adds to versions and images don't: the v, and the mark of a module that has no go.mod.
func imageVersion(version string) (string, error) {
	trimmed, ok := strings.CutPrefix(strings.TrimSuffix(version, "+incompatible"), "v")
	if !ok || strings.Count(trimmed, ".") != 2 {
		return "", fmt.Errorf("version %q: must be like v1.22.7", version)
	}
	return trimmed, nil
}
