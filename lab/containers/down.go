package containers

import (
	"context"
	"errors"
	"fmt"
	"sync"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/docker/api/types/volume"
)

// removalsAtOnce is how many containers Down removes at a time: more only queue in the engine.
const removalsAtOnce = 8

// Down removes everything that carries this lab's label, and what the Cloud keeps in its state directory, whether it
// remembers creating it or not. What fails keeps nothing else from being removed.
func (c *Cloud) Down(ctx context.Context) error {
	c.edge.Lock()
	defer c.edge.Unlock()
	steps := []func(context.Context) error{c.removeContainers, c.removeVolumes, c.removeNetworks}
	var failed []error
	for _, step := range steps {
		failed = append(failed, step(ctx))
	}
	failed = append(failed, c.store.clear())
	if err := errors.Join(failed...); err != nil {
		return fmt.Errorf("lab %s down: %w", c.options.Lab, err)
	}
	return nil
}

func (c *Cloud) removeContainers(ctx context.Context) error {
	found, err := c.containers(ctx, "")
	if err != nil {
		return err
	}
	failed := make([]error, len(found))
	slots := make(chan struct{}, removalsAtOnce)
	var wait sync.WaitGroup
	for i, container := range found {
		wait.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			failed[i] = c.removeContainer(ctx, container.ID)
		})
	}
	wait.Wait()
	return errors.Join(failed...)
}

// removeVolumes removes volumes that an interrupted removal of their container left behind.
func (c *Cloud) removeVolumes(ctx context.Context) error {
	found, err := c.docker.VolumeList(ctx, volume.ListOptions{Filters: c.filter("")})
	if err != nil {
		return err
	}
	var failed []error
	for _, v := range found.Volumes {
		if err := c.docker.VolumeRemove(ctx, v.Name, true); err != nil && !cerrdefs.IsNotFound(err) {
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}

func (c *Cloud) removeNetworks(ctx context.Context) error {
	found, err := c.docker.NetworkList(ctx, network.ListOptions{Filters: c.filter("")})
	if err != nil {
		return err
	}
	var failed []error
	for _, n := range found {
		failed = append(failed, c.removeNetwork(ctx, n.ID))
	}
	return errors.Join(failed...)
}
