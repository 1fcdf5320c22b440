package components

import (
	"cmp"
	"fmt"
	"strings"

	compute "github.com/pulumi/pulumi-azure-native-sdk/compute/v2/v20240701"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/seed-3bc5c20b/azswarm/components/internal/kept"
	"github.com/seed-3bc5c20b/azswarm/components/internal/roll"
	"github.com/seed-3bc5c20b/azswarm/internal/bootstrap"
	"github.com/seed-3bc5c20b/azswarm/internal/ipam"
	"github.com/seed-3bc5c20b/azswarm/internal/ports"
	"github.com/seed-3bc5c20b/azswarm/internal/rules"
)

// Tier is a part of the network with a subnet and a network security group of its own.
type Tier string

// The tiers a [MachineSet] can be in.
const (
	ConsulTier   Tier = Tier(ports.Consul)
	ManagersTier Tier = Tier(ports.Managers)
	WorkersTier  Tier = Tier(ports.Workers)
)

// MachineSetArgs are the arguments of [NewMachineSet].
type MachineSetArgs struct {
	// Network the machines are in. Required.
	Network *Network
	// Tier decides the subnet, and with it the addresses and who may connect. Required.
	Tier Tier `pulumi:"tier"`
	// Block is the part of the workers' subnet the set takes its addresses from, 0 to 15; only for [WorkersTier].
	Block int `pulumi:"block"`
	// Count of machines: 0 up to the addresses there are.
	Count int `pulumi:"count"`
	// Machine is the kind of virtual machine. VMSize is required.
	Machine MachineArgs `pulumi:"machine"`
	// MaxUnavailable is the number of machines that may change at the same time once the set exists. Default a tenth of Count, at least 1.
	MaxUnavailable int `pulumi:"maxUnavailable"`
	// BackendPools are ARM ids of load balancer backend pools that every machine joins.
	BackendPools []pulumi.StringInput
	// Member, if not nil, registers what makes a machine a member of its cluster, and returns the resource that exists
	// once it is one. It is called for each machine in turn; the next machine changes after that resource has.
	Member func(*Machine) (pulumi.Resource, error)

	consulDNS bool
}

// MachineSet is a number of equal virtual machines in one tier, spread over fault domains or zones, with static
// addresses: machine i always has the i-th address of its subnet or block, and the host name "<set>-<i>".
//
// Machines are created all at once, and changed one after the other (or MaxUnavailable at a time) ever after.
type MachineSet struct {
	pulumi.ResourceState

	// Addresses are the private addresses, in the order of the machines.
	Addresses pulumi.StringArrayOutput `pulumi:"addresses"`

	machines []*Machine
	members  []pulumi.Resource
	hostKeys []pulumi.StringMapOutput
	known    pulumi.StringOutput // known_hosts of all machines of the set, those to come included
}

// NewMachineSet registers a [MachineSet]. It fails before anything is registered if an argument is not allowed.
func NewMachineSet(ctx *pulumi.Context, name string, args *MachineSetArgs, opts ...pulumi.ResourceOption) (*MachineSet, error) {
	if args == nil {
		args = &MachineSetArgs{}
	}
	a := *args
	var p rules.Problems
	addresses := a.validate(&p)
	if err := p.Err(mistakesIn("MachineSet", name)); err != nil {
		return nil, err
	}
	s := &MachineSet{}
	if err := register(ctx, "MachineSet", name, a, s, opts); err != nil {
		return nil, err
	}
	if err := a.keepBlock(ctx, name, s); err != nil {
		return nil, err
	}
	order, err := roll.New(ctx, name+"-born", pulumi.Parent(s))
	if err != nil {
		return nil, err
	}
	sets, err := a.newAvailabilitySets(ctx, name, s)
	if err != nil {
		return nil, err
	}
	if err := s.newHostKeys(ctx, name, &a, addresses); err != nil {
		return nil, err
	}
	for i := range a.Count {
		address, err := addresses.Host(i)
		if err != nil {
			return nil, err
		}
		spec := machineSpec{
			name: memberName(name, i), hostKey: s.hostKeys[i], tier: ports.Peer(a.Tier), address: address, args: a.Machine,
			engine: true, consulDNS: a.consulDNS, backendPools: a.BackendPools,
		}
		if a.Network.args.Spread == SpreadZones {
			spec.zone = zones[i%len(zones)]
		} else {
			spec.availabilitySet, spec.setName = sets[i/setCapacity].ID(), a.setName(name, i)
		}
		m, err := a.Network.newMachine(ctx, spec, s, order.After(s.before(i, &a)...))
		if err != nil {
			return nil, err
		}
		m.set = s
		s.machines = append(s.machines, m)
		member := m.booted
		if a.Member != nil {
			if member, err = a.Member(m); err != nil {
				return nil, err
			}
		}
		s.members = append(s.members, member)
	}
	s.Addresses = pulumi.ToStringArray(s.addresses()).ToStringArrayOutput()
	return s, ctx.RegisterResourceOutputs(s, pulumi.Map{"addresses": s.Addresses})
}

