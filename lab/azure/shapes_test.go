package azure

import (
	"strings"
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/proto"
)

// cluster is one machine behind a load balancer and a NAT gateway, in a set.
type cluster struct{ network, group, gateway, natIP, frontIP, balancer, set, nic, machine state }

func (l *lab) cluster() cluster {
	l.Helper()
	var c cluster
	l.group()
	c.group = l.create(nsgToken, "nsg", nsg("nsg"))
	c.natIP = l.create(pipToken, "nat-ip", standardIP("nat-ip"))
	c.gateway = l.create(natToken, "nat", named("natGatewayName", "nat", props{"publicIpAddresses": []any{ref(c.natIP.id)}}))
	c.network = l.create(vnetToken, "vnet", vnet("vnet", inlineSubnet("a", "10.20.1.0/24", props{"networkSecurityGroup": ref(c.group.id), "natGateway": ref(c.gateway.id)})))
	c.frontIP = l.create(pipToken, "ip", standardIP("ip"))
	c.balancer = l.create(lbToken, "lb", balancer(props{
		"probes":             []any{props{"name": "probe", "protocol": "Tcp", "port": 80.0}},
		"loadBalancingRules": []any{balancingRule("rule", 80, props{"probe": ref(balancerID + "/probes/probe")})},
	}))
	c.set = l.create(setToken, "set", setInputs)
	c.nic = l.create(nicToken, "nic", merge(nic("nic", "10.20.1.4", props{"loadBalancerBackendAddressPools": []any{ref(balancerID + "/backendAddressPools/pool")}}),
		props{"networkSecurityGroup": ref(c.group.id)}))
	c.machine = l.create(vmToken, "vm", vm("vm", c.nic.id, props{"availabilitySet": ref(c.set.id)}))
	return c
}

var setInputs = named("availabilitySetName", "set", props{"sku": props{"name": "Aligned"}})

// What Azure adds to a resource when another one refers to it is not there right after its creation, but in every later answer.
func TestAnswersShowWhoRefersToAResource(t *testing.T) {
	l := newLab(t)
	c := l.cluster()
	configuration := c.nic.id + "/ipConfigurations/ipconfig"
	for _, want := range []struct {
		of         state
		path, then string // with "[]" for the first element of a list
		before     bool   // there from the beginning
	}{
		{c.set, "virtualMachines[].id", c.machine.id, false},
		{c.natIP, "natGateway.id", c.gateway.id, false},
		{c.frontIP, "ipConfiguration.id", balancerID + "/frontendIPConfigurations/front", false},
		{c.gateway, "subnets[].id", subnetID("vnet", "a"), false},
		{c.group, "subnets[].id", subnetID("vnet", "a"), false},
		{c.group, "networkInterfaces[].id", c.nic.id, false},
		{c.network, "subnets[].ipConfigurations[].id", configuration, false},
		{c.nic, "virtualMachine.id", c.machine.id, false},
		{c.balancer, "backendAddressPools[].backendIPConfigurations[].id", configuration, false},
		{c.balancer, "backendAddressPools[].loadBalancerBackendAddresses[].name", "rg_nicipconfig", false},
		{c.balancer, "backendAddressPools[].loadBalancerBackendAddresses[].networkInterfaceIPConfiguration.id", configuration, false},
		{c.balancer, "backendAddressPools[].loadBalancingRules[].id", balancerID + "/loadBalancingRules/rule", true},
		{c.balancer, "frontendIPConfigurations[].loadBalancingRules[].id", balancerID + "/loadBalancingRules/rule", true},
		{c.balancer, "probes[].loadBalancingRules[].id", balancerID + "/loadBalancingRules/rule", true},
		{c.balancer, "loadBalancingRules[].backendAddressPools[].id", balancerID + "/backendAddressPools/pool", true},
	} {
		if got := textAt(want.of.body(), want.path); (got == want.then) != want.before {
			t.Errorf("%s: %s is %q right after the creation", want.of.id, want.path, got)
		}
		now := state{outputs: l.read(want.of).GetProperties()}.body()
		if got := textAt(now, want.path); got != want.then {
			t.Errorf("%s: %s is %q, want %q", want.of.id, want.path, got, want.then)
		}
	}
	if list, ok := c.set.body()["virtualMachines"].([]any); !ok || len(list) != 0 {
		t.Errorf("an empty set shows %v, want an empty list", c.set.body()["virtualMachines"])
	}
	now := state{outputs: l.read(c.nic).GetProperties()}.body()
	if mac := now.Text("macAddress"); c.nic.body().Has("macAddress") || !strings.HasPrefix(mac, "00-0D-3A-") || len(mac) != 17 || !now.Bool("primary", false) {
		t.Errorf("interface %v; before the machine it had the MAC address %v", now, c.nic.body()["macAddress"])
	}
}

