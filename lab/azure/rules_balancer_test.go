package azure

const balancerID = groupID + "/providers/Microsoft.Network/loadBalancers/lb"

func frontend(name, ip string) props {
	return props{"name": name, "publicIPAddress": ref(groupID + "/providers/Microsoft.Network/publicIPAddresses/" + ip)}
}

func balancingRule(name string, port float64, changes props) props {
	return merge(props{
		"name": name, "protocol": "Tcp", "frontendPort": port, "backendPort": port,
		"frontendIPConfiguration": ref(balancerID + "/frontendIPConfigurations/front"),
		"backendAddressPool":      ref(balancerID + "/backendAddressPools/pool"),
	}, changes)
}

func balancer(changes props) props {
	return named("loadBalancerName", "lb", merge(props{
		"sku": props{"name": "Standard"}, "frontendIPConfigurations": []any{frontend("front", "ip")}, "backendAddressPools": []any{props{"name": "pool"}},
	}, changes))
}

func balancerRules() []refusal {
	with := func(changes props) func(l *lab) error {
		return func(l *lab) error {
			l.network()
			l.create(pipToken, "ip", standardIP("ip"))
			_, err := l.try(lbToken, "lb", balancer(changes))
			return err
		}
	}
	rules := func(rules ...any) func(l *lab) error { return with(props{"loadBalancingRules": rules}) }
	probe := func(changes props) func(l *lab) error {
		return with(props{"probes": []any{merge(props{"name": "p", "protocol": "Tcp", "port": 80.0}, changes)}})
	}
	return []refusal{
		{"basic balancer with standard address", "PublicIPAndLBSkuDoNotMatch", by("takePublicIP", "ARM's answer, quoted in public deployment logs"), nil, with(props{"sku": nil})},
		{"internal balancer", "LabHasNoInternalLoadBalancer", by("checkFrontends", "the lab's limit, not Azure's"), []string{"front"},
			with(props{"frontendIPConfigurations": []any{props{"name": "front", "subnet": ref(subnetID("vnet", "a"))}}})},
		{"rule without frontend", "InvalidRequestFormat", by("checkRuleReferences", "loadBalancer.json 2023-02-01", "code and text"), nil, rules(balancingRule("r", 80, props{"frontendIPConfiguration": nil}))},
		{"rule with missing frontend", "InvalidResourceReference", by("checkRuleReferences", "ARM's answer, quoted in issues"), []string{"/gone"},
			rules(balancingRule("r", 80, props{"frontendIPConfiguration": ref(balancerID + "/frontendIPConfigurations/gone")}))},
		{"rule with missing pool", "InvalidResourceReference", by("checkRuleReferences", "ARM's answer, quoted in issues"), []string{"/gone"},
			rules(balancingRule("r", 80, props{"backendAddressPool": ref(balancerID + "/backendAddressPools/gone")}))},
		{"rule with a missing pool in its list", "InvalidResourceReference", by("checkRuleReferences", "ARM's answer, quoted in issues"), []string{"/gone"},
			rules(balancingRule("r", 80, props{"backendAddressPools": []any{ref(balancerID + "/backendAddressPools/gone")}}))},
		{"rule with missing probe", "InvalidResourceReference", by("checkRuleReferences", "ARM's answer, quoted in issues"), nil, rules(balancingRule("r", 80, props{"probe": ref(balancerID + "/probes/gone")}))},
		{"rule with a pool for a probe", "InvalidResourceReference", by("checkRuleReferences", "ARM's answer, quoted in issues"), nil, rules(balancingRule("r", 80, props{"probe": ref(balancerID + "/backendAddressPools/pool")}))},
		{"rule with port 0", "InvalidRequestFormat", by("completeBalancingRule", "loadBalancer.json 2023-02-01", "code and text"), []string{"1 to 65535"}, rules(balancingRule("r", 0, nil))},
		{"rule with a protocol the lab has not", "InvalidRequestFormat", by("completeBalancingRule", "the lab's limit, not Azure's"), []string{"All"}, rules(balancingRule("r", 80, props{"protocol": "All"}))},
		{"two rules on one frontend port", "RulesUseSameFrontendPortProtocolAndIPConfig", by("checkBalancingRules", "not found", "code and text"), []string{"/one", "/two"}, rules(balancingRule("one", 80, nil), balancingRule("two", 80, nil))},
		{"two rules to one backend port", "RulesUseSameBackendPortProtocolAndPool", by("checkBalancingRules", "ARM's answer, quoted in public deployment logs"), nil, rules(balancingRule("one", 80, nil), balancingRule("two", 81, props{"backendPort": 80.0}))},
		{"probe protocol", "InvalidRequestFormat", by("checkProbes", "loadBalancer.json 2023-02-01: the enum", "code and text"), []string{"Udp"}, probe(props{"protocol": "Udp"})},
		{"HTTP probe without path", "InvalidRequestFormat", by("checkProbes", "loadBalancer.json 2023-02-01", "code and text"), []string{"requestPath"}, probe(props{"protocol": "Http"})},
		{"TCP probe with path", "InvalidRequestFormat", by("checkProbes", "loadBalancer.json 2023-02-01", "code and text"), []string{"requestPath"}, probe(props{"requestPath": "/"})},
		{"probe port", "InvalidRequestFormat", by("checkProbes", "loadBalancer.json 2023-02-01", "code and text"), []string{"70000"}, probe(props{"port": 70000.0})},
		{"member by address", "LabHasNoBackendAddresses", by("checkMembersByInterface", "the lab's limit, not Azure's"), []string{"10.20.1.4"},
			with(props{"backendAddressPools": []any{props{"name": "pool", "loadBalancerBackendAddresses": []any{props{"name": "a", "ipAddress": "10.20.1.4"}}}}})},
		{"duplicate pools", "DuplicateResourceName", by("duplicateName", "not found", "code and text"), []string{"(pool)"}, with(props{"backendAddressPools": []any{props{"name": "pool"}, props{"name": "pool"}}})},
		{"members in different networks", "BackendPoolMembersInDifferentVnets", by("checkMembership", "azure-docs backend-pool-management.md", "code and text"), []string{"virtualNetworks/vnet"}, func(l *lab) error {
			if err := with(nil)(l); err != nil {
				return err
			}
			l.create(vnetToken, "other", vnet("other", inlineSubnet("a", "10.20.1.0/24", nil)))
			pool := []any{ref(balancerID + "/backendAddressPools/pool")}
			l.create(nicToken, "one", nic("one", "10.20.1.4", props{"loadBalancerBackendAddressPools": pool}))
			_, err := l.try(nicToken, "two", nic("two", "10.20.1.4", props{"subnet": ref(subnetID("other", "a")), "loadBalancerBackendAddressPools": pool}))
			return err
		}},
	}
}
