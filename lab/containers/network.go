package containers

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path"
	"strconv"
	"strings"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/network"
	"github.com/seed-3bc5c20b/azswarm/lab/cloud"
)

// EnsureNetwork makes the virtual network exist, with its router, and puts in force what the edge says about it. Its
// address space is that of its first IPv4 prefix, which can't change while it exists.
func (c *Cloud) EnsureNetwork(ctx context.Context, n cloud.Network) error {
	c.edge.Lock()
	defer c.edge.Unlock()
	if err := c.ensureNetwork(ctx, n); err != nil {
		return fmt.Errorf("virtual network %s: %w", path.Base(n.ID), err)
	}
	return nil
}

func (c *Cloud) ensureNetwork(ctx context.Context, n cloud.Network) error {
	vnet, err := addressSpace(n)
	if err != nil {
		return err
	}
	if err := c.ensureInternet(ctx); err != nil {
		return err
	}
	uplink := uplinkPrefix(c.options.Public)
	for _, bridge := range []struct {
		kind, id string
		ipam     network.IPAMConfig
		leaves   bool // whether Docker lets it out to the real internet
	}{
		{kindUplink, "", network.IPAMConfig{Subnet: uplink.String(), Gateway: hostAddress(uplink).String()}, true},
		{kindNetwork, n.ID, network.IPAMConfig{Subnet: vnet.String(), Gateway: bridgeAddress(vnet).String()}, false},
	} {
		if err := c.ensureBridge(ctx, bridge.kind, bridge.id, bridge.ipam, bridge.leaves); err != nil {
			return err
		}
	}
	edge, err := c.store.edge()
	if err != nil {
		return err
	}
	if err := c.ensureFabric(ctx, n, edge); err != nil {
		return err
	}
	return c.store.saveNetwork(n)
}

// TakenError says whose addresses a lab wants.
type TakenError struct{ err error }

func (e TakenError) Error() string { return e.err.Error() }

// Reserve makes the lab's public addresses its own, until Down: no other lab on this machine can take them then, whoever's it is.
// It fails with a [TakenError] if they are another's already.
func (c *Cloud) Reserve(ctx context.Context) error {
	c.edge.Lock()
	defer c.edge.Unlock()
	return c.ensureInternet(ctx)
}

// ensureInternet makes the bridge of the public addresses exist.
func (c *Cloud) ensureInternet(ctx context.Context) error {
	public := internetPrefix(c.options.Public)
	return c.ensureBridge(ctx, kindInternet, "", network.IPAMConfig{
		Subnet: public.String(), Gateway: hostAddress(public).String(), IPRange: fabricRange(c.options.Public).String(),
	}, false)
}

// addressSpace is the network's first IPv4 prefix.
func addressSpace(n cloud.Network) (netip.Prefix, error) {
	for _, prefix := range n.Prefixes {
		if prefix.Addr().Is4() && prefix.Bits() <= 29 {
			return prefix.Masked(), nil
		}
	}
	return netip.Prefix{}, fmt.Errorf("address space %v: want an IPv4 prefix of /29 or more addresses", n.Prefixes)
}

// ensureBridge makes a Docker bridge network exist.
func (c *Cloud) ensureBridge(ctx context.Context, kind, id string, ipam network.IPAMConfig, leaves bool) error {
	name := c.objectName(kind, id)
	found, err := c.docker.NetworkInspect(ctx, name, network.InspectOptions{})
	if err == nil {
		if len(found.IPAM.Config) == 0 || found.IPAM.Config[0].Subnet != ipam.Subnet {
			return fmt.Errorf("address space %s: Docker network %s exists with %v; delete the virtual network first", ipam.Subnet, name, found.IPAM.Config)
		}
		return nil
	}
	if !cerrdefs.IsNotFound(err) {
		return err
	}
	all, err := c.docker.NetworkList(ctx, network.ListOptions{})
	if err != nil {
		return err
	}
	wanted := netip.MustParsePrefix(ipam.Subnet)
	if err := overlap(wanted, all); err != nil {
		return TakenError{err}
	}
	own, err := net.InterfaceAddrs()
	if err != nil {
		return err
	}
	if err := overlapOwn(wanted, own); err != nil {
		return TakenError{err}
	}
	_, err = c.docker.NetworkCreate(ctx, name, network.CreateOptions{
		Driver:  "bridge",
		IPAM:    &network.IPAM{Config: []network.IPAMConfig{ipam}},
		Options: map[string]string{"com.docker.network.bridge.enable_ip_masquerade": strconv.FormatBool(leaves)},
		Labels:  c.labels(kind, id),
	})
	if err != nil && strings.Contains(err.Error(), "overlap") { // taken since the look at all networks
		return TakenError{err}
	}
	return err
}

