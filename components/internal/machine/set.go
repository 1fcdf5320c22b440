package machine

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/seed-3bc5c20b/azswarm/components/internal/azure"
	"github.com/seed-3bc5c20b/azswarm/components/internal/inputs"
	"github.com/seed-3bc5c20b/azswarm/components/internal/remote"
	"github.com/seed-3bc5c20b/azswarm/components/internal/rollout"
	"github.com/seed-3bc5c20b/azswarm/components/internal/stash"
	"github.com/seed-3bc5c20b/azswarm/internal/bootstrap"
	"github.com/seed-3bc5c20b/azswarm/internal/ipam"
	"github.com/seed-3bc5c20b/azswarm/internal/ports"
	"github.com/seed-3bc5c20b/azswarm/internal/rules"
	"github.com/seed-3bc5c20b/azswarm/internal/vmsize"
)

// zones are those of a region that has any, as Azure numbers them for each subscription.
var zones = []string{"1", "2", "3"}

// setCapacity is the number of machines Azure puts into one availability set.
const setCapacity = 200

// SetArgs are the arguments of [NewSet]; they are checked.
type SetArgs struct {
	// Tier decides the subnet, and with it the addresses and who may connect.
	Tier ports.Peer `pulumi:"tier"`
	// Block is the part of the workers' subnet the set takes its addresses from; only for workers.
	Block int `pulumi:"block"`
	// Count of machines.
	Count int `pulumi:"count"`
	// Kind of the machines.
	Kind Kind `pulumi:"machine"`
	// MaxUnavailable is the number of machines that may change at the same time once the set exists.
	MaxUnavailable int `pulumi:"maxUnavailable"`
	// BackendPools are ARM ids of load balancer backend pools that every machine joins.
	BackendPools []pulumi.StringInput
	// ConsulDNS has machines resolve names by their Consul agent.
	ConsulDNS bool
	// Drain registers the command that has the work of a machine run elsewhere before Azure restarts it with another size; nil where
	// nothing moves. It is called ahead of each machine, with the options that the command needs.
	Drain func(node Node, vmSize string, opts ...pulumi.ResourceOption) (*remote.Command, error)
	// Member registers what makes a machine a member of its cluster, and returns the resource that exists once it is one. It
	// is called for each machine in turn; the next machine changes after that resource has.
	Member func(*Machine) (pulumi.Resource, error)
}

// Set is a number of equal virtual machines in one tier, spread over fault domains or zones, with static addresses: machine i
// always has the i-th address of its subnet or block, and the host name "<set>-<i>". It is the component azswarm:index:MachineSet.
//
// Machines are created all at once, and changed one after the other (or MaxUnavailable at a time) ever after.
type Set struct {
	pulumi.ResourceState

	// Addresses are the private addresses, in the order of the machines.
	Addresses pulumi.StringArrayOutput `pulumi:"addresses"`
	// KnownHosts is the known_hosts of all machines of the set, those to come included.
	KnownHosts pulumi.StringOutput
	// Members are the resources that exist once the machines are members.
	Members []pulumi.Resource

	machines []*Machine
	hostKeys []pulumi.StringMapOutput
}

// NewSet registers a [Set].
func (s *Site) NewSet(ctx *pulumi.Context, name string, a SetArgs, opts ...pulumi.ResourceOption) (*Set, error) {
	set := &Set{}
	if err := inputs.Register(ctx, "MachineSet", name, a, set, opts); err != nil {
		return nil, err
	}
	if err := a.keepBlock(ctx, name, set); err != nil {
		return nil, err
	}
	order, err := rollout.New(ctx, name+"-born", pulumi.Parent(set))
	if err != nil {
		return nil, err
	}
	sets, err := s.newAvailabilitySets(ctx, name, a, set)
	if err != nil {
		return nil, err
	}
	addresses, err := s.addressRange(a)
	if err != nil {
		return nil, err
	}
	if err := set.newHostKeys(ctx, name, a.Count, addresses); err != nil {
		return nil, err
	}
	for i := range a.Count {
		address, err := addresses.Host(i)
		if err != nil {
			return nil, err
		}
		made := spec{
			Machine:   azure.Machine{Tier: a.Tier, Address: address, BackendPools: a.BackendPools},
			hostKey:   set.hostKeys[i],
			engine:    true,
			consulDNS: a.ConsulDNS,
		}
		if s.Zones {
			made.Zone = zones[i%len(zones)]
		} else {
			made.AvailabilitySet, made.SetName = sets[i/setCapacity], s.setName(name, i, a.Kind)
		}
		inTurn := order.After(s.before(set, i, a.MaxUnavailable)...)
		if a.Drain != nil {
			made.drained, err = a.Drain(newNode(MemberName(name, i), made), a.Kind.VMSize, pulumi.Parent(set), s.Together(), inTurn)
			if err != nil {
				return nil, err
			}
		}
		m, err := s.newMachine(ctx, MemberName(name, i), a.Kind, made, set, inTurn)
		if err != nil {
			return nil, err
		}
		m.Set = set
		set.machines = append(set.machines, m)
		member, err := a.Member(m)
		if err != nil {
			return nil, err
		}
		set.Members = append(set.Members, member)
	}
	set.Addresses = pulumi.ToStringArray(set.addresses()).ToStringArrayOutput()
	return set, ctx.RegisterResourceOutputs(set, pulumi.Map{"addresses": set.Addresses})
}

