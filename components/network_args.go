package components

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/seed-3bc5c20b/azswarm/components/internal/inputs"
	"github.com/seed-3bc5c20b/azswarm/internal/ipam"
	"github.com/seed-3bc5c20b/azswarm/internal/ports"
	"github.com/seed-3bc5c20b/azswarm/internal/rules"
)

// NetworkArgs are the arguments of [NewNetwork].
type NetworkArgs struct {
	// AddressSpace of the virtual network: an IPv4 CIDR of /8 to /24, private, outside 172.16.0.0/12 where Docker's own
	// networks lie. It is carved into one subnet per tier; the upper half is the workers'. Default 10.20.0.0/16.
	AddressSpace string `pulumi:"addressSpace,optional"`
	// AdminCIDRs are the networks operators connect from: they alone reach SSH on the bastion and the Swarm API.
	// Required; each /8 or narrower.
	AdminCIDRs []string `pulumi:"adminCidrs"`
	// ResourceGroupName puts everything into a resource group that exists. Default: one of its own.
	ResourceGroupName pulumi.StringInput `pulumi:"resourceGroupName,optional"`
	// Applications are the ports of the workers that are open to users, by names that the pools that serve them have in
	// [WorkerPoolArgs.Applications]; nothing else is open.
	Applications map[string]ApplicationPort `pulumi:"applications,optional"`
	// InternalPorts are TCP ports of managers and workers that the workers' containers may connect to, single ones such as
	// "8080" or ranges such as "32768-60999": what services publish for each other, and what runs on the nodes themselves.
	// At most 100. Default none: then services on different workers reach each other through overlay networks only.
	InternalPorts []string `pulumi:"internalPorts,optional"`
	// Orchestrator of the containers: it decides which ports are open, and never changes in the life of a network. Default
	// [SwarmMode].
	Orchestrator Orchestrator `pulumi:"orchestrator,optional"`
	// ImageCache has managers keep container images for workers, and the port open at which they serve them. Default none.
	ImageCache ImageCache `pulumi:"imageCache,optional"`
	// Spread says how Azure keeps the machines of a tier apart. Default [SpreadAvailabilitySet].
	Spread Spread `pulumi:"spread,optional"`
	// FaultDomains of every availability set, 2 or 3: as many as the region has. Default 3. With 2, one domain holds the
	// majority of any number of Consul servers or managers, so more than one of either is refused. Without effect with
	// [SpreadZones].
	FaultDomains int `pulumi:"faultDomains,optional"`
	// Bastion is the machine operators jump through. Default size Standard_B2ats_v2.
	Bastion MachineArgs `pulumi:"bastion,optional"`
	// Tags are put on every Azure resource. At most 50. Tags with other keys, which policies and people have put on a resource and a
	// refresh has found there, stay.
	Tags pulumi.StringMap `pulumi:"tags,optional"`
}

// ApplicationPort is a port on which workers serve users.
type ApplicationPort struct {
	// Port of the load balancer, 1 to 65535. Required.
	Port int `pulumi:"port"`
	// TargetPort of the workers. Default Port.
	TargetPort int `pulumi:"targetPort,optional"`
	// Protocol of both. Default [TCP].
	Protocol Protocol `pulumi:"protocol,optional"`
	// Sources are the CIDRs users come from. Ports of the workers that several applications share have the same. Default the
	// internet.
	Sources []string `pulumi:"sources,optional"`
}

// Protocol is a transport protocol.
type Protocol string

// The protocols of application ports.
const (
	TCP Protocol = "tcp"
	UDP Protocol = "udp"
)

// target is the port of the workers and its protocol, for defaulted ports.
func (p ApplicationPort) target() string { return fmt.Sprintf("%d/%s", p.TargetPort, p.Protocol) }

// defaulted is the port with everything said.
func (p ApplicationPort) defaulted() ApplicationPort {
	p.TargetPort = cmp.Or(p.TargetPort, p.Port)
	p.Protocol = cmp.Or(p.Protocol, Protocol(rules.DefaultProtocol))
	if p.Sources == nil {
		p.Sources = []string{rules.DefaultSource}
	}
	return p
}

