package docker

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/containerd/errdefs"
	networks "github.com/docker/docker/api/types/network"
	"github.com/docker/docker/client"
)

// network is docker:index/network:Network.
type network struct {
	timing timing
}

func (network) schema() schema { return networkSchema }
func (network) meta() string   { return `{"schema_version":"1"}` }

func (n network) create(ctx context.Context, docker *client.Client, planned object) (string, error) {
	want := view(planned)
	options := networks.CreateOptions{
		Driver:     want.text("driver"),
		Attachable: want.flag("attachable"),
		Ingress:    want.flag("ingress"),
		Internal:   want.flag("internal"),
		Options:    want.textMap("options"),
		Labels:     want.labels("labels"),
		IPAM:       &networks.IPAM{Driver: want.text("ipamDriver"), Options: want.textMap("ipamOptions")},
	}
	if want.flag("ipv6") {
		options.EnableIPv6 = new(true)
	}
	for _, config := range want.blocks("ipamConfigs") {
		options.IPAM.Config = append(options.IPAM.Config, networks.IPAMConfig{
			Subnet:     config.text("subnet"),
			IPRange:    config.text("ipRange"),
			Gateway:    config.text("gateway"),
			AuxAddress: config.textMap("auxAddress"),
		})
	}
	created, err := docker.NetworkCreate(ctx, want.text("name"), options)
	if err != nil {
		return "", pluginError("Unable to create network: %w", err)
	}
	// Swarm allocates after it has answered. A network that it cannot allocate (its subnet is taken) is no error:
	// it stays without driver. The standalone Swarm may come to know of a network only then.
	var missing error
	_, err = n.timing.until(ctx, n.timing.allocation, func(ctx context.Context) (bool, error) {
		found, err := docker.NetworkInspect(ctx, created.ID, networks.InspectOptions{})
		if missing = nil; errdefs.IsNotFound(err) {
			missing = err
			return false, nil
		}
		return err == nil && found.Driver != "", err
	})
	if err := errors.Join(err, missing); err != nil {
		return "", errors.Join(err, docker.NetworkRemove(context.WithoutCancel(ctx), created.ID))
	}
	return created.ID, nil
}

func (network) read(ctx context.Context, docker *client.Client, id string, _ object) (object, error) {
	found, err := docker.NetworkInspect(ctx, id, networks.InspectOptions{})
	if errdefs.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	configs := []any{}
	for _, config := range found.IPAM.Config {
		configs = append(configs, object{
			"auxAddress": fromMap(config.AuxAddress),
			"gateway":    config.Gateway,
			"ipRange":    config.IPRange,
			"subnet":     config.Subnet,
		})
	}
	return object{
		"attachable":  found.Attachable,
		"driver":      found.Driver,
		"ingress":     found.Ingress,
		"internal":    found.Internal,
		"ipamConfigs": configs,
		"ipamDriver":  found.IPAM.Driver,
		"ipamOptions": fromMap(found.IPAM.Options),
		"ipv6":        found.EnableIPv6,
		"labels":      fromLabels(found.Labels),
		"name":        found.Name,
		"options":     fromMap(found.Options),
		"scope":       found.Scope,
	}, nil
}

func (network) update(_ context.Context, _ *client.Client, id string, _, _ object) error {
	return fmt.Errorf("network %s cannot be changed in place: every change replaces it", id)
}

func (n network) remove(ctx context.Context, docker *client.Client, id string, _ object) error {
	var last error
	gone, err := n.timing.until(ctx, n.timing.removal, func(ctx context.Context) (bool, error) {
		last = docker.NetworkRemove(ctx, id)
		switch {
		case errdefs.IsNotFound(last):
			return true, nil
		case last != nil && !strings.Contains(last.Error(), "has active endpoints"):
			return false, last
		}
		return false, nil // removed just now, or in use by a container that is still going
	})
	if err == nil && !gone {
		return fmt.Errorf("network %s was not removed within %s: %w", id, n.timing.removal, last)
	}
	return err
}
