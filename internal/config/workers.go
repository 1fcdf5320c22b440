package config

import (
	"fmt"
	"math"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/seed-3bc5c20b/azswarm/internal/ipam"
	"github.com/seed-3bc5c20b/azswarm/internal/ports"
	"github.com/seed-3bc5c20b/azswarm/internal/vmsize"
)

// maxPoolName keeps machine names within what fits everywhere: host names,
// Consul node names, Azure resource names with their suffixes.
const maxPoolName = 20

var (
	// A DNS label. One ending in a number would look like a machine of another pool.
	poolNamePattern   = regexp.MustCompile(`^[a-z](?:[a-z0-9-]*[a-z0-9])?$`)
	machineLikeSuffix = regexp.MustCompile(`-[0-9]+$`)

	// What Swarm's placement constraints can express, less the wildcards.
	labelNamePattern  = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$`)
	labelValuePattern = regexp.MustCompile(`^[A-Za-z0-9 :._/-]{0,128}$`)
)

// tierNames cannot name a pool: they name the other tiers' machines.
var tierNames = []string{"bastion", "consul", "managers"}

// everywhere is where clients come from unless a port says otherwise.
var everywhere = netip.MustParsePrefix("0.0.0.0/0")

func decodeWorkers(c *Config, v value) {
	names, blocks, open := map[string]string{}, map[int]string{}, map[string]opening{}
	items, _ := v.list()
	for i, item := range items {
		f, ok := item.object("name", "count", "vmSize", "labels", "block", "ports")
		if !ok {
			continue
		}
		pool := WorkerPool{
			Name:   decodePoolName(f["name"]),
			VMSize: decodeVMSize(f["vmSize"], vmsize.DefaultWorker),
			Labels: decodeLabels(f["labels"]),
			Block:  decodeBlock(f["block"], i),
			Ports:  decodePorts(c, f["ports"], open),
		}
		if other, ok := names[pool.Name]; ok && pool.Name != "" {
			f["name"].refuse("is the name of %s, too; every pool needs its own", other)
		}
		names[pool.Name] = item.path
		if other, ok := blocks[pool.Block]; ok {
			v.problems.add(f["block"].path, "%d: is the block of %s, too; every pool needs its own, by default its position in the list", pool.Block, other)
		}
		blocks[pool.Block] = item.path
		pool.Count = decodeWorkerCount(c, f["count"], pool.Block)
		c.Workers = append(c.Workers, pool)
	}
}

func decodePoolName(v value) string {
	if !v.set {
		v.problems.add(v.path, "is missing; every pool needs a name")
		return ""
	}
	name, ok := v.text("")
	if !ok {
		return ""
	}
	switch {
	case len(name) > maxPoolName || !poolNamePattern.MatchString(name):
		v.refuse("must be a DNS label of at most %d characters: lower-case letters, digits and inner hyphens, a letter first", maxPoolName)
	case machineLikeSuffix.MatchString(name):
		v.refuse("must not end in a hyphen and a number, which is how machines are named")
	case slices.Contains(tierNames, name):
		v.refuse("names another tier; must be none of %s", strings.Join(tierNames, ", "))
	}
	return name
}

func decodeBlock(v value, position int) int {
	if !v.set && position >= ipam.PoolBlocks {
		v.problems.add(v.path, "is missing; from the %dth pool on there is no default, and blocks go from 0 to %d", ipam.PoolBlocks+1, ipam.PoolBlocks-1)
		return position
	}
	return v.integer(position, 0, ipam.PoolBlocks-1)
}

// decodeWorkerCount checks the count against the addresses of the pool's block,
// as far as network and block are known to be right.
func decodeWorkerCount(c *Config, v value, block int) int {
	if !v.set {
		v.problems.add(v.path, "is missing; every pool needs a number of workers, which may be 0")
		return 0
	}
	count := v.integer(0, 0, math.MaxInt32)
	if !c.Network.IsValid() {
		return count
	}
	addresses, err := c.Plan.Pool(block)
	if err != nil {
		return count
	}
	if count > addresses.Capacity() {
		v.refuse("block %d of %s has addresses for %d machines (%s); must be at most that, or %snetwork wider",
			block, c.Plan.Workers, addresses.Capacity(), addresses, namespace)
	}
	return count
}

func decodeLabels(v value) map[string]string {
	labels := map[string]string{}
	fields := v.texts()
	for _, name := range sorted(fields) {
		field := fields[name]
		labels[name], _ = field.text("")
		if !labelNamePattern.MatchString(name) {
			v.problems.add(field.path, "name must have 1 to 63 letters, digits, dots, hyphens or underscores, a letter or digit first")
		}
		if !labelValuePattern.MatchString(labels[name]) {
			field.refuse("must have at most 128 letters, digits, spaces or :._/-")
		}
	}
	return labels
}

// opening is what a pool lets in on a port of its machines.
type opening struct {
	path    string
	sources []netip.Prefix
}

// decodePorts reads the ports of one pool. Those that open has of other pools
// must have the same sources: all workers share one subnet, and so its rules.
func decodePorts(c *Config, v value, open map[string]opening) []Port {
	var decoded []Port
	// A load balancer has one rule per front-end port, and one per port of its
	// machines ("Load balancer rules", Microsoft Learn).
	front, back := map[string]string{}, map[string]string{}
	items, _ := v.list()
	for _, item := range items {
		f, ok := item.object("port", "targetPort", "protocol", "sources")
		if !ok {
			continue
		}
		if !f["port"].set {
			v.problems.add(f["port"].path, "is missing; must be a whole number from 1 to 65535")
		}
		port := Port{Protocol: decodeProtocol(f["protocol"]), Sources: []netip.Prefix{everywhere}}
		port.Port = f["port"].integer(0, 1, math.MaxUint16)
		port.TargetPort = f["targetPort"].integer(port.Port, 1, math.MaxUint16)
		if f["sources"].set {
			port.Sources = decodeCIDRs(f["sources"], 0, "")
		}
		target := f["targetPort"]
		if !target.set {
			target = f["port"]
		}
		if user, taken := ports.Platform(port.TargetPort, c.options()...); taken {
			target.refuse("is the platform's on every worker (%s); must be another", user)
		}
		if port.Port != 0 && once(front, f["port"], port.Port, port.Protocol) && once(back, target, port.TargetPort, port.Protocol) {
			key := fmt.Sprintf("%d/%s", port.TargetPort, port.Protocol)
			if other, ok := open[key]; ok && !sameNetworks(other.sources, port.Sources) {
				v.problems.add(f["sources"].path, "%s must have the sources of %s: workers share one subnet, so what one pool opens is open on all", key, other.path)
			}
			open[key] = opening{item.path, port.Sources}
		}
		decoded = append(decoded, port)
	}
	return decoded
}

// sameNetworks compares lists without repetitions.
func sameNetworks(a, b []netip.Prefix) bool {
	return len(a) == len(b) && !slices.ContainsFunc(a, func(p netip.Prefix) bool { return !slices.Contains(b, p) })
}

// once reports a port and protocol seen before.
func once(seen map[string]string, v value, port int, protocol string) bool {
	key := fmt.Sprintf("%d/%s", port, protocol)
	other, again := seen[key]
	if again {
		v.refuse("%s is %s, too; a pool may have each port and protocol once", key, other)
	} else {
		seen[key] = v.path
	}
	return !again
}

func decodeProtocol(v value) string {
	protocol, ok := v.text("tcp")
	if !ok {
		return ""
	}
	if protocol != "tcp" && protocol != "udp" {
		v.refuse("must be tcp or udp")
	}
	return protocol
}
