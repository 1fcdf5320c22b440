package containers

import (
	"context"
	"fmt"
	"net/netip"
	"path"
	"strings"

	"github.com/docker/docker/api/types/container"
	"github.com/seed-3bc5c20b/azswarm/lab/cloud"
	"github.com/seed-3bc5c20b/azswarm/lab/fault"
)

// start makes a machine run, unless a fault in force says otherwise.
func (c *Cloud) start(ctx context.Context, id string) error {
	return c.faults.Read(func(faults fault.Faults) error {
		if len(faults) == 0 {
			return c.docker.ContainerStart(ctx, id, container.StartOptions{}) // does nothing if it runs
		}
		t, err := c.target(ctx, id)
		if err != nil {
			return err
		}
		is := faults.On(t.Target)
		// Full disks are the machine's own: it mounts them again when it boots.
		return c.change(ctx, id, fault.Effect{Full: is.Full}, is)
	})
}

// checkPower refuses to create a machine where there is no power for it.
func (c *Cloud) checkPower(m cloud.Machine) error {
	return c.faults.Read(func(faults fault.Faults) error {
		f, found := faults.Unpowered(fault.Target{ID: m.ID, Set: m.AvailabilitySet, Domain: m.FaultDomain, Zone: m.Zone})
		if found {
			return fmt.Errorf("it can't be created: %s (fault %s of the lab)", f, f.Name())
		}
		return nil
	})
}

// forgetFaults ends the faults of a machine that is gone.
func (c *Cloud) forgetFaults(id string) error {
	own := func(f fault.Fault) bool { return strings.EqualFold(f.Machine, id) }
	found := false
	err := c.faults.Read(func(faults fault.Faults) error {
		for _, f := range faults {
			found = found || own(f)
		}
		return nil
	})
	if err != nil || !found {
		return err
	}
	return c.faults.Write(func(faults fault.Faults) (fault.Faults, error) {
		for _, f := range faults {
			if own(f) {
				faults = faults.Without(f.Name())
			}
		}
		return faults, nil
	})
}

// change makes of a machine what its faults say now.
func (c *Cloud) change(ctx context.Context, id string, was, is fault.Effect) error {
	found, err := c.docker.ContainerInspect(ctx, id)
	if err != nil {
		return err
	}
	if is.Power >= fault.Off {
		return c.powerOff(ctx, found, is.Power)
	}
	if err := c.powerOn(ctx, found); err != nil {
		return err
	}
	if was.Packets() || is.Packets() {
		if err := c.disturb(ctx, id, is); err != nil {
			return err
		}
	}
	if err := c.fill(ctx, id, was.Full, is.Full); err != nil {
		return err
	}
	if is.Power == fault.Frozen {
		return c.docker.ContainerPause(ctx, id)
	}
	return nil
}

// powerOff ends a machine, and returns when it has ended.
func (c *Cloud) powerOff(ctx context.Context, found container.InspectResponse, how fault.Power) error {
	if !found.State.Running {
		return nil
	}
	if how == fault.Stopped {
		if found.State.Paused {
			if err := c.docker.ContainerUnpause(ctx, found.ID); err != nil {
				return err
			}
		}
		return c.docker.ContainerStop(ctx, found.ID, container.StopOptions{})
	}
	ended, failed := c.docker.ContainerWait(ctx, found.ID, container.WaitConditionNotRunning)
	if err := c.docker.ContainerKill(ctx, found.ID, "KILL"); err != nil {
		return err
	}
	select {
	case <-ended:
		return nil
	case err := <-failed:
		return err
	}
}

// powerOn makes a machine run, whatever it did before.
func (c *Cloud) powerOn(ctx context.Context, found container.InspectResponse) error {
	if found.State.Paused {
		return c.docker.ContainerUnpause(ctx, found.ID)
	}
	return c.docker.ContainerStart(ctx, found.ID, container.StartOptions{}) // does nothing if it runs
}

// subnetOf is the ARM id of the subnet that a machine's address is in; "" if it has none.
func subnetOf(found container.InspectResponse, networks []cloud.Network) string {
	for _, endpoint := range found.NetworkSettings.Networks {
		text := endpoint.IPAddress
		if text == "" && endpoint.IPAMConfig != nil { // it is stopped
			text = endpoint.IPAMConfig.IPv4Address
		}
		address, err := netip.ParseAddr(text)
		if err != nil {
			continue
		}
		for _, n := range networks {
			for _, subnet := range n.Subnets {
				for _, prefix := range subnet.Prefixes {
					if prefix.Contains(address) {
						return subnet.ID
					}
				}
			}
		}
	}
	return ""
}

// Subnet is the ARM id of the subnet with this name, which may be preceded by its virtual network's name and a slash.
func (c *Cloud) Subnet(name string) (string, error) {
	networks, err := c.store.networks()
	if err != nil {
		return "", err
	}
	var ids, names []string
	for _, n := range networks {
		for _, subnet := range n.Subnets {
			short := path.Base(subnet.ID)
			long := path.Base(n.ID) + "/" + short
			names = append(names, long)
			if name == short || name == long {
				ids = append(ids, subnet.ID)
			}
		}
	}
	switch len(ids) {
	case 0:
		return "", fmt.Errorf("no subnet %q: the lab has %s", name, strings.Join(names, ", "))
	case 1:
		return ids[0], nil
	}
	return "", fmt.Errorf("subnet %q: several have that name; say which of %s", name, strings.Join(names, ", "))
}
