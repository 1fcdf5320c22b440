package artifacts

import (
	"context"
	"io"
	"path/filepath"

	v1 "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/seed-3bc5c20b/azswarm/lab/artifacts/distribution"
)

// swarmConfig is the official image's, which has nothing but the program.
var swarmConfig = v1.ImageConfig{
	Entrypoint:   []string{"/swarm"},
	Cmd:          []string{"--help"},
	Env:          []string{searchPath, "SWARM_HOST=:2375"}, // where "manage" listens by default
	Volumes:      map[string]struct{}{"/.swarm": {}},
	ExposedPorts: map[string]struct{}{"2375/tcp": {}},
}

// swarmPatch brings Swarm's last release, whose dependencies were vendored, to the oldest versions of them that are modules:
// logrus under its present name, and Docker's client after it renamed some of its functions.
var swarmPatch = patch{
	module: "github.com/docker/swarm",
	pkg:    "github.com/docker/swarm",
	edits: []string{
		"github.com/Sirupsen/logrus", "github.com/sirupsen/logrus",
		"IsErrImageNotFound(", "IsErrNotFound(",
		"IsErrContainerNotFound(", "IsErrNotFound(",
		"ContainerExecAttach(ctx context.Context, execID string, config types.ExecConfig)",
		"ContainerExecAttach(ctx context.Context, execID string, config types.ExecStartCheck)",
	},
}

// swarm builds classic Swarm from its Go module and arranges it like the official image.
func (b *builder) swarm(ctx context.Context, set *Set) error {
	tool := goTool{
		dir:     b.path("tools", "swarm"),
		pkg:     "github.com/docker/swarm",
		module:  "github.com/docker/swarm",
		env:     []string{"CGO_ENABLED=0"}, // the image has no C library
		patches: []patch{swarmPatch},
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
	dir, err := b.store.get(ctx, artifact{
		name: "swarm", key: key, title: "Swarm " + version, takes: "a minute the first time",
		build: func(ctx context.Context, dir string, log io.Writer) error {
			return tool.build(ctx, log, filepath.Join(dir, "swarm"))
		},
	})
	if err != nil {
		return err
	}
	b.made = append(b.made, image{
		repository: "library/swarm",
		tags:       []string{version},
		config:     swarmConfig,
		content:    []content{{key: key, files: []distribution.File{{Path: "/swarm", From: filepath.Join(dir, "swarm"), Mode: 0o755}}}},
	})
	set.Substituted = append(set.Substituted, "swarm:"+version+" is built from Swarm's Go module, for the versions of its dependencies that are modules")
	return nil
}
