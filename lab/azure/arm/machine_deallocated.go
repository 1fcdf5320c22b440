package arm

import (
	"context"
	"fmt"
)

// deallocated is the lab's note that a machine has given its host back. Writes to the machine leave it so.
const deallocated = "deallocated"

// Deallocate stops a machine and gives its host back, as "az vm deallocate" does; Allocate starts it again.
func (m *Manager) Deallocate(ctx context.Context, id string) error { return m.allocate(ctx, id, false) }

// Allocate undoes Deallocate.
func (m *Manager) Allocate(ctx context.Context, id string) error { return m.allocate(ctx, id, true) }

func (m *Manager) allocate(ctx context.Context, id string, on bool) error {
	return m.write(ctx, func() (*record, error) {
		old := m.view.get(id)
		if old == nil || old.kind.Token != virtualMachineToken {
			return nil, fmt.Errorf("%s is no virtual machine", id)
		}
		next := &record{ID: old.ID, Body: old.Body.Copy(), Hidden: old.Hidden.Copy(), kind: old.kind}
		if next.Hidden == nil {
			next.Hidden = Object{}
		}
		if delete(next.Hidden, deallocated); !on {
			next.Hidden[deallocated] = true
		}
		return next, nil
	})
}

// Deallocated lists the ids of the machines that are, in order.
func (m *Manager) Deallocated() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var ids []string
	for _, r := range m.view.all(virtualMachineToken) {
		if r.Hidden.Bool(deallocated, false) {
			ids = append(ids, r.ID)
		}
	}
	return ids
}

// showMachine leaves out what Azure does not tell of the disk of a machine without a host.
func showMachine(v *view, id string, body Object) {
	if !v.get(id).Hidden.Bool(deallocated, false) {
		return
	}
	disk := body.Object("storageProfile.osDisk")
	delete(disk, "diskSizeGB")
	delete(disk.Object("managedDisk"), "storageAccountType")
}
