package arm

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/seed-3bc5c20b/azswarm/lab/cloud"
)

// rollbackTimeout bounds how long undoing a failed creation may take.
const rollbackTimeout = time.Minute

// write is a PUT under way: a type's put function checks body and completes it to what Azure stores.
type write struct {
	*view
	options Options
	id      ID
	self    string  // the id as text
	old     *record // nil on creation
	body    Object
	hidden  Object
}

// Put creates the resource or replaces its properties, and answers its body. A creation that fails leaves nothing.
func (m *Manager) Put(ctx context.Context, text string, request Object) (Object, error) {
	id, err := ParseID(text)
	if err != nil {
		return nil, err
	}
	kind, err := typeOf(id)
	if err != nil {
		return nil, err
	}
	if err := m.write(ctx, func() (*record, error) { return m.prepare(kind, id, request.Copy()) }); err != nil {
		return nil, err
	}
	return m.Get(text)
}

// write makes the record that prepare returns take the place of what is in the model: in memory first, so that
// others see its claims (addresses, interfaces), then in the cloud, then on disk.
func (m *Manager) write(ctx context.Context, prepare func() (*record, error)) error {
	m.mu.Lock()
	next, err := prepare()
	if err != nil {
		m.mu.Unlock()
		return err
	}
	old := m.view.get(next.ID)
	if err := m.begin(next.ID); err != nil {
		m.mu.Unlock()
		return err
	}
	next.live = old != nil || next.kind.cloud == nil
	m.view.set(next)
	moved := m.machinesMovedBy(old, next)
	m.mu.Unlock()

	err = m.realize(ctx, next, moved)
	if err == nil && old == nil {
		// Whoever asked is gone (killed, perhaps): nobody would learn of the resource, so it must not stay.
		err = ctx.Err()
	}
	if err == nil {
		err = m.disk.save(next)
	}
	if err != nil {
		m.rollBack(ctx, old, next)
	}
	m.mu.Lock()
	m.end(next.ID)
	m.mu.Unlock()
	return err
}

// rollBack puts the old record back, or removes what a failed creation may have left in the model and in the cloud.
// What it can't remove there, Reconcile will.
func (m *Manager) rollBack(ctx context.Context, old, next *record) {
	m.mu.Lock()
	if old != nil {
		m.view.set(old)
	} else {
		next.live = false
	}
	m.mu.Unlock()
	if old != nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rollbackTimeout)
	defer cancel()
	if next.kind.routed {
		_ = m.route(ctx)
	}
	if next.kind.cloud != nil {
		_ = next.kind.cloud.remove(ctx, m.options.Cloud, next.ID)
	}
	m.mu.Lock()
	m.view.drop(next.ID)
	m.mu.Unlock()
}

// realize brings the cloud to what the record says.
func (m *Manager) realize(ctx context.Context, r *record, moved []*record) error {
	if err := m.ensure(ctx, r); err != nil {
		return err
	}
	for _, machine := range moved {
		if err := m.ensure(ctx, machine); err != nil {
			return err
		}
	}
	m.mu.Lock()
	r.live = true
	secured := m.securedBy(r)
	m.mu.Unlock()
	if err := m.secure(ctx, secured); err != nil {
		return err
	}
	if !r.kind.routed {
		return nil
	}
	return m.route(ctx)
}

func (m *Manager) ensure(ctx context.Context, r *record) error {
	if r.kind.cloud == nil {
		return nil
	}
	m.mu.Lock()
	spec := r.kind.cloud.spec(m.view, r)
	m.mu.Unlock()
	if err := r.kind.cloud.ensure(ctx, m.options.Cloud, spec); err != nil {
		return err
	}
	if machine, ok := spec.(cloud.Machine); ok {
		m.guard.inForce.Store(fold(machine.ID), machine.Security)
	}
	return nil
}

// begin claims a record for one operation, end gives it back.
func (m *Manager) begin(id string) error {
	parsed, err := ParseID(id)
	if err != nil {
		return err
	}
	if m.busy[fold(id)] {
		return inProgress(parsed)
	}
	if m.busy[fold(parsed.GroupID())] {
		return conflict("ResourceGroupBeingDeleted", "The resource group '%s' is in deprovisioning state and cannot perform this operation.", parsed.Group)
	}
	m.busy[fold(id)] = true
	return nil
}

func (m *Manager) end(id string) { delete(m.busy, fold(id)) }

func inProgress(id ID) error {
	return conflict("AnotherOperationInProgress", "Another operation on this or dependent resource is in progress. "+
		"To retrieve status of the operation use uri: https://management.azure.com/subscriptions/%s/providers/%s/operations/%s.",
		id.Subscription, id.Provider, uuid.NewString())
}

