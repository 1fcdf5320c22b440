package docker

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/containerd/errdefs"
	containers "github.com/docker/docker/api/types/container"
	networks "github.com/docker/docker/api/types/network"
	"github.com/docker/docker/client"
)

// container is docker:index/container:Container.
type container struct {
	timing timing
}

func (container) schema() schema { return containerSchema }
func (container) meta() string   { return `{"schema_version":"2"}` }

func (c container) create(ctx context.Context, docker *client.Client, planned object) (string, error) {
	want := view(planned)
	image := want.text("image")
	if _, err := ensureImage(ctx, docker, image, ""); err != nil {
		return "", pluginError("Unable to create container with image %s: %w", image, err)
	}
	config, host, err := containerConfig(want)
	if err != nil {
		return "", err
	}
	created, err := docker.ContainerCreate(ctx, config, host, firstNetwork(want), nil, want.text("name"))
	if err != nil {
		return "", pluginError("Unable to create container: %w", err)
	}
	if err := c.start(ctx, docker, created.ID, want); err != nil {
		// Nothing may be left: its name would be taken at the next attempt.
		removal := docker.ContainerRemove(context.WithoutCancel(ctx), created.ID, containers.RemoveOptions{Force: true, RemoveVolumes: true})
		if errdefs.IsNotFound(removal) {
			removal = nil
		}
		return "", errors.Join(err, removal)
	}
	return created.ID, nil
}

// start connects the container to its other networks, starts it and, with mustRun, sees that it keeps running.
func (c container) start(ctx context.Context, docker *client.Client, id string, want view) error {
	for i, network := range want.blocks("networksAdvanced") {
		if i == 0 {
			continue // it was created in that one
		}
		if err := docker.NetworkConnect(ctx, network.text("name"), id, endpoint(network)); err != nil {
			return pluginError("Unable to connect to network '%s': %w", network.text("name"), err)
		}
	}
	if !want.flag("start") {
		return nil
	}
	if err := docker.ContainerStart(ctx, id, containers.StartOptions{}); err != nil {
		return pluginError("Unable to start container: %w", err)
	}
	bound := time.Duration(want.number("containerReadRefreshTimeoutMilliseconds")) * time.Millisecond
	return c.awaitStart(ctx, docker, id, want.flag("mustRun"), bound)
}

// awaitStart returns when the container has run for a moment, or has run and ended.
func (c container) awaitStart(ctx context.Context, docker *client.Client, id string, mustRun bool, bound time.Duration) error {
	runningSince := time.Time{}
	settled, err := c.timing.until(ctx, bound, func(ctx context.Context) (bool, error) {
		found, err := docker.ContainerInspect(ctx, id)
		if err != nil {
			return false, err
		}
		switch {
		case found.State.Running && runningSince.IsZero():
			runningSince = c.timing.now()
		case found.State.Running:
			return c.timing.now().Sub(runningSince) >= c.timing.immediateExit, nil
		case found.State.Status == containers.StateExited:
			if mustRun {
				return false, errors.New("container exited immediately")
			}
			return true, nil
		}
		return false, nil
	})
	if err == nil && !settled && mustRun {
		return fmt.Errorf("container %s did not come up within %s", id, bound)
	}
	return err
}

// read drops a container that must run and does not: it is removed from the host, so that its name is free for
// the next one.
func (c container) read(ctx context.Context, docker *client.Client, id string, state object) (object, error) {
	found, err := docker.ContainerInspect(ctx, id)
	if errdefs.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	had := view(state)
	if had.flag("mustRun") && had.flag("start") && !found.State.Running {
		return nil, c.remove(ctx, docker, id, state)
	}
	image, err := docker.ImageInspect(ctx, found.Image)
	if err != nil && !errdefs.IsNotFound(err) {
		return nil, err
	}
	var inherited []string
	if image.Config != nil {
		inherited = image.Config.Env
	}
	return readContainer(found, inherited), nil
}

func (container) update(ctx context.Context, docker *client.Client, id string, _, planned object) error {
	want := view(planned)
	memory := want.number("memory") * mebibyte
	swap := want.number("memorySwap")
	if swap > 0 {
		swap *= mebibyte
	}
	_, err := docker.ContainerUpdate(ctx, id, containers.UpdateConfig{
		RestartPolicy: restartPolicy(want),
		Resources: containers.Resources{
			CPUShares:         want.number("cpuShares"),
			CPUPeriod:         want.number("cpuPeriod"),
			CPUQuota:          want.number("cpuQuota"),
			CpusetCpus:        want.text("cpuSet"),
			Memory:            memory,
			MemoryReservation: want.number("memoryReservation") * mebibyte,
			MemorySwap:        swap,
		},
	})
	if err != nil {
		return pluginError("Unable to update a container: %w", err)
	}
	return nil
}

func (c container) remove(ctx context.Context, docker *client.Client, id string, state object) error {
	had := view(state)
	if grace := int(had.number("destroyGraceSeconds")); grace > 0 {
		if err := docker.ContainerStop(ctx, id, containers.StopOptions{Timeout: &grace}); err != nil && !errdefs.IsNotFound(err) {
			return err
		}
	}
	err := docker.ContainerRemove(ctx, id, containers.RemoveOptions{RemoveVolumes: had.flag("removeVolumes"), Force: true})
	if err == nil || errdefs.IsNotFound(err) {
		return nil
	}
	if !errdefs.IsConflict(err) {
		return err
	}
	// Somebody else (rm: true, or an earlier call) is removing it already.
	gone, waitErr := c.timing.until(ctx, c.timing.removal, func(ctx context.Context) (bool, error) {
		_, inspectErr := docker.ContainerInspect(ctx, id)
		return errdefs.IsNotFound(inspectErr), nil
	})
	if waitErr == nil && !gone {
		return err
	}
	return waitErr
}

// firstNetwork is the network a container is created in; the API takes one.
func firstNetwork(want view) *networks.NetworkingConfig {
	list := want.blocks("networksAdvanced")
	if len(list) == 0 {
		return nil
	}
	return &networks.NetworkingConfig{EndpointsConfig: map[string]*networks.EndpointSettings{
		list[0].text("name"): endpoint(list[0]),
	}}
}

func endpoint(network view) *networks.EndpointSettings {
	settings := &networks.EndpointSettings{Aliases: network.texts("aliases"), MacAddress: network.text("macAddress")}
	v4, v6 := network.text("ipv4Address"), network.text("ipv6Address")
	if v4 != "" || v6 != "" {
		settings.IPAMConfig = &networks.EndpointIPAMConfig{IPv4Address: v4, IPv6Address: v6}
	}
	return settings
}
