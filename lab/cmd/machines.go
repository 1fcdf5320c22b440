package cmd

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/docker/client"

	"github.com/seed-3bc5c20b/azswarm/lab/session"
)

// Labels of the lab's Docker objects, as package containers sets them.
const (
	labLabel    = "azswarm.lab"
	kindLabel   = "azswarm.kind"
	idLabel     = "azswarm.id"
	domainLabel = "azswarm.domain"
)

// machine is a virtual machine as the container it is.
type machine struct {
	Name      string // host name
	VM        string // name of the VM in Azure
	ID        string // ARM id of the VM
	Container string // id
	State     string // as Docker says it
	Address   string // private
	Domain    string // fault domain, of a machine in an availability set
}

// docker connects to the engine that the lab runs on.
func dockerClient() (*client.Client, error) {
	docker, err := client.NewClientWithOpts(client.FromEnv, client.WithAPIVersionNegotiation())
	if err != nil {
		return nil, fmt.Errorf("connect to Docker: %w", err)
	}
	return docker, nil
}

// listMachines returns the lab's machines, running or not, by name.
func listMachines(ctx context.Context, lab *session.Lab) ([]machine, error) {
	docker, err := dockerClient()
	if err != nil {
		return nil, err
	}
	defer func() { _ = docker.Close() }()
	selected := filters.NewArgs(filters.Arg("label", labLabel+"="+lab.Name), filters.Arg("label", kindLabel+"=machine"))
	containers, err := docker.ContainerList(ctx, container.ListOptions{All: true, Filters: selected})
	if err != nil {
		return nil, fmt.Errorf("list the machines of lab %s: %w", lab.Name, err)
	}
	var machines []machine
	for _, found := range containers {
		details, err := docker.ContainerInspect(ctx, found.ID)
		if errdefs.IsNotFound(err) {
			continue // removed meanwhile
		}
		if err != nil {
			return nil, fmt.Errorf("list the machines of lab %s: %w", lab.Name, err)
		}
		machines = append(machines, machine{
			Name: details.Config.Hostname, VM: path.Base(found.Labels[idLabel]), ID: found.Labels[idLabel], Container: found.ID,
			State: found.State, Address: privateAddress(details), Domain: found.Labels[domainLabel],
		})
	}
	slices.SortFunc(machines, func(a, b machine) int { return strings.Compare(a.Name, b.Name) })
	return machines, nil
}

// privateAddress is the address a machine has or, if it is stopped, will have again.
func privateAddress(details container.InspectResponse) string {
	for _, endpoint := range details.NetworkSettings.Networks {
		if endpoint.IPAddress != "" {
			return endpoint.IPAddress
		}
		if endpoint.IPAMConfig != nil && endpoint.IPAMConfig.IPv4Address != "" {
			return endpoint.IPAMConfig.IPv4Address
		}
	}
	return ""
}

// findMachine finds a machine by its host name or that of its VM.
func findMachine(ctx context.Context, lab *session.Lab, name string) (machine, error) {
	machines, err := listMachines(ctx, lab)
	if err != nil {
		return machine{}, err
	}
	names := make([]string, 0, len(machines))
	for _, m := range machines {
		if strings.EqualFold(m.Name, name) || strings.EqualFold(m.VM, name) {
			return m, nil
		}
		names = append(names, m.Name)
	}
	if len(names) == 0 {
		return machine{}, fmt.Errorf("no machine %q: lab %s has no machines (`lab up` makes them)", name, lab.Name)
	}
	return machine{}, fmt.Errorf("no machine %q: lab %s has %s", name, lab.Name, strings.Join(names, ", "))
}

// leftovers counts the lab's Docker objects.
type leftovers struct {
	machines, routers, networks int
}

func countObjects(ctx context.Context, lab *session.Lab) (leftovers, error) {
	var count leftovers
	docker, err := dockerClient()
	if err != nil {
		return count, err
	}
	defer func() { _ = docker.Close() }()
	selected := filters.NewArgs(filters.Arg("label", labLabel+"="+lab.Name))
	containers, err := docker.ContainerList(ctx, container.ListOptions{All: true, Filters: selected})
	if err != nil {
		return count, fmt.Errorf("list the containers of lab %s: %w", lab.Name, err)
	}
	networks, err := docker.NetworkList(ctx, network.ListOptions{Filters: selected})
	if err != nil {
		return count, fmt.Errorf("list the networks of lab %s: %w", lab.Name, err)
	}
	for _, found := range containers {
		if found.Labels[kindLabel] == "machine" {
			count.machines++
		} else {
			count.routers++
		}
	}
	count.networks = len(networks)
	return count, nil
}
