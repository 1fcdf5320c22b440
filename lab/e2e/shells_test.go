//go:build e2e

package e2e

import (
	"context"
	"path/filepath"
	"reflect"
	"sync"
	"time"

	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/access"
)

// aliveTimeout bounds the question whether a kept connection still leads somewhere: of a busy machine.
const aliveTimeout = 5 * time.Second

// shells keeps the connections to machines: tests ask hundreds of questions, and each login takes half a second of a core.
var shells = kept{bastions: map[string]*bastion{}}

type kept struct {
	mutex    sync.Mutex
	bastions map[string]*bastion // by the lab's name
}

// bastion is a connection to a lab's bastion, and those through it.
type bastion struct {
	outputs access.Outputs
	mutex   sync.Mutex
	client  *access.Client
	shells  map[string]*shell // by the machine's name
}

// shell is a connection to a machine, whoever needs one first makes it.
type shell struct {
	mutex sync.Mutex
	*access.Shell
}

// to is a connection to a machine, kept or new. Where the machine is gone the error is that of a new one.
func (k *kept) to(ctx context.Context, l *lab, machine string) (*access.Shell, error) {
	outputs, err := access.Load(filepath.Join(l.home(), "access"))
	if err != nil {
		return nil, err
	}
	node, err := outputs.Node(machine)
	if err != nil {
		return nil, err
	}
	return k.of(l.name, outputs).to(ctx, node)
}

// of is the bastion that a lab's outputs speak of: machines and keys change.
func (k *kept) of(name string, outputs access.Outputs) *bastion {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	b := k.bastions[name]
	if b == nil || !reflect.DeepEqual(b.outputs, outputs) {
		b = &bastion{outputs: outputs, shells: map[string]*shell{}}
		k.bastions[name] = b // what runs over connections of the former one may end
	}
	return b
}

func (b *bastion) to(ctx context.Context, node access.Node) (*access.Shell, error) {
	s := b.shell(node.Name)
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.Shell != nil && alive(ctx, s.Alive) {
		return s.Shell, nil
	}
	client, err := b.dial(ctx)
	if err != nil {
		return nil, err
	}
	s.Shell, err = client.Connect(ctx, node)
	return s.Shell, err
}

func (b *bastion) shell(machine string) *shell {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	s := b.shells[machine]
	if s == nil {
		s = &shell{}
		b.shells[machine] = s
	}
	return s
}

func (b *bastion) dial(ctx context.Context) (*access.Client, error) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	if b.client == nil || !alive(ctx, b.client.Alive) {
		client, err := access.Dial(ctx, b.outputs)
		if err != nil {
			return nil, err
		}
		b.client = client
	}
	return b.client, nil
}

func alive(ctx context.Context, answers func(context.Context) bool) bool {
	ctx, cancel := context.WithTimeout(ctx, aliveTimeout)
	defer cancel()
	return answers(ctx)
}
