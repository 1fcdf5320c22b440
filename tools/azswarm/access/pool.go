package access

import (
	"context"
	"sync"
)

// Pool keeps connections to the nodes of a stack, for those who ask them again and again: a login costs more than most commands.
type Pool struct {
	outputs Outputs
	mutex   sync.Mutex
	client  *Client
	shells  map[string]*pooled // by the node's name
}

// pooled is the connection to a node, if there is one.
type pooled struct {
	mutex sync.Mutex
	*Shell
}

// NewPool has no connections yet.
func NewPool(outputs Outputs) *Pool { return &Pool{outputs: outputs, shells: map[string]*pooled{}} }

// Outputs are those that the pool connects with.
func (p *Pool) Outputs() Outputs { return p.outputs }

// Connect connects to the bastion unless there is a connection that leads there.
func (p *Pool) Connect(ctx context.Context) error {
	_, err := p.bastion(ctx)
	return err
}

// Exec is [Client.Exec] over a connection that is kept. One that doesn't lead anywhere any more is made anew, through a new one to
// the bastion where that has to be.
func (p *Pool) Exec(ctx context.Context, node Node, command string, streams Streams) error {
	shell, err := p.shell(ctx, node)
	if err != nil {
		return err
	}
	return shell.Exec(ctx, command, streams)
}

// Close ends all connections. No command may run, or begin, meanwhile.
func (p *Pool) Close() {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	for _, kept := range p.shells {
		if kept.Shell != nil {
			_ = kept.Shell.Close() // that of the bastion is a connection by itself
		}
	}
	if p.client != nil {
		_ = p.client.Close()
	}
	p.client, p.shells = nil, map[string]*pooled{}
}

func (p *Pool) shell(ctx context.Context, node Node) (*Shell, error) {
	kept := p.of(node)
	kept.mutex.Lock()
	defer kept.mutex.Unlock()
	if kept.Shell != nil && kept.Alive(ctx) {
		return kept.Shell, nil
	}
	client, err := p.bastion(ctx)
	if err != nil {
		return nil, err
	}
	kept.Shell, err = client.Connect(ctx, node)
	return kept.Shell, err
}

func (p *Pool) of(node Node) *pooled {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	kept := p.shells[node.Name]
	if kept == nil {
		kept = &pooled{}
		p.shells[node.Name] = kept
	}
	return kept
}

func (p *Pool) bastion(ctx context.Context) (*Client, error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.client == nil || !p.client.Alive(ctx) {
		client, err := Dial(ctx, p.outputs)
		if err != nil {
			return nil, err
		}
		p.client = client
	}
	return p.client, nil
}