// addressRange are the addresses of the machines.
func (s *Site) addressRange(a SetArgs) (ipam.Range, error) {
	if a.Tier == ports.Workers {
		return s.Plan.Pool(a.Block)
	}
	return ipam.Hosts(azure.Subnet(s.Plan, a.Tier)), nil
}

// keepBlock refuses to move machines to another block: they would have to take addresses that others may still have, and a member
// of the Swarm keeps the address it joined with.
func (a *SetArgs) keepBlock(ctx *pulumi.Context, name string, parent pulumi.Resource) error {
	if a.Tier != ports.Workers || a.Count == 0 {
		return nil
	}
	block := fmt.Sprint(a.Block)
	made, err := stash.First(ctx, name+"-block", block, pulumi.Parent(parent))
	if err != nil {
		return err
	}
	if made != block {
		return rules.Invalid(rules.Heading("MachineSet", name), "block", `%s, but its machines were made in block %s, and keep their addresses;
give %[3]s block %[2]s, which is no longer the default once a pool ahead of it is gone. To move it: add a pool in block %[1]s, move the
applications, and remove this one; or take its count to 0 for one update`, block, made, name)
	}
	return nil
}

// newAvailabilitySets registers as many sets as the machines need, and returns their ARM ids.
func (s *Site) newAvailabilitySets(ctx *pulumi.Context, name string, a SetArgs, parent pulumi.Resource) ([]pulumi.StringOutput, error) {
	var sets []pulumi.StringOutput
	for first := 0; first < a.Count && !s.Zones; first += setCapacity {
		set, err := s.Scope.NewAvailabilitySet(ctx, s.setName(name, first, a.Kind), s.FaultDomains, pulumi.Parent(parent))
		if err != nil {
			return nil, err
		}
		sets = append(sets, set)
	}
	return sets, nil
}

// setName names the availability set of the machine with this number. The number of its fault domains can't be changed, and Azure
// keeps all its machines on one kind of hardware: where either is another, it is another set, into which the machines move one by
// one.
func (s *Site) setName(set string, machine int, kind Kind) string {
	if first := machine - machine%setCapacity; first > 0 {
		set = fmt.Sprintf("%s-%d-up", set, first)
	}
	if s.FaultDomains != rules.MaxFaultDomains {
		set = fmt.Sprintf("%s-fd%d", set, s.FaultDomains)
	}
	if hardware := vmsize.Hardware(kind.VMSize); hardware != "" {
		set += "-" + hardware
	}
	return set
}

// newHostKeys keeps the host keys of all machines before the first machine: members ask each other for things, and each
// has to know the others.
func (s *Set) newHostKeys(ctx *pulumi.Context, name string, count int, addresses ipam.Range) error {
	lines := pulumi.StringArray{}
	for i := range count {
		key, err := NewSSHKey(ctx, MemberName(name, i)+"-hostkey", "", s)
		if err != nil {
			return err
		}
		address, err := addresses.Host(i)
		if err != nil {
			return err
		}
		s.hostKeys = append(s.hostKeys, key)
		lines = append(lines, knownHosts(stash.Public(key, "public"), address.String(), MemberName(name, i)))
	}
	s.KnownHosts = JoinLines(lines)
	return nil
}

// MemberName is the host name of a machine of a set.
func MemberName(set string, i int) string { return fmt.Sprintf("%s-%d", set, i) }

// before is what has to be in order before machine i changes: the bastion, through which members leave, and the member that
// may not be out of order at the same time.
func (s *Site) before(set *Set, i, maxUnavailable int) []pulumi.Resource {
	if i < maxUnavailable {
		return []pulumi.Resource{s.Bastion}
	}
	return []pulumi.Resource{s.Bastion, set.Members[i-maxUnavailable]}
}

func (s *Set) addresses() []string {
	var addresses []string
	for _, m := range s.machines {
		addresses = append(addresses, m.Address.String())
	}
	return addresses
}

// AddressesParameter tells a script on the bastion where the set's machines are, in the order of their names.
func (s *Set) AddressesParameter() bootstrap.Parameter {
	return bootstrap.Parameter{Name: "ADDRESSES", Value: strings.Join(s.addresses(), " ")}
}

// Names are the machines' host names.
func (s *Set) Names() []string {
	var names []string
	for _, m := range s.machines {
		names = append(names, m.Name)
	}
	return names
}

// Triggers change when any machine of the set is another one.
func (s *Set) Triggers() pulumi.Array {
	var all pulumi.Array
	for _, m := range s.machines {
		all = append(all, m.Triggers)
	}
	return all
}
