package arm

import (
	"context"
	"errors"
	"strings"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"
)

// parallelism bounds how many machines and networks the cloud is asked for at once where the Manager asks on its own.
const parallelism = 8

// Delete removes a resource, or a resource group with all that is in it. A missing one is a 404.
func (m *Manager) Delete(ctx context.Context, text string) error {
	id, err := ParseID(text)
	if err != nil {
		return err
	}
	kind, err := typeOf(id)
	if err != nil {
		return err
	}
	switch {
	case kind.Token == resourceGroupToken:
		return m.deleteGroup(ctx, id)
	case kind.list != "":
		return m.write(ctx, func() (*record, error) { return m.withoutChild(kind, id) })
	}

	m.mu.Lock()
	r, err := m.deletable(id)
	if err == nil {
		err = m.begin(r.ID)
	}
	if err != nil {
		m.mu.Unlock()
		return err
	}
	doomed := []*record{r}
	for _, nic := range m.deletedWith(r) {
		m.busy[fold(nic.ID)] = true
		doomed = append(doomed, nic)
	}
	for _, r := range doomed {
		r.live = false
	}
	m.mu.Unlock()
	return m.destroy(ctx, doomed)
}

// deletedWith are a machine's interfaces whose deleteOption is Delete; others are only detached.
func (m *Manager) deletedWith(r *record) []*record {
	var nics []*record
	for _, entry := range r.Body.Objects("networkProfile.networkInterfaces") {
		if nic := m.view.get(entry.Text("id")); nic != nil && !m.busy[fold(nic.ID)] && entry.Text("deleteOption") == "Delete" {
			nics = append(nics, nic)
		}
	}
	return nics
}

func (m *Manager) deletable(id ID) (*record, error) {
	r := m.view.get(id.String())
	if r == nil {
		return nil, resourceNotFound(id)
	}
	if r.kind.remove != nil {
		if err := r.kind.remove(m.view, r.ID); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// withoutChild is the parent's record with the child gone. Its put function refuses where the child is in use.
func (m *Manager) withoutChild(kind *Type, id ID) (*record, error) {
	child, parent := m.view.part(id.String(), kind.list)
	if child == nil {
		return nil, resourceNotFound(id)
	}
	var rest []Object
	for _, sibling := range parent.Body.Objects(kind.list) {
		if fold(sibling.Text("id")) != fold(id.String()) {
			rest = append(rest, sibling.Copy())
		}
	}
	return m.prepareParent(parent, kind.list, rest)
}

// deleteGroup removes everything in the group unless something outside depends on it.
func (m *Manager) deleteGroup(ctx context.Context, id ID) error {
	m.mu.Lock()
	group := m.view.get(id.String())
	if group == nil {
		m.mu.Unlock()
		return resourceNotFound(id)
	}
	inside := m.view.in(group.ID)
	err := m.groupBlocked(group, inside)
	for _, r := range append(inside, group) {
		if m.busy[fold(r.ID)] {
			err = errors.Join(err, conflict("ResourceGroupDeletionBlocked",
				"Deletion of resource group '%s' failed: another operation on '%s' is in progress.", id.Group, r.ID))
		}
	}
	if err != nil {
		m.mu.Unlock()
		return err
	}
	doomed := append(inside, group)
	for _, r := range doomed {
		m.busy[fold(r.ID)] = true
		r.live = false
	}
	m.mu.Unlock()
	return m.destroy(ctx, doomed)
}

func (m *Manager) groupBlocked(group *record, inside []*record) error {
	var blocked []string
	for _, r := range inside {
		for target := range m.view.inbound {
			if target != fold(r.ID) && !strings.HasPrefix(target, fold(r.ID)+"/") {
				continue
			}
			for _, source := range m.view.inbound[target] {
				if !strings.HasPrefix(fold(source), fold(group.ID)+"/") {
					blocked = append(blocked, r.ID)
				}
			}
		}
	}
	if len(blocked) == 0 {
		return nil
	}
	return conflict("ResourceGroupDeletionBlocked", "Deletion of resource group '%s' failed as resources with identifiers '%s' "+
		"could not be deleted. The provisioning state of the resource group will be rolled back. The tracking Id is '%s'. "+
		"Please check audit logs for more details.", LastName(group.ID), strings.Join(blocked, ","), uuid.NewString())
}

// destroy removes claimed records: routes first, then machines, then networks, then the model's entries. What the
// cloud could not remove stays in the model, so that another delete can finish.
func (m *Manager) destroy(ctx context.Context, doomed []*record) error {
	err := m.route(ctx)
	for _, token := range []string{virtualMachineToken, virtualNetworkToken} {
		if err == nil {
			err = m.removeFromCloud(ctx, doomed, token)
		}
	}
	for _, r := range doomed {
		if err == nil {
			err = m.disk.remove(r.ID)
		}
		m.mu.Lock()
		if err == nil {
			m.view.drop(r.ID)
		} else {
			r.live = true
		}
		m.end(r.ID)
		m.mu.Unlock()
	}
	return err
}

func (m *Manager) removeFromCloud(ctx context.Context, doomed []*record, token string) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallelism)
	for _, r := range doomed {
		if r.kind.Token == token {
			group.Go(func() error { return r.kind.cloud.remove(ctx, m.options.Cloud, r.ID) })
		}
	}
	return group.Wait()
}
