package config

import (
	"net/netip"

	"github.com/seed-3bc5c20b/azswarm/internal/ipam"
	"github.com/seed-3bc5c20b/azswarm/internal/rules"
)

// everywhere is where clients come from unless a port says otherwise.
var everywhere = netip.MustParsePrefix(rules.DefaultSource)

func decodeWorkers(c *Config, v value) {
	seen := rules.NewPools()
	items, _ := v.list()
	for i, item := range items {
		f, ok := item.object("name", "count", "vmSize", "labels", "block", "ports")
		if !ok {
			continue
		}
		pool := WorkerPool{
			Name:   decodePoolName(f["name"]),
			VMSize: decodeVMSize(f["vmSize"], rules.DefaultWorkerVMSize),
			Labels: decodeLabels(f["labels"]),
			Block:  decodeBlock(f["block"], i),
			Ports:  decodePorts(c, f["ports"], seen),
		}
		v.problems.Pool(item.path, pool.Name, pool.Block, seen)
		pool.Count = decodeWorkerCount(c, f["count"], pool.Block)
		c.Workers = append(c.Workers, pool)
	}
}

func decodePoolName(v value) string {
	if !v.set {
		v.problems.Add(v.path, "is missing; every pool needs a name")
		return ""
	}
	name, ok := v.text("")
	if !ok {
		return ""
	}
	v.problems.PoolName(v.path, name)
	return name
}

func decodeBlock(v value, position int) int {
	if !v.set && position >= ipam.PoolBlocks {
		v.problems.NoBlock(v.path)
		return position
	}
	return v.integer(position, rules.Block)
}

// decodeWorkerCount checks the count against the addresses of the pool's block,
// as far as network and block are known to be right.
func decodeWorkerCount(c *Config, v value, block int) int {
	if !v.set {
		v.problems.Add(v.path, "is missing; every pool needs a number of workers, which may be 0")
		return 0
	}
	count := v.integer(0, rules.Workers)
	v.problems.WorkerCount(v.path, count, c.Plan, block, networkPath)
	return count
}

func decodeLabels(v value) map[string]string {
	labels := map[string]string{}
	fields := v.texts()
	for _, name := range sorted(fields) {
		field := fields[name]
		labels[name], _ = field.text("")
		v.problems.LabelName(v.path, name)
		v.problems.LabelValue(field.path, labels[name])
	}
	return labels
}

// decodePorts reads the ports of one pool, and remembers what they open.
func decodePorts(c *Config, v value, all *rules.Pools) []Port {
	var decoded []Port
	balanced := rules.NewBalanced()
	items, _ := v.list()
	for _, item := range items {
		f, ok := item.object("port", "targetPort", "protocol", "sources")
		if !ok {
			continue
		}
		if !f["port"].set {
			v.problems.Add(f["port"].path, "is missing; must be a whole number from 1 to 65535")
		}
		port := Port{Protocol: decodeProtocol(f["protocol"]), Sources: []netip.Prefix{everywhere}}
		port.Port = f["port"].integer(0, rules.Port)
		port.TargetPort = f["targetPort"].integer(port.Port, rules.Port)
		if f["sources"].set {
			port.Sources = decodeCIDRs(f["sources"], rules.Users)
		}
		target := f["targetPort"]
		if !target.set {
			target = f["port"]
		}
		v.problems.Target(target.path, port.TargetPort, c.options()...)
		if port.Port != 0 {
			v.problems.Balanced(rules.Application{
				Path: item.path, PortPath: f["port"].path, TargetPath: target.path, SourcesPath: f["sources"].path,
				Port: port.Port, Target: port.TargetPort, Protocol: port.Protocol, Sources: port.Sources,
			}, balanced, all)
		}
		decoded = append(decoded, port)
	}
	return decoded
}

func decodeProtocol(v value) string {
	protocol, ok := v.text(rules.DefaultProtocol)
	if !ok {
		return ""
	}
	v.problems.Protocol(v.path, protocol)
	return protocol
}
