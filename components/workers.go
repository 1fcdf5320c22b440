package components

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/seed-3bc5c20b/azswarm/internal/bootstrap"
	"github.com/seed-3bc5c20b/azswarm/internal/vmsize"
)

// DefaultRegistratorImage is the image of Registrator where none is named.
const DefaultRegistratorImage = "gliderlabs/registrator:v7"

// WorkerPoolArgs are the arguments of [NewWorkerPool].
type WorkerPoolArgs struct {
	// Network the workers are in. Required.
	Network *Network
	// Consul cluster the workers' agents belong to. Required.
	Consul *ConsulCluster
	// Managers of the Swarm to join. Required.
	Managers *SwarmManagerSet
	// Count of workers: 0 up to the addresses of the block. A pool may be empty.
	Count int
	// Block is the sixteenth of the workers' subnet the pool has its addresses from, 0 to 15. No two pools of a network
	// share one, and a pool that changes it is replaced.
	Block int
	// Machine is the kind of virtual machine. Default size Standard_B2as_v2.
	Machine MachineArgs
	// Labels of the Swarm nodes, for placement constraints such as node.labels.tier==web; with [Classic] of the engines, for
	// constraints such as tier==web.
	Labels map[string]string
	// Ports that the pool's load balancer takes from users. Each must be among the network's Applications. Without any
	// there is no load balancer.
	Ports []ApplicationPort
	// RegistratorImage registers containers in Consul, with a tag. Default [DefaultRegistratorImage].
	RegistratorImage string
	// MaxUnavailable is the number of workers that may change at the same time once the pool exists. Default a tenth of
	// Count, at least 1.
	MaxUnavailable int
}

// WorkerPool is a number of equal workers: Swarm nodes with a Consul agent and Registrator. Removed workers are drained
// and leave before their machine goes; with [Classic], whose Swarm moves no containers, theirs are stopped.
//
// It is registered as complete once every worker is ready in the Swarm.
type WorkerPool struct {
	pulumi.ResourceState

	// Addresses of the workers.
	Addresses pulumi.StringArrayOutput `pulumi:"addresses"`
	// PublicAddress of the pool's load balancer; empty without Ports.
	PublicAddress pulumi.StringOutput `pulumi:"publicAddress"`

	args    WorkerPoolArgs
	workers *MachineSet
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
	n := p.args.Network
	if err := n.takeBlock(p.args.Block, name); err != nil {
		return nil, fmt.Errorf("WorkerPool %q: %w", name, err)
	}
	if err := ctx.RegisterComponentResource("azswarm:index:WorkerPool", name, p, opts...); err != nil {
		return nil, err
	}
	set := p.args.machineSet()
	set.Member = func(m *Machine) (pulumi.Resource, error) { return p.newWorker(ctx, m) }
	p.PublicAddress = pulumi.String("").ToStringOutput()
	if len(p.args.Ports) > 0 {
		var balanced []balancedPort
		for _, port := range p.args.Ports {
			balanced = append(balanced, balancedPort{port.Port, port.Target, port.Protocol})
		}
		front, err := n.newLoadBalancer(ctx, name, balanced, p)
		if err != nil {
			return nil, err
		}
		p.PublicAddress = front.address
		set.BackendPools = []pulumi.StringInput{front.backendPool}
	}
	var err error
	if p.workers, err = NewMachineSet(ctx, name, set, pulumi.Parent(p)); err != nil {
		return nil, err
	}
	if p.args.Count > 0 {
		if p.ready, err = p.args.Managers.newReady(ctx, name, "worker", p.args.Labels, p.workers, p); err != nil {
			return nil, err
		}
	}
	p.Addresses = p.workers.Addresses
	return p, ctx.RegisterResourceOutputs(p, pulumi.Map{"addresses": p.Addresses, "publicAddress": p.PublicAddress})
}

func (a *WorkerPoolArgs) machineSet() *MachineSetArgs {
	return &MachineSetArgs{
		Network: a.Network, Tier: WorkersTier, Block: a.Block, Count: a.Count, Machine: a.Machine, consulDNS: true,
		MaxUnavailable: a.MaxUnavailable,
	}
}

// nodeLabel is what Docker takes as the key of a label.
var nodeLabel = regexp.MustCompile(`^[a-zA-Z0-9]([a-zA-Z0-9._-]*[a-zA-Z0-9])?$`)

func (a *WorkerPoolArgs) validate(name string) error {
	if a.Network == nil || a.Consul == nil || a.Managers == nil {
		return fmt.Errorf("WorkerPool %q: Network, Consul and Managers are required", name)
	}
	if a.Machine.VMSize == "" {
		a.Machine.VMSize = vmsize.DefaultWorker
	}
	if a.RegistratorImage == "" {
		a.RegistratorImage = DefaultRegistratorImage
	}
	if a.MaxUnavailable == 0 {
		a.MaxUnavailable = max(1, a.Count/10)
	}
	_, err := a.machineSet().validate(name)
	errs := []error{err, validateImage("RegistratorImage", a.RegistratorImage)}
	for key := range a.Labels {
		if !nodeLabel.MatchString(key) {
			errs = append(errs, refused("Labels", "%q; a label is letters, digits, dots, hyphens and underscores", key))
		}
	}
	a.Ports = slices.Clone(a.Ports)
	for i := range a.Ports {
		port := &a.Ports[i]
		if err := port.validate(fmt.Sprintf("Ports[%d]", i)); err != nil {
			errs = append(errs, err)
			continue
		}
		open := slices.ContainsFunc(a.Network.args.Applications, func(open ApplicationPort) bool {
			return open.Target == port.Target && open.Protocol == port.Protocol
		})
		if !open {
			errs = append(errs, refused(fmt.Sprintf("Ports[%d]", i), "target port %d/%s is not open in the network; add it to NetworkArgs.Applications", port.Target, port.Protocol))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("WorkerPool %q: %w", name, err)
	}
	return nil
}

// newWorker registers what makes a machine a worker.
func (p *WorkerPool) newWorker(ctx *pulumi.Context, m *Machine) (pulumi.Resource, error) {
	c, s := p.args.Consul, p.args.Managers
	config, err := json.Marshal(c.clientConfig(m, s.args.workerServices()...))
	if err != nil {
		return nil, err
	}
	secrets := c.clientSecrets(workerAgent, swarmWorker)
	secrets["registrator"] = c.token(registrator)
	if s.args.Orchestrator == SwarmMode {
		secrets["swarm"] = s.swarm // it is no secret: another one has every worker join anew
	}
	parameters, err := s.workerParameters(ctx, m, p.args.Labels, secrets)
	if err != nil {
		return nil, err
	}
	return s.newMember(ctx, m, "worker", p.args.Labels, membership{
		join: bootstrap.Script{
			Parameters: append([]bootstrap.Parameter{
				{Name: "NODE", Value: m.Name}, {Name: "ADDRESS", Value: m.Address.String()},
				{Name: "REGISTRATOR_IMAGE", Value: p.args.RegistratorImage},
			}, slices.Concat(parameters, s.imageMirrorParameters(secrets), c.clientParameters(string(config)))...),
			Files: s.args.scripts().worker,
		},
		joinCall: "alone && ensure_mirrors && ensure_consul && join_as_worker && ensure_registrator", joinSecrets: secrets, after: []pulumi.Resource{s.ready},
	})
}
