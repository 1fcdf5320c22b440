package arm

import (
	"fmt"
	"strings"
)

const loadBalancerToken = "network:LoadBalancer"

// balancerParts are the lists of a load balancer whose elements have ids.
var balancerParts = []string{"frontendIPConfigurations", "backendAddressPools", "probes", "loadBalancingRules"}

// ruleReferences are the properties of a load balancing rule that name other parts of the load balancer.
var ruleReferences = []struct{ property, list string }{
	{"frontendIPConfiguration", "frontendIPConfigurations"},
	{"backendAddressPool", "backendAddressPools"},
	{"probe", "probes"},
}

func loadBalancer() *Type {
	return &Type{
		Token:        loadBalancerToken,
		Path:         groupPath + "/providers/Microsoft.Network/loadBalancers/{loadBalancerName}",
		SubResources: []string{"backendAddressPools", "inboundNatRules"},
		names:        networkNames,
		routed:       true,
		put:          putLoadBalancer,
		remove: func(v *view, id string) error {
			return poolsFree(v, v.get(id).Body.Objects("backendAddressPools"))
		},
		refs: func(_ string, body Object) []link {
			var links []link
			for _, f := range body.Objects("frontendIPConfigurations") {
				if publicIP := f.Text("publicIPAddress.id"); publicIP != "" {
					links = append(links, link{f.Text("id"), publicIP})
				}
			}
			return links
		},
		show: showLoadBalancer,
	}
}

// showLoadBalancer adds the members of the pools, and to each part the rules that use it.
func showLoadBalancer(v *view, _ string, body Object) {
	for _, pool := range body.Objects("backendAddressPools") {
		members := v.sources(pool.Text("id"))
		if len(members) > 0 {
			pool["backendIPConfigurations"] = references(members)
		}
		var addresses []Object
		for _, member := range members {
			if id, err := ParseID(member); err == nil {
				addresses = append(addresses, Object{
					"name": id.Group + "_" + strings.Join(id.Names, ""), "networkInterfaceIPConfiguration": reference(member),
				})
			}
		}
		pool.SetObjects("loadBalancerBackendAddresses", addresses)
	}
	used := map[string][]string{} // folded id of a part -> ids of rules
	for _, rule := range body.Objects("loadBalancingRules") {
		targets := append(rulePools(rule), rule.Text("frontendIPConfiguration.id"), rule.Text("probe.id"))
		for _, target := range targets {
			used[fold(target)] = append(used[fold(target)], rule.Text("id"))
		}
	}
	for _, list := range []string{"frontendIPConfigurations", "backendAddressPools", "probes"} {
		for _, part := range body.Objects(list) {
			if rules := used[fold(part.Text("id"))]; len(rules) > 0 {
				part["loadBalancingRules"] = references(rules)
			}
		}
	}
}

func putLoadBalancer(w *write) error {
	w.networkIdentity()
	sku := w.body.Child("sku")
	sku["name"], sku["tier"] = canonical(sku.TextOr("name", "Basic")), canonical(sku.TextOr("tier", "Regional"))
	parts := map[string]bool{}
	for _, list := range balancerParts {
		w.body.Default(Object{list: []any{}})
		for _, element := range w.body.Objects(list) {
			name := element.Text("name")
			if err := networkNames.check(name); err != nil {
				return err
			}
			id := w.part(element, list)
			if parts[fold(id)] {
				return duplicateName(w.self, name)
			}
			parts[fold(id)] = true
		}
	}
	w.body.Default(Object{"inboundNatPools": []any{}, "inboundNatRules": []any{}, "outboundRules": []any{}})
	for _, pool := range w.body.Objects("backendAddressPools") {
		if err := checkMembersByInterface(pool); err != nil {
			return err
		}
	}
	if err := w.checkFrontends(); err != nil {
		return err
	}
	if err := w.checkProbes(); err != nil {
		return err
	}
	if err := w.checkBalancingRules(parts); err != nil {
		return err
	}
	if w.old == nil {
		return nil
	}
	var dropped []Object
	for _, pool := range w.old.Body.Objects("backendAddressPools") {
		if !parts[fold(pool.Text("id"))] {
			dropped = append(dropped, pool)
		}
	}
	return poolsFree(w.view, dropped)
}

// checkMembersByInterface drops what the last GET said of a pool's members, which interfaces alone decide.
func checkMembersByInterface(pool Object) error {
	for _, address := range pool.Objects("loadBalancerBackendAddresses") {
		if address.Has("ipAddress") {
			return badRequest("LabHasNoBackendAddresses", "Backend address pool %s has the address %s: in the lab, pools have network interfaces as members only.",
				pool.Text("id"), address.Text("ipAddress"))
		}
	}
	delete(pool, "loadBalancerBackendAddresses")
	return nil
}

func (w *write) checkFrontends() error {
	for _, f := range w.body.Objects("frontendIPConfigurations") {
		publicIP := f.Text("publicIPAddress.id")
		if publicIP == "" {
			return badRequest("LabHasNoInternalLoadBalancer", "Frontend %s has no public IP address: the lab has public load balancers only.", f.Text("id"))
		}
		if err := w.takePublicIP(publicIP, f.Text("id"), w.body.Text("sku.name")); err != nil {
			return err
		}
		f.Default(Object{"privateIPAllocationMethod": "Dynamic"})
	}
	return nil
}

