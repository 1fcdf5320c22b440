// Package node is the recipe of the node image, the machine every VM of the lab runs as.
package node

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

//go:embed build.sh init.sh cloud.cfg
var recipe embed.FS

// Changes are the Dockerfile instructions to import the root file system with ("docker import --change").
var Changes = []string{`CMD ["/usr/local/sbin/azswarm-init"]`}

// Digest names this version of the recipe: an image built from another one has another digest.
func Digest() string {
	sum := sha256.New()
	for _, change := range Changes {
		fmt.Fprintln(sum, change)
	}
	entries, err := recipe.ReadDir(".")
	if err != nil {
		panic(err) // embedded: can't fail
	}
	for _, entry := range entries {
		content, err := recipe.ReadFile(entry.Name())
		if err != nil {
			panic(err) // embedded: can't fail
		}
		fmt.Fprintln(sum, entry.Name(), len(content))
		sum.Write(content)
	}
	return hex.EncodeToString(sum.Sum(nil))[:12]
}

// Build writes the image's root file system to the tar file, reporting its progress in lines of text. It takes about
// two minutes and leaves no half-written file under that name.
func Build(ctx context.Context, tar string, progress io.Writer) error {
	tar, err := filepath.Abs(tar)
	if err != nil {
		return fmt.Errorf("build node image: %w", err)
	}
	dir, err := os.MkdirTemp("", "azswarm-node-")
	if err != nil {
		return fmt.Errorf("build node image: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }() // a temporary directory left behind harms nobody
	if err := fs.WalkDir(recipe, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := recipe.ReadFile(name)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(dir, name), content, 0o700)
	}); err != nil {
		return fmt.Errorf("build node image: %w", err)
	}
	build := exec.CommandContext(ctx, filepath.Join(dir, "build.sh"), tar)
	build.Stdout, build.Stderr = progress, progress
	// Interrupted as from a terminal, mmdebstrap and all, with a moment to unmount what it mounted.
	build.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	build.Cancel = func() error { return syscall.Kill(-build.Process.Pid, syscall.SIGINT) }
	build.WaitDelay = 10 * time.Second
	if err := build.Run(); err != nil {
		return fmt.Errorf("build node image %s: %w", tar, err)
	}
	return nil
}
