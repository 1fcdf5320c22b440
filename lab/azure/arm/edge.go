package arm

import (
	"context"
	"net/netip"
	"reflect"
	"sync"

	"github.com/seed-3bc5c20b/azswarm/lab/cloud"
)

// router brings the cloud's edge to the model's. One call at a time; callers that waited find their change
// already in force, because the edge is read from the model when their turn comes.
type router struct {
	mu    sync.Mutex
	known bool // edge is in force
	edge  cloud.Edge
}

func (m *Manager) route(ctx context.Context) error {
	m.router.mu.Lock()
	defer m.router.mu.Unlock()
	m.mu.Lock()
	edge := m.view.edge()
	m.mu.Unlock()
	if m.router.known && reflect.DeepEqual(edge, m.router.edge) {
		return nil
	}
	m.router.known = false
	if err := m.options.Cloud.Route(ctx, edge); err != nil {
		return err
	}
	m.router.known, m.router.edge = true, edge
	return nil
}

// forget makes the next call route whatever it finds.
func (r *router) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.known = false
}

// edge is all that crosses the border of the networks, in a stable order.
func (v *view) edge() cloud.Edge {
	var e cloud.Edge
	for _, r := range v.all(publicIPAddressToken) {
		if address, ok := r.publicAddress(); ok && r.live {
			if mapped, ok := v.mapped(r, address); ok {
				e.PublicIPs = append(e.PublicIPs, mapped)
			}
		}
	}
	for _, r := range v.all(loadBalancerToken) {
		if r.live {
			e.LoadBalancers = append(e.LoadBalancers, v.frontends(r)...)
		}
	}
	for _, r := range v.all(virtualNetworkToken) {
		if !r.live {
			continue
		}
		for _, s := range r.Body.Objects("subnets") {
			if out, ok := v.outbound(s); ok {
				e.Outbound = append(e.Outbound, out)
			}
		}
	}
	return e
}

// mapped is the mapping of a public IP to the interface that holds it, if that belongs to a machine.
func (v *view) mapped(publicIP *record, address netip.Addr) (cloud.PublicIP, bool) {
	for _, id := range v.sourcesOf(publicIP.ID, ipConfigurationType) {
		if private, network, ok := v.endpoint(id); ok {
			return cloud.PublicIP{Address: address, NetworkID: network, Private: private}, true
		}
	}
	return cloud.PublicIP{}, false
}

// endpoint is the address and network behind an IP configuration whose interface a machine holds.
func (v *view) endpoint(ipConfiguration string) (address netip.Addr, network string, ok bool) {
	nic := v.owner(ipConfiguration)
	if nic == nil || !nic.live {
		return netip.Addr{}, "", false
	}
	machines := v.sourcesOf(nic.ID, machineType)
	if len(machines) == 0 || !v.get(machines[0]).live {
		return netip.Addr{}, "", false
	}
	for _, c := range nic.Body.Objects("ipConfigurations") {
		if fold(c.Text("id")) != fold(ipConfiguration) {
			continue
		}
		if _, parent := v.part(c.Text("subnet.id"), "subnets"); parent != nil {
			address, err := netip.ParseAddr(c.Text("privateIPAddress"))
			return address, parent.ID, err == nil
		}
	}
	return netip.Addr{}, "", false
}

// frontends are the load balancer's public frontends with their rules. Without a backend there is nothing to balance.
func (v *view) frontends(r *record) []cloud.LoadBalancer {
	var frontends []cloud.LoadBalancer
	for _, f := range r.Body.Objects("frontendIPConfigurations") {
		publicIP := v.get(f.Text("publicIPAddress.id"))
		if publicIP == nil {
			continue
		}
		address, ok := publicIP.publicAddress()
		if !ok {
			continue
		}
		balancer := cloud.LoadBalancer{ID: r.ID, Address: address}
		for _, rule := range r.Body.Objects("loadBalancingRules") {
			if fold(rule.Text("frontendIPConfiguration.id")) != fold(f.Text("id")) {
				continue
			}
			backends, network := v.backends(rule)
			if network == "" {
				continue
			}
			balancer.NetworkID = network
			balancer.Rules = append(balancer.Rules, cloud.LoadBalancerRule{
				Name: rule.Text("name"), Protocol: rule.Text("protocol"), FrontendPort: rule.Int("frontendPort", 0),
				BackendPort: rule.Int("backendPort", 0), Backends: backends, Probe: probeOf(r, rule),
			})
		}
		if len(balancer.Rules) > 0 {
			frontends = append(frontends, balancer)
		}
	}
	return frontends
}

func (v *view) backends(rule Object) (addresses []netip.Addr, network string) {
	seen := map[netip.Addr]bool{}
	for _, pool := range rulePools(rule) {
		for _, member := range v.sourcesOf(pool, ipConfigurationType) {
			if address, n, ok := v.endpoint(member); ok && !seen[address] {
				seen[address] = true
				addresses, network = append(addresses, address), n
			}
		}
	}
	return addresses, network
}

func probeOf(balancer *record, rule Object) *cloud.Probe {
	for _, p := range balancer.Body.Objects("probes") {
		if fold(p.Text("id")) == fold(rule.Text("probe.id")) {
			return &cloud.Probe{
				Protocol: p.Text("protocol"), Port: p.Int("port", 0), Path: p.Text("requestPath"),
				IntervalSeconds: p.Int("intervalInSeconds", 15), Threshold: max(p.Int("probeThreshold", 1), p.Int("numberOfProbes", 1)),
			}
		}
	}
	return nil
}

// outbound is how machines in the subnet reach the internet, if they do: through a NAT gateway with an address, or by default.
func (v *view) outbound(subnet Object) (cloud.Outbound, bool) {
	out := cloud.Outbound{SubnetID: subnet.Text("id")}
	gateway := v.get(subnet.Text("natGateway.id"))
	if gateway == nil {
		return out, subnet.Bool("defaultOutboundAccess", true)
	}
	for _, reference := range gateway.Body.Objects("publicIpAddresses") {
		if publicIP := v.get(reference.Text("id")); publicIP != nil && publicIP.live {
			if address, ok := publicIP.publicAddress(); ok {
				out.Addresses = append(out.Addresses, address)
			}
		}
	}
	return out, gateway.live && len(out.Addresses) > 0
}
