package artifacts

import (
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// The oldest CLI that azswarm works with: as README says, the first that knows replacement triggers.
const pulumiMajor, pulumiMinor = 3, 217

// pulumi finds or builds the CLI and the one language host that stands beside it.
func (b *builder) pulumi(ctx context.Context, set *Set) error {
	if !b.force {
		if dir, version := installedPulumi(ctx); dir != "" {
			b.progress.say("Pulumi CLI "+version, "installed in %s", dir)
			set.Pulumi = dir
			return nil
		}
	}
	cli := goTool{
		dir:    b.path("tools", "pulumi"),
		pkg:    "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
		module: "github.com/pulumi/pulumi/pkg/v3",
		// Without a version the Automation API and refresh refuse to work with it.
		ldflags: "-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=%s",
	}
	host := goTool{
		dir:    b.path("tools", "pulumi-language-go"),
		pkg:    "github.com/pulumi/pulumi/sdk/v3/go/pulumi-language-go",
		module: "github.com/pulumi/pulumi/sdk/v3",
	}
	version, err := cli.version()
	if err != nil {
		return err
	}
	cliKey, err := cli.key(b.golang)
	if err != nil {
		return err
	}
	hostKey, err := host.key(b.golang)
	if err != nil {
		return err
	}
	dir, err := b.store.get(ctx, artifact{
		name: "pulumi", key: texts(cliKey, hostKey), title: "Pulumi CLI " + version + " and its Go language host", takes: "9 minutes the first time",
		build: func(ctx context.Context, dir string, log io.Writer) error {
			if err := cli.build(ctx, log, filepath.Join(dir, "pulumi")); err != nil {
				return err
			}
			return host.build(ctx, log, filepath.Join(dir, "pulumi-language-go"))
		},
	})
	set.Pulumi = dir
	return err
}

// installedPulumi is the directory on PATH with a usable CLI and its Go language host, and the CLI's version.
func installedPulumi(ctx context.Context) (dir, version string) {
	cli, err := exec.LookPath("pulumi")
	if err != nil {
		return "", ""
	}
	cli, err = filepath.EvalSymlinks(cli) // installers link the CLI and leave the hosts where it is
	if err != nil {
		return "", ""
	}
	dir = filepath.Dir(cli)
	if _, err := os.Stat(filepath.Join(dir, "pulumi-language-go")); err != nil {
		return "", ""
	}
	cmd := exec.CommandContext(ctx, cli, "version")
	cmd.Env = append(os.Environ(), "PULUMI_SKIP_UPDATE_CHECK=true")
	out, err := cmd.Output()
	version = strings.TrimSpace(string(out))
	if err != nil || !pulumiUsable(version) {
		return "", ""
	}
	return dir, version
}

// pulumiUsable says whether a CLI of this version ("v3.259.0") can run azswarm.
func pulumiUsable(version string) bool {
	parts := strings.SplitN(strings.TrimPrefix(version, "v"), ".", 3)
	if len(parts) != 3 {
		return false
	}
	major, err1 := strconv.Atoi(parts[0])
	minor, err2 := strconv.Atoi(parts[1])
	return err1 == nil && err2 == nil && major == pulumiMajor && minor >= pulumiMinor
}
