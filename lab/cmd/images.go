package cmd

import (
	"context"
	"fmt"

	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/api/types/image"
)

// imageRepository is what the lab's machines' images are named after, whatever their version.
const imageRepository = "azswarm-lab/*"

// removeImages removes the images of machines from Docker.
func removeImages(ctx context.Context) error {
	docker, err := dockerClient()
	if err != nil {
		return err
	}
	defer func() { _ = docker.Close() }()
	images, err := docker.ImageList(ctx, image.ListOptions{Filters: filters.NewArgs(filters.Arg("reference", imageRepository))})
	if err != nil {
		return fmt.Errorf("list the machines' images: %w", err)
	}
	for _, found := range images {
		// Not by force: a machine of another lab may run on it.
		if _, err := docker.ImageRemove(ctx, found.ID, image.RemoveOptions{PruneChildren: true}); err != nil {
			return fmt.Errorf("remove a machines' image (take the other labs down first): %w", err)
		}
	}
	return nil
}
