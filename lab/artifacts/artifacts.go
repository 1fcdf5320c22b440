// Package artifacts builds what the lab needs and cannot count on downloading: the Pulumi CLI with its Go
// language host, the machines' image, and the images a cluster pulls. Everything is pinned in this
// repository and cached outside the clone, keyed by what it is made from, so that each is built once.
package artifacts

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// Hub says whether the cluster's images come from Docker Hub.
type Hub string

const (
	// HubDetect asks Docker Hub, and takes it where it answers.
	HubDetect Hub = ""
	// HubAlways takes the images from Docker Hub, through a cache.
	HubAlways Hub = "always"
	// HubNever builds the images on this machine.
	HubNever Hub = "never"
)

// Options are what Ensure can be told. The zero value is right on an ordinary machine.
type Options struct {
	// Root is the clone of azswarm; where empty, it is found from the working directory upwards, or else from where this program is,
	// or from Near.
	Root string
	// Near is a directory that may be in a clone; empty for none.
	Near string
	// Cache is where artifacts are kept; by default azswarm-lab under XDG_CACHE_HOME, or under ~/.cache.
	Cache string
	// Build builds the Pulumi CLI even where a usable one is installed.
	Build bool
	// Hub says where the cluster's images come from.
	Hub Hub
	// ToolsOnly makes the Pulumi CLI alone, which is all that a lab without machines needs.
	ToolsOnly bool
	// Runtime is the program's language, as its project names it: "go", "yaml" or "nodejs", or any whose host an installed CLI has beside it.
	// Those but Go also get the provider of azswarm's package. Default "go".
	Runtime string
	// Progress gets one line per artifact; os.Stderr where nil.
	Progress io.Writer
}

// Set is everything the lab runs on.
type Set struct {
	// Pulumi is the directory with the pulumi CLI and exactly one pulumi-language-go.
	Pulumi string
	// language and provider are directories of what programs in other languages need; empty for those in Go.
	language, provider string
	// NodeImage is the machines' image, present in the local Docker.
	NodeImage string
	// Registry is the storage directory of the registry that nodes take for Docker Hub. It is shared by all
	// labs of this user: serve it read-only, except where Upstream is set.
	Registry string
	// Upstream says that Registry is the cache of a pull-through registry for Docker Hub: it starts empty,
	// and the registry must be configured as a proxy and be able to write to it.
	Upstream bool
	// Downloads is the directory whose files machines can download, such as an Engine, once there is one. It is shared as
	// Registry is.
	Downloads string
	// Substituted names, in a sentence each, what is a stand-in for something else.
	Substituted []string
}

// Ensure makes everything in Set exist and says where it is. It is safe to call from several processes at
// once: one builds, the others wait. A call that is interrupted leaves nothing half done behind.
func Ensure(ctx context.Context, o Options) (*Set, error) {
	switch o.Hub {
	case HubDetect, HubAlways, HubNever:
	default:
		return nil, fmt.Errorf("artifacts: Hub is %q: must be %q, %q, or empty to find out", o.Hub, HubAlways, HubNever)
	}
	b, err := newBuilder(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("artifacts: %w", err)
	}
	set := &Set{}
	if o.ToolsOnly {
		b.progress.total = 1
		b.progress.next()
		if err := b.programs(ctx, o.Runtime, set); err != nil {
			return nil, fmt.Errorf("artifacts: %w", err)
		}
		return set, nil
	}
	if set.Downloads, err = b.downloads(); err != nil {
		return nil, fmt.Errorf("artifacts: %w", err)
	}
	set.Upstream = o.Hub == HubAlways || o.Hub == HubDetect && hubAnswers(ctx, hubEndpoint)
	programs := func(ctx context.Context, set *Set) error { return b.programs(ctx, o.Runtime, set) }
	steps := []func(context.Context, *Set) error{programs, b.node}
	if set.Upstream {
		steps = append(steps, b.pullThrough)
	} else {
		steps = append(steps, b.base, b.consul, b.registrator, b.swarm, b.nginx, b.imageCache, b.registry)
	}
	b.progress.total = len(steps)
	for _, step := range steps {
		b.progress.next()
		if err := step(ctx, set); err != nil {
			return nil, fmt.Errorf("artifacts: %w", err)
		}
	}
	return set, nil
}

// builder carries what the steps share.
type builder struct {
	root       string
	force      bool
	store      store
	progress   *progress
	golang     toolchain
	foundation content
	made       images
}

func newBuilder(ctx context.Context, o Options) (*builder, error) {
	root, err := findRoot(o.Root, o.Near)
	if err != nil {
		return nil, err
	}
	cache, err := cacheDir(o.Cache)
	if err != nil {
		return nil, err
	}
	golang, err := findToolchain(ctx)
	if err != nil {
		return nil, err
	}
	out := o.Progress
	if out == nil {
		out = os.Stderr
	}
	p := &progress{out: out}
	return &builder{root: root, force: o.Build, store: store{dir: cache, progress: p}, progress: p, golang: golang}, nil
}

func (b *builder) path(elem ...string) string {
	return filepath.Join(append([]string{b.root}, elem...)...)
}

// cacheDir is where artifacts are kept.
func cacheDir(configured string) (string, error) {
	dir := configured
	if dir == "" {
		base, err := os.UserCacheDir()
		if err != nil {
			return "", fmt.Errorf("no cache directory: %w", err)
		}
		dir = filepath.Join(base, "azswarm-lab")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	return dir, os.MkdirAll(dir, 0o755)
}

// findRoot is the clone that holds the recipes.
func findRoot(configured, near string) (string, error) {
	if configured != "" {
		return filepath.Abs(configured)
	}
	working, err := os.Getwd()
	if err != nil {
		return "", err
	}
	starts := []string{working}
	if self, err := os.Executable(); err == nil {
		starts = append(starts, filepath.Dir(self)) // make builds it into its clone
	}
	if near != "" {
		if near, err = filepath.Abs(near); err != nil {
			return "", err
		}
		starts = append(starts, near)
	}
	for _, start := range starts {
		if root, err := rootAbove(start); root != "" || err != nil {
			return root, err
		}
	}
	return "", fmt.Errorf("none of %s, nor a directory above them, is a clone of azswarm: run the lab of a clone, or in one", strings.Join(starts, ", "))
}

// rootAbove is the clone that a directory is in; "" for none.
func rootAbove(start string) (string, error) {
	for dir := start; ; dir = filepath.Dir(dir) {
		_, err := os.Stat(filepath.Join(dir, "tools", "consul", "go.mod"))
		if err == nil {
			return dir, nil
		}
		if !errors.Is(err, os.ErrNotExist) {
			return "", err
		}
		if dir == filepath.Dir(dir) {
			return "", nil
		}
	}
}
