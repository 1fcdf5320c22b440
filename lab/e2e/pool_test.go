//go:build e2e

package e2e

import (
	"path/filepath"
	"reflect"
	"sync"

	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/access"
)

// pools keep the connections to labs' machines: tests ask hundreds of questions, and each login takes half a second of a core.
var pools struct {
	mutex sync.Mutex
	of    map[string]*access.Pool // by the lab's name
}

// pool is how to reach the lab's machines, as its outputs say now: machines and keys change.
func (l *lab) pool() (*access.Pool, error) {
	outputs, err := access.Load(filepath.Join(l.home(), "access"))
	if err != nil {
		return nil, err
	}
	pools.mutex.Lock()
	defer pools.mutex.Unlock()
	pool := pools.of[l.name]
	if pool == nil || !reflect.DeepEqual(pool.Outputs(), outputs) {
		if pools.of == nil {
			pools.of = map[string]*access.Pool{}
		}
		pool = access.NewPool(outputs)
		pools.of[l.name] = pool // what runs over the former one's connections may end
	}
	return pool, nil
}
