package arm

import (
	"context"
	"reflect"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/seed-3bc5c20b/azswarm/lab/cloud"
)

// guard brings machines' security to the model's. One call at a time: it reads the model when its turn comes, so that the
// latest change wins.
type guard struct {
	mu      sync.Mutex
	inForce sync.Map // folded id of a machine -> the cloud.Security it has, as far as this process knows
}

// secure puts the security groups around these machines in force where they differ from what is.
func (m *Manager) secure(ctx context.Context, machines []*record) error {
	if len(machines) == 0 {
		return nil
	}
	m.guard.mu.Lock()
	defer m.guard.mu.Unlock()
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallelism)
	for _, machine := range machines {
		m.mu.Lock()
		current := m.view.get(machine.ID)
		if current == nil || !current.live { // gone, or still being made: then its creation sees to it
			m.mu.Unlock()
			continue
		}
		spec := current.kind.cloud.spec(m.view, current).(cloud.Machine)
		m.mu.Unlock()
		if known, ok := m.guard.inForce.Load(fold(machine.ID)); ok && reflect.DeepEqual(known, spec.Security) {
			continue
		}
		group.Go(func() error {
			m.guard.inForce.Delete(fold(machine.ID))
			if err := m.options.Cloud.Secure(ctx, spec); err != nil {
				return err
			}
			m.guard.inForce.Store(fold(machine.ID), spec.Security)
			return nil
		})
	}
	return group.Wait()
}

// securedBy are the machines whose security the record has a part in. The caller holds the lock.
func (m *Manager) securedBy(r *record) []*record {
	v := m.view
	var nics []string
	inSubnet := func(subnet string) {
		for _, configuration := range v.sourcesOf(subnet, ipConfigurationType) {
			nics = append(nics, parentOf(configuration))
		}
	}
	switch r.kind.Token {
	case virtualMachineToken:
		return []*record{r}
	case networkInterfaceToken:
		nics = append(nics, r.ID)
	case networkSecurityGroupToken:
		nics = v.sourcesOf(r.ID, interfaceType)
		for _, subnet := range v.sourcesOf(r.ID, subnetType) {
			inSubnet(subnet)
		}
	case virtualNetworkToken:
		for _, subnet := range r.Body.Objects("subnets") {
			inSubnet(subnet.Text("id"))
		}
	}
	var machines []*record
	for _, nic := range nics {
		for _, id := range v.sourcesOf(nic, machineType) {
			if machine := v.get(id); !slices.Contains(machines, machine) {
				machines = append(machines, machine)
			}
		}
	}
	return machines
}

// security is what stands between an interface and its network.
func (v *view) security(nic *record) cloud.Security {
	if nic == nil { // only if somebody removed its file
		return cloud.Security{}
	}
	subnetID, _, _ := v.place(nic)
	s := cloud.Security{Interface: v.securityGroup(nic.Body.Text("networkSecurityGroup.id"))}
	if subnet, network := v.part(subnetID, "subnets"); subnet != nil {
		s.VirtualNetwork = prefixes(network.Body.Strings("addressSpace.addressPrefixes"))
		s.Subnet = v.securityGroup(subnet.Text("networkSecurityGroup.id"))
	}
	return s
}

func (v *view) securityGroup(id string) *cloud.SecurityGroup {
	r := v.get(id)
	if r == nil {
		return nil
	}
	group := &cloud.SecurityGroup{Name: LastName(r.ID)}
	for _, rule := range append(r.Body.Objects("securityRules"), r.Body.Objects("defaultSecurityRules")...) {
		group.Rules = append(group.Rules, cloud.SecurityRule{
			Name: rule.Text("name"), Priority: rule.Int("priority", 0), Protocol: rule.Text("protocol"),
			Inbound: rule.Text("direction") == "Inbound", Allow: rule.Text("access") == "Allow",
			Sources:      eitherOf(rule, "sourceAddressPrefix", "sourceAddressPrefixes"),
			Destinations: eitherOf(rule, "destinationAddressPrefix", "destinationAddressPrefixes"),
			SourcePorts:  eitherOf(rule, "sourcePortRange", "sourcePortRanges"), DestinationPorts: eitherOf(rule, "destinationPortRange", "destinationPortRanges"),
		})
	}
	return group
}

// eitherOf are the values of a rule's property and of its plural.
func eitherOf(rule Object, one, many string) []string {
	values := rule.Strings(many)
	if single := rule.Text(one); single != "" {
		values = append(values, single)
	}
	return values
}
