package arm

import (
	"context"
	"fmt"
	"net/netip"
	"slices"

	"golang.org/x/sync/errgroup"
)

// Reconcile brings the cloud to the model, after a crash or a reboot: machines the model doesn't know go, networks and
// machines it knows are made to exist, and everything is routed anew.
func (m *Manager) Reconcile(ctx context.Context) error {
	if err := m.removeStrangers(ctx); err != nil {
		return err
	}
	for _, token := range []string{virtualNetworkToken, virtualMachineToken} {
		m.mu.Lock()
		records := m.view.all(token)
		m.mu.Unlock()
		group, groupCtx := errgroup.WithContext(ctx)
		group.SetLimit(parallelism)
		for _, r := range records {
			group.Go(func() error {
				if err := m.ensure(groupCtx, r); err != nil {
					return fmt.Errorf("reconcile %s: %w", r.ID, err)
				}
				return nil
			})
		}
		if err := group.Wait(); err != nil {
			return err
		}
	}
	m.router.forget()
	return m.route(ctx)
}

// ForgetLost takes machines out of the model whose container somebody removed, as when a VM is deleted in Azure's portal: a
// machine with an empty disk in its place would pass for the old one. It returns their ids.
func (m *Manager) ForgetLost(ctx context.Context) ([]string, error) {
	existing, err := m.options.Cloud.Machines(ctx)
	if err != nil {
		return nil, fmt.Errorf("list machines: %w", err)
	}
	m.mu.Lock()
	records := m.view.all(virtualMachineToken)
	m.mu.Unlock()
	var lost []string
	for _, r := range records {
		if slices.ContainsFunc(existing, func(id string) bool { return fold(id) == fold(r.ID) }) {
			continue
		}
		if err := m.Delete(ctx, r.ID); err != nil {
			return lost, fmt.Errorf("forget machine %s, which is gone: %w", r.ID, err)
		}
		lost = append(lost, r.ID)
	}
	return lost, nil
}

// removeStrangers deletes machines that are not in the model: left by a creation that was killed.
func (m *Manager) removeStrangers(ctx context.Context) error {
	existing, err := m.options.Cloud.Machines(ctx)
	if err != nil {
		return fmt.Errorf("list machines: %w", err)
	}
	for _, id := range existing {
		m.mu.Lock()
		known := m.view.get(id) != nil
		m.mu.Unlock()
		if known {
			continue
		}
		if err := m.options.Cloud.DeleteMachine(ctx, id); err != nil {
			return fmt.Errorf("delete machine %s, which the model does not know: %w", id, err)
		}
	}
	return nil
}

// Machine is a virtual machine of the model.
type Machine struct {
	ID           string
	VMID         string
	ComputerName string
	Address      netip.Addr // private, primary
}

// Machines lists the virtual machines, ordered by id.
func (m *Manager) Machines() []Machine {
	m.mu.Lock()
	defer m.mu.Unlock()
	var list []Machine
	for _, r := range m.view.all(virtualMachineToken) {
		_, _, addresses := m.view.place(m.view.primaryInterface(r))
		machine := Machine{ID: r.ID, VMID: r.Body.Text("vmId"), ComputerName: r.Body.Text("osProfile.computerName")}
		if len(addresses) > 0 {
			machine.Address = addresses[0]
		}
		list = append(list, machine)
	}
	return list
}
