package artifacts

import (
	"context"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
)

// Engine is a static archive of Docker Engine, laid out like Docker's own.
type Engine struct {
	// Path is where the archive is below Set.Downloads, with slashes: "engine-0123456789abcdef/docker-20.10.24.tgz". Another
	// archive has another path.
	Path string
	// SHA256 is the archive's checksum, in hex.
	SHA256 string
	// Substituted names, in a sentence each, what is a stand-in for something else.
	Substituted []string
}

// swarmkitPatch brings Swarm mode's library, whose dependencies were vendored, to where libnetwork was when it had a module of
// its own, and to the present name of a type.
var swarmkitPatch = patch{
	module: "github.com/docker/swarmkit",
	pkg:    "github.com/docker/swarmkit/log",
	edits: []string{
		"github.com/docker/docker/libnetwork/", "github.com/docker/libnetwork/",
		"BasicKeyRequest", "KeyRequest",
	},
}

// EnsureEngine makes an archive of the last Docker Engine that can keep its networks in Consul, for Swarm as it was before
// engines had a Swarm mode. Like Ensure, it is safe to call from several processes at once and to interrupt.
func EnsureEngine(ctx context.Context, o Options) (*Engine, error) {
	b, err := newBuilder(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("artifacts: %w", err)
	}
	b.progress.total = 3
	b.progress.next()
	dockerd, version, err := b.dockerd(ctx)
	if err != nil {
		return nil, fmt.Errorf("artifacts: %w", err)
	}
	b.progress.next()
	node, err := b.store.get(ctx, nodeRoot)
	if err != nil {
		return nil, fmt.Errorf("artifacts: %w", err)
	}
	b.progress.next()
	engine, err := b.engine(ctx, filepath.Join(node, "root.tar"), dockerd, version)
	if err != nil {
		return nil, fmt.Errorf("artifacts: %w", err)
	}
	return engine, nil
}

// dockerd builds the daemon from its Go module, and returns its path and its version.
func (b *builder) dockerd(ctx context.Context) (dockerd, version string, err error) {
	tool := goTool{
		dir:     b.path("tools", "dockerd"),
		pkg:     "github.com/docker/docker/cmd/dockerd",
		module:  "github.com/docker/docker",
		tags:    "netgo,osusergo,exclude_graphdriver_aufs,exclude_graphdriver_btrfs,exclude_graphdriver_devicemapper,exclude_graphdriver_zfs",
		env:     []string{"CGO_ENABLED=0"}, // static, and without the C libraries of those storage drivers
		patches: []patch{swarmkitPatch},
	}
	required, err := tool.version()
	if err != nil {
		return "", "", err
	}
	if version, err = imageVersion(required); err != nil {
		return "", "", err
	}
	tool.ldflags = "-X github.com/docker/docker/dockerversion.Version=" + version
	key, err := tool.key(b.golang)
	if err != nil {
		return "", "", err
	}
	dir, err := b.store.get(ctx, artifact{
		name: "docker-daemon", key: key, title: "Docker daemon " + version, takes: "4 minutes the first time",
		build: func(ctx context.Context, dir string, log io.Writer) error {
			return tool.build(ctx, log, filepath.Join(dir, "dockerd"))
		},
	})
	return filepath.Join(dir, "dockerd"), version, err
}

// engine packs the daemon, and the programs around it from the machines' root file system, where machines find the archive.
func (b *builder) engine(ctx context.Context, node, dockerd, version string) (*Engine, error) {
	script := b.path("lab", "images", "engine", "build.sh")
	key, err := files(script)
	if err != nil {
		return nil, err
	}
	sum, err := fileSum(dockerd)
	if err != nil {
		return nil, err
	}
	downloads, err := b.downloads()
	if err != nil {
		return nil, err
	}
	name := "docker-" + version + ".tgz"
	served := store{dir: downloads, progress: b.progress}
	dir, err := served.get(ctx, artifact{
		name: "engine", key: texts(nodeRoot.key, key, sum), title: "Docker Engine " + version, takes: "20 seconds",
		build: func(ctx context.Context, dir string, log io.Writer) error {
			return run(ctx, log, dir, nil, script, node, dockerd, filepath.Join(dir, name))
		},
	})
	if err != nil {
		return nil, err
	}
	engine := &Engine{Path: path.Join(filepath.Base(dir), name)}
	if engine.SHA256, err = fileSum(filepath.Join(dir, name)); err != nil {
		return nil, err
	}
	engine.Substituted = []string{
		name + " has a dockerd built from its Go modules, with the Consul cluster store, and around it the programs of Debian's packages, which need Debian's libraries",
	}
	return engine, nil
}

// downloads makes the directory whose files machines can download.
func (b *builder) downloads() (string, error) {
	dir := filepath.Join(b.store.dir, "downloads")
	return dir, os.MkdirAll(dir, 0o755)
}
