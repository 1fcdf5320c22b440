package components

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/seed-3bc5c20b/azswarm/components/internal/azure"
	"github.com/seed-3bc5c20b/azswarm/components/internal/inputs"
	"github.com/seed-3bc5c20b/azswarm/components/internal/machine"
	"github.com/seed-3bc5c20b/azswarm/internal/ports"
	"github.com/seed-3bc5c20b/azswarm/internal/rules"
)

// DefaultRegistratorImage is the image of Registrator where none is named.
const DefaultRegistratorImage = rules.DefaultRegistratorImage

// WorkerPoolArgs are the arguments of [NewWorkerPool].
type WorkerPoolArgs struct {
	// Managers of the Swarm to join, which say what network and Consul cluster the workers are in. Required.
	Managers *SwarmManagerSet `pulumi:"managers"`
	// Count of workers: 0 up to the addresses of the block. A pool may be empty.
	Count int `pulumi:"count,optional"`
	// Block is the sixteenth of the workers' subnet the pool has its addresses from, 0 to 15. No two pools of a network
	// share one, and a pool that changes it is replaced.
	Block int `pulumi:"block,optional"`
	// Machine is the kind of virtual machine. Default size Standard_B2as_v2.
	Machine MachineArgs `pulumi:"machine,optional"`
	// Labels of the Swarm nodes, for placement constraints such as node.labels.tier==web; with [Classic] of the engines, for
	// constraints such as tier==web.
	Labels pulumi.StringMap `pulumi:"labels,optional"`
	// Applications are those of the network, by their names in [NetworkArgs.Applications], that the pool's load balancer takes
	// from users. Without any there is no load balancer.
	Applications []string `pulumi:"applications,optional"`
	// RegistratorImage registers containers in Consul, with a tag. Default [DefaultRegistratorImage].
	RegistratorImage pulumi.StringInput `pulumi:"registratorImage,optional"`
	// MaxUnavailable is the number of workers that may change at the same time once the pool exists. Default a tenth of
	// Count, at least 1.
	MaxUnavailable int `pulumi:"maxUnavailable,optional"`
}

// WorkerPool is a number of equal workers: Swarm nodes with a Consul agent and Registrator. Removed workers are drained
// and leave before their machine goes; with [Classic], whose Swarm moves no containers, theirs are stopped.
//
// It is registered as complete once every worker is ready in the Swarm.
type WorkerPool struct {
	pulumi.ResourceState

	// Addresses of the workers.
	Addresses pulumi.StringArrayOutput `pulumi:"addresses"`
	// PublicAddress of the pool's load balancer; empty without Applications.
	PublicAddress pulumi.StringOutput `pulumi:"publicAddress"`

	args    WorkerPoolArgs
	workers *machine.Set
	ready   pulumi.Resource // nil for an empty pool
}

// NewWorkerPool registers a [WorkerPool]. It fails before anything is registered if an argument is not allowed.
func NewWorkerPool(ctx *pulumi.Context, name string, args *WorkerPoolArgs, opts ...pulumi.ResourceOption) (*WorkerPool, error) {
	if args == nil {
		args = &WorkerPoolArgs{}
	}
	p := &WorkerPool{args: *args}
	if err := p.args.validate(name); err != nil {
		return nil, err
	}
	n := p.args.Managers.network()
	if err := inputs.Register(ctx, "WorkerPool", name, p.args, p, opts); err != nil {
		return nil, err
	}
	n.blocks[p.args.Block] = name
	set := p.args.machines()
	set.Member = func(m *machine.Machine) (pulumi.Resource, error) {
		return p.args.Managers.swarm.NewWorker(ctx, m, p.args.Labels, p.args.RegistratorImage)
	}
	set.Drain = p.args.Managers.swarm.Drain(ctx)
	p.PublicAddress = pulumi.String("").ToStringOutput()
	if len(p.args.Applications) > 0 {
		var balanced []azure.BalancedPort
		for _, name := range p.args.Applications {
			port := n.args.Applications[name]
			balanced = append(balanced, azure.BalancedPort{Frontend: port.Port, Backend: port.TargetPort, Protocol: port.Protocol.azure()})
		}
		front, err := n.site.Scope.NewLoadBalancer(ctx, name, n.VirtualNetworkID, balanced, p)
		if err != nil {
			return nil, err
		}
		p.PublicAddress = front.Address
		set.BackendPools = []pulumi.StringInput{front.BackendPool}
	}
	var err error
	if p.workers, err = n.site.NewSet(ctx, name, set, pulumi.Parent(p)); err != nil {
		return nil, err
	}
	if p.args.Count > 0 {
		if p.ready, err = p.args.Managers.swarm.NewReady(ctx, name, "worker", p.args.Labels, p.workers, p); err != nil {
			return nil, err
		}
	}
	p.Addresses = p.workers.Addresses
	return p, ctx.RegisterResourceOutputs(p, pulumi.Map{"addresses": p.Addresses, "publicAddress": p.PublicAddress})
}

func (a *WorkerPoolArgs) machines() machine.SetArgs {
	return machine.SetArgs{
		Tier:           ports.Workers,
		Block:          a.Block,
		Count:          a.Count,
		Kind:           a.Machine.kind(),
		MaxUnavailable: a.MaxUnavailable,
		ConsulDNS:      true,
	}
}

// validate fills in defaults and reports everything wrong.
func (a *WorkerPoolArgs) validate(name string) error {
	heading := rules.Heading("WorkerPool", name)
	if a.Managers == nil {
		return rules.Invalid(heading, "managers", "is missing")
	}
	network := a.Managers.network()
	a.Machine.setDefaults(rules.DefaultWorkerVMSize, rules.DefaultDisk)
	a.MaxUnavailable = cmp.Or(a.MaxUnavailable, rules.DefaultMaxUnavailable(a.Count))
	var p rules.Problems
	p.PoolName("name", name)
	a.Machine.validate(&p, "machine")
	p.Number("count", a.Count, rules.Workers)
	p.Number("block", a.Block, rules.Block)
	p.WorkerCount("count", a.Count, network.site.Plan, a.Block, "the network's addressSpace")
	p.Number("maxUnavailable", a.MaxUnavailable, rules.Machines)
	if other, taken := network.blocks[a.Block]; taken {
		p.Add("block", "%d: is the block of the pool %s, too; every pool needs its own", a.Block, other)
	}
	a.RegistratorImage = inputs.CheckedImage(&p, heading, "registratorImage", a.RegistratorImage, rules.DefaultRegistratorImage)
	for _, label := range slices.Sorted(maps.Keys(a.Labels)) {
		p.LabelName("labels", label)
	}
	a.Labels = inputs.CheckedMap(&p, heading, "labels", a.Labels, (*rules.Problems).LabelValue)
	a.validateApplications(&p, network)
	return p.Err(heading)
}

func (a *WorkerPoolArgs) validateApplications(p *rules.Problems, network *Network) {
	open, balanced := slices.Sorted(maps.Keys(network.args.Applications)), rules.NewBalanced()
	for i, name := range a.Applications {
		path := rules.Item("applications", i)
		port, ok := network.args.Applications[name]
		if !ok {
			p.Refuse(path, name, "is not open in the network; must be one of its applications: %s", strings.Join(open, ", "))
			continue
		}
		p.Balanced(rules.Application{
			PortPath:   path,
			TargetPath: path,
			Port:       port.Port,
			Target:     port.TargetPort,
			Protocol:   string(port.Protocol),
		}, balanced, rules.NewPools())
	}
}
