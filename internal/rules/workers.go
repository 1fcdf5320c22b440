package rules

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/seed-3bc5c20b/azswarm/internal/ipam"
	"github.com/seed-3bc5c20b/azswarm/internal/ports"
)

// maxPoolName keeps machine names within what fits everywhere: host names,
// Consul node names, Azure resource names with their suffixes.
const maxPoolName = 20

var (
	// A DNS label. One ending in a number would look like a machine of another pool.
	poolName          = regexp.MustCompile(`^[a-z](?:[a-z0-9-]*[a-z0-9])?$`)
	machineLikeSuffix = regexp.MustCompile(`-[0-9]+$`)
)

// tierNames cannot name a pool: they name the other tiers' machines.
var tierNames = []string{"bastion", "consul", "managers"}

// Block is which part of the workers' subnet a pool may have.
var Block = Span{0, ipam.PoolBlocks - 1}

// PoolName checks the name of a pool.
func (p *Problems) PoolName(path, name string) {
	switch {
	case len(name) > maxPoolName || !poolName.MatchString(name):
		p.Refuse(path, name, "must be a DNS label of at most %d characters: lower-case letters, digits and inner hyphens, a letter first", maxPoolName)
	case machineLikeSuffix.MatchString(name):
		p.Refuse(path, name, "must not end in a hyphen and a number, which is how machines are named")
	case slices.Contains(tierNames, name):
		p.Refuse(path, name, "names another tier; must be none of %s", strings.Join(tierNames, ", "))
	}
}

// Pools are those of a cluster seen so far.
type Pools struct {
	names  map[string]string // paths
	blocks map[int]string
	open   map[string]opening
}

// NewPools is none.
func NewPools() *Pools {
	return &Pools{map[string]string{}, map[int]string{}, map[string]opening{}}
}

// Pool checks that a pool has a name and a block of its own, and remembers it.
func (p *Problems) Pool(path, name string, block int, seen *Pools) {
	if other, ok := seen.names[name]; ok && name != "" {
		p.Refuse(Field(path, "name"), name, "is the name of %s, too; every pool needs its own", other)
	}
	seen.names[name] = path
	if other, ok := seen.blocks[block]; ok {
		p.Add(Field(path, "block"), "%d: is the block of %s, too; every pool needs its own, by default its position in the list", block, other)
	}
	seen.blocks[block] = path
}

// NoBlock reports a pool that has no block by its position.
func (p *Problems) NoBlock(path string) {
	p.Add(path, "is missing; from the %dth pool on there is no default, and blocks go from 0 to %d", ipam.PoolBlocks+1, ipam.PoolBlocks-1)
}

// WorkerCount checks that a pool's block has addresses for all, as far as network and block are known to be right. The property
// of the address space is named by its path.
func (p *Problems) WorkerCount(path string, count int, plan ipam.Plan, block int, networkPath string) {
	if !plan.Space.IsValid() {
		return
	}
	addresses, err := plan.Pool(block)
	if err == nil && count > addresses.Capacity() {
		p.Refuse(path, count, "block %d of %s has addresses for %d machines (%s); must be at most that, or %s wider",
			block, plan.Workers, addresses.Capacity(), addresses, networkPath)
	}
}

// Protocol checks a transport protocol.
func (p *Problems) Protocol(path, protocol string) {
	if protocol != "tcp" && protocol != "udp" {
		p.Refuse(path, protocol, "must be tcp or udp")
	}
}

// Target checks the port of the workers that an application takes.
func (p *Problems) Target(path string, port int, options ...ports.Option) {
	if user, taken := ports.Platform(port, options...); taken {
		p.Refuse(path, port, "is the platform's on every worker (%s); must be another", user)
	}
}

// Application is a port on which workers serve users, with where each part of it is said.
type Application struct {
	Path, PortPath, TargetPath, SourcesPath string

	Port, Target int
	Protocol     string
	Sources      []netip.Prefix
}

// opening is what lets users in on a port of the workers.
type opening struct {
	path    string
	sources []netip.Prefix
}

// Balanced are the applications of one pool seen so far, by port and protocol.
type Balanced struct{ front, back map[string]string }

// NewBalanced is none.
func NewBalanced() *Balanced { return &Balanced{map[string]string{}, map[string]string{}} }

// Balanced checks an application of one pool against the others of that pool, and against those of others in the cluster. A load
// balancer has one rule per front-end port, and one per port of its machines ("Load balancer rules", Microsoft Learn); and
// all workers share one subnet, and so its rules.
func (p *Problems) Balanced(a Application, pool *Balanced, all *Pools) {
	if !p.once(pool.front, a.PortPath, a.Port, a.Protocol) || !p.once(pool.back, a.TargetPath, a.Target, a.Protocol) {
		return
	}
	p.Opened(a, all)
}

// Opened checks that what is open on the workers is so for the same users everywhere.
func (p *Problems) Opened(a Application, all *Pools) {
	key := fmt.Sprintf("%d/%s", a.Target, a.Protocol)
	if other, ok := all.open[key]; ok && !sameNetworks(other.sources, a.Sources) {
		p.Add(a.SourcesPath, "%s must have the sources of %s: workers share one subnet, so what one pool opens is open on all", key, other.path)
	}
	all.open[key] = opening{a.Path, a.Sources}
}

// once reports a port and protocol seen before.
func (p *Problems) once(seen map[string]string, path string, port int, protocol string) bool {
	key := fmt.Sprintf("%d/%s", port, protocol)
	other, again := seen[key]
	if again {
		p.Refuse(path, port, "%s is %s, too; a pool may have each port and protocol once", key, other)
	} else {
		seen[key] = path
	}
	return !again
}

// sameNetworks compares lists without repetitions.
func sameNetworks(a, b []netip.Prefix) bool {
	return len(a) == len(b) && !slices.ContainsFunc(a, func(p netip.Prefix) bool { return !slices.Contains(b, p) })
}