func (w *write) checkProbes() error {
	for _, p := range w.body.Objects("probes") {
		protocol := canonical(p.Text("protocol"))
		if protocol != "Tcp" && protocol != "Http" && protocol != "Https" {
			return w.malformed("probe %s has the protocol '%s'; allowed are Tcp, Http, Https", p, "protocol")
		}
		p["protocol"] = protocol
		if (protocol != "Tcp") != (p.Text("requestPath") != "") {
			return w.malformed("probe %s has the requestPath '%s'; Http and Https need one, Tcp has none", p, "requestPath")
		}
		if !isPort(p.Int("port", 0)) {
			return w.malformed("probe %s has the port %v; allowed are 1 to 65535", p, "port")
		}
		p.Default(Object{"intervalInSeconds": float64(15), "numberOfProbes": float64(1), "probeThreshold": float64(1)})
	}
	return nil
}

func (w *write) malformed(format string, element Object, property string) error {
	return badRequest("InvalidRequestFormat", "Cannot parse the request: %s.", fmt.Sprintf(format, element.Text("id"), element.Value(property)))
}

func (w *write) checkBalancingRules(parts map[string]bool) error {
	frontends, backends := map[string]string{}, map[string]string{}
	for _, rule := range w.body.Objects("loadBalancingRules") {
		if err := w.checkRuleReferences(rule, parts); err != nil {
			return err
		}
		if err := w.completeBalancingRule(rule); err != nil {
			return err
		}
		id, protocol := rule.Text("id"), rule.Text("protocol")
		front := fmt.Sprint(fold(rule.Text("frontendIPConfiguration.id")), protocol, rule.Int("frontendPort", 0))
		if other := frontends[front]; other != "" {
			return badRequest("RulesUseSameFrontendPortProtocolAndIPConfig", "Load balancing rules %s and %s use the same frontend port, protocol and IP configuration.", other, id)
		}
		frontends[front] = id
		for _, pool := range rulePools(rule) {
			back := fmt.Sprint(fold(pool), protocol, rule.Int("backendPort", 0))
			if other := backends[back]; other != "" && !rule.Bool("enableFloatingIP", false) {
				return badRequest("RulesUseSameBackendPortProtocolAndPool", "Load balancing rules %s and %s belong to the same load balancer and use the same "+
					"backend port, protocol and backend pool with floatingIP disabled.", other, id)
			}
			backends[back] = id
		}
	}
	return nil
}

// checkRuleReferences checks that a rule refers to parts of its own load balancer, of the right kind.
func (w *write) checkRuleReferences(rule Object, parts map[string]bool) error {
	id := rule.Text("id")
	if !rule.Has("frontendIPConfiguration.id") {
		return badRequest("InvalidRequestFormat", "Cannot parse the request: load balancing rule %s has no frontendIPConfiguration.", id)
	}
	for _, r := range ruleReferences {
		target := rule.Text(r.property + ".id")
		if target != "" && (!parts[fold(target)] || !strings.Contains(fold(target), "/"+fold(r.list)+"/")) {
			return missingReference(target, id)
		}
	}
	for _, pool := range rule.Objects("backendAddressPools") {
		if !parts[fold(pool.Text("id"))] {
			return missingReference(pool.Text("id"), id)
		}
	}
	return nil
}

func (w *write) completeBalancingRule(rule Object) error {
	protocol := canonical(rule.Text("protocol"))
	if protocol != "Tcp" && protocol != "Udp" {
		return w.malformed("load balancing rule %s has the protocol '%s'; the lab allows Tcp and Udp", rule, "protocol")
	}
	rule["protocol"] = protocol
	if pool := rule.Text("backendAddressPool.id"); pool != "" && len(rule.Objects("backendAddressPools")) == 0 {
		rule["backendAddressPools"] = references([]string{pool})
	}
	rule.Default(Object{
		"backendPort": rule["frontendPort"], "disableOutboundSnat": false, "enableFloatingIP": false, "enableTcpReset": false,
		"idleTimeoutInMinutes": float64(4), "loadDistribution": "Default",
	})
	for _, property := range []string{"frontendPort", "backendPort"} {
		if !isPort(rule.Int(property, 0)) {
			return w.malformed("load balancing rule %s has a port %v; allowed are 1 to 65535", rule, property)
		}
	}
	return nil
}

func isPort(port int) bool { return port >= 1 && port <= 65535 }

// rulePools are the ids of the backend pools a rule sends to.
func rulePools(rule Object) []string {
	var pools []string
	if pool := rule.Text("backendAddressPool.id"); pool != "" {
		pools = append(pools, pool)
	}
	for _, pool := range rule.Objects("backendAddressPools") {
		if id := pool.Text("id"); len(pools) == 0 || fold(id) != fold(pools[0]) {
			pools = append(pools, id)
		}
	}
	return pools
}

// checkMembership checks that an IP configuration may join a backend pool.
func (w *write) checkMembership(pool, member string, network *record) error {
	found, balancer := w.view.part(pool, "backendAddressPools")
	if found == nil || !balancer.live || balancer.Body.Text("location") != w.body.Text("location") {
		return missingReference(pool, member)
	}
	for _, other := range w.sources(pool) {
		if nic := w.owner(other); nic != nil && fold(nic.ID) != fold(w.self) {
			theirs := parentOf(nic.Body.Objects("ipConfigurations")[0].Text("subnet.id"))
			if fold(theirs) != fold(network.ID) {
				return badRequest("BackendPoolMembersInDifferentVnets", "IP configuration %s cannot join backend pool %s: its members are in virtual network %s.", member, pool, theirs)
			}
			break // all members share one network
		}
	}
	return nil
}

// poolsFree refuses to remove backend pools with members.
func poolsFree(v *view, pools []Object) error {
	for _, pool := range pools {
		if members := v.sources(pool.Text("id")); len(members) > 0 {
			return badRequest("InUseBackendAddressPoolCannotBeDeleted", "Backend address pool %s is in use by %s and cannot be deleted.",
				pool.Text("id"), strings.Join(members, ", "))
		}
	}
	return nil
}
