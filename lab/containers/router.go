package containers

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/mount"
	"github.com/docker/docker/api/types/network"
	"github.com/seed-3bc5c20b/azswarm/lab/cloud"
	"github.com/seed-3bc5c20b/azswarm/lab/containers/fabric"
)

// program is where a fabric container has Options.Executable.
const program = "/usr/local/bin/lab"

// ensureFabric makes the network's fabric run and puts the edge's part for it in force.
func (c *Cloud) ensureFabric(ctx context.Context, n cloud.Network, edge cloud.Edge) error {
	vnet, err := addressSpace(n)
	if err != nil {
		return err
	}
	if err := c.writeFabricConfig(n, vnet, edge); err != nil {
		return err
	}
	config, host, err := c.fabricSpec(n, vnet)
	if err != nil {
		return err
	}
	name := c.objectName(kindFabric, n.ID)
	found, err := c.docker.ContainerInspect(ctx, name)
	if err != nil && !cerrdefs.IsNotFound(err) {
		return err
	}
	if err != nil || found.Config.Labels[labelSpec] != config.Labels[labelSpec] || !c.connected(found) {
		if err := c.removeContainer(ctx, name); err != nil {
			return err
		}
		if err := c.createFabric(ctx, n, vnet, config, host); err != nil {
			return err
		}
	}
	if err := c.docker.ContainerStart(ctx, name, container.StartOptions{}); err != nil {
		return fmt.Errorf("start %s: %w", name, err)
	}
	return c.applyFabric(ctx, name)
}

// connected tells whether a fabric has all its networks, which a crash may have kept it from getting.
func (c *Cloud) connected(found container.InspectResponse) bool {
	networks := found.NetworkSettings.Networks
	return networks[c.objectName(kindInternet, "")] != nil && networks[c.objectName(kindUplink, "")] != nil
}

// createFabric creates the fabric container. Older engines take one network at creation, so the others come after.
func (c *Cloud) createFabric(ctx context.Context, n cloud.Network, vnet netip.Prefix, config *container.Config, host *container.HostConfig) error {
	endpoints := &network.NetworkingConfig{EndpointsConfig: map[string]*network.EndpointSettings{
		c.objectName(kindNetwork, n.ID): {
			IPAMConfig: &network.EndpointIPAMConfig{IPv4Address: routerAddress(vnet).String()},
		},
	}}
	created, err := c.docker.ContainerCreate(ctx, config, host, endpoints, nil, c.objectName(kindFabric, n.ID))
	if err != nil {
		return err
	}
	for _, kind := range []string{kindInternet, kindUplink} {
		if err := c.docker.NetworkConnect(ctx, c.objectName(kind, ""), created.ID, nil); err != nil {
			return err
		}
	}
	return nil
}

// fabricSpec is the fabric container: a router needs far less than a machine.
func (c *Cloud) fabricSpec(n cloud.Network, vnet netip.Prefix) (*container.Config, *container.HostConfig, error) {
	config := &container.Config{
		Image:      c.options.NodeImage,
		Hostname:   "fabric",
		Entrypoint: []string{program, "fabric"},
		Cmd:        []string{},
		Labels:     c.labels(kindFabric, n.ID),
	}
	host := &container.HostConfig{
		RestartPolicy: container.RestartPolicy{Name: container.RestartPolicyUnlessStopped},
		CapAdd:        []string{"NET_ADMIN", "NET_RAW"},
		SecurityOpt:   []string{"apparmor=unconfined", "label=disable"}, // it sets sysctls of its network namespace
		MaskedPaths:   []string{},
		ReadonlyPaths: []string{},
		Tmpfs:         map[string]string{"/run": ""},
		Mounts: []mount.Mount{
			readOnly(c.options.Executable, program),
			readOnly(c.store.fabricDir(n.ID), filepath.Dir(fabric.ConfigFile)),
		},
	}
	if len(c.servers(vnet)) > 0 {
		if _, err := c.store.ensureCertificates(); err != nil {
			return nil, nil, err
		}
		host.Mounts = append(host.Mounts,
			readOnly(c.store.registryFile(serverCertificate), fabric.Certificate),
			readOnly(c.store.registryFile(serverKey), fabric.Key),
		)
	}
	if c.options.RegistryStorage != "" {
		host.Mounts = append(host.Mounts, mount.Mount{
			Type: mount.TypeBind, Source: c.options.RegistryStorage, Target: fabric.RegistryStorage, ReadOnly: !c.options.RegistryCaches,
		})
	}
	if c.options.Downloads != "" {
		host.Mounts = append(host.Mounts, readOnly(c.options.Downloads, fabric.DownloadsDir))
	}
	// A rebuilt program has the same path: without its time in the label, the old one would go on running.
	info, err := os.Stat(c.options.Executable)
	if err != nil {
		return nil, nil, err
	}
	spec, err := json.Marshal([]any{config, host, vnet, c.options.Public, info.ModTime(), info.Size()})
	if err != nil {
		return nil, nil, err
	}
	sum := sha256.Sum256(spec)
	config.Labels[labelSpec] = hex.EncodeToString(sum[:8])
	return config, host, nil
}

// writeFabricConfig writes what the fabric reads, now or whenever it starts.
func (c *Cloud) writeFabricConfig(n cloud.Network, vnet netip.Prefix, edge cloud.Edge) error {
	config := partition(edge, n)
	config.VNet = vnet
	config.Internet = internetPrefix(c.options.Public)
	config.Host = hostAddress(config.Internet)
	config.Uplink = uplinkPrefix(c.options.Public)
	config.Gateway = hostAddress(config.Uplink)
	config.Operator = c.options.Operator
	if c.options.RegistryStorage != "" {
		config.Registry = registryAddress(vnet)
		if c.options.RegistryCaches {
			config.RegistryUpstream = "https://" + hub
		}
	}
	if c.options.Downloads != "" {
		config.Downloads = routerAddress(vnet)
	}
	return writeJSON(filepath.Join(c.store.fabricDir(n.ID), filepath.Base(fabric.ConfigFile)), config)
}

// applyFabric makes the fabric read its config, and waits until that is in force.
func (c *Cloud) applyFabric(ctx context.Context, name string) error {
	if err := c.exec(ctx, name, program, "fabric", "apply"); err != nil {
		return fmt.Errorf("%s: %w (its log ends with: %s)", name, err, c.lastLog(ctx, name))
	}
	return nil
}
