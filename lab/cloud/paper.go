package cloud

import (
	"context"
	"maps"
	"slices"
	"sync"
)

// Paper is a [Cloud] that starts nothing: it remembers what it was told. It serves tests of the model and
// runs without machines.
type Paper struct {
	mu       sync.Mutex
	networks map[string]Network
	machines map[string]Machine
	edge     Edge
}

// NewPaper returns an empty Paper.
func NewPaper() *Paper {
	return &Paper{networks: map[string]Network{}, machines: map[string]Machine{}}
}

func (p *Paper) EnsureNetwork(_ context.Context, n Network) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.networks[n.ID] = n
	return nil
}

func (p *Paper) DeleteNetwork(_ context.Context, id string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.networks, id)
	return nil
}

func (p *Paper) EnsureMachine(_ context.Context, m Machine) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.machines[m.ID] = m
	return nil
}

func (p *Paper) Secure(_ context.Context, m Machine) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if existing, ok := p.machines[m.ID]; ok {
		existing.Security = m.Security
		p.machines[m.ID] = existing
	}
	return nil
}

func (p *Paper) DeleteMachine(_ context.Context, id string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.machines, id)
	return nil
}

func (p *Paper) Machines(context.Context) ([]string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Sorted(maps.Keys(p.machines)), nil
}

func (p *Paper) Route(_ context.Context, e Edge) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.edge = e
	return nil
}

// Networks returns the networks that exist, by ARM id.
func (p *Paper) Networks() map[string]Network {
	p.mu.Lock()
	defer p.mu.Unlock()
	return maps.Clone(p.networks)
}

// Machine returns what the machine with this ARM id was created from.
func (p *Paper) Machine(id string) (Machine, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	m, ok := p.machines[id]
	return m, ok
}

// Edge returns what Route was last told.
func (p *Paper) Edge() Edge {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.edge
}
