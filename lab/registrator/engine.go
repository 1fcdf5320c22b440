package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/containerd/errdefs"
	types "github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/events"
	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/client"
	"github.com/docker/go-connections/nat"
)

// defaultDockerHost is where the original expects Docker's socket to be mounted.
const defaultDockerHost = "unix:///tmp/docker.sock"

// engine is the Docker engine whose containers are registered.
type engine struct {
	client *client.Client
}

func newEngine(host string) (engine, error) {
	if host == "" {
		host = defaultDockerHost
	}
	c, err := client.NewClientWithOpts(client.WithTLSClientConfigFromEnv(), client.WithHost(host), client.WithAPIVersionNegotiation())
	if err != nil {
		return engine{}, fmt.Errorf("DOCKER_HOST %q: %w", host, err)
	}
	return engine{client: c}, nil
}

// changes reports the containers that start and die from now on.
func (e engine) changes(ctx context.Context) (<-chan events.Message, <-chan error) {
	return e.client.Events(ctx, events.ListOptions{Filters: filters.NewArgs(
		filters.Arg("type", string(events.ContainerEventType)),
		filters.Arg("event", string(events.ActionStart)),
		filters.Arg("event", string(events.ActionDie)),
	)})
}

// running lists the ids of the containers that run.
func (e engine) running(ctx context.Context) ([]string, error) {
	list, err := e.client.ContainerList(ctx, types.ListOptions{})
	if err != nil {
		return nil, fmt.Errorf("list containers: %w", err)
	}
	ids := make([]string, 0, len(list))
	for _, c := range list {
		ids = append(ids, c.ID)
	}
	return ids, nil
}

// inspect reads what the rules need to know of a container.
func (e engine) inspect(ctx context.Context, id string) (container, error) {
	full, err := e.client.ContainerInspect(ctx, id)
	if err != nil {
		return container{}, fmt.Errorf("inspect container %s: %w", short(id), err)
	}
	c := container{
		id:     full.ID,
		name:   strings.TrimPrefix(full.Name, "/"),
		image:  full.Config.Image,
		labels: full.Config.Labels,
		env:    full.Config.Env,
	}
	for _, network := range full.NetworkSettings.Networks {
		if network != nil && network.IPAddress != "" {
			c.address = network.IPAddress
		}
	}
	published := full.NetworkSettings.Ports
	if full.HostConfig.NetworkMode.IsHost() {
		published = full.HostConfig.PortBindings // the only place where "-p" shows with host networking
	}
	for number, bindings := range published {
		c.ports = append(c.ports, portOf(number, bindings))
	}
	return c, nil
}

func portOf(number nat.Port, bindings []nat.PortBinding) port {
	p := port{number: number.Int(), protocol: number.Proto()}
	if len(bindings) > 0 {
		p.hostIP = bindings[0].HostIP
		p.host, _ = strconv.Atoi(bindings[0].HostPort) // "" is not published
	}
	return p
}

// failed says whether a container ended by an error of its own: not by exiting with 0, nor by a signal, nor
// by being removed.
func (e engine) failed(ctx context.Context, id string) (bool, error) {
	full, err := e.client.ContainerInspect(ctx, id)
	if errdefs.IsNotFound(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("inspect container %s: %w", short(id), err)
	}
	const signalled = 128
	return full.State.Running || full.State.ExitCode != 0 && full.State.ExitCode&signalled == 0, nil
}

// short is as much of a container's id as people read.
func short(id string) string { return id[:min(12, len(id))] }
