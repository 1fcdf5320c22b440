package containers

import (
	"context"
	"fmt"
	"net/netip"
	"path"
	"path/filepath"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/seed-3bc5c20b/azswarm/lab/cloud"
	"github.com/seed-3bc5c20b/azswarm/lab/containers/nsg"
)

const (
	// machineInterface is what Docker calls the interface of a container in one network.
	machineInterface = "eth0"
	// securityFile is what a machine loads whenever it boots, before any of its services runs.
	securityFile = "rules.nft"
)

// Secure puts a machine's network security groups in force: at once where it runs, at its next boot where it does not.
func (c *Cloud) Secure(ctx context.Context, m cloud.Machine) error {
	defer c.machines.lock(key(m.ID))()
	if err := c.secure(ctx, m); err != nil {
		return fmt.Errorf("machine %s: security groups: %w", m.ComputerName, err)
	}
	return nil
}

func (c *Cloud) secure(ctx context.Context, m cloud.Machine) error {
	name := c.objectName(kindMachine, m.ID)
	if _, err := c.docker.ContainerInspect(ctx, name); cerrdefs.IsNotFound(err) {
		return nil
	}
	n, err := c.store.network(m.NetworkID)
	if err != nil {
		return err
	}
	vnet, err := addressSpace(n)
	if err != nil {
		return err
	}
	if err := c.writeSecurity(m, vnet); err != nil {
		return err
	}
	return c.loadSecurity(ctx, name)
}

// writeSecurity writes the machine's rules, for now and for every later boot.
func (c *Cloud) writeSecurity(m cloud.Machine, vnet netip.Prefix) error {
	// The registry and the downloads stand for servers on the internet.
	link := nsg.Link{Interface: machineInterface, Outside: []netip.Addr{routerAddress(vnet), registryAddress(vnet)}}
	rules, err := nsg.Ruleset(m.Security, link)
	if err != nil {
		return err
	}
	return writeFile(filepath.Join(c.store.machineDir(m.ID), securityDir, securityFile), []byte(rules))
}

// loadSecurity loads the written rules into a machine that runs. One that is stopped does so when it boots, and one that
// is frozen can run nothing: it has them from the next call on.
func (c *Cloud) loadSecurity(ctx context.Context, container string) error {
	found, err := c.docker.ContainerInspect(ctx, container)
	if err != nil {
		return err
	}
	if !found.State.Running || found.State.Paused {
		return nil
	}
	return c.exec(ctx, container, "nft", "-f", path.Join(securityMount, securityFile))
}