// validate fills in defaults, reports everything wrong, and returns the addresses of the machines.
func (a *MachineSetArgs) validate(p *rules.Problems) ipam.Range {
	a.MaxUnavailable = cmp.Or(a.MaxUnavailable, rules.DefaultMaxUnavailable(a.Count))
	a.Machine.validate(p, "machine")
	plan := a.Network.plan
	p.Number("count", a.Count, rules.Workers)
	p.Number("maxUnavailable", a.MaxUnavailable, rules.Machines)
	if a.Tier != WorkersTier {
		return ipam.Hosts(a.Network.subnet(ports.Peer(a.Tier)))
	}
	p.Number("block", a.Block, rules.Block)
	p.WorkerCount("count", a.Count, plan, a.Block, "the network's addressSpace")
	addresses, _ := plan.Pool(a.Block) // a block that there is none of is refused
	return addresses
}

// keepBlock refuses to move machines to another block: they would have to take addresses that others may still have, and a member
// of the Swarm keeps the address it joined with.
func (a *MachineSetArgs) keepBlock(ctx *pulumi.Context, name string, parent pulumi.Resource) error {
	if a.Tier != WorkersTier || a.Count == 0 {
		return nil
	}
	block := fmt.Sprint(a.Block)
	made, err := kept.First(ctx, name+"-block", block, pulumi.Parent(parent))
	if err != nil {
		return err
	}
	if made != block {
		return rules.Invalid(mistakesIn("MachineSet", name), "block", `%s, but its machines were made in block %s, and keep their addresses;
give %[3]s block %[2]s, which is no longer the default once a pool ahead of it is gone. To move it: add a pool in block %[1]s, move the
applications, and remove this one; or take its count to 0 for one update`, block, made, name)
	}
	return nil
}

// newAvailabilitySets registers as many sets as the machines need.
func (a *MachineSetArgs) newAvailabilitySets(ctx *pulumi.Context, name string, parent pulumi.Resource) ([]*compute.AvailabilitySet, error) {
	if a.Network.args.Spread == SpreadZones {
		return nil, nil
	}
	var sets []*compute.AvailabilitySet
	for first := 0; first < a.Count; first += setCapacity {
		setName := a.setName(name, first)
		set, err := compute.NewAvailabilitySet(ctx, setName, &compute.AvailabilitySetArgs{
			AvailabilitySetName: pulumi.String(setName), ResourceGroupName: a.Network.ResourceGroupName, Tags: a.Network.tags(),
			Sku:                      compute.SkuArgs{Name: pulumi.String("Aligned")}, // the kind for managed disks
			PlatformFaultDomainCount: pulumi.Int(a.Network.args.FaultDomains), PlatformUpdateDomainCount: pulumi.Int(updateDomains),
		}, append(a.Network.azure(), pulumi.Parent(parent),
			pulumi.IgnoreChanges(othersAvailabilitySet), a.Network.shared.keep("AvailabilitySet", setName))...)
		if err != nil {
			return nil, err
		}
		sets = append(sets, set)
	}
	return sets, nil
}

// newHostKeys keeps the host keys of all machines before the first machine: members ask each other for things, and each
// has to know the others.
func (s *MachineSet) newHostKeys(ctx *pulumi.Context, name string, a *MachineSetArgs, addresses ipam.Range) error {
	lines := pulumi.StringArray{}
	for i := range a.Count {
		key, err := a.Network.newSSHKey(ctx, memberName(name, i)+"-hostkey", "", s)
		if err != nil {
			return err
		}
		address, err := addresses.Host(i)
		if err != nil {
			return err
		}
		s.hostKeys = append(s.hostKeys, key)
		lines = append(lines, knownHosts(kept.Public(key, "public"), address.String(), memberName(name, i)))
	}
	s.known = joinLines(lines)
	return nil
}

func memberName(set string, i int) string { return fmt.Sprintf("%s-%d", set, i) }

// before is what has to be in order before machine i changes: the bastion, through which members leave, and the member that
// may not be out of order at the same time.
func (s *MachineSet) before(i int, a *MachineSetArgs) []pulumi.Resource {
	if i < a.MaxUnavailable {
		return []pulumi.Resource{a.Network.bastion}
	}
	return []pulumi.Resource{a.Network.bastion, s.members[i-a.MaxUnavailable]}
}

func (s *MachineSet) addresses() []string {
	var addresses []string
	for _, m := range s.machines {
		addresses = append(addresses, m.Address.String())
	}
	return addresses
}

// addressesParameter tells a script on the bastion where the set's machines are, in the order of their names.
func (s *MachineSet) addressesParameter() bootstrap.Parameter {
	return bootstrap.Parameter{Name: "ADDRESSES", Value: strings.Join(s.addresses(), " ")}
}

func (s *MachineSet) names() []string {
	var names []string
	for _, m := range s.machines {
		names = append(names, m.Name)
	}
	return names
}

// triggers change when any machine of the set is another one.
func (s *MachineSet) triggers() pulumi.Array {
	var all pulumi.Array
	for _, m := range s.machines {
		all = append(all, m.triggers)
	}
	return all
}

// plannedAddresses are those of the first count machines of a tier, before any is registered.
func (n *Network) plannedAddresses(tier Tier, count int) ([]string, error) {
	var addresses []string
	for i := range count {
		address, err := ipam.Host(n.subnet(ports.Peer(tier)), i)
		if err != nil {
			return nil, err
		}
		addresses = append(addresses, address.String())
	}
	return addresses, nil
}