// prepare checks a PUT against everything known before Azure would accept it, and returns the record to be.
func (m *Manager) prepare(kind *Type, id ID, request Object) (*record, error) {
	if id.Provider != "" && m.view.group(id) == nil {
		return nil, resourceNotFound(ID{Subscription: id.Subscription, Group: id.Group})
	}
	if err := kind.names.check(id.Name()); err != nil {
		return nil, err
	}
	if kind.list != "" {
		return m.prepareChild(kind, id, request)
	}
	if m.busy[fold(id.String())] {
		return nil, inProgress(id)
	}
	w := &write{view: m.view, options: m.options, id: id, self: id.String(), body: request, hidden: Object{}}
	if w.old = m.view.get(w.self); w.old != nil {
		w.self = w.old.ID // keeps the case it was created with
	}
	if err := w.common(kind); err != nil {
		return nil, err
	}
	if err := kind.put(w); err != nil {
		return nil, err
	}
	return &record{ID: w.self, Body: w.body, Hidden: w.hidden, kind: kind}, nil
}

// prepareChild turns the PUT of a child into one of its parent with the child in it.
func (m *Manager) prepareChild(kind *Type, id ID, request Object) (*record, error) {
	parent := m.view.get(id.Parent().String())
	if parent == nil {
		return nil, notFound("ParentResourceNotFound", "Failed to perform 'write' on resource(s) of type '%s', because the parent "+
			"resource '%s' could not be found.", strings.Join(id.Types, "/"), id.Parent())
	}
	request["name"] = id.Name()
	delete(request, "id")
	children := parent.Body.Copy().Objects(kind.list)
	replaced := false
	for i, child := range children {
		if fold(child.Text("id")) == fold(id.String()) {
			request["name"] = child.Text("name")
			children[i], replaced = request, true
		}
	}
	if !replaced {
		children = append(children, request)
	}
	return m.prepareParent(parent, kind.list, children)
}

// prepareParent is a PUT of the parent as it is, but for the children in one of its lists.
func (m *Manager) prepareParent(parent *record, list string, children []Object) (*record, error) {
	id, err := ParseID(parent.ID)
	if err != nil {
		return nil, err
	}
	body := parent.Body.Copy()
	body.SetObjects(list, children)
	return m.prepare(parent.kind, id, body)
}

// common fills in what every resource has and refuses to move it to another region.
func (w *write) common(kind *Type) error {
	location := normalLocation(w.body.Text("location"))
	if location == "" {
		return badRequest("LocationRequired", "The location property is required for this definition.")
	}
	if w.old != nil && w.old.Body.Text("location") != location {
		if kind.Token == resourceGroupToken {
			return conflict("InvalidResourceGroupLocation", "Invalid resource group location '%s'. The Resource group already exists in location '%s'.",
				location, w.old.Body.Text("location"))
		}
		return conflict("InvalidResourceLocation", "The resource '%s' already exists in location '%s' in resource group '%s'. "+
			"A resource with the same name cannot be created in location '%s'. Please select a new resource name.",
			w.id.Name(), w.old.Body.Text("location"), w.id.Group, location)
	}
	for _, property := range kind.Schema() {
		if property.OutputOnly && property.Name != "name" {
			delete(w.body, property.Name)
		}
	}
	w.body["id"], w.body["name"], w.body["type"] = w.self, LastName(w.self), kind.ARM()
	w.body["location"], w.body["provisioningState"] = location, "Succeeded"
	return nil
}

// networkIdentity sets the etag, new with every write, and the resourceGuid, which stays.
func (w *write) networkIdentity() {
	w.body["etag"] = `W/"` + uuid.NewString() + `"`
	w.body["resourceGuid"] = uuid.NewString()
	if w.old != nil {
		w.body["resourceGuid"] = w.old.Body.Text("resourceGuid")
	}
}

// part completes an element of one of the lists of a network resource: it has an id below the resource.
func (w *write) part(element Object, segment string) string {
	id := w.self + "/" + segment + "/" + element.Text("name")
	element["id"], element["etag"], element["provisioningState"] = id, w.body["etag"], "Succeeded"
	element["type"] = w.id.ResourceType() + "/" + segment
	return id
}

// need returns the record a property refers to, which must be there, not on its way out, and in the same region.
func (w *write) need(target, token string) (*record, error) {
	r := w.get(target)
	if r == nil || !r.live || r.kind.Token != token || r.Body.Text("location") != w.body.Text("location") {
		return nil, missingReference(target, w.self)
	}
	return r, nil
}
