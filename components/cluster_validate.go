package components

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/seed-3bc5c20b/azswarm/components/internal/inputs"
	"github.com/seed-3bc5c20b/azswarm/internal/ipam"
	"github.com/seed-3bc5c20b/azswarm/internal/ports"
	"github.com/seed-3bc5c20b/azswarm/internal/rules"
)

// validate fills in defaults and reports everything wrong, before any of the cluster's parts is registered.
func (a *ClusterArgs) validate(name string) error {
	a.setDefaults()
	heading := rules.Heading("Cluster", name)
	var p rules.Problems
	p.ComponentName("name", name)
	p.CIDRs("adminCidrs", a.AdminCIDRs, rules.Operators)
	plan, _ := p.AddressSpace("network", a.Network)
	p.Orchestrator("orchestrator", string(a.Orchestrator), "network", plan)
	a.Engine.judge(&p, "engine", a.Orchestrator, "orchestrator")
	a.validateImages(&p, heading)
	p.Spread("spread", string(a.Spread))
	p.OneOf("faultDomains", a.FaultDomains, rules.FaultDomains)
	a.validateConsul(&p, heading)
	a.validateManagers(&p)
	a.validateWorkers(&p, heading, plan)
	a.Registrator.Image = inputs.CheckedImage(&p, heading, "registrator.image", a.Registrator.Image, rules.DefaultRegistratorImage)
	a.validateInternalPorts(&p)
	p.TagNames("tags", slices.Collect(maps.Keys(a.Tags)))
	a.Tags = inputs.CheckedMap(&p, heading, "tags", a.Tags, (*rules.Problems).TagValue)
	p.Number("rotate.dockerCa", a.Rotate.DockerCA, rules.Rotation)
	return p.Err(heading)
}

func (a *ClusterArgs) validateInternalPorts(p *rules.Problems) {
	p.InternalPorts("internalPorts", len(a.InternalPorts))
	var opened []ports.Range
	for i, open := range a.InternalPorts {
		at, before := rules.Item("internalPorts", i), p.Count()
		last := cmp.Or(open.LastPort, open.Port)
		p.Number(rules.Field(at, "port"), open.Port, rules.Port)
		p.Number(rules.Field(at, "lastPort"), last, rules.Span{Low: open.Port, High: rules.Port.High})
		if p.Count() > before {
			continue
		}
		r := ports.Range{First: open.Port, Last: last}
		p.InternalPort(at, r, opened)
		opened = append(opened, r)
	}
}

func (a *ClusterArgs) setDefaults() {
	a.Network = cmp.Or(a.Network, rules.DefaultNetwork)
	a.Orchestrator = cmp.Or(a.Orchestrator, Orchestrator(rules.DefaultOrchestrator))
	a.Spread = cmp.Or(a.Spread, Spread(rules.DefaultSpread))
	a.FaultDomains = cmp.Or(a.FaultDomains, rules.DefaultFaultDomains)
	a.Consul.Servers = cmp.Or(a.Consul.Servers, rules.DefaultServers)
	a.Consul.VMSize = cmp.Or(a.Consul.VMSize, rules.DefaultControlVMSize)
	a.Consul.ReconnectTimeout = cmp.Or(a.Consul.ReconnectTimeout, rules.DefaultReconnectTimeout.String())
	a.Managers.Count = cmp.Or(a.Managers.Count, rules.DefaultManagers)
	a.Managers.VMSize = cmp.Or(a.Managers.VMSize, rules.DefaultControlVMSize)
	a.Workers = slices.Clone(a.Workers)
	for i := range a.Workers {
		a.Workers[i].VMSize = cmp.Or(a.Workers[i].VMSize, rules.DefaultWorkerVMSize)
	}
}

func (a *ClusterArgs) validateImages(p *rules.Problems, heading string) {
	if a.Images.Registry != "" {
		p.Registry("images.registry", a.Images.Registry)
	}
	if a.Images.Cache != nil {
		a.Images.Cache = inputs.CheckedImage(p, heading, "images.cache", a.Images.Cache, rules.ExampleCacheImage)
		if a.Images.Registry != "" {
			p.CacheOrRegistry("images.cache", inputs.Shown(a.Images.Cache), "images.registry")
		}
		a.Images.Upstream = cmp.Or(a.Images.Upstream, rules.DefaultUpstream)
		p.Upstream("images.upstream", a.Images.Upstream)
	} else if a.Images.Upstream != "" {
		p.Add("images.upstream", "is for images.cache only")
	}
	switch {
	case a.Orchestrator == Classic:
		a.Classic.Image = inputs.CheckedImage(p, heading, "classic.image", a.Classic.Image, rules.DefaultSwarmImage)
	case a.Classic.Image != nil:
		p.ClassicOnly("classic", "orchestrator", "")
	}
}

func (a *ClusterArgs) validateConsul(p *rules.Problems, heading string) {
	c := &a.Consul
	p.OneOf("consul.servers", c.Servers, rules.Servers(c.AllowSingleServer))
	p.Quorum("consul.servers", c.Servers, string(a.Spread), a.FaultDomains, "spread", "faultDomains")
	p.VMSize("consul.vmSize", c.VMSize)
	c.Image = inputs.CheckedImage(p, heading, "consul.image", c.Image, rules.DefaultConsulImage)
	validateNodeServices(p, "consul.nodeServices", c.NodeServices)
	if timeout, err := time.ParseDuration(c.ReconnectTimeout); err != nil || !rules.ReconnectTimeout.Has(timeout) {
		p.Refuse("consul.reconnectTimeout", c.ReconnectTimeout, "%s", rules.ReconnectTimeout)
	}
}

func (a *ClusterArgs) validateManagers(p *rules.Problems) {
	p.OneOf("managers.count", a.Managers.Count, rules.Managers)
	p.Quorum("managers.count", a.Managers.Count, string(a.Spread), a.FaultDomains, "spread", "faultDomains")
	p.VMSize("managers.vmSize", a.Managers.VMSize)
	if a.Managers.Autolock {
		p.Autolock("managers.autolock", string(a.Orchestrator), "orchestrator")
	}
}

func (a *ClusterArgs) validateWorkers(p *rules.Problems, heading string, plan ipam.Plan) {
	var options []ports.Option
	if a.Images.Cache != nil {
		options = append(options, ports.ImageCache)
	}
	seen := rules.NewPools()
	for i := range a.Workers {
		pool, at := &a.Workers[i], rules.Item("workers", i)
		p.PoolName(rules.Field(at, "name"), pool.Name)
		p.VMSize(rules.Field(at, "vmSize"), pool.VMSize)
		labels := rules.Field(at, "labels")
		for _, label := range slices.Sorted(maps.Keys(pool.Labels)) {
			p.LabelName(labels, label)
		}
		pool.Labels = inputs.CheckedMap(p, heading, labels, pool.Labels, (*rules.Problems).LabelValue)
		if pool.Block == nil && i > rules.Block.High {
			p.NoBlock(rules.Field(at, "block"))
		}
		if pool.Block == nil {
			pool.Block = &i
		} else {
			p.Number(rules.Field(at, "block"), *pool.Block, rules.Block)
		}
		balanced := rules.NewBalanced()
		for j, port := range pool.Ports {
			p.Balanced(port.judge(p, rules.Item(rules.Field(at, "ports"), j), options...), balanced, seen)
		}
		p.Pool(at, pool.Name, *pool.Block, seen)
		p.Number(rules.Field(at, "count"), pool.Count, rules.Workers)
		p.WorkerCount(rules.Field(at, "count"), pool.Count, plan, *pool.Block, "network")
	}
}
