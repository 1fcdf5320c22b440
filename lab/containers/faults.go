package containers

import (
	"context"
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/seed-3bc5c20b/azswarm/lab/fault"
)

// changesAtOnce is how many machines change at a time when a fault of many begins or ends.
const changesAtOnce = 8

// FaultsFile is where a Cloud with this StateDir keeps the faults in force.
func FaultsFile(stateDir string) string { return filepath.Join(stateDir, "faults.json") }

// Fault puts a fault in force, until [Cloud.Heal] or, if it is a machine's, until that machine is deleted. It returns when it
// is. One that is in force already stays so. It fails, and changes nothing, where there is nothing that could have the fault.
func (c *Cloud) Fault(ctx context.Context, f fault.Fault) error {
	return c.faults.Write(func(before fault.Faults) (fault.Faults, error) {
		machines, err := c.targets(ctx)
		if err != nil {
			return before, err
		}
		lasting := f.Kind == fault.DropSSH // of machines to come as well
		if f.Machine != "" && !lasting {
			if err := bind(&f, machines); err != nil {
				return before, err
			}
		}
		if !lasting && !concerns(f, machines) {
			return before, fmt.Errorf("fault %s: there is no machine to have it", f.Name())
		}
		after := before.With(f)
		if err := c.apply(ctx, machines, before, after); err != nil {
			return before, errors.Join(fmt.Errorf("fault %s: %w", f.Name(), err), c.apply(ctx, machines, after, before))
		}
		return after, nil
	})
}

// Heal ends the faults with these names; those that are not in force are fine. It returns what it ended, when all is as
// before again, as far as a machine can be that has yet to boot.
func (c *Cloud) Heal(ctx context.Context, names ...string) (fault.Faults, error) {
	var healed fault.Faults
	err := c.faults.Write(func(before fault.Faults) (fault.Faults, error) {
		after := before
		for _, name := range names {
			if f, found := after.Find(name); found {
				healed = append(healed, f)
				after = after.Without(name)
			}
		}
		if len(healed) == 0 {
			return before, nil
		}
		machines, err := c.targets(ctx)
		if err != nil {
			return before, err
		}
		if err := c.apply(ctx, machines, before, after); err != nil {
			return before, fmt.Errorf("heal %s: %w", strings.Join(names, " "), err)
		}
		return after, nil
	})
	if err != nil {
		return nil, err
	}
	return healed, nil
}

// target is a machine that may have faults.
type target struct {
	fault.Target
	container string // id
	running   bool
	paused    bool
}

// targets lists all machines.
func (c *Cloud) targets(ctx context.Context) ([]target, error) {
	found, err := c.containers(ctx, kindMachine)
	if err != nil {
		return nil, err
	}
	var all []target
	for _, summary := range found {
		t, err := c.target(ctx, summary.ID)
		if err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	return all, nil
}

// target looks at a machine.
func (c *Cloud) target(ctx context.Context, id string) (target, error) {
	found, err := c.docker.ContainerInspect(ctx, id)
	if err != nil {
		return target{}, err
	}
	networks, err := c.store.networks()
	if err != nil {
		return target{}, err
	}
	labels := found.Config.Labels
	t := target{container: found.ID, running: found.State.Running, paused: found.State.Paused}
	t.ID, t.VMID, t.Set, t.Zone = labels[labelID], labels[labelVMID], labels[labelSet], labels[labelZone]
	if t.Set != "" {
		if _, err := fmt.Sscan(labels[labelDomain], &t.Domain); err != nil {
			return target{}, fmt.Errorf("machine %s: label %s is %q: %w", path.Base(t.ID), labelDomain, labels[labelDomain], err)
		}
	}
	t.Subnet = subnetOf(found, networks)
	return t, nil
}

// bind finds the machine that the fault is of.
func bind(f *fault.Fault, machines []target) error {
	i := slices.IndexFunc(machines, func(t target) bool { return strings.EqualFold(t.ID, f.Machine) })
	if i < 0 {
		return fmt.Errorf("machine %s does not exist", path.Base(f.Machine))
	}
	f.VMID = machines[i].VMID
	return nil
}

// concerns tells whether the fault makes anything of any machine.
func concerns(f fault.Fault, machines []target) bool {
	return slices.ContainsFunc(machines, func(t target) bool { return fault.Faults{f}.On(t.Target).Any() })
}

// apply makes of every machine what the faults after a change make of it. A machine where nothing changes is left alone.
func (c *Cloud) apply(ctx context.Context, machines []target, before, after fault.Faults) error {
	failed := make([]error, len(machines))
	slots := make(chan struct{}, changesAtOnce)
	var wait sync.WaitGroup
	for i, t := range machines {
		was, is := before.On(t.Target), after.On(t.Target)
		if was.Equal(is) {
			continue
		}
		wait.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			if err := c.change(ctx, t.container, was, is); err != nil {
				failed[i] = fmt.Errorf("machine %s: %w", path.Base(t.ID), err)
			}
		})
	}
	wait.Wait()
	return errors.Join(failed...)
}