// judge reports what is wrong with a port, and returns what the rules for all of them want to know; defaulted is p with
// defaults.
func (p ApplicationPort) judge(problems *rules.Problems, path string, options ...ports.Option) rules.Application {
	full := p.defaulted()
	at := rules.Application{
		Path:        path,
		PortPath:    rules.Field(path, "port"),
		TargetPath:  rules.Field(path, "targetPort"),
		SourcesPath: rules.Field(path, "sources"),
		Port:        full.Port,
		Target:      full.TargetPort,
		Protocol:    string(full.Protocol),
	}
	if p.TargetPort == 0 {
		at.TargetPath = at.PortPath
	} else {
		problems.Number(at.TargetPath, p.TargetPort, rules.Port)
	}
	problems.Number(at.PortPath, p.Port, rules.Port)
	problems.Protocol(rules.Field(path, "protocol"), at.Protocol)
	problems.Target(at.TargetPath, at.Target, options...)
	at.Sources = problems.CIDRs(at.SourcesPath, full.Sources, rules.Users)
	return at
}

// validate fills in defaults, reports everything wrong, and returns the plan of the addresses.
func (a *NetworkArgs) validate(name string) (ipam.Plan, error) {
	a.AddressSpace = cmp.Or(a.AddressSpace, rules.DefaultNetwork)
	a.Orchestrator = cmp.Or(a.Orchestrator, Orchestrator(rules.DefaultOrchestrator))
	a.Spread = cmp.Or(a.Spread, Spread(rules.DefaultSpread))
	a.FaultDomains = cmp.Or(a.FaultDomains, rules.DefaultFaultDomains)
	a.Bastion.setDefaults(rules.DefaultBastionVMSize, rules.DefaultBastionDisk)

	var p rules.Problems
	heading := rules.Heading("Network", name)
	p.ComponentName("name", name)
	p.CIDRs("adminCidrs", a.AdminCIDRs, rules.Operators)
	plan, _ := p.AddressSpace("addressSpace", a.AddressSpace)
	p.Orchestrator("orchestrator", string(a.Orchestrator), "addressSpace", plan)
	p.Spread("spread", string(a.Spread))
	p.OneOf("faultDomains", a.FaultDomains, rules.FaultDomains)
	a.Bastion.validate(&p, "bastion")
	a.ImageCache.validate(&p, heading, "imageCache")
	a.validateApplications(&p)
	p.InternalPorts("internalPorts", len(a.InternalPorts))
	var opened []ports.Range
	for i, text := range a.InternalPorts {
		open, err := ports.ParseRange(text)
		if err != nil {
			p.Refuse(rules.Item("internalPorts", i), text, "%v", err)
			continue
		}
		p.InternalPort(rules.Item("internalPorts", i), open, opened)
		opened = append(opened, open)
	}
	p.TagNames("tags", slices.Collect(maps.Keys(a.Tags)))
	a.Tags = inputs.CheckedMap(&p, heading, "tags", a.Tags, (*rules.Problems).TagValue)
	return plan, p.Err(heading)
}

func (a *NetworkArgs) validateApplications(p *rules.Problems) {
	applications, all := map[string]ApplicationPort{}, rules.NewPools()
	for _, name := range slices.Sorted(maps.Keys(a.Applications)) {
		port := a.Applications[name]
		p.Opened(port.judge(p, rules.Field("applications", name), a.options()...), all)
		applications[name] = port.defaulted()
	}
	a.Applications = applications
}

// opened are the applications whose target ports differ, in the order of their names: what is open on all workers.
func (a *NetworkArgs) opened() []ApplicationPort {
	var open []ApplicationPort
	for _, name := range slices.Sorted(maps.Keys(a.Applications)) {
		port := a.Applications[name]
		if !slices.ContainsFunc(open, func(other ApplicationPort) bool { return other.target() == port.target() }) {
			open = append(open, port)
		}
	}
	return open
}

// options are the parts of the port table that are there on request.
func (a *NetworkArgs) options() []ports.Option {
	if a.ImageCache.Image == nil {
		return nil
	}
	return []ports.Option{ports.ImageCache}
}

// checkQuorum refuses a number of voters of which one fault domain would hold the majority.
func (a *NetworkArgs) checkQuorum(p *rules.Problems, path string, voters int) {
	p.Quorum(path, voters, string(a.Spread), a.FaultDomains, "the network's spread", "its faultDomains")
}