// overlap says which of the existing Docker networks has addresses of the wanted one.
func overlap(wanted netip.Prefix, existing []network.Summary) error {
	for _, e := range existing {
		for _, config := range e.IPAM.Config {
			prefix, err := netip.ParsePrefix(config.Subnet)
			if err != nil || !prefix.Overlaps(wanted) {
				continue
			}
			if lab := e.Labels[labelLab]; lab != "" {
				return fmt.Errorf("wants %s, which lab %q on this machine has (Docker network %s, %s): take that lab down or choose another address space",
					wanted, lab, e.Name, prefix)
			}
			return fmt.Errorf("wants %s, which Docker network %s on this machine has (%s): remove that network or choose another address space",
				wanted, e.Name, prefix)
		}
	}
	return nil
}

// overlapOwn says which of this machine's own networks has addresses of the wanted one: it would lose that network.
func overlapOwn(wanted netip.Prefix, own []net.Addr) error {
	for _, address := range own {
		if prefix, err := netip.ParsePrefix(address.String()); err == nil && prefix.Overlaps(wanted) {
			return fmt.Errorf("wants %s, and this machine itself is in %s: choose another address space", wanted, prefix.Masked())
		}
	}
	return nil
}

// DeleteNetwork removes the virtual network with this ARM id and its router. Machines must be gone before.
func (c *Cloud) DeleteNetwork(ctx context.Context, id string) error {
	c.edge.Lock()
	defer c.edge.Unlock()
	if err := c.deleteNetwork(ctx, id); err != nil {
		return fmt.Errorf("delete virtual network %s: %w", path.Base(id), err)
	}
	return nil
}

func (c *Cloud) deleteNetwork(ctx context.Context, id string) error {
	if err := c.checkUnused(ctx, id); err != nil {
		return err
	}
	if err := c.removeContainer(ctx, c.objectName(kindFabric, id)); err != nil {
		return err
	}
	if err := c.removeNetwork(ctx, c.objectName(kindNetwork, id)); err != nil {
		return err
	}
	if err := os.RemoveAll(c.store.networkDir(id)); err != nil {
		return err
	}
	others, err := c.containers(ctx, kindFabric)
	if err != nil || len(others) > 0 {
		return err
	}
	return c.removeNetwork(ctx, c.objectName(kindUplink, "")) // the public addresses stay the lab's: see Reserve
}

// checkUnused refuses while machines are in the network: without its router they would be cut off.
func (c *Cloud) checkUnused(ctx context.Context, id string) error {
	found, err := c.docker.NetworkInspect(ctx, c.objectName(kindNetwork, id), network.InspectOptions{})
	if cerrdefs.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, attached := range found.Containers {
		if attached.Name != c.objectName(kindFabric, id) {
			return fmt.Errorf("container %s is still in it: delete that first", attached.Name)
		}
	}
	return nil
}

// removeNetwork removes a Docker network. One that is gone is fine.
func (c *Cloud) removeNetwork(ctx context.Context, name string) error {
	if err := c.docker.NetworkRemove(ctx, name); err != nil && !cerrdefs.IsNotFound(err) {
		return err
	}
	return nil
}
