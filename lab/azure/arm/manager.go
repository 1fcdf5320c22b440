package arm

import (
	"context"
	"net/netip"
	"sync"

	"github.com/seed-3bc5c20b/azswarm/lab/cloud"
)

// Options configure a Manager.
type Options struct {
	// StateDir is the directory that holds the model. It is made if missing, readable by its owner only.
	StateDir string
	// Cloud makes networks, machines and routes real.
	Cloud cloud.Cloud
	// PublicAddresses is the range public IPs are taken from, less its first four addresses and its last.
	PublicAddresses netip.Prefix
	// AllowRetired accepts what Azure no longer sells: Basic public IPs and A-series machines. Recorded exchanges need it.
	AllowRetired bool
	// Limits tells what machines have to keep to; it is asked at every write of one. nil: there are none.
	Limits func() (Limits, error)
}

// Manager is the resource manager. It is safe for concurrent use.
type Manager struct {
	options Options
	disk    disk
	router  router
	guard   guard

	mu   sync.Mutex // guards what follows; never held while the cloud works
	view *view
	busy map[string]bool // folded ids of records that are being written or deleted
}

// realizer makes a record real, and removes what was.
type realizer interface {
	ensure(ctx context.Context, c cloud.Cloud, spec any) error
	// spec is what ensure needs of the record, taken while the model is locked.
	spec(v *view, r *record) any
	remove(ctx context.Context, c cloud.Cloud, id string) error
}

// Resource is an entry of the model.
type Resource struct {
	ID   string
	Type string // ARM type, such as "Microsoft.Network/virtualNetworks"
}

// Open loads the model. It does not touch the cloud: [Manager.Reconcile] does.
func Open(options Options) (*Manager, error) {
	m := &Manager{options: options, disk: disk{options.StateDir}, view: newView(), busy: map[string]bool{}}
	records, err := m.disk.load()
	if err != nil {
		return nil, err
	}
	for _, r := range records {
		m.view.set(r)
	}
	return m, nil
}

// Get answers a resource's body.
func (m *Manager) Get(id string) (Object, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.get(id)
}

func (m *Manager) get(text string) (Object, error) {
	id, err := ParseID(text)
	if err != nil {
		return nil, err
	}
	kind, err := typeOf(id)
	if err != nil {
		return nil, err
	}
	if id.Provider != "" && m.view.group(id) == nil {
		return nil, resourceNotFound(ID{Subscription: id.Subscription, Group: id.Group})
	}
	var body Object
	if kind.list != "" {
		body, _ = m.view.part(text, kind.list)
	} else if r := m.view.get(text); r != nil {
		body = r.Body
	}
	if body == nil {
		return nil, resourceNotFound(id)
	}
	body = body.Copy()
	if kind.show != nil {
		kind.show(m.view, body.Text("id"), body)
	}
	return body, nil
}

// Resources lists the model, ordered by id. Subnets and security rules are part of their parents.
func (m *Manager) Resources() []Resource {
	m.mu.Lock()
	defer m.mu.Unlock()
	var records []*record
	for _, r := range m.view.records {
		records = append(records, r)
	}
	sortRecords(records)
	resources := make([]Resource, len(records))
	for i, r := range records {
		resources[i] = Resource{r.ID, r.kind.ARM()}
	}
	return resources
}