// textAt follows a path through the first elements of lists.
func textAt(value any, path string) string {
	for _, step := range strings.Split(path, ".") {
		name, list := strings.CutSuffix(step, "[]")
		object, _ := value.(map[string]any)
		if o, ok := value.(interface{ Value(string) any }); ok {
			value = o.Value(name)
		} else {
			value = object[name]
		}
		if elements, _ := value.([]any); list {
			if len(elements) == 0 {
				return ""
			}
			value = elements[0]
		}
	}
	text, _ := value.(string)
	return text
}

// A refresh makes inputs of what Azure added where the SDK has an input for it. Programs ignore these changes, as the
// library does; the next update sends the values, and Azure must not take offence.
func TestRefreshMakesInputsOfWhatAzureAdded(t *testing.T) {
	l := newLab(t)
	c := l.cluster()
	for _, refreshed := range []struct {
		of          state
		token, name string
		program     props
		path        string
		ignore      func(news, olds props)
	}{
		{c.set, setToken, "set", setInputs, "virtualMachines[].id", func(news, olds props) { news["virtualMachines"] = olds["virtualMachines"] }},
		{c.natIP, pipToken, "nat-ip", standardIP("nat-ip"), "natGateway.id", func(news, olds props) { news["natGateway"] = olds["natGateway"] }},
		{c.balancer, lbToken, "lb", balancer(props{
			"probes":             []any{props{"name": "probe", "protocol": "Tcp", "port": 80.0}},
			"loadBalancingRules": []any{balancingRule("rule", 80, props{"probe": ref(balancerID + "/probes/probe")})},
		}), "backendAddressPools[].loadBalancerBackendAddresses[].name", func(news, olds props) {
			news["backendAddressPools"] = []any{merge(news["backendAddressPools"].([]any)[0].(props),
				props{"loadBalancerBackendAddresses": olds["backendAddressPools"].([]any)[0].(props)["loadBalancerBackendAddresses"]})}
		}},
	} {
		answer := l.read(refreshed.of)
		s := state{refreshed.of.urn, refreshed.of.id, answer.GetInputs(), answer.GetProperties()}
		if textAt(s.inputs.AsMap(), refreshed.path) == "" {
			t.Errorf("%s: the refreshed inputs lack %s: %v", s.id, refreshed.path, s.inputs)
		}
		if response, _ := l.diff(s, refreshed.token, refreshed.name, refreshed.program); response.GetChanges() != pulumirpc.DiffResponse_DIFF_SOME {
			t.Errorf("%s: no diff for a program that does not ignore it", s.id)
		}
		program := merge(refreshed.program, nil)
		refreshed.ignore(program, s.inputs.AsMap())
		if response, _ := l.diff(s, refreshed.token, refreshed.name, program); response.GetChanges() == pulumirpc.DiffResponse_DIFF_SOME {
			t.Errorf("%s: diff %v, though ignored", s.id, response.GetDetailedDiff())
		}
		updated, err := l.update(s, refreshed.token, refreshed.name, merge(program, props{"tags": props{"a": "b"}}))
		if err != nil || textAt(updated.body(), refreshed.path) == "" {
			t.Errorf("%s: update %v, outputs %v", s.id, err, updated.outputs)
		}
	}
	for _, s := range []state{c.network, c.group, c.gateway, c.nic, c.machine, c.frontIP} {
		if answer := l.read(s); !proto.Equal(answer.GetInputs(), s.inputs) {
			t.Errorf("%s: refreshed inputs %v, want %v", s.id, answer.GetInputs(), s.inputs)
		}
	}
}
