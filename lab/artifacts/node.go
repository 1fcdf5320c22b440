package artifacts

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/containerd/errdefs"
	dockerimage "github.com/docker/docker/api/types/image"
	"github.com/docker/docker/client"

	"github.com/seed-3bc5c20b/azswarm/lab/images/node"
)

// nodeRoot is the root file system of the machines' image, in root.tar.
var nodeRoot = artifact{
	name: "node", key: node.Digest(), title: "Node image", takes: "2 minutes",
	build: func(ctx context.Context, dir string, log io.Writer) error {
		return node.Build(ctx, filepath.Join(dir, "root.tar"), log)
	},
}

// node makes the machines' image present in the local Docker.
func (b *builder) node(ctx context.Context, set *Set) error {
	set.NodeImage = "azswarm-lab/node:" + node.Digest()
	set.Substituted = append(set.Substituted, "virtual machines are containers of "+set.NodeImage+": Debian 12 with systemd, cloud-init and Docker's engine")
	docker, err := client.NewClientWithOpts(client.FromEnv, client.WithAPIVersionNegotiation())
	if err != nil {
		return fmt.Errorf("%s: %w", nodeRoot.title, err)
	}
	defer docker.Close()
	switch _, err := docker.ImageInspect(ctx, set.NodeImage); {
	case err == nil:
		b.progress.say(nodeRoot.title, "present in Docker as %s", set.NodeImage)
		return nil
	case !errdefs.IsNotFound(err):
		return fmt.Errorf("%s: %w", nodeRoot.title, err)
	}
	dir, err := b.store.get(ctx, nodeRoot)
	if err != nil {
		return err
	}
	unlock, err := b.store.lock(ctx, nodeRoot) // two imports at once would cost 500 MB each
	if err != nil {
		return err
	}
	defer unlock()
	if _, err := docker.ImageInspect(ctx, set.NodeImage); err == nil {
		return nil
	}
	start := time.Now()
	if err := importImage(ctx, docker, filepath.Join(dir, "root.tar"), set.NodeImage, node.Changes); err != nil {
		return fmt.Errorf("%s: %w", nodeRoot.title, err)
	}
	b.progress.say(nodeRoot.title, "imported into Docker as %s in %s", set.NodeImage, since(start))
	return nil
}

// importImage makes an image of a root file system in a tar.
func importImage(ctx context.Context, docker *client.Client, tar, ref string, changes []string) error {
	file, err := os.Open(tar)
	if err != nil {
		return err
	}
	defer file.Close()
	output, err := docker.ImageImport(ctx, dockerimage.ImportSource{Source: file, SourceName: "-"}, ref, dockerimage.ImportOptions{Changes: changes})
	if err != nil {
		return fmt.Errorf("import %s: %w", ref, err)
	}
	defer output.Close()
	if _, err := io.Copy(io.Discard, output); err != nil {
		return fmt.Errorf("import %s: %w", ref, err)
	}
	// Errors in mid-import come as messages in the output; that the image exists tells success for sure.
	if _, err := docker.ImageInspect(ctx, ref); err != nil {
		return fmt.Errorf("import %s: Docker took the root file system and has no image: %w", ref, err)
	}
	return nil
}
