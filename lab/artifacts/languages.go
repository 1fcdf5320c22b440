package artifacts

import (
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// hosts are the language hosts of programs that aren't in Go, by the runtime that their project names.
var hosts = map[string]goTool{
	"yaml": {
		pkg:    "github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml",
		module: "github.com/pulumi/pulumi-yaml",
	},
	// The last one in a module that proxies have. It runs programs with the SDK that their package.json names.
	"nodejs": {
		pkg:    "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs",
		module: "github.com/pulumi/pulumi/sdk/v3",
	},
}

// programs makes what programs in a language run with.
func (b *builder) programs(ctx context.Context, runtime string, set *Set) error {
	if err := b.pulumi(ctx, set); err != nil {
		return err
	}
	return b.language(ctx, runtime, set)
}

// language finds or builds the host of a program that isn't in Go, whose own host the CLI comes with, and the provider that such a
// program has azswarm's package from.
func (b *builder) language(ctx context.Context, runtime string, set *Set) error {
	if runtime == "" || runtime == "go" {
		return nil
	}
	name := "pulumi-language-" + runtime
	if _, err := os.Stat(filepath.Join(set.Pulumi, name)); err != nil {
		host, known := hosts[runtime]
		if !known {
			return fmt.Errorf("there is no %s beside the Pulumi CLI, and none is built for the runtime %q: programs may be in %s, or have an installed CLI with their host", name, runtime, strings.Join(append([]string{"go"}, slices.Sorted(maps.Keys(hosts))...), ", "))
		}
		host.dir = b.path("tools", name)
		key, err := host.key(b.golang)
		if err != nil {
			return err
		}
		if set.language, err = b.store.get(ctx, artifact{
			name: name, key: key, title: "Language host for " + runtime, takes: "3 minutes the first time",
			build: func(ctx context.Context, dir string, log io.Writer) error {
				return host.build(ctx, log, filepath.Join(dir, name))
			},
		}); err != nil {
			return err
		}
	}
	return b.provider(ctx, set)
}

// provider builds the provider of azswarm's package. What it is made from changes as often as the program, so Go's own cache says what
// there is to do, and each clone has one. Flags that change how packages compile, such as -trimpath, would have that cache take Azure's
// SDK a second time.
func (b *builder) provider(ctx context.Context, set *Set) error {
	set.provider = filepath.Join(b.store.dir, "provider-"+texts(b.root))
	if err := os.MkdirAll(set.provider, 0o755); err != nil {
		return err
	}
	binary := filepath.Join(set.provider, "pulumi-resource-azswarm")
	if _, err := os.Stat(binary); err != nil {
		b.progress.say("Provider of azswarm's package", "compiling; Azure's SDK takes some minutes of that")
	}
	var log strings.Builder
	err := run(ctx, &log, b.path("tools", "provider"), []string{"GOFLAGS=-mod=readonly", "GOWORK=off"},
		"go", "build", "-buildvcs=false", "-ldflags", "-s", "-o", binary, ".")
	if err != nil {
		return fmt.Errorf("the provider of azswarm's package: %w\n%s", err, log.String())
	}
	return nil
}

// Path is where the Pulumi CLI finds itself and what it runs, as in PATH.
func (s *Set) Path() string {
	dirs := slices.DeleteFunc([]string{s.Pulumi, s.language, s.provider}, func(dir string) bool { return dir == "" })
	return strings.Join(dirs, string(os.PathListSeparator))
}
